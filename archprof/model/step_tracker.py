"""Follow every tensor of a step of training as torch runs it: the witness of a simulated one."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

ADD = torch.ops.aten.add.Tensor
ADD_IN_PLACE = torch.ops.aten.add_.Tensor
NORMS = (
    torch.ops.aten.native_batch_norm.default,
    torch.ops.aten.native_layer_norm.default,
    torch.ops.aten.native_group_norm.default,
)
LAYER_NORM_BACKWARD = torch.ops.aten.native_layer_norm_backward.default
GROUP_NORM_BACKWARD = torch.ops.aten.native_group_norm_backward.default
BATCH_NORM_BACKWARD = torch.ops.aten.native_batch_norm_backward.default
# references to a gradient that only the engine's buffer holds, and to its storage, as they are seen
# in a dispatch mode: its own, the arguments' and the engine's
ALONE = (4, 2)


class TrackedBirth(NamedTuple):
    """A kernel that made a tensor: its phase, torch's name, the function of the backward graph that
    called it, and the bytes alive after it.
    """

    phase: str
    kernel: str
    function: str
    live: int


class StepTracker(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the bytes of all storages that are alive, from birth to death.

    `unobserved`: gradients are added in place where torch would do so were nobody looking; while a
    mode looks, every tensor has a Python object that refers to it, and torch does not.
    """

    def __init__(self, given: Iterable[Tensor], unobserved: bool = False) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.unobserved = unobserved
        self.phase = "start"
        self.live = 0
        self.births: list[TrackedBirth] = []
        self._sizes: dict[int, int] = {}
        self._references: dict[int, Any] = {}
        for tensor in given:
            self._add(tensor)
        self.births.append(TrackedBirth("start", "", "", self.live))

    def _add(self, tensor: Tensor) -> bool:
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key in self._sizes:
            return False
        size = storage.nbytes()
        self._sizes[key] = size
        self._references[key] = weakref.ref(storage, lambda _: self._drop(key))
        self.live += size
        return size > 0

    def _drop(self, key: int) -> None:
        self.live -= self._sizes.pop(key)
        del self._references[key]

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        node = torch._C._current_autograd_node()
        # a block that runs again in the backward pass is under enable_grad; its sums are its own
        engine = self.phase == "backward" and node is not None and not torch.is_grad_enabled()
        if self.unobserved and engine and func is ADD:
            first = args[0]
            held = torch._C._storage_Use_Count(first.untyped_storage()._cdata)
            if (first._use_count(), held) == ALONE:
                func = ADD_IN_PLACE
        result = _as_on_real_tensors(func, args, func(*args, **(kwargs or {})))
        leaves = [leaf for leaf in tree_leaves(result) if isinstance(leaf, Tensor)]
        made = [self._add(leaf) for leaf in leaves]
        if any(made):
            name = "" if node is None else node.name()
            self.births.append(TrackedBirth(self.phase, func.__name__, name, self.live))
        return result

    def peak(self, *phases: str) -> TrackedBirth:
        """Return the birth after which the most bytes are alive; of some phases alone, if named."""
        among = [birth for birth in self.births if not phases or birth.phase in phases]
        return max(among, key=lambda birth: birth.live)


def _as_on_real_tensors(func: Any, args: Any, result: Any) -> Any:
    """Return what a kernel gives on real tensors, where it is other than on those without data.

    There a norm has its statistics in the dtype of its input, where they are float32; the gradient
    of a layer norm keeps an order in memory, where it is contiguous; that of a group norm is as
    wide as its statistics, where it is as its input; and a batch norm's input gets a gradient that
    nobody asked for.
    """
    if func in NORMS and isinstance(args[0], FakeTensor) and args[0].dtype != torch.float32:
        return result[0], *(each.float() for each in result[1:])
    if func is LAYER_NORM_BACKWARD and isinstance(args[0], FakeTensor) and result[0] is not None:
        return result[0].contiguous(), *result[1:]
    if func is GROUP_NORM_BACKWARD and isinstance(args[0], FakeTensor) and result[0] is not None:
        return result[0].to(args[1].dtype), *result[1:]
    if func is BATCH_NORM_BACKWARD and isinstance(args[0], FakeTensor) and not args[-1][0]:
        return None, *result[1:]
    return result


def loss_of_list(outputs: list[Tensor], target: Tensor, auxiliary: int = 0) -> Tensor:
    """Return the cross entropy of class scores, or the mean of any other output, those of several
    added up; the last `auxiliary` ones at a weight. Empties the list, so that each output is
    freed as soon as its loss is there.
    """
    main = len(outputs) - auxiliary
    total: Tensor | None = None
    for place in range(len(outputs)):
        output = outputs[place]
        outputs[place] = target
        one = nn.functional.cross_entropy(output, target) if output.ndim == 2 else output.mean()
        del output
        if place >= main:
            one = one * 0.3
        total = one if total is None else total + one
    if total is None:
        raise ValueError("a network without an output has no loss")
    return total


def track_step(
    forward: Callable[[Tensor], Any],
    model: nn.Module,
    image: Tensor,
    target: Tensor,
    *,
    optimizer: torch.optim.Optimizer | None = None,
    autocast: torch.dtype | None = None,
    unobserved: bool = False,
    steps_before: int = 0,
    accumulate: int = 1,
    set_to_none: bool = True,
    auxiliary: int = 0,
    scale: Callable[[Tensor], Tensor] | None = None,
    update: Callable[[], object] | None = None,
    kept: Callable[[], Iterable[Tensor]] | None = None,
) -> StepTracker:
    """Run steps of training and follow the last one; its last birth is what it leaves.

    `scale`: what is made of the loss before its backward pass, as a GradScaler does. `update`: what
    runs instead of `optimizer.step`, which it may call. `kept`: tensors beside the optimizer's
    state that are there from step to step.
    """

    def step(tracker: StepTracker | None) -> None:
        def phase(name: str) -> None:
            if tracker is not None:
                tracker.phase = name

        for _ in range(accumulate):
            phase("forward")
            with _autocast(autocast, image.device.type):
                outputs = forward(image)
                several = [leaf for leaf in tree_leaves(outputs) if isinstance(leaf, Tensor)]
                del outputs
                loss = loss_of_list(several, target, auxiliary)
            phase("backward")
            (loss if scale is None else scale(loss)).backward()  # type: ignore[no-untyped-call]
            del loss
        phase("optimizer")
        if update is not None:
            update()
        elif optimizer is not None:
            optimizer.step()
        phase("end")
        model.zero_grad(set_to_none=set_to_none)

    for _ in range(steps_before):
        step(None)
    given = [*model.parameters(), *model.buffers(), image, target]
    given += [p.grad for p in model.parameters() if p.grad is not None]
    if optimizer is not None:
        states = (value for state in optimizer.state.values() for value in state.values())
        given += [value for value in states if isinstance(value, Tensor)]
    given += [] if kept is None else kept()
    tracker = StepTracker(given, unobserved)
    with tracker:
        step(tracker)
        tracker.births.append(TrackedBirth("end", "", "", tracker.live))
    return tracker


def _autocast(dtype: torch.dtype | None, device: str) -> AbstractContextManager[Any]:
    return nullcontext() if dtype is None else torch.autocast(device, dtype=dtype)
