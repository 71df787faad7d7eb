"""`--trace`: one pass as a Chrome trace, each layer under its path, with its kernels."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from archprof.cli.ranges import refused
from archprof.units import printable

if TYPE_CHECKING:
    from archprof.commands.measure.planning.measurement_plan import Plan
    from archprof.commands.measure.running.end_to_end import Request
    from archprof.commands.measure.running.workload import Case


def check_trace(trace: Path, plan: Plan, output: Path | None) -> None:
    """Raise ProblemError, before anything runs, where there is not one pass and one place for it.

    A training step has other parts, and no layers by name.
    """
    cases = [case for group in plan.groups for case in group]
    if len(cases) > 1:
        raise refused(
            "--trace",
            f"found {len(cases)} networks and conditions, expected 1: a trace is of one pass",
            "one network, and one batch, dtype, format and mode",
        )
    if cases[0].train:
        raise refused("--trace", "the trace is of inference", "leave out --train or --trace")
    if trace.is_dir():
        raise refused(
            "--trace", f"`{trace}` is a folder, expected a file", f"--trace {trace / 'trace.json'}"
        )
    if not trace.parent.is_dir():
        raise refused(
            "--trace", f"there is no folder `{trace.parent}`", "make it, or write elsewhere"
        )
    if output is not None and trace.absolute() == output.absolute():
        raise refused("--trace", f"`{trace}` is where -o writes", "another file for the trace")


def write_trace(trace: Path, plan: Plan) -> bool:
    """Write one pass of the plan's case, and return whether it could be.

    Raises OSError where the file cannot be written.
    """
    from archprof.show.terminal import write_whole

    case = plan.groups[0][0]
    try:
        text = layer_trace(case, plan.request)
    # torch's, as for a device too full for the profiler
    except RuntimeError as error:
        reason = str(error).strip().partition("\n")[0]
        name = case.graph.network.name
        print(printable(f"archprof: {name} cannot be traced: {reason}"), file=sys.stderr)
        return False
    write_whole(trace, text)
    return True


def layer_trace(case: Case, request: Request) -> str:
    """Return one eager inference pass of the case as a Chrome trace in JSON.

    Raises RuntimeError, torch's own, where it cannot run.
    """
    from archprof.commands.measure.layers import kernels as layer_kernels
    from archprof.commands.measure.on_device.torch_device import applied, clock
    from archprof.commands.measure.running.workload import prepare

    device, paths = request.device, [node.path for node in case.graph.nodes]
    with applied(device, request.settings, case.dtype, request.cuda):
        workload = prepare(case._replace(mode="eager"), device)
        return layer_kernels.trace(
            workload.module,
            workload.input,
            clock(device, request.cuda),
            paths.__getitem__,
            cuda=device.type == "cuda",
        )
