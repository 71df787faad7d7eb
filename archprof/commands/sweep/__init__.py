"""`archprof sweep`: what all variants of a space cost, and which of them are worth it."""
