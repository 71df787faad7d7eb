"""Hypothesis without a clock, torch with one thread: a machine under load is not a fault, and many
small tensors gain nothing from more. Where a test asks for two, the idle one sleeps instead of
spinning, which takes the core from the test beside it.

tests/effort.py says how long they look for counterexamples.
"""

import gc
import os
import sys

import pytest
from hypothesis import HealthCheck, settings

from tests.command_line import run, spec, summary
from tests.effort import NIGHTLY, PROFILE, TIMES
from tests.no_values import no_values
from tests.opaque import opaque
from tests.user_code import code

__all__ = ["code", "no_values", "opaque", "run", "spec", "summary"]  # fixtures, for every test

NIGHTLY_EXAMPLES = 1000  # of a test that states none, ten times what is usual
EXAMPLES = "_hypothesis_internal_use_settings"
"""Where hypothesis keeps a test's settings."""

# Without bytecode each command that a test starts, and each worker, would compile all of archprof
# and of its tests again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

gc.disable()  # while tests are collected, of whose time it would be a third: all of it stays

CLOCKLESS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", CLOCKLESS)
settings.register_profile("nightly", CLOCKLESS, max_examples=NIGHTLY_EXAMPLES)
settings.load_profile(PROFILE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests that state how many examples they try have more of them where the profile has."""
    for item in items if NIGHTLY else ():
        stated = getattr(getattr(item, "obj", None), EXAMPLES, None)
        if stated is not None and stated.max_examples != NIGHTLY_EXAMPLES:
            more = settings(stated, max_examples=stated.max_examples * TIMES)
            setattr(item.obj, EXAMPLES, more)


def pytest_collection_finish() -> None:
    """Begin to collect garbage, without what libraries and tests made while they were imported."""
    leave_out_what_there_is()
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Leave what a file imports and its caches hold out of the rounds of the files behind it, of
    which each would take a second.
    """
    if nextitem is not None and nextitem.path != item.path:
        leave_out_what_there_is()


def leave_out_what_there_is() -> None:
    """Free what is garbage, and let the collector look at nothing else that there is."""
    gc.collect()
    gc.freeze()
