"""An image of the user's own, as it stands in a page."""

from __future__ import annotations

import base64
from pathlib import Path

from archprof.language.reading import Unsafe, read_bytes
from archprof.problem import Mark, ProblemError

MOST_BYTES = 4 * 2**20
KINDS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}
"""By the first bytes of a file; SVG is left out, which can hold more than a picture."""


def data_uri(path: Path) -> str:
    """Return a PNG or JPEG file as a data URI. Raises ProblemError for anything else."""
    try:
        content = read_bytes(path, MOST_BYTES)
    except FileNotFoundError:
        raise _refused(path, "there is no such file") from None
    except Unsafe as error:
        raise _refused(path, f"cannot be read: {error.strerror}") from None
    if len(content) > MOST_BYTES:
        raise _refused(path, f"more than {MOST_BYTES // 2**20} MiB")
    for start, kind in KINDS.items():
        if content.startswith(start):
            return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
    raise _refused(path, "neither a PNG nor a JPEG")


def _refused(path: Path, message: str) -> ProblemError:
    hint = "--image takes a small PNG or JPEG, which becomes part of the page"
    return ProblemError.of(Mark(str(path)), "image", message, hint)
