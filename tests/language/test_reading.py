"""Files read safely: what is not a regular file ends at once, no link leads out of a project."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from archprof.language.confined import VARIABLE, link_out
from archprof.language.reading import Unsafe, read_bytes, refuse_link_out


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A marked project with a file, beside a folder with a secret."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/key.yaml").write_text("swordfish")
    (tmp_path / "project/specs").mkdir(parents=True)
    (tmp_path / "project/pyproject.toml").touch()
    (tmp_path / "project/specs/a.yaml").write_text("text")
    return tmp_path / "project"


def refused(path: Path) -> str:
    with pytest.raises(Unsafe) as caught:
        read_bytes(path, 100)
    return f"{caught.value.strerror} | {caught.value.hint}"


def test_a_file_and_no_more_than_asked_for(project: Path) -> None:
    assert read_bytes(project / "specs/a.yaml", 100) == b"text"
    # one more, which tells that there is more
    assert read_bytes(project / "specs/a.yaml", 2) == b"tex"


def test_what_is_no_regular_file(project: Path) -> None:
    """A pipe that nobody writes to, a device, a socket, a folder."""
    os.mkfifo(project / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        here = os.getcwd()
        os.chdir(project)  # a socket's path is short
        listening.bind("socket")
        os.chdir(here)
    kinds = {
        project / "pipe": "a pipe",
        project / "socket": "a socket",
        Path(os.devnull): "a device",
        project / "specs": "a directory",
    }
    for path, kind in kinds.items():
        assert (
            refused(path)
            == f"it is {kind}, expected a regular file | `archprof check -` and `archprof fmt -`"
            " read standard input"
        )


def test_a_pipe_put_in_a_files_place_does_not_wait(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the file and its opening."""
    os.mkfifo(project / "pipe")
    real, regular = os.stat, os.stat(project / "specs/a.yaml")
    monkeypatch.setattr(
        os,
        "stat",
        lambda path, **options: regular if path == project / "pipe" else real(path, **options),
    )
    assert "it is a pipe" in refused(project / "pipe")


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("specs/key.yaml", "../../secret/key.yaml"),
        ("key.yaml", "../secret/key.yaml"),
        ("specs/environment", "/proc/self/environ"),
        ("specs/name", "/etc/hostname"),
    ],
)
def test_a_link_that_leads_out(project: Path, link: str, target: str) -> None:
    (project / link).symlink_to(target)
    assert (
        refused(project / link)
        == f"the link {project / link} leads out of the project {project} | "
        f"copy the file into it, or set {VARIABLE} to the folder it is in"
    )


def test_a_link_to_a_folder_and_a_link_to_a_link(project: Path) -> None:
    (project / "folder").symlink_to("../secret")
    (project / "specs/again.yaml").symlink_to("../folder/key.yaml")
    for path in (
        "folder/key.yaml",
        "specs/again.yaml",
        "specs/../folder/key.yaml",
        "folder/../secret/key.yaml",
    ):
        assert "leads out" in refused(project / path)


def test_links_within_a_project(project: Path) -> None:
    (project / "specs/b.yaml").symlink_to("a.yaml")
    (project / "folder").symlink_to("specs")
    (project / "absolute").symlink_to(project / "specs")
    assert {
        read_bytes(project / path, 9)
        for path in ("specs/b.yaml", "folder/b.yaml", "absolute/a.yaml", "folder/../specs/a.yaml")
    } == {b"text"}


def test_the_working_directory_is_a_project_without_marks(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "pyproject.toml").unlink()
    (project / "key.yaml").symlink_to("../secret/key.yaml")
    (project.parent / "mine").symlink_to("project")
    # nobody's project: whoever names it means it
    assert read_bytes(project / "key.yaml", 9) == b"swordfish"
    monkeypatch.chdir(project)
    assert "leads out" in refused(Path("key.yaml"))
    assert link_out(project.parent / "mine/specs/a.yaml") is None


def test_folders_that_the_environment_allows(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "key.yaml").symlink_to("../secret/key.yaml")
    monkeypatch.setenv(VARIABLE, str(project.parent / "secret"))
    assert read_bytes(project / "key.yaml", 9) == b"swordfish"


def test_links_in_a_circle_and_to_nothing(project: Path) -> None:
    (project / "circle").symlink_to("circle")
    (project / "gone").symlink_to("nowhere")
    for name in ("circle", "gone"):
        with pytest.raises(OSError, match=r"Too many levels|No such file"):
            read_bytes(project / name, 9)
    refuse_link_out(project / "gone")


def test_a_nul_is_a_value_error(project: Path) -> None:
    with pytest.raises(ValueError, match="null byte"):
        read_bytes(project / "a\0b", 9)
