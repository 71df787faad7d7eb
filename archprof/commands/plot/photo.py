"""An image of the user's own, under the receptive field."""

from __future__ import annotations

from pathlib import Path

from archprof.language.reading import Unsafe, read_bytes
from archprof.problem import Mark, ProblemError

MOST_BYTES = 4 * 2**20
KINDS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg"}
"""By the first bytes of a file; SVG is left out, which can hold more than a picture."""


def read_photo(path: Path) -> tuple[bytes, str]:
    """Return the bytes of a PNG or JPEG file, and which of them it is. Raises ProblemError."""
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
            return content, kind
    raise _refused(path, "neither a PNG nor a JPEG")


def _refused(path: Path, message: str) -> ProblemError:
    hint = "--image takes a small PNG or JPEG, which becomes part of what is written"
    return ProblemError.of(Mark(str(path)), "image", message, hint)
