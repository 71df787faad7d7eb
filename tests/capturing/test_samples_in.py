"""Where the batch is in the tensors of a tape."""

import pytest

from archprof.capturing.samples_in import batched_dim, samples, seen_as


@pytest.mark.parametrize(
    ("captured", "real", "wanted", "expected"),
    [
        ((1, 6), (3, 6), (1, 2, 3), (3, 2, 3)),  # samples outermost
        ((1, 4, 6), (3, 4, 6), (4, 6), (12, 6)),  # folded with the tokens of each
        ((12, 6), (36, 6), (1, 3, 4, 6), (3, 3, 4, 6)),  # and taken apart again
        ((5, 1, 6), (5, 3, 6), (5, 6), (15, 6)),  # folded behind the tokens
        ((5, 1, 2, 3), (5, 3, 2, 3), (5, 6), (15, 6)),  # the same, of two dimensions
        ((5, 6), (15, 6), (5, 1, 6), (5, 3, 6)),  # and taken apart
        ((5, 1, 6), (5, 3, 6), (5, 2, 3), (5, 6, 3)),  # heads of each sample side by side
        ((4, 6), (4, 6), (24,), (24,)),  # one for all samples
        ((7, 1), (7, 3), (7,), (21,)),
    ],
)
def test_a_batch_stays_where_it_is(
    captured: tuple[int, ...],
    real: tuple[int, ...],
    wanted: tuple[int, ...],
    expected: tuple[int, ...],
) -> None:
    assert seen_as(captured, real, wanted) == expected


def test_samples_are_counted_by_the_dimension_that_grew() -> None:
    assert batched_dim((3, 1, 2), (3, 8, 2)) == 1
    assert batched_dim((3, 2), (3, 2)) is None
    assert samples((3, 1, 2), (3, 8, 2)) == 8
