"""`archprof quiz` and `archprof grade` as a lecturer and a student use them."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from archprof.show.latex_table import LINE
from tests.command_line import Run

QUIZ = ("quiz", "alexnet", "--blank", 8, "--seed", 3)
# 55 = (227 - 11)/4 + 1; (11*11*3 + 1)*96; …
KEY = [
    "96x55x55",
    "34,944",
    "256x27x27",
    "149,520,384",
    "9216",
    "linear",
    "16,777,216",
    "4,097,000",
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fill(path: Path, answers: list[str]) -> None:
    """Puts the answers where the sheet has a ?, one after the other."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    left = iter(answers)
    filled = [[next(left) if cell == "?" else cell for cell in row] for row in rows]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(filled)


def test_sheet_on_a_terminal_of_80(run: Run) -> None:
    done = run(*QUIZ)
    assert (done.code, done.err) == (0, "")
    assert done.out.count("____") == 8
    assert "made by archprof quiz alexnet --blank 8 --seed 3" in done.out
    assert not any(answer in done.out.split() for answer in KEY[:5] + KEY[6:])


def test_key_in_place_of_the_sheet(run: Run) -> None:
    done = run(*QUIZ, "--key", "-")
    assert re.findall(r"\[([^\]]+)\]", done.out) == KEY
    assert "conv1 Params (11*11*3 + 1)*96 = 34,944" in re.sub(r" +", " ", done.out)


def test_key_beside_the_sheet(run: Run, folder: Path) -> None:
    done = run(*QUIZ, "--format", "csv", "-o", "sheet.csv", "--key", "key.csv")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert run("grade", "key.csv").code == 0
    assert run("grade", "sheet.csv").code == 1
    assert (
        sum(line.count("?") for line in Path("sheet.csv").read_text(encoding="utf-8").splitlines())
        == 8
    )


@pytest.mark.parametrize("other", ["key.csv", "./key.csv", "link.csv"])
def test_the_key_and_the_sheet_are_two_files(run: Run, folder: Path, other: str) -> None:
    Path("link.csv").symlink_to("key.csv")
    done = run(*QUIZ, "--key", "key.csv", "-o", other)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(
        "--key: error: key.csv is the file of the sheet (-o) too, which would replace the key"
        " [option]"
    )
    assert not Path("key.csv").exists()


def test_another_quiz_is_not_marked(run: Run, folder: Path) -> None:
    """What a student may hand in: an easier quiz, answered rightly."""
    run(*QUIZ, "--format", "csv", "-o", "sheet.csv", "--key", "key.csv")
    run(
        "quiz", "lenet5", "--blank", 1, "--format", "csv", "-o", "easy.csv", "--key", "answered.csv"
    )
    assert run("grade", "answered.csv").code == 0
    for options in (
        ("--key", "key.csv"),
        ("--key", "sheet.csv"),
        ("--network", "alexnet"),
        ("--blank", 8),
        ("--seed", 3),
    ):
        assert run("grade", "key.csv", *options).code == 0
        done = run("grade", "answered.csv", *options)
        assert (done.code, done.out) == (2, "")
    done = run("grade", "answered.csv", "--key", "key.csv")
    assert done.err.splitlines() == [
        (
            "answered.csv:1:1: error: the sheet is of another quiz: blank=1, network=lenet5,"
            " seed=0, expected blank=8, network=alexnet, seed=3 [sheet]"
        ),
        "    archprof quiz 1,network=lenet5,blank=1,seed=0",
        "    ^",
        "  hint: a student's sheet has the first line of the one that was handed out",
    ]


def test_no_part_of_the_quiz_may_be_another(run: Run, folder: Path) -> None:
    run(*QUIZ, "--format", "csv", "-o", "sheet.csv", "--key", "key.csv")
    text = Path("key.csv").read_text(encoding="utf-8")
    for old, new in (
        (",seed=3", ",seed=3,set=depths=[30000]"),
        ("network=alexnet", "network=../alexnet.yaml"),
        (",seed=3", ""),
    ):
        Path("other.csv").write_text(text.replace(old, new, 1), encoding="utf-8")
        done = run("grade", "other.csv", "--key", "key.csv")
        assert done.code == 2
        assert "the sheet is of another quiz" in done.err
    # as a spreadsheet saves it elsewhere
    Path("other.csv").write_text(text.replace(",", ";").replace('"', ""), encoding="utf-8")
    assert "another quiz" not in run("grade", "other.csv", "--key", "key.csv").err
    assert run("grade", "key.csv", "--key", "nowhere.csv").code == 2


