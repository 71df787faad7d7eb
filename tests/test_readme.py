"""The README's examples are run and their output compared; `python tests/test_readme.py` writes
it again.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def run(command: str) -> str:
    """What the command prints on an 80-column pipe, errors included, as a shell in the checkout
    shows it.
    """
    environment = {
        **os.environ,
        "COLUMNS": "80",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        check=False,
        encoding="utf-8",
    )
    return "\n".join(line.rstrip() for line in (done.stdout + done.stderr).rstrip("\n").split("\n"))


def examples() -> list[tuple[str, str]]:
    """Each `$ command` of the README with the output printed under it."""
    found = []
    for block in BLOCK.findall(README.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output.rstrip("\n")))
    return found


@pytest.mark.parametrize(
    ("command", "output"), examples(), ids=lambda text: text.split("\n")[0][:60]
)
def test_example_prints_what_the_readme_says(command: str, output: str) -> None:
    assert run(command) == output


def test_there_are_examples() -> None:
    assert len(examples()) >= 10


def test_spec_in_the_readme_is_a_real_one() -> None:
    """The first YAML of the README, saved as a file, gives the table printed under it."""
    text = README.read_text(encoding="utf-8")
    spec = re.search(r"```yaml\n# (\S+)\n(.*?)```", text, re.DOTALL)
    assert spec
    assert (ROOT / spec[1]).read_text(encoding="utf-8").split("\n", 1)[1] == spec[2]


def rewrite() -> None:
    """Puts the present output under every command."""

    def block(match: re.Match[str]) -> str:
        commands = [
            part.partition("\n")[0] for part in re.split(r"^\$ ", match[1], flags=re.MULTILINE)[1:]
        ]
        return (
            "```console\n"
            + "".join(f"$ {command}\n{run(command)}\n" for command in commands)
            + "```"
        )

    README.write_text(BLOCK.sub(block, README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    rewrite()
