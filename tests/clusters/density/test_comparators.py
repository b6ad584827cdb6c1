"""Density clustering in the scan's form."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from clusters.agents import CAP, AgentRule
from clusters.census import Task, census
from clusters.density import hdbscan
from clusters.density.comparators import DENSITY
from clusters.many_machines.engine import OneMachine
from clusters.results.reading import read_results
from clusters.results.tables import TYPES
from clusters.results.writing import write_results
from clusters.scan.parameters import ScanParameters
from data.errors import InputError
from intake.reading import open_register
from tests.clusters.small_registers import AGENT, STOKE, detect, firms, write_csv

PARAMETERS = ScanParameters(relabellings=19, resamples=2)
# What only a test can tell.
TESTED = ("log10_p", "threshold", "e", "p", "p_error", "q", "stability", "core_share", "peak_radius_m")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_csv(tmp_path_factory.mktemp("source") / "firms.csv", firms())


@pytest.fixture(scope="module")
def by_method(source):
    register = open_register(source)
    return {name: census(OneMachine(register), Task(PARAMETERS, method=name)) for name in ("scan", *DENSITY)}


@pytest.mark.parametrize("method", DENSITY)
def test_a_result_has_the_scans_form_without_what_only_a_test_tells(tmp_path, by_method, method):
    found, scan = by_method[method], by_method["scan"]
    for name in TYPES:
        mine, its = (getattr(one, name) for one in (found, scan))
        if isinstance(its, pd.DataFrame):
            assert [*mine.columns] == [*its.columns], name
    assert found.clusters[[*TESTED]].isna().all(axis=None)
    assert (found.clusters["standing"] == "").all()
    assert found.labels["threshold"].isna().all()
    assert found.labels["best_p"].isna().all()
    assert (found.labels["best"] == "").all()
    assert len(found.nearly) == 0
    assert found.report["method"] == method
    assert not found.members["core"].any()
    assert found.clusters["core_geometry"].is_empty.all() or found.clusters["core_geometry"].isna().all()
    write_results(tmp_path / "out", found)
    back = read_results(tmp_path / "out")
    assert [*back.clusters["cluster_id"]] == [*found.clusters["cluster_id"]]


@pytest.mark.parametrize("method", DENSITY)
def test_clusters_are_those_of_the_method(by_method, method, source):
    found = by_method[method]
    table = pd.read_csv(source)
    potters = table[table["sector"].str.contains("potters")]
    entries = (np.arange(len(potters)), np.zeros(len(potters), int))
    own = DENSITY[method](potters["easting"], potters["northing"], *entries)
    sizes = own.loc[own["cluster"] >= 0, "cluster"].value_counts()
    mine = found.clusters[found.clusters["label"] == "potters"]
    assert sorted(mine["firms"]) == sorted(sizes)
    if method == "dbscan":
        assert (np.hypot(mine["easting"] - STOKE[0], mine["northing"] - STOKE[1]) < 1_000).any()
    assert found.members["cluster_id"].value_counts().sort_index().tolist() == (
        found.clusters.set_index("cluster_id")["firms"].sort_index().tolist()
    )


@pytest.mark.parametrize("method", DENSITY)
def test_figures_are_over_the_cells_of_the_members(by_method, method):
    clusters = by_method[method].clusters
    assert (clusters["observed"] == clusters["firms"]).all()
    assert (clusters["observed"] <= clusters["all_companies"]).all()
    np.testing.assert_allclose(clusters["expected"], clusters["all_companies"] * clusters["national_share"])
    assert clusters["lq"].gt(0).all()
    # Without a ring or kinds of places, what is expected is the nation's share.
    np.testing.assert_allclose(clusters["lq"], clusters["lq_national"])


@pytest.mark.parametrize("method", DENSITY)
def test_families_are_told_where_nothing_was_tested(by_method, method):
    clusters = by_method[method].clusters.set_index("cluster_id")
    assert set(clusters["family"]) <= set(clusters.index)
    assert (clusters["family"][clusters["family"].unique()] == clusters["family"].unique()).all()


def test_an_agent_that_is_capped_counts_as_many_as_it_may(tmp_path):
    point = {"easting": float(AGENT[0]), "northing": float(AGENT[1])}
    office = pd.DataFrame(
        {"firm_id": [f"A{n}" for n in range(900)], "name": "", "sector": "drapers", **point}
    )
    source = write_csv(tmp_path / "f.csv", pd.concat([firms(), office]))
    found = census(
        OneMachine(open_register(source)), Task(PARAMETERS, AgentRule(250, CAP), "dbscan")
    ).clusters
    there = found[(found["label"] == "drapers") & (found["firms"] >= 900)]
    assert len(there) == 1
    assert (found["observed"] <= found["all_companies"]).all()
    assert there["observed"].iloc[0] <= 250 + 30


def test_what_would_take_too_long_is_refused_with_the_estimate(monkeypatch, capsys, tmp_path, source):
    def never(*_):
        raise AssertionError

    monkeypatch.setattr(hdbscan, "SECONDS_A_PAIR", 1.0)
    monkeypatch.setattr(hdbscan, "_clustered", never)
    code, lines = detect(monkeypatch, capsys, source, "--method", "hdbscan", "--out", tmp_path / "out")
    assert code == 2
    [line] = lines
    assert "minutes and" in line
    assert "it may take 10 minutes and 4 GB" in line
    assert "--method scan" in line
    assert not (tmp_path / "out").exists()


def test_an_unknown_method_is_refused():
    with pytest.raises(InputError, match="'kmeans'"):
        Task(method="kmeans")
