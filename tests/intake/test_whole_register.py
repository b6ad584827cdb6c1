"""A register read and admitted by several threads."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from intake import whole_register as module
from intake.admission import joined
from intake.reading import open_register
from intake.whole_register import admit_register
from tests.clusters.small_registers import firms, write_csv


def test_admissions_with_other_names_are_joined(tmp_path):
    """The second table has labels that the first has not, and the other way round."""
    table = firms(40).assign(sector=["a"] * 65 + ["b;c"] * 65)
    whole = admit_register(open_register(write_csv(tmp_path / "firms.csv", table)))
    assert whole.names == ("a", "b", "c")
    names = [whole.names[code] for code in whole.label]
    assert names == ["a"] * 65 + ["b", "c"] * 65
    assert joined([whole, whole]).rows == 260
    assert joined([whole, whole]).firm.max() == 259


def test_results_come_in_order_and_not_too_many_at_once():
    begun = []

    def items():
        for number in range(30):
            begun.append(number)
            yield number

    with ThreadPoolExecutor(2) as pool:
        for number, result in enumerate(module._ahead(pool, lambda item: item * 2, items())):
            assert result == number * 2
            assert len(begun) <= number + (os.cpu_count() or 1) + 2
