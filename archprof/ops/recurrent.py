"""Recurrent layers over N×C, one step for each row: lstm, gru, rnn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from archprof.autograd.layout import Layout, contiguous, permuted, viewed
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.answers import Cost, Saved, Weight, Working, product
from archprof.ops.base import Op, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.rates import PER_UNIT_AND_STEP
from archprof.ops.reading import New, Reading
from archprof.ops.recurrent_kernel import in_one_kernel
from archprof.ops.settings import boolean, choice, positive, probability, setting

_FIRST_INPUT = "weight_ih_l0"


class Cell(NamedTuple):
    """One layer in one direction: what torch's names of its weights end in, and the features that
    it is given.
    """

    suffix: str
    features: int


class Recurrent(Op):
    """What the recurrent layers have in common; `gates`: how many each unit has."""

    family: ClassVar[Family] = "linear"
    gates: ClassVar[int]

    hidden: int = setting(positive, about="Units of each direction: torch's hidden_size.")
    num_layers: int = setting(positive, 1, about="Layers one above the other.")
    bias: bool = setting(
        boolean, True, about="Whether each gate has two learned biases, for input and for state."
    )
    bidirectional: bool = setting(
        boolean, False, about="Whether another direction reads the steps backwards beside it."
    )
    dropout: float = setting(
        probability, 0.0, about="How much training drops of what goes on to the next layer."
    )

    @property
    def directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def counts_depth(self) -> int:  # type: ignore[override]
        return self.num_layers

    @property
    def draws(self) -> bool:  # type: ignore[override]
        return self.dropout > 0 and self.num_layers > 1

    @property
    def rate(self) -> int:
        """FLOPs per unit and step beside products and biases."""
        return PER_UNIT_AND_STEP[self.name]

    def output_shape(self, *inputs: Shape) -> Shape:
        shape = inputs[0]
        if len(shape) != 2:
            raise ShapeError(
                f"{self.name} needs steps x features, found {product(shape)}",
                "of one step: reshape it to 1xC; of an image: reshape and permute it to tokens",
            )
        return shape[0], self.directions * self.hidden

    def _cells(self, features: int) -> Iterator[Cell]:
        """Yield the layers' directions in torch's order."""
        for layer in range(self.num_layers):
            given = features if layer == 0 else self.directions * self.hidden
            yield Cell(f"l{layer}", given)
            if self.bidirectional:
                yield Cell(f"l{layer}_reverse", given)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        result = {}
        rows = self.gates * self.hidden
        for cell in self._cells(inputs[0][1]):
            result[f"weight_ih_{cell.suffix}"] = Weight((rows, cell.features))
            result[f"weight_hh_{cell.suffix}"] = Weight((rows, self.hidden))
            if self.bias:
                result[f"bias_ih_{cell.suffix}"] = Weight((rows,))
                result[f"bias_hh_{cell.suffix}"] = Weight((rows,))
        return result

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        steps, features = inputs[0]
        rows, cells = self.gates * self.hidden, list(self._cells(features))
        macs = steps * sum(rows * (cell.features + self.hidden) for cell in cells)
        biases = 2 * rows if self.bias else 0
        beside = steps * len(cells) * (biases + self.rate * self.hidden)
        return Cost(macs, 2 * macs + beside, fvcore=0)  # which does not know them

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        # in one direction a step reads all before it: no two read as many
        return ((New(), New()) if self.bidirectional else None,)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...] | None:
        return None

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        samples, steps, features = shape
        return permuted(contiguous((steps, samples, features)), (1, 0, 2))  # step by step

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        steps, features = inputs[0]
        names = {
            "T": steps,
            "In": features,
            "H": self.hidden,
            "G": self.gates,
            "D": self.directions,
            "L": self.num_layers,
            "Rate": self.rate,
        }
        biases = " + 2" if self.bias else ""
        params, macs = f"D*G*H*(In + H{biases})", "D*G*H*(In + H)*T"
        if self.num_layers > 1:
            params += f" + (L - 1)*D*G*H*(D*H + H{biases})"
            macs += " + (L - 1)*D*G*H*(D*H + H)*T"
        of_unit = "2*G + Rate" if self.bias else "Rate"
        return {
            "features": Working("D*H", names),
            "params": Working(params, names),
            "macs": Working(macs, names),
            "flops": Working(f"2*({macs}) + L*D*({of_unit})*H*T", names),
        }

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return in_one_kernel(self, run, inputs[0], weights, shape)

    def _arguments(self, features: int) -> tuple[tuple[int, int], dict[str, Any]]:
        """Return the arguments of torch's module."""
        return (features, self.hidden), {
            "num_layers": self.num_layers,
            "bias": self.bias,
            "dropout": self.dropout,
            "bidirectional": self.bidirectional,
        }


