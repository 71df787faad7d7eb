"""The comment of a pull request, as a Markdown reader renders it: a table, folded details, and
no markup from names.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from archprof.analysis.analysis import analyze
from archprof.commands.diff.fail_conditions import parse_condition
from archprof.commands.diff.met_conditions import met_conditions
from archprof.commands.diff.pull_request import MARKER, MOST_CHARACTERS, code, comment
from archprof.commands.diff.review import Compared, Review, review, whole
from archprof.commands.diff.touched_specs import touched
from archprof.language.expand import expand
from archprof.language.revisions import Repository, Revision, WorkingTree
from archprof.problem import Mark, Problem
from tests.history import ALONE, SMALL, SPECS, WIDER, History
from tests.show.rendered import nothing_live

BLOCK = "specs/blocks/unit.yaml"


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> History:
    made = History(tmp_path / "repo", SPECS)
    monkeypatch.chdir(made.root)
    return made


def reviewed() -> Review:
    with Repository() as repository:
        old, new = (
            Revision(repository, "main", repository.commit("main", "--base")),
            WorkingTree(repository),
        )
        return review(
            old,
            new,
            touched(old, new),
            lambda network: whole(analyze(expand(network), count="macs")),
        )


def tokens(text: str) -> list[Token]:
    """Every token, those inside of lines too."""
    found = []
    for token in (
        MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    ):
        found += [token, *(token.children or ())]
    return found


def test_whole_comment(history: History) -> None:
    """Letter by letter: what a reviewer reads."""
    history.write(
        {BLOCK: WIDER, "specs/small.yaml": None, "specs/alone.yaml": ALONE + "# a comment\n"}
    )
    found = reviewed()
    large = next(one for one in found.networks if one.name == "large")
    assert (
        comment(
            Review(found.old, found.new, tuple(one for one in found.networks if one is not large)),
            (),
        )
        == f"""\
{MARKER}
### archprof: 1 network changed, 1 removed, 1 with the same numbers, from `main` to `working tree`

| Network |  | Params | MACs | Peak | Training | Field | Depth |
| :-- | :-- | --: | --: | --: | --: | --: | --: |
| `tiny` | changed | 232 → 464 (+100.0%) | 221 K → 442 K (+100.0%) | 77.0 KiB → 142 KiB (+84.4%) \
| 77.9 KiB → 144 KiB (+84.6%) | 3 | 1 |
| `small` | removed | 14.7 K | 14.6 M | 326 KiB | 769 KiB | 7 | 4 |

Touched, with the same numbers: `alone`.

- `specs/alone.yaml` touches `alone`
- `specs/blocks/unit.yaml` touches `tiny`, `small`
- `specs/small.yaml` touches `small`

<details>
<summary><code>tiny</code>: 1 changed, 2 affected, 0 as they were</summary>

| Change | Layer | What | Params | MACs | Peak | Field | Place |
| :-- | :-- | :-- | --: | --: | --: | --: | :-- |
| changed | `body.0.conv` | `out 8 -> 16` | +216 | +221 K | +32.8 KiB | - | \
`specs/blocks/unit.yaml:6` |
| affected | `body.0.bn` | `input 8x32x32 -> 16x32x32` | +16 | - | +32.1 KiB | - | \
`specs/blocks/unit.yaml:7` |
| affected | `body.0.relu` | `input 8x32x32 -> 16x32x32` | - | - | - | - | \
`specs/blocks/unit.yaml:8` |
| **Total** |  |  | **+232** | **+221 K** | **+65.0 KiB** | **-** |  |

