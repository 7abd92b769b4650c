import numpy as np
import pytest

from xlcity.model.dataset import as_slice


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [([3, 4, 5], slice(3, 6)), ([7], slice(7, 8)), ([3, 5], None), ([], None)],
)
def test_rows_that_follow_each_other_are_a_slice(rows, wanted):
    numbers = np.array(rows, dtype=np.int64)
    assert as_slice(numbers) == wanted if wanted else as_slice(numbers) is numbers
