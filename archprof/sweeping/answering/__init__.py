"""What is asked of a table of variants: fronts, filters, the best, and what a step costs."""
