"""Analyses as tables and data."""
