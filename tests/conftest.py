"""Hypothesis without a clock, torch with one thread: a machine under load is no fault, and many
small tensors gain nothing from more.
"""

import os

from hypothesis import settings

from tests.command_line import run, spec, summary
from tests.opaque import opaque

__all__ = ["opaque", "run", "spec", "summary"]  # fixtures, for every test

os.environ.setdefault("OMP_NUM_THREADS", "1")
settings.register_profile("archprof", deadline=None)
settings.load_profile("archprof")
