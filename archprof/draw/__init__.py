"""Pictures of a network and of its numbers: the layout of its blocks, and shapes written as SVG.

Nothing here needs more than Python's standard library.
"""