def test_a_path_that_a_spreadsheet_would_compute_comes_back(run: Run, folder: Path) -> None:
    name = "a;=1+1.yaml"
    Path(name).write_text(
        "name: net\ninput: 3x8x8\nlayers: {conv: {op: conv2d, out: 4, kernel: 3}, fc: {op: linear,"
        " out: 2}}\n",
        encoding="utf-8",
    )
    assert (
        run(
            "quiz", name, "--blank", 2, "--format", "csv", "-o", "sheet.csv", "--key", "key.csv"
        ).code
        == 0
    )
    assert "network=a;'=1+1.yaml" in Path("key.csv").read_text(encoding="utf-8")
    assert run("grade", "key.csv", "--key", "sheet.csv").code == 0


@pytest.mark.parametrize("output_format", ["md", "latex", "csv", "json", "table"])
def test_the_same_seed_is_the_same_sheet_in_every_format(run: Run, output_format: str) -> None:
    first, again, other = (
        run("quiz", "resnet18", "--seed", seed, "-f", output_format).out for seed in (5, 5, 6)
    )
    assert first == again != other


def test_markdown_and_latex(run: Run) -> None:
    """With lines for the name, the date and the points above the eight of the table."""
    assert run(*QUIZ, "--format", "md").out.count(r"\_\_\_\_") == 3 + 8
    text = run(*QUIZ, "--format", "latex").out
    assert text.count(LINE) == 3 + 8
    assert r"\begin{longtable}" in text
    assert "-{}-blank 8" in text  # no dash


def test_json_has_the_answers_in_the_key_only(run: Run) -> None:
    sheet, key = (
        json.loads(run(*QUIZ, "--format", "json", *more).out) for more in ((), ("--key", "-"))
    )
    assert [sheet["rows"][b["row"]][b["column"]] for b in sheet["blanks"]] == [None] * 8
    answers = [key["rows"][b["row"]][b["column"]] for b in key["blanks"]]
    assert [_printed(answer) for answer in answers] == KEY
    assert not any(isinstance(answer, str) and answer[0].isdigit() for answer in answers)


def _printed(value: int | str | list[int]) -> str:
    if isinstance(value, list):
        return "x".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else value


def test_the_command_on_a_sheet_makes_it_again(run: Run) -> None:
    options = (
        "quiz",
        "resnet50",
        "--blank",
        6,
        "--seed",
        2,
        "--ask",
        "output,flops",
        "--from",
        "layer2",
        "--to",
        "layer2.1",
        "--set",
        "depths=[1,2,1,1]",
        "--input",
        "3x96x64",
        "--batch",
        2,
        "--dtype",
        "float16",
    )
    first = run(*options, "--format", "json")
    import shlex

    again = run(*shlex.split(json.loads(first.out)["command"])[1:], "--format", "json")
    assert json.loads(again.out) == json.loads(first.out)


def test_grade_by_the_lectures_conventions(run: Run, folder: Path) -> None:
    run(*QUIZ, "--format", "csv", "-o", "sheet.csv")
    fill(
        Path("sheet.csv"),
        ["55x55x96", "34,848", "27x27x256", "299M", "9216", "FC", "33.6M", "4096K"],
    )
    assert run("grade", "sheet.csv").out.startswith("alexnet: 4 of 8 right; 4 of 8 points, strict")
    done = run("grade", "sheet.csv", "--lenient")
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("alexnet: 4 of 8 right; 6 of 8 points, lenient\n")
    assert re.search(r"^shapes +HxWxC throughout, in 2 answers$", done.out, re.MULTILINE)
    assert re.search(
        r"^parameters +without biases throughout, in 2 answers$", done.out, re.MULTILINE
    )
    assert re.search(r"^arithmetic +2 per MAC throughout, in 2 answers$", done.out, re.MULTILINE)


