"""Configurations: found upwards, read, and every mistake told in its place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from archprof.commands.check.config import Config
from archprof.commands.check.config_files import Configs, read
from archprof.problem import MAX_PROBLEMS, ProblemError
from tests.commands.check.checked import result, write


def config(folder: Path, text: str) -> Config:
    found = read(write(folder, "archprof.toml", text))
    assert found is not None
    return found


def complaints(folder: Path, text: str) -> list[tuple[int, int, str]]:
    with pytest.raises(ProblemError) as raised:
        config(folder, text)
    assert {p.rule for p in raised.value.problems} == {"config"}
    return [(p.mark.line, p.mark.column, p.message) for p in raised.value.problems]


# --- found ---


def test_the_nearest_upwards_and_archprof_toml_before_pyproject(tmp_path: Path) -> None:
    write(tmp_path, "archprof.toml", "strict = true")
    # speaks of archprof, and says nothing to it
    write(tmp_path, "a/pyproject.toml", "[project]\nname = 'archprof'")
    write(tmp_path, "a/b/pyproject.toml", "[tool.archprof.limits]\nlayers = 7")
    write(tmp_path, "a/b/c/archprof.toml", "select = 'budget'")
    write(tmp_path, "a/b/c/pyproject.toml", "[tool.archprof]\nstrict = true")
    configs = Configs()
    top = tmp_path.name
    assert [
        Path(configs.of(tmp_path / folder).file).parent.name
        for folder in ("", "a", "a/b", "a/b/d/e", "a/b/c")
    ] == [top, top, "b", "b", "c"]
    assert configs.of(tmp_path / "a/b").limits.layers == 7
    assert configs.of(tmp_path / "a/b/c").select == ("budget",)


def test_without_one_nothing_is_said(tmp_path: Path) -> None:
    assert Configs().of(tmp_path) in (Config(), Configs().of(tmp_path.parent))


def test_the_one_that_is_named_is_the_one(tmp_path: Path) -> None:
    write(tmp_path, "archprof.toml", "strict = true")
    other = write(tmp_path, "other.toml", "limits = {seconds = 2.5}")
    found = Configs(other).of(tmp_path)
    assert (found.strict, found.limits.seconds) == (False, 2.5)


def test_one_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="No such file"):
        Configs(tmp_path / "none.toml")
    (tmp_path / "archprof.toml").write_bytes(b"a = '\xff'")
    with pytest.raises(ProblemError, match="not UTF-8"):
        Configs().of(tmp_path)


# --- read ---


def test_all_of_it(tmp_path: Path) -> None:
    found = config(
        tmp_path,
        """
select = ["budget", "conv-bias"]
strict = true
limits = {layers = 1000, seconds = 5}

[[budget]]
network = "resnet*"
device = "cuda"
max_params = "25.6M"
max_latency_ms = 2.5

[[budget]]
family = "VGG"
block = "stage"
max_peak_memory = "120 MiB"

