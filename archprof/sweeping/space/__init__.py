"""Spaces: files that say which variants of a network there are, read and drawn from."""
