"""The networks that a file of claims is about, each found and analysed once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archprof.analysis.analysis import Analysis, analyze
from archprof.commands.lecture.claims.document import Lecture, Selection, Subject, Term
from archprof.commands.lecture.claims.figures import PrintedFigure
from archprof.language.confined import VARIABLE, project, within
from archprof.language.find import find_shipped
from archprof.language.kinds import parse_shape
from archprof.language.loader import DISK, inline, load_file
from archprof.language.network import Network, names, networks
from archprof.language.text import neighbour, with_lines
from archprof.language.value import Value
from archprof.problem import Mark, Problem, ProblemError, closest, nearest
from archprof.targets import changed, graph_of, source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archprof.analysis.analysis import LayerAnalysis
    from archprof.commands.lecture.claims.quantities import Number
    from archprof.commands.lecture.deciding.values import Result
    from archprof.graph.graph import Graph
    from archprof.targets import Source


class KnownNetworks:
    """What lectures about the same networks share, each worked out once.

    `graphs` by network, `analyses` by network and conditions; `reported` by witness and the
    identity of a graph, which `analyses` keeps, what the witness says of it.
    """

    def __init__(self) -> None:
        self.graphs: dict[tuple[Any, ...], Graph] = {}
        self.analyses: dict[tuple[Any, ...], Analysis] = {}
        self.reported: dict[tuple[str, int], Any] = {}


class Subjects:
    """The networks that a file of claims is about, each found and analysed once.

    Their files are in the same project as the claims, unless the user names them on the command
    line: then `anywhere`.
    """

    def __init__(
        self, lecture: Lecture, anywhere: bool = False, shared: KnownNetworks | None = None
    ):
        """`shared` keeps what is known of networks for other lectures about the same ones."""
        self.lecture, self.anywhere = lecture, anywhere
        # by term the figure that each claim states; filled when the first claim is judged
        self.stated: dict[Term, dict[str, PrintedFigure]] = {}
        # the steps that the solver found from a term
        self.reached: dict[tuple[Term, str, int, bool], list[Any]] = {}
        # the convention of the figures of a column
        self.tables: dict[tuple[str, ...], Any] = {}
        # what terms without their marks are, by the path that each value is of
        self.values: dict[Term, Sequence[tuple[str, Result | None]]] = {}
        # the layers that claims select, by the identity of their analysis
        self.selected: dict[tuple[int, Selection], list[LayerAnalysis]] = {}
        # lists of layers and what each gives of a quantity, by its name and the list's identity
        self.parts: dict[tuple[str, int], tuple[list[LayerAnalysis], list[Number]]] = {}
        self._found: dict[str, Source] = {}
        self._named: dict[tuple[Any, ...], Analysis] = {}
        self.shared = KnownNetworks() if shared is None else shared

    def network(self, subject: Subject) -> Source:
        """Return the network under the subject's conditions.

        Raises ProblemError at the place that names it.
        """
        try:
            if subject.network not in self._found:
                self._found[subject.network] = self._find(subject.network)
            found = self._found[subject.network]
            values = {k: _thawed(v) for k, v in subject.values}
            return changed(found, values, subject.input)
        except ProblemError as error:
            raise self._placed(error, subject.mark, "") from None

    def _placed(self, error: ProblemError, mark: Mark, name: str) -> ProblemError:
        """Return the problems of a network with the place in the claims that names it.

        A problem without a place of its own gets this one; another has it in its chain.
        """
        link = (f"network {name} ({mark.file}:{mark.line})",) if name and mark.line else ()
        placed = []
        for p in error.problems:
            if not p.mark.line:
                placed.append(Problem(mark, p.rule, p.message, p.hint, p.chain))
                continue
            chain = p.chain if p.mark.file == mark.file else (*link, *p.chain)
            placed.append(Problem(p.mark, p.rule, p.message, p.hint, chain, p.source_line))
        return ProblemError(with_lines(placed, {self.lecture.file: self.lecture.text}))

    def _find(self, name: str) -> Source:
        stated = self.lecture.networks.get(name)
        if stated is None:
            return self._outside(name)
        data: dict[str, Value] = stated.data
        if "spec" in data:
            return inline(
                data["spec"], name, self.lecture.path, self.lecture.file, self.lecture.text
            )
        settings = data["set"].data if "set" in data else None
        values = {key: value.plain() for key, value in (settings or {}).items()}
        shape = parse_shape(data["input"].plain()) if "input" in data else None
        try:
            return changed(self._outside(data["network"].data, name), values, shape)
        except ProblemError as error:
            raise self._placed(error, data["network"].mark, "") from None

    def _outside(self, name: str, own: str = "") -> Source:
        """Return a shipped network, or one of a file: PATH or PATH:VARIANT beside the claims."""
        path = name.partition(":")[0]
        try:
            if not self.anywhere and (path.endswith((".yaml", ".yml")) or "/" in path):
                return self._of_file(*name.split(":", 1))
            return source(name) if self.anywhere else find_shipped(name)
        except ProblemError as error:
            near = closest(name, self.lecture.networks.keys() - {own})
            hint = f"did you mean `{near}`?" if near else None
            raise ProblemError(
                [Problem(p.mark, p.rule, p.message, hint or p.hint) for p in error.problems]
            ) from None

    def _of_file(self, path: str, variant: str = "") -> Network:
        beside = self.lecture.path.parent / path
        if not within(beside, self.lecture.path):
            raise _no_network(
                path,
                f"`{path}` leads out of the project {project(self.lecture.path.parent)}",
                f"copy the file into it, or set {VARIABLE} to the folder it is in",
            )
        if not DISK.is_file(beside):
            raise _no_network(
                path, f"there is no file `{path}` beside the claims", neighbour(beside)
            )
        found = list(networks(load_file(beside, path)))
        if variant:
            known = [network for network in found if variant in names(network)]
        else:
            known = [n for n in found if n.variant is None or len(found) == 1]
        if known:
            return known[0]
        if variant:
            message = f"{path} has no network `{variant}`"
            hint = nearest(variant, [network.name for network in found]) if found else ""
            raise _no_network(path, message, hint)
        if found:
            hint = f"name one: {path}:{found[0].name}"
            raise _no_network(path, f"{path} has several networks", hint)
        raise _no_network(path, f"{path} has no network, blocks only", "")

    def analysis(self, subject: Subject) -> Analysis:
        """Return the analysis of a subject's network. Raises ProblemError."""
        conditions = (subject.batch, subject.dtype, subject.optimizer, subject.freeze)
        name = (subject.network, subject.input, subject.values, *conditions)
        if name not in self._named:
            network = self.network(subject)
            own = (network.mark, network.name, repr(network.overrides), network.input)
            graphs, analyses = self.shared.graphs, self.shared.analyses
            if own not in graphs:
                graphs[own] = graph_of(network)
            if graphs[own].problems:
                problems = ProblemError(graphs[own].problems)
                raise self._placed(problems, subject.mark, subject.network)
            key = (*own, *conditions)
            if key not in analyses:
                analyses[key] = self._analyzed(graphs[own], subject)
            self._named[name] = analyses[key]
        return self._named[name]

    def _analyzed(self, graph: Graph, subject: Subject) -> Analysis:
        """Return the numbers of a graph. Raises ProblemError for a pattern that freezes nothing."""
        try:
            return analyze(
                graph,
                subject.batch,
                subject.dtype,
                "macs",
                subject.optimizer,
                freeze=subject.freeze,
            )
        except ProblemError as error:
            raise self._placed(error, subject.mark, "") from None

    def refuse(self, mark: Mark, message: str, hint: str = "") -> ProblemError:
        """Return the error of a claim that cannot be decided."""
        problem = Problem(mark, "claim", message, hint)
        return ProblemError(with_lines([problem], {self.lecture.file: self.lecture.text}))


def _no_network(path: str, message: str, hint: str) -> ProblemError:
    return ProblemError([Problem(Mark(path), "network", message, hint)])


def _thawed(value: Any) -> Any:
    """Return a frozen value as YAML gives it: lists for tuples."""
    return [_thawed(v) for v in value] if isinstance(value, tuple) else value
