"""Hidden cells stay hidden: nobody can work them out from the totals."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.core.disclosure import suppress_amount_parts, suppress_amounts, suppress_counts, suppress_parts


def _possible(table: np.ndarray, hidden: np.ndarray, cell: tuple[int, int], largest: int) -> set[int]:
    """Every value the cell may have, by trying all: totals are known, and hidden cells are at least 1 if no zero is."""
    cells = [tuple(index) for index in np.argwhere(hidden)]
    found = set()
    least = 1 if (table[hidden] > 0).all() else 0
    for values in itertools.product(range(least, largest + 1), repeat=len(cells)):
        trial = table.copy()
        for index, value in zip(cells, values, strict=True):
            trial[index] = value
        if (trial.sum(axis=0) == table.sum(axis=0)).all() and (trial.sum(axis=1) == table.sum(axis=1)).all():
            found.add(int(trial[cell]))
    return found


def test_one_small_cell_takes_three_more_with_it() -> None:
    # 2 alone follows from its row total; with 20 the row is open but both columns are not: all four are hidden
    hidden = suppress_counts([[2, 20], [30, 40]], 5)
    assert hidden.tolist() == [[True, True], [True, True]]


def test_a_table_without_small_cells_hides_nothing() -> None:
    assert not suppress_counts([[5, 20], [0, 40]], 5).any()


def test_hiding_chooses_the_smallest_neighbours() -> None:
    # rectangles on the 3: 8 + 9 + 7 = 24 is cheaper than any with 50 or 60
    hidden = suppress_counts([[3, 50, 8], [60, 70, 80], [9, 90, 7]], 5)
    assert hidden.tolist() == [[True, False, True], [False, False, False], [True, False, True]]


def test_two_hidden_ones_in_a_row_of_two_would_be_known_and_are_not() -> None:
    # both hidden cells of the first row are 1, their sum 2: each must be 1, since hidden cells are at least 1
    table = np.array([[1, 1, 40], [30, 30, 30], [20, 20, 20]])
    hidden = suppress_counts(table, 5)
    assert len(_possible(table, hidden, (0, 0), 40)) > 1 if hidden.sum() <= 4 else hidden[0].all()


@settings(max_examples=30, deadline=None)
@given(cells=st.lists(st.integers(min_value=0, max_value=9), min_size=9, max_size=9))
def test_no_small_cell_can_be_worked_out(cells: list[int]) -> None:
    table = np.array(cells).reshape(3, 3)
    small = (table > 0) & (table < 3)
    hidden = suppress_counts(table, 3)
    assert (hidden | ~small).all()
    # exhaustive audit where it is quick; one client more than any cell has is enough to see a second possibility
    if 0 < hidden.sum() <= 4:
        largest = int(table.max()) + 1
        assert all(len(_possible(table, hidden, (int(r), int(c)), largest)) > 1 for r, c in np.argwhere(small))


def test_a_single_small_part_takes_the_next_smallest_with_it() -> None:
    assert suppress_parts([3, 20, 40], 5).tolist() == [True, True, False]
    assert suppress_parts([3, 4, 40], 5).tolist() == [True, True, False]
    assert suppress_parts([10, 20], 5).tolist() == [False, False]
    # 1 + 1 = 2 over two hidden parts of at least 1 leaves no doubt: one more
    assert suppress_parts([1, 1, 9, 40], 5).tolist() == [True, True, True, False]


def test_a_dominated_amount_takes_the_smallest_other_with_it() -> None:
    assert suppress_amount_parts([900.0, -10.0, 50.0], [True, False, False]).tolist() == [True, True, False]
    assert suppress_amount_parts([900.0, 10.0], [False, False]).tolist() == [False, False]


def test_a_hidden_amount_cannot_follow_from_the_totals() -> None:
    amounts, counts = np.array([[5.0, 9.0, 7.0], [8.0, -3.0, 6.0], [4.0, 4.0, 4.0]]), np.full((3, 3), 9)
    sensitive = np.zeros((3, 3), dtype=bool)
    sensitive[0, 0] = True
    hidden = suppress_amounts(amounts, counts, sensitive)
    # rectangles on the 5: 9 + 4 + 4 = 17, 7 + 4 + 4 = 15, 9 + 8 + 3 = 20, 7 + 8 + 6 = 21
    assert hidden.tolist() == [[True, False, True], [False, False, False], [True, False, True]]


def test_an_empty_cell_hides_nothing() -> None:
    # the only neighbours with clients are used, the empty ones are known zeros
    amounts, counts = np.array([[5.0, 0.0, 7.0], [8.0, 3.0, 6.0]]), np.array([[9, 0, 9], [9, 9, 9]])
    sensitive = np.array([[True, False, False], [False, False, False]])
    hidden = suppress_amounts(amounts, counts, sensitive)
    assert hidden.tolist() == [[True, False, True], [True, False, True]]
