"""What a spec can reach: its project and the shipped specs, by `use:`, and nothing else.

It runs nothing and asks nobody.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from archprof.language.confined import MARKERS, VARIABLE, project
from archprof.language.loader import load_file, load_text
from archprof.language.shipped_folder import specs_folder
from archprof.problem import ProblemError

BLOCKS = "name: shared\nblocks: {unit: {layers: [{op: relu}]}}\n"
SECRET = "name: secret\nblocks: {hidden: {layers: [{op: relu}]}}\npassword: swordfish\n"


def spec(use: str) -> str:
    return f"name: net\ninput: 3x8x8\nuse: {use}\nlayers: [{{op: tanh}}]\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a spec two folders deep, blocks beside that and at the root, and a secret
    outside.
    """
    monkeypatch.delenv(VARIABLE, raising=False)
    inner = tmp_path / "project" / "networks" / "small"
    inner.mkdir(parents=True)
    (inner / "near.yaml").write_text(BLOCKS)
    (tmp_path / "project" / "shared.yaml").write_text(BLOCKS)
    (tmp_path / "secret.yaml").write_text(SECRET)
    return tmp_path


def used(tree: Path, target: str) -> list[str]:
    """The blocks that `use:` brings to the spec. Raises ProblemError."""
    path = tree / "project" / "networks" / "small" / "net.yaml"
    path.write_text(spec(target))
    return sorted(load_file(path, "net.yaml").homes)


def refused(tree: Path, target: str) -> str:
    with pytest.raises(ProblemError) as caught:
        used(tree, target)
    return str(caught.value)


@pytest.mark.parametrize("marker", MARKERS)
def test_the_whole_project_can_be_used_and_nothing_outside(tree: Path, marker: str) -> None:
    (tree / "project" / marker).mkdir() if marker == ".git" else (tree / "project" / marker).touch()
    assert (
        used(tree, "near.yaml")
        == used(tree, "../../shared.yaml")
        == used(tree, "./../small/near.yaml")
        == ["unit"]
    )
    said = refused(tree, "../../../secret.yaml")
    assert (
        said.splitlines()[0]
        == "net.yaml:3:6: error: `use: ../../../secret.yaml` leads out of the project"
        f" {tree / 'project'} [use]"
    )
    assert (
        said.splitlines()[-1]
        == f"  hint: copy the file into it, or set {VARIABLE} to the folder it is in"
    )
    assert "swordfish" not in said


ALONE = pytest.mark.skipif(
    project(Path(tempfile.gettempdir())) != Path(tempfile.gettempdir()).resolve(),
    reason="temporary files are in a project here",
)


@ALONE
def test_without_a_project_the_folder_is_all(tree: Path) -> None:
    assert used(tree, "near.yaml") == ["unit"]
    assert "leads out of the project" in refused(tree, "../../shared.yaml")


@ALONE
def test_where_a_project_begins(tree: Path) -> None:
    deep = tree / "project" / "networks" / "small"
    assert project(deep) == deep
    (tree / "project" / "pyproject.toml").touch()
    assert project(deep) == tree / "project"
    (tree / ".git").mkdir()  # a repository with a package in it is one project
    assert project(deep) == tree
    (tree / "project" / "networks" / "archprof.toml").touch()
    assert project(deep) == tree / "project" / "networks"


def test_whether_there_is_something_outside_is_not_told(tree: Path) -> None:
    there, nothing = refused(tree, "../../../secret.yaml"), refused(tree, "../../../secrat.yaml")
    assert there.replace("secret", "secrat") == nothing


def test_links_are_followed_first(tree: Path) -> None:
    inner = tree / "project" / "networks" / "small"
    (tree / "project" / "archprof.toml").touch()
    (inner / "inside.yaml").symlink_to("../../shared.yaml")
    (inner / "outside.yaml").symlink_to(tree / "secret.yaml")
    (inner / "folder").symlink_to(tree)
    (inner / "loop.yaml").symlink_to("loop.yaml")
    assert used(tree, "inside.yaml") == ["unit"]
    for target in ("outside.yaml", "folder/secret.yaml", "folder/project/../secret.yaml"):
        said = refused(tree, target)
        assert "leads out of the project" in said
        assert "swordfish" not in said
    refused(tree, "loop.yaml")


def test_a_used_file_reaches_no_further(tree: Path) -> None:
    (tree / "project" / "archprof.toml").touch()
    (tree / "project" / "archprof.toml").touch()
    (tree / "project" / "chain.yaml").write_text(
        "name: chain\nuse: ../secret.yaml\nblocks: {b: {layers: [{op: relu}]}}\n"
    )
    assert "`use: ../secret.yaml` leads out of the project" in refused(tree, "../../chain.yaml")


@pytest.mark.parametrize(
    "target",
    [
        "/etc/passwd.yaml",
        "~/x.yaml",
        "file:///etc/x.yaml",
        "http://localhost/x.yaml",
        "../../../../../../etc/hostname",
        '"x\\0.yaml"',
        "a" * 300 + ".yaml",
        ".",
        "..",
        "$HOME/x.yaml",
        "'`id`.yaml'",
        "'|id.yaml'",
    ],
)
def test_other_ways_out(tree: Path, target: str) -> None:
    assert (
        "[use]" in refused(tree, target)
        or "[file]" in refused(tree, target)
        or "[kind]" in refused(tree, target)
    )


def test_the_shipped_specs_can_be_used_from_anywhere(tree: Path) -> None:
    assert "squeeze_excitation" in used(tree, "blocks/squeeze_excitation.yaml")
    assert "leads out of the project" in refused(tree, "../../../README.yaml")
    assert "there is no file" in refused(tree, "blocks/squeeze_excitatoin.yaml")


