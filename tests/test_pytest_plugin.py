"""Specs as tests: what is collected, what a failure looks like, and what a run without them
pays.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import archprof.api
import archprof.commands.check.check_run  # noqa: F401 - before pytester remembers what is loaded: libyaml's module cannot be loaded a second time

pytest_plugins = ("pytester",)

GOOD = (
    "name: good\ninput: 3x8x8\nlayers:\n  a: {op: conv2d, out: 8, kernel: 3}\nexpect: {params: 224}"
    "  # 8*(27 + 1)\n"
)
FAMILY = """\
name: family
input: 3x8x8
params: {width: }
layers:
  conv: {op: conv2d, out: $width, kernel: 3, bias: false, shape: 8x6x6}
  bn: {op: batch_norm2d}
variants:
  small: {width: 8}
  large: {width: 16}
"""
BROKEN = "name: broken\ninput: 3x8x8\nlayers:\n  a: {op: cnov2d, out: 8, kernel: 3}\n"


@pytest.fixture
def folder(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder of specs and others, the plugin alone."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    specs = pytester.mkdir("specs")
    for name, text in {
        "good.yaml": GOOD,
        "family.yml": FAMILY,
        "broken.yaml": BROKEN,
        "settings.yaml": "color: red\n",
        "lecture.yaml": "claims: []\nnetworks: {}\n",
    }.items():
        (specs / name).write_text(text)
    pytester.makepyfile(test_own="def test_own(): pass")
    return pytester


def run(folder: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return folder.runpytest_inprocess(
        "-p", "archprof.pytest_plugin", "-p", "no:cacheprovider", *arguments
    )


def test_each_spec_and_variant_is_a_test(folder: pytest.Pytester) -> None:
    result = run(folder, "--archprof", "specs", "-v")
    result.assert_outcomes(passed=3, failed=2)
    result.stdout.fnmatch_lines_random(
        [
            "specs/good.yaml::good PASSED*",
            "specs/family.yml::family PASSED*",
            "specs/family.yml::small PASSED*",
            "specs/family.yml::large FAILED*",
            "specs/broken.yaml::broken FAILED*",
        ]
    )
    assert "lecture" not in result.stdout.str()
    assert "settings" not in result.stdout.str()


def test_a_failure_is_the_problem_and_no_traceback(folder: pytest.Pytester) -> None:
    result = run(folder, "--archprof", "specs")
    result.stdout.fnmatch_lines(
        [
            "specs/broken.yaml:4:11: error: there is no op `cnov2d` [[]unknown-op]",
            "      a: {op: cnov2d, out: 8, kernel: 3}",
            "              ^",
            "  hint: did you mean `conv2d`?",
        ],
        consecutive=True,
    )
    result.stdout.fnmatch_lines(
        [
            "specs/family.yml:5:*: error: large: `conv` gives 16x6x6, the spec says 8x6x6"
            " [[]shape-assertion]"
        ]
    )
    for word in ("Traceback", "runtest", ".py:"):
        assert word not in result.stdout.str()


def test_without_the_option_nothing_is_collected(folder: pytest.Pytester) -> None:
    assert run(folder, "specs").ret == pytest.ExitCode.NO_TESTS_COLLECTED
    run(folder).assert_outcomes(passed=1)
    run(folder, "--archprof").assert_outcomes(passed=4, failed=2)  # beside the tests in Python


def test_single_ones_can_be_asked_for(folder: pytest.Pytester) -> None:
    run(folder, "--archprof", "specs/family.yml::large").assert_outcomes(failed=1)
    run(folder, "--archprof", "specs", "-k", "small or good").assert_outcomes(
        passed=2, deselected=3
    )


def test_what_is_named_is_a_spec(folder: pytest.Pytester) -> None:
    result = run(folder, "--archprof", "specs/settings.yaml")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["specs/settings.yaml:1:1: error: unknown key `color` in the spec*"]
    )


def test_warnings_are_warnings(folder: pytest.Pytester) -> None:
    Path("specs/family.yml").write_text(FAMILY.replace("bias: false, shape: 8x6x6", "bias: true"))
    result = run(folder, "--archprof", "specs/family.yml")
    result.assert_outcomes(passed=3, warnings=1)
    result.stdout.fnmatch_lines(
        ["*specs/family.yml:5: SpecWarning: `conv` adds a bias*[[]conv-bias]"]
    )
    assert "name: family" not in result.stdout.str()
    result = run(
        folder, "--archprof", "specs/family.yml", "-W", "error::archprof.pytest_plugin.SpecWarning"
    )
    result.assert_outcomes(passed=2, failed=1)
    assert "runtest" not in result.stdout.str()


def test_the_configuration_counts(folder: pytest.Pytester) -> None:
    Path("archprof.toml").write_text("[[budget]]\nmax_params = 200\n")
    result = run(folder, "--archprof", "specs/good.yaml")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*[[]budget]"])
    Path("archprof.toml").write_text("strict = 3\n")
    result = run(folder, "--archprof", "specs/good.yaml")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["archprof.toml:1:*`strict` is 3, expected true or false*"])
    for hostile in (
        "strict = " + "9" * 5000,
        "a" + ".a" * 100_000 + " = 1",
        "files = '" + "[![!" * 5000 + "'",
    ):
        Path("archprof.toml").write_text(hostile)
        result = run(folder, "--archprof", "specs/good.yaml")
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["archprof.toml:*[[]config]"])
        assert "Traceback" not in result.stdout.str()


def test_no_link_leads_out(
    folder: pytest.Pytester, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A spec that is one, and a folder that is one."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.yaml").write_text("layers: []\ntoken: SWORDFISH\n")
    Path("specs/evil.yaml").symlink_to(outside / "secret.yaml")
    Path("linked").symlink_to(outside)
    result = run(folder, "--archprof", "specs/evil.yaml", "linked")
    result.assert_outcomes(failed=2)
    assert "SWORDFISH" not in result.stdout.str()
    assert "leads out of the project" in result.stdout.str()


def test_the_fixture_loads_networks(folder: pytest.Pytester) -> None:
    tests = folder.mkdir("tests")
    (tests / "near.yaml").write_text(GOOD.replace("good", "near"))
    (tests / "test_networks.py").write_text("""
