"""The RegNets and EfficientNets of their papers, found again in the shipped spaces by constraints.

    python benchmarks/found_again.py            # in a few minutes
    python benchmarks/found_again.py --rows 2000

A paper chose each of its networks by the training errors of the candidates that its constraints
left. Those constraints are about cost, and are applied here; which of the candidates trains best no
cost can say. So a network is found where it is a point of the space, has the published figures, and
is among the candidates that the constraints leave. Exit code 1 where one of RegNet's is not.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from published_networks import EFFICIENTNETS, REGNETS, EfficientNet, RegNet
from tabulate import tabulate

import archprof
from archprof.analysis.totals import Totals
from archprof.column import Column
from archprof.language.functions import make_divisible
from archprof.language.regnet import compatible, regnet
from archprof.loaded import Loaded
from archprof.sweeping.space.axis import Axis, Choices, Continuous, Values
from archprof.sweeping.space.library import read_space
from archprof.sweeping.space.sample import Sample
from archprof.sweeping.space.space import Space
from archprof.sweeping.totals import totals_of
from archprof.sweeping.variants import Variants

NEAR = 0.05  # of a regime's FLOPs; for the one of 400 MF the paper itself takes 360 to 400
GRID = [Fraction(n, 20) for n in range(20, 31)]  # 1 to 1.5 by 0.05, of alpha, beta and gamma
TWICE = 0.1  # how far alpha * beta² * gamma² may be from 2


def main(arguments: list[str]) -> int:
    """Print what is found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=20_000, help="random points for each RegNet")
    rows = parser.parse_args(arguments).rows
    space = read_space("regnet")
    table = [_of_regnet(space, one, rows) for one in REGNETS]
    head = "RegNet", "a point", "GF", "M params", "M acts", "limits", "near", "networks", "the same"
    print(tabulate(table, head, disable_numparse=True))
    print(_REGNETS.format(rows=rows))
    found = all(cell != "no" for line in table for cell in line[1:5])
    print(_grid_search())
    table = [_of_efficientnet(one) for one in EFFICIENTNETS]
    head = "", "M params", "printed", "GF", "printed", "phi by depth", "by width", "by side", "all"
    print(tabulate(table, head, disable_numparse=True))
    print(_EFFICIENTNETS)
    return 0 if found else 1


_REGNETS = """
a point: its numbers are values of the shipped space `regnet`, and meet its conditions.
GF, M params, M acts: equal to what is printed, to its last digit.
limits: pycls' advice for sampling, params < 3 + 5.5 F and acts < 6.5 sqrt(F) at F GF.
near: of {rows:,} random points with its depth, w0, groups and squeeze-and-excitation, those within
5 % of its regime's FLOPs that meet the first limit.
networks: how many different ones those are, with the published one; the same: points that are it.
"""

_GRID_SEARCH = """
EfficientNet: of {all:,} triples alpha, beta, gamma {left} have a product alpha * beta² * gamma²
within {twice} of 2, the published 1.2, 1.1, 1.15 ({product:.3f}) among them.
With phi 1 they cost {least:.2f} to {most:.2f} times the MACs of B0, because depths and
channels are rounded; the published ones cost {published:.2f}, number {rank} by nearness to 2.
"""

_EFFICIENTNETS = """
phi: for which alpha ** phi, beta ** phi and gamma ** phi, of 1.2, 1.1 and 1.15, give the published
numbers of blocks, channels and (rounded to 4) pixels, in steps of 0.01; all: all three at once.
"""


# --- RegNet ---


def _of_regnet(space: Space, one: RegNet, rows: int) -> tuple[Any, ...]:
    """Return a row of the table."""
    own = {name: getattr(one, name) for name in ("depth", "w0", "wa", "wm", "group", "se_ratio")}
    own |= {"ratio": 1.0}
    network = archprof.load("regnet_x_400mf_paper", **own)
    totals, acts = network.analyze().totals, _activations(network)
    gflops = totals.macs / 1e9
    limits = totals.params < _most_params(totals.macs), acts < 6.5e6 * math.sqrt(gflops)
    fixed = {name: own[name] for name in ("depth", "w0", "group", "se_ratio", "ratio")}
    near, different, same = _candidates(_restricted(space, fixed), one, rows)
    return (
        one.name,
        _yes(_is_point(space, own)),
        _yes(f"{gflops:.1f}" == f"{one.gflops:.1f}"),
        _yes(f"{totals.params / 1e6:.1f}" == f"{one.params:.1f}"),
        _yes(f"{acts / 1e6:.1f}" == f"{one.activations:.1f}"),
        ", ".join(map(_yes, limits)),
        near,
        different,
        same,
    )


def _yes(answer: Any) -> str:
    return "yes" if answer else "no"


def _most_params(macs: Any) -> Any:
    """Return the limit of parameters that pycls/sweep/config.py gives."""
    return 3e6 + 5.5 * macs / 1e3


def _activations(network: Loaded) -> int:
    """Return the elements of what convolutions and linear layers give, as pycls counts them."""
    counted = [node for node in network.graph.nodes if node.op.name in ("conv2d", "linear")]
    return sum(math.prod(node.output) for node in counted)


