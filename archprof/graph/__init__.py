"""A document to a flat graph of ops with shapes."""
