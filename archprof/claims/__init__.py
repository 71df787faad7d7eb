"""Statements of lectures and papers as data, and what becomes of each when the numbers are worked out."""
