"""Receptive fields worked out unit by unit, from the definition alone, for networks made at random.

`python -m tests.fields --runs 10000` compares size, jump, start and every unit's field with the
analysis, and what is not padding with the pixels that reach each unit through torch.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import lcm

import torch
from torch import Tensor
from torch.nn import functional

from archprof.analysis.field import Field
from archprof.analysis.receptive import sights
from tests.small import whatever

MAX_PERIOD = 700  # of the patterns that are followed unit by unit here

Span = tuple[int, int]
Law = Callable[[int], "Span | None"]  # what a unit of an endless axis would see


@dataclass
class Layer:
    """A layer along one axis: its text with `{}` around each setting of that axis, its size, and
    what its output o reads.
    """

    text: Callable[[int], str]
    units: int
    reads: Callable[[int], list[int]]
    # units of padding there are to read on either side; None: as many as its windows reach
    padding: int | None
    period: int  # of its own pattern: reads(o + period) are reads(o) + step
    step: int
    run: Callable[[Tensor], Tensor]  # in torch, of B×1×N×1, with positive weights


@dataclass
class Known:
    """What the definition says of a tensor: by unit what it sees with padding and without, and
    how its pattern goes on.
    """

    seen: list[Span | None]
    real: list[Span | None]
    # by unit whether it reads no padding and nothing that is not there, on any path
    whole: list[bool]
    law: Law
    period: int
    step: int

    @property
    def jump(self) -> Fraction:
        shortest = shortest_period(self)
        slope = Fraction(self.step, self.period)
        return slope if len(self.seen) > shortest else mean_jump(self.seen, slope)


def hull(spans: Sequence[Span | None]) -> Span | None:
    seen = [s for s in spans if s is not None]
    return (min(s[0] for s in seen), max(s[1] for s in seen)) if seen else None


def moved(span: Span | None, by: int) -> Span | None:
    return None if span is None else (span[0] + by, span[1] + by)


def mean_jump(seen: list[Span | None], otherwise: Fraction) -> Fraction:
    first = [(u, s[0]) for u, s in enumerate(seen) if s is not None]
    return (
        otherwise
        if len(first) < 2
        else max(Fraction(0), Fraction(first[-1][1] - first[0][1], first[-1][0] - first[0][0]))
    )


def shortest_period(known: Known) -> int:
    for period in range(1, known.period):
        step = Fraction(known.step * period, known.period)
        if step.denominator == 1 and all(
            known.law(u + period) == moved(known.law(u), int(step)) for u in range(known.period)
        ):
            return period
    return known.period


def settled(known: Known, regular: bool = True) -> Known:
    """With no more units than its pattern's period, a tensor goes on at the mean jump of its
    units.
    """
    units = len(known.seen)
    shortest = shortest_period(known) if regular else max(units, 1)
    if units > shortest or shortest == 1:
        return known
    step = int(mean_jump(known.seen, Fraction(known.step, known.period)) * units)
    return Known(known.seen, known.real, known.whole, going_on(known.seen, step), units, step)


def going_on(seen: list[Span | None], step: int) -> Law:
    return lambda u: moved(seen[u % len(seen)], u // len(seen) * step)


def image(units: int) -> Known:
    pixels: list[Span | None] = [(u, u) for u in range(units)]
    return Known(pixels, pixels, [True] * units, lambda u: (u, u), 1, 1)


def after(known: Known, layer: Layer) -> Known:
    """What the outputs of a layer see."""
    units = len(known.seen)

    def there(i: int) -> bool:
        return 0 <= i < units

    def padded(i: int) -> bool:
        return not there(i) and (
            layer.padding is None or -layer.padding <= i < units + layer.padding
        )

    seen, real, whole = [], [], []
    for o in range(layer.units):
        read = layer.reads(o)
        seen.append(
            hull(
                [known.seen[i] if there(i) else known.law(i) for i in read if there(i) or padded(i)]
            )
        )
        real.append(hull([known.real[i] for i in read if there(i)]))
        whole.append(all(there(i) and known.whole[i] for i in read))
    law = cache(lambda o: hull([known.law(i) for i in layer.reads(o)]))
    # known.period turns of the layer's own pattern move it by known.period * layer.step units: so
    # many periods of the input
    return settled(
        Known(seen, real, whole, law, known.period * layer.period, known.step * layer.step)
    )


def merged(branches: list[Known]) -> Known:
    """What the units of a sum see."""
    units = len(branches[0].seen)
    seen = [hull([b.seen[u] for b in branches]) for u in range(units)]
    real = [hull([b.real[u] for b in branches]) for u in range(units)]
    whole = [all(b.whole[u] for b in branches) for u in range(units)]
    if all(vars(b) == vars(branches[0]) or b is branches[0] for b in branches):
        return branches[0]
    if len({Fraction(b.step, b.period) for b in branches}) == 1:
        period = lcm(*(b.period for b in branches))
        law = cache(lambda u: hull([b.law(u) for b in branches]))
        return settled(
            Known(seen, real, whole, law, period, branches[0].step * (period // branches[0].period))
        )
    step = max(b.step * units // b.period for b in branches)
    return settled(Known(seen, real, whole, going_on(seen, step), units, step), regular=False)


# --- layers, from their definitions ---


def pair(value: int, axis: int, other: int) -> str:
    return f"[{value}, {other}]" if axis == 0 else f"[{other}, {value}]"


def convolution(r: random.Random, n: int) -> Layer:
    k, s, d = r.randint(1, 5), r.randint(1, 3), r.randint(1, 3)
    p = r.choice([0, 0, 0, r.randint(1, 4)])
    return Layer(
        lambda a: (
            f"op: conv2d, out: 4, kernel: {pair(k, a, 1)}, stride: {pair(s, a, 1)}, padding:"
            f" {pair(p, a, 0)}, dilation: {pair(d, a, 1)}"
        ),
        (n + 2 * p - d * (k - 1) - 1) // s + 1,
        lambda o: [o * s - p + j * d for j in range(k)],
        None,
        1,
        s,
        lambda x: functional.conv2d(x, x.new_ones(1, 1, k, 1), None, (s, 1), (p, 0), (d, 1)),
    )


def pooling(r: random.Random, n: int) -> Layer:
    k, s = r.randint(1, 5), r.randint(1, 4)
    p, ceil = r.choice([0, 0, k // 2]), r.random() < 0.5
    room = n + 2 * p - k
    units = room // s + 1
    # one more, which begins in the input or the padding before it
    if ceil and room % s and units * s < n + p:
        units += 1
    word = f", ceil_mode: {str(ceil).lower()}"
    return Layer(
        lambda a: (
            f"op: max_pool2d, kernel: {pair(k, a, 1)}, stride: {pair(s, a, 1)}, padding:"
            f" {pair(p, a, 0)}{word}"
        ),
        units if room >= 0 else 0,
        lambda o: [o * s - p + j for j in range(k)],
        p,
        1,
        s,
        lambda x: functional.max_pool2d(x, (k, 1), (s, 1), (p, 0), ceil_mode=ceil).clamp(min=0),
    )


def adaptive(r: random.Random, n: int) -> Layer:
    m = r.randint(2, 9)
    return Layer(
        lambda a: f"op: adaptive_avg_pool2d, size: {pair(m, a, 3)}",
        m,
        lambda o: list(range(o * n // m, -(-(o + 1) * n // m))),
        0,
        m,
        n,
        lambda x: functional.adaptive_avg_pool2d(x, (m, 1)),
    )


def nearest(r: random.Random, n: int) -> Layer:
    s = r.randint(1, 4)
    return Layer(
        lambda a: f"op: interpolate, factor: {pair(s, a, 1)}",
        n * s,
        lambda o: [o // s],
        0,
        s,
        1,
        lambda x: functional.interpolate(x, scale_factor=(s, 1), mode="nearest"),
    )


def bilinear(r: random.Random, n: int) -> Layer:
    """Output o lies among the inputs at (o + 1/2)/s - 1/2, between its two neighbours."""
    s = r.randint(1, 4)
    return Layer(
        lambda a: f"op: interpolate, factor: {pair(s, a, 1)}, mode: bilinear",
        n * s,
        lambda o: [(2 * o + 1 - s) // (2 * s), -((s - 1 - 2 * o) // (2 * s))],
        0,
        s,
        1,
        lambda x: functional.interpolate(x, scale_factor=(s, 1), mode="bilinear"),
    )


def transposed(r: random.Random, n: int) -> Layer:
    k, s, d = r.randint(1, 4), r.randint(1, 3), r.randint(1, 2)
    e = r.randint(0, max(s, d) - 1)
    p = r.choice([0, 0, r.randint(0, 2)])
    text = (
        "op: conv_transpose2d, out: 4, kernel: {}, stride: {}, padding: {}, output_padding: {},"
        " dilation: {}"
    )
    return Layer(
        lambda a: text.format(
            pair(k, a, 1), pair(s, a, 1), pair(p, a, 0), pair(e, a, 0), pair(d, a, 1)
        ),
        (n - 1) * s - 2 * p + d * (k - 1) + e + 1,
        lambda o: [(o + p - j * d) // s for j in range(k) if (o + p - j * d) % s == 0],
        0,
        s,
        1,
        lambda x: functional.conv_transpose2d(
            x, x.new_ones(1, 1, k, 1), None, (s, 1), (p, 0), (e, 0), 1, (d, 1)
        ),
    )


def padded(r: random.Random, n: int) -> Layer:
    before, behind = r.randint(-min(2, n - 1), 3), r.randint(-min(2, (n - 1) // 2), 3)
    before = max(before, 1 - n - min(behind, 0))
    return Layer(
        lambda a: f"op: pad, sides: {[0, 0, before, behind] if a == 0 else [before, behind, 0, 0]}",
        n + before + behind,
        lambda o: [o - before],
        None,
        1,
        1,
        lambda x: functional.pad(x, (0, 0, before, behind)),
    )


def cropped(r: random.Random, n: int) -> Layer:
    first, s = r.randint(0, min(2, n - 1)), r.randint(1, 2)
    stop = r.randint(first + 1, n)
    return Layer(
        lambda a: f"op: slice, dim: {1 + a}, start: {first}, stop: {stop}, step: {s}",
        len(range(first, stop, s)),
        lambda o: [first + o * s],
        0,
        1,
        s,
        lambda x: x[:, :, first:stop:s],
    )


MAKERS = (
    convolution,
    convolution,
    convolution,
    pooling,
    adaptive,
    nearest,
    bilinear,
    transposed,
    padded,
    cropped,
)


@dataclass
class Network:
    """A network along one axis: its layers' texts for `whatever`, and what the definition says
    of each.
    """

    axis: int
    size: tuple[int, int, int]
    layers: dict[str, str]
    known: list[Known]
    # by layer and unit the first and last pixel that reach it through torch
    reached: list[list[Span | None]]


def network(seed: int) -> Network:
    """A network of up to 7 layers, every tenth a sum of tensors of one size."""
    r = random.Random(seed)
    axis, n = r.randint(0, 1), r.randint(3, 40)
    size = (4, n, 3) if axis == 0 else (4, 3, n)
    known, names = [image(n)], ["input"]
    tensors = [torch.eye(n, dtype=torch.float64).reshape(n, 1, n, 1)]
    layers: dict[str, str] = {}
    for number in range(r.randint(1, 7)):
        name = f"l{number}"
        alike = [
            i
            for i, k in enumerate(known)
            if len(k.seen) == len(known[-1].seen) and lcm(k.period, known[-1].period) <= MAX_PERIOD
        ]
        if len(alike) > 1 and r.random() < 0.4:
            chosen = [len(known) - 1, *r.sample(alike[:-1], min(len(alike) - 1, r.randint(1, 2)))]
            layers[name] = f"op: add, from: [{', '.join(names[i] for i in chosen)}]"
            known.append(merged([known[i] for i in chosen]))
            tensors.append(sum(tensors[i] for i in chosen))  # type: ignore[arg-type]
        else:
            source = len(known) - 1 if r.random() < 0.8 else r.randrange(len(known))
            layer = r.choice(MAKERS)(r, len(known[source].seen))
            if not 1 <= layer.units <= 80 or known[source].period * layer.period > MAX_PERIOD:
                continue
            layers[name] = f"{layer.text(axis)}, from: {names[source]}"
            known.append(after(known[source], layer))
            tensors.append(layer.run(tensors[source]))
        tensors[-1] = (tensors[-1] > 1e-12).double()
        names.append(name)
    return Network(axis, size, layers, known[1:], [reach(t) for t in tensors[1:]])


def reach(tensor: Tensor) -> list[Span | None]:
    """By unit the first and last of the pixels that are in it: pixels×1×units×1."""
    spans: list[Span | None] = []
    for column in tensor[:, 0, :, 0].T:
        pixels = column.nonzero().flatten().tolist()
        spans.append((pixels[0], pixels[-1]) if pixels else None)
    return spans


def differences(made: Network) -> Iterator[str]:
    """Where the analysis and the definition, or the definition and torch, differ."""
    if not made.layers:
        return
    graph = whatever(made.layers, made.size, f"[{', '.join(made.layers)}]")
    if graph.problems:
        yield "\n".join(map(str, graph.problems))
        return
    for node, sight, known, reached in zip(
        graph.nodes, sights(graph), made.known, made.reached, strict=True
    ):
        field = sight.axes[made.axis]
        if node.output[1 + made.axis] != len(known.seen):
            yield f"{node.path}: {node.output} is not a size of {len(known.seen)}"
        elif known.real != reached:
            yield f"{node.path}: torch reaches {reached}, the definition says {known.real}"
        elif not isinstance(field, Field):
            yield f"{node.path}: {field}"
        else:
            size = max((s[1] - s[0] + 1 for s in known.seen if s is not None), default=0)
            start = known.seen[0][0] if known.seen[0] is not None else 0
            expected, found = (size, known.jump, start), (field.size, field.jump, field.start)
            units = [field.of(u) for u in range(len(known.seen))]
            if found != expected:
                yield f"{node.path}: size, jump, start are {found}, by the definition {expected}"
            if units != known.seen:
                yield f"{node.path}: its units see {units}, by the definition {known.seen}"
            for unit in range(len(units)):
                if known.whole[unit] and units[unit] != reached[unit]:
                    yield (
                        f"{node.path}: unit {unit} reads no padding, sees {units[unit]}, torch"
                        f" reaches {reached[unit]}"
                    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    differing = layers = 0
    torch.set_num_threads(1)  # the tensors are small
    with torch.no_grad():
        for seed in range(options.seed, options.seed + options.runs):
            made = network(seed)
            layers += len(made.layers)
            found = list(differences(made))
            if found:
                differing += 1
                print(f"seed {seed}: {made.size} {made.layers}", *found, sep="\n  ", flush=True)
    print(f"{options.runs:,} networks, {layers:,} layers, {differing or 'none'} differing")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
