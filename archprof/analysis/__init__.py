"""Integers over a graph: costs, memory, receptive fields."""
