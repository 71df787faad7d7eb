"""Row numbers to points of a space: pure functions of (space, seed, row number)."""
