"""Files of at most 1 MB, each made to keep a program busy, and how a command fares with one
under the system's limits.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]

SECONDS, MEGABYTES = 10, 600
"""Of the processor and of memory, that a command may take for one file."""

PATIENCE = 240  # seconds by the clock, for a machine with much other work

RELU = "  a: {op: relu}\n"
COMPARING = ("compare", "diff")
"""Commands over two files: here twice the same, in twice the limits."""


def spec(layers: str, head: str = "", size: str = "3x8x8") -> str:
    """A spec of these lines of layers."""
    return f"name: net\ninput: {size}\n{head}layers:\n{layers}"


def lines(count: int, line: Callable[[int], str]) -> str:
    """So many lines."""
    return "".join(f"{line(i)}\n" for i in range(count))


def _branches(count: int, op: str = "add") -> str:
    return (
        lines(count, lambda i: f"    b{i}: {{op: relu, from: input}}")
        + f"    s: {{op: {op}, from: [{', '.join(f'b{i}' for i in range(count))}]}}\n"
    )


def _dense(count: int) -> str:
    every = (", ".join(f"c{j}" for j in range(i + 1)) for i in range(count))
    return "  c0: {op: relu}\n" + lines(
        count, lambda i: f"  c{i + 1}: {{op: add, from: [{next(every)}, c{i}]}}"
    )


def _sum_block(inputs: int) -> str:
    names = ", ".join(["a"] * inputs)
    return f"blocks:\n  b: {{layers: {{a: {{op: relu}}, s: {{op: add, from: [{names}]}}}}}}\n"


def _upsampled(count: int) -> str:
    """Fields of ever more phases: sizes that have no common divisor."""
    factors = (97, 101, 103, 107, 109, 113)
    return "  s0: {op: adaptive_avg_pool2d, size: 89}\n" + lines(
        count,
        lambda i: (
            f"  u{i}: {{op: interpolate, from: input, factor: {factors[i % 6]}}}\n  d{i}: {{op:"
            f" conv_transpose2d, out: 3, kernel: 9, stride: 89}}\n  p{i}: {{op:"
            f" adaptive_avg_pool2d, size: 89}}\n  s{i + 1}: {{op: add, from: [s{i}, p{i}]}}"
        ),
    )


SPECS: dict[str, Callable[[], str]] = {
    "relus": lambda: spec("  a: {op: relu, repeat: 999999}\n"),
    "relus_in_groups": lambda: spec("  a: {repeat: 99999, layers: [{op: relu}, {op: relu}]}\n"),
    "as_many_relus_as_allowed": lambda: spec(
        "  a: {repeat: 59999, layers: [{op: relu}, {op: relu}]}\n"
    ),
    "as_many_convolutions_as_allowed": lambda: spec(
        "  a: {repeat: 39999, layers: [{op: conv2d, out: 3, kernel: 3, padding: 1}, {op:"
        " batch_norm2d}, {op: relu}]}\n"
    ),
    "as_many_attentions_as_allowed": lambda: spec(
        "  a: {repeat: 99999, layers: [{op: multihead_attention, heads: 1}]}\n", size="8x4"
    ),
    "turns_of_nothing": lambda: spec(
        "  a: {repeat: 119999, layers: [{op: relu, when: $index < 0}]}\n  b: {op: relu}\n"
    ),
    "layers_that_depend": lambda: spec(
        "  a: {repeat: 100000, layers: [{op: relu, repeat: '$index'}]}\n"
    ),
    "transposed": lambda: spec(
        "  a: {op: conv_transpose2d, out: 3, kernel: 3, stride: 2000000000, output_padding: 7}\n",
        size="1x1x1",
    ),
    "transposed_wide": lambda: spec(
        "  a: {op: conv_transpose2d, out: 1, kernel: 999999, stride: 9973}\n", size="1x2x2"
    ),
    "transposed_chain": lambda: spec(
        lines(
            6,
            lambda i: (
                f"  a{i}: {{op: conv_transpose2d, out: 1, kernel: 9, stride: {(7, 11, 13)[i % 3]},"
                " padding: 4}"
            ),
        ),
        size="1x2x2",
    ),
    "phases": lambda: spec(_upsampled(300)),
    "dilated": lambda: spec(
        lines(
            3000,
            lambda i: (
                f"  a{i}: {{op: conv2d, out: 1, kernel: 3, dilation: {i + 1}, padding: {i + 1}}}"
            ),
        )
    ),
    "branches": lambda: spec("  g:\n   layers:\n" + _branches(5000)),
    "branches_concat": lambda: spec("  g:\n   layers:\n" + _branches(9000, "concat")),
    "edges": lambda: spec("  a: {block: b, repeat: 40000}\n", _sum_block(5000)),
    "edges_hidden": lambda: spec(
        "  a: {block: c, with: {n: 40000}}\n",
        _sum_block(5000) + "  c: {params: {n: 1}, layers: {d: {block: b, repeat: $n}}}\n",
    ),
    "edges_just_allowed": lambda: spec("  a: {block: b, repeat: 95}\n", _sum_block(5000)),
    "dense": lambda: spec(_dense(430)),
    "lets_of_ranges": lambda: spec(
        RELU, "params: {n: 9999}\nlet:\n" + lines(30000, lambda i: f"  b{i}: range($n)")
    ),
    "lets_of_copies": lambda: spec(
        RELU,
        "params: {n: 9999}\nlet:\n  b0: range($n)\n"
        + lines(20000, lambda i: f"  b{i + 1}: $b{i} + []"),
    ),
    "lets_of_slices": lambda: spec(
        RELU,
        "params: {n: 9999}\nlet:\n  b0: range($n)\n"
        + lines(20000, lambda i: f"  b{i + 1}: '$b{i}[:]'"),
    ),
    "lets_of_texts": lambda: spec(
        RELU,
        "let:\n  b0: \"'abcdefgh' + ''\"\n"
        + lines(10, lambda i: f"  b{i + 1}: $b{i} + $b{i}")
        + lines(20000, lambda i: f"  c{i}: $b10 + 'x'"),
    ),
    "lets_of_sums": lambda: spec(
        RELU,
        "params: {n: 9999}\nlet:\n"
        + lines(1900, lambda i: f"  b{i}: sum(range($n)) + max(range($n)) + len(range($n))"),
    ),
    "let_chain": lambda: spec(
        RELU, "let:\n  b0: 1\n" + lines(35000, lambda i: f"  b{i + 1}: $b{i} + 1 - 1")
    ),
    "expressions": lambda: spec(
        lines(
            1600, lambda i: f"  a{i}: {{op: dropout, p: '{'(1 - ' * 90}0.5{')' * 90} + {i} * 0'}}"
        )
    ),
    "expressions_in_turns": lambda: spec(
        "  a: {repeat: 30000, layers: [{op: dropout, p: '"
        + "0 * (1 + $index) + " * 20
        + "0.5'}]}\n"
    ),
    "lists_in_turns": lambda: spec(
        "  a: {repeat: 60000, layers: [{op: max_pool2d, kernel: 1, stride: ['1 + 0 * $index',"
        " 1]}]}\n"
    ),
    "variants": lambda: (
        spec("  a: {op: relu, repeat: $n}\n", "params: {n: }\n")
        + "variants:\n"
        + lines(500, lambda i: f"  v{i}: {{n: {20000 + i}}}")
    ),
    "tiny_variants": lambda: (
        spec("  a: {op: relu, repeat: $n}\n", "params: {n: }\n")
        + "variants:\n"
        + lines(15000, lambda i: f"  v{i}: {{n: {i + 1}}}")
    ),
    "blocks_that_double": lambda: spec(
        "  a: {block: b0}\n",
        "params: {x: true}\nblocks:\n"
        + lines(
            45,
            lambda i: (
                f"  b{i}: {{layers: [{{block: b{i + 1}, when: $x}}, {{block: b{i + 1}, when:"
                " $x}]}"
            ),
        )
        + "  b45: {layers: [{op: relu}]}\n",
    ),
    "blocks_that_double_unseen": lambda: spec(
        "  a: {block: b0, with: {x: 1}}\n",
        "blocks:\n"
        + lines(
            45,
            lambda i: (
                f"  b{i}: {{params: {{x: }}, layers: [{{block: b{i + 1}, with: {{x: $x}}, when: $x"
                f" > 0}}, {{block: b{i + 1}, with: {{x: $x}}, when: $x > 0}}]}}"
            ),
        )
        + "  b45: {params: {x: }, layers: [{op: relu}]}\n",
    ),
    "chain_of_blocks": lambda: spec(
        "  a: {block: b0}\n",
        "blocks:\n"
        + lines(15000, lambda i: f"  b{i}: {{layers: [{{block: b{i + 1}}}]}}")
        + "  b15000: {layers: [{op: relu}]}\n",
    ),
    "deep": lambda: "a: " * 3 + "[" * 300_000,
    "deep_mappings": lambda: "{a: " * 200_000,
    "deep_groups": lambda: spec("  a: " + "{layers: [" * 38 + "{op: relu}" + "]}" * 38 + "\n"),
    "aliases": lambda: (
        "a: &a0 [x, x, x, x, x, x, x, x, x]\n"
        + lines(9, lambda i: f"b{i}: &a{i + 1} [{', '.join([f'*a{i}'] * 9)}]")
    ),
    "anchors": lambda: lines(40000, lambda i: f"k{i}: &a{i} x"),
    "merges": lambda: (
        "b: &b {"
        + ", ".join(f"k{i}: 1" for i in range(3000))
        + "}\n"
        + lines(40, lambda i: f"c{i}: {{<<: [{', '.join(['*b'] * 700)}]}}")
    ),
    "one_long_word": lambda: "name: " + "x" * 990_000,
    "long_title": lambda: spec(RELU, "title: '" + "x\u202e\u0301" * 160_000 + "'\n"),
    "long_name": lambda: spec(f"  {'a' * 900_000}: {{op: relu}}\n"),
    "long_path": lambda: spec(
        "  " + ": {layers: {".join("a" * 100 for _ in range(15)) + ": {op: relu}" + "}}" * 14 + "\n"
    ),
    "many_names": lambda: spec(lines(30000, lambda i: f"  a{i}: {{op: relu}}")),
    "wrong_ops": lambda: spec(lines(25000, lambda i: f"  a{i}: {{op: rel{i}}}")),
    "wrong_settings": lambda: spec(
        lines(
            9000, lambda i: f"  a{i}: {{op: conv2d, out: {i + 1}, kernal: 3, pading: 1, kernel: x}}"
        )
    ),
    "wrong_references": lambda: spec(lines(20000, lambda i: f"  a{i}: {{op: relu, from: z{i}}}")),
    "wrong_shapes": lambda: spec(
        lines(15000, lambda i: f"  a{i}: {{op: relu, shape: {i + 1}x9x9}}")
    ),
    "unknown_keys": lambda: lines(60000, lambda i: f"key{i}: {i}"),
    "same_key": lambda: "name: x\n" * 100_000,
    "values": lambda: "a: [" + "1, " * 330_000 + "1]",
    "numbers": lambda: spec("  a: {op: conv2d, out: " + "9" * 500_000 + ", kernel: 3}\n"),
    "comments": lambda: spec(RELU) + "# archprof: ignore[budget] x\n" * 33_000,
    "lines": lambda: "\n" * 999_999,
    "spaces": lambda: spec(RELU + " " * 900_000 + "\n"),
    "expectations": lambda: (
        spec(RELU) + "expect: {" + ", ".join(f"params{i}: 1" for i in range(40000)) + "}\n"
    ),
    "uses": lambda: (
        "use: [" + ", ".join(f"none{i}.yaml" for i in range(40000)) + "]\n" + spec(RELU)
    ),
    "huge_tensors": lambda: spec(
        lines(2000, lambda i: f"  a{i}: {{op: interpolate, size: {30000 + i}}}")
    ),
    "members": lambda: spec("  a: {network: resnet152, repeat: 9999}\n", size="3x224x224"),
    "views": lambda: spec(
        "  a: {repeat: 30000, layers: [{op: flatten}, {op: unflatten, dim: 0, size: [3, 8, 8]},"
        " {op: slice, stop: 3}]}\n"
    ),
}
"""By name what makes a spec."""

QUIZ = "archprof quiz 1,network={network},blank=3,seed=4,{more}\nLayer,Op,Output\n"
OTHERS: dict[str, tuple[str, Callable[[], str]]] = {
    "sheet_of_many_layers.csv": (
        "grade",
        lambda: QUIZ.format(network="resnet50", more='"set=depths=[30000,1,1,1]"'),
    ),
    "sheet_of_allowed_layers.csv": (
        "grade",
        lambda: QUIZ.format(network="resnet50", more='"set=depths=[11000,1,1,1]"'),
    ),
    "sheet_of_edges.csv": ("grade", lambda: QUIZ.format(network="edges.yaml", more="ask=output")),
    "sheet_of_rows.csv": (
        "grade",
        lambda: QUIZ.format(network="alexnet", more="ask=output") + "a,b,c\n" * 160_000,
    ),
    "sheet_of_one_row.csv": (
        "grade",
        lambda: QUIZ.format(network="alexnet", more="ask=output") + "a," * 450_000,
    ),
    "sheet_of_one_cell.csv": (
        "grade",
        lambda: QUIZ.format(network="alexnet", more="ask=output") + '"' + "a" * 900_000 + '"',
    ),
    "sheet_of_words.csv": (
        "grade",
        lambda: QUIZ.format(network="alexnet", more="x=" + ",".join(["y"] * 400_000)),
    ),
    "claims_of_one_thing.yaml": (
        "lecture",
        lambda: _claims(
            3000, lambda i: f"{{of: {{network: lenet5, quantity: params}}, stated: {60000 + i}}}"
        ),
    ),
    "claims_alike.yaml": (
        "lecture",
        lambda: _claims(
            3000, lambda i: "{of: {network: resnet152, quantity: macs}, stated: 7.777G}"
        ),
    ),
    "claims_of_many.yaml": (
        "lecture",
        lambda: _claims(
            3000,
            lambda i: (
                f"{{of: {{network: lenet5, quantity: params, batch: {i + 1}}}, stated: 60000}}"
            ),
        ),
    ),
    "claims_of_networks.yaml": (
        "lecture",
        lambda: (
            "lecture: X\ntitle: t\nsource: s\nshapes: CxHxW\nnetworks:\n"
            + lines(
                400,
                lambda i: (
                    f"  n{i}: {{spec: {{input: 3x8x8, layers: {{a: {{repeat: {100000 + i}, layers:"
                    " [{op: relu}]}}}}"
                ),
            )
            + "claims:\n"
            + lines(
                400,
                lambda i: (
                    f"  C{i}: {{note: x, parts: {{p: {{of: {{network: n{i}, quantity: macs}},"
                    " stated: 6G}}}"
                ),
            )
        ),
    ),
    "long_formula.yaml": (
        "lecture",
        lambda: _claims(
            1,
            lambda i: (
                "{of: {network: lenet5, quantity: params}, stated: 7, formula: "
                + "1+" * 90_000
                + "1}"
            ),
        ),
    ),
    "many_formulas.yaml": (
        "lecture",
        lambda: _claims(
            2000,
            lambda i: (
                "{of: {network: lenet5, quantity: params}, stated: 7, formula: "
                + "1*" * 180
                + f"{i}}}"
            ),
        ),
    ),
    "deep_run.json": ("compare --load", lambda: "[" * 900_000),
    "wide_run.json": (
        "compare --load",
        lambda: json.dumps(
            {
                "manifest": {f"k{i}": i for i in range(20_000)},
                "measurements": [{"x": i} for i in range(40_000)],
            }
        ),
    ),
    "long_run.json": (
        "compare --load",
        lambda: '{"manifest": {}, "measurements": ' + "9" * 900_000 + "}",
    ),
}
"""Files of other kinds, with the command that reads them."""


def _claims(count: int, part: Callable[[int], str]) -> str:
    return "lecture: X\ntitle: t\nsource: s\nshapes: CxHxW\nclaims:\n" + lines(
        count, lambda i: f"  C{i}: {{note: x, parts: {{p: {part(i)}}}}}"
    )


def commands(path: str) -> list[tuple[str, ...]]:
    """Every static command that takes a spec, over this one."""
    return [
        ("check", path),
        ("summary", path),
        ("summary", path, "--full", "-f", "json"),
        ("summary", path, "--depth", "1", "-f", "md"),
        ("explain", path, "a"),
        ("diff", path, path),
        ("diff", path, path, "-f", "json"),
        ("compare", path, path),
        ("fit", path),
        ("fit", path, "--train", "--memory", "1GiB", "--devices", "2"),
        ("fmt", "--check", path),
        ("solve", path, "--macs", "7.3G"),
        ("solve", path, "--params", "12.3M"),
        ("quiz", path),
        ("quiz", path, "-f", "csv"),
        ("grade", path),
        ("lecture", path, "--static"),
        ("new", "fresh", "--from", path),
        ("check", path, "--at", "input=3x64x64", "-f", "sarif"),
    ]


def other_commands(path: str, command: str) -> list[tuple[str, ...]]:
    """The command that reads a file of another kind."""
    if command == "compare --load":
        return [("compare", "--load", path, path)]
    return [
        (command, path, *(["--static"] if command == "lecture" else [])),
        ("lecture", path, "--static", "--show-work"),
    ][: 1 + (command == "lecture")]


def written(folder: Path) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Writes every file; its name, and the commands to run in that folder."""
    for name, text in SPECS.items():
        (folder / f"{name}.yaml").write_text(text(), encoding="utf-8")
    for name, (_, text) in OTHERS.items():
        (folder / name).write_text(text(), encoding="utf-8")
    for name in SPECS:
        yield name, commands(f"{name}.yaml")
    for name, (command, _) in OTHERS.items():
        yield name, other_commands(name, command)


