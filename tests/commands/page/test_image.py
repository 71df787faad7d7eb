"""Images of the user's own."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from archprof.commands.page.image import data_uri
from archprof.commands.plot.photo import MOST_BYTES
from archprof.problem import ProblemError

PNG = b"\x89PNG\r\n\x1a\n" + b"rest"


def test_a_png_and_a_jpeg_become_part_of_the_page(tmp_path: Path) -> None:
    path = tmp_path / "image"
    for content, kind in ((PNG, "png"), (b"\xff\xd8\xff\xe0rest", "jpeg")):
        path.write_bytes(content)
        assert data_uri(path) == f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def test_what_is_no_image_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "image.svg"
    path.write_text("<svg onload='x'/>")
    with pytest.raises(ProblemError, match="neither a PNG nor a JPEG"):
        data_uri(path)
    with pytest.raises(ProblemError, match="there is no such file"):
        data_uri(tmp_path / "other.png")
    with pytest.raises(ProblemError, match="it is a directory"):
        data_uri(tmp_path)


def test_a_large_file_and_a_pipe_are_refused(tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(PNG + bytes(MOST_BYTES))
    with pytest.raises(ProblemError, match="more than 4 MiB"):
        data_uri(large)
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ProblemError, match="it is a pipe"):
        data_uri(tmp_path / "pipe.png")
