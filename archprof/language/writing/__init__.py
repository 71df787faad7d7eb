"""A graph to the text of a spec: the way back from what `expand` makes."""