def test_a_sheet_in_another_encoding_is_refused_with_the_way_out(run: Run, folder: Path) -> None:
    """What Excel saves as `CSV` on Windows: the × of a shape is the byte d7 in cp1252."""
    run(*QUIZ, "--format", "csv", "-o", "sheet.csv", "--key", "key.csv")
    Path("in").mkdir()
    text = Path("key.csv").read_text(encoding="utf-8").replace("96x55x55", "96×55×55")
    Path("in/sheet.csv").write_bytes(text.encode("cp1252"))
    done = run("grade", "in/sheet.csv", "--key", "key.csv")
    assert done.code == 2
    assert "in/sheet.csv:4:35: error: not UTF-8: byte 0xd7" in done.err
    assert "  hint: save it as UTF-8: in Excel as `CSV UTF-8 (Comma delimited)`" in done.err
    done = run("grade", "in", "--key", "key.csv", "--format", "md")
    assert done.code == 1
    assert "not marked: not UTF-8: byte 0xd7" in done.out
    assert "save it as UTF-8: in Excel as" in done.out
    Path("names.csv").write_bytes("Zoë\n".encode("cp1252"))
    done = run("quiz", "alexnet", "--students", "names.csv", "-o", "sheets", "--key", "keys")
    assert (done.code, "in Excel as `CSV UTF-8" in done.err) == (2, True)


def test_grade_tells_mistakes_apart_from_what_follows(run: Run, folder: Path) -> None:
    run(
        "quiz",
        "alexnet",
        "--blank",
        5,
        "--seed",
        1,
        "--ask",
        "output,memory",
        "--from",
        "conv1",
        "--to",
        "pool1",
        "--format",
        "csv",
        "-o",
        "sheet.csv",
    )
    fill(
        Path("sheet.csv"),
        ["96x54x54", str(4 * 96 * 54 * 54), "96x26x26", "1", str(4 * 96 * 54 * 54 + 1)],
    )
    done = run("grade", "sheet.csv", columns=100)
    assert done.code == 1
    assert done.out.startswith(
        "alexnet: 0 of 5 right, 3 wrong only because of an earlier one; 1.5 of 5 points, strict\n"
    )
    assert re.findall(
        r"^(\w+) +(\w+) +\S+ +\S+ +(wrong|carried over) ", done.out, re.MULTILINE
    ) == [
        ("conv1", "Output", "wrong"),
        ("conv1", "Memory", "carried over"),
        ("pool1", "Output", "carried over"),
        ("pool1", "Memory", "wrong"),
        ("total", "Memory", "carried over"),
    ]
    assert re.search(
        r"^mistakes 2 entered: at conv1 Output \(carried over to 3 more\), at pool1 Memory$",
        done.out,
        re.MULTILINE,
    )


def test_marks_as_json(run: Run) -> None:
    data = json.loads(
        run(
            "grade",
            Path(__file__).parents[3] / "specs" / "lectures" / "answered.csv",
            "--format",
            "json",
        ).out
    )
    assert (data["right"], data["blanks"], data["carried_over"]) == (12, 12, 0)
    assert {c["of"]: c["name"] for c in data["conventions"]}["shapes"] == "HxWxC"


