"""A sweep that costs nothing, whose shards go wrong on purpose; workers find it by its name."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from archprof.problem import Mark, ProblemError
from archprof.record import Record

ROWS = 1_000  # in a shard


class Slice(NamedTuple):
    """A shard."""

    number: int
    first: int
    last: int


class Squares(Record):
    """The squares of the rows' numbers, as text. `seconds` is what a shard takes at least.

    The shard `deadly` ends its process so often, half of its part written: by SIGKILL, or with the
    exit code `leaves`. That of `faulty` has a problem.
    """

    folder: str
    count: int
    seconds: float = 0.0
    deadly: int = -1
    deaths: int = 0
    leaves: int | None = None
    faulty: int = -1

    @property
    def shards(self) -> list[Slice]:
        return [Slice(n, n * ROWS, (n + 1) * ROWS) for n in range(self.count)]

    def missing(self) -> list[Slice]:
        return [shard for shard in self.shards if not self.part(shard).exists()]

    def part(self, shard: Slice) -> Path:
        return Path(self.folder) / f"part-{shard.number:05d}"

    def make(self, shard: Slice) -> None:
        if self.part(shard).exists():
            return
        self._log(f"{os.getpid()} begins {shard.number}")
        if shard.number == self.faulty:
            raise ProblemError.of(Mark("space.yaml", 3, 1), "space", "no such width", "another")
        text = "".join(f"{row} {row * row}\n" for row in range(shard.first, shard.last))
        unfinished = self.part(shard).with_suffix(f".tmp{os.getpid()}")
        try:
            unfinished.write_text(text[: len(text) // 2], encoding="utf-8")
            time.sleep(self.seconds)
            if shard.number == self.deadly and self.log().count("dies") < self.deaths:
                self._log(f"{os.getpid()} dies")
                if self.leaves is not None:
                    os._exit(self.leaves)
                os.kill(os.getpid(), signal.SIGKILL)
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(self.part(shard))
            self._log(f"{os.getpid()} made {shard.number}")
        finally:
            with suppress(FileNotFoundError):
                unfinished.unlink()

    def log(self) -> str:
        """What has happened so far, a line for each event."""
        file = Path(self.folder) / "log"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def processes(self) -> set[int]:
        """The processes that have made a shard."""
        lines = [line.split() for line in self.log().splitlines()]
        return {int(line[0]) for line in lines if line[1] == "made"}

    def _log(self, line: str) -> None:
        with (Path(self.folder) / "log").open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def parts(folder: Path) -> dict[str, bytes]:
    """The parts of a folder by their names; unfinished ones too."""
    return {file.name: file.read_bytes() for file in folder.glob("part-*")}


def undisturbed(job: Squares, folder: Path) -> dict[str, bytes]:
    """The parts of the same sweep, made in this process where nothing goes wrong."""
    folder.mkdir()
    alone = Squares(str(folder), job.count)
    for shard in alone.shards:
        alone.make(shard)
    return parts(folder)
