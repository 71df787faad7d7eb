"""A sweep: the table of a space's variants, and what is asked of it."""

from __future__ import annotations

import shutil
import tempfile
import time
import weakref
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from archprof.loaded import Loaded
from archprof.machine import available_bytes, peak_bytes
from archprof.problem import Mark, ProblemError
from archprof.record import Record
from archprof.sweeping.answering.asking import best_rows, pages_that_meet, rows_of_front
from archprof.sweeping.answering.filters import Filter, condition
from archprof.sweeping.answering.objectives import objectives
from archprof.sweeping.checking import Checked, checked
from archprof.sweeping.engines.engine import Engine, Watcher, run_shards
from archprof.sweeping.estimating import Estimate, estimate, refuse_without_room
from archprof.sweeping.running import SweepJob, identity_of, origin_of
from archprof.sweeping.space.bounds import Objective
from archprof.sweeping.space.space import Space
from archprof.sweeping.storing.folder import Stored, open_folder
