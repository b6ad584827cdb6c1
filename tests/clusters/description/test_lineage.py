import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from clusters.description.lineage import LINEAGE, Lineage, Rule, lineage
from data.errors import InputError, TableError

OPPOSITE = {"split": "merged", "merged": "split", "born": "gone", "gone": "born"}


def edition(contents, label="pottery"):
    """Clusters and members of {cluster_id: firms}, or of {(cluster_id, label): firms}."""
    keys = [key if isinstance(key, tuple) else (key, label) for key in contents]
    clusters = pd.DataFrame(
        {
            "cluster_id": [name for name, _ in keys],
            "label": [label for _, label in keys],
            "name": [f"Name of {name}" for name, _ in keys],
        },
        dtype=str,
    )
    rows = [(name, firm) for (name, _), firms in zip(keys, contents.values(), strict=True) for firm in firms]
    return clusters, pd.DataFrame(rows, columns=["cluster_id", "firm_id"], dtype=str)


def between(before, after, **rule) -> Lineage:
    return lineage(*edition(before), *edition(after), Rule(**rule))


def events(found):
    return sorted(found.table[["event", "before_id", "after_id"]].itertuples(index=False, name=None))


def firms(first, number):
    return [f"f{i:03}" for i in range(first, first + number)]


@st.composite
def contents(draw, prefix):
    """A few clusters of two labels; firms belong to none, one or several."""
    names = [f"{prefix}{i}" for i in range(draw(st.integers(0, 5)))]
    labels = [draw(st.sampled_from(["pottery", "brewing"])) for _ in names]
    some = st.lists(st.integers(0, 14).map(lambda i: f"f{i}"), max_size=9, unique=True)
    return {(name, label): draw(some) for name, label in zip(names, labels, strict=True)}


TWO = st.tuples(contents("x"), contents("y"))
SAME_NAMES = st.tuples(contents("x"), contents("x"))


def test_a_cluster_that_changes_little_is_kept_and_keeps_its_id():
    found = between({"old": firms(0, 10)}, {"new": firms(2, 10)})
    row = found.table.iloc[0]
    assert list(found.table.columns) == [*LINEAGE]
    assert row.to_dict() == {
        "event": "kept",
        "before_id": "old",
        "before_name": "Name of old",
        "after_id": "old",
        "after_name": "Name of new",
        "shared": 8,
        "before_firms": 10,
        "after_firms": 10,
        "jaccard": pytest.approx(8 / 12),
    }
    assert found.ids.to_dict() == {"new": "old"}


def test_the_larger_part_of_a_split_inherits():
    found = between({"old": firms(0, 10)}, {"a": firms(0, 4), "b": firms(4, 6)})
    assert events(found) == [("split", "old", "a"), ("split", "old", "old")]
    assert found.ids.to_dict() == {"a": "a", "b": "old"}


def test_a_merger_goes_on_as_its_larger_source():
    found = between({"a": firms(0, 4), "b": firms(4, 6)}, {"new": firms(0, 10)})
    assert events(found) == [("merged", "a", "b"), ("merged", "b", "b")]


def test_a_tangle_is_both():
    found = between(
        {"a": firms(0, 10), "b": firms(10, 10)},
        {"c": firms(0, 5) + firms(10, 5), "d": firms(5, 5) + firms(15, 5)},
    )
    assert {event for event, _, _ in events(found)} == {"split and merged"}
    assert found.ids.to_dict() == {"c": "a", "d": "b"}


def test_born_and_gone_show_nothing_on_the_other_side():
    found = between({"a": firms(0, 5)}, {"b": firms(9, 6)}).table.set_index("event")
    gone, born = found.loc["gone"], found.loc["born"]
    assert (gone["after_id"], gone["after_name"], gone["after_firms"], gone["before_firms"]) == ("", "", 0, 5)
    assert (born["before_id"], born["before_name"], born["before_firms"], born["after_firms"]) == (
        "",
        "",
        0,
        6,
    )
    assert (found[["shared", "jaccard"]] == 0).all(axis=None)


def test_clusters_of_different_labels_never_match():
    found = between({("a", "pottery"): firms(0, 5)}, {("a", "brewing"): firms(0, 5)})
    assert events(found) == [("born", "", "a-2"), ("gone", "a", "")]


