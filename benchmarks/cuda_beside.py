"""Parts of `on_cuda.py` side by side, each in a process of its own: their times are disturbed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cuda_checks import Checks

TOGETHER = 8  # parts at a time: each starts processes of its own, and compiles with many threads
PATIENCE = 2.0  # times what a part takes alone
START = 30.0  # seconds more, for torch to start among others
PAUSE = 0.2  # seconds between looks at them
SCRIPT = Path(__file__).with_name("on_cuda.py")


class _Started:
    """A part that runs: its process, the folder of its lines, and the end of patience."""

    def __init__(self, name: str, seconds: float, checks: Checks):
        self.name = name
        self.folder = checks.output / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.end = time.monotonic() + PATIENCE * seconds + START
        # peaks that are measured beside others are nobody's
        environment = os.environ | {"XDG_CACHE_HOME": str(self.folder / "cache")}
        words = ["--only", name, "--beside", "--device", str(checks.device)]
        self.log = (self.folder / "log.txt").open("w", encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), *words, "--output", str(self.folder)],
            stdout=self.log,
            stderr=subprocess.STDOUT,
            env=environment,
        )

    def over(self) -> bool:
        """Return whether it ended, stopped where its time is over."""
        if self.process.poll() is None and time.monotonic() > self.end:
            self.process.kill()
            self.process.wait()
        return self.process.poll() is not None

    def lines(self) -> list[dict[str, Any]]:
        """Return what it said; a FAIL where it did not come to its end."""
        self.log.close()
        path = self.folder / "check.json"
        said = json.loads(path.read_text(encoding="utf-8"))["lines"] if path.exists() else []
        if self.process.returncode not in (0, 1) or not said:
            last = (self.folder / "log.txt").read_text(encoding="utf-8").splitlines()[-3:]
            text = f"ended with {self.process.returncode}: {' / '.join(last)}"
            said.append({"kind": "FAIL", "part": self.name, "text": text, "at": 0.0})
        return list(said)


def side_by_side(parts: Mapping[str, float], checks: Checks) -> list[dict[str, Any]]:
    """Run the parts, by name with their seconds, the longest first; return their lines."""
    waiting = sorted(parts, key=lambda name: -parts[name])
    running: list[_Started] = []
    lines: list[dict[str, Any]] = []
    while waiting or running:
        while waiting and len(running) < TOGETHER:
            name = waiting.pop(0)
            running.append(_Started(name, parts[name], checks))
        for part in [part for part in running if part.over()]:
            running.remove(part)
            found = part.lines()
            lines += found
            for line in found:
                print(f"{line['at']:6.1f} {line['kind']:4} {part.name:13} {line['text']}")
            print(f"{checks.passed:6.1f} {part.name} is over", flush=True)
        time.sleep(PAUSE)
    return lines
