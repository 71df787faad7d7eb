"""The states in which tensors arrive at parts, as numbers of a register."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from archprof.autograd.layout import Layout
from archprof.column import Column
from archprof.graph.state import Along, Lying, State
from archprof.ops.elements import Elements
from archprof.sweeping.composing.keys import Array


class StateForm(NamedTuple):
    """What of a state is not a number: states of one form differ in their numbers alone."""

    rank: int
    given: tuple[bool, bool]  # in evaluation and in training
    trains: tuple[bool, bool]
    kept: bool
    elements: Elements
    dims: tuple[tuple[int, ...], ...]
    axes: tuple[Along, ...]


def form_of(state: State) -> StateForm:
    """Return the form of a state."""
    both = state.evaluation, state.training
    return StateForm(
        len(state.shape),
        (both[0].given, both[1].given),
        (both[0].layout.trains, both[1].layout.trains),
        state.kept,
        state.elements,
        state.dims,
        state.axes,
    )


def numbers_of(state: State) -> list[Any]:
    """Return the numbers of a state: its shape, in evaluation and in training its strides and the
    bytes of its storage, and the units of its fields.
    """
    found = [*state.shape]
    for lying in (state.evaluation, state.training):
        found += [*lying.layout.strides, lying.bytes]
    return [*found, *state.units]


def state_of(form: StateForm, numbers: list[Any], batch: int) -> State:
    """Return the state of a form with these numbers, which may be columns."""
    rank = form.rank
    shape = tuple(numbers[:rank])
    lying = []
    for mode in range(2):
        first = rank + mode * (rank + 2)
        strides, size = tuple(numbers[first : first + rank + 1]), numbers[first + rank + 1]
        layout = Layout((batch, *shape), strides, form.trains[mode])
        lying.append(Lying(layout, size, form.given[mode]))
    units = tuple(numbers[rank + 2 * (rank + 2) :])
    return State(shape, lying[0], lying[1], form.kept, form.elements, form.dims, form.axes, units)


class States:
    """A register of states: a code for each, from 0 on."""

    def __init__(self, batch: int):
        self.batch = batch
        self.forms: list[StateForm] = []
        self._codes: dict[tuple[int, bytes], int] = {}
        self._form: list[int] = []  # by code
        self._numbers: list[bytes] = []

    def __len__(self) -> int:
        return len(self._form)

    def codes(self, state: State, count: int) -> Array:
        """Return the codes of the states of `count` rows, whose numbers are columns, or plain where
        all rows have the same.
        """
        form = form_of(state)
        if form not in self.forms:
            self.forms.append(form)
        place = self.forms.index(form)
        rows = np.empty((count, len(numbers_of(state))), np.int64)
        for i, value in enumerate(numbers_of(state)):
            rows[:, i] = value.rows if type(value) is Column else value
        width = rows.shape[1] * rows.itemsize
        data = rows.tobytes()
        found = np.empty(count, np.int64)
        for i in range(count):
            found[i] = self._code(place, data[i * width : (i + 1) * width])
        return found

    def _code(self, form: int, numbers: bytes) -> int:
        code = self._codes.setdefault((form, numbers), len(self._form))
        if code == len(self._form):
            self._form.append(form)
            self._numbers.append(numbers)
        return code

    def by_form(self, codes: Array) -> list[tuple[StateForm, Array, Array]]:
        """Return for each form that these codes have: which of them have it, and the numbers of
        their states, a row for each.
        """
        known, places = np.unique(codes, return_inverse=True)
        forms = np.array([self._form[code] for code in known.tolist()])[places]
        found = []
        for form in np.unique(forms).tolist():
            rows = np.flatnonzero(forms == form)
            own, inside = np.unique(codes[rows], return_inverse=True)
            data = b"".join(self._numbers[code] for code in own.tolist())
            numbers = np.frombuffer(data, np.int64).reshape(len(own), -1)
            found.append((self.forms[form], rows, numbers[inside]))
        return found
