"""What the command does as a process: on pipes, on terminals of all kinds, with streams closed."""

from __future__ import annotations

import fcntl
import functools
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from archprof import __version__

ARCHPROF = str(Path(sys.executable).parent / "archprof")
SPOKEN_TO = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "PYTHONIOENCODING", "PYTHONUTF8")
CLEAN = {k: v for k, v in os.environ.items() if k not in SPOKEN_TO} | {"TERM": "xterm-256color"}
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command under bash, `archprof` on its path, exit codes of every part of a pipe last on
    standard output.
    """
    path = f"{Path(ARCHPROF).parent}{os.pathsep}{CLEAN['PATH']}"
    return subprocess.run(
        ["bash", "-c", f"{command}; echo ${{PIPESTATUS[@]}}"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=CLEAN | {"PATH": path} | environment,
        check=False,
        timeout=60,
    )


def on_terminal(*arguments: str, columns: int = 100, **environment: str) -> tuple[int, str]:
    """Exit code and output on a pseudo-terminal so wide."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [ARCHPROF, *arguments],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=CLEAN | environment,
        start_new_session=True,
    )
    os.close(follower)
    read = b""
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:  # the end of a pseudo-terminal on Linux
            break
        if not part:
            break
        read += part
    os.close(leader)
    return process.wait(timeout=60), read.decode().replace("\r\n", "\n")


# --- pipes ---


def test_pipe_gets_plain_text() -> None:
    done = shell("archprof summary alexnet | cat", FORCE_COLOR="1")
    assert done.stdout.endswith("0 0\n")
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 120


@pytest.mark.parametrize(
    ("columns", "widest"), [("80", 80), ("160", 160), ("nonsense", 120), ("-5", 40)]
)
def test_columns(columns: str, widest: int) -> None:
    lines = shell("archprof summary alexnet", COLUMNS=columns).stdout.splitlines()
    # no number is cut for a width that is none
    assert widest - 40 <= max(map(len, lines)) <= max(widest, 44)


@pytest.mark.parametrize(
    "command", ["summary alexnet", "summary resnet152 --full --format json"], ids=["small", "large"]
)
def test_reader_that_leaves(command: str) -> None:
    done = shell(f"archprof {command} | head -1")
    assert (done.stderr, done.stdout.splitlines()[1:]) == ("", ["0 0"])


def test_reader_that_never_was() -> None:
    done = shell("archprof summary resnet152 --full --format json | true")
    assert (done.stderr, done.stdout) == ("", "0 0\n")


