"""Every kind of mistake a spec can have, each with the whole text that its author reads."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from archprof.language.expand import expand
from archprof.language.find import find
from archprof.language.loader import load_file
from archprof.language.network import networks
from archprof.problem import ProblemError

FOLDER = Path(__file__).parent / "malformed"
CASES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def complaints(name: str) -> str:
    """All that is said about a file: when it is read, else when its networks are built."""
    try:
        document = load_file(Path(name))
        found = list(networks(document)) or [find(name)]
        return str(
            ProblemError(problem for network in found for problem in expand(network).problems)
        )
    except ProblemError as error:
        return str(error)


def test_every_case_has_its_text() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.txt")) == CASES
    assert len(CASES) > 150


@pytest.mark.parametrize("name", CASES)
def test_message(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    assert complaints(f"{name}.yaml") + "\n" == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_each_problem_has_a_place_in_a_file_of_the_case(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FOLDER)
    try:
        problems = [
            p
            for network in networks(load_file(Path(f"{name}.yaml")))
            for p in expand(network).problems
        ]
    except ProblemError as error:
        problems = list(error.problems)
    for problem in problems:
        lines = Path(problem.mark.file).read_text(encoding="utf-8").split("\n")
        assert 0 <= problem.mark.line <= len(lines)
        if problem.mark.line:
            assert problem.source_line == lines[problem.mark.line - 1]
            assert 1 <= problem.mark.column <= len(problem.source_line) + 1


# --- what is not a plain file, or too large to keep ---


def reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | str) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    start = time.process_time()
    text = complaints("net.yaml")
    assert time.process_time() - start < 5  # tenths, as a rule
    return text


HEAD = "name: net\ninput: 3x32x32\n"


def test_missing_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert complaints("net.yaml") == "net.yaml: error: there is no such file [file]"
    Path("nets.yaml").write_text("")
    assert (
        complaints("net.yaml")
        == "net.yaml: error: there is no such file [file]\n  hint: did you mean `nets.yaml`?"
    )


def test_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").mkdir()
    assert (
        complaints("net.yaml")
        == "net.yaml: error: a directory, expected a spec file [file]\n  hint: give the path of a"
        " .yaml file in it"
    )


def test_names_no_file_can_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert (
        complaints("n\0t.yaml") == "n\\x00t.yaml: error: cannot be read: embedded null byte [file]"
    )
    assert (
        complaints("n" * 5000 + ".yaml")
        == "n" * 5000 + ".yaml: error: cannot be read: File name too long [file]"
    )


def test_not_utf8(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEAD.encode() + b"title: r\xc3\xa9seau r\xe9siduel\nlayers:\n  a: {op: relu}\n"
    # the byte 0xe9 is the third line's 17th character: "title: réseau r" are 15 before it, counted
    # from 1
    assert (
        reported(tmp_path, monkeypatch, text)
        == "net.yaml:3:16: error: not UTF-8: byte 0xe9 [file]\n  hint: save it as UTF-8"
    )


def test_byte_order_mark_and_line_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\ufeff" + (HEAD + "layers:\n  a: {op: rellu}\n").replace("\n", "\r\n")
    assert reported(tmp_path, monkeypatch, text) == "\n".join(
        [
            "net.yaml:4:11: error: there is no op `rellu` [unknown-op]",
            "      a: {op: rellu}",
            "              ^",
            "  hint: did you mean `relu`?",
        ]
    )


def test_control_characters_are_refused_and_shown_escaped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reported(tmp_path, monkeypatch, HEAD + "title: bell\x07\n").splitlines() == [
        "net.yaml:3:12: error: not valid YAML: the character U+0007 cannot stand in it [yaml]",
        "    title: bell\\x07",
        "               ^",
        "  hint: remove it",
    ]
    # a quoted escape is valid YAML and must not reach a terminal
    assert reported(
        tmp_path, monkeypatch, HEAD + 'title: [x]\nlayers: {a: {op: "\\e[31m\\u202e"}}\n'
    ).splitlines()[3:] == [
        "net.yaml:4:18: error: there is no op `\\x1b[31m\\u202e` [unknown-op]",
        '    layers: {a: {op: "\\e[31m\\u202e"}}',
        "                     ^",
        "  hint: not in the language: `archprof ops` lists the operations",
    ]


def test_other_line_breaks_count_as_yaml_counts_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "name: net\rinput: 3x32x32\u2028layers:\x85  a: {op: rellu}\r"
    assert reported(tmp_path, monkeypatch, text).splitlines()[:2] == [
        "net.yaml:4:11: error: there is no op `rellu` [unknown-op]",
        "      a: {op: rellu}",
    ]


def test_file_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        reported(tmp_path, monkeypatch, HEAD + "#" * 1_000_000)
        == "net.yaml: error: larger than 1,000,000 bytes [file]\n  hint: split it: blocks can stand"
        " in files of their own (`use:`)"
    )


def test_alias_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ["l0: &l0 [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]"] + [
        f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]" for i in range(1, 9)
    ]
    # l0 has 11 values, l1 111, l2 1,111, l3 11,111; nine aliases in l4 make 1 + 9*11,111 = 100,000,
    # the tenth is too many
    assert (
        reported(tmp_path, monkeypatch, "\n".join(rows)).splitlines()[0]
        == "net.yaml:5:55: error: more than 100,000 values once its aliases are expanded [limit]"
    )


def test_too_many_values_without_an_alias(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = reported(tmp_path, monkeypatch, "[" + "0, " * 100_001 + "0]")
    # the list and 99,999 zeros are 100,000 values; the next zero stands in column 2 + 3*99,999
    assert found.splitlines()[0] == "net.yaml:1:299999: error: more than 100,000 values [limit]"
    assert found.splitlines()[-1] == "  hint: name a block and repeat it"


def test_deep_nesting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        reported(tmp_path, monkeypatch, "a: " + "[" * 10_000).splitlines()[0]
        == "net.yaml:1:43: error: nested deeper than 40 levels [limit]"
    )
    assert (
        reported(tmp_path, monkeypatch, "a: " + "{a: " * 10_000).splitlines()[0]
        == "net.yaml:1:160: error: nested deeper than 40 levels [limit]"
    )


def test_deep_nesting_through_aliases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ["a0: &a0 []"] + [f"a{i}: &a{i} [[[[[[[[*a{i - 1}]]]]]]]]" for i in range(1, 200)]
    # 8 levels each: a4's are 32, and a5 stands one level deep itself
    assert (
        reported(tmp_path, monkeypatch, "\n".join(rows)).splitlines()[0]
        == "net.yaml:6:17: error: nested deeper than 40 levels [limit]"
    )


def test_one_faulty_entry_after_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred problems are enough to read, and to look for the nearest name for."""
    text = reported(
        tmp_path,
        monkeypatch,
        HEAD
        + "layers:\n"
        + "".join(f"  l{i}: {{op: conv{i}, form: l{i}}}\n" for i in range(10_000)),
    )
    assert text.count(": error: ") == 101
    assert (
        text.splitlines()[0]
        == "net.yaml: error: 100 problems and more: the rest is not shown [limit]"
    )
    text = reported(tmp_path, monkeypatch, HEAD + "title: [" + "on, " * 20_000 + "]\n")
    assert text.count(": error: ") == 101


