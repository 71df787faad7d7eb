"""The library's front door: what the commands answer, as functions that return records.

`docs/python.md` shows each of them; its examples are run by a test. Nothing here imports torch
until it is needed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from archprof.allowance import ensured, paused
from archprof.capturing.inputs import InputSpec, input_specs
from archprof.capturing.targets import target as target_of
from archprof.language.find import find
from archprof.language.kinds import parse_shape
from archprof.language.override import override
from archprof.loaded import Loaded, require_torch
from archprof.ops.base import Shape, shown
from archprof.problem import Mark, ProblemError
from archprof.record import NOTHING
from archprof.sweeping.extra import require_searching, require_sweeping
from archprof.targets import captured

if TYPE_CHECKING:
    from torch.nn import Module

    from archprof.commands.check.check_run import Outcome as CheckOutcome
    from archprof.commands.lecture.deciding.deciding import DecidedLectures
    from archprof.commands.lecture.solving.solving import Solved
    from archprof.loaded_sweep import LoadedSweep
    from archprof.notebook.comparisons import ShownComparison, ShownDifference

Figure = Literal["macs", "flops", "params", "output_bytes", "elements"]


Target = str | Path | Loaded
"""What a network is named by: a shipped name or alias, a path, PATH:VARIANT, or a loaded one."""


def load(
    target: str | Path,
    input: str | int | Sequence[int] | Mapping[str, Any] | None = None,
    **values: Any,
) -> Loaded:
    """Return the network called `target`; `values` override its parameters.

    `target` is a shipped name or alias, a path, PATH:VARIANT, or what is captured, such as
    "torchvision:resnet50" or "net.onnx"; then `values` are the constructor's arguments. `input`:
    another shape than the network's own, the batch left out: "3x96x96", [3, 96, 96] or (3, 96, 96),
    as `--input`; of a network with several inputs a mapping from their names. Raises ProblemError
    for an unknown name, a bad spec, an unknown parameter, what is not a shape or does not fit the
    layers, and a module that cannot be built or captured.
    """
    with ensured():
        loaded = _found(str(target), input, values)
        _ = loaded.graph  # what does not fit is refused now, not at the first question
        return loaded


def _found(
    target: str,
    input: str | int | Sequence[int] | Mapping[str, Any] | None,
    values: dict[str, Any],
) -> Loaded:
    found = target_of(target)
    if found is not None:
        return Loaded(captured(found, _input_specs(input), values))
    spec = find(target)
    if isinstance(input, Mapping):
        named = {name: _shape(value) for name, value in input.items()}
        return Loaded(override(spec, values, named=named))
    shape = _shape(input) if input is not None else None
    return Loaded(override(spec, values, shape))


def capture(
    module: Module,
    input: str | int | Sequence[int] | Mapping[str, Any] | None = None,
    name: str = "",
) -> Loaded:
    """Return a torch module as a network: what it computes in evaluation for one image.

    `input`: the shape without the batch, "3x224x224", [3, 224, 224] or (3, 224, 224); of a module
    with several a mapping from the names in its `forward` to shapes, or to "77:int64" with a dtype.
    The module stays as it is, and nothing is computed. Where it cannot be followed to its end, a
    warning says so, and every sum is a lower bound. Raises ProblemError for one that cannot be
    captured, ModuleNotFoundError where torch is not installed.
    """
    require_torch("what is captured is a module of it")
    from archprof.capturing.assemble import network
    from archprof.model.capturing import capture as tape_of

    specs = _input_specs(input)
    kind = type(module).__name__
    with ensured(), paused():
        tape = tape_of(module, specs, name or kind, kind)
    if tape.stopped:
        stop = tape.stopped
        place = f"{stop.file}:{stop.line}"
        message = f"{tape.name} stops at {place}: {stop.reason}; every sum is a lower bound"
        warnings.warn(message, stacklevel=2)
    return Loaded(network(tape, module))


def compare(
    first: Target, second: Target, batch: int = 1, dtype: str = "float32"
) -> ShownComparison:
    """Return what differs in structure from one network to another, and what that costs.

    Raises ProblemError as `load` does.
    """
    from archprof.notebook.comparisons import ShownComparison

    ours, theirs = (_loaded(target).analyze(batch, dtype) for target in (first, second))
    return ShownComparison.of(ours, theirs)


def diff(old: Target, new: Target, batch: int = 1, dtype: str = "float32") -> ShownDifference:
    """Return what became of a network, layer by layer through renames, and its effect on totals.

    Raises ProblemError as `load` does.
    """
    from archprof.notebook.comparisons import ShownDifference

    with ensured():
        before, after = (_loaded(target).analyze(batch, dtype) for target in (old, new))
        return ShownDifference.of(before, after)


def check(*paths: str | Path, strict: bool = False, base: str | None = None) -> CheckOutcome:
    """Return what is wrong with spec files and folders, by the rules of their configuration.

    `strict` makes warnings errors; `base` is the git revision whose rules and budgets count.
    Raises ProblemError for a configuration or a revision that cannot be read.
    """
    from archprof.commands.check.check_options import Options
    from archprof.commands.check.check_paths import check_paths

    with ensured():
        return check_paths([str(path) for path in paths], Options(strict=strict), base=base)


def lecture(
    target: str | None = None, claim: str | None = None, static: bool = False
) -> DecidedLectures:
    """Return the verdicts on a lecture (L8), a claim (L8-07) or a file of claims; on all without.

    `claim` is one claim of a file. With `static` torch and fvcore are not consulted, though they
    are installed. Raises ProblemError for an unknown name and a bad file.
    """
    from archprof.commands.lecture.deciding.deciding import consult_all, decide

    with ensured():
        return decide(target, claim, None if static else consult_all)


def solve(
    target: str | Path,
    printed: str,
    of: Figure = "macs",
    first: str = "",
    last: str = "",
    input: str | None = None,
    batch: int = 1,
    dtype: str = "float32",
) -> Solved:
    """Return under which convention, or after which slip, a printed figure comes out.

    `printed` is written as in print: "13.6G", "138M", "96 MB". `first` and `last` are the layers
    to count from and to. Raises ProblemError for what is not a figure, and for unknown layers.
    """
    from archprof.commands.lecture.solving.solving import Solver
    from archprof.language.override import parse_input

    shape = parse_input(input) if input else None
    with ensured():
        return Solver(str(target), shape, batch, dtype).figure(of, printed, first, last)


def sweep(
    space: str | Path,
    sample: int | str | None = None,
    seed: int | None = None,
    workers: int | None = None,
    out: str | Path | None = None,
    check: int = 64,
    set: Mapping[str, Any] = NOTHING,
    dask: str | None = None,
    at: str | None = None,
    train: bool = False,
) -> LoadedSweep:
    """Return the variants of a space with their totals: a shipped space's name, a file, or a folder
    of an earlier sweep, of which more is asked.

    `sample`: so many of them drawn at random with `seed`, as `archprof sweep --sample`; None: as
    the space has it. `set`: other values of parameters, `{"width": "16..64", "groups": [1, 32]}`.
    `workers`: so many processes, None: this one. `dask`: the address of a scheduler, whose workers
    make it. `out`: the folder of its table, which Dask's workers need; what lies there is kept, not
    made again. Without one the table lies in a temporary folder as long as the sweep does. `check`:
    so many rows are analysed in full. `at`: other conditions than the space's, as
    "batch=32,optimizer=adamw". `train`: each variant's step of training is simulated, which gives
    `training_peak_bytes` and `step_flops`. Raises ProblemError for a bad space, a folder that has
    another sweep, rows that differ from their full analysis, and without `archprof[sweep]`.
    """
    require_sweeping()
    from archprof.loaded_sweep import opened_sweep, swept

    given = set or None
    if Path(space).is_dir():
        return opened_sweep(
            Path(space),
            sample=sample,
            seed=seed,
            set=given,
            at=at,
            train=train or None,
            workers=workers,
            out=out,
            dask=dask,
        )
    folder = None if out is None else Path(out)
    return swept(space, sample, seed, set, workers, dask, folder, check, at, train)


def search(
    space: str | Path,
    objective: Callable[[Loaded], Any] | None = None,
    sampler: str = "nsga2",
    trials: int = 1000,
    seed: int = 0,
    front: str | Sequence[str] = (),
    where: str | Sequence[str] = (),
    out: str | Path | None = None,
) -> LoadedSweep:
    """Return variants of a space that Optuna searched for, a row for each trial, as a sweep.

    `objective`: a function of yours, which is given a network and returns a number, in column
    `objective`; it is called in this process, for variants that meet `where` and the space's
    budget. `front`: what is wanted, as "min macs" and "max objective"; without it that, or what
    the space wants. `sampler`: "nsga2" or "tpe". `out`: the folder of its table, None: a temporary
    one. Raises ProblemError for a bad space, where the objective fails, and without
    `archprof[search]`.
    """
    require_searching()
    from archprof.loaded_search import searched

    folder = None if out is None else Path(out)
    return searched(space, objective, sampler, trials, seed, front, where, folder)


def _loaded(target: Target) -> Loaded:
    return target if isinstance(target, Loaded) else load(target)


def _input_specs(given: object) -> tuple[InputSpec, ...]:
    """Return the inputs of what is captured: one, or several by name. Raises ProblemError."""
    if isinstance(given, Mapping):
        return input_specs([f"{key}={_written(value)}" for key, value in given.items()])
    return () if given is None else (InputSpec("", _shape(given)),)


def _written(given: object) -> str:
    """Return a shape as `--input` writes it."""
    if isinstance(given, (list, tuple)):
        return "x".join(map(str, given))
    return str(given)


def _shape(given: object) -> Shape:
    """Return `given` as a shape. Raises ProblemError."""
    shape = parse_shape(list(given) if isinstance(given, (list, tuple)) else given)
    if shape is None:
        raise ProblemError.of(
            Mark("input"),
            "override",
            f"`input` is {shown(given)}, expected 1 to 4 whole numbers from 1 to 1,000,000",
            'for instance "3x224x224" or (3, 224, 224), without the batch',
        )
    return shape
