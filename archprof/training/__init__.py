"""A step of training of a whole network: what is alive when, without running it."""
