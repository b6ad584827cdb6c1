"""A register's whole way, its report, and what became of a former edition's clusters."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cli
from clusters.agents import AgentRule
from clusters.census import METHODS, SCAN, Task, census, counted, succeeding
from clusters.density.comparators import DENSITY
from clusters.description.lineage import BORN, GONE, KEPT
from clusters.many_machines.engine import OneMachine
from clusters.many_machines.tally import Setting, cells_of, count
from clusters.results.reading import read_results
from clusters.results.writing import write_results
from clusters.scan.parameters import ScanParameters
from clusters.shipped import shipped_evidence
from data.errors import InputError, TableError
from intake import reading
from intake.reading import open_register
from tests.clusters.results.small_results import some_results
from tests.clusters.small_registers import (
    STOKE,
    TOWNS,
    accounted,
    detect,
    digests,
    firms,
    report,
    shuffled,
    write_csv,
    write_parquet,
)

TASK = Task(ScanParameters(relabellings=19, resamples=2), edition="e")


def found(source, task=TASK, previous=None, **more):
    return census(OneMachine(open_register(source)), task, previous=previous, **more)


# --- The same however it is cut


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 99), st.integers(1, 4), st.integers(50, 900))
def test_every_file_is_the_same_however_the_register_is_cut(tmp_path_factory, monkeypatch, files, seed, rows):
    folder = tmp_path_factory.mktemp("same")
    monkeypatch.setattr(reading, "ROWS", rows)
    for name, cut in (("whole", 1), ("cut", files)):
        source = write_parquet(folder / "firms" / name, firms(600), max(cut, 1), rows)
        result = found(source)
        write_results(folder / name, result)
    whole, cut = (digests(folder / name) for name in ("whole", "cut"))
    whole["report.json"], cut["report.json"] = (
        {**json.loads(one["report.json"]), "source": ""} for one in (whole, cut)
    )
    assert whole == cut


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_shows_in_their_numbers_alone(tmp_path, seed):
    table = pd.concat([firms(), firms().head(30).assign(easting=450_000)], ignore_index=True)
    mixed = shuffled(table, seed)
    for name, rows in (("one", table), ("other", mixed)):
        write_results(tmp_path / name, found(write_csv(tmp_path / f"{name}.csv", rows)))
    one, other = (
        digests(tmp_path / name, "members.parquet", "firms.parquet", "refused.csv", "report.json")
        for name in ("one", "other")
    )
    assert one == other
    members = [pd.read_parquet(tmp_path / name / "members.parquet") for name in ("one", "other")]
    pd.testing.assert_frame_equal(*(each.drop(columns="row") for each in members))
    for each, rows in zip(members, (table, mixed), strict=True):
        assert (rows.loc[each["row"], "firm_id"].to_numpy() == each["firm_id"].to_numpy()).all()


def test_the_order_of_rows_has_no_say_without_ids(tmp_path):
    table = firms().drop(columns=["firm_id", "name"])
    for name, rows in (("one", table), ("other", shuffled(table))):
        write_results(tmp_path / name, found(write_csv(tmp_path / f"{name}.csv", rows)))
    one, other = (
        digests(tmp_path / name, "members.parquet", "firms.parquet", "report.json")
        for name in ("one", "other")
    )
    assert one == other


# --- The report


def test_the_report_says_what_was_done(tmp_path):
    told = []
    result = found(
        write_csv(tmp_path / "f.csv", firms()),
        evidence=shipped_evidence(),
        progress=lambda stage, share: told.append((stage, share)),
    )
    said = result.report
    assert said["rows"] == {"in": 1_590, "kept": 1_590, "refused": 0}
    assert said["members"] == len(result.members)
    assert said["clusters"] == len(result.clusters)
    assert said["method"] == "scan"
    assert said["parameters"]["relabellings"] == 19
    assert said["lineage"] is None
    assert {"python", "numba", "numpy", "pandas", "dask"} <= set(said["versions"])
    assert set(said["stages"]) <= {stage for stage, _ in told}
    assert all(0 <= share <= 1 for _, share in told)
    assert said["labels"]["all"] == len(said["thresholds_log10"]) == len(result.labels)
    assert (result.labels["best"] != "").tolist() == result.labels["tested"].tolist()
    assert set(result.nearly["label"]) <= set(result.labels["label"])
    assert set(result.clusters["type"]) <= {"Diverse", "Specialised", "R&D Collaborating"}
    assert result.clusters["rd_active"].notna().all()


def test_a_row_that_an_engine_loses_is_noticed(tmp_path, monkeypatch):
    survey = OneMachine.survey

    def lossy(self, cell_m, progress):
        seen = survey(self, cell_m, progress)
        return replace(seen, cells=seen.cells.iloc[1:])

    monkeypatch.setattr(OneMachine, "survey", lossy)
    with pytest.raises(TableError, match=r"of 390 rows \d+ were kept and 0 refused"):
        found(write_csv(tmp_path / "f.csv", firms(300)))


def test_counts_are_those_of_the_firms(tmp_path):
    """A sum over what is counted, by another way: pandas on the file."""
    table = firms()
    engine = OneMachine(open_register(write_csv(tmp_path / "f.csv", table)))
    engine.survey(250.0, lambda _: None)
    tallied = count(engine.whole, Setting(250.0))
    counts = counted(tallied, AgentRule(), tuple(tallied.firms_by_label.index))
    cells = Counter(zip(table["easting"] // 250, table["northing"] // 250, strict=True))
    assert sorted(counts.total) == sorted(cells.values())
    carried = table["sector"].str.split(";").explode().value_counts()
    assert {name: counts.of(name).size for name in counts.labels} == carried.to_dict()


def test_a_scan_loads_no_library_of_the_methods_beside_it():
    """scikit-learn alone takes a second."""
    code = "import sys, cli, clusters.census, clusters.many_machines.engine; print('sklearn' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=cli.ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout == "False\n"
    assert {*METHODS} == {SCAN, *DENSITY}


def test_a_cell_that_is_counted_by_point_is_counted_once(tmp_path):
    """Beside an agent's point others stand in its cell, and in cells without one."""
    crowd = pd.DataFrame({"easting": [451_130.0] * 40 + [451_140.0, 452_000.0], "northing": 206_200.0})
    table = crowd.assign(sector="a")
    engine = OneMachine(open_register(write_csv(tmp_path / "f.csv", table)))
    engine.survey(250.0, lambda _: None)
    key = cells_of(engine.whole, 250.0)[0]
    tallied = engine.count(Setting(250.0, heavy=np.array([key])), lambda _: None)
    for rule, total in (
        (AgentRule(30), [1, 1]),
        (AgentRule(30, "cap"), [31, 1]),
        (AgentRule(30, "keep"), [41, 1]),
    ):
        counts = counted(tallied, rule, ("a", "b"))
        assert counts.total.tolist() == counts.of("a").counts.tolist() == total
        assert counts.of("b").size == 0


