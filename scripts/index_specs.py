"""Write specs/index.json, from which `archprof list` and completion take the shipped networks, and
specs/published/records.txt, the networks that have a record of the public implementation.

    python scripts/index_specs.py

Without the index, or after a change of a spec, they compute every network, which takes a second and
more. tests/language/test_shipped_index.py compares it with what is computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from archprof.commands.summary.catalogue import RECORDS, computed
from archprof.language.shipped_folder import specs_folder
from archprof.language.shipped_index import NAME, ShippedNetwork, index_text

DATA = Path(__file__).parent.parent / "tests" / "data"
FOLDERS = ("models", "detection")
OURS = {"alexnet": "alexnet_owt", "googlenet": "googlenet_bn"}
"""Records of networks that have another name here, where the name is the paper's network."""

HEADER = """\
# The shipped networks that the tests compare with a record of the public implementation, in
# tests/data/models and tests/data/detection: keys, shapes, parameters, MACs and outputs.
# scripts/index_specs.py writes this file.
"""


def recorded(networks: Sequence[ShippedNetwork]) -> list[str]:
    """Return the names of the networks that have a record, in the order of their files."""
    stems = [path.stem for folder in FOLDERS for path in (DATA / folder).glob("*-*.json")]
    models = {stem.partition("-")[2] for stem in stems}
    known = {OURS.get(model, model) for model in models}
    return [one.name for one in networks if known & {one.name, *one.aliases}]


if __name__ == "__main__":
    networks = computed()
    texts = {NAME: index_text(networks), RECORDS: HEADER + "\n".join(recorded(networks)) + "\n"}
    for name, text in texts.items():
        path = specs_folder() / name
        path.write_text(text, encoding="utf-8")
        print(f"{path} written")
