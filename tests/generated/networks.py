"""Whole specs at random that hold: blocks with parameters, repeats, branches, groups, conditions
and heads around layers of every op.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Any

import yaml
from hypothesis import strategies as st

from archprof.ops import OPS
from archprof.ops.base import Shape
from archprof.units import shape as written
from tests.generated.layers import (
    FRESH,
    IN_PLACE,
    MAKERS,
    Draw,
    Settings,
    deformed_window,
    divisors,
    given_by,
    sizes_of_parts,
)

Layer = dict[str, Any]
MOST = 4096  # elements of a tensor
OF_TWO = ("subtract", "divide", "maximum", "minimum")

INPUTS = st.one_of(
    st.tuples(st.integers(1, 6), st.integers(1, 9), st.integers(1, 9)),
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 5), st.integers(1, 5)),
    st.tuples(st.integers(1, 24)),
)


class Scope:
    """The parameters that expressions of one block, or of the file, may use, with their values,
    and what is worked out from them.
    """

    def __init__(self, draw: Draw, names: Iterator[str]):
        self.draw, self.names = draw, names
        self.values: dict[str, Any] = {}
        self.lets: dict[str, str] = {}

    def said(self, value: Any) -> Any:
        """The value as it is or, of a whole number, as an expression over a new parameter; of a
        list each item.
        """
        if isinstance(value, list):
            return [self.said(one) for one in value]
        if type(value) is not int or self.draw(st.integers(0, 5)):
            return value
        name = f"p{next(self.names)}"
        kept, text = self.draw(
            st.sampled_from(
                [
                    (value, "${}"),
                    (value - 1, "${} + 1"),
                    (2 * value, "${} // 2"),
                    ([0, value], "${}[1]"),
                    ([value, 1], "sum(${}) - 1"),
                    (value, "${0} if ${0} == ${0} else 0"),
                ]
            )
        )
        self.values[name] = kept
        if self.draw(st.integers(0, 3)):
            return text.format(name)
        self.lets[f"let_{name}"] = text.format(name)
        return f"$let_{name}"


class Body:
    """Layers one after the other, with the shape that each gives."""

    def __init__(
        self,
        draw: Draw,
        shape: Shape,
        scope: Scope,
        blocks: dict[str, Any],
        names: Iterator[str],
        depth: int = 0,
    ):
        self.draw, self.scope, self.blocks, self.names, self.depth = (
            draw,
            scope,
            blocks,
            names,
            depth,
        )
        self.layers: dict[str, Layer] = {}
        self.shapes: dict[str, Shape] = {"input": shape}  # of what can be named
        self.previous = "input"
        self.used: set[str] = set()
        self.tokens: dict[str, Layer] = {}  # further inputs of the network
        self.fresh = False  # whether nobody has seen the previous layer's memory
        self.headless = False

    @property
    def shape(self) -> Shape:
        return self.shapes[self.previous]

    # --- putting layers in place ---

    def put(self, layer: Layer, shape: Shape, sources: list[str] | None = None) -> str:
        """One more layer, which gives this shape; from the layer before where no sources are
        named.
        """
        name = self.named()
        if sources and (sources != [self.previous] or self.draw(st.booleans())):
            layer = {
                **layer,
                "from": sources if len(sources) > 1 or self.draw(st.booleans()) else sources[0],
            }
        self.used.update([self.previous] if sources is None else sources)
        self.layers[name], self.shapes[name], self.previous, self.fresh = layer, shape, name, False
        return name

    def named(self) -> str:
        """A name of its own, seldom one with a dash, with a dot, or with a digit to begin with."""
        name = next(self.names)
        strange = [f"{name}-x", f"list.{name}", f"{name[1:]}th"]
        return self.draw(st.sampled_from([name] * 9 + strange))

    def op(self, kind: str, settings: Settings, sources: list[str] | None = None) -> str:
        """A layer of one op, of the shape that the op says; torch has the last word on it."""
        before = self.previous if sources is None else sources[0] if sources else None
        shapes = [self.shapes[one] for one in ([self.previous] if sources is None else sources)]
        shape = given_by(kind, settings, *shapes)
        layer: Layer = {
            "op": kind,
            **{key: self.scope.said(value) for key, value in settings.items()},
        }
        alone = self.fresh and before == self.previous and (sources or []).count(self.previous) < 2
        inplace = kind in IN_PLACE and alone and shape == self.shape and self.draw(st.booleans())
        if inplace:
            layer["inplace"] = True
            del self.shapes[self.previous]  # what it held is no more
        if shape and self.draw(st.integers(0, 7)) == 0:
            layer["shape"] = written(shape)
        name = self.put(layer, shape, sources)
        self.fresh = kind in FRESH
        return name

    def to(self, shape: Shape) -> None:
        """Layers that bring the tensor to this shape."""
        if self.shape == shape:
            return
        if self.shape[:-1] == shape[:-1] and self.shape:
            self.op("linear", {"out": shape[-1]})
        elif len(self.shape) == len(shape) == 3 and max(shape[1:]) <= 64:
            self.op("adaptive_avg_pool2d", {"size": list(shape[1:])})
            self.op("conv2d", {"out": shape[0], "kernel": 1})
        else:
            self.row(self.previous)
            self.op("linear", {"out": math.prod(shape)})
            self.op("reshape", {"size": list(shape)})

    def row(self, name: str) -> str:
        """A layer in one dimension, which one of none gets by a reshape."""
        if self.shapes[name]:
            return self.op("flatten", {}, [name])
        return self.op("reshape", {"size": [1]}, [name])

    def finish(self) -> None:
        """Joins what nobody has used to the last layer."""
        if unused := [
            name for name in self.shapes if name not in self.used and name != self.previous
        ]:
            parts = [self.row(name) for name in (*unused, self.previous)]
            self.op("concat", {}, parts)

    def written(self) -> Any:
        """The layers as a mapping or, where none is named, perhaps as a list."""
        named = any(layer.keys() & {"from", "flat", "share"} for layer in self.layers.values())
        if named or self.draw(st.booleans()):
            return self.layers
        return [
            {key: value for key, value in layer.items() if key != "name" or "repeat" in layer}
            for layer in self.layers.values()
        ]

    # --- single layers ---

    def single(self, kind: str) -> None:
        """A layer of an op that takes one input."""
        maker = MAKERS[kind]
        if not maker.fits(self.shape):
            self.to(maker.example)
        if kind in IN_PLACE and self.draw(st.booleans()):  # something fresh to overwrite
            self.op("linear", {"out": self.shape[-1]})
        settings = maker.settings(self.draw, self.shape)
        if math.prod(given_by(kind, settings, self.shape)) > MOST:
            self.to(maker.example)
            settings = maker.settings(self.draw, self.shape)
        self.op(kind, settings)

    def sum(self, kind: str) -> None:
        """A function of two tensors, or of several, with another one that broadcasts."""
        others = [name for name, shape in self.shapes.items() if shape == self.shape]
        if len(self.shape) == 3 and self.draw(st.booleans()):
            here = self.previous
            others = [self.op("adaptive_avg_pool2d", {"size": 1}), self.op("sigmoid", {})]
            sources = [here, others[-1]]
        else:
            sources = [
                self.previous,
                *self.draw(
                    st.lists(
                        st.sampled_from(others), min_size=1, max_size=1 if kind in OF_TWO else 2
                    )
                ),
            ]
        self.op(kind, {}, self.draw(st.permutations(sources)))

    def concat(self) -> None:
        dim = self.draw(st.integers(-len(self.shape), len(self.shape) - 1))
        at, here = dim % len(self.shape), self.shape
        others = [
            name
            for name, shape in self.shapes.items()
            if len(shape) == len(here)
            and (*shape[:at], *shape[at + 1 :]) == (*here[:at], *here[at + 1 :])
        ]
        sources = self.draw(st.lists(st.sampled_from(others), max_size=2))
        if math.prod(here) <= MOST // 4:
            self.op("concat", {"dim": dim}, self.draw(st.permutations([self.previous, *sources])))

    def parted(self) -> None:
        """Parts side by side, of which the first goes its own way, and all together again."""
        dim = self.draw(st.integers(-len(self.shape), len(self.shape) - 1)) if self.shape else 0
        if not self.shape:
            self.to((6,))
        here = self.shape
        settings: Settings = {"dim": dim, "chunks": self.draw(st.integers(1, 4))}
        kind = "chunk"
        if self.draw(st.booleans()):
            settings = {"dim": dim, "sizes": sizes_of_parts(self.draw, here[dim])}
            kind = "split"
        parts = OPS[kind](**settings).parts(here)
        name = self.put({"op": kind, **settings}, here)
        if self.draw(st.booleans()):
            rest = [f"{name}.{number}" for number in range(1, len(parts))]
            self.shapes |= {f"{name}.0": parts[0].output_shape(here)}
            first = self.op("tanh", {}, [f"{name}.0"])
            self.put({"op": "concat", "dim": dim}, here, [first, *rest])
            del self.shapes[first], self.shapes[f"{name}.0"]
        else:
            self.put({"op": "concat", "dim": dim}, here, [name])
        del self.shapes[name]

    def matmul(self) -> None:
        """A product with a learned matrix, with itself turned, or with a part of itself."""
        if len(self.shape) < 2:
            self.to((5, 4))
        here, shape = self.previous, self.shape
        rank = len(shape)
        kind = self.draw(st.sampled_from(["learned", "learned before", "turned", "both"]))
        if kind == "turned":
            order = [*range(rank - 2), rank - 1, rank - 2]
            turned = self.op("permute", {"order": order}, [here])
            self.op("matmul", {}, self.draw(st.permutations([here, turned])))
        elif kind == "both":
            self.op("linear", {"out": shape[-2]}, [here])
            self.op("matmul", {}, [self.previous, here])
        else:
            lead = [self.draw(st.sampled_from([1, n])) for n in shape[:-2]]
            lead = lead[self.draw(st.integers(0, len(lead))) :]
            out = self.draw(st.integers(1, 4))
            before = kind == "learned before"
            size = [*lead, out, shape[-2]] if before else [*lead, shape[-1], out]
            learned = self.op("parameter", {"size": size}, [])
            self.op("matmul", {}, [learned, here] if before else [here, learned])

    def einsum(self) -> None:
        """A sum over some dimensions of the tensor, or of products of it with itself."""
        if not self.shape:
            self.to((5, 4))
        here, letters = self.previous, "ijkl"[: len(self.shape)]
        other = "".join(c if self.draw(st.booleans()) else c.upper() for c in letters)
        wanted = [c for c in letters + other if c.isupper() or c not in other]
        wanted += [c for c in letters if c in other and self.draw(st.booleans())]
        right = "".join(self.draw(st.permutations(sorted(set(wanted)))))
        sizes = dict(zip(letters, self.shape, strict=True))
        if len(right) > 4 or math.prod(sizes[c.lower()] for c in right) > MOST:
            left = "".join(self.draw(st.permutations(letters)))
            self.op("einsum", {"equation": f"{letters}->{left}"}, [here])
        else:
            self.op("einsum", {"equation": f"{letters},{other}->{right}"}, [here, here])

    def parameter(self) -> None:
        here, shape = self.previous, self.shape
        joined = self.draw(st.sampled_from(["add", "multiply", "concat"]))
        size = (
            list(shape)
            if joined == "concat"
            else [
                self.draw(st.sampled_from([n, 1]))
                for n in shape[self.draw(st.integers(0, len(shape))) :]
            ]
        )
        learned = self.op(
            "parameter",
            {"size": size} | self.draw(st.sampled_from([{}, {"batched": True}, {"value": 0.5}])),
            [],
        )
        if self.draw(st.integers(0, 3)) == 0 and size:
            learned = self.op(self.draw(st.sampled_from(["relu", "layer_norm", "identity"])), {})
        self.op(joined, {}, self.draw(st.permutations([here, learned])))

    def buffer(self) -> None:
        here, shape = self.previous, self.shape
        size = [self.draw(st.sampled_from([n, 1])) for n in shape]
        values = self.draw(st.sampled_from([{"values": 0.5}, {"rule": "ones"}]))
        settings = self.draw(st.sampled_from([{}, {"batched": True}, {"persistent": False}]))
        constant = self.op("buffer", {"size": size} | values | settings, [])
        if self.draw(st.integers(0, 3)) == 0:
            constant = self.op(self.draw(st.sampled_from(["exp", "layer_norm"])), {})
        self.op(self.draw(st.sampled_from(["add", "multiply"])), {}, [here, constant])

    def position_encoding(self) -> None:
        self.to((4, 6, 5))
        here = self.previous
        self.op("position_encoding2d", {"channels": 4 * self.draw(st.integers(1, 2))})
        there = self.op("conv2d", {"out": 4, "kernel": 1})
        self.op("add", {}, [here, there])

    def deformable(self) -> None:
        """A deformable convolution with offsets, and maybe a mask, from a convolution each."""
        if len(self.shape) != 3:
            self.to((4, 6, 5))
        here, channels = self.previous, self.shape[0]
        window = deformed_window(self.draw)
        taps = math.prod(window["kernel"]) * self.draw(st.sampled_from(divisors(channels)[:2]))
        sources = [here, self.op("conv2d", window | {"out": 2 * taps}, [here])]
        if self.draw(st.booleans()):
            sources.append(self.op("conv2d", window | {"out": taps}, [here]))
        groups = self.draw(st.sampled_from(divisors(channels)))
        given = {"out": groups * self.draw(st.integers(1, 3)), "groups": groups}
        self.op("deform_conv2d", window | given, sources)

    def attention(self, shape: Shape | None = None, bias: str = "") -> None:
        """Queries, keys and values of the same tokens, each by a projection of its own or all by
        one, and maybe a bias for every pair.
        """
        if shape is None and len(self.shape) < 2:
            self.to((5, 4))
        here, tokens = self.previous, self.shape[-2]
        heads = self.shapes[bias][-3] if bias else self.draw(st.integers(1, 3))
        keys, values = (heads * self.draw(st.integers(1, 2)) for _ in range(2))
        if self.draw(st.booleans()):
            parts = [self.op("linear", {"out": n}, [here]) for n in (keys, keys, values)]
        else:
            whole = self.op("linear", {"out": 2 * keys + values}, [here])
            parts = [
                self.op("slice", {"dim": -1, "start": a, "stop": b}, [whole])
                for a, b in ((0, keys), (keys, 2 * keys), (2 * keys, 2 * keys + values))
            ]
        if not bias and self.draw(st.booleans()):
            each = (
                list(self.shapes[here][:-2])
                if len(self.shapes[here]) == 3 and self.draw(st.booleans())
                else []
            )
            bias = self.op("parameter", {"size": [*each, heads, tokens, tokens]}, [])
        more: Settings = self.draw(st.sampled_from([{}, {}, {"scale": 0.5}, {"causal": True}]))
        if bias and "causal" in more:
            more = {}
        self.op("attention", {"heads": heads} | more, [*parts, bias] if bias else parts)

    def relative_position_bias(self) -> None:
        height, width = self.draw(st.integers(1, 2)), self.draw(st.integers(1, 3))
        heads = self.draw(st.integers(2, 3))
        self.to((height * width, 4))
        here = self.previous
        self.op("parameter", {"size": [(2 * height - 1) * (2 * width - 1), heads]}, [])
        settings = self.draw(st.sampled_from([{}, {"persistent": False}, {"index": "square"}]))
        bias = self.op("relative_position_bias", {"window": [height, width]} | settings)
        self.back(here)
        self.attention((height * width, 4), bias)

    def back(self, name: str) -> None:
        """Goes on from an earlier layer."""
        self.op("identity", {}, [name])

    def windows(self, masked: bool) -> None:
        """Windows cut out of a map, attention in them, and the map put together again."""
        window = self.draw(st.integers(2, 3))
        height, width = window * self.draw(st.integers(1, 2)), window * self.draw(st.integers(1, 2))
        self.to((height, width, 4))
        here = self.op("window_partition", {"window": window})
        if masked:
            settings = {
                "height": height,
                "width": width,
                "shift": self.draw(st.integers(1, window - 1)),
                "buffer": self.draw(st.booleans()),
            }
            mask = self.op("window_mask", settings)
            self.back(here)
            self.attention(self.shape, mask)
        if self.draw(st.booleans()):
            self.op("linear", {"out": 3})
        self.op("window_reverse", {"height": height, "width": width})

    # --- layers of layers ---

    def within(
        self,
        fill: Callable[[Body], None],
        scope: Scope | None = None,
        shape: Shape | None = None,
        headless: bool = False,
    ) -> Body:
        """Layers inside this one, all of which are used."""
        body = Body(
            self.draw,
            shape or self.shape,
            scope or self.scope,
            self.blocks,
            self.names,
            self.depth + 1,
        )
        body.headless = headless or self.headless
        fill(body)
        body.finish()
        return body

    def group(self, fill: Callable[[Body], None], keep: bool = False) -> str:
        """Layers under one name; `keep`: they give the shape that they get."""
        source, shape = self.previous, self.shape

        def filled(body: Body) -> None:
            fill(body)
            if keep:
                body.finish()
                body.to(shape)

        if self.depth < 2 and self.draw(st.booleans()):
            return self.block(filled)
        body = self.within(filled)
        return self.put(
            {"layers": body.written()}, body.shape, self.draw(st.sampled_from([None, [source]]))
        )

    def block(self, fill: Callable[[Body], None]) -> str:
        """The same as a block with parameters."""
        scope = Scope(self.draw, self.names)
        body = self.within(fill, scope)
        given = {name: value for name, value in scope.values.items() if self.draw(st.booleans())}
        name = f"b{len(self.blocks)}"
        self.blocks[name] = {
            "params": {key: None if key in given else value for key, value in scope.values.items()},
            "let": scope.lets,
            "layers": body.written(),
        }
        layer: Layer = {
            "block": name,
            "with": {
                key: self.scope.said(value) if type(value) is int else value
                for key, value in given.items()
            },
        }
        flat = isinstance(self.blocks[name]["layers"], dict) and self.draw(st.integers(0, 3)) == 0
        return self.put(layer | ({"flat": True} if flat else {}), body.shape)

    def repeated(self, fill: Callable[[Body], None]) -> None:
        name = self.group(fill, keep=True)
        layer = self.layers[name]
        if not layer.get("flat"):
            layer["repeat"] = self.scope.said(self.draw(st.integers(1, 3)))
            if self.draw(st.integers(0, 3)):  # mostly: a name is rare enough as it is
                layer["name"] = self.draw(
                    st.sampled_from(
                        [f"{name}_{{$index + 1}}", f"of{{$count}}_{name}_{{2 * $index}}"]
                    )
                )

    def again(self, fill: Callable[[Body], None]) -> None:
        """A group or a block, and one more of its kind with its weights."""
        name = self.group(fill, keep=True)
        layer = self.layers[name]
        if not layer.get("flat"):
            alike = {key: value for key, value in layer.items() if key != "from"}
            self.put(alike | {"share": name}, self.shape)

    def growing(self) -> None:
        """A repeat of one op, wider with every turn."""
        self.to((3, 5, 4))
        times, step = self.draw(st.integers(1, 4)), self.draw(st.integers(1, 2))
        self.put(
            {
                "op": "conv2d",
                "out": f"$channels + {step} * ($index + 1)",
                "kernel": 3,
                "padding": 1,
                "repeat": times,
            },
            (3 + step * times * (times + 1) // 2, 5, 4),
        )

    def residual(self, fill: Callable[[Body], None]) -> None:
        here = self.previous
        there = self.group(fill, keep=True)
        self.op("add", {}, [there, here])

    def branches(self, fill: Callable[[Body], None]) -> None:
        here, ends = self.previous, []
        for _ in range(self.draw(st.integers(2, 3))):
            body = self.within(fill, shape=self.shapes[here])
            if not self.layers or self.previous != here or self.draw(st.booleans()):
                self.put({"layers": body.written()}, body.shape, [here])
            else:
                self.put({"layers": body.written()}, body.shape)
            ends.append(self.row(self.previous))
        self.op("concat", {}, ends)

    def classic(self) -> None:
        """A residual block whose first turn strides and widens."""
        self.to((4, 6, 5))
        width, stride, times = (
            self.draw(st.integers(2, 5)),
            self.draw(st.integers(1, 2)),
            self.draw(st.integers(1, 3)),
        )
        self.blocks["classic"] = {
            "params": {"width": None, "stride": 1},
            "layers": {
                "conv": {
                    "op": "conv2d",
                    "out": "$width",
                    "kernel": 3,
                    "stride": "$stride",
                    "padding": 1,
                    "bias": False,
                },
                "bn": {"op": "batch_norm2d"},
                "shortcut": {
                    "op": "conv2d",
                    "from": "input",
                    "out": "$width",
                    "kernel": 1,
                    "stride": "$stride",
                    "when": "$stride != 1 or $channels != $width",
                },
                "add": {"op": "add", "from": ["bn", "shortcut"]},
            },
        }
        self.put(
            {
                "block": "classic",
                "repeat": times,
                "with": {"width": width},
                "first": {"stride": stride},
            },
            (width, (6 - 1) // stride + 1, (5 - 1) // stride + 1),
        )

    def threaded(self) -> None:
        """A block of two inputs and two outputs, each turn of which sees the last two."""
        self.to((3, 5, 4))
        self.blocks["cell"] = {
            "inputs": ["now", "before"],
            "layers": {
                "left": {
                    "op": "conv2d",
                    "from": "now",
                    "out": "$channels",
                    "kernel": 3,
                    "padding": 1,
                },
                "right": {
                    "op": "avg_pool2d",
                    "from": "before",
                    "kernel": 3,
                    "stride": 1,
                    "padding": 1,
                },
                "add": {"op": "add", "from": ["left", "right"]},
            },
            "output": ["add", "now"],
        }
        self.put(
            {
                "block": "cell",
                "repeat": self.draw(st.integers(1, 3)),
                "from": [self.previous, self.previous],
            },
            self.shape,
        )

    def dropped(self) -> None:
        """A layer that is not there."""
        self.put(
            {
                "op": "conv2d",
                "out": 3,
                "kernel": 99,
                "when": self.draw(
                    st.sampled_from([False, "$channels == 0", "not ($channels > 0)"])
                ),
            },
            self.shape,
        )

    def head(self, fill: Callable[[Body], None]) -> None:
        """An auxiliary head: what follows does not see it."""
        if self.headless:  # a head has no heads of its own
            return self.single("identity")
        body = self.within(fill, headless=True)
        self.used.add(self.previous)
        self.layers[next(self.names)] = {"aux": True, "layers": body.written()}
        self.fresh = False
        return None

    def shared(self) -> None:
        """The same weights twice."""
        self.to((4, 5, 3))
        settings: Layer = {"out": 4, "kernel": 3, "padding": 1}
        first = self.op("conv2d", settings)
        name = self.op("conv2d", settings)
        self.layers[name]["share"] = first

    def embedding(self) -> None:
        """A table, and one more input of the network to look up in it."""
        if self.depth:  # only the network itself sees its inputs
            return self.single("identity")
        name, rows = f"tokens{len(self.tokens)}", self.draw(st.integers(1, 9))
        dtype = self.draw(st.sampled_from(["int64", "int32"]))
        shape = self.draw(st.sampled_from([(1,), (5,), (2, 3)]))
        self.tokens[name] = {"shape": written(shape), "dtype": dtype, "below": rows}
        self.shapes[name] = shape
        settings: Settings = {"num": rows + self.draw(st.integers(0, 2)), "dim": 3}
        if self.draw(st.booleans()):
            settings["padding_idx"] = self.draw(st.integers(-rows, rows - 1))
        self.op("embedding", settings, [name])
        del self.shapes[name]
        return None

    def step(self, kinds: Any) -> None:
        """One layer, or layers of layers."""
        kind = self.draw(kinds)

        def few(body: Body) -> None:
            for _ in range(self.draw(st.integers(1, 2))):
                body.step(st.sampled_from([*MAKERS]) if body.depth > 1 else kinds)

        several: dict[str, Callable[[], Any]] = {
            **{name: partial(self.sum, name) for name in ("add", "multiply", *OF_TWO)},
            "concat": self.concat,
            "parted": self.parted,
            "matmul": self.matmul,
            "einsum": self.einsum,
            "parameter": self.parameter,
            "buffer": self.buffer,
            "position_encoding2d": self.position_encoding,
            "attention": self.attention,
            "deform_conv2d": self.deformable,
            "embedding": self.embedding,
            "relative_position_bias": self.relative_position_bias,
            "window_mask": lambda: self.windows(True),
            "window_reverse": lambda: self.windows(False),
            "group": lambda: self.group(few),
            "block": lambda: self.block(few),
            "repeat": lambda: self.repeated(few),
            "again": lambda: self.again(few),
            "growing": self.growing,
            "residual": lambda: self.residual(few),
            "branches": lambda: self.branches(few),
            "classic": self.classic,
            "threaded": self.threaded,
            "dropped": self.dropped,
            "head": lambda: self.head(few),
            "shared": self.shared,
        }
        several[kind]() if kind in several else self.single(kind)


STRUCTURES = (
    "parted",
    "group",
    "block",
    "repeat",
    "again",
    "growing",
    "residual",
    "branches",
    "classic",
    "threaded",
    "dropped",
    "head",
    "shared",
)
KINDS = st.one_of(st.sampled_from([*OPS]), st.sampled_from([*OPS]), st.sampled_from(STRUCTURES))


@st.composite
def specs(draw: Draw, wanted: str | None = None) -> dict[str, Any]:
    """A spec with this op in it, or with any, as plain data."""
    wanted = wanted or draw(st.sampled_from([*OPS]))
    shape: Shape = draw(INPUTS)
    names = (f"l{n}" for n in count())
    scope, blocks = Scope(draw, names), dict[str, Any]()
    body = Body(draw, shape, scope, blocks, names)
    steps = draw(st.lists(st.sampled_from(["any"]), max_size=3))
    steps.insert(draw(st.integers(0, len(steps))), "wanted")
    for step in steps:
        body.step(st.just(wanted) if step == "wanted" else KINDS)
    spec: dict[str, Any] = {"name": "generated", "input": written(shape)}
    if body.tokens:
        spec["inputs"] = {"input": spec.pop("input"), **body.tokens}
    loose = [
        name
        for name in body.shapes
        if name not in body.used and name not in (body.previous, "input")
    ]
    if loose and draw(st.booleans()):
        spec["output"] = [*loose, body.previous]
    else:
        body.finish()
    if scope.values:
        spec |= {"params": scope.values, "let": scope.lets}
    if blocks:
        spec["blocks"] = blocks
    return {**spec, "layers": body.written()}


def text_of(spec: dict[str, Any]) -> str:
    """The spec as YAML."""
    text: str = yaml.dump(
        spec,
        Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper),
        sort_keys=False,
        width=1000,
        default_flow_style=None,
    )
    return text
