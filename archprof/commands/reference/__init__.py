"""The reference on the command line: ops, their settings, formulas and examples."""