[[suppress]]
rule = ["conv-bias", "remainder"]
files = "specs/vgg.yaml"
network = "*_bn"
reason = "as published"
""",
    )
    assert found.select == ("budget", "conv-bias")
    assert (found.strict, found.limits.layers, found.limits.seconds) == (True, 1000, 5)
    first, second = found.budgets
    assert [(name, value, mark.line) for name, value, mark in first.limits] == [
        ("max_params", 25_600_000, 9),
        ("max_latency_ms", 2.5, 10),
    ]
    assert (first.network, first.family, first.block, first.device) == ("resnet*", "*", "", "cuda")
    assert (second.family, second.block, second.limits[0][1]) == ("VGG", "stage", 120 * 2**20)
    (exemption,) = found.exemptions
    assert (exemption.rules, exemption.files, exemption.network, exemption.mark.line) == (
        ("conv-bias", "remainder"),
        ("specs/vgg.yaml",),
        "*_bn",
        17,
    )


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("stict = true", 1, 1, "unknown key `stict`"),
        ("strict = 'yes'", 1, 1, "`strict` is 'yes', expected true or false"),
        ("select = ['conv-bais']", 1, 1, "there is no rule `conv-bais`"),
        ("select = []", 1, 1, "expected a text or a list of texts"),
        ("limits = 3", 1, 1, "`limits` is 3, expected a table"),
        ("[limits]\nlayer = 3", 2, 1, "unknown key `layer`"),
        ("[limits]\n  seconds = 0", 2, 3, "expected a number above 0"),
        ("[limits]\nlayers = 1.5", 2, 1, "expected a number above 0"),
        ("[limits]\nseconds = nan", 2, 1, "expected a number above 0"),
        ("[budget]\nmax_params = 1", 1, 1, "`budget` is a table, expected an array of tables"),
        (
            "[[budget]]\nmax_params = 1\n[[budget]]\nmax_param = 1\nmax_depth = 2",
            4,
            1,
            "unknown key `max_param`",
        ),
        ("[[budget]]\nnetwork = 'a'", 1, 1, "limits nothing"),
        ("[[budget]]\nnetwork = 3\nmax_depth = 2", 2, 1, "`network` is 3, expected a text"),
        ("[[budget]]\nmax_params = -1", 2, 1, "expected a whole number, or one such as 25.6M"),
        ("[[budget]]\nmax_params = true", 2, 1, "expected a whole number"),
        ("[[budget]]\nmax_params = '1.5'", 2, 1, "expected a whole number"),
        ("[[budget]]\nmax_peak_memory = '12 apples'", 2, 1, "expected bytes"),
        ("[[budget]]\nmax_latency_ms = 0", 2, 1, "expected milliseconds"),
        ("[[suppress]]\nrule = 'conv-bias'", 1, 1, "`conv-bias` is suppressed without a reason"),
        ("[[suppress]]\nrule = 'conv-bias'\nreason = '  '", 3, 1, "`reason`"),
        ("[[suppress]]\nrule = 'yaml'\nreason = 'x'", 2, 1, "cannot be left out"),
        ("[[suppress]]\nrule = 'nope'\nreason = 'x'", 2, 1, "there is no rule `nope`"),
        ("[[suppress]]\nreason = 'x'", 1, 1, "`rule` is []"),
        ("a = ", 1, 5, "not valid TOML: invalid value"),
        ("a = 1\na = 2", 2, 6, "not valid TOML: cannot overwrite a value"),
        ("a = [1,\n", 1, 8, "not valid TOML"),
        ("b = 1\na = [1,\n\n \n", 2, 8, "not valid TOML"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_mistakes_and_their_places(
    tmp_path: Path, text: str, line: int, column: int, says: str
) -> None:
    found = complaints(tmp_path, text)
    assert any((at, place) == (line, column) and says in message for at, place, message in found), (
        found
    )


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as raised:
        read(tmp_path / "none.toml")
    assert (
        str(raised.value)
        == f"{tmp_path / 'none.toml'}: error: cannot be read: No such file or directory [config]\n"
        "  hint: --config names an archprof.toml"
    )


def test_all_mistakes_at_once_under_tool(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "pyproject.toml",
        "[tool.other]\nstrict = 1\n[tool.archprof]\nstrict = 1\n[[tool.archprof.suppress]]\nrule ="
        " 'x'\nreason = ''\n",
    )
    with pytest.raises(ProblemError) as raised:
        read(path, optional=True)
    assert [p.mark.line for p in raised.value.problems] == [4, 5, 6, 7]
    assert all(p.source_line for p in raised.value.problems)


def test_depth_of_nesting_is_no_traceback(tmp_path: Path) -> None:
    ((line, column, message),) = complaints(tmp_path, "a = " + "[" * 100_000)
    assert (line, column) == (1, 100_005)
    assert message.startswith("not valid TOML")


def test_places_of_keys_in_quotes_and_dotted(tmp_path: Path) -> None:
    found = complaints(tmp_path, "limits.layers = 0\n'strict' = 3\ntext = '''\nselect = 3\n'''\n")
    assert [(line, message.split("`")[1]) for line, _, message in found] == [
        (1, "layers"),
        (2, "strict"),
        (3, "text"),
    ]


# --- suppressions by configuration ---

TEXT = "name: net\ninput: 3x32x32\nlayers: [{op: conv2d, out: 8, kernel: 3}, {op: batch_norm2d}]\n"


@pytest.mark.parametrize(
    ("where", "hidden"),
    [
        ("", True),
        ("files = 'net.yaml'", True),
        ("files = '*.yaml'", True),
        ("files = './net.yaml'", True),
        ("files = 'other/**'", False),
        ("network = 'n?t'", True),
        ("network = 'other'", False),
    ],
)
def test_files_and_networks_that_a_suppression_is_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, hidden: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    found = config(tmp_path, f"[[suppress]]\nrule = 'conv-bias'\nreason = 'x'\n{where}\n")
    assert (result(TEXT, found).findings == ()) == hidden


@pytest.mark.parametrize(
    ("file", "glob", "covered"),
    [
        ("specs/a.yaml", "specs", True),
        ("specs/deep/a.yaml", "specs/", True),
        ("specs/a.yaml", "specs/**/*.yaml", True),
        ("specs/x/y/a.yaml", "specs/**/*.yaml", True),
        ("specs2/a.yaml", "specs", False),
        ("a.yaml", "**/*.yaml", True),
        ("../a.yaml", "**", False),
    ],
)
def test_globs(tmp_path: Path, file: str, glob: str, covered: bool) -> None:
    found = config(tmp_path, f"[[suppress]]\nrule = 'conv-bias'\nreason = 'x'\nfiles = '{glob}'\n")
    assert found.covers(found.exemptions[0], (tmp_path / file).resolve()) == covered


# --- hostile ones ---

HOSTILE = {
    "a dotted key": "a" + ".a" * 120_000 + " = 1",
    "many dotted keys": "".join(f"k{i}{'.a' * 15} = 1\n" for i in range(6000)),
    "a dotted header": "[a" + ".a" * 120_000 + "]",
    "many dotted headers": "".join(f"[k{i}{'.a' * 15}]\n" for i in range(6000)),
    "a dotted key in quotes": '"a"' + '."a"' * 60_000 + " = 1",
    "a dotted key with escapes": r'"\""' + r'."\""' * 40_000 + " = 1",
    "a dotted key with separators of lines": '"\u2028"' + '."\u2028"' * 40_000 + " = 1",
    "a dotted key in an inline table": "x = {y = {a" + " . 'a'" * 40_000 + " = 1}}",
    "a dotted key of long parts": ".".join(['"' + "a" * 201 + '"'] * 1200) + " = 1",
    "a text that does not end": '"' + '\\"' * 124_000,
    "an integer": "strict = " + "9" * 5000,
    "a hexadecimal integer": "[limits]\nseconds = 0x" + "f" * 200_000,
    "an integer in a list": "select = [0b1" + "0" * 20_000 + "]",
    "a float": "strict = 1." + "9" * 200_000,
    "a glob": "[[suppress]]\nrule = 'budget'\nreason = 'x'\nfiles = '" + "[![!" * 5000 + "'",
    "a glob of networks": "[[budget]]\nmax_params = 1\nnetwork = '" + "[![!" * 5000 + "'",
    "many globs": (
        "[[suppress]]\nrule = 'budget'\nreason = 'x'\nfiles = ["
        + ", ".join(["'[!a]'"] * 20_000)
        + "]"
    ),
    "many budgets": "[[budget]]\nmax_params = 1\n" * 9000,
    "many suppressions": "[[suppress]]\n" * 18_000,
    "many rules": "select = [" + ", ".join(f"'nope{i}'" for i in range(15_000)) + "]",
    "many unknown keys": "".join(f"key{i} = 1\n" for i in range(15_000)),
    "a long key": "k" * 249_000 + " = 1",
    "brackets": "a = " + "[" * 240_000,
    "tables": "a = " + "{a=" * 80_000,
    "too much": "#" * 400_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_ones_end_with_a_problem(tmp_path: Path, text: str) -> None:
    with pytest.raises(ProblemError) as raised:
        config(tmp_path, text)
    assert {problem.rule for problem in raised.value.problems} <= {"config", "limit"}
    assert len(raised.value.problems) <= MAX_PROBLEMS + 1
    assert len(str(raised.value)) < 100_000


def test_hostile_ones_take_little_time_and_memory(tmp_path: Path) -> None:
    """Seconds of the processor for each, and the most memory over all, in a process of their
    own.
    """
    for number, text in enumerate(HOSTILE.values()):
        write(tmp_path, f"{number:02}.toml", text)
    program = """
