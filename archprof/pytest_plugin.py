"""The pytest plugin: with --archprof every spec is a test, and every variant.

`archprof_network` loads a network for a test of one's own.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # imported where needed: a run without specs pays for none of it
    from archprof.commands.check.base import Finding
    from archprof.loaded import Loaded


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --archprof."""
    parser.getgroup("archprof").addoption(
        "--archprof",
        action="store_true",
        help="Collect specs: each network and variant passes where `archprof check` does.",
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> SpecFile | None:
    """Return a spec file where --archprof is given, None for any other file.

    It is one that is named or, in a folder, one that looks like a spec.
    """
    if file_path.suffix not in (".yaml", ".yml") or not parent.config.getoption("archprof"):
        return None
    from archprof.language.files import is_spec

    wanted = parent.session.isinitpath(file_path) or is_spec(str(file_path))
    return SpecFile.from_parent(parent, path=file_path) if wanted else None


class SpecFailed(Exception):
    """What does not hold of a spec, as text."""


class SpecWarning(pytest.PytestWarning):
    """What `archprof check` warns of.

    `-W error::archprof.pytest_plugin.SpecWarning` is its --strict.
    """


_CONFIGS = pytest.StashKey[Any]()


class SpecFile(pytest.File):
    """A spec file: a test for the file, and one for each variant.

    The first is called as the spec's `name`, which is its own network where it is one.
    """

    @property
    def called(self) -> str:
        """What messages call it: its path from where pytest was started."""
        here = self.config.invocation_params.dir
        return str(self.path.relative_to(here) if self.path.is_relative_to(here) else self.path)

    def collect(self) -> Iterable[SpecItem]:
        """Yield the tests of the file; a faulty one has one test, which fails."""
        from archprof.language.loader import load_file
        from archprof.language.network import networks
        from archprof.problem import ProblemError

        self.variants: set[str] = set()
        try:
            document = load_file(self.path, self.called)
        except ProblemError:  # the one test says it
            yield SpecItem.from_parent(self, name=self.path.stem, line=0)
            return
        yield SpecItem.from_parent(self, name=document.name, line=document.mark.line)
        for network in networks(document):
            if network.variant is not None:
                self.variants.add(network.name)
                yield SpecItem.from_parent(self, name=network.name, line=network.mark.line)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Everything found in the file, by its configuration.

        Raises ProblemError for what is wrong with that.
        """
        from archprof.commands.check.check_file import check
        from archprof.commands.check.check_options import Options
        from archprof.commands.check.check_run import outcome
        from archprof.commands.check.config_files import Configs
        from archprof.language.files import Source

        source, options = Source(self.path, self.called), Options()
        work = source, self.config.stash.setdefault(_CONFIGS, Configs()).of(source.folder)
        report = check(*work, options)
        if report.bug:
            raise RuntimeError(report.bug)
        return outcome([work], [report], options).findings


class SpecItem(pytest.Item):
    """One network of a file.

    What is found in the file as a whole is reported by the test with the file's `name`.
    """

    def __init__(self, *, line: int, **keywords: Any):
        super().__init__(**keywords)
        self.line = line

    @property
    def findings(self) -> list[Finding]:
        """What was found in this network. Raises SpecFailed where nothing could be looked at."""
        from archprof.problem import ProblemError

        file = self.getparent(SpecFile)
        assert file is not None  # noqa: S101 - who made this item
        try:
            found = file.findings
        except ProblemError as error:
            raise SpecFailed(str(error)) from None
        if self.name in file.variants:
            return [finding for finding in found if finding.network == self.name]
        return [finding for finding in found if finding.network not in file.variants]

    def runtest(self) -> None:
        """Warn of what `check` warns of. Raises SpecFailed with its errors."""
        from archprof.problem import Severity

        findings = self.findings
        for finding in findings:
            if finding.severity is Severity.warning:
                problem = finding.problem
                text = f"{problem.message} [{problem.rule}]"
                if problem.hint:
                    text += f"\n  hint: {problem.hint}"
                warnings.warn_explicit(
                    SpecWarning(text), None, problem.mark.file, max(problem.mark.line, 1)
                )
        failed = [str(finding) for finding in findings if finding.severity is Severity.error]
        if failed:
            raise SpecFailed("\n".join(failed))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return what was found, without a traceback."""
        from archprof.problem import Severity

        if isinstance(excinfo.value, SpecWarning):  # one of them, made an error
            return "\n".join(
                str(finding) for finding in self.findings if finding.severity is not Severity.note
            )
        if isinstance(excinfo.value, SpecFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the file, the line from 0, and the network's name."""
        return self.path, max(self.line - 1, 0), self.name


@pytest.fixture
def archprof_network(request: pytest.FixtureRequest) -> Callable[..., Loaded]:
    """Return what `archprof.load` gives, as in `archprof_network("resnet50", depths=[1, 1, 1, 1])`.

    It takes a shipped name, a path or PATH:VARIANT. A path is relative to the test's own file where
    there is such a spec, otherwise to the working directory.
    """
    folder = request.path.parent

    def load(target: str | Path, input: tuple[int, ...] | None = None, **values: Any) -> Loaded:
        from archprof.api import load
        from archprof.problem import ProblemError

        __tracebackhide__ = True
        path = str(target).partition(":")[0]
        beside = path.endswith((".yaml", ".yml")) and (folder / path).is_file()
        try:
            return load(str(folder / target) if beside else target, input, **values)
        except ProblemError as error:  # reported at the line of the test
            raise error.with_traceback(None) from None

    return load
