"""Install archprof into a fresh virtual environment without torch, and try its main commands.

    python scripts/smoke.py dist/archprof-*.whl      # or an sdist, or a checkout

Prints a line for each command; exit code 1 where one does something else than it must. Needs no
package but pip, which fetches archprof's requirements.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

MOST_BYTES = 60 * 10**6
"""What an installation may take, its requirements included: it is made anew in each CI job."""

HEAVY = frozenset({"torch", "numpy", "fvcore", "timm"})
"""Packages that nobody needs for the static commands."""

SPEC = """\
name: lenet
input: 1x32x32
layers:
  conv1: {op: conv2d, out: 6, kernel: 5, shape: 6x28x28}
  tanh1: {op: tanh}
  flatten: {op: flatten}
  fc2: {op: linear, out: 10}
expect: {params: 47_206}  # 6*(25 + 1) + 10*(6*28*28 + 1)
"""


class Trial(NamedTuple):
    """A command, the exit code it must end with, and words that it must print."""

    words: tuple[str, ...]
    code: int
    printed: str


TRIALS = (
    Trial(("--version",), 0, "archprof "),
    Trial(("summary", "lenet.yaml"), 0, "47,206"),
    # Krizhevsky et al. 2012, without groups: specs/alexnet.yaml has the arithmetic
    Trial(("summary", "alexnet"), 0, "62,378,344"),
    Trial(("page", "alexnet"), 0, "62,378,344"),  # as above
    Trial(("list",), 0, "62.4 M"),  # AlexNet, as above
    Trial(("list", "resnet50"), 0, "ResNet-50"),
    Trial(("ops", "conv2d"), 0, "kernel"),
    Trial(("explain", "alexnet", "conv1"), 0, "34,944"),  # 96*(3*11*11 + 1)
    Trial(("check", "lenet.yaml"), 0, "1 file, 1 network, no problems"),
    # torchvision's table of weights: 44,549,160 - 25,557,032 = 18,992,128
    Trial(("diff", "resnet50", "resnet101"), 0, "+19.0 M"),
    Trial(("schema",), 0, '"title": "archprof spec"'),
    Trial(("quiz", "alexnet", "--blank", "8", "--format", "csv", "--key", "key.csv"), 0, "blank=8"),
    Trial(("grade", "key.csv"), 0, "8 of 8 right"),
    Trial(("verify", "alexnet"), 2, "torch"),
)


def install(source: Path, target: Path) -> None:
    """Install archprof from a wheel, an sdist or a checkout into a new virtual environment.

    Raises subprocess.CalledProcessError where that fails.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(target)], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(python_of(target)), "install", "--quiet"]
    subprocess.run([*pip, str(source)], check=True, env=environment())


def python_of(target: Path) -> Path:
    """Return the interpreter of a virtual environment."""
    if sys.platform == "win32":
        return target / "Scripts" / "python.exe"
    return target / "bin" / "python"


def environment() -> dict[str, str]:
    """Return the variables without those by which Python would find packages elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return kept | {"COLUMNS": "100", "PYTHONIOENCODING": "utf-8"}


def contents(target: Path) -> list[str]:
    """Return what is wrong with the files of the environment: heavy packages, too many bytes."""
    files = [path for path in target.rglob("*") if path.is_file() and not path.is_symlink()]
    packages = {path.name for path in target.rglob("site-packages/*")}
    found = [f"{name} was installed, which nobody needs here" for name in sorted(HEAVY & packages)]
    size = sum(path.stat().st_size for path in files)
    print(f"{size / 1e6:.1f} MB in {len(files)} files, at most {MOST_BYTES / 1e6:.0f} MB")
    if size > MOST_BYTES:
        found.append(f"{size} bytes are more than {MOST_BYTES}")
    return found


def tried(command: Sequence[str], folder: Path) -> list[str]:
    """Return what is wrong with each of the commands, run in `folder` after one another."""
    (folder / "lenet.yaml").write_text(SPEC, encoding="utf-8")
    found = []
    for trial in TRIALS:
        done = subprocess.run(
            [*command, *trial.words],
            cwd=folder,
            env=environment(),
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        name = f"archprof {' '.join(trial.words)}"
        output = done.stdout + done.stderr
        if done.returncode != trial.code:
            found.append(f"{name}: exit code {done.returncode}, not {trial.code}\n{output}")
        elif trial.printed not in output:
            found.append(f"{name}: does not print `{trial.printed}`\n{output}")
        else:
            print(f"ok  {name}")
    return found


def main(arguments: Sequence[str]) -> int:
    """Return 0 where all is as it must be, 1 where it is not, 2 for wrong use."""
    if len(arguments) != 1 or not Path(arguments[0]).exists():
        print("usage: python scripts/smoke.py WHEEL|SDIST|CHECKOUT", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "environment")
        install(Path(arguments[0]).resolve(), target)
        found = contents(target) + tried([str(python_of(target)), "-m", "archprof"], Path(folder))
    for text in found:
        print(f"FAILED  {text}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
