"""Tapes read from JSON, of which nothing is believed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from archprof.capturing.tape import (
    ITEMSIZES,
    MAX_SIZE,
    ModuleCall,
    Operation,
    StateEntry,
    StoppedAt,
    Tape,
    Tensor,
    TensorRef,
)
from archprof.capturing.tape_writer import VERSION
from archprof.language.reading import Unsafe, read_bytes
from archprof.ops.base import shown
from archprof.problem import Mark, ProblemError

MAX_BYTES = 128 * 2**20
MAX_DEPTH = 16  # of lists in an argument
MAX_RANK = 16
MAX_NESTED = 100  # module calls in each other
MAX_WHOLE = 10**12  # of a stride, a line
MAX_TEXT = 1_000


def read_tape(path: Path) -> Tape:
    """Return the tape of a file. Raises ProblemError for what is none."""
    try:
        content = read_bytes(path, MAX_BYTES)
    except Unsafe as error:
        raise ProblemError.of(Mark(str(path)), "file", str(error.strerror), error.hint) from None
    except FileNotFoundError:
        raise ProblemError.of(Mark(str(path)), "file", "there is no such file") from None
    except (OSError, ValueError) as error:
        raise ProblemError.of(Mark(str(path)), "file", f"it cannot be read: {error}") from None
    if len(content) > MAX_BYTES:
        raise ProblemError.of(Mark(str(path)), "file", f"it is larger than {MAX_BYTES} bytes")
    return tape_of(content, str(path))


def tape_of(content: bytes, file: str) -> Tape:
    """Return the tape that bytes are. Raises ProblemError."""
    try:
        data = json.loads(content)
    except json.JSONDecodeError as error:
        mark = Mark(file, error.lineno, error.colno)
        raise _no_tape(mark, f"it is not JSON: {error.msg}") from None
    except (ValueError, RecursionError):
        raise _no_tape(Mark(file), "it is not JSON") from None
    if not isinstance(data, dict) or "archprof_tape" not in data:
        raise _no_tape(Mark(file), "it has no `archprof_tape`")
    version = data["archprof_tape"]
    if type(version) is not int or version != VERSION:
        message = f"it is a tape of version {shown(version)}, expected {VERSION}"
        hint = "capture it again with this archprof, or use the one that wrote it"
        raise ProblemError.of(Mark(file), "tape", message, hint)
    found = _Reader(file, data).tape()
    training = data.get("training")
    if training is None:
        return found
    if not isinstance(training, dict):
        raise _no_tape(Mark(file), "its `training` is not a tape")
    return found.replaced(training=_Reader(file, training).tape())


def _no_tape(mark: Mark, message: str) -> ProblemError:
    hint = f"`archprof capture TARGET -o {Path(mark.file).name[:40]}` writes one"
    return ProblemError.of(mark, "tape", message, hint)


class _Reader:
    """Reads the data of a tape, piece by piece, and says where it is not one."""

    def __init__(self, file: str, data: dict[str, Any]):
        self.file, self.data = file, data
        self.place = ""
        self.nested: list[int] = []  # by the number of a module call, in how many others it is

    def tape(self) -> Tape:
        tensors = tuple(self._each("tensors", self._tensor))
        self.count = len(tensors)
        modules = tuple(self._each("modules", self._module))
        self.calls = len(modules)
        self.files = [self._text(each) for each in self._entries("files")]
        operations = tuple(self._each("operations", self._operation))
        self.place = "inputs"
        inputs = {
            self._text(name): self._tensor_number(number)
            for name, number in self._mapping("inputs").items()
        }
        self.place = "outputs"
        outputs = tuple(self._tensor_number(number) for number in self._entries("outputs"))
        weights = self._weights()
        arguments = self._mapping("arguments")
        return Tape(
            self._stated("name"),
            self._stated("heading"),
            inputs,
            outputs,
            tensors,
            weights,
            modules,
            operations,
            arguments={
                self._text(name): self._argument(value) for name, value in arguments.items()
            },
            made_by=self._stated("made_by"),
            stopped=self._stopped(self.data.get("stopped"), outputs),
        )

    # --- pieces ---

    def _stated(self, name: str) -> str:
        self.place = name
        return self._text(self.data.get(name, ""))

    def _entries(self, name: str) -> list[Any]:
        self.place = name
        found = self.data.get(name)
        if not isinstance(found, list):
            raise self._wrong(found, "a list")
        return found

    def _each(self, name: str, read: Any) -> Any:
        for i, entry in enumerate(self._entries(name)):
            self.place = f"{name}[{i}]"
            yield read(entry)

    def _mapping(self, name: str) -> dict[str, Any]:
        self.place = name
        found = self.data.get(name)
        if not isinstance(found, dict):
            raise self._wrong(found, "a mapping")
        return found

    def _list_of(self, entry: Any, count: int) -> list[Any]:
        if not isinstance(entry, list) or len(entry) != count:
            raise self._wrong(entry, f"a list of {count}")
        return entry

    def _tensor(self, entry: Any) -> Tensor:
        shape, dtype, strides, storage = self._list_of(entry, 4)
        if not isinstance(dtype, str) or dtype not in ITEMSIZES:
            raise self._wrong(dtype, "torch's name of a dtype")
        sizes, apart = self._sizes(shape, MAX_SIZE), self._sizes(strides, MAX_WHOLE)
        if len(sizes) != len(apart):
            raise self._wrong(entry, "a stride for each dimension")
        return Tensor(sizes, dtype, apart, self._whole(storage, -1))

    def _sizes(self, found: Any, most: int) -> tuple[int, ...]:
        if not isinstance(found, list) or len(found) > MAX_RANK:
            raise self._wrong(found, f"a list of at most {MAX_RANK} whole numbers")
        return tuple(self._whole(n, 0, most) for n in found)

    def _whole(self, found: Any, least: int, most: int = MAX_WHOLE) -> int:
        if type(found) is not int or not least <= found <= most:
            raise self._wrong(found, f"a whole number from {least} to {most}")
        return found

    def _text(self, found: Any) -> str:
        if not isinstance(found, str) or len(found) > MAX_TEXT:
            raise self._wrong(found, f"a text of at most {MAX_TEXT} characters")
        return found

    def _flag(self, found: Any) -> bool:
        if type(found) is not bool:
            raise self._wrong(found, "true or false")
        return found

    def _tensor_number(self, found: Any) -> int:
        return self._whole(found, 0, self.count - 1)

    def _module(self, entry: Any) -> ModuleCall:
        path, kind, parent = self._list_of(entry, 3)
        # a call is written behind the one that it is in, so that there is no circle
        around = self._whole(parent, -1, len(self.nested) - 1)
        self.nested.append(self.nested[around] + 1 if around >= 0 else 0)
        if self.nested[-1] > MAX_NESTED:
            raise self._wrong(entry, f"at most {MAX_NESTED} module calls in each other")
        return ModuleCall(self._text(path), self._text(kind), around)

    def _operation(self, entry: Any) -> Operation:
        operator, arguments, outputs, module, file, line = self._list_of(entry, 6)
        if not isinstance(arguments, dict) or not isinstance(outputs, list):
            raise self._wrong(entry, "arguments and outputs")
        if not self.files:
            raise self._wrong(file, "the number of a file")
        return Operation(
            self._text(operator),
            {self._text(name): self._argument(value) for name, value in arguments.items()},
            tuple(self._tensor_number(number) for number in outputs),
            self._whole(module, -1, self.calls - 1),
            self.files[self._whole(file, 0, len(self.files) - 1)],
            self._whole(line, 0),
        )

    def _argument(self, value: Any, depth: int = 0) -> Any:
        if depth > MAX_DEPTH:
            raise self._wrong(value, f"at most {MAX_DEPTH} lists in each other")
        if isinstance(value, list):
            return [self._argument(part, depth + 1) for part in value]
        if isinstance(value, dict):
            return self._marked(value, depth)
        return value

    def _marked(self, value: dict[str, Any], depth: int) -> Any:
        if "tensor" in value:
            return TensorRef(self._tensor_number(value["tensor"]))
        if "number" in value:
            if value["number"] not in ("inf", "-inf", "nan"):
                raise self._wrong(value["number"], "inf, -inf or nan")
            return float(value["number"])
        items = value.get("items")
        if not isinstance(items, dict):
            raise self._wrong(value, "a tensor, a number or items")
        return {self._text(name): self._argument(part, depth + 1) for name, part in items.items()}

    def _weight(self, entry: Any) -> tuple[str, StateEntry]:
        name, value, trainable, frozen, persistent, same_as = self._list_of(entry, 6)
        return self._text(name), StateEntry(
            self._tensor_number(value),
            self._flag(trainable),
            self._flag(frozen),
            self._flag(persistent),
            self._text(same_as),
        )

    def _weights(self) -> dict[str, StateEntry]:
        weights: dict[str, StateEntry] = {}
        for name, weight in self._each("weights", self._weight):
            if name in weights:
                raise self._wrong(name, "a name of its own")
            weights[name] = weight
        self._aliases(weights)
        return weights

    def _aliases(self, weights: Mapping[str, StateEntry]) -> None:
        for name, weight in weights.items():
            other = weights.get(weight.same_as)
            if weight.same_as and (other is None or other.value != weight.value or other.same_as):
                self.place = f"weight {name}"
                raise self._wrong(weight.same_as, "the first name of the same parameter")

    def _stopped(self, entry: Any, outputs: tuple[int, ...]) -> StoppedAt | None:
        if entry is None:
            return None
        self.place = "stopped"
        if not outputs:
            raise self._wrong(entry, "the tensor after which it stopped among `outputs`")
        file, line, reason = self._list_of(entry, 3)
        return StoppedAt(self._text(file), self._whole(line, 0), self._text(reason))

    def _wrong(self, found: Any, expected: str) -> ProblemError:
        message = f"{self.place}: {shown(found)}, expected {expected}"
        hint = "a tape is written by `archprof capture`, and not by hand"
        return ProblemError.of(Mark(self.file), "tape", message, hint)
