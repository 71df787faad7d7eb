"""Figures of repeated measurements, and what may be concluded from them."""
