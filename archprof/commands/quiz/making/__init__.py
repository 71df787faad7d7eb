"""A quiz made from a request: what a sheet asks, and the right content of every cell."""
