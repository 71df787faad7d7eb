"""Write tests/draw/layouts.json: a hash of the layout of every shipped network, folded and open.

    python scripts/layouts.py
    python scripts/layouts.py --inputs DIR

With --inputs it writes into DIR, for each network, the JSON from which the browser's layout must
come to the same hashes. Read the change of a picture before the change of a hash:
`archprof plot NET --kind graph -o net.svg`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from archprof.analysis.analysis import analyze
from archprof.draw.fingerprint import as_json, fingerprint
from archprof.draw.tree import blocks, net, open_all, wired
from archprof.language.find import shipped
from archprof.loaded import Loaded

GOLDEN = Path(__file__).parent.parent / "tests" / "draw" / "layouts.json"


def main(inputs: Path | None) -> None:
    found = {}
    for network in shipped():
        analysis = analyze(Loaded(network).graph)
        given = as_json(network.name, wired(analysis), blocks(analysis))
        if inputs:
            path = inputs / f"{network.name}.json"
            path.write_text(json.dumps(given, ensure_ascii=False), encoding="utf-8")
        drawn = net(network.name, wired(analysis), blocks(analysis))
        folded = fingerprint(drawn)
        open_all(drawn.root)
        found[network.name] = [folded, fingerprint(drawn)]
    lines = [f" {json.dumps(name)}: {json.dumps(hashes)}" for name, hashes in found.items()]
    GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"{GOLDEN} written")


if __name__ == "__main__":
    main(Path(sys.argv[2]) if sys.argv[1:2] == ["--inputs"] else None)
