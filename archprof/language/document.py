"""The records of a spec: networks, blocks and layers, each of which knows its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from archprof.language.comprehension import Scope
from archprof.language.expression import Clause, Expression
from archprof.language.functions import ExpressionError, bounded
from archprof.problem import Mark
from archprof.record import NOTHING, Record

if TYPE_CHECKING:
    from archprof.language.budget_conditions import Stated
    from archprof.language.names_read import TurnReaders

BUILT_IN = ("channels", "shape", "index", "count")
"""Values that every layer's expressions see: the channels and the shape of its input, the number of
a repeat's turn from 0, and how many turns there are.
"""

EXPECTABLE = (
    "params",
    "buffers",
    "macs",
    "flops",
    "depth",
    "weight_bytes",
    "peak_inference_bytes",
    "saved_bytes",
    "output",
    "receptive_field",
)
"""What `expect:` may state."""


class Template(NamedTuple):
    """A value of a spec: plain data where it is constant, otherwise to be evaluated.

    That is an Expression, or a list or dict with a Template in it somewhere.
    """

    data: Any
    mark: Mark
    constant: bool

    def evaluate(self, scope: Scope) -> Any:
        """Return the plain value, not to be changed. Raises ExpressionError."""
        if self.constant:
            return self.data
        try:
            if isinstance(self.data, Expression):
                return self.data(scope)
            if isinstance(self.data, list):
                return bounded([item.evaluate(scope) for item in self.data])
            return {key: item.evaluate(scope) for key, item in self.data.items()}
        except ExpressionError as error:
            error.at = error.at or self
            raise

    def plain(self) -> Any:
        """Return a constant's value, or an expression's text."""
        return _plain(self.data)


def _plain(data: Any) -> Any:
    if isinstance(data, Template):
        return _plain(data.data)
    if isinstance(data, list):
        return [_plain(item) for item in data]
    if isinstance(data, dict):
        return {key: _plain(item) for key, item in data.items()}
    return data.text if isinstance(data, Expression) else data


class Reference(NamedTuple):
    """A layer named in `from`, `output` or `share`: `conv1`, `encoder2.relu`, `previous`."""

    parts: tuple[str, ...]
    mark: Mark

    def __str__(self) -> str:
        return ".".join(self.parts)


class ComputedReference(Record):
    """`path_{$j}_{$i} for j in range($n)`: layers whose names are computed.

    `parts` are texts and expressions in turn; `loops` name a layer in each turn, and `test` leaves
    it out where it is false.
    """

    text: str
    parts: tuple[str | Expression, ...]
    loops: Clause | None
    test: Template | None
    mark: Mark

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """All that is to be evaluated."""
        behind = self.test.data if self.test else self.loops
        return tuple(part for part in (*self.parts, behind) if isinstance(part, Expression))

    def __str__(self) -> str:
        return self.text


AnyReference: TypeAlias = "Reference | ComputedReference"


class NamePattern(Record):
    """`denselayer{$index + 1}`: texts and expressions in turn, for the name of a repeat."""

    parts: tuple[str | Expression, ...]
    mark: Mark


class Body(Record):
    """Layers in order.

    `numbered`: written as a list, so that paths count from 0 like nn.Sequential.
    """

    layers: tuple[Layer, ...]
    numbered: bool
    output: tuple[AnyReference, ...] | None
    mark: Mark


class Layer(Record):
    """One entry of a body: an op, a block, a whole shipped network, or a group of layers.

    `key` is None in a list. `target` names the op, block or network; `body` is set for a group.
    """

    key: str | None
    mark: Mark
    target_kind: str  # op, block, network or layers
    target: Template | None = None
    body: Body | None = None
    # an op's settings, or a block's `with`
    settings: Mapping[str, Template] = NOTHING
    marks: Mapping[str, Mark] = NOTHING  # of each setting's key
    first: Mapping[str, Template] = NOTHING
    sources: tuple[AnyReference, ...] | None = None
    when: Template | None = None
    repeat: Template | None = None
    parallel: bool = False  # each turn of the repeat takes what the layer takes
    name: NamePattern | None = None
    flat: bool = False
    aux: bool = False
    shape: Template | None = None
    share: AnyReference | None = None
    init: Template | None = None
    frozen: Template | None = None  # None: as what is around it; a list: of these parameters

    @property
    def plain_name(self) -> str:
        """Its `name` where that is plain text, and not the pattern of a repeat; "" elsewhere."""
        if self.name is None or self.repeat is not None:
            return ""
        parts = [part for part in self.name.parts if isinstance(part, str)]
        return "".join(parts) if len(parts) == len(self.name.parts) else ""

    @property
    def hidden(self) -> bool:
        return False  # what somebody wrote down is shown

    @property
    def unused(self) -> bool:
        return False

    @property
    def operation(self) -> int:
        return -1

    @property
    def remarks(self) -> tuple[str, ...]:
        return ()

    @property
    def plays(self) -> None:
        return None

    @property
    def calls(self) -> tuple[int, ...]:
        return ()

    @property
    def states_shape(self) -> bool:
        """Whether it has a `shape:`, to be compared with the computed one."""
        return self.shape is not None

    def setting_mark(self, name: str) -> Mark | None:
        """Return where a setting's value is written, None where it is not."""
        return self.settings[name].mark if name in self.settings else None


class StatedBudget(Record):
    """Limits of a network by name, and the conditions under which they hold, in the place of those
    of a check.
    """

    limits: Mapping[str, Template]
    conditions: Stated = ()


def stated_limits(budgets: Iterable[StatedBudget]) -> dict[tuple[str, Stated], Template]:
    """Return the limits of budgets by name and conditions; of two that are alike the last."""
    return {
        (name, budget.conditions): limit
        for budget in budgets
        for name, limit in budget.limits.items()
    }


class Block(Record):
    """A named piece of a network with parameters.

    With `rest` the last of its inputs is all that it is given beyond the others, nothing as well.
    """

    name: str
    mark: Mark
    inputs: tuple[str, ...]
    params: dict[str, Template | None]  # None: required
    lets: dict[str, Template]
    body: Body
    budget: Mapping[str, Template] = NOTHING
    rest: bool = False

    @property
    def written_inputs(self) -> tuple[str, ...]:
        """Its inputs as the spec has them."""
        return (*self.inputs[:-1], f"{self.inputs[-1]}...") if self.rest else self.inputs


class Variant(Record):
    """A named network of a family: values for its parameters, and statements of its own."""

    name: str
    mark: Mark
    values: dict[str, Template]
    marks: dict[str, Mark]
    about: dict[str, Template]  # title, source, year, input, expect, aliases, budget


class Document(Record):
    """One spec file; `homes` are the documents of `use:`, by the blocks that come from them."""

    path: Path
    file: str
    text: str
    name: str
    mark: Mark
    about: dict[str, Template]
    params: dict[str, Template | None]
    lets: dict[str, Template]
    blocks: dict[str, Block]
    homes: dict[str, Document]  # of blocks that `use:` brought in
    body: Body | None
    variants: dict[str, Variant]
    init: Template | None

    @cached_property
    def turn_readers(self) -> TurnReaders:
        """Which of its blocks read the turn of a repeat that they are used in."""
        from archprof.language.names_read import TurnReaders

        return TurnReaders()

    def texts(self) -> dict[str, str]:
        """Return the text of every file that plays a part, by the name messages call it."""
        found: dict[str, str] = {}
        waiting = [self]
        while waiting:
            document = waiting.pop()
            if document.file not in found:
                found[document.file] = document.text
                waiting += document.homes.values()
        return found
