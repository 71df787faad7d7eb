"""A disk that is full and a folder that is read-only, as the system itself has them: the old
file stays whole, and nothing is left beside it.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SPEC = "name: net\ninput: 3x8x8\nlayers:\n" + "".join(
    f"    a{i}: {{op: relu}}\n" for i in range(400)
)


def archprof(
    *arguments: str | Path, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "archprof", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        preexec_fn=before,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


def little_room() -> None:
    """No file may grow beyond four kibibytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


@pytest.mark.parametrize(
    "arguments",
    [
        ("summary", "resnet50", "--full", "-f", "json"),
        ("explain", "resnet152", "layer3", "-f", "md"),
        ("schema",),
        ("compare", "resnet50", "vgg16", "-f", "json"),
        ("list", "-f", "csv"),
    ],
    ids=lambda a: a[0],
)
def test_no_room(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    target = tmp_path / "report"
    target.write_text("old")
    assert len(archprof(*arguments).stdout) > 4096
    done = archprof(*arguments, "-o", target, before=little_room)
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        f"archprof: error: File too large: {target}\n",
    )
    assert (target.read_text(), os.listdir(tmp_path)) == ("old", ["report"])


def test_no_room_to_format(tmp_path: Path) -> None:
    target = tmp_path / "net.yaml"
    target.write_text(SPEC)
    done = archprof("fmt", target, before=little_room)
    assert (done.returncode, done.stderr) == (2, f"archprof: error: File too large: {target}\n")
    assert (target.read_text(), os.listdir(tmp_path)) == (SPEC, ["net.yaml"])


def test_no_room_for_a_new_spec(tmp_path: Path) -> None:
    done = archprof(
        "new",
        tmp_path / "big",
        "--from",
        "resnet50",
        before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512)),
    )
    assert done.returncode == 2
    assert os.listdir(tmp_path) == []


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A folder that everybody may look into and nobody may write to, with old files in it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "report").write_text("old")
        (folder / "net.yaml").write_text(SPEC)
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)


AS_NOBODY = """
import os, sys
from archprof.cli.main import _run

def run(*arguments):
    sys.argv = ["archprof", *arguments]
    return _run()

command, warm, cold = sys.argv[1].split(), sys.argv[2], sys.argv[3]
run(*command, warm)  # so that everything is imported
if os.geteuid() == 0:  # who may write anywhere
    os.setuid(65534)
sys.stderr.write("---")
sys.exit(run(*command, cold))
"""


@pytest.mark.parametrize(
    ("command", "file"),
    [("summary alexnet -o", "report"), ("fmt", "net.yaml"), ("new", "mine.yaml")],
    ids=lambda v: v.split()[0],
)
def test_a_folder_that_is_read_only(
    tmp_path: Path, read_only: Path, command: str, file: str
) -> None:
    warm = tmp_path / f"warm_{file}"
    if command == "fmt":
        warm.write_text(SPEC)
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, command, str(warm), str(read_only / file)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert (
        done.stderr.partition("---")[2]
        == f"archprof: error: Permission denied: {read_only / file}\n"
    )
    assert warm.exists()
    assert sorted(os.listdir(read_only)) == ["net.yaml", "report"]
    assert ((read_only / "report").read_text(), (read_only / "net.yaml").read_text()) == (
        "old",
        SPEC,
    )
