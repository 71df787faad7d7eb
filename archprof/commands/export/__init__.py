"""A network as a file of another format."""
