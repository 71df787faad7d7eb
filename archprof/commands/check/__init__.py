"""Rules that specs are checked against, and budgets."""
