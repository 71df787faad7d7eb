"""Where the specs that come with archprof are."""

from __future__ import annotations

from pathlib import Path


def specs_folder() -> Path:
    """Return the folder of the shipped networks.

    It is inside an installed package, or beside it in a checkout.
    """
    package = Path(__file__).resolve().parent.parent
    inside = package / "specs"
    return inside if inside.is_dir() else package.parent / "specs"