class Fared(NamedTuple):
    """How a command ended: its exit code (negative: the signal that killed it), what it took,
    and what it said.
    """

    code: int
    seconds: float
    megabytes: float
    out: str
    err: str


def fare(
    arguments: tuple[str, ...],
    folder: Path,
    seconds: float = 2 * SECONDS,
    megabytes: float = 2 * MEGABYTES,
    limits: str = "",
) -> Fared:
    """Runs a command in a folder, in a process that the system keeps within so many seconds and
    so much memory; `limits` are its own.
    """

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
        resource.setrlimit(resource.RLIMIT_AS, (int(megabytes * 1e6),) * 2)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        environment = {
            **os.environ,
            "COLUMNS": "120",
            "PYTHONIOENCODING": "utf-8",
            "ARCHPROF_LIMITS": limits,
        }
        child = subprocess.Popen(
            [sys.executable, "-m", "archprof", *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            preexec_fn=limit,
            env=environment,
        )
        watch = threading.Timer(PATIENCE, child.kill)  # of a process that neither works nor ends
        watch.start()
        peak = _Peak(child.pid)
        peak.start()
        _, status, usage = os.wait4(child.pid, 0)
        watch.cancel()
        peak.join()
        child.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read(200_000).decode("utf-8", "replace"))
    return Fared(
        child.returncode,
        usage.ru_utime + usage.ru_stime,
        peak.megabytes or usage.ru_maxrss / 1e3,
        texts[0],
        texts[1],
    )


