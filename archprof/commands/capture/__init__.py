"""A module's tape: what it computes, written down once, to be analysed without its code."""
