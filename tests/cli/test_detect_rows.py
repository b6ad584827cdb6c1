"""`cli.py detect` on data of one's own: rows that are counts, populations, and coordinates of any plane."""

from __future__ import annotations

import re
from contextlib import nullcontext

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from clusters.many_machines import dask_engine
from clusters.results.reading import read_results
from data.errors import InputError
from edition.record import take
from geo.projections import PLANE
from intake import ground
from tests.clusters.small_registers import (
    AGENT,
    QUICK,
    accounted,
    detect,
    digests,
    firms,
    refused,
    report,
    write_csv,
    write_parquet,
)

# What does not speak of rows, of which there are fewer where they are counts.
COUNTED = ["label", "observed", "all_companies", "expected", "lq", "log10_p", "threshold", "p", "q"]


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Detect in a table; return the folder, or the line that says why not."""

    def go(table, *options, name="firms", write=write_csv):
        source = write(tmp_path / (f"{name}.csv" if write is write_csv else name), table)
        out = tmp_path / f"out-{name}"
        code, lines = detect(monkeypatch, capsys, source, "--out", out, *QUICK, *options)
        return lines[-1] if code else out

    return go


def at_blocks(table: pd.DataFrame) -> pd.DataFrame:
    """Firms moved to middles of 250 m, as aggregated data have them, each with one sector and no id."""
    spots = {axis: table[axis] // 250 * 250 + 125 for axis in ("easting", "northing")}
    return table.assign(**spots, sector=table["sector"].str.split(";").str[0]).drop(
        columns=["firm_id", "name"]
    )


def aggregated(table: pd.DataFrame) -> pd.DataFrame:
    """A row for each sector and point, with the count of it and of all there."""
    rows = table.groupby(["sector", "easting", "northing"]).size().rename("n").reset_index()
    return rows.assign(people=rows.groupby(["easting", "northing"])["n"].transform("sum"))


def found(folder):
    clusters = pd.read_parquet(folder / "clusters.parquet", columns=COUNTED)
    assert len(clusters) > 0
    return clusters


def assert_counted_alike(one, other) -> None:
    """The same cells, thresholds and quotients, however the companies came."""
    pd.testing.assert_frame_equal(found(one), found(other))
    for name in ("cells", "labels"):
        assert pq.read_table(one / f"{name}.parquet").equals(pq.read_table(other / f"{name}.parquet")), name


def test_counts_are_as_many_rows(run):
    table = at_blocks(firms())
    rows = aggregated(table)
    assert len(rows) < 0.95 * len(table)
    whole = run(table, "--agents", "keep", name="whole")
    counted = run(rows, "--count-column", "n", name="counted")
    assert_counted_alike(counted, whole)
    said = report(counted)
    assert (said["firms_counted"], said["aggregated"]) == (len(table), True)
    assert accounted(counted)["in"] == len(rows)
    kept = pq.read_table(counted / "firms.parquet")
    assert kept["count"].to_pylist() == rows["n"].tolist()
    assert report(whole)["aggregated"] is False


def test_counts_are_the_same_on_many_machines(run, monkeypatch):
    rows = aggregated(at_blocks(firms()))
    here = run(rows, "--count-column", "n", "--edition", "e", name="here", write=write_parquet)
    with dask_engine.cluster(n_workers=1, processes=False) as client:
        monkeypatch.setattr(dask_engine, "cluster", lambda _: nullcontext(client))
        options = ("--count-column", "n", "--edition", "e", "--engine", "dask")
        there = run(rows, *options, name="there", write=lambda path, rows: write_parquet(path, rows, 3, 100))
    one, other = (digests(folder, "firms.parquet", "report.json") for folder in (here, there))
    assert one == other


def test_a_population_counts_once_at_a_point(run):
    table = at_blocks(firms())
    rows = aggregated(table)
    whole = run(table, "--agents", "keep", name="whole")
    options = ("--count-column", "n", "--population-column", "people")
    assert_counted_alike(run(rows, *options, name="all"), whole)
    # Sectors that are not tested are in the population still.
    potters = rows.assign(
        sector=rows["sector"].where(rows["sector"] == "potters", ""),
        n=rows["n"].where(rows["sector"] == "potters", 0),
    )
    few = run(potters, *options, name="few")
    # Limit and chances take their slope from all labels that are tested.
    counted = COUNTED[: COUNTED.index("threshold")]
    whole_of = found(whole)[lambda t: t["label"] == "potters"]
    pd.testing.assert_frame_equal(found(few)[counted], whole_of[counted])
    assert report(few)["firms_counted"] == len(table)


def test_counts_are_one_where_there_are_populations_alone(run):
    table = at_blocks(firms())
    people = table.groupby(["easting", "northing"])["sector"].transform("size")
    out = run(table.assign(people=people), "--population-column", "people", name="people")
    assert_counted_alike(out, run(table, "--agents", "keep", name="whole"))


def test_rows_that_contradict_one_another_are_refused_and_counted(run):
    rows = aggregated(at_blocks(firms())).astype({"n": object, "people": object})
    rows.loc[0, "n"] = rows.loc[0, "people"] + 1
    rows.loc[1, ["n", "people"]] = ["1.5", "x"]
    doubled = pd.concat([rows, rows.iloc[[5]].assign(people=rows["people"][5] + 7)], ignore_index=True)
    out = run(doubled, "--count-column", "n", "--population-column", "people")
    lines = refused(out)
    accounted(out)
    assert set(lines["row"]) >= {0, 1, 5, len(rows)}
    assert (
        lines.set_index("row").loc[[5, len(rows)], "reason"].str.contains("its point has populations").all()
    )
    members = pd.read_parquet(out / "members.parquet")["row"]
    assert not set(members) & {*lines["row"]}


def test_rows_that_count_nobody_are_no_members(run):
    rows = aggregated(at_blocks(firms()))
    rows.loc[rows["sector"] == "bakers", "n"] = 0
    potters = rows.index[(rows["sector"] == "potters")][::4]
    rows.loc[potters, "n"] = 0
    out = run(rows, "--count-column", "n")
    assert not set(pd.read_parquet(out / "members.parquet")["row"]) & {*potters}
    labels = pd.read_parquet(out / "labels.parquet").set_index("label")
    assert labels.loc["bakers", "firms"] == 0
    assert labels.loc["potters", "firms"] == rows.loc[rows["sector"] == "potters", "n"].sum()


@pytest.mark.parametrize("asked", ["", "set-aside", "cap"])
def test_a_crowd_is_kept_where_rows_are_counts_unless_asked_otherwise(run, asked):
    rows = aggregated(at_blocks(firms()))
    crowd = pd.DataFrame({"sector": ["potters"], "easting": [AGENT[0]], "northing": [AGENT[1]], "n": [400]})
    options = ("--agents", asked) if asked else ()
    out = run(pd.concat([rows, crowd], ignore_index=True), "--count-column", "n", *options)
    counted = {"": 400, "set-aside": 0, "cap": 250}[asked]
    assert report(out)["firms_counted"] == rows["n"].sum() + counted
    assert report(out)["agents"]["firms_there"] == 400


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--count-column", "many"), "no column 'many'"),
        (("--count-column", "n", "--method", "dbscan"), "takes each row for one firm"),
        (("--population-column", "people", "--engine", "dask"), "--engine duckdb"),
        (
            ("--planar", "--lon-column", "easting", "--lat-column", "northing"),
            "no pair of planar coordinates",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(run, options, words):
    assert words in run(aggregated(at_blocks(firms(50))), *options)


def test_more_companies_than_can_be_counted_are_refused(run):
    rows = aggregated(at_blocks(firms(50))).assign(n=2_000_000_000)
    assert "expected at most 2,147,483,647 in all" in run(rows, "--count-column", "n")


# --- Any plane


@pytest.mark.parametrize("shift", [(0, 0), (-700_000, -4_000_000), (50_000_000, 500_000)])
def test_a_plane_has_the_clusters_of_the_country_wherever_it_lies(run, monkeypatch, shift):
    table = firms()
    country = run(table, "--edition", "e", name="country")
    monkeypatch.setattr(ground, "ground", lambda: pytest.fail("boundaries were loaded"))
    moved = table.assign(easting=table["easting"] + shift[0], northing=table["northing"] + shift[1])
    plane = run(moved, "--edition", "e", "--planar", name="plane")
    pd.testing.assert_frame_equal(found(plane), found(country))
    assert accounted(plane) == accounted(country)
    [name] = pd.read_parquet(plane / "clusters.parquet")["name"]
    whole = read_results(plane)
    x, y = (float(np.round(whole.members[axis].mean() / 50) * 50) for axis in ("easting", "northing"))
    assert name == f"potters, x {x:,.0f} y {y:,.0f}"
    assert whole.planar
    assert whole.clusters.crs == whole.clusters["core_geometry"].crs == PLANE
    assert whole.clusters["la_codes"].tolist() == [[]]
    assert whole.clusters["rd_active"].isna().all()
    ours, theirs = (gpd.read_parquet(one / "clusters.parquet") for one in (plane, country))
    assert ours.crs == PLANE
    assert gpd.read_file(plane / "clusters.gpkg", layer="clusters").crs.is_projected is False
    assert ours.geometry.area.to_numpy() == pytest.approx(theirs.geometry.area.to_numpy(), rel=1e-6)


def test_a_small_plane_around_its_origin(run):
    """Graves of a churchyard, say: some hundred, none of them in metres of the United Kingdom."""
    draws = np.random.default_rng(4)
    all_, some = draws.uniform(-5_000, 5_000, (600, 2)), draws.normal((-950, -400), 150, (40, 2))
    spots = np.round(np.concatenate([all_, some]))
    sector = ["", *[""] * 579, *["grave"] * 60]
    table = pd.DataFrame({"sector": sector, "easting": spots[:, 0], "northing": spots[:, 1]})
    out = run(pd.concat([table, table.iloc[:1].assign(easting=0, northing=0)]), "--planar")
    assert accounted(out)["refused"] == 0
    [name] = pd.read_parquet(out / "clusters.parquet")["name"]
    found = re.fullmatch(r"grave, x (-[\d,]+) y (-[\d,]+)", name)
    assert found
    x, y = (int(number.replace(",", "")) for number in found.groups())
    assert np.hypot(x + 950, y + 400) < 400


def test_planes_and_countries_are_not_matched(run):
    table = firms()
    plane = run(table, "--planar", name="plane")
    words = run(table, "--previous", plane, name="country")
    assert "the former edition is a planar one" in words
    again = run(table, "--previous", plane, "--planar", name="again")
    assert set(report(again)["lineage"]) == {"kept"}


def test_the_map_refuses_what_it_has_no_place_for(run):
    with pytest.raises(InputError, match=r"is a planar result: .* none of the United Kingdom"):
        take(run(firms(300), "--planar", name="plane"))
    rows = aggregated(at_blocks(firms(300)))
    with pytest.raises(InputError, match="rows that stand for many companies"):
        take(run(rows, "--count-column", "n", name="counts"))
