"""Questions beyond blanks: each with its answer, its working and the slips that it is known by."""