@pytest.mark.parametrize("pipe", ["|", "2>&1 |"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("format", ["text", "json"])
def test_reader_that_leaves_a_failing_check(
    tmp_path: Path, pipe: str, format: str, unbuffered: str
) -> None:
    """The exit code still says what was found, whether or not anyone reads it."""
    layers = "\n".join(
        f"  - {{op: conv2d, out: 4, kernel: 3, padding: 1, shape: {i + 5}x8x8}}" for i in range(200)
    )
    (tmp_path / "bad.yaml").write_text(f"name: bad\ninput: 3x8x8\nlayers:\n{layers}\n")
    done = shell(
        f"archprof check {tmp_path}/bad.yaml -f {format} {pipe} true", PYTHONUNBUFFERED=unbuffered
    )
    assert done.stdout == "1 0\n"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_slow_reader_gets_all(unbuffered: str) -> None:
    """The alarm of an allowance interrupts the write while the pipe is full."""
    command = "archprof summary resnet152 --full --format json"
    whole = shell(f"{command} | wc -c").stdout.splitlines()[0]
    assert int(whole) > 2 * 65_536  # more than a pipe takes at once
    slow = shell(f"{command} | (sleep 3; wc -c)", PYTHONUNBUFFERED=unbuffered)
    assert slow.stdout.splitlines()[0] == whole


def test_closed_streams() -> None:
    """What nobody listens to goes nowhere: errors never onto standard output."""
    done = shell("archprof summary alexnet >&-")
    assert (done.stdout, done.stderr) == ("0\n", "")
    assert shell("archprof explain alexnet nothing 2>&-").stdout == "2\n"
    assert shell("archprof summary nothing.yaml >&- 2>&- <&-").stdout == "2\n"


def test_full_disk() -> None:
    done = shell("archprof summary alexnet >/dev/full")
    assert (done.stdout, done.stderr) == ("2\n", "archprof: error: No space left on device\n")


# --- encodings ---


@functools.cache
def encoded(command: str, encoding: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        [ARCHPROF, *command.split()],
        capture_output=True,
        env=CLEAN | {"PYTHONIOENCODING": encoding, "COLUMNS": "80"},
        check=False,
        timeout=60,
    )
    return done.returncode, (done.stdout + done.stderr).decode(encoding).splitlines()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize(
    "command",
    [
        "summary resnet50",
        "explain alexnet conv1",
        "list vgg",
        "conventions",
        "--help",
        "summary alexnet --format md",
        "summary alxnet",
    ],
)
def test_encodings_that_lack_characters(encoding: str, command: str) -> None:
    code, lines = encoded(command, encoding)
    usual, full = encoded(command, "utf-8")
    assert code == usual
    assert [len(line) for line in lines] == [len(line) for line in full]
    assert "".join(lines).count("?") == "".join(full).count("?")


def test_ascii_reads_well() -> None:
    lines = subprocess.run(
        [ARCHPROF, "summary", "resnet50"],
        capture_output=True,
        text=True,
        env=CLEAN | {"PYTHONIOENCODING": "ascii", "COLUMNS": "80"},
        check=True,
    ).stdout.splitlines()
    assert lines[0] == "resnet50 - ResNet-50 - input 3x224x224 - batch 1 - float32"
    assert set(lines[2]) == {"-"}
    assert "layer3.1-5 x5" in lines[12]
    assert "26.7% ##" in lines[12]


# --- terminals ---


@pytest.mark.parametrize(
    "arguments",
    [
        ("summary", "alexnet"),
        ("explain", "resnet50", "layer1.1"),
        ("explain", "alexnet", "conv1"),
        ("list", "vgg"),
        ("conventions",),
    ],
    ids=lambda a: a[0],
)
def test_terminal_shows_the_same_in_colour(arguments: tuple[str, ...]) -> None:
    code, text = on_terminal(*arguments, columns=100)
    assert code == 0
    assert "\x1b[1m" in text or "\x1b[1;36m" in text
    plain = subprocess.run(
        [ARCHPROF, *arguments],
        capture_output=True,
        env=CLEAN | {"COLUMNS": "100", "PYTHONIOENCODING": "utf-8"},
        check=True,
    )
    assert [
        line.rstrip() for line in ESCAPE.sub("", text).splitlines()
    ] == plain.stdout.decode().splitlines()


@pytest.mark.parametrize("columns", [60, 80, 160])
def test_terminal_width(columns: int) -> None:
    _, text = on_terminal("summary", "alexnet", columns=columns)
    assert columns - 30 <= max(map(len, ESCAPE.sub("", text).splitlines())) <= columns


def test_columns_outdoes_the_terminal() -> None:
    _, text = on_terminal("summary", "alexnet", columns=160, COLUMNS="70")
    assert max(map(len, ESCAPE.sub("", text).splitlines())) <= 70


@pytest.mark.parametrize(
    "environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=lambda e: next(iter(e))
)
def test_no_colour(environment: dict[str, str]) -> None:
    _, text = on_terminal("summary", "googlenet", **environment)
    assert not re.search(r"\x1b\[(?:[0-9;]*;)?[34][0-9]", text)


def test_terminal_without_utf8() -> None:
    code, text = on_terminal("summary", "resnet50", PYTHONIOENCODING="ascii")
    assert code == 0
    assert text.isascii()


@pytest.mark.parametrize("output_format", ["json", "csv", "md", "latex"])
def test_machine_formats_have_no_colour_on_a_terminal(output_format: str) -> None:
    assert "\x1b" not in on_terminal("summary", "alexnet", "--format", output_format)[1]


# --- ways in ---


def test_ways_in() -> None:
    said = f"archprof {__version__}\n0\n"
    assert shell("archprof --version").stdout == said
    assert shell(f"{sys.executable} -m archprof --version").stdout == said
    nothing, asked = shell("archprof"), shell("archprof --help")
    assert (nothing.stdout.splitlines()[-1], asked.stdout.splitlines()[-1]) == ("2", "0")
    assert "Usage: archprof [OPTIONS] COMMAND [ARGS]..." in nothing.stdout + nothing.stderr
    assert "summary" in asked.stdout
