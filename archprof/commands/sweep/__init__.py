"""Many variants of a network at once: their totals, their times, and which of them are best."""
