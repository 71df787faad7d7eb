"""Runs as tables, notes and files."""
