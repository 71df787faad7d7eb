"""Graphs as torch modules."""
