"""Compare random networks of torch modules made by hand with archprof, and print how many agree.

    python -m tests.differential --runs 1000 --seed 1

Exit code 1 where anything differs; each difference comes with its spec. `--only N` compares network
N of a seed alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

import torch

from tests.differential.compare import one

MOST_SHOWN = 10


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.differential", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--runs", type=int, default=1000, help="how many networks")
    parser.add_argument(
        "--seed", type=int, default=0, help="which networks: the same seed, the same networks"
    )
    parser.add_argument(
        "--only", type=int, default=None, metavar="N", help="network N of the seed alone"
    )
    given = parser.parse_args()
    torch.set_num_threads(1)
    start, counts, shown = time.process_time(), Counter[str](), 0
    for number in range(given.runs) if given.only is None else [given.only]:
        outcome = one(given.seed, number)
        counts[outcome.kind] += 1
        if not outcome.fine and shown < MOST_SHOWN:
            shown += 1
            print(outcome.detail)
    for kind, count in counts.most_common():
        print(f"{count:6} {kind}")
    print(
        f"{counts.total():6} networks, seed {given.seed}, {time.process_time() - start:.0f} s of"
        " processor time"
    )
    return 1 if shown else 0


if __name__ == "__main__":
    sys.exit(main())
