"""The sample of a sweep as it is typed: `1M`, `sobol:100K`, `all`."""

from __future__ import annotations

import re

from archprof.language.budget import COUNTS, exact_number
from archprof.ops.base import shown
from archprof.problem import Mark, ProblemError
from archprof.sweeping.space.sample import MOST_ROWS, Sample
from archprof.sweeping.space.space import Space

_SAMPLE = re.compile(r"(?:(random|sobol):)?\s*([0-9][0-9_.,]*[KMGTkmgt]?)")


def with_sample(space: Space, text: str | int | None, seed: int | None) -> Space:
    """Return the space with the points of `--sample` and `--seed`, where one of them is given.

    `text`: how many points, such as 1M, drawn at random, or from a Sobol sequence behind `sobol:`;
    `all` for the grid. Raises ProblemError for another text and impossible points.
    """
    own = space.sample
    sample = own if text is None else _sample(str(text), own.seed)
    if seed is not None:
        if sample.method == "grid":
            message = "a grid has no seed: it has every point"
            raise ProblemError.of(Mark("--seed"), "option", message, "leave it out, or --sample 1M")
        sample = sample.replaced(seed=seed)
    return space.sampled(sample)


def _sample(text: str, seed: int) -> Sample:
    if text.strip() == "all":
        return Sample()
    found = _SAMPLE.fullmatch(text.strip())
    count = exact_number(found[2].replace(",", "").upper(), COUNTS) if found else None
    if found is None or count is None or not 1 <= count <= MOST_ROWS:
        message = f"{shown(text)} is not a sample, expected a number of points"
        hint = "1M at random, sobol:100K of a Sobol sequence, or all of the grid"
        raise ProblemError.of(Mark("--sample"), "option", message, hint)
    return Sample(found[1] or "random", count, seed)
