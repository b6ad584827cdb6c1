"""Agents' addresses: found by their firms, and set aside, capped or kept."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.agents import (
    CAP,
    CHANCE,
    KEEP,
    LEAST,
    PART,
    SET_ASIDE,
    TREATMENTS,
    AgentRule,
    agents,
    campuses,
    treated,
)
from clusters.census import Task, census
from clusters.many_machines.engine import OneMachine
from clusters.results.in_words import MOST_NAMED, found_words
from clusters.scan.parameters import ScanParameters
from data.errors import InputError
from intake.reading import open_register
from tests.clusters.small_registers import AGENT, SECTORS, SHARES, firms, write_parquet

LABELS = "abcdef"
CROWDS = st.lists(
    st.tuples(st.integers(1, 700), st.lists(st.integers(0, 700), min_size=6, max_size=6)),
    min_size=1,
    max_size=6,
)


def tables(crowds) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Points of so many firms, of whom so many carry each label."""
    points = pd.DataFrame(
        [(0, 100.0 * at, 7.5, total) for at, (total, _) in enumerate(crowds)],
        columns=["cell", "easting", "northing", "total"],
    )
    rows = [
        (100.0 * at, 7.5, label, min(count, total))
        for at, (total, counts) in enumerate(crowds)
        for label, count in zip(LABELS, counts, strict=True)
        if count
    ]
    labels = pd.DataFrame(rows, columns=["easting", "northing", "label", "total"])
    return points, labels.astype({"easting": float, "northing": float, "total": int})


def as_counter(labels) -> Counter:
    return Counter({(x, label): n for x, _, label, n in labels.itertuples(index=False)})


@given(CROWDS, st.integers(2, 400))
def test_a_cap_scales_all_labels_of_a_point_alike(crowds, most):
    points, labels = tables(crowds)
    capped, scaled = treated(points, labels, AgentRule(most, CAP))
    assert capped["total"].tolist() == [min(total, most) for total, _ in crowds]
    there = points.set_index("easting")["total"]
    before, after = as_counter(labels), as_counter(scaled)
    assert set(after) <= set(before)
    for (x, label), count in before.items():
        exact = count * min(there[x], most) / there[x]
        assert abs(after[x, label] - exact) < 1
        assert after[x, label] <= most
    for x in there.index:
        own = sum(count for (at, _), count in before.items() if at == x)
        kept = sum(count for (at, _), count in after.items() if at == x)
        assert abs(kept - own * min(there[x], most) / there[x]) <= 0.5
    assert (scaled["total"] > 0).all()


@given(CROWDS, st.integers(2, 400), st.randoms(use_true_random=False))
def test_the_order_of_rows_has_no_say(crowds, most, random):
    points, labels = tables(crowds)
    for treatment in TREATMENTS:
        mixed = (table.sample(frac=1, random_state=random.randrange(99)) for table in (points, labels))
        one, other = (treated(*each, AgentRule(most, treatment)) for each in ((points, labels), mixed))
        assert as_counter(one[1]) == as_counter(other[1])


@given(CROWDS, st.integers(2, 400))
def test_set_aside_and_keep(crowds, most):
    points, labels = tables(crowds)
    assert all(
        a is b for a, b in zip(treated(points, labels, AgentRule(most, KEEP)), (points, labels), strict=True)
    )
    kept, left = treated(points, labels, AgentRule(most, SET_ASIDE))
    few = [total for total, _ in crowds if total < most]
    assert kept["total"].tolist() == few
    assert set(left["easting"]) <= set(kept["easting"])
    here = labels["easting"].isin(kept["easting"])
    assert left["total"].sum() == labels.loc[here, "total"].sum()


def test_agents_are_ordered_by_their_firms():
    points, _ = tables([(300, [0] * 6), (249, [0] * 6), (900, [0] * 6), (250, [0] * 6), (300, [0] * 6)])
    found = agents(points, AgentRule())
    assert found["total"].tolist() == [900, 300, 300, 250]
    assert found["easting"].tolist() == [200.0, 0.0, 400.0, 300.0]


@pytest.mark.parametrize(("values", "words"), [((250, "shoot"), "'shoot'"), ((1, KEEP), "at least 2")])
def test_a_rule_that_makes_no_sense_is_refused(values, words):
    with pytest.raises(InputError, match=words):
        AgentRule(*values)


@given(st.integers(0, 90_000_000), st.integers(0, 90_000_000))
def test_the_limit_grows_with_the_register_and_never_falls_below_the_least(one, other):
    few, many = sorted((one, other))
    assert LEAST <= AgentRule().limit(few) <= AgentRule().limit(many)
    assert AgentRule().limit(many) >= PART * many
    assert AgentRule().settled(many) == AgentRule(AgentRule().limit(many))


@given(st.integers(2, 1_000), st.integers(0, 90_000_000))
def test_a_limit_that_is_asked_for_stays_as_it_is(asked, everyone):
    assert AgentRule(asked).limit(everyone) == asked


def campus(observed=362, firms=400, carried=800, everyone=100_000, min_firms=10) -> pd.DataFrame:
    at = {"easting": 100.0, "northing": 7.5}
    offices = pd.DataFrame([{"cell": 1, **at, "total": firms}])
    labels = pd.DataFrame([
        {**at, "label": "space", "total": observed}, {**at, "label": "law", "total": 3},
        {"easting": 900.0, "northing": 7.5, "label": "space", "total": observed},
    ])  # fmt: skip
    sizes = pd.Series({"space": carried, "law": 9_000})
    return campuses(offices, labels, sizes, everyone, min_firms)


