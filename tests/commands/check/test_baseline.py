"""`check --base`: a change is checked by the rules of the revision it goes to, whatever it makes
of them, and what it makes of them is reported.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.command_line import Run
from tests.history import History

# a: 40*(3*27 + ... ) is 3*3*3*40 + 40 = 1,120 parameters, n: 80; its 36 pixels take 27*40*36 =
# 38,880 MACs
NET = """\
name: net
input: 3x8x8
layers:
  a: {op: conv2d, out: 40, kernel: 3}  # archprof: ignore[conv-bias] as published
  n: {op: batch_norm2d}
budget: {max_macs: 100K, min_receptive_field: 3}
"""
STRICT = "[[budget]]\nmax_params = 1_000\n"


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> History:
    """A repository whose budget the network does not keep."""
    made = History(tmp_path / "repo", {"specs/net.yaml": NET, "archprof.toml": STRICT})
    monkeypatch.chdir(made.root)
    return made


def found(run: Run, *arguments: str) -> tuple[int, list[tuple[str, int, str, str]]]:
    """The exit code; and of each finding place, severity and message."""
    done = run("check", *(arguments or ("specs",)), "--base", "main", "--format", "json")
    assert done.out, done.err
    findings = json.loads(done.out)["findings"]
    return done.code, [(f["file"], f["line"], f["severity"], f["message"]) for f in findings]


OVER = ("specs/net.yaml", 1, "error", "net has params 1,200, its budget is 1,000: more by 200")


def test_without_a_change_it_is_the_same(history: History, run: Run) -> None:
    assert found(run) == (1, [OVER])
    assert run("check", "specs").code == 1


CHANGES: dict[str, tuple[Mapping[str, str | None], tuple[str, int, str]]] = {
    "an empty one nearer by": (
        {"specs/archprof.toml": ""},
        ("specs/archprof.toml", 0, "is not at main"),
    ),
    "a laxer one nearer by": (
        {"specs/archprof.toml": "[[budget]]\nmax_params = '1M'\n"},
        ("specs/archprof.toml", 0, "is not at main"),
    ),
    "a pyproject.toml nearer by": (
        {"specs/pyproject.toml": "[tool.archprof]\n"},
        ("specs/pyproject.toml", 0, "is not at main"),
    ),
    "other rules": (
        {"archprof.toml": "select = ['remainder']\n"},
        ("archprof.toml", 0, "is not as it is at main"),
    ),
    "a suppression in it": (
        {"archprof.toml": STRICT + "[[suppress]]\nrule = 'budget'\nreason = 'x'\n"},
        ("archprof.toml", 0, "is not as it is at main"),
    ),
    "none": (
        {"archprof.toml": None},
        ("archprof.toml", 0, "is gone, and still counts as it is at main"),
    ),
    "what is not TOML": ({"archprof.toml": "["}, ("archprof.toml", 0, "is not as it is at main")),
}


@pytest.mark.parametrize("committed", [True, False], ids=["committed", "in the working tree"])
@pytest.mark.parametrize(("files", "note"), CHANGES.values(), ids=CHANGES)
def test_a_changed_configuration_does_not_count(
    history: History,
    run: Run,
    files: Mapping[str, str | None],
    note: tuple[str, int, str],
    committed: bool,
) -> None:
    history.git("checkout", "-q", "-b", "change")
    history.commit(files) if committed else history.write(files)
    code, findings = found(run)
    assert code == 1
    file, line, message = note
    assert findings == sorted([(file, line, "note", f"this configuration {message}"), OVER])


def test_a_link_in_a_configurations_place(history: History, run: Run) -> None:
    (history.root / "lax.toml").touch()
    (history.root / "specs/archprof.toml").symlink_to("../lax.toml")
    assert found(run)[0] == 1
    history.commit({})  # now it is one of the base, where links are not followed
    done = run("check", "specs", "--base", "main")
    assert (done.code, done.out) == (2, "")
    assert (
        "main:specs/archprof.toml: error: it is a link, which is not followed at a revision"
        " [config]" in done.err
    )


def test_a_configuration_whose_content_git_lacks(history: History, run: Run) -> None:
    """As in a clone without blobs, from which nothing is fetched."""
    blob = history.git("rev-parse", "main:archprof.toml")
    (history.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    done = run("check", "specs", "--base", "main")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"main:archprof.toml: error: git does not have the content {blob[:12]} [git]\n"
        "  hint: a partial clone: git fetch\n"
    )


def test_a_linked_folder_has_the_rules_of_where_it_leads(history: History, run: Run) -> None:
    history.commit({"specs/archprof.toml": "[[budget]]\nmax_params = 900\n"})
    (history.root / "again").symlink_to("specs")
    assert "its budget is 900" in found(run, "again")[1][0][3]


def test_a_suppression_of_what_fails_fails(history: History, run: Run) -> None:
    """For the whole file, and for a line."""
    history.write({"specs/net.yaml": "# archprof: ignore-file[budget] because\n" + NET})
    assert found(run) == (
        1,
        [("specs/net.yaml", 1, "error", "this suppression of `budget` is not at main")],
    )
    history.write(
        {
            "specs/net.yaml": NET.replace(
                "name: net", "name: net  # archprof: ignore[budget] because"
            )
        }
    )
    assert found(run) == (
        1,
        [("specs/net.yaml", 1, "error", "this suppression of `budget` is not at main")],
    )


def test_a_suppression_that_the_base_has_counts(history: History, run: Run) -> None:
    """Wherever it has moved to."""
    history.commit({"specs/net.yaml": "# archprof: ignore-file[budget] because\n" + NET})
    history.write(
        {"specs/net.yaml": "# a line more\n# archprof: ignore-file[budget] because\n" + NET}
    )
    assert found(run) == (0, [])


def test_a_suppression_of_another_line_does_not_count(history: History, run: Run) -> None:
    """It may have been moved from a network that is allowed more."""
    wide = "name: net  # archprof: ignore[budget] because\n" + NET.partition("\n")[2].replace(
        "budget: {max_macs", "variants: {small: {}}\nbudget: {max_macs"
    )
    history.commit({"specs/net.yaml": wide})
    assert found(run)[0] == 1  # the variant's
    moved = wide.replace("  # archprof: ignore[budget] because", "").replace(
        "{small: {}}", "\n  small: {}  # archprof: ignore[budget] because"
    )
    history.write({"specs/net.yaml": moved})
    assert ("specs/net.yaml", 7, "error", "this suppression of `budget` is not at main") in found(
        run
    )[1]


def test_a_suppression_of_a_warning_is_noted(history: History, run: Run) -> None:
    large = NET.replace("100K", "1M")
    history.commit({"archprof.toml": "", "specs/net.yaml": large})
    history.write(
        {
            "specs/net.yaml": large.replace(
                "layers:",
                "layers:\n  # archprof: ignore[conv-bias] so be it\n  b: {op: conv2d, out: 8,"
                " kernel: 1}\n  m: {op: batch_norm2d}",
            )
        }
    )
    assert found(run) == (
        0,
        [("specs/net.yaml", 4, "note", "this suppression of `conv-bias` is not at main")],
    )


def test_budgets_of_a_spec_that_allow_more_are_noted(history: History, run: Run) -> None:
    history.commit({"archprof.toml": ""})
    for now, line, message in (
        (
            "{max_macs: 200K, min_receptive_field: 3}",
            6,
            "the budget `max_macs` of `net` allows more than at main",
        ),
        (
            "{max_macs: 100K, min_receptive_field: 2}",
            6,
            "the budget `min_receptive_field` of `net` allows more than at main",
        ),
        ("{min_receptive_field: 3}", 0, "the budget `max_macs` of `net` is gone, which is at main"),
    ):
        history.write(
            {"specs/net.yaml": NET.replace("{max_macs: 100K, min_receptive_field: 3}", now)}
        )
        assert found(run) == (0, [("specs/net.yaml", line, "note", message)])
    history.write({"specs/net.yaml": NET.replace("100K", "50K")})
    assert found(run) == (0, [])


# --- a budget escaped by another name ---

# a convolution of 40 filters of 3*3*3 weights and a bias: 1,120 parameters
MY_CNN = """\
name: my-cnn
input: 3x8x8
layers:
  a: {op: conv2d, out: 40, kernel: 3}