@pytest.mark.parametrize(
    ("before", "after", "linked"),
    [
        ((0, 10), (7, 3), True),  # J = 0.3, all of the smaller
        ((0, 10), (4, 13), True),  # S = 6, J = 6/17, more than half of the smaller
        ((0, 10), (5, 100), True),  # S = 5, half of the smaller exactly, J small
        ((0, 10), (6, 100), False),  # S = 4
        ((0, 13), (7, 13), True),  # S = 6, J = 6/20 = 0.3 exactly, less than half
        ((0, 13), (8, 13), False),  # S = 5, J = 5/21
    ],
)
def test_either_half_of_the_rule_links(before, after, linked):
    found = between({"a": firms(*before)}, {"b": firms(*after)})
    assert (found.table["event"] == "kept").any() == linked


def test_the_rule_can_be_changed():
    pair = {"a": firms(0, 13)}, {"b": firms(7, 13)}
    assert between(*pair, jaccard=0.31).table["event"].tolist() == ["gone", "born"]
    assert between(*pair, jaccard=0.31, of_smaller=6 / 13).table["event"].tolist() == ["kept"]
    with pytest.raises(InputError, match=r"jaccard is 0: .*; of_smaller is 1.5: it must lie in \(0, 1\]"):
        Rule(jaccard=0, of_smaller=1.5)


def test_the_largest_jaccard_chooses_first_wherever_it_is():
    # n resembles a more than b does; m resembles only a, but less than n does.
    found = between(
        {"a": firms(0, 10), "b": firms(20, 4)}, {"m": firms(7, 3), "n": firms(0, 7) + firms(20, 4)}
    )
    assert found.ids.to_dict() == {"m": "m", "n": "a"}
    assert ("merged", "b", "a") in events(found)


def test_equal_jaccard_goes_to_the_larger_overlap():
    found = between({"z": firms(0, 10), "a": firms(20, 2)}, {"n": firms(6, 4) + firms(20, 2)})
    assert found.table["jaccard"].tolist() == [1 / 3, 1 / 3]
    assert found.ids["n"] == "z"


def test_equal_jaccard_and_overlap_go_to_the_first_id():
    assert between({"p": firms(0, 6)}, {"r": firms(3, 3), "q": firms(0, 3)}).ids.to_dict() == {
        "q": "p",
        "r": "r",
    }
    assert between({"r": firms(3, 3), "q": firms(0, 3)}, {"p": firms(0, 6)}).ids.to_dict() == {"p": "q"}


def test_a_name_that_another_cluster_had_gets_a_number():
    found = between({"x": firms(0, 9), "x-2": firms(50, 5)}, {"x": firms(20, 5), "y": firms(0, 9)})
    assert found.ids.to_dict() == {"x": "x-3", "y": "x"}


def test_numbers_avoid_names_that_the_later_edition_brings():
    found = between({"x": firms(0, 9)}, {"x": firms(20, 5), "x-2": firms(30, 5)})
    assert found.ids.to_dict() == {"x": "x-3", "x-2": "x-2"}


def test_empty_editions():
    some = {"a": firms(0, 3)}
    assert between({}, {}).table.empty
    assert list(between({}, {}).table.columns) == [*LINEAGE]
    assert between({}, {}).ids.empty
    assert events(between({}, some)) == [("born", "", "a")]
    assert events(between(some, {})) == [("gone", "a", "")]


def test_a_cluster_without_members_has_no_history():
    assert events(between({"a": []}, {"a": []})) == [("born", "", "a-2"), ("gone", "a", "")]


def test_ids_may_be_whole_numbers_or_categories():
    clusters, members = edition({"a": ["1", "2", "3"]})
    numbers = members.astype({"firm_id": int})
    kinds = members.astype("category")
    assert lineage(clusters, numbers, clusters, kinds).table["event"].tolist() == ["kept"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c, m: (c.drop(columns="name"), m), r"clusters \(after\) lacks \['name'\]"),
        (lambda c, m: (c, m.drop(columns="firm_id")), r"members \(after\) lacks \['firm_id'\]"),
        (lambda c, m: (pd.concat([c, c]), m), r"cluster_id 'a' is given twice"),
        (lambda c, m: (c, pd.concat([m, m.tail(1)])), r"firm_id 'f002' is given twice in cluster 'a'"),
        (
            lambda c, m: (c.assign(cluster_id="b"), m),
            r"members \(after\): cluster_id 'a' is not in the table",
        ),
        (lambda c, m: (c, m.assign(firm_id=None)), r"row 0 has no firm_id: editions are matched by it"),
        (lambda c, m: (c, m.assign(firm_id=["f1", "", "f2"])), r"row 1 has no firm_id"),
        (lambda c, m: (c, m.assign(firm_id=0.5)), r"firm_id holds double: it must be text or whole numbers"),
        (lambda c, m: (c, m.assign(firm_id=[b"x", "y", 1])), r"firm_id mixes kinds of values"),
        (lambda c, m: (c.assign(label=None), m), r"cluster_id 'a' has no label"),
    ],
)
def test_faulty_tables_are_refused_in_words(change, words):
    whole = edition({"a": firms(0, 3)})
    with pytest.raises(TableError, match=words):
        lineage(*whole, *change(*whole))


