"""Coverage-guided fuzzing of reader, expressions and graph with atheris, which is not among the
test dependencies: `pip install atheris`.

    nice python -m tests.fuzz.fuzz_specs FOLDER -max_total_time=600   # from the kept corpus, what
    is new goes to FOLDER nice python -m tests.fuzz.fuzz_specs -set_cover_merge=1 tests/data/corpus
    FOLDER   # keeps the smallest inputs that reach as much

Every option is libFuzzer's. A find is written as crash-… or timeout-… to the working directory.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["archprof"]):
    from archprof.language.functions import FUNCTIONS
    from archprof.language.words import BLOCK, COMMON, INITIALIZERS, ONLY, TOP
    from archprof.ops import OPS
    from tests.fuzz.target import survives

CORPUS = Path(__file__).parent.parent / "data" / "corpus"
WORDS = sorted(
    {
        *TOP,
        *BLOCK,
        *COMMON,
        *(word for words in ONLY.values() for word in words),
        *OPS,
        *FUNCTIONS,
        *INITIALIZERS,
        *(setting for op in OPS.values() for setting in op.settings),
        "input",
        "previous",
        "$index",
        "$channels",
        "$shape",
        "$count",
        "true",
        "null",
        "3x8x8",
        "same",
        "{op: relu}",
        "from: [a, b]",
        "blocks/swin.yaml",
    }
)


def mutated(data: bytes, most: int, seed: int) -> bytes:
    """Bytes as libFuzzer changes them, or lines and words as a hand does."""
    hand = random.Random(seed)
    if hand.random() < 0.4:
        return bytes(atheris.Mutate(data, most))
    rows = data.split(b"\n")
    here, there = hand.randrange(len(rows)), hand.randrange(len(rows))
    kind = hand.randrange(5)
    if kind == 0:
        rows.insert(here, rows[there])
    elif kind == 1 and len(rows) > 1:
        del rows[here]
    elif kind == 2:
        rows[here], rows[there] = rows[there], rows[here]
    else:
        words = rows[here].split(b" ")
        place = hand.randrange(len(words))
        words[place] = hand.choice(WORDS).encode() + (
            b":" if words[place].endswith(b":") else b"," if words[place].endswith(b",") else b""
        )
        rows[here] = b" ".join(words)
    return b"\n".join(rows)[:most]


def main() -> None:
    """Fuzzes until libFuzzer stops."""
    merging = any("merge" in argument for argument in sys.argv)
    with tempfile.TemporaryDirectory() as folder:
        dictionary, program = Path(folder, "words"), Path(folder, "program")
        dictionary.write_text("".join(f'"{word}"\n' for word in WORDS))
        # libFuzzer merges in processes of its own
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tests.fuzz.fuzz_specs "$@"\n')
        program.chmod(0o700)
        usual = [f"-dict={dictionary}", "-max_len=600", "-timeout=10", "-rss_limit_mb=2048"]
        atheris.Setup(
            [str(program), *usual, *sys.argv[1:], *([] if merging else [str(CORPUS)])],
            survives,
            custom_mutator=mutated,
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
