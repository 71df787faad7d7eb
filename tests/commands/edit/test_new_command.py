"""`archprof new`: files that check and summary are content with, and none that is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import Run


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "more",
    [(), ("--from", "resnet50"), ("--from", "mobilenet_v3_small"), ("--from", "convnext_t")],
    ids=lambda m: m[-1] if m else "",
)
def test_what_is_written_holds(run: Run, more: tuple[str, ...]) -> None:
    done = run("new", "mine", *more)
    assert (done.code, done.out) == (0, "")
    assert (
        done.err
        == "mine.yaml written: `archprof summary mine.yaml` shows what it costs, `archprof check"
        " mine.yaml` checks it\n"
    )
    assert run("check", "--strict", "mine.yaml") == (0, "", "1 file, 1 network, no problems\n")
    assert run("fmt", "--check", "mine.yaml").code == 0
    assert run("summary", "mine.yaml", columns=100).out.startswith("mine · ")


def test_paths(run: Run, folder: Path) -> None:
    (folder / "nets").mkdir()
    assert run("new", "nets/a").code == run("new", "nets/b.yml").code == 0
    assert sorted(path.name for path in (folder / "nets").iterdir()) == ["a.yaml", "b.yml"]
    assert (folder / "nets" / "b.yml").read_text().count("\nname: b\n") == 1
    done = run("new", "missing/a")
    assert (done.code, done.err) == (
        2,
        "archprof: error: there is no folder missing to write into: missing/a.yaml\n",
    )


def test_nothing_is_overwritten(run: Run, folder: Path) -> None:
    (folder / "mine.yaml").write_text("mine")
    (folder / "link.yaml").symlink_to("nowhere.yaml")
    for name in ("mine", "mine.yaml", "link"):
        done = run("new", name)
        assert done.code == 2
        assert "there is such a file already [file]" in done.err
    assert (folder / "mine.yaml").read_text() == "mine"
    assert not (folder / "nowhere.yaml").exists()


@pytest.mark.parametrize("name", ["", "a b", "-x.yaml", "a\nb", "\x1b[31m", "é", "."])
def test_names_that_no_network_can_have(run: Run, folder: Path, name: str) -> None:
    done = run("new", "--", name)
    assert done.code == 2
    assert "cannot name a network" in done.err
    assert "\x1b" not in done.err
    assert list(folder.iterdir()) == []


def test_unknown_networks_have_neighbours(run: Run, folder: Path) -> None:
    done = run("new", "mine", "--from", "rsnet50")
    assert (done.code, done.err) == (
        2,
        (
            "rsnet50: error: there is no network called `rsnet50` [network]\n  hint: did you mean"
            " `resnet50`?\n"
        ),
    )
    assert list(folder.iterdir()) == []


def test_a_first_change_does_not_fail_what_the_original_states(run: Run, folder: Path) -> None:
    """One block more in the third stage of a ResNet-50."""
    run("new", "mine", "--from", "resnet50")
    path = folder / "mine.yaml"
    path.write_text(path.read_text().replace("depths: [3, 4, 6, 3]", "depths: [3, 4, 7, 3]"))
    assert run("check", "--strict", "mine.yaml") == (0, "", "1 file, 1 network, no problems\n")
    assert run("diff", "resnet50", "mine.yaml", "--fail-on", "depth>+3").code == 0
    assert run("diff", "resnet50", "mine.yaml", "--fail-on", "depth>+2").code == 1
