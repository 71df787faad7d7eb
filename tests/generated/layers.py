"""One layer of any op at random: settings that fit on a shape, and for ops that need company the
layers beside them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

from hypothesis import strategies as st

from archprof.ops import OPS
from archprof.ops.base import Shape
from tests.small import divisors

Draw = Callable[[Any], Any]
Settings = dict[str, Any]


class Maker(NamedTuple):
    """How to put one op on a tensor.

    `fits` says on which, `example` is one on which it does, without the batch as all shapes here.
    """

    fits: Callable[[Shape], bool]
    example: Shape
    settings: Callable[[Draw, Shape], Settings]


def _image(shape: Shape) -> bool:
    return len(shape) == 3


def _some(draw: Draw, **optional: Any) -> Settings:
    """Some of these settings, each from its strategy."""
    return {name: draw(strategy) for name, strategy in optional.items() if draw(st.booleans())}


def _sequence(shape: Shape) -> bool:
    return len(shape) == 2


def _volume(shape: Shape) -> bool:
    return len(shape) == 4


def _pair(draw: Draw, low: int, high: int) -> int | list[int]:
    """A setting of both axes: one number, or one for each."""
    return _sides(draw, 2, low, high)


def _sides(draw: Draw, rank: int, low: int, high: int) -> int | list[int]:
    """A setting of so many axes: one number, or one for each."""
    sides = [draw(st.integers(low, high)) for _ in range(rank)]
    return sides[0] if draw(st.booleans()) else sides


def each(value: int | list[int], rank: int) -> tuple[int, ...]:
    """What a setting says of each axis."""
    return (value,) * rank if isinstance(value, int) else tuple(value)


def both(value: int | list[int]) -> tuple[int, int]:
    """What a pair says of height and width."""
    height, width = each(value, 2)
    return height, width


def given_by(kind: str, settings: Settings, *inputs: Shape) -> Shape:
    """The shape that an entry gives, of the last of the ops that it stands for."""
    for step in OPS[kind](**settings).steps():
        inputs = (step.output_shape(*inputs),)
    return inputs[0]


def _by_side(draw: Draw, padding: list[int]) -> list[int] | list[list[int]]:
    """The padding, or seldom one that differs from side to side, and is no smaller."""
    if draw(st.integers(0, 3)):
        return padding
    return [[p + draw(st.integers(0, 1)), p + draw(st.integers(0, 1))] for p in padding]


def _conv(draw: Draw, shape: Shape) -> Settings:
    rank = len(shape) - 1
    kernel, dilation = _sides(draw, rank, 1, 4), _sides(draw, rank, 1, 2)
    sides = zip(each(kernel, rank), each(dilation, rank), strict=True)
    spans = [d * (k - 1) + 1 for k, d in sides]
    groups = draw(st.sampled_from(divisors(shape[0])))
    settings = {
        "out": groups * draw(st.integers(1, 3)),
        "kernel": kernel,
        "dilation": dilation,
        "groups": groups,
    } | _some(draw, bias=st.booleans())
    if draw(st.integers(0, 3)) == 0:
        return settings | {"padding": "same"}
    padding = [
        draw(st.integers(0, 2)) + max(0, -(-(span - n) // 2))
        for span, n in zip(spans, shape[1:], strict=True)
    ]
    return settings | {"stride": _sides(draw, rank, 1, 3), "padding": _by_side(draw, padding)}


def deformed_window(draw: Draw) -> Settings:
    """A window that a deformable convolution takes: with one padding for both sides of an axis."""
    return {
        "kernel": [draw(st.integers(1, 3)) for _ in range(2)],
        "dilation": _sides(draw, 2, 1, 2),
        "stride": _sides(draw, 2, 1, 3),
        "padding": _sides(draw, 2, 2, 3),
    }


def _padded_conv(draw: Draw, shape: Shape) -> Settings:
    settings = _conv(draw, shape)
    padding = settings["padding"]
    if padding == "same" or draw(st.integers(0, 3)):
        return settings
    room = [n - max(each(p, 2)) for p, n in zip(padding, shape[1:], strict=True)]
    modes = ["replicate", *["circular"][: min(room) >= 0], *["reflect"][: min(room) > 0]]
    return settings | {"padding_mode": draw(st.sampled_from(modes))}


def _recurrent(draw: Draw, shape: Shape) -> Settings:
    layers = draw(st.integers(1, 2))
    settings: Settings = {"hidden": draw(st.integers(1, 5)), "num_layers": layers}
    if layers > 1:
        settings |= _some(draw, dropout=st.sampled_from([0.25, 0.5]))
    return settings | _some(draw, bias=st.booleans(), bidirectional=st.booleans())


def _blur_pool(draw: Draw, shape: Shape) -> Settings:
    kernel = draw(st.integers(2, 5))
    # no more mirrored pixels than there are others
    strides = [s for s in (1, 2, 3) if (s + kernel - 2) // 2 < min(shape[1:])]
    return {"kernel": kernel, "stride": draw(st.sampled_from(strides))}


def _std_conv(draw: Draw, shape: Shape) -> Settings:
    settings = _conv(draw, shape)
    # more than one weight per filter
    if math.prod(both(settings["kernel"])) == 1 and shape[0] == settings["groups"]:
        settings |= {"kernel": [1, 2], "padding": [0, 1]}
    return settings | _some(draw, eps=st.just(0.001))


def _scaled_std_conv(draw: Draw, shape: Shape) -> Settings:
    return _std_conv(draw, shape) | _some(draw, gamma=st.sampled_from([0.5, 1.7]))


def _table_conv(draw: Draw, shape: Shape) -> Settings:
    rows = draw(
        st.lists(
            st.lists(st.integers(0, shape[0] - 1), min_size=1, max_size=4, unique=True),
            min_size=1,
            max_size=4,
        )
    )
    return _conv(draw, shape) | {"groups": 1, "out": len(rows), "table": rows}


def _transposed(draw: Draw, shape: Shape) -> Settings:
    rank = len(shape) - 1
    # oneDNN takes no other volumes; torch's own kernel puts the output into memory as large as the
    # input, and whether it runs hangs on the number of threads
    volume = rank == 3
    kernel, stride = _sides(draw, rank, 1 + volume, 3), _sides(draw, rank, 1, 3)
    dilation = _sides(draw, rank, 1, 2)
    strides, dilations = each(stride, rank), each(dilation, rank)
    extra = [
        draw(st.integers(0, (s if volume else max(s, d)) - 1))
        for s, d in zip(strides, dilations, strict=True)
    ]
    room = [
        (n - 1) * s + d * (k - 1) + e
        for n, k, s, d, e in zip(
            shape[1:], each(kernel, rank), strides, dilations, extra, strict=True
        )
    ]
    groups = draw(st.sampled_from(divisors(shape[0])))
    return {
        "out": groups * draw(st.integers(1, 3)),
        "kernel": kernel,
        "stride": stride,
        "dilation": dilation,
        "output_padding": extra,
        "groups": groups,
        "padding": [draw(st.integers(0, min(2, r // 2))) for r in room],
    } | _some(draw, bias=st.booleans())


def _pool(draw: Draw, shape: Shape) -> Settings:
    kernel = [draw(st.integers(1, min(4, n))) for n in shape[1:]]
    return {"kernel": kernel, "padding": [draw(st.integers(0, k // 2)) for k in kernel]} | _some(
        draw,
        stride=st.one_of(
            st.none(),
            st.integers(1, 3),
            st.lists(st.integers(1, 3), min_size=len(kernel), max_size=len(kernel)),
        ),
        ceil_mode=st.booleans(),
    )


def _max_pool(draw: Draw, shape: Shape) -> Settings:
    settings = _pool(draw, shape)
    if not settings.get("ceil_mode") and min(settings["kernel"]) > 1:
        settings["padding"] = _by_side(draw, [0] * len(settings["kernel"]))
    fits = all(2 * (k - 1) + 1 <= n for k, n in zip(settings["kernel"], shape[1:], strict=True))
    return settings | (_some(draw, dilation=st.just(2)) if fits else {})


def _avg_pool(draw: Draw, shape: Shape) -> Settings:
    settings = _pool(draw, shape)
    padding = _by_side(draw, settings["padding"])
    if padding != settings["padding"]:
        return settings | {"padding": padding}
    return settings | _some(draw, count_include_pad=st.booleans())


def _pad(draw: Draw, shape: Shape) -> Settings:
    c, *axes = shape
    if draw(st.integers(0, 3)) == 0:
        most = [min(n - 1, 2) for n in reversed(axes) for _ in range(2)]
        return {
            "sides": [draw(st.integers(0, n)) for n in most],
            "mode": draw(st.sampled_from(["reflect", "replicate", "circular"])),
        }
    least = [-((n - 1) // 2) for n in reversed(axes) for _ in range(2)]
    return _some(
        draw,
        sides=st.tuples(*(st.integers(n, 2) for n in least)).map(list),
        channels=st.tuples(*(st.integers(-((c - 1) // 2), 2) for _ in range(2))).map(list),
        value=st.just(0.5),
    )


def _scale(draw: Draw, shape: Shape) -> Settings:
    dim = draw(st.integers(-len(shape), len(shape) - 1))
    covered = shape[: dim % len(shape) + 1]
    size = [draw(st.sampled_from([1, n])) for n in covered[draw(st.integers(0, len(covered))) :]]
    return {"size": size, "dim": dim} | _some(draw, value=st.just(0.1))


def _clamp(draw: Draw, shape: Shape) -> Settings:
    limits = draw(st.sampled_from([("min",), ("max",), ("min", "max")]))
    return {name: {"min": -0.5, "max": 2}[name] for name in limits}


def _slice(draw: Draw, shape: Shape) -> Settings:
    dim = draw(st.integers(-len(shape), len(shape) - 1))
    start = draw(st.integers(0, shape[dim] - 1))
    stop = draw(st.integers(start + 1, shape[dim]))
    bounds: list[Settings] = [
        {},
        {"start": start},
        {"start": start, "stop": stop},
        {"stop": stop, "step": 2},
        {"start": start - shape[dim]},
    ]
    return {"dim": dim} | draw(st.sampled_from(bounds))


def sizes_of_parts(draw: Draw, whole: int) -> int | list[int]:
    """One size of all parts, or one for each."""
    one = draw(st.integers(0, whole))
    if one:
        return int(one)
    ends = draw(st.lists(st.integers(1, whole), max_size=2, unique=True).map(sorted))
    bounds = [0, *(end for end in ends if end < whole), whole]
    return [after - before for before, after in pairwise(bounds)]


def _split(draw: Draw, shape: Shape) -> Settings:
    dim = draw(st.integers(-len(shape), len(shape) - 1))
    sizes = sizes_of_parts(draw, shape[dim])
    count = len(sizes) if isinstance(sizes, list) else -(-shape[dim] // sizes)
    return {"dim": dim, "sizes": sizes, "part": draw(st.integers(0, count - 1))}


def _chunk(draw: Draw, shape: Shape) -> Settings:
    dim = draw(st.integers(-len(shape), len(shape) - 1))
    chunks = draw(st.integers(1, 4))
    count = -(-shape[dim] // -(-shape[dim] // chunks))
    return {"dim": dim, "chunks": chunks, "part": draw(st.integers(0, count - 1))}


def _select(draw: Draw, shape: Shape) -> Settings:
    dim = draw(st.integers(-len(shape), len(shape) - 1))
    return {"dim": dim, "index": draw(st.integers(-shape[dim], shape[dim] - 1))}


def _interpolate(draw: Draw, shape: Shape) -> Settings:
    linear = {2: ["linear"], 3: ["bilinear", "bicubic", "area"], 4: ["trilinear"]}[len(shape)]
    mode = draw(st.sampled_from(["nearest", "nearest-exact", *linear]))
    corners = draw(st.booleans()) and mode in linear and mode != "area"
    sizes = st.lists(st.integers(1, 12), min_size=len(shape) - 1, max_size=len(shape) - 1)
    by_factor = {
        "factor": draw(st.sampled_from([f for f in (0.5, 1.5, 2) if min(shape[1:]) * f >= 1]))
    }
    scaled = by_factor if draw(st.booleans()) else {"size": draw(sizes)}
    settings = scaled | {"mode": mode} | ({"align_corners": True} if corners else {})
    if mode in ("bilinear", "bicubic"):
        settings |= _some(draw, antialias=st.booleans())
    return settings


def _flatten(draw: Draw, shape: Shape) -> Settings:
    start = draw(st.integers(0, len(shape) - 1))
    return draw(
        st.sampled_from(
            [
                {},
                {"start": start},
                {"start": start, "end": draw(st.integers(start, len(shape) - 1))},
            ]
        )
    )


def reshaped(draw: Draw, shape: Shape, rank: int) -> list[int]:
    """A size of so many dimensions for as many elements."""
    rest, size = math.prod(shape), []
    for _ in range(rank - 1):
        size.append(draw(st.sampled_from([d for d in divisors(rest) if d <= 12])))
        rest //= size[-1]
    return [*size, rest]


def _reshape(draw: Draw, shape: Shape) -> Settings:
    size = reshaped(draw, shape, draw(st.integers(1, 4)))
    if draw(st.booleans()):
        size[draw(st.integers(0, len(size) - 1))] = -1
    return {"size": size}


def _roll(draw: Draw, shape: Shape) -> Settings:
    dims = draw(st.lists(st.integers(0, len(shape) - 1), min_size=1, max_size=2, unique=True))
    return {"dims": dims, "shifts": [draw(st.integers(-2, 2)) for _ in dims]}


def _same_windows(draw: Draw, shape: Shape) -> Settings:
    return {"kernel": _pair(draw, 1, 4)} | _some(
        draw, stride=st.integers(1, 3), dilation=st.integers(1, 2), lowest=st.booleans()
    )


def _reduction(draw: Draw, shape: Shape) -> Settings:
    every = st.integers(0, len(shape) - 1)
    most = min(2, len(shape) - 1)  # so that no scalar is left, which few ops take
    dims = draw(st.lists(every, min_size=1, max_size=most, unique=True))
    counted = [d - len(shape) if draw(st.booleans()) else d for d in dims]
    dim = counted[0] if len(counted) == 1 and draw(st.booleans()) else counted
    return {"dim": dim} | _some(draw, keepdim=st.booleans())


def _none(draw: Draw, shape: Shape) -> Settings:
    return {}


def _any(shape: Shape) -> bool:
    return len(shape) > 0


def _matrix(shape: Shape) -> bool:
    return len(shape) > 1


def _norm(draw: Draw, shape: Shape) -> Settings:
    return _some(draw, affine=st.booleans(), eps=st.just(0.001))


def _group_norm(draw: Draw, shape: Shape) -> Settings:
    groups = [n for n in divisors(shape[0]) if n < math.prod(shape)]  # more than one number each
    return {"groups": draw(st.sampled_from(groups))} | _norm(draw, shape)


def _adaptive(draw: Draw, shape: Shape) -> Settings:
    return {"size": _sides(draw, len(shape) - 1, 1, 4)}


def _instance_norm(draw: Draw, shape: Shape) -> Settings:
    return _some(draw, affine=st.booleans(), eps=st.just(0.001))


def _several_places(rank: int) -> Callable[[Shape], bool]:
    """Tensors of so many axes with more than one place, as an instance norm needs."""
    return lambda shape: len(shape) == 1 + rank and math.prod(shape[1:]) > 1


def _dropped(draw: Draw, shape: Shape) -> Settings:
    return _some(draw, p=st.sampled_from([0, 0.3, 1]))


IMAGE: Shape = (4, 6, 5)
SEQUENCE: Shape = (4, 9)
VOLUME: Shape = (4, 4, 5, 3)


def _ranked(
    name: str, settings: Callable[[Draw, Shape], Settings], ranks: tuple[int, ...] = (1, 3)
) -> dict[str, Maker]:
    """The makers of a family's ops over other numbers of axes."""
    fits = {1: _sequence, 2: _image, 3: _volume}
    examples = {1: SEQUENCE, 2: IMAGE, 3: VOLUME}
    return {f"{name}{rank}d": Maker(fits[rank], examples[rank], settings) for rank in ranks}