import pytest
from archprof import ProblemError

def test_shipped(archprof_network):
    assert archprof_network("alexnet").analyze().totals.depth == 8
    one_each = archprof_network("resnet50", depths=[1, 1, 1, 1])
    assert one_each.analyze().totals.depth == 14  # stem, 4*3, classifier
    assert archprof_network("lenet5", input=(1, 32, 32)).graph.input == (1, 32, 32)

def test_paths(archprof_network):
    assert archprof_network("near.yaml").network.name == "near"  # beside this file
    # from where pytest was started
    assert archprof_network("specs/family.yml:small").network.name == "small"

def test_unknown(archprof_network):
    with pytest.raises(ProblemError, match="there is no network called `alxnet`"):
        archprof_network("alxnet")
""")
    run(folder, "tests").assert_outcomes(passed=3)


def test_a_network_that_is_none_fails_at_the_line_of_the_test(folder: pytest.Pytester) -> None:
    folder.makepyfile(test_own="def test_it(archprof_network):\n    archprof_network('alxnet')\n")
    result = run(folder, "test_own.py")
    result.stdout.fnmatch_lines(
        [">   *archprof_network('alxnet')", "E   *there is no network called `alxnet`*"]
    )
    assert "pytest_plugin.py" not in result.stdout.str()


def test_a_run_without_specs_loads_nothing(folder: pytest.Pytester) -> None:
    folder.makepyfile(
        test_own="""
import sys

def test_own():
    own = [name for name in sys.modules if name.startswith("archprof.")]
    assert own == ["archprof.pytest_plugin"]
    assert not {"yaml", "torch", "numpy", "typer", "rich.console"} & sys.modules.keys()
"""
    )
    folder.runpytest_subprocess("-p", "archprof.pytest_plugin").assert_outcomes(passed=1)


def test_checking_specs_loads_no_torch(folder: pytest.Pytester) -> None:
    folder.makepyfile(
        test_own=(
            "import sys\n\ndef test_own():\n    assert not {'torch', 'numpy', 'pydantic'} &"
            " sys.modules.keys()\n"
        )
    )
    folder.runpytest_subprocess(
        "-p", "archprof.pytest_plugin", "--archprof", "specs/good.yaml", "test_own.py"
    ).assert_outcomes(passed=2)


def test_the_package_brings_it() -> None:
    project = tomllib.loads(
        (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    )["project"]
    assert project["entry-points"]["pytest11"] == {"archprof": "archprof.pytest_plugin"}