def test_a_point_of_one_kind_of_firm_may_be_a_campus():
    [row] = campus().to_dict("records")
    assert (row["label"], row["observed"], row["firms"]) == ("space", 362, 400)
    assert row["lq"] == pytest.approx(362 / 400 / 0.008)
    assert row["log10_p"] == -300.0


@pytest.mark.parametrize(
    "figures",
    [
        {"observed": 99},  # less than a quarter of its firms
        {"carried": 33_000},  # common everywhere
        {"min_firms": 363},
        {"observed": 4, "firms": 4, "carried": 4_000, "min_firms": 4},  # 1 in 400,000
    ],
)
def test_a_point_like_others_is_no_campus(figures):
    assert campus(**figures).empty


def test_the_tail_of_a_campus_is_exact():
    [row] = campus(observed=6, firms=6, carried=8_000, min_firms=4).to_dict("records")
    assert row["log10_p"] == pytest.approx(6 * np.log10(0.08))
    assert 10 ** row["log10_p"] < CHANCE


def test_no_agents_no_campuses():
    points, labels = tables([(300, [300] + [0] * 5)])
    assert campuses(points.head(0), labels, pd.Series({"a": 300}), 300, 10).empty
    assert campuses(points.head(0), labels.head(0), pd.Series(dtype=int), 0, 10).empty


def told(found) -> list[str]:
    report = {
        "rows": {"in": 400, "kept": 400, "refused": 0}, "hint": "", "notes": {},
        "agents": {"points": 1, "firms_there": 400, "firms": 250, "treatment": SET_ASIDE, "campuses": found},
        "labels": {"tested": 1, "with_clusters": 0}, "clusters": 0, "method": "scan",
        "sureness": {"solid": 0, "pale": 0, "one_site": 0, "by_chance": 0.0},
    }  # fmt: skip
    return found_words(report, "out")


def test_a_campus_is_asked_about_in_words():
    one = {"observed": 362, "firms": 400, "place": "Harwell", "label": "space"}
    assert (
        "362 of the 400 firms at one point in Harwell carry 'space': a campus? "
        "Keep it with --agents keep or --agent-firms 401."
    ) in told([one])
    assert len(told([])) == len(told([one])) - 1
    assert "2 more such points: see campuses in report.json." in told([one] * (MOST_NAMED + 2))


@pytest.fixture(scope="module")
def with_agent(tmp_path_factory):
    """A register with 400 firms at one point in Reading, of whom half are drapers."""
    draws = np.random.default_rng(4)
    sectors = np.where(draws.random(400) < 0.5, "drapers", draws.choice(SECTORS, 400))
    point = {"easting": float(AGENT[0]), "northing": float(AGENT[1])}
    ids = [f"A{number:03}" for number in range(400)]
    office = pd.DataFrame({"firm_id": ids, "name": ids, "sector": sectors, **point})
    around = office.head(30).assign(firm_id=lambda t: "B" + t["firm_id"], easting=point["easting"] + 180)
    around["sector"] = draws.choice(SECTORS, 30, p=SHARES)
    table = pd.concat([firms(), office, around], ignore_index=True)
    return open_register(write_parquet(tmp_path_factory.mktemp("agent") / "firms", table))


def at_agent(results) -> bool:
    """Whether any cluster of drapers has its peak near the agent."""
    near = (
        np.hypot(results.clusters["peak_easting"] - AGENT[0], results.clusters["peak_northing"] - AGENT[1])
        < 2_500
    )
    return bool((near & (results.clusters["label"] == "drapers")).any())


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_an_agents_mix_is_no_cluster_unless_it_is_kept(with_agent, treatment):
    # As one kind of place: nearly all firms where as many stand as there are the agent's own.
    parameters = ScanParameters(relabellings=20, resamples=2, kinds=(), kind_m=())
    task = Task(parameters, AgentRule(250, treatment))
    results = census(OneMachine(with_agent), task)
    told = results.report["agents"]
    assert at_agent(results) is (treatment != SET_ASIDE)
    assert (told["treatment"], told["points"], told["firms_there"]) == (treatment, 1, 400)
    assert told["largest"] == [
        {"cell": told["largest"][0]["cell"], "easting": AGENT[0], "northing": AGENT[1], "total": 400}
    ]
    counted = {SET_ASIDE: 0, CAP: 250, KEEP: 400}[treatment]
    assert results.report["firms_counted"] == results.report["rows"]["kept"] - 400 + counted
    here = (results.members["easting"] == AGENT[0]) & (results.members["northing"] == AGENT[1])
    assert here.any() == (treatment != SET_ASIDE)
    assert (results.clusters["observed"] <= results.clusters["all_companies"]).all()


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_a_campus_is_named_where_it_is_set_aside(tmp_path, treatment):
    point = {"easting": float(AGENT[0]), "northing": float(AGENT[1])}
    ids = [f"A{number:03}" for number in range(300)]
    office = pd.DataFrame(
        {"firm_id": ids, "name": ids, "sector": ["space"] * 280 + ["drapers"] * 20, **point}
    )
    source = write_parquet(tmp_path / "firms", pd.concat([firms(), office], ignore_index=True))
    task = Task(ScanParameters(relabellings=19, resamples=0), AgentRule(treatment=treatment))
    report = census(OneMachine(open_register(source)), task).report
    assert report["agents"]["firms"] == LEAST
    found = [(one["label"], one["observed"], one["firms"]) for one in report["agents"]["campuses"]]
    assert found == ([("space", 280, 300)] if treatment == SET_ASIDE else [])
    assert any("a campus?" in line for line in found_words(report, "out")) is bool(found)
