"""`archprof capture`: what a module computes, as a tape that every other command reads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from archprof.cli.declared import Argument, Option
from archprof.cli.options import Format, FormatOption, Input, Set, Strict, Submodule, complain

TARGET_HELP = (
    "torchvision:NAME, timm:NAME, PACKAGE.MODULE:CLASS, FILE.py:FUNCTION, an .onnx file, a tape."
)
Tape = Annotated[
    Path | None,
    Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write the tape to a file, whole or not at all; its name ends in .tape.json.",
    ),
]


def capture(
    target: Annotated[str, Argument(help=TARGET_HELP, show_default=False)],
    input: Input = None,
    set: Set = None,
    submodule: Submodule = None,
    output: Tape = None,
    strict: Strict = False,
    format: FormatOption = Format.table,
) -> int:
    """What a module computes, operator by operator: which are known, what they cost. With -o as a
    tape, which every command reads without running the module's code.

    Example: archprof capture torch.nn:Hardswish --input 64x56x56 -o hardswish.tape.json
    """
    from archprof.analysis.analysis import analyze
    from archprof.analysis.lower_bounds import lower_bounds
    from archprof.capturing.tape_writer import tape_text
    from archprof.capturing.targets import TAPE
    from archprof.commands.capture.operators_table import operators_data, operators_table
    from archprof.language.network import Network
    from archprof.problem import Mark, ProblemError
    from archprof.show import terminal
    from archprof.show.table import put
    from archprof.targets import graph_of, source

    if output is not None and not str(output).endswith(TAPE):
        message = f"{output} does not end in {TAPE}, by which other commands know a tape"
        raise ProblemError.of(Mark("--output"), "option", message, f"-o {output.stem}{TAPE}")
    found = source(target, input, set, submodule or "")
    if isinstance(found, Network):
        message = f"{target} is a spec, which needs no capture"
        raise ProblemError.of(Mark("capture"), "option", message, f"archprof summary {target}")
    analysis = analyze(graph_of(found), count="macs")
    if output is not None:
        terminal.emit(tape_text(found.tape).rstrip("\n"), output)
    if format is Format.json:
        import json

        terminal.emit(json.dumps(operators_data(found.tape, analysis), indent=1), None)
    else:
        put([operators_table(found.tape, analysis)], format.value, None)
    return complain(lower_bounds(analysis)) if strict else 0
