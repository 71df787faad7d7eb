"""The inputs of an ONNX file, each with a size for one sample."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from archprof.capturing.inputs import is_input_name
from archprof.capturing.onnx.values import Known
from archprof.problem import Mark, Problem, ProblemError, nearest

Shape = tuple[int, ...]

_BATCH = frozenset({"n", "b", "bs"})
"""What the batch is called where it is the only dimension."""


class FileInput(NamedTuple):
    """An input as the file states it: a size, or a name for one that it leaves open."""

    name: str
    elem: int
    sizes: tuple[int | str, ...] | None

    def shown(self) -> str:
        if self.sizes is None:
            return "a tensor of any shape"
        return "x".join(str(n) or "?" for n in self.sizes)


def inputs(model: Any, given: Mapping[str, Shape], file: str) -> tuple[list[Known], dict[str, int]]:
    """Return the inputs of a model, pictures first, with the sizes `given` by name, and what the
    names are that the file has for sizes.

    The name "" is that of the first input without a size of its own. A size that the file leaves
    open is 1 where it is the batch: the first of several dimensions, and one named so. Up to
    version 3 a file lists its weights among the inputs: these are left out.

    Raises ProblemError for a size that is not known, a fixed batch, or a name that is not an
    input's.
    """
    stated = _inputs_of(model, file)
    given = _by_name(given, [each.name for each in stated], file)
    sizes: dict[str, int] = {}
    for each in stated:
        if each.name in given:
            _bind(each, _with_batch(each, given[each.name]), sizes)
    for each in stated:
        if each.sizes and len(each.sizes) > 1:
            _bind(each, (1,), sizes)  # the batch, and what else has its name
    problems = []
    found = []
    for each in stated:
        shape = _shape(each, given.get(each.name), sizes)
        problem = None if each.name in given else _wrong(each, shape, file)
        if problem:
            problems.append(problem)
        found.append(Known(each.name, each.elem, shape))
        _bind(each, shape, sizes)
    if problems:
        raise ProblemError(problems)
    return sorted(found, key=lambda known: len(known.shape or ()) < 4), sizes


def _inputs_of(model: Any, file: str) -> list[FileInput]:
    """Return the inputs that are not weights. Raises ProblemError for a name that is not text."""
    weights = {tensor.name for tensor in model.graph.initializer}
    weights |= {tensor.values.name for tensor in model.graph.sparse_initializer}
    found = [_stated(each) for each in model.graph.input if each.name not in weights]
    if not all(isinstance(each.name, str) for each in found):
        raise ProblemError.of(Mark(file), "file", "the name of an input is not in UTF-8")
    return found


def _by_name(given: Mapping[str, Shape], names: list[str], file: str) -> dict[str, Shape]:
    """Return the sizes that were given, that of no name under the first input's without one.

    Raises ProblemError for a name that is not an input's.
    """
    first = next((name for name in names if name not in given), "")
    found = {name or first: shape for name, shape in given.items()}
    for name in found:
        if name not in names:
            hint = nearest(name, names, "inputs")
            raise ProblemError.of(Mark(file), "input", f"no input is called `{name}`", hint)
    return found


def stated_shapes(
    values: Iterable[Any], sizes: Mapping[str, int]
) -> dict[str, tuple[int, Shape | None]]:
    """Return what a file states of values by name: the dtype's number, and the shape if it is whole
    with the sizes that are known.
    """
    found: dict[str, tuple[int, Shape | None]] = {}
    for value in values:
        stated = _stated(value)
        found[stated.name] = stated.elem, _shape(stated, None, sizes)
    return found


def _stated(value: Any) -> FileInput:
    kind = value.type.tensor_type
    if not value.type.HasField("tensor_type") or not kind.HasField("shape"):
        return FileInput(value.name, kind.elem_type, None)
    sizes: list[int | str] = []
    for dim in kind.shape.dim:
        sizes.append(dim.dim_value if dim.dim_value > 0 else dim.dim_param)
    return FileInput(value.name, kind.elem_type, tuple(sizes))


def _with_batch(stated: FileInput, given: Shape) -> Shape:
    """Return the size that was asked for; the batch may be left out."""
    if stated.sizes is not None and len(given) == len(stated.sizes) - 1:
        return (1, *given)
    return given


def _bind(stated: FileInput, given: Shape | None, sizes: dict[str, int]) -> None:
    """Note the sizes that a given shape says of what the file only names."""
    if given is None or stated.sizes is None:
        return
    for name, size in zip(stated.sizes, given, strict=False):
        if isinstance(name, str) and name:
            sizes.setdefault(name, size)


def _shape(stated: FileInput, given: Shape | None, sizes: Mapping[str, int]) -> Shape | None:
    if given is not None:
        return _with_batch(stated, given)
    if stated.sizes is None:
        return None
    found = [_size(stated.sizes, place, sizes) for place in range(len(stated.sizes))]
    known = tuple(size for size in found if size is not None)
    return known if len(known) == len(found) else None


def _size(stated: tuple[int | str, ...], place: int, sizes: Mapping[str, int]) -> int | None:
    size = stated[place]
    if isinstance(size, int):
        return size
    if size in sizes:
        return sizes[size]
    name = size.lower()
    if name.startswith("batch"):
        return 1
    first = place == 0 and (len(stated) > 1 or name in _BATCH)
    return 1 if first else None


def _wrong(stated: FileInput, shape: Shape | None, file: str) -> Problem | None:
    mark = Mark(file)
    if shape is None:
        message = f"the size of the input `{stated.name}` is left open: {stated.shown()}"
        return Problem(mark, "input", message, f"--input {_option(stated, _example(stated))}")
    if len(shape) >= 4 and shape[0] > 1:
        message = f"the input `{stated.name}` has a fixed batch of {shape[0]}: {stated.shown()}"
        hint = (
            "export it with a batch of 1 or an open one; --input "
            f"{_option(stated, 'x'.join(map(str, shape)))} takes all {shape[0]} as one sample"
        )
        return Problem(mark, "input", message, hint)
    return None


def _option(stated: FileInput, sizes: str) -> str:
    """Return what `--input` takes: by name where the option can have it, else in order."""
    return f"{stated.name}={sizes}" if is_input_name(stated.name) else sizes


def _example(stated: FileInput) -> str:
    """Return sizes that could be meant, without the batch: a picture's for four dimensions."""
    usual = [1, 3, 224, 224]
    sizes = stated.sizes
    if sizes is None or len(sizes) < 2:
        return "3x224x224"
    if len(sizes) != 4:
        usual = [1] + [16] * (len(sizes) - 1)
    elif sizes[-1] == 3:
        usual = [1, 224, 224, 3]
    filled = (n if isinstance(n, int) else other for n, other in zip(sizes, usual, strict=False))
    return "x".join(map(str, list(filled)[1:]))
