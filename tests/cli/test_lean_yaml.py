"""PyYAML without its half in Python: all of it is there as soon as anything asks for it."""

from __future__ import annotations

import pytest

from tests.cli.test_imports import run

LEAN = """
from archprof.cli.lean_yaml import LeanYaml
sys.meta_path.insert(0, LeanYaml())
import yaml
assert "yaml.reader" not in sys.modules and "yaml.constructor" not in sys.modules
"""
BROKEN = "{'a': [1}"


@pytest.mark.parametrize(
    "program",
    [
        "assert yaml.safe_load('a: [1, 2.5, 2026-11-27]')['a'][:2] == [1, 2.5]",
        "assert yaml.load('a: 1', Loader=yaml.CSafeLoader) == {'a': 1}",
        "assert yaml.dump({'a': 1}) == 'a: 1\\n'",
        "assert yaml.__version__ and yaml.__with_libyaml__",
        "from yaml import safe_dump; assert safe_dump([1]) == '- 1\\n'",
        "from yaml.constructor import SafeConstructor; assert yaml.SafeLoader.__mro__",
        "import yaml.reader; assert yaml.reader.ReaderError",
        "assert issubclass(yaml.MappingNode, yaml.nodes.Node)",
        "assert isinstance(yaml.compose('a: 1', Loader=yaml.CLoader), yaml.MappingNode)",
    ],
)
def test_nothing_is_missing(program: str) -> None:
    run(f"{LEAN}\n{program}\nimport yaml as again\nassert again is yaml")


def test_errors_are_those_of_the_modules_that_others_know() -> None:
    """Also where the parser was there before them."""
    run(
        f"""{LEAN}
from yaml._yaml import CParser
try:
    list(iter(CParser({BROKEN!r}).get_event, None))
except yaml.MarkedYAMLError as error:
    assert error.problem_mark.line == 0
else:
    raise SystemExit("no error")
try:
    yaml.load({BROKEN!r}, Loader=yaml.CLoader)
except yaml.parser.ParserError as error:
    pass
"""
    )


def test_an_unknown_name_is_an_error_as_usual() -> None:
    run(
        f"""{LEAN}
try:
    yaml.nothing
except AttributeError as error:
    assert "nothing" in str(error)
else:
    raise SystemExit("no error")
"""
    )


WITHOUT_LIBYAML = """
class Without:
    def find_spec(self, name, path=None, target=None):
        if name == "yaml._yaml":
            raise ImportError("PyYAML was built without libyaml")
sys.meta_path.insert(0, Without())
"""
SUMMARY = """
from archprof.cli.main import _run
sys.argv = ["archprof", "summary", "alexnet"]
sys.exit(_run())
"""


def test_without_libyaml_pyyaml_is_as_it_is() -> None:
    with_it, without = run(SUMMARY).stdout, run(WITHOUT_LIBYAML + SUMMARY).stdout
    assert "62,378,344" in with_it
    assert without == with_it


def test_whoever_has_imported_pyyaml_keeps_it() -> None:
    run(
        f"import yaml; before = yaml.Loader\n{SUMMARY.replace('sys.exit(_run())', '_run()')}"
        "\nassert yaml.Loader is before"
    )


def test_only_the_command_line_does_so() -> None:
    run(
        "import archprof; archprof.load('alexnet'); import yaml;"
        " assert 'yaml.reader' in sys.modules"
    )