def test_many_names_to_choose_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params = "".join(f"  parameter_{i}: 1\n" for i in range(20_000))
    layers = "".join(f"  l{i}: {{op: relu, when: $paramter_{i} == 1}}\n" for i in range(5_000))
    assert (
        reported(tmp_path, monkeypatch, HEAD + "params:\n" + params + "layers:\n" + layers).count(
            ": error: "
        )
        == 101
    )


def test_a_chain_of_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = (
        "".join(f"  b{i}: {{layers: [{{block: b{i + 1}}}]}}\n" for i in range(10_000))
        + "  b10000: {layers: {r: {op: relu}}}\n"
    )
    text = reported(
        tmp_path, monkeypatch, HEAD + "blocks:\n" + blocks + "layers:\n  x: {block: b0}\n"
    )
    assert (
        text.splitlines()[0] == "net.yaml:54:18: error: blocks nested deeper than 50 levels [limit]"
    )


def test_a_circle_of_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = "".join(
        f"  b{i}: {{layers: [{{block: b{(i + 1) % 10_000}}}]}}\n" for i in range(10_000)
    )
    text = reported(
        tmp_path, monkeypatch, HEAD + "blocks:\n" + blocks + "layers:\n  x: {block: b0}\n"
    )
    shown = " -> ".join(f"b{i}" for i in range(11))
    assert (
        text.splitlines()[0]
        == f"net.yaml:10003:28: error: block `b0` contains itself: {shown} -> … -> b0 [cycle]"
    )


def test_groups_among_many_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layers = "".join(f"  g{i}: [{{op: relu}}]\n" for i in range(12_000))
    assert reported(tmp_path, monkeypatch, HEAD + "layers:\n" + layers) == ""
