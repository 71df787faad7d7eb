"""`archprof history`: the runs that were kept, over time."""
