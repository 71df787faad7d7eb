"""Points of a Sobol sequence by their numbers."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray


def sobol(rows: NDArray[Any], dimensions: int, seed: int) -> NDArray[np.float64]:
    """Return the points of scipy's scrambled sequence with these numbers, one in a row."""
    from scipy.stats import qmc

    numbers, places = np.unique(rows, return_inverse=True)
    engine = qmc.Sobol(dimensions, scramble=True, seed=np.random.default_rng(seed))
    breaks = np.flatnonzero(np.diff(numbers) != 1) + 1
    runs, at = [np.empty((0, dimensions))], 0
    with warnings.catch_warnings():
        # that a number of points which is no power of 2 is less even: so is any other sample
        warnings.simplefilter("ignore", UserWarning)
        for run in np.split(numbers, breaks):
            if len(run):
                if run[0] > at:
                    engine.fast_forward(int(run[0]) - at)
                runs.append(engine.random(len(run)))
                at = int(run[-1]) + 1
    return np.concatenate(runs)[places]