def test_the_environment_allows_more(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tree / "other"
    other.mkdir()
    (other / "more.yaml").write_text(BLOCKS)
    target = "../../../other/more.yaml"
    refused(tree, target)
    monkeypatch.setenv(VARIABLE, os.pathsep.join([str(tree / "nothing"), str(other)]))
    assert used(tree, target) == ["unit"]
    assert "leads out" in refused(tree, "../../../secret.yaml")  # that folder, and no other
    monkeypatch.setenv(VARIABLE, "")
    refused(tree, target)


def test_a_text_has_the_project_of_its_folder(tree: Path) -> None:
    (tree / "project" / "archprof.toml").touch()
    folder = tree / "project" / "networks"
    assert sorted(load_text(spec("../shared.yaml"), "<stdin>", folder).homes) == ["unit"]
    with pytest.raises(ProblemError, match="leads out of the project"):
        load_text(spec("../../secret.yaml"), "<stdin>", folder)


# --- no file, no program, no network ---

WATCH = """
import json, os, sys

MODULES = (
    "socket", "subprocess", "urllib", "http", "ftplib", "smtplib", "ctypes", "winreg", "pty",
    "webbrowser",
)
EVENTS = (
    "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "os.putenv", "os.remove",
    "os.rename", "os.rmdir", "os.mkdir", "os.chmod", "shutil.rmtree", "os.kill", "code.__new__",
    "exec.user",
)
events = []

def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        written = arguments[2] & (os.O_WRONLY | os.O_RDWR)
        events.append([event, os.fsdecode(arguments[0]), arguments[1] or ("w" if written else "r")])
    elif event.split(".")[0] in MODULES or event in EVENTS:
        events.append([event, repr(arguments)[:200], ""])

from archprof.cli.main import _run
sys.addaudithook(watch)
sys.argv = ["archprof", *sys.argv[1:]]
status = _run()
events, done = [], events
print("EVENTS", json.dumps(done), file=sys.stderr)
sys.exit(status)
"""
HOSTILE = {
    "code.yaml": (
        'name: net\ninput: 3x8x8\nparams: {a: \'__import__("os").system("touch ran")\', b:'
        " 1}\nlayers:\n  x: {op: conv2d, out: '$b.__class__', kernel: 1}\n  y: {op: relu, when:"
        " '().__class__.__bases__[0] == $b'}\n  z: {op: conv2d, kernel: 1, out:"
        " 'open(\"/etc/passwd\") + $b'}\n  w: {op: conv2d, kernel: 1, out: 'lambda: $b'}\n"
    ),
    "tags.yaml": (
        "name: !!python/object/apply:os.system ['touch ran']\ninput: !!python/name:os.system"
        " 3x8x8\nlayers: [{op: relu}]\n"
    ),
    "formats.yaml": (
        "name: net\ntitle: '{0.__class__} %(x)s ${PATH} $(touch ran) `touch ran` {{7*7}}'\nsource:"
        " file:///etc/passwd\ninput: 3x8x8\nlayers: [{op: relu}]\n"
    ),
    "network.yaml": (
        "name: net\ninput: 3x8x8\nlayers: [{network: ../../../etc/passwd}, {network:"
        " 'http://localhost/x'}, {network: /etc/hostname}]\n"
    ),
    "use.yaml": (
        "name: net\ninput: 3x8x8\nuse: [../../../../etc/hosts.yaml, /etc/passwd,"
        " 'http://127.0.0.1:9/x.yaml']\nlayers: [{op: relu}]\n"
    ),
    "sound.yaml": (
        "name: net\ninput: 1x32x32\nuse: blocks/swin.yaml\n"
        "layers: [{network: lenet5, from: input}]\n"
    ),
}


@pytest.mark.parametrize("command", ["summary", "check", "explain", "fmt --check"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_spec_opens_nothing_and_runs_nothing(tmp_path: Path, name: str, command: str) -> None:
    """As the interpreter's own audit hook sees it: files of Python, of archprof and the spec
    itself are all that is opened, and only to be read.
    """
    (tmp_path / name).write_text(HOSTILE[name])
    arguments = [*command.split(), name, *(["x"] if command == "explain" else [])]
    done = subprocess.run(
        [sys.executable, "-c", WATCH, *arguments],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
        timeout=60,
        env={**os.environ, "COLUMNS": "80", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode in (0, 1, 2), done.stderr
    assert "Traceback" not in done.stderr
    events = json.loads(done.stderr.rpartition("EVENTS ")[2])
    assert [event for event in events if event[0] != "open"] == []
    own = [
        str(tmp_path / name),
        name,
        str(specs_folder()),
        sys.prefix,
        sys.base_prefix,
        str(Path(specs_folder().parent / "archprof")),
        "/dev/null",
        "/proc/self/statm",
    ]  # how large the process is, for its allowance
    opened = {(os.path.normpath(tmp_path / path), mode) for _, path, mode in events}
    assert str(tmp_path / name) in {path for path, _ in opened}  # the hook is awake
    assert {
        path
        for path, _ in opened
        if not any(path.startswith(os.path.normpath(tmp_path / one)) for one in own)
    } <= {str(tmp_path / marker) for marker in MARKERS}  # where check looks for its configuration
    assert [path for path, mode in opened if set(mode) & set("wax+") and path != "/dev/null"] == []
    assert sorted(os.listdir(tmp_path)) == [name]