MAKERS: dict[str, Maker] = {
    "conv2d": Maker(_image, IMAGE, _padded_conv),
    "table_conv2d": Maker(_image, IMAGE, _table_conv),
    "conv_transpose2d": Maker(_image, (4, 3, 2), _transposed),
    "blur_pool2d": Maker(lambda s: _image(s) and min(s[1:]) > 2, IMAGE, _blur_pool),
    "std_conv2d": Maker(_image, IMAGE, _std_conv),
    "scaled_std_conv2d": Maker(_image, IMAGE, _scaled_std_conv),
    **_ranked("conv", _padded_conv),
    **{
        name: Maker(lambda shape: len(shape) == 2, (4, 5), _recurrent)
        for name in ("lstm", "gru", "rnn")
    },
    **_ranked("conv", _conv),
    **_ranked("conv_transpose", _transposed),
    **_ranked("max_pool", _max_pool),
    **_ranked("avg_pool", _avg_pool),
    **_ranked("adaptive_avg_pool", _adaptive),
    **_ranked("adaptive_max_pool", _adaptive, (1, 2, 3)),
    **_ranked("batch_norm", _norm),
    **{
        f"instance_norm{rank}d": Maker(_several_places(rank), example, _instance_norm)
        for rank, example in ((1, SEQUENCE), (2, IMAGE), (3, VOLUME))
    },
    **_ranked("dropout", _dropped, (1, 2, 3)),
    "linear": Maker(
        _any,
        (6, 5),
        lambda draw, shape: (
            {"out": draw(st.integers(2, 8))}
            | draw(st.sampled_from([{}, {}, {"bias": False}, {"unbiased": [1, 2]}]))
        ),
    ),
    "scale": Maker(_any, IMAGE, _scale),
    "scale_by": Maker(
        _any, IMAGE, lambda draw, shape: {"factor": draw(st.sampled_from([0.2, 1, -2]))}
    ),
    "multihead_attention": Maker(
        lambda s: len(s) == 2,
        (5, 8),
        lambda draw, shape: {"heads": draw(st.sampled_from(divisors(shape[1])))},
    ),
    "max_pool2d": Maker(_image, IMAGE, _max_pool),
    "avg_pool2d": Maker(_image, IMAGE, _avg_pool),
    "adaptive_avg_pool2d": Maker(_image, IMAGE, lambda draw, shape: {"size": _pair(draw, 1, 4)}),
    **{name: Maker(_matrix, IMAGE, _reduction) for name in ("mean", "sum", "max", "min")},
    "norm": Maker(
        _matrix,
        IMAGE,
        lambda draw, shape: _reduction(draw, shape) | _some(draw, p=st.sampled_from([1, 1.5, 3])),
    ),
    "normalize": Maker(
        _any,
        (5, 8),
        lambda draw, shape: _some(
            draw,
            dim=st.integers(-len(shape), len(shape) - 1),
            p=st.sampled_from([1, 1.5, 3]),
            eps=st.just(0.001),
        ),
    ),
    "batch_norm2d": Maker(_image, IMAGE, _norm),
    "layer_norm": Maker(_any, (5, 8), _norm),
    "layer_norm2d": Maker(_image, IMAGE, _none),
    "group_norm": Maker(lambda s: math.prod(s) > 1, IMAGE, _group_norm),
    "rms_norm": Maker(_any, (5, 8), _none),
    "local_response_norm": Maker(
        _image, IMAGE, lambda draw, shape: {"size": draw(st.integers(1, 6))}
    ),
    "global_response_norm": Maker(_image, (5, 4, 6), _none),
    "global_response_norm2d": Maker(_image, IMAGE, _none),
    **{
        name: Maker(_any, IMAGE, _none)
        for name in (
            "relu",
            "relu6",
            "sigmoid",
            "tanh",
            "silu",
            "hardsigmoid",
            "hardswish",
            "identity",
            "selu",
            "mish",
            "softplus",
            "logsigmoid",
            "softsign",
        )
    },
    "leaky_relu": Maker(_any, IMAGE, lambda draw, shape: _some(draw, slope=st.just(0.2))),
    "prelu": Maker(_any, IMAGE, lambda draw, shape: _some(draw, per_channel=st.just(True))),
    "gelu": Maker(_any, IMAGE, lambda draw, shape: _some(draw, approximate=st.just("tanh"))),
    "elu": Maker(_any, IMAGE, lambda draw, shape: _some(draw, alpha=st.just(0.5))),
    "celu": Maker(_any, IMAGE, lambda draw, shape: _some(draw, alpha=st.just(0.5))),
    "hardtanh": Maker(_any, IMAGE, lambda draw, shape: _some(draw, min_val=st.just(0))),
    "glu": Maker(
        lambda s: any(n % 2 == 0 for n in s),
        IMAGE,
        lambda draw, shape: {
            "dim": draw(st.sampled_from([d for d, n in enumerate(shape) if n % 2 == 0]))
        },
    ),
    "log_softmax": Maker(
        _any, (5, 8), lambda draw, shape: _some(draw, dim=st.integers(-len(shape), len(shape) - 1))
    ),
    "softmax": Maker(
        _any, (5, 8), lambda draw, shape: _some(draw, dim=st.integers(-len(shape), len(shape) - 1))
    ),
    **{name: Maker(_any, IMAGE, _none) for name in ("exp", "log", "sqrt", "abs", "sin", "cos")},
    "pow": Maker(
        _any, IMAGE, lambda draw, shape: {"exponent": draw(st.sampled_from([2, 3, -0.5, 1]))}
    ),
    "clamp": Maker(_any, IMAGE, _clamp),
    "shift_by": Maker(
        _any, IMAGE, lambda draw, shape: {"amount": draw(st.sampled_from([1, -0.5]))}
    ),
    "slice": Maker(_any, IMAGE, _slice),
    "split": Maker(_any, IMAGE, _split),
    "chunk": Maker(_any, IMAGE, _chunk),
    "select": Maker(lambda shape: len(shape) > 1, IMAGE, _select),
    "interpolate": Maker(lambda s: 2 <= len(s) <= 4, IMAGE, _interpolate),
    "flatten": Maker(_any, IMAGE, _flatten),
    "permute": Maker(
        _any, IMAGE, lambda draw, shape: {"order": draw(st.permutations(range(len(shape))))}
    ),
    "reshape": Maker(_any, IMAGE, _reshape),
    "pad": Maker(lambda s: 2 <= len(s) <= 4, IMAGE, _pad),
    "pad_same": Maker(_image, IMAGE, _same_windows),
    "roll": Maker(_any, IMAGE, _roll),
    # where nothing moves, torch's tensors without memory sometimes make a view, its real ones a
    # copy
    "channel_shuffle": Maker(
        lambda s: len(s) == 3 and len(divisors(s[0])) > 2,
        IMAGE,
        lambda draw, shape: {"groups": draw(st.sampled_from(divisors(shape[0])[1:-1]))},
    ),
    "pixel_shuffle": Maker(
        lambda s: len(s) == 3 and s[0] % 4 == 0, (8, 3, 2), lambda draw, shape: {"factor": 2}
    ),
    "pixel_unshuffle": Maker(
        lambda s: len(s) == 3 and s[1] % 2 == s[2] % 2 == 0,
        (2, 4, 6),
        lambda draw, shape: {"factor": 2},
    ),
    "window_partition": Maker(
        lambda s: len(s) == 3,
        (4, 6, 5),
        lambda draw, shape: {"window": draw(st.sampled_from(divisors(math.gcd(*shape[:2]))))},
    ),
    "dropout": Maker(_any, IMAGE, lambda draw, shape: _some(draw, p=st.sampled_from([0, 0.3, 1]))),
    "drop_path": Maker(_any, IMAGE, lambda draw, shape: {"p": draw(st.sampled_from([0, 0.3, 1]))}),
}
"""Ops of one input. The others, `COMPANY`, need several."""

COMPANY = tuple(name for name in OPS if name not in MAKERS)
IN_PLACE = frozenset(name for name, op in OPS.items() if "inplace" in op.settings)
FRESH = frozenset(
    {
        "conv2d",
        "table_conv2d",
        "conv_transpose2d",
        "std_conv2d",
        "scaled_std_conv2d",
        "linear",
        "batch_norm2d",
        "group_norm",
        "avg_pool2d",
        "interpolate",
    }
)
"""Ops whose output is new memory that only the next layer has seen, and that autograd does not
keep for them.
"""
