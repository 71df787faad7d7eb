"""Values of a combined term: one convention on all sides, which costs once."""

from __future__ import annotations

from fractions import Fraction

from archprof.commands.lecture.claims.document import (
    Combined,
    Constant,
    Quantity,
    Selection,
    Subject,
)
from archprof.commands.lecture.claims.figures import parse_figure
from archprof.commands.lecture.deciding.explanation import SolverMove, SolverStep
from archprof.commands.lecture.solving.combined import combined_steps
from archprof.problem import Mark

HERE = Mark("test")
BARE = SolverMove("without biases", 1, "count")
HEADS = SolverMove("with the auxiliary heads", 1, "network")
MISSED = SolverMove("without {}", 3, "slip", False, ("conv",))
STATED = SolverMove("with the 5 that {} states", 0, "stated", False, ("A",))


def quantity(network: str, name: str = "params") -> Quantity:
    return Quantity(name, Subject(network, HERE), Selection(), HERE)


def step(value: int, *moves: SolverMove) -> SolverStep:
    return SolverStep(moves, Fraction(value), False, sum(move.cost for move in moves))


def reached(
    term: Combined, *sides: list[SolverStep], most: int = 3
) -> dict[str, tuple[Fraction, int]]:
    return {
        ", ".join(map(str, one.moves)): (one.value, one.cost)
        for one in combined_steps(term, sides, most)
    }


def test_one_quantity_is_counted_by_one_convention() -> None:
    """12/6, and without biases 10/5: never 12/5 or 10/6."""
    ratio = Combined("ratio", (quantity("a"), quantity("b")))
    sides = [step(12), step(10, BARE)], [step(6), step(5, BARE)]
    assert reached(ratio, *sides) == {"": (Fraction(2), 0), "without biases": (Fraction(2), 1)}


def test_two_quantities_are_counted_each_by_its_own() -> None:
    both = Combined("sum", (quantity("a"), quantity("b", "elements")))
    assert reached(both, [step(12), step(10, BARE)], [step(6), step(5, BARE)]) == {
        "": (18, 0),
        "without biases (of b)": (17, 1),
        "without biases (of a)": (16, 1),
        "without biases": (15, 1),
    }


def test_one_network_is_one_variant() -> None:
    """With its heads on both sides or on none."""
    alike = Combined("difference", (quantity("a"), quantity("a")))
    sides = [step(12), step(20, HEADS)], [step(6), step(9, HEADS)]
    assert reached(alike, *sides) == {"": (6, 0), "with the auxiliary heads": (11, 1)}
    others = Combined("difference", (quantity("a"), quantity("b")))
    assert reached(others, *sides) == {
        "": (6, 0),
        "with the auxiliary heads (of b)": (3, 1),
        "with the auxiliary heads (of a)": (14, 1),
        "with the auxiliary heads": (11, 1),
    }


def test_a_slip_is_of_one_side_and_moves_cost_no_more_than_allowed() -> None:
    ratio = Combined("ratio", (quantity("a"), quantity("b")))
    sides = [step(12), step(8, MISSED)], [step(6), step(4, MISSED)]
    assert reached(ratio, *sides) == {
        "": (2, 0),
        "without conv (of b)": (3, 3),
        "without conv (of a)": (Fraction(4, 3), 3),
    }
    both = reached(ratio, *sides, most=6)
    assert both["without conv"] == (2, 3)


def test_a_stated_figure_goes_with_every_convention() -> None:
    ratio = Combined("ratio", (quantity("a"), quantity("b")))
    found = reached(ratio, [step(12), step(10, BARE)], [step(6), step(5, STATED)])
    assert found == {
        "": (2, 0),
        "with the 5 that A states (of b)": (Fraction(12, 5), 0),
        "without biases (of a), with the 5 that A states (of b)": (2, 1),
    }


def test_a_bare_number_makes_no_moves() -> None:
    """A convention of the only quantity needs no name of its network."""
    figure = parse_figure("4")
    assert figure is not None
    ratio = Combined("ratio", (quantity("a"), Constant(figure)))
    assert reached(ratio, [step(12), step(8, BARE)], [step(4)]) == {
        "": (3, 0),
        "without biases": (2, 1),
    }