def _is_point(space: Space, values: Mapping[str, Any]) -> bool:
    """Whether a point of the space has these values, and meets its conditions."""
    if not all(_has(axis.values, values[axis.name]) for axis in space.axes):
        return False
    (batch,) = _restricted(space, values).variants(np.arange(1))
    return batch.variants is not None


def _has(values: Values, value: float) -> bool:
    if isinstance(values, Choices):
        return value in values.values
    if isinstance(values, Continuous):
        return values.low <= value <= values.high
    place = (Fraction(str(value)) * values.over - values.first) / values.step
    return place.denominator == 1 and 0 <= place < values.count


def _restricted(space: Space, fixed: Mapping[str, Any]) -> Space:
    """Return the space with some of its parameters fixed."""
    parameters = tuple(
        one.replaced(axes=tuple(_fixed(axis, fixed) for axis in one.axes))
        for one in space.parameters
    )
    return space.replaced(parameters=parameters)


def _fixed(axis: Axis, fixed: Mapping[str, Any]) -> Axis:
    return axis.replaced(values=Choices((fixed[axis.name],))) if axis.name in fixed else axis


def _candidates(space: Space, one: RegNet, rows: int) -> tuple[int, int, int]:
    """Return how many points are near, how many networks they are with the published one, and how
    many points are that.
    """
    wanted = tuple(map(tuple, _stages(one.depth, one.w0, one.wa, one.wm, one.group)))
    found = [wanted]
    for variants, kept in _near(space.sampled(Sample("random", rows, 1)), one):
        values = [variants.values[name] for name in ("depth", "w0", "wa", "wm", "group")]
        widths, depths = _stages(*values)
        table = np.stack([_plain(number, variants.count) for number in (*widths, *depths)])
        stages = len(widths)
        for column in table[:, kept].T.tolist():
            found.append((tuple(column[:stages]), tuple(column[stages:])))
    return len(found) - 1, len(set(found)), found.count(wanted) - 1


def _near(space: Space, one: RegNet) -> Iterator[tuple[Variants, Any]]:
    """Yield variants, and which of them are candidates for a published network."""
    for batch in space.variants(np.arange(space.count)):
        if batch.variants is None:
            continue
        totals = totals_of(space.network, batch.variants, space.conditions)
        macs, params = totals.totals["macs"], totals.totals["params"]
        kept = (totals.reasons == 0) & (abs(macs / one.regime - 1) <= NEAR)
        yield batch.variants, kept & (params < _most_params(macs))


def _stages(depth: Any, w0: Any, wa: Any, wm: Any, group: Any) -> tuple[list[Any], list[Any]]:
    """Return the widths and depths of the stages, of columns each a column."""
    widths, depths = regnet(depth, w0, wa, wm)
    return compatible(widths, group)[0], depths


def _plain(number: Any, count: int) -> Any:
    return number.rows if type(number) is Column else np.full(count, number)


# --- EfficientNet ---


def _grid_search() -> str:
    """Return what is left of the grid of coefficients, and what the published ones cost."""
    left = [
        (a, b, c)
        for a in GRID
        for b in GRID
        for c in GRID
        if abs(a * b * b * c * c - 2) <= Fraction(TWICE)
    ]
    base = _scaled(1.0, 1.0, 224).macs
    costs = {c: _scaled(float(c[1]), float(c[0]), round(224 * c[2])).macs / base for c in left}
    published = (Fraction(6, 5), Fraction(11, 10), Fraction(23, 20))
    rank = sorted(costs, key=lambda c: abs(costs[c] - 2)).index(published) + 1
    return _GRID_SEARCH.format(
        all=len(GRID) ** 3,
        left=len(left),
        twice=TWICE,
        product=1.2 * 1.1**2 * 1.15**2,
        least=min(costs.values()),
        most=max(costs.values()),
        published=costs[published],
        rank=rank,
    )


def _scaled(width: float, depth: float, side: int) -> Totals:
    """Return the totals of B0 with other coefficients."""
    network = archprof.load("efficientnet_b0", width=width, depth=depth, input=f"3x{side}x{side}")
    return network.analyze().totals


def _of_efficientnet(one: EfficientNet) -> tuple[Any, ...]:
    """Return a row of the table."""
    totals = _scaled(one.width, one.depth, one.side)
    phis = [n / 100 for n in range(801)]
    by_depth = [phi for phi in phis if _blocks(1.2**phi) == _blocks(one.depth)]
    by_width = [phi for phi in phis if _channels(1.1**phi) == _channels(one.width)]
    by_side = [phi for phi in phis if round(224 * 1.15**phi / 4) * 4 == one.side]
    every = sorted({*by_depth} & {*by_width} & {*by_side})
    return (
        one.name,
        f"{totals.params / 1e6:.2f}",
        one.params,
        f"{totals.macs / 1e9:.2f}",
        one.gflops,
        *map(_interval, (by_depth, by_width, by_side, every)),
    )


def _blocks(depth: float) -> list[int]:
    return [math.ceil(repeats * depth) for repeats in (1, 2, 2, 3, 3, 4, 1)]


def _channels(width: float) -> list[int]:
    """Return the channels of the stem and the seven stages."""
    return [make_divisible(c * width) for c in (32, 16, 24, 40, 80, 112, 192, 320)]


def _interval(values: list[float]) -> str:
    return f"{values[0]:.2f} to {values[-1]:.2f}" if values else "none"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
