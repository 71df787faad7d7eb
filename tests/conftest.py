"""Hypothesis without a clock, torch with one thread: a machine under load is no fault, and many
small tensors gain nothing from more.

HYPOTHESIS_PROFILE=nightly looks for counterexamples ten times as long as `ci`, the default.
"""

import gc
import os

from hypothesis import settings

from tests.command_line import run, spec, summary
from tests.opaque import opaque

__all__ = ["opaque", "run", "spec", "summary"]  # fixtures, for every test

os.environ.setdefault("OMP_NUM_THREADS", "1")

# tests may state how many examples they need, as a multiple of what the profile has
settings.register_profile("ci", deadline=None)
settings.register_profile("nightly", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_collection_finish() -> None:
    """Leave libraries and tests out of the collector's rounds: they stay until the end anyway."""
    gc.collect()
    gc.freeze()