class Lstm(Recurrent):
    """Long short-term memory over N×C, one step for each row: the states of all steps, N×H,
    torch.nn.LSTM with batch_first.

    Per step i, f, o = sigmoid(W x + U h + b), g = tanh(W x + U h + b), c = f*c + i*g and
    h = o*tanh(c). What autograd keeps of it is a kernel's own, and unknown. The last state of one
    direction is `select` with `index: -1`.
    https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
    """

    name: ClassVar[str] = "lstm"
    gates: ClassVar[int] = 4

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        values, named = self._arguments(inputs[0][1])
        return torch.nn.SequenceLSTM(*values, **named)


class CellByCell(Recurrent):
    """A recurrent layer that torch computes cell by cell on the CPU, so that it is known what
    autograd keeps; `kept`: the elements per unit and step, beside the state before the step;
    `at_work`: those that a step makes until its state is there.
    """

    kept: ClassVar[int]
    at_work: ClassVar[int]

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        steps, features = output
        inner = self.num_layers - 1
        names = list(self.weights(*inputs))
        per_step = self.num_layers * features  # units of all layers and directions
        items = [
            Saved("input", for_weights=(name,)) for name in names if name.startswith(_FIRST_INPUT)
        ]
        items += [
            Saved("own", elements=self.kept * per_step * steps),
            # the states before each step, of which the first are zeros
            Saved("own", elements=self._states(per_step, steps), for_weights=_of(names, "_hh_")),
        ]
        if inner:
            given = Saved("own", elements=inner * steps * features)
            items.append(given._replace(for_weights=_of(names, "_ih_l", but=_FIRST_INPUT)))
            items += [given] if self.dropout else []  # which elements it drops
        return tuple(items)

    def _states(self, units: int, steps: int) -> int:
        """Return the elements of states that are kept apart from `kept`."""
        return units * steps

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        # RNN.cpp in torch's aten/src/ATen/native: all products with the input first, then step by
        # step, then the states side by side
        samples, steps, features = shape
        lies_by_steps = permuted(inputs[0], (1, 0, 2)).contiguous
        most = 0
        for layer in range(self.num_layers):
            # the first states, the layer's input and the last states of the layers before
            held = self.num_layers * self.directions + layer * self.directions
            held += steps * self.directions if layer else 0
            products, states = self.gates * steps, 0
            if self.bidirectional:  # the other direction's states, one by one and side by side
                states = 2 * steps
            phases = [
                held + states + products + steps - 1 + self.at_work,
                held + 2 * states + products + (0 if states else steps) + steps * self.directions,
            ]
            if layer == 0 and not lies_by_steps:
                before = held + states + (products if self.bidirectional else 0)
                phases.append(before + products * (2 if self.bias else 1))
            most = max(most, max(phases) * self.hidden)
        return samples * max(0, most - steps * features) * itemsize

    def copied(self, item: Saved, inputs: tuple[Layout, ...]) -> int:
        # the product with the input's weights is of a matrix: the rows of all steps
        layout = permuted(inputs[0], (1, 0, 2))
        steps, samples, features = layout.shape
        as_it_lies = viewed(layout, (steps * samples, features)) is not None
        return 0 if as_it_lies else steps * samples * features


def _of(names: Sequence[str], part: str, but: str = "-") -> tuple[str, ...]:
    """Return the names that have a part, but for those that begin otherwise."""
    return tuple(name for name in names if part in name and not name.startswith(but))


class Gru(CellByCell):
    """A gated recurrent unit over N×C, one step for each row: the states of all steps, N×H,
    torch.nn.GRU with batch_first.

    Per step r, z = sigmoid(W x + U h + b), n = tanh(W x + r*(U h + b)), h = (1 - z)*n + z*h.
    The last state of one direction is `select` with `index: -1`.
    https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html
    """

    name: ClassVar[str] = "gru"
    gates: ClassVar[int] = 3
    # the products with the state, r and z and n, z's two factors: 3 + 1 + 1 + 1
    kept: ClassVar[int] = 6
    at_work: ClassVar[int] = 5  # the products with the state, n, z's factor

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        values, named = self._arguments(inputs[0][1])
        return torch.nn.SequenceGRU(*values, **named)


class Rnn(CellByCell):
    """A plain recurrent layer over N×C, one step for each row: the states of all steps, N×H,
    torch.nn.RNN with batch_first.

    Per step h = tanh(W x + U h + b), or relu of it. The last state of one direction is `select`
    with `index: -1`. https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html
    """

    name: ClassVar[str] = "rnn"
    gates: ClassVar[int] = 1
    kept: ClassVar[int] = 1  # the state, which is the function's result
    at_work: ClassVar[int] = 2  # the product with the state, the new state

    nonlinearity: str = setting(
        choice("tanh", "relu"), "tanh", about="The function that makes a unit's next state."
    )

    def _states(self, units: int, steps: int) -> int:
        return units  # those before the first step: the others are kept as results

    @property
    def rate(self) -> int:
        return PER_UNIT_AND_STEP[f"{self.name}_{self.nonlinearity}"]

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        values, named = self._arguments(inputs[0][1])
        return torch.nn.SequenceRNN(*values, nonlinearity=self.nonlinearity, **named)
