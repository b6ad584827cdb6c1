"""The bench of the scan: its arithmetic on registers small enough to count by hand."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import bench_scan as bench
from benchmarks import scan_speed, scan_verdict
from benchmarks.register_shape import PLANT_COLUMNS, Register
from benchmarks.registers import make
from clusters.agents import AgentRule
from clusters.scan.counts import bin_points
from clusters.scan.field import field
from clusters.scan.label_scan import scan_labels
from clusters.scan.rates import PALE, SOLID
from data.errors import InputError

ROOT = Path(__file__).parents[2]
NONE = -1


def register(places, firms, plants=()) -> Register:
    """Make a register by hand: firms are (place, sector, second, plant)."""
    place, sector, second, plant = (np.array(column) for column in zip(*firms, strict=True))
    table = pd.DataFrame(
        [{**dict.fromkeys(PLANT_COLUMNS, 0), **row} for row in plants], columns=[*PLANT_COLUMNS]
    )
    east, north = np.array(places, dtype=np.int32).T
    return Register(
        place.astype(np.int32), sector.astype(np.int16), second.astype(np.int16), plant.astype(np.int16),
        ("S01", "S02"), np.zeros(len(places), np.uint64), east, north, table, pd.DataFrame(), 0,
    )  # fmt: skip


@pytest.fixture
def towns() -> Register:
    """Two plants: six firms of the first sector (one of them at an agent's point), four of the second."""
    places = [(100, 100), (900, 100), (50_000, 100), (50_100, 100)]
    firms = [
        *[(0, 0, NONE, 0)] * 5, (3, 0, NONE, 0), *[(1, 1, NONE, 1)] * 4,
        (0, 1, 0, NONE), (1, 0, NONE, NONE), (2, 0, 1, NONE), *[(3, 1, NONE, NONE)] * 6,
    ]  # fmt: skip
    return register(places, firms, [{"plant": 0, "sector": "S01"}, {"plant": 1, "sector": "S02"}])


@pytest.fixture(scope="module")
def planted() -> Register:
    return make(20_000, sectors=8, plants=10, seed=5)


def members(*entries) -> scan_verdict.Members:
    return scan_verdict.Members(*(np.array(column, dtype=np.int64) for column in zip(*entries, strict=True)))


def test_counts_leave_agents_points_out(towns):
    whole = scan_verdict.counted(towns, 500.0, AgentRule(firms=7))
    assert whole.counts.total.tolist() == [6, 5, 1]
    assert whole.counts.by_label.toarray().tolist() == [[6, 1], [1, 4], [1, 1]]
    assert whole.counts.labels == ("S01", "S02")
    assert len(whole.firm) == 14
    assert 5 not in whole.firm
    assert scan_verdict.counted(towns, 500.0).counts.total.sum() == len(towns)


def test_counts_are_those_of_a_plain_table(planted):
    rule = AgentRule(firms=20)
    whole = scan_verdict.counted(planted, 250.0, rule)
    fine = scan_verdict.taking_part(planted, rule)[planted.place]
    table = pd.DataFrame({
        "cell": bin_points(pd.Series(planted.easting), pd.Series(planted.northing), 250.0),
        "sector": planted.sector, "second": planted.second,
    })[fine]  # fmt: skip
    assert not fine.all()
    total = table.groupby("cell").size()
    assert total.index.tolist() == whole.counts.keys.tolist()
    assert total.tolist() == whole.counts.total.tolist()
    for code, name in enumerate(planted.sectors):
        carries = table[(table["sector"] == code) | (table["second"] == code)].groupby("cell").size()
        label = whole.counts.of(name)
        assert whole.counts.keys[label.cells].tolist() == carries.index.tolist()
        assert label.counts.tolist() == carries.tolist()


def test_members_of_a_scan_are_the_sectors_firms_in_its_cells(planted):
    whole = scan_verdict.counted(planted, scan_verdict.SCAN.cell_m)
    scans = scan_labels(whole.counts, scan_verdict.SCAN)
    found = scan_verdict.scanned(whole, scans)
    observed = pd.concat([scan.groups["observed"] for scan in scans]).tolist()
    assert len(observed) >= 5
    assert np.bincount(found.cluster).tolist() == observed
    carries = (planted.sector[found.firm] == found.sector) | (planted.second[found.firm] == found.sector)
    assert carries.all()
    one = pd.DataFrame({"cluster": found.cluster, "sector": found.sector})
    assert len(one.drop_duplicates()) == len(observed)
    parts = [scan_verdict.scanned(whole, scans, (standing,)) for standing in (SOLID, PALE)]
    assert sum(len(part.firm) for part in parts) == len(found.firm)
    assert len(parts[0].firm) == sum(
        s.groups.loc[s.groups["standing"] == SOLID, "observed"].sum() for s in scans
    )
    assert one.groupby("cluster")["sector"].first().is_monotonic_increasing


def test_dense_groups_are_numbered_over_all_sectors():
    near = [(0, 0), (300, 0), (5_000, 0)]
    firms = [
        *[(0, 0, NONE, NONE)] * 8,
        *[(1, 0, 1, NONE)] * 4,
        *[(2, 1, NONE, NONE)] * 12,
        (2, 0, NONE, NONE),
    ]
    found = scan_verdict.dense(register(near, firms))
    assert sorted(zip(found.cluster, found.sector, found.firm, strict=True)) == [
        *[(0, 0, firm) for firm in range(12)], *[(1, 1, firm) for firm in range(12, 24)],
    ]  # fmt: skip


def test_a_plant_is_found_with_half_its_firms_in_clusters_of_its_sector(towns):
    three, two = [(firm, 0, 0) for firm in range(3)], [(firm, 0, 0) for firm in range(2)]
    assert scan_verdict.judged(towns, members(*three)).found.tolist() == [True, False]
    assert scan_verdict.judged(towns, members(*two)).found.tolist() == [False, False]


def test_firms_found_in_a_cluster_of_another_sector_are_no_hits(towns):
    """The tenth firm carries both sectors and was planted for neither."""
    verdict = scan_verdict.judged(towns, members((6, 0, 0), (7, 0, 0), (10, 0, 0), (10, 1, 1)))
    assert (verdict.hits, verdict.members, verdict.planted) == (0, 4, 10)
    assert (verdict.clusters, verdict.right) == (2, 0)
    assert not verdict.found.any()


def test_a_cluster_is_planted_with_a_quarter_of_its_members(towns):
    fourth = members((0, 0, 0), (10, 0, 0), (11, 0, 0), (12, 0, 0))
    fifth = members((0, 0, 0), (10, 0, 0), (11, 0, 0), (12, 0, 0), (13, 0, 0))
    assert scan_verdict.judged(towns, fourth).right == 1
    assert scan_verdict.judged(towns, fifth).right == 0


def test_a_plant_in_pieces_is_found_but_not_whole(towns):
    pieces = scan_verdict.judged(towns, members((0, 0, 0), (1, 0, 0), (2, 0, 1), (3, 0, 1)))
    whole = scan_verdict.judged(towns, members((0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 0, 1)))
    assert pieces.found.tolist() == whole.found.tolist() == [True, False]
    assert pieces.whole.tolist() == [False, False]
    assert whole.whole.tolist() == [True, False]


def test_nothing_found_is_a_verdict_too(towns):
    none = scan_verdict.Members(*(np.zeros(0, np.int64) for _ in range(3)))
    verdict = scan_verdict.judged(towns, none)
    assert (verdict.clusters, verdict.right, verdict.hits) == (0, 0, 0)
    shares = bench.shares_of(bench.line_of("scan", 0, verdict, np.array([9.0, 2.0])))
    assert shares["found"] == shares["recall"] == 0
    assert math.isnan(shares["precision"])


def test_lines_add_up_and_shares_are_of_the_sums(towns):
    tails = np.array([9.0, 2.0])
    one = bench.line_of(
        "scan", 0, scan_verdict.judged(towns, members(*[(firm, 0, 0) for firm in range(6)])), tails
    )
    two = bench.line_of(
        "scan", 1, scan_verdict.judged(towns, members((10, 0, 0), (6, 1, 1), (7, 1, 1))), tails
    )
    other = bench.line_of("DBSCAN", 0, scan_verdict.judged(towns, members((0, 0, 0))), tails)
    total = bench.pooled([one, other, two], "scan")
    assert (one["found"], one["found_plain"], two["found"], two["found_plain"]) == (1, 1, 1, 0)
    assert (total["plants"], total["plain"], total["found"], total["clusters"], total["right"]) == (
        4,
        2,
        2,
        3,
        2,
    )
    shares = bench.shares_of(total)
    assert shares["found"] == 0.5
    assert shares["found_plain"] == 0.5
    assert shares["precision"] == pytest.approx(2 / 3)
    assert shares["recall"] == 8 / 20
    assert shares["member_precision"] == 8 / 9


def test_the_tail_is_the_sum_of_binomial_terms():
    terms = sum(math.comb(12, k) * 0.2**k * 0.8 ** (12 - k) for k in range(7, 13))
    assert scan_verdict.tail(7, 12, 0.2) == pytest.approx(-math.log10(terms))
    assert scan_verdict.tail(0, 12, 0.2) == 0
    assert scan_verdict.tail(5_000, 5_000, 0.01) == scan_verdict.MOST


def test_the_baseline_is_the_larger_share():
    assert scan_verdict.baseline(30, 100, 0.1, 10) == pytest.approx(31 / 110)
    assert scan_verdict.baseline(2, 100, 0.1, 10) == 0.1
    assert scan_verdict.baseline(0, 0, 0.1, 0) == 0.1


def test_the_oracle_counts_within_the_radius_against_ring_and_nation():
    """20 of 30 firms in the disc; 10 of 40 in the ring; 31 of 130 in the nation, agents' point apart."""
    places = [(0, 0), (400, 0), (15_000, 0), (300_000, 0), (100, 0)]
    firms = [
        *[(0, 0, NONE, 0)] * 15, *[(1, 1, 0, NONE)] * 5, *[(1, 1, NONE, NONE)] * 10,
        *[(2, 0, NONE, NONE)] * 10, *[(2, 1, NONE, NONE)] * 30,
        (3, 0, NONE, NONE), *[(3, 1, NONE, NONE)] * 59, *[(4, 0, NONE, NONE)] * 250,
    ]  # fmt: skip
    plant = {"plant": 0, "sector": "S01", "radius_m": 500.0}
    made = register(places, firms, [plant])
    prior = scan_verdict.SCAN.ring_prior
    share = max(31 / 130, (10 + prior * 31 / 130) / (40 + prior))
    assert share > 31 / 130
    terms = sum(math.comb(30, k) * share**k * (1 - share) ** (30 - k) for k in range(20, 31))
    assert scan_verdict.oracle(made) == pytest.approx([-math.log10(terms)])
    smaller = replace(made, plants=made.plants.assign(radius_m=300.0))
    ring = max(31 / 130, (15 + prior * 31 / 130) / (55 + prior))
    assert scan_verdict.oracle(smaller) == pytest.approx([-15 * math.log10(ring)])


def test_the_oracle_gives_plants_in_their_order(planted):
    tails = scan_verdict.oracle(planted)
    turned = replace(planted, plants=planted.plants.iloc[::-1])
    assert tails[::-1].tolist() == scan_verdict.oracle(turned).tolist()
    assert len(set(tails)) > 5


@pytest.mark.parametrize(
    ("hits", "tries", "low", "high"),
    [(0, 20, 0.0, 0.1684), (5, 100, 0.0164, 0.1128), (20, 20, 0.8316, 1.0), (15, 600, 0.0141, 0.0409)],
)
def test_intervals_are_those_of_the_tables(hits, tries, low, high):
    assert scan_verdict.interval(hits, tries) == pytest.approx((low, high), abs=5e-5)


def test_an_interval_is_held_against_a_promise():
    assert scan_verdict.against(0.01, 0.04, 0.05) == "kept"
    assert scan_verdict.against(0.03, 0.07, 0.05).startswith("within the interval")
    assert scan_verdict.against(0.06, 0.09, 0.05) == "not kept"
    assert scan_verdict.against(0.91, 0.94, 0.9, least=True) == "kept"
    assert scan_verdict.against(0.88, 0.94, 0.9, least=True).startswith("within the interval")
    assert scan_verdict.against(0.80, 0.89, 0.9, least=True) == "not kept"


def test_classes_hold_their_lower_bound_and_every_plant():
    found = {"solid": [True, False, True, True], "Gi*": [False] * 4, "DBSCAN": [True] * 4}
    plants = pd.DataFrame({"lq": [1.9, 2.0, 4.9, 80.0], "tail": [3.0, 7.0, 7.0, 300.0], **found})
    table = scan_verdict.by_class(plants, "lq", scan_verdict.LQ_CLASSES, [*found])
    assert table.index.tolist() == ["below 2", "2-3", "3-5", "5 or more"]
    assert table["planted"].tolist() == [1, 1, 1, 1]
    assert table["plain"].tolist() == [0, 1, 1, 1]
    assert table["solid"].tolist() == [1, 0, 1, 1]
    lines = scan_verdict.class_lines(table.assign(planted=[1, 1, 0, 1]), "quotient")
    assert lines[1].split() == ["below", "2", "1", "0.0%", "100.0%", "0.0%", "100.0%"]
    assert lines[3].split()[-3:] == ["-", "-", "-"]


@pytest.fixture(scope="module")
def ground(planted):
    parameters = scan_verdict.suited(planted)
    counts = scan_verdict.counted(planted, parameters.cell_m).counts
    return counts, field(counts.keys, counts.total, parameters)


def test_labels_dealt_out_anew_keep_their_sizes_and_places_their_firms(ground):
    counts, where = ground
    anew = [bench.dealt(counts, where, seed) for seed in (3, 3, 4)]
    before = counts.by_label.sum(axis=0)
    for one in anew:
        assert (one.by_label.sum(axis=0) == before).all()
        assert (one.by_label.toarray() <= counts.total[:, None]).all()
    one, again, other = (each.by_label.toarray() for each in anew)
    assert (one == again).all()
    assert (one != other).any()
    assert (one != counts.by_label.toarray()).any()


def test_what_is_known_is_what_the_scan_learns_itself(ground):
    counts, where = ground
    learnt = scan_labels(counts, where.parameters)
    known = scan_labels(counts, where.parameters, known=bench.learnt(counts, where, where.parameters.seed))
    for one, other in zip(learnt, known, strict=True):
        assert one.threshold == other.threshold
        pd.testing.assert_frame_equal(one.cells, other.cells)


def test_chances_are_learnt_anew_every_so_many_maps(planted, monkeypatch):
    seeds, maps = [], []
    real, alarm = bench.learnt, bench.false_clusters

    def learnt(counts, where, seed):
        seeds.append(seed - bench.FRESH)
        return real(counts, where, seed)

    def false_clusters(counts, where, number, known):
        maps.append(number)
        return alarm(counts, where, number, known)

    monkeypatch.setattr(bench, "made", lambda *_: planted)
    monkeypatch.setattr(bench, "learnt", learnt)
    monkeypatch.setattr(bench, "false_clusters", false_clusters)
    result = bench.show_error(bench.options(["error", "--maps", "3", "--every", "2"]))
    assert seeds == [0, 2]
    assert maps == [0, 1, 2]
    assert result["tested"] == 3 * 8
    assert result["maps_solid"] <= result["maps_shown"] <= result["maps"] == 3
    assert all(line["solid"] <= line["clusters"] for line in result["lines"])


def test_a_limit_is_held_against_maps_that_it_was_not_learnt_from(ground):
    asked = bench.options(["thresholds", "--seeds", "3", "--fresh", "19"])
    found = bench.threshold_of(400, ground[1], asked)
    assert (found["size"], found["fresh"]) == (400, 19)
    assert found["sd"] > 0
    assert 0 <= found["error"] <= found["worst"] <= 0.5


def test_power_and_error_print_their_tables_and_write_their_numbers(tmp_path, capsys):
    common = ["--firms", "20000", "--sectors", "8", "--plants", "12", "--json"]
    beside = ["--beside", "Gi*", "DBSCAN"]
    bench.main(["power", "--seeds", "1", *beside, *common, str(tmp_path / "power.json")])
    shown = capsys.readouterr().out
    power = json.loads((tmp_path / "power.json").read_text())
    assert [line["method"] for line in power["lines"]] == ["solid", "and pale", "Gi*", "DBSCAN"]
    assert len(power["plants"]["lq"]) == 12
    solid, both, *_ = power["pooled"]
    assert solid["found"] == sum(power["plants"]["solid"])
    assert solid["found"] == sum(row["solid"] for row in power["classes"]["firms"].values())
    assert solid["clusters"] <= both["clusters"]
    assert f"solid, found: {solid['found']} of 12" in shown

    bench.main(["error", "--maps", "2", *common, str(tmp_path / "error.json")])
    error = json.loads((tmp_path / "error.json").read_text())
    assert error["tested"] == 16
    assert error["beyond"] <= 16


def test_a_register_that_no_sector_of_can_be_tested_is_refused_in_words():
    with pytest.raises(InputError, match="firms is 3: no sector"):
        bench.main(["error", "--firms", "3", "--sectors", "20", "--plants", "0", "--maps", "1"])


def test_it_starts_as_a_script():
    command = [sys.executable, "benchmarks/bench_scan.py", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "bench_dbscan.py" in done.stdout
    assert "bench_locate.py" in done.stdout


@pytest.fixture
def in_this_process(monkeypatch):
    """Do without processes of their own, which would import everything again, and with a short warm-up."""

    def here(asked, worker, folder, resamples=0):
        return scan_speed.work(
            Namespace(**{**vars(asked), "worker": worker, "folder": folder, "resamples": resamples})
        )

    monkeypatch.setattr(scan_speed, "in_a_process", here)
    for name, value in (("WARM_FIRMS", 4_000), ("WARM_SECTORS", 4), ("WARM_PLANTS", 3)):
        monkeypatch.setattr(scan_speed, name, value)


@pytest.mark.usefixtures("in_this_process")
def test_speed_times_every_stage_and_finds_the_same_each_way(tmp_path, capsys):
    bench.main([
        "speed", "--firms", "20000", "--sectors", "6", "--plants", "12", "--resamples", "2",
        "--folder", str(tmp_path), "--json", str(tmp_path / "speed.json"),
    ])  # fmt: skip
    runs = json.loads((tmp_path / "speed.json").read_text())["runs"]
    assert {way: len(each) for way, each in runs.items()} == {"relabelled": 1, "resampled": 1, "known": 1}
    for [run] in runs.values():
        # Stages are rounded to hundredths; what lies between them is little.
        assert run["seconds"] > sum(run["stages"].values()) - 0.1
        assert 50 < run["at_rest_mb"] <= run["peak_mb"] < 10_000
        assert run["footprints"] > 0
        assert run["clusters"] > 3
    [learned], [resampled], [known] = runs.values()
    # What is read from files is what power and error count in memory.
    whole = scan_verdict.counted(make(20_000, 6, 12), scan_verdict.SCAN.cell_m)
    found = scan_verdict.scanned(whole, scan_labels(whole.counts, scan_verdict.SCAN))
    assert (known["clusters"], known["members"]) == (found.cluster.max() + 1, len(found.firm))
    assert known["within"]["relabellings"] < learned["within"]["relabellings"] / 2
    assert resampled["within"]["resamples"] > 0
    assert known["within"]["resamples"] == learned["within"]["resamples"] == 0
    assert f"{known['clusters']} clusters of" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["speed.json"]


def test_speed_refuses_ways_that_find_different_clusters(tmp_path, monkeypatch):
    run = {
        "seconds": 1.0, "peak_mb": 1.0, "at_rest_mb": 1.0, "warm_up": 1.0, "stages": {"Testing labels": 1.0},
        "stages_peak_mb": {"Testing labels": 1.0}, "stages_cpu": {"Testing labels": 1.5}, "within": {},
        "members": 9, "footprints": 1.0,
    }  # fmt: skip
    answers = iter([{}, run | {"clusters": 5}, run | {"clusters": 5}, run | {"clusters": 4}])
    monkeypatch.setattr(scan_speed, "in_a_process", lambda *_: next(answers))
    with pytest.raises(SystemExit, match="different clusters"):
        bench.main(["speed", "--firms", "100", "--folder", str(tmp_path)])


def test_promises_are_held_against_the_size_that_they_were_made_for():
    run = {
        "seconds": 7.0, "peak_mb": 1_100.0, "at_rest_mb": 1.0, "warm_up": 1.0, "stages": {},
        "stages_peak_mb": {}, "stages_cpu": {}, "within": {}, "clusters": 1, "members": 9, "footprints": 1.0,
    }  # fmt: skip
    runs = [run, run | {"seconds": 5.0}, run | {"seconds": 9.0}]
    last = scan_speed.speed_lines("known", runs, 6.0, 5_000_000)[-1]
    assert last.strip() == "promised: 6 s, not kept; 1,200 MB, kept"
    assert "promised" not in scan_speed.speed_lines("known", [run], 6.0, 1_000_000)[-1]