@given(SAME_NAMES)
@settings(deadline=None, max_examples=25)
def test_ids_are_unique_and_every_cluster_occurs(pair):
    before, after = pair
    found = between(before, after)
    assert found.ids.is_unique
    assert list(found.ids.index) == sorted(name for name, _ in after)
    assert set(found.table["before_id"]) - {""} == {name for name, _ in before}
    assert set(found.table["after_id"]) - {""} == set(found.ids)
    rows = found.table
    linked = rows[~rows["event"].isin(["born", "gone"])]
    assert not linked.duplicated(["before_id", "after_id"]).any()
    assert (rows["before_id"].eq("") == rows["event"].eq("born")).all()
    assert (rows["after_id"].eq("") == rows["event"].eq("gone")).all()
    # An id passes on only between clusters that are linked.
    old = {name for name, _ in before}
    carried = rows[rows["after_id"].isin(old)].groupby("after_id")["before_id"].agg(set)
    assert all(name in sources for name, sources in carried.items())


@given(contents("x"))
@settings(deadline=None, max_examples=25)
def test_an_edition_against_itself_is_kept(content):
    assume(all(content.values()))
    # Clusters of one label share no firm, as those of the scan.
    seen, own = set(), {}
    for (name, label), members in content.items():
        mine = [firm for firm in members if (label, firm) not in seen]
        seen.update((label, firm) for firm in mine)
        if mine:
            own[name, label] = mine
    found = between(own, own)
    assert (found.table["event"] == "kept").all()
    assert (found.table["jaccard"] == 1).all()
    assert (found.ids == found.ids.index).all()
    assert len(found.table) == len(own)


@given(TWO)
@settings(deadline=None, max_examples=25)
def test_time_turned_round_turns_events_round(pair):
    before, after = pair
    there, back = between(before, after), between(after, before)
    came = dict(zip(there.ids, there.ids.index, strict=True)) | {"": ""}
    went = dict(zip(back.ids, back.ids.index, strict=True)) | {"": ""}
    forward = {
        (OPPOSITE.get(row.event, row.event), row.before_id, came[row.after_id], row.shared, row.jaccard)
        for row in there.table.itertuples()
    }
    backward = {
        (row.event, went[row.after_id], row.before_id, row.shared, row.jaccard)
        for row in back.table.itertuples()
    }
    assert forward == backward


@given(TWO, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=25)
def test_the_order_of_rows_has_no_say(pair, chance):
    tables = [*edition(pair[0]), *edition(pair[1])]
    mixed = [table.iloc[chance.sample(range(len(table)), len(table))] for table in tables]
    first, second = lineage(*tables), lineage(*mixed)
    pd.testing.assert_frame_equal(first.table, second.table)
    pd.testing.assert_series_equal(first.ids, second.ids)


@given(TWO)
@settings(deadline=None, max_examples=25)
def test_overlaps_agree_with_sets(pair):
    before, after = pair
    found = between(before, after)
    came = dict(zip(found.ids, found.ids.index, strict=True))
    rows = found.table[found.table["shared"] > 0]
    listed = {(row.before_id, came[row.after_id]): (row.shared, row.jaccard) for row in rows.itertuples()}
    wanted = {}
    for (old, label), was in before.items():
        for (new, other), now in after.items():
            shared = len({*was} & {*now})
            if shared and label == other:
                jaccard = shared / len({*was} | {*now})
                if jaccard >= 0.3 or 2 * shared >= min(len(was), len(now)):
                    wanted[old, new] = (shared, jaccard)
    assert listed == wanted


def test_inputs_stay_as_they_are():
    tables = [*edition({"a": firms(0, 5)}), *edition({"b": firms(1, 5)})]
    copies = [table.copy() for table in tables]
    lineage(*tables)
    for table, copy in zip(tables, copies, strict=True):
        pd.testing.assert_frame_equal(table, copy)


def test_types_do_not_depend_on_what_was_found():
    tables = [between({}, {}), between({"a": firms(0, 5)}, {"b": firms(0, 5)}), between({"a": ["f"]}, {})]
    kinds = [found.table.dtypes.astype(str).to_dict() for found in tables]
    assert kinds[0] == kinds[1] == kinds[2]
    assert kinds[0]["shared"] == "int64"
    assert np.issubdtype(tables[0].table["jaccard"].dtype, np.floating)
