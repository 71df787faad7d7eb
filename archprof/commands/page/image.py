"""An image of the user's own, as it stands in a page."""

from __future__ import annotations

import base64
from pathlib import Path

from archprof.commands.plot.photo import read_photo


def data_uri(path: Path) -> str:
    """Return a PNG or JPEG file as a data URI. Raises ProblemError for anything else."""
    content, kind = read_photo(path)
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
