"""Variants searched for by Optuna, where a space is too large, or an objective too slow, to try
all.
"""
