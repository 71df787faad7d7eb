"""Hypothesis without a clock: a machine under load is no fault."""

from hypothesis import settings

settings.register_profile("archprof", deadline=None)
settings.load_profile("archprof")