import re, resource, sys, time
from pathlib import Path
from archprof.commands.check.config_files import read
from archprof.problem import MAX_PROBLEMS, ProblemError
for path in sorted(Path(sys.argv[1]).glob("*.toml")):
    start = time.process_time()
    try:
        read(path)
    except ProblemError:
        print(time.process_time() - start)
# where there is one: getrusage begins with the size of the process that started this one
status = Path("/proc/self/status")
peak = status.exists() and re.search(r"VmHWM:\\s+(\\d+)", status.read_text())
if peak:
    print(int(peak[1]) / 2**10)
else:
    unit = 2**20 if sys.platform == "darwin" else 2**10
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    *seconds, megabytes = map(float, done.stdout.split())
    assert len(seconds) == len(HOSTILE)
    assert max(seconds) < 2
    assert megabytes < 200


def test_what_an_honest_file_has(tmp_path: Path) -> None:
    """Sixteen parts, long lines and large files of other tools are not an attack."""
    deep = ".".join("abcdefghijklmnop")
    path = write(
        tmp_path,
        "pyproject.toml",
        f"[tool.other]\n{deep} = 1\nlist ="
        f" [{', '.join(map(str, range(20_000)))}]\n[tool.archprof]\nstrict = true\n",
    )
    found = read(path, optional=True)
    assert found is not None
    assert found.strict
    path.write_text("[tool.other]\nlist = [" + "1, " * 200_000 + "]\n")
    assert read(path, optional=True) is None
    assert (
        config(tmp_path, "[[budget]]\nmax_params = 999_999_999_999\n").budgets[0].limits[0][1]
        == 10**12 - 1
    )


