"""Clusters made of the same firms are one family, under the most striking of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.description.families import SHARED, families

SETS = st.lists(st.frozensets(st.integers(0, 11), min_size=1, max_size=9), max_size=7)


def tables(sets, e=None):
    """Clusters a, b, c ... of some firms, the first the most striking."""
    names = [chr(97 + number) for number in range(len(sets))]
    striking = e if e is not None else [10.0 ** (number - 9) for number in range(len(sets))]
    clusters = pd.DataFrame({"cluster_id": names, "e": striking, "firms": [len(one) for one in sets]})
    rows = [(name, firm) for name, own in zip(names, sets, strict=True) for firm in sorted(own)]
    members = pd.DataFrame(rows, columns=["cluster_id", "firm_id"])
    return clusters.astype({"cluster_id": object, "e": float, "firms": int}), members


def heads(sets, e=None):
    return families(*tables(sets, e)).tolist()


def test_identical_sets_join_the_most_striking():
    assert heads([{1, 2, 3}] * 3) == ["a", "a", "a"]
    assert heads([{1, 2, 3}] * 3, [0.3, 0.1, 0.2]) == ["b", "b", "b"]


@pytest.mark.parametrize(
    ("shared", "joins"),
    [(10, True), (5, True), (4, False), (0, False)],
)
def test_half_of_the_smaller_joins_and_less_does_not(shared, joins):
    large, small = set(range(30)), set(range(shared)) | set(range(100, 110 - shared))
    assert heads([large, small]) == ["a", "a" if joins else "b"]
    # Whichever of the two is the more striking.
    assert heads([small, large]) == ["a", "a" if joins else "b"]


def test_equally_striking_the_larger_is_the_head_then_the_first_by_name():
    assert heads([{1, 2}, {1, 2, 3}], [0.1, 0.1]) == ["b", "b"]
    assert heads([{1, 2, 3}, {1, 2, 3}], [0.1, 0.1]) == ["a", "a"]


def test_what_joins_brings_no_others_with_it():
    # c shares half with b, which is in the family of a: but nothing with a, so it is a head of its own.
    a, b, c = {1, 2, 3, 4}, {3, 4, 5, 6}, {5, 6, 7, 8}
    assert heads([a, b, c]) == ["a", "a", "c"]


def test_the_most_striking_of_several_heads_is_joined():
    assert heads([{1, 2}, {3, 4}, {1, 2, 3, 4}]) == ["a", "b", "a"]
    assert heads([{1, 2}, {3, 4}, {1, 2, 3, 4}], [0.2, 0.1, 0.3]) == ["a", "b", "b"]


def test_what_was_not_tested_comes_last_and_still_has_a_family():
    assert heads([{1, 2, 3}, {1, 2, 3}], [np.nan, 0.1]) == ["b", "b"]
    assert heads([{1, 2, 3}, {1, 2}], [np.nan, np.nan]) == ["a", "a"]


def test_no_clusters_no_families():
    found = families(*tables([]))
    assert len(found) == 0


@given(SETS)
def test_every_family_has_a_head_that_it_shares_half_with(sets):
    clusters, members = tables(sets)
    found = families(clusters, members)
    assert found.index.tolist() == clusters["cluster_id"].tolist()
    own = dict(zip(clusters["cluster_id"], sets, strict=True))
    names = clusters["cluster_id"].tolist()

    def kin(one, other):
        return len(own[one] & own[other]) >= SHARED * min(len(own[one]), len(own[other]))

    for name in names:
        head = found[name]
        assert found[head] == head
        # The most striking comes first by name here; heads do not share half with one another.
        before = [other for other in names if other < name and found[other] == other]
        wanted = next((other for other in before if kin(name, other)), name)
        assert head == wanted


@given(SETS, st.randoms(use_true_random=False))
def test_the_order_of_rows_has_no_say(sets, random):
    clusters, members = tables(sets)
    seed = random.randrange(99)
    mixed = families(clusters.sample(frac=1, random_state=seed), members.sample(frac=1, random_state=seed))
    plain = families(clusters, members)
    assert mixed[plain.index].tolist() == plain.tolist()
