"""A page per network, to look at in a browser: one file, which nothing is fetched for."""
