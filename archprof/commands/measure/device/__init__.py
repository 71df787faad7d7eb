"""`archprof device`: what a device reaches, measured once and kept."""
