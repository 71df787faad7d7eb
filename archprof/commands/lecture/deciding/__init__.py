"""Claims to verdicts: the values archprof and its witnesses report, and where they differ."""
