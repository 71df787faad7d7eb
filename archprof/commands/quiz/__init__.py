"""Exercises from networks, and the marking of answers: making, sheets, marking, writing."""