class _Peak(threading.Thread):
    """Looks at the memory of a command until it ends, where there is a /proc: what `wait4` tells
    begins with the size of the process that started it.
    """

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self.folder = Path(f"/proc/{pid}")
        self.megabytes = 0.0  # 0: not known

    def run(self) -> None:
        while not self._looked():
            time.sleep(0.02)

    def _looked(self) -> bool:
        """The peak so far, once the command itself runs. True where it has ended."""
        try:
            started = b"-m\0archprof\0" in (self.folder / "cmdline").read_bytes()
            found = re.search(
                r"VmHWM:\s+(\d+) kB", (self.folder / "status").read_text(encoding="utf-8")
            )
        except OSError:
            return True
        if started and found:
            self.megabytes = int(found[1]) * 1024 / 1e6
        return started and not found  # ended, and not yet waited for


def fault(fared: Fared, arguments: tuple[str, ...]) -> str:
    """What is wrong with how a command ended, "" where nothing is."""
    files = 2 if arguments[0] in COMPARING else 1
    if fared.code not in (0, 1, 2):
        return f"exit code {fared.code}"
    if "Traceback" in fared.err or "a bug in archprof" in fared.err:
        return fared.err[-300:]
    if fared.seconds > SECONDS * files:
        return f"{fared.seconds:.1f} s of the processor"
    if fared.megabytes > MEGABYTES * files:
        return f"{fared.megabytes:.0f} MB"
    return ""
