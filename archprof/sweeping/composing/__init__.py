"""Totals of many variants from parts that they share.

All variants go through the network's layers at once, as columns (`walk`). A part, one turn of a
block or a single op, is analysed once for all variants at which it is alike (`parts`): the same
layer, the same values of what its totals read (`reads`), and the same state of what arrives
(`states`). What the parts add is summed up by variant (`tally`).
"""
