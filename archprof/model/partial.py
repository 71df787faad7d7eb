"""What a module computes until it stops: operator by operator, below torch.export."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn
from torch._subclasses.fake_tensor import (
    DataDependentOutputException,
    DynamicOutputShapeException,
    UnsupportedOperatorException,
)
from torch.utils._python_dispatch import TorchDispatchMode

from archprof.capturing.tape import Operation, StoppedAt, Tape, TensorRef
from archprof.model.frames import raised_at, running_at
from archprof.model.registered import weights
from archprof.model.tracing import Inputs, Scribe, operator_name
from archprof.model.untouched import in_mode, without_data

ON_DATA = (DataDependentOutputException, DynamicOutputShapeException)
"""What torch raises for a value, or a size, that only data can tell."""


BEYOND = (*ON_DATA, NotImplementedError, UnsupportedOperatorException)
WITHOUT = ("on meta tensors", "data-dependent")
"""What torch says of a value that only data can tell, where it has no error of its own for it."""
ELSEWHERE = ("on the same device", "xpected device")
"""What torch says of a module that makes tensors on the CPU wherever its inputs are."""


def is_beyond(error: Exception) -> bool:
    """Whether a module stopped where nothing without data can follow it, and not by a mistake: at
    what depends on data, at an operator that torch cannot run without any, on another device.
    """
    return isinstance(error, BEYOND) or any(words in str(error) for words in (*WITHOUT, *ELSEWHERE))


def until_it_stops(
    module: nn.Module, inputs: Inputs, name: str, heading: str
) -> tuple[Tape, Exception | None]:
    """Return what the module computes on inputs without data, and what stopped it.

    The operators are those below autograd, such as convolution in place of conv2d. The module
    stays as it is.
    """
    with without_data(module) as without:
        positional = [without(tensor) for tensor in inputs.positional]
        named = {key: without(tensor) for key, tensor in inputs.named.items()}
        return _recorded(module, Inputs(tuple(positional), named), name, heading)


def _recorded(
    module: nn.Module, inputs: Inputs, name: str, heading: str
) -> tuple[Tape, Exception | None]:
    recorder = _Recorder(module)
    stopped: Exception | None = None
    given: dict[str, int] = {}
    for position, tensor in enumerate(inputs.positional):
        given[f"input_{position}" if position else "input"] = recorder.number(tensor)
    for key, tensor in inputs.named.items():
        given[key] = recorder.number(tensor)
    outputs: Any = ()
    with in_mode(module, training=False), torch.no_grad(), recorder.hooked(), recorder:
        try:
            outputs = module(*inputs.positional, **inputs.named)
        except Exception as error:  # noqa: BLE001 - whatever the user's code raises
            stopped = error
    return recorder.tape(name, heading, given, outputs, stopped), stopped


def stop(error: Exception) -> StoppedAt:
    """Return where the user's code was when it stopped, and why."""
    file, line = raised_at(error)
    said = " ".join(str(error).split()) or type(error).__name__
    reason = said.partition(". ")[0][:300]  # what follows are torch's hints for its own options
    if isinstance(error, ON_DATA):
        reason = f"what {error.func} gives depends on the data"
    return StoppedAt(file, line, reason)


class _Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Writes every operator down that runs while it is on."""

    def __init__(self, module: nn.Module):
        super().__init__()  # type: ignore[no-untyped-call]
        self.module = module
        self.scribe = Scribe()
        self.numbers: dict[int, int] = {}
        self.alive: list[torch.Tensor] = []  # so that no identity is used twice
        self.stack: list[tuple[str, str, str]] = []
        self.calls = 0
        self.weights = weights(module, self.number)

    def number(self, tensor: torch.Tensor) -> int:
        """Return the number of a tensor, a new one for a tensor not seen before."""
        if id(tensor) not in self.numbers:
            self.alive.append(tensor)
            self.numbers[id(tensor)] = self.scribe.tensor(tensor.detach())
        return self.numbers[id(tensor)]

    def hooked(self) -> _Hooks:
        return _Hooks(self)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        given = self._arguments(func, args, kwargs)
        result = func(*args, **kwargs)
        outputs = tuple(self._outputs(result))
        if outputs:
            file, line = running_at(sys._getframe(1))
            call = self.scribe.call(self.stack)
            self.scribe.operations.append(
                Operation(operator_name(func), given, outputs, call, file, line)
            )
        return result

    def _outputs(self, result: Any) -> Iterator[int]:
        if isinstance(result, torch.Tensor):
            self.alive.append(result)
            number = self.numbers[id(result)] = self.scribe.tensor(result)
            yield number
        elif isinstance(result, (list, tuple)):
            for part in result:
                yield from self._outputs(part)

    def _arguments(
        self, func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> dict[str, Any]:
        declared = func._schema.arguments
        found = {declared[i].name: self._argument(given) for i, given in enumerate(args)}
        found.update({name: self._argument(given) for name, given in kwargs.items()})
        return found

    def _argument(self, given: Any) -> Any:
        if isinstance(given, torch.Tensor):
            return TensorRef(self.number(given))
        if isinstance(given, (list, tuple)):
            return [self._argument(part) for part in given]
        if given is None or isinstance(given, (bool, int, float, str)):
            return given
        return str(given).removeprefix("torch.")

    def tape(
        self,
        name: str,
        heading: str,
        inputs: Mapping[str, int],
        outputs: Any,
        stopped: Exception | None,
    ) -> Tape:
        """Return the tape; where the module stopped, its last tensor is what it gives."""
        operations = self.scribe.operations
        given = tuple(self.number(tensor) for tensor in _tensors(outputs))
        if not given and operations:
            given = operations[-1].outputs[:1]
        return Tape(
            name,
            heading,
            inputs,
            given,
            tuple(self.scribe.tensors),
            self.weights,
            tuple(self.scribe.modules),
            tuple(operations),
            made_by=f"torch {torch.__version__}",
            stopped=stop(stopped) if stopped is not None else None,
        )


class _Hooks:
    """Hooks that keep the stack of module calls; they are taken off again."""

    def __init__(self, recorder: _Recorder):
        self.recorder = recorder
        self.handles: list[Any] = []

    def __enter__(self) -> None:
        for path, part in self.recorder.module.named_modules():
            if path:
                self.handles.append(part.register_forward_pre_hook(self._entering(path)))
                self.handles.append(part.register_forward_hook(self._leaving))

    def __exit__(self, *error: object) -> None:
        for handle in self.handles:
            handle.remove()

    def _entering(self, path: str) -> Any:
        def enter(part: nn.Module, inputs: Any) -> None:
            recorder = self.recorder
            recorder.calls += 1
            recorder.stack.append((str(recorder.calls), path, type(part).__name__))

        return enter

    def _leaving(self, part: nn.Module, inputs: Any, outputs: Any) -> None:
        if self.recorder.stack:
            self.recorder.stack.pop()


def _tensors(found: Any) -> Iterator[torch.Tensor]:
    if isinstance(found, torch.Tensor):
        yield found
    elif isinstance(found, Mapping):
        for part in found.values():
            yield from _tensors(part)
    elif isinstance(found, (list, tuple)):
        for part in found:
            yield from _tensors(part)
