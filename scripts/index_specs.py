"""Write specs/index.json, from which `archprof list` and completion take the shipped networks.

    python scripts/index_specs.py

Without it, or after a change of a spec, they compute every network, which takes a second and more.
tests/language/test_shipped_index.py compares it with what is computed.
"""

from __future__ import annotations

from archprof.commands.summary.catalogue import computed
from archprof.language.shipped_folder import specs_folder
from archprof.language.shipped_index import NAME, index_text

if __name__ == "__main__":
    path = specs_folder() / NAME
    path.write_text(index_text(computed()), encoding="utf-8")
    print(f"{path} written")
