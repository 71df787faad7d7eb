"""Many variants of a network at once: spaces, their totals, and what is asked of them."""