@pytest.mark.parametrize("output_format", ["csv", "md", "latex"])
def test_marks_in_other_formats(run: Run, folder: Path, output_format: str) -> None:
    run(*QUIZ, "--format", "csv", "-o", "sheet.csv")
    fill(Path("sheet.csv"), ["=cmd()", "|x|", "1", "2", "3", "4", "5", "6"])
    done = run("grade", "sheet.csv", "--format", output_format)
    assert done.code == 1
    assert len(done.out.splitlines()) > 8
    if output_format == "csv":
        assert "'=cmd()" in done.out  # no spreadsheet takes it for a formula


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("quiz", "alexnett"), "did you mean `alexnet`?"),
        (
            ("quiz", "alexnet", "--ask", "weights"),
            "--ask: error: there is no column `weights` to ask for",
        ),
        (("quiz", "alexnet", "--blank", "999"), "--blank: error: 999 blanks, and with this seed"),
        (("quiz", "alexnet", "--from", "conv9"), "did you mean `conv5`?"),
        (("quiz", "alexnet", "--input", "big"), "expected a shape such as 3x224x224"),
        (("grade", "nothing.csv"), "there is no such file"),
        (("grade", "."), "a folder of sheets, and no key that says which quiz they are of"),
    ],
)
def test_wrong_use_is_exit_2(
    run: Run, folder: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert message in re.sub(r"\s+", " ", done.err)


def test_an_unreadable_sheet_is_exit_2_with_its_place(run: Run, folder: Path) -> None:
    Path("sheet.csv").write_text("conv1,3\n", encoding="utf-8")
    done = run("grade", "sheet.csv")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("sheet.csv:1:1: error: this is not a sheet")


def test_a_key_that_cannot_be_written(run: Run, folder: Path) -> None:
    done = run(*QUIZ, "--key", "no/such/key.csv")
    assert done.code == 2
    assert "no/such/key.csv" in done.err


def test_a_class_from_its_names_to_its_letters(run: Run, folder: Path) -> None:
    """The names of the students, and what they write, are inert in every file."""
    Path("names.csv").write_text('name\nAda\n"=cmd|x"\n<b>Bo</b>\n', encoding="utf-8")
    made = ("--students", "names.csv", "--format", "csv", "-o", "sheets", "--key", "key.csv")
    assert run(*QUIZ, *made).code == 0
    assert sorted(path.name for path in Path("sheets").iterdir()) == [
        "ada.csv",
        "b_bo_b.csv",
        "cmd_x.csv",
    ]
    again = Path("key.csv").read_text(encoding="utf-8")
    assert run(*QUIZ, *made).code == 0
    assert Path("key.csv").read_text(encoding="utf-8") == again
    fill(Path("sheets/ada.csv"), ["<script>alert(1)</script>", "=1+1", *["|x|"] * 6])
    for output_format, ending in (("table", "md"), ("html", "html"), ("latex", "tex")):
        done = run(
            "grade", "sheets", "--key", "key.csv", "--letters", "letters", "-f", output_format
        )
        assert (done.code, done.err) == (1, "")
        letters = sorted(Path("letters").glob(f"*.{ending}"))
        assert [letter.stem for letter in letters] == ["ada", "b_bo_b", "cmd_x"]
        text = "".join(letter.read_text(encoding="utf-8") for letter in letters)
        assert "<b>Bo" not in text
        assert "<script>alert" not in text
    marks = run("grade", "sheets", "--key", "key.csv", "-f", "csv").out
    rows = list(csv.reader(marks.splitlines()))
    assert rows[0][:3] == ["Student", "Points", "Of"]
    assert [row[:3] for row in rows[1:]] == [
        ["Ada", "0", "8"],
        ["'=cmd|x", "0", "8"],
        ["<b>Bo</b>", "0", "8"],
    ]


def test_a_sheet_that_was_handed_out_is_not_replaced(run: Run, folder: Path) -> None:
    names, sheet = Path("names.csv"), Path("sheets/ada.csv")
    names.write_text("Ada\nAlan\n", encoding="utf-8")
    made = ("--students", names, "--format", "csv", "-o", "sheets", "--key", "key.csv")
    assert run(*QUIZ, *made).err == "2 sheets written to sheets\n"
    sheet.write_text("filled in", encoding="utf-8")
    names.write_text("Ada\nAlan\nBo\n", encoding="utf-8")
    assert run(*QUIZ, *made).err == "1 sheet written to sheets, 2 left as they were\n"
    assert Path("sheets/bo.csv").exists()
    key = Path("key.csv").read_text(encoding="utf-8")
    for options, problem in (
        ((*QUIZ, "--seed", 77, *made), "key.csv: error: there is the key of another quiz"),
        ((*QUIZ, *made[:-1], "new.csv"), "sheets/ada.csv: error: there is such a file"),
        ((*QUIZ, *made[:-1], "-"), "sheets/ada.csv: error: there is such a file"),
    ):
        done = run(*options)
        assert (done.code, done.err.startswith(problem)) == (2, True), done.err
    names.write_text("ADA\nAda\n", encoding="utf-8")  # whose sheets are ada and ada_2
    assert "the sheet ada is Ada's, and would be ADA's" in run(*QUIZ, *made).err
    assert sheet.read_text(encoding="utf-8") == "filled in"
    assert Path("key.csv").read_text(encoding="utf-8") == key
    assert not Path("new.csv").exists()


def test_solutions_in_place_of_the_sheets(run: Run, folder: Path) -> None:
    Path("names.csv").write_text("Ada\n", encoding="utf-8")
    run(*QUIZ, "--students", "names.csv", "-o", "sol", "--key", "-", "--format", "latex")
    text = Path("sol/ada.tex").read_text(encoding="utf-8")
    assert "(key)" in text
    assert "Ada" in text
    assert "conv" in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("-o", "sheets"), "--key: error: --students needs a folder for the sheets and a file"),
        (("--key", "key.csv"), "--output: error: --students needs a folder"),
        (("-o", "sheets", "--key", "key.csv"), "names.csv: error: there is no such file"),
        (("-o", "sheets", "--key", "sheets/key.csv"), "is in the folder of the sheets"),
    ],
)
def test_a_class_needs_names_a_folder_and_a_key(
    run: Run, folder: Path, options: tuple[str, ...], message: str
) -> None:
    done = run(*QUIZ, "--students", "names.csv", *options)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert not Path("sheets").exists()


