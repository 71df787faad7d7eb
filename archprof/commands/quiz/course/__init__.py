"""A class: its students and their seeds, its key, and the marks of a folder of sheets."""
