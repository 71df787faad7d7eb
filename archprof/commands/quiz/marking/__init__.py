"""Answers marked: how each is right, or what it likely comes from."""