def test_questions_from_the_sheet_to_the_marks(run: Run, folder: Path) -> None:
    quiz = ("quiz", "alexnet", "--questions", 6, "--level", "easy", "--seed", 2)
    run(*quiz, "--format", "csv", "-o", "sheet.csv", "--key", "key.csv")
    assert run("grade", "key.csv").code == 0
    done = run("grade", "sheet.csv", "--key", "key.csv")
    assert done.code == 1
    assert done.out.startswith("alexnet: 0 of 6 right; 0 of 6 points, strict\n")
    other = run("grade", "sheet.csv", "--seed", 3)
    assert (other.code, other.out) == (2, "")
    data = json.loads(run(*quiz, "--format", "json").out)
    assert {question["answers"] for question in data["questions"]} == {None}
    key = json.loads(run(*quiz, "--format", "json", "--key", "-").out)
    assert all(question["answers"] for question in key["questions"])
    for output_format in ("md", "latex", "html", "table"):
        assert not run(*quiz, "--format", output_format).err


def test_for_learning_platforms(run: Run, folder: Path) -> None:
    assert run(*QUIZ, "--for", "moodle").out.startswith("<?xml version='1.0' encoding='utf-8'?>")
    assert run(*QUIZ, "--for", "qti", "-o", "quiz.zip").code == 0
    assert Path("quiz.zip").read_bytes()[:2] == b"PK"
    Path("names.csv").write_text("Ada\nBo\n", encoding="utf-8")
    made = ("--students", "names.csv", "-o", "sheets", "--key", "key.csv")
    assert run(*QUIZ, *made, "--for", "qti").code == 0
    assert sorted(path.name for path in Path("sheets").iterdir()) == ["ada.zip", "bo.zip"]
    done = run(*QUIZ, "--for", "moodle", "--key", "key.csv")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "--key: error: --for moodle writes the answers into its file too [option]\n"
        "  hint: leave out --key\n"
    )


def test_a_file_where_a_folder_belongs(run: Run, folder: Path) -> None:
    Path("names.csv").write_text("Ada\n", encoding="utf-8")
    for place in ("names.csv", "names.csv/in"):
        done = run(*QUIZ, "--students", "names.csv", "-o", place, "--key", "-")
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith(f"--output: error: {place} is, or is in, a file")
    run(*QUIZ, "--format", "csv", "-o", "sheet.csv")
    done = run("grade", "sheet.csv", "--letters", "names.csv")
    assert done.code == 2
    assert done.err.startswith("--letters: error: names.csv is, or is in, a file")


def test_solutions_may_lie_in_the_working_folder(run: Run, folder: Path) -> None:
    Path("names.csv").write_text("Ada\n", encoding="utf-8")
    made = run(*QUIZ, "--students", "names.csv", "-o", ".", "--key", "-", "--format", "csv")
    assert made.code == 0
    assert run("grade", "ada.csv").code == 0


def test_the_title_of_a_class_counts_its_sheets(run: Run, folder: Path) -> None:
    """Of three students two hand in, one of them a file that cannot be read."""
    Path("names.csv").write_text("Ada\nAlan\nBo\n", encoding="utf-8")
    made = ("--students", "names.csv", "--format", "csv", "-o", "sheets", "--key", "key.csv")
    run(*QUIZ, *made)
    Path("sheets/bo.csv").unlink()
    Path("sheets/alan.csv").write_bytes(b"\xff\x00")
    title = run("grade", "sheets", "--key", "key.csv").out.splitlines()[0]
    assert title.startswith("alexnet: 1 sheet marked, 1 not marked, ")
    assert "not handed in; 0.0 points in the mean" in title