</details>
"""
    )


def test_what_fails_stands_first(history: History) -> None:
    history.write({BLOCK: WIDER})
    found = reviewed()
    text = comment(found, met_conditions(found, [parse_condition("macs>+5%")]))
    assert (
        text.splitlines()[3]
        == "- **fails** `tiny: macs 221 K -> 442 K (+100.0%) meets 'macs>+5%', most by changed"
        " 'body.0.conv'` at `specs/blocks/unit.yaml:6:31`"
    )
    assert text.count("**fails**") == 3


def test_faults_are_told(history: History) -> None:
    history.write({BLOCK: "name: parts\nblocks: {unit: {layers: [{op: rleu}]}}\n"})
    text = comment(reviewed())
    assert "- **error** `there is no op 'rleu'` at `specs/blocks/unit.yaml:2:31`" in text
    assert text.count("rleu") == 1
    assert "| `small` | broken |" in text


def test_tables_are_tables_and_details_are_folded(history: History) -> None:
    history.write({BLOCK: WIDER})
    found = tokens(comment(reviewed()))
    kinds = [token.type for token in found]
    assert kinds.count("table_open") == 4  # the networks, and the layers of three of them
    html = "".join(token.content for token in found if token.type == "html_block")
    assert html.count("<details>") == html.count("</details>") == html.count("<summary>") == 3


@given(st.text(max_size=60))
def test_a_name_is_a_code_span_and_nothing_else(name: str) -> None:
    for text in (f"- {code(name)} touches", f"| a | b |\n| :-- | :-- |\n| {code(name)} | x |"):
        inner = [t for t in tokens(text) if t.type not in ("text", "inline", "code_inline")]
        assert not {t.type for t in inner} & {
            "link_open",
            "image",
            "html_inline",
            "html_block",
            "em_open",
            "strong_open",
            "s_open",
            "hardbreak",
            "fence",
        }
        assert sum(t.type == "td_open" for t in inner) in (0, 2)
        assert "`" not in code(name)[1:-1]


@pytest.mark.parametrize(
    "name",
    [
        "<img src=x onerror=alert(1)>",
        "@octocat",
        "#1",
        "https://example.com",
        "a|b",
        "`x`",
        "![i](u)",
        "a\nb",
        "</details>",
        "~~a~~",
        "\\|b",
        "<!-- -->",
        "&lt;",
        "x" * 100_000,
    ],
)
def test_hostile_names(history: History, name: str) -> None:
    """Of files, networks and messages, wherever they stand: no link, image, mention, HTML or row
    of their own.
    """
    history.write({BLOCK: WIDER})
    found = reviewed()
    problem = Problem(Mark(f"{name}.yaml", 1, 1), "rule", f"there is no op `{name}`", name)
    one = found.networks[0]
    hostile = Compared(name, one.old, one.new, one.found, (f"{name}.yaml",))
    added, broken = (
        Compared(name, None, one.new, None, (name,)),
        Compared(name, None, None, None, (name,), (), (problem,)),
    )
    text = comment(Review(name, name, (hostile, added, broken), (), (problem,)))
    if len(name) > 1000:
        assert len(text) < MOST_CHARACTERS
        return
    parsed = tokens(text)
    assert not {"link_open", "image", "html_inline", "em_open", "s_open"} & {t.type for t in parsed}
    html = [t.content for t in parsed if t.type == "html_block"]
    assert html[0] == f"{MARKER}\n"
    assert "".join(html[1:]).count("<") == 2 + 2 + 2  # details, summary and code, opened and closed
    plain = "".join(t.content for t in parsed if t.type == "text")
    assert len(name) < 4 or name not in plain
    nothing_live(text)
    rows = [t for t in parsed if t.type == "tr_open"]
    assert len(rows) == 1 + 3 + 1 + 4


def test_a_comment_is_never_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = History(
        tmp_path / "repo",
        {
            BLOCK: SPECS[BLOCK],
            **{f"specs/n{i}.yaml": SMALL.replace("name: small", f"name: n{i}") for i in range(120)},
        },
    )
    monkeypatch.chdir(made.root)
    made.write({BLOCK: WIDER})
    found = reviewed()
    text = comment(found, met_conditions(found, [parse_condition("macs>+5%")]))
    assert "And 20 more networks." in text
    assert "- and 80 more\n" in text
    assert MOST_CHARACTERS / 2 < len(text) < MOST_CHARACTERS + 200
    assert text.count("<details>") == text.count("</details>")
    assert text.endswith("more networks are left out: this comment would be too long.\n")
