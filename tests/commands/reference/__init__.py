"""The reference on the command line."""
