"""The comment of a pull request, as a Markdown reader renders it: a table, folded details, and
no markup from names.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from archprof.analysis.analysis import analyze
from archprof.commands.diff.difference import difference
from archprof.commands.diff.fail_conditions import parse_condition
from archprof.commands.diff.met_conditions import met_conditions
from archprof.commands.diff.pull_request import (
    MARKER,
    MOST_CHARACTERS,
    _fitting,
    code,
    comment,
)
from archprof.commands.diff.review import Compared, Review, review, whole
from archprof.commands.diff.touched_specs import touched
from archprof.language.expand import expand
from archprof.language.revisions import Repository, Revision, WorkingTree
from archprof.problem import Mark, Problem
from tests.commands.diff.networks import CONV, net
from tests.commands.diff.networks import WIDER as WIDER_CONV
from tests.commands.diff.test_difference_tables import several, small
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


# --- whole comments of networks made up ---


def table(*rows: str) -> list[str]:
    """The lines of a table from its cells, set off by `;`."""
    return [f"| {' | '.join(cell.strip() for cell in row.split(';'))} |" for row in rows]


def test_a_network_of_every_state() -> None:
    """What differs is worked out in test_difference_tables.py."""
    assert comment(several()).splitlines() == [
        MARKER,
        "### archprof: 1 network changed, 1 added, 1 removed, 2 broken, 1 mended, 1 with the same"
        " numbers, from `main` to `work`",
        "",
        *table(
            "Network;;Params;MACs;Peak;Training;Field;Depth",
            ":--;:--;--:;--:;--:;--:;--:;--:",
            "`wider`;changed;304 → 342 (+12.5%);19.5 K → 21.9 K (+12.5%);"
            "4.69 KiB → 5.09 KiB (+8.5%);5.38 KiB → 5.92 KiB (+10.2%);3;2",
            "`new`;added;304;19.5 K;4.69 KiB;5.38 KiB;3;2",
            "`gone`;removed;304;19.5 K;4.69 KiB;5.38 KiB;3;2",
            "`bad`;broken;304;19.5 K;4.69 KiB;5.38 KiB;3;2",
            "`worse`;broken;;;;;;",
            "`mended`;mended;342;21.9 K;5.09 KiB;5.92 KiB;3;2",
        ),
        "",
        "Touched, with the same numbers: `same`.",
        "",
        "- `a.yaml` touches `wider`, `new`, `gone`",
        "- `b.yaml` touches `wider`, `same`",
        "- `c.yaml` touches `bad`, `worse`, `mended`",
        "",
        "<details>",
        "<summary><code>wider</code>: 1 changed, 1 affected, 0 as they were</summary>",
        "",
        *table(
            "Change;Layer;What;Params;MACs;Peak;Field;Place",
            ":--;:--;:--;--:;--:;--:;--:;:--",
            "changed;`conv`;`out 8 -> 9`;+36;+2.30 K;+400 B;-;`net.yaml:4`",
            "affected;`last`;`input 8x8x8 -> 9x8x8`;+2;+128;+8 B;-;`net.yaml:5`",
            "**Total**;;;**+38**;**+2.43 K**;**+408 B**;**-**;",
        ),
        "",
        "</details>",
    ]


def test_a_change_with_its_sign_where_no_share_can_be() -> None:
    """A pool of 4 in place of one of 2: the field grows by 2."""
    (row,) = [line for line in comment(small()).splitlines() if line.startswith("| `net` ")]
    assert row.split(" | ")[-2] == "4 → 6 (+2)"


def test_parameters_that_changed() -> None:
    old, new = net(CONV), net(WIDER_CONV)
    found = replace(difference(old, new), parameters=(("width", 8, "[9]"), ("depth", None, 2)))
    lines = comment(Review("a", "b", (Compared("net", old, new, found),))).splitlines()
    start = lines.index("- parameter `width`: `8` → `[9]`")
    assert lines[start - 1] == ""
    assert lines[start + 1 : start + 3] == ["- parameter `depth`: `None` → `2`", ""]


@pytest.mark.parametrize(("number", "shown", "more"), [(100, 100, ""), (102, 100, "And 2 more")])
def test_a_hundred_networks_and_how_many_more(number: int, shown: int, more: str) -> None:
    one = net(CONV)
    gone = tuple(Compared(f"n{i}", one, None) for i in range(number))
    lines = comment(Review("a", "b", gone)).splitlines()
    assert sum(line.startswith("| `n") for line in lines) == shown
    assert [line for line in lines if line.startswith("And")] == (
        [f"{more} networks."] if more else []
    )


@pytest.mark.parametrize(("number", "more"), [(40, []), (43, ["- and 3 more"])])
def test_forty_faults_of_each_side_and_how_many_more(number: int, more: list[str]) -> None:
    """Those of the new side first."""
    faults = tuple(
        Problem(Mark("net.yaml", i + 1, 1), "shape", f"fault {i}") for i in range(number)
    )
    whole_review = Review("a", "b", (), old_faults=faults[2:], new_faults=faults[:2])
    assert comment(whole_review).splitlines() == [
        MARKER,
        "### archprof: no network touched, from `a` to `b`",
        "",
        *(f"- **error** `fault {i}` at `net.yaml:{i + 1}:1`" for i in range(40)),
        *more,
        "",
    ]


def test_forty_files_and_how_many_more() -> None:
    one = net(CONV)
    files = tuple(f"f{i}.yaml" for i in range(42))
    networks = tuple(Compared(f"n{i}", one, None, None, files[:1]) for i in range(42))
    lines = comment(Review("a", "b", (Compared("all", one, None, None, files), *networks)))
    assert (
        f"- `f0.yaml` touches `all`, {', '.join(f'`n{i}`' for i in range(39))} and 3 more" in lines
    )
    assert "- `f39.yaml` touches `all`\n- and 2 more files\n" in lines


def test_lines_that_fit() -> None:
    """Up to 60,000 characters, else whole lines and a sign that some are missing."""
    short = ["a" * 29_999, "b" * 30_000]
    assert len("\n".join(short)) == 60_000
    assert _fitting(short) == "\n".join(short)
    assert _fitting([*short[:1], "b" * 30_001]) == f"{'a' * 29_999}\n\n…\n"


def test_a_foreign_text_is_cut() -> None:
    assert code("a" * 200) == f"`{'a' * 200}`"
    assert code("a" * 201) == f"`{'a' * 200}`"
    assert code(" a`|b ") == "`a'¦b`"
    assert code("") == ""