# --- Editions


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A first edition with potters at Stoke and weavers in Oxford."""
    return pd.concat([firms(), weavers()], ignore_index=True)


def weavers(at=TOWNS[6], count=45, prefix="W", sector="weavers"):
    draws = np.random.default_rng(8)
    spots = np.round(np.array(at) + draws.normal(0, 250, (count, 2)))
    ids = [f"{prefix}{number:03}" for number in range(count)]
    grid = {"easting": spots[:, 0], "northing": spots[:, 1]}
    return pd.DataFrame({"firm_id": ids, "name": ids, "sector": sector, **grid})


def moved(table: pd.DataFrame) -> pd.DataFrame:
    """A later edition: some potters leave, more come, the weavers go, and smiths are new in Leicester."""
    potters = table.index[table["sector"] == "potters"]
    left = table.drop(index=potters[:8])
    left = left[~left["sector"].eq("weavers")]
    left.loc[potters[8:14], ["easting", "northing"]] += 60
    more = weavers(STOKE, 9, "P", "potters")
    return pd.concat([left, more, weavers(TOWNS[5], 45, "S", "smiths")], ignore_index=True)


def test_ids_persist_and_every_cluster_of_both_editions_is_told(monkeypatch, capsys, tmp_path, first):
    for name, table in (("a", first), ("b", moved(first))):
        write_csv(tmp_path / f"{name}.csv", table)
    quick = ("--relabellings", "19", "--resamples", "2")
    code, lines = detect(monkeypatch, capsys, tmp_path / "a.csv", "--out", tmp_path / "a", *quick)
    assert code == 0, lines
    before = pd.read_parquet(tmp_path / "a" / "clusters.parquet")
    # A former edition's ids are kept, whatever its clusters would be called today.
    old = read_results(tmp_path / "a")
    renamed = {one: f"{one}-of-old" for one in before["cluster_id"]}
    tables = ("clusters", "members", "cells", "evidence")
    columns = {"cluster_id": renamed, "family": renamed}
    changed = {name: getattr(old, name).replace(columns) for name in tables}
    write_results(tmp_path / "a", type(old)(**{**vars(old), **changed}))
    options = ("--out", tmp_path / "b", "--previous", tmp_path / "a", *quick)
    code, lines = detect(monkeypatch, capsys, tmp_path / "b.csv", *options)
    assert code == 0, lines
    accounted(tmp_path / "b")
    after = pd.read_parquet(tmp_path / "b" / "clusters.parquet").set_index("label")
    assert after.loc["potters", "cluster_id"] == "potters--stoke-on-trent-of-old"
    assert not after.loc["smiths", "cluster_id"].endswith("of-old")
    # Families are named by the ids that clusters bear.
    heads = after.set_index("cluster_id")["family"]
    assert set(heads) <= set(heads.index)
    assert (heads[heads].to_numpy() == heads.to_numpy()).all()
    assert heads["potters--stoke-on-trent-of-old"] == "potters--stoke-on-trent-of-old"
    for name in ("members", "cells"):
        used = set(pd.read_parquet(tmp_path / "b" / f"{name}.parquet")["cluster_id"])
        assert used == set(after["cluster_id"]), name
    lines = pd.read_csv(tmp_path / "b" / "lineage.csv", encoding="utf-8-sig", keep_default_na=False)
    assert set(lines["before_id"]) - {""} == set(renamed.values())
    assert set(lines["after_id"]) - {""} == set(after["cluster_id"])
    ids = lines["before_id"].where(lines["before_id"] != "", lines["after_id"])
    events = lines.set_index(ids.str.split("--").str[0].rename("label"))
    assert events.loc[["potters", "weavers", "smiths"], "event"].tolist() == [KEPT, GONE, BORN]
    assert 0.5 < events.loc["potters", "jaccard"] < 1
    assert report(tmp_path / "b")["lineage"] == lines["event"].value_counts().to_dict()


def test_families_bear_the_ids_that_clusters_are_given():
    now = some_results()
    ids = {"cluster_id 0": "old 0", "cluster_id 1": "old 1"}
    former = some_results(
        clusters=now.clusters.replace({"cluster_id": ids, "family": ids}),
        members=now.members.replace({"cluster_id": ids}),
    )
    assert now.clusters["family"].tolist() == ["cluster_id 0"] * 2
    later = succeeding(now, former)
    assert later.clusters["cluster_id"].tolist() == ["old 0", "old 1"]
    assert later.clusters["family"].tolist() == ["old 0"] * 2
    assert set(later.members["cluster_id"]) == set(ids.values())
    assert set(later.cells["cluster_id"]) == {"old 0"}


def test_a_result_may_replace_the_edition_that_it_follows(monkeypatch, capsys, tmp_path, first):
    source, out = write_csv(tmp_path / "a.csv", first), tmp_path / "out"
    for _ in range(2):
        options = ("--previous", out) if out.exists() else ()
        code, lines = detect(
            monkeypatch, capsys, source, "--out", out, "--relabellings", 19, "--resamples", 0, *options
        )
        assert code == 0, lines
    assert set(report(out)["lineage"]) == {KEPT}


def test_editions_without_any_cluster_can_be_matched(tmp_path, first):
    none = found(write_csv(tmp_path / "none.csv", firms(50, potters=1)))
    some = found(write_csv(tmp_path / "some.csv", first))
    assert len(none.clusters) == 0
    sure = some.clusters[some.clusters["standing"] == "solid"]
    assert set(sure["label"]) >= {"potters", "weavers"}
    every = len(some.clusters)
    assert found(tmp_path / "some.csv", previous=none).report["lineage"] == {BORN: every}
    assert found(tmp_path / "none.csv", previous=some).report["lineage"] == {GONE: every}
    assert found(tmp_path / "none.csv", previous=none).report["lineage"] == {}


def test_without_ids_nothing_is_matched_and_nothing_is_begun(tmp_path, first):
    def never(*_):
        raise AssertionError

    nameless = write_csv(tmp_path / "nameless.csv", first.drop(columns="firm_id"))
    named = write_csv(tmp_path / "named.csv", first)
    former = found(nameless)
    with pytest.raises(InputError, match=r"former edition has no ids.*--firm-id-column"):
        found(named, previous=former, progress=never)
    with pytest.raises(InputError, match=r"nameless.csv' has no column of firm ids.*--firm-id-column"):
        found(nameless, previous=found(named), progress=never)


def test_members_without_an_id_are_left_out_of_the_comparison(tmp_path, first):
    some = first.copy()
    some.loc[some.index[some["sector"] == "potters"][:10], "firm_id"] = ""
    former = found(write_csv(tmp_path / "a.csv", first))
    lines = found(write_csv(tmp_path / "b.csv", some), previous=former).lineage
    kept = lines[lines["after_id"].str.startswith("potters")]
    assert kept["event"].tolist() == [KEPT]
    assert (kept["before_firms"] - kept["after_firms"]).tolist() == [10]