def test_a_budget_states_the_step_that_it_is_of(tmp_path: Path) -> None:
    text = """
[[budget]]
network = "resnet*"
max_training_memory = "24 GiB"
max_step_flops = "50T"
batch = 64
dtype = "float32"
optimizer = ["adamw", "fused"]
amp = "bfloat16"
freeze = ["conv1", "layer1.*"]
checkpoint = "bottleneck"
accumulate = 4
device = "cpu"

[[budget]]
max_training_memory = 1
freeze = "fc"
device = "cuda:1"
"""
    first, second = config(tmp_path, text).budgets
    assert [(name, value) for name, value, _ in first.limits] == [
        ("max_training_memory", 24 * 2**30),
        ("max_step_flops", 50 * 10**12),
    ]
    assert first.conditions == (
        ("batch", 64),
        ("dtype", "float32"),
        ("optimizer", "adamw,fused"),
        ("amp", "bfloat16"),
        ("freeze", ("conv1", "layer1.*")),
        ("checkpoint", "bottleneck"),
        ("accumulate", 4),
        ("device", "cpu"),
    )
    assert second.conditions == (("freeze", ("fc",)),)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("optimizer = 'adamm'", "`optimizer` is 'adamm', there is no `adamm`; did you mean `adam`"),
        ("optimizer = 'sgd,fast'", "there is no `fast`"),
        ("optimizer = 'lion,fused'", "lion has no implementation 'fused'"),
        ("optimizer = 3", "`optimizer` is 3, expected a text"),
        ("optimizer = ['adamw', 3]", "expected a text"),
        ("optimizer = ['adamw', 'fast']", "there is no `fast`"),
        ("amp = 'int8'", "`amp` is 'int8', expected one of bfloat16, float16"),
        ("dtype = 'float8'", "`dtype` is 'float8', expected one of float64, float32"),
        ("freeze = []", "`freeze` is [], expected a pattern of parameters' names, or a list"),
        ("freeze = ['a', 3]", "expected a pattern of parameters' names"),
        (f"freeze = '{'x' * 201}'", "expected a pattern of parameters' names"),
        (f"checkpoint = '{'x' * 201}'", "expected the name of a block"),
        ("batch = 0", "`batch` is 0, expected a whole number from 1 to 1,000,000"),
        ("batch = '8'", "`batch` is '8', expected a whole number"),
        ("accumulate = true", "`accumulate` is true, expected a whole number"),
        ("block = 'b*'", "`max_training_memory` is of a whole network, and this budget is of a"),
        ("max_latency_ms = 2\nbatch = 8", "`max_latency_ms` is measured under the conditions of"),
    ],
)
def test_a_step_that_nobody_can_take(tmp_path: Path, line: str, says: str) -> None:
    found = complaints(tmp_path, f"[[budget]]\nmax_training_memory = 1\n{line}\n")
    assert len(found) == 1
    assert found[0][:2] in ((2, 1), (3, 1))
    assert says in found[0][2]


def test_conditions_of_a_step_need_a_limit_of_a_step(tmp_path: Path) -> None:
    found = complaints(tmp_path, "[[budget]]\nmax_params = 1\nbatch = 2\noptimizer = 'sgd'\n")
    assert found == [
        (4, 1, "`optimizer` is of a step of training, which this budget does not limit")
    ]


def test_training_memory_by_other_names(tmp_path: Path) -> None:
    """`max_peak_memory` would be another quantity."""
    with pytest.raises(ProblemError) as raised:
        config(tmp_path, "[[budget]]\nmax_training_bytes = '24 GiB'\nmax_depth = 3\n")
    assert "hint: it is called `max_training_memory` here" in str(raised.value)


@pytest.mark.parametrize("name", ["archprof.toml", "pyproject.toml"])
def test_the_largest_configuration(tmp_path: Path, name: str) -> None:
    head = "[tool.archprof]\nstrict = true\n#" if name == "pyproject.toml" else "strict = true\n#"
    path = write(tmp_path, name, head + "x" * (250_000 - len(head)))
    found = read(path)
    assert found is not None
    assert found.strict
    path.write_text(path.read_text(encoding="utf-8") + "x", encoding="utf-8")
    with pytest.raises(ProblemError) as raised:
        read(path)
    assert (
        str(raised.value)
        == f"{path}: error: larger than 250,000 bytes [config]\n  hint: an archprof.toml beside it"
        " counts in its place"
    )
