"""Experiments on compiled networks, for what no arithmetic decides."""