"""
MY_NET = MY_CNN.replace("my-cnn", "my-net")
TINY = "name: tiny\ninput: 3x8x8\nlayers:\n  a: {op: relu}\n"
LIMIT = "[[budget]]\nnetwork = 'my-cnn'\nmax_params = 2_000\n"
LACKS = (
    "my-net lacks the budget `max_params`, which `my-cnn` of specs/net.yaml had and the change"
    " removes or renames"
)


@pytest.fixture
def limited(history: History) -> History:
    """A repository whose budget names one of two networks."""
    history.commit({"specs/net.yaml": MY_CNN, "specs/tiny.yaml": TINY, "archprof.toml": LIMIT})
    return history


RENAMES: dict[str, tuple[str, Mapping[str, str | None]]] = {
    "in its file": ("specs/net.yaml", {"specs/net.yaml": MY_NET}),
    "in another file": ("specs/new.yaml", {"specs/net.yaml": None, "specs/new.yaml": MY_NET}),
    "beside a small one of the old name": (
        "specs/net.yaml",
        {"specs/net.yaml": MY_NET, "specs/stub.yaml": TINY.replace("tiny", "my-cnn")},
    ),
}


@pytest.mark.parametrize(("file", "files"), RENAMES.values(), ids=RENAMES)
def test_a_renamed_network_does_not_escape_its_budget(
    limited: History, run: Run, file: str, files: Mapping[str, str | None]
) -> None:
    limited.write(files)
    assert found(run) == (1, [(file, 1, "error", LACKS)])
    assert "that budget is main:archprof.toml:3:1: " in run("check", "specs", "--base", "main").out
    assert run("check", "specs", "--base", "main", "--ignore", "budget").code == 0


def test_a_network_of_another_family_does_not_escape_its_budget(limited: History, run: Run) -> None:
    limited.commit(
        {
            "archprof.toml": LIMIT.replace("network", "family"),
            "specs/net.yaml": MY_CNN + "family: my-cnn\n",
        }
    )
    assert found(run) == (0, [])
    limited.write({"specs/net.yaml": MY_NET + "family: my-net\n"})
    assert found(run) == (1, [("specs/net.yaml", 1, "error", LACKS)])


def test_a_renamed_block_does_not_escape_its_budget(limited: History, run: Run) -> None:
    block = "blocks:\n  unit:\n    layers:\n      r: {op: relu}\n"
    own = TINY.replace("tiny", "my-cnn").replace("{op: relu}", "{block: unit}") + block
    limited.commit(
        {"archprof.toml": "[[budget]]\nblock = 'unit'\nmax_params = 5\n", "specs/net.yaml": own}
    )
    assert found(run) == (0, [])
    limited.write({"specs/net.yaml": own.replace("unit", "other")})
    assert found(run) == (
        1,
        [
            (
                "specs/net.yaml",
                1,
                "error",
                "my-cnn lacks the budget `max_params` of the block `unit`, which it had",
            )
        ],
    )


NO_ESCAPES: dict[str, tuple[str, Mapping[str, str | None]]] = {
    "its old name is an alias": (LIMIT, {"specs/net.yaml": MY_NET + "aliases: my-cnn\n"}),
    "the new name has a budget": (
        LIMIT + LIMIT.replace("my-cnn", "my-net"),
        {"specs/net.yaml": MY_NET},
    ),
    "the budget is for all": (LIMIT.replace("my-cnn", "*"), {"specs/net.yaml": MY_NET}),
    "its file is another": (LIMIT, {"specs/net.yaml": None, "specs/moved.yaml": MY_CNN}),
    "another was free before": (
        LIMIT,
        {"specs/net.yaml": None, "specs/tiny.yaml": None, "specs/small.yaml": TINY},
    ),
    "a network more": (LIMIT, {"specs/new.yaml": MY_NET}),
    "budgets are suppressed there": (
        LIMIT + "[[suppress]]\nrule = 'budget'\nreason = 'x'\n",
        {"specs/net.yaml": MY_NET},
    ),
}


@pytest.mark.parametrize(("configuration", "files"), NO_ESCAPES.values(), ids=NO_ESCAPES)
def test_what_escapes_no_budget(
    limited: History, run: Run, configuration: str, files: Mapping[str, str | None]
) -> None:
    limited.commit({"archprof.toml": configuration})
    limited.write(files)
    code, findings = found(run)
    assert (code, [text for *_, text in findings if "lacks" in text]) == (0, [])


def test_a_removed_network_leaves_its_budget_idle(limited: History, run: Run) -> None:
    """In a change of its own that is a note: nothing is there that the budget could have been
    for.
    """
    limited.write({"specs/net.yaml": None})
    message = "this budget fits no network now: `my-cnn` of specs/net.yaml is gone"
    assert found(run) == (0, [("main:archprof.toml", 3, "note", message)])


# --- specs that are passed over ---

WORDS = "it has none of a spec's words at its top"


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("net.yaml", b"", "it is empty"),
        ("net.yaml", b"\x00\xff\x01", WORDS),
        ("net.yaml", MY_CNN.replace("layers:", "layer:").encode(), WORDS),
        ("net.yaml", b"claims: {}\n" + MY_CNN.encode(), WORDS),
        ("net.YAML", MY_CNN.encode(), "its name ends in .YAML"),
        ("Net.YML", MY_CNN.encode(), "its name ends in .YML"),
    ],
)
@pytest.mark.parametrize("path", ["specs", ".", "spec*"])
def test_a_spec_that_is_passed_over_now(
    limited: History, run: Run, path: str, file: str, content: bytes, reason: str
) -> None:
    (limited.root / "specs/net.yaml").unlink()
    (limited.root / "specs" / file).write_bytes(content)
    code, findings = found(run, path)
    assert (code, [f for f in findings if f[2] == "error"]) == (
        1,
        [(f"specs/{file}", 0, "error", f"it was a spec at main and is passed over now: {reason}")],
    )


def test_a_spec_that_is_a_link_now(limited: History, run: Run, tmp_path: Path) -> None:
    (limited.root / "specs/net.yaml").rename(tmp_path / "net.yaml")
    (limited.root / "specs/net.yaml").symlink_to(tmp_path / "net.yaml")
    assert found(run) == (
        1,
        [
            (
                "specs/net.yaml",
                0,
                "error",
                "it was a spec at main and is passed over now: it is a link",
            )
        ],
    )


def test_what_is_not_passed_over(limited: History, run: Run) -> None:
    """Files that were not specs, those that lie where no walk comes, those of other folders, and
    specs that have moved or gone.
    """
    limited.commit(
        {
            "specs/ci.yaml": "on: push\n",
            "specs/.old/net.yaml": MY_CNN,
            "other/net.yaml": TINY,
            "specs/node_modules/net.yaml": TINY,
        }
    )
    (limited.root / "specs/net.yaml").rename(limited.root / "specs/net.yml")
    limited.write(
        {
            "specs/ci.yaml": "",
            "specs/.old/net.yaml": "",
            "other/net.yaml": "",
            "specs/node_modules/net.yaml": "",
            "specs/tiny.yaml": None,
        }
    )
    assert found(run) == (0, [])
    assert found(run, "specs/net.yml") == (0, [])


def test_files_outside_the_repository_keep_their_configuration(history: History, run: Run) -> None:
    (history.root.parent / "net.yaml").write_text(NET)
    (history.root.parent / "archprof.toml").write_text("[[budget]]\nmax_params = 900\n")
    assert found(run, "../net.yaml") == (
        1,
        [("../net.yaml", 1, "error", "net has params 1,200, its budget is 900: more by 300")],
    )


def test_a_file_outside_the_repository_takes_no_budget_away(limited: History, run: Run) -> None:
    """A network that is gone has not become one that another project has."""
    limited.write({"specs/net.yaml": None})
    (limited.root.parent / "net.yaml").write_text(MY_NET)
    code, findings = found(run, "specs", "../net.yaml")
    assert (code, [text for *_, text in findings]) == (
        0,
        ["this budget fits no network now: `my-cnn` of specs/net.yaml is gone"],
    )


def test_which_configuration_counted_is_said(history: History, run: Run) -> None:
    """In text and in data: that of each file."""
    history.write(
        {
            "other/net.yaml": NET,
            "other/archprof.toml": "",
            "alone/archprof.toml": "",
            "alone/net.yaml": NET,
            "x/archprof.toml": "",
            "x/n.yaml": NET,
        }
    )
    assert run("check", "specs").err == "1 file, 1 network, 1 problem, by archprof.toml\n"
    assert (
        run("check", "specs", "other").err
        == "2 files, 2 networks, 1 problem, by archprof.toml and other/archprof.toml\n"
    )
    assert run("check", ".").err.endswith(
        ", by alone/archprof.toml, archprof.toml, other/archprof.toml and 1 more\n"
    )
    assert (
        run("check", "specs", "--base", "main").err
        == "1 file, 1 network, 1 problem, by main:archprof.toml\n"
    )
    data = json.loads(run("check", "specs", "other", "-f", "json").out)
    assert {file["file"]: file["configuration"] for file in data["files"]} == {
        "specs/net.yaml": "archprof.toml",
        "other/net.yaml": "other/archprof.toml",
    }
    invocation = json.loads(run("check", "specs", "-f", "sarif").out)["runs"][0]["invocations"][0]
    assert invocation["properties"] == {"configurations": {"specs/net.yaml": "archprof.toml"}}
    assert (
        '<property name="configuration" value="archprof.toml" />'
        in run("check", "specs", "-f", "junit").out
    )


def test_wrong_use(history: History, run: Run) -> None:
    assert "there is no revision `nope`" in run("check", "specs", "--base", "nope").err
    assert (
        "--config and --base both say which rules count"
        in run("check", "specs", "--base", "main", "--config", "archprof.toml").err
    )
