"""Sweeps: spaces of variants, and what is asked of their tables."""
