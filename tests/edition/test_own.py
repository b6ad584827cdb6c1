"""An edition of one's own firms: built whole or not at all, shown from then on, and given up again."""

from __future__ import annotations

import errno
import json
import os
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from clusters.results import reading
from clusters.results.folder import FORMAT
from clusters.results.writing import write_results
from data.errors import InputError, StoreError
from edition import opening as editions
from edition import record as records
from edition.about import NAMELESS, about_result
from edition.filters import Filters
from edition.keeper import keeping
from edition.labels import edition_labels, ids_of, natural
from edition.opening import build_edition, build_shipped, edition_path, open_edition
from edition.record import read_record, record_file
from regions.funding import funding
from tests.asked import CHOICES
from tests.disks import harm
from tests.own import FILE, HOSTILE, LABELS, TAXONOMY, edition_of, own_cache, result, write
from words.sentence import sentence


@pytest.fixture
def cache(monkeypatch, tmp_path, edition):
    """A cache of its own, which has the shipped store already."""
    return own_cache(monkeypatch, tmp_path / "cache", edition)


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "found")


def copies(cache):
    base = cache / records.RESULTS_FOLDER
    return sorted(path.name for path in base.iterdir()) if base.is_dir() else []


# --- Built, shown, given up


def test_a_result_is_shown_from_then_on_and_the_shipped_edition_after_it(cache, folder):
    built = build_edition(folder)
    assert built.about.own
    # What is shown does not depend on the folder any more.
    shutil.rmtree(folder)
    shown = open_edition()
    assert shown.store.path == built.store.path == edition_path(read_record())
    assert (shown.about, shown.notice) == (built.about, "")
    assert shown.about.name == "Potteries 2026"
    build_shipped()
    assert not open_edition().about.own
    assert not record_file().exists()
    assert copies(cache) == []


def test_a_new_result_is_a_new_store_and_the_same_one_is_not(cache, folder, tmp_path):
    first = build_edition(folder)
    again = build_edition(folder)
    assert again.store.path == first.store.path
    other = build_edition(write(tmp_path / "other", seed=2))
    assert other.store.path != first.store.path
    assert copies(cache) == [read_record().digest]


def test_code_or_data_that_change_build_it_again_from_the_copy(cache, folder, edition, monkeypatch):
    first = build_edition(folder)
    shutil.rmtree(folder)
    monkeypatch.setattr(editions, "fingerprint", lambda **_: "another-program")
    shipped = {name: edition.store.frame(name) for name in editions.table_names()}
    monkeypatch.setattr(editions, "build_tables", lambda _progress: shipped)
    again = open_edition()
    assert again.store.path != first.store.path
    assert (again.about, again.notice) == (first.about, "")
    assert again.firm_count == first.firm_count


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"result": 7}', '{"result": "../.."}', "\x00"])
def test_a_damaged_record_falls_back_and_says_so(cache, folder, content):
    build_edition(folder)
    record_file().write_text(content)
    shown = open_edition()
    assert not shown.about.own
    assert record_file().name in shown.notice
    assert str(cache) not in shown.notice
    assert "the shipped one" in shown.notice


@pytest.mark.parametrize("how", ["gone", "changed", "cut"])
def test_a_copy_that_is_harmed_falls_back_once_its_store_is_gone(cache, folder, how):
    built = build_edition(folder)
    copy = read_record().folder
    built.store.close()
    # The store alone is enough.
    assert open_edition().about.own
    built.store.path.unlink()
    if how == "gone":
        shutil.rmtree(copy)
    elif how == "changed":
        (copy / "report.json").write_text(json.dumps({"format": FORMAT, "edition": "forged"}))
    else:
        (copy / "clusters.parquet").unlink()
    shown = open_edition()
    assert not shown.about.own
    assert copy.name in shown.notice
    assert str(cache) not in shown.notice


@pytest.mark.parametrize("damage", ["cut", "half", "middle"])
def test_a_damaged_store_of_ones_own_is_built_again_from_its_copy(cache, folder, damage):
    built = build_edition(folder)
    shutil.rmtree(folder)
    count, path = built.firm_count, built.store.path
    built.store.close()
    harm(path, damage)
    shown = open_edition()
    assert (shown.about, shown.notice, shown.firm_count) == (built.about, "", count)
    assert shown.store.path == path
    # And said in words, where there is nothing to build it from.
    shown.store.close()
    harm(path, damage)
    shutil.rmtree(read_record().folder)
    shown = open_edition()
    assert not shown.about.own
    assert "is gone. `cli.py build` with the folder of the result makes it again." in shown.notice


def test_a_copy_of_another_format_is_said_without_the_folder(cache, folder, monkeypatch):
    build_edition(folder).store.path.unlink()
    monkeypatch.setattr(reading, "FORMAT", "another")
    shown = open_edition()
    assert not shown.about.own
    assert "must be 'another'" in shown.notice
    assert str(cache) not in shown.notice


def test_a_full_disk_does_not_put_other_firms_in_the_place_of_ones_own(cache, folder, monkeypatch):
    built = build_edition(folder)
    built.store.path.unlink()

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/some/where")

    with monkeypatch.context() as patch:
        patch.setattr(editions, "FileLock", full)
        with pytest.raises(StoreError, match=os.strerror(errno.ENOSPC)) as told:
            open_edition()
    assert "/some" not in str(told.value)
    assert open_edition().about.own


@pytest.mark.parametrize("missing", ["report.json", "clusters.parquet", "members.parquet", "labels.parquet"])
def test_what_is_no_whole_result_is_refused_and_changes_nothing(cache, folder, missing):
    before = build_edition(folder)
    (folder / missing).unlink()
    with pytest.raises(InputError, match=missing):
        build_edition(folder)
    assert open_edition().store.path == before.store.path
    assert copies(cache) == [read_record().digest]


def test_firms_without_a_column_are_refused_and_leave_nothing(cache, tmp_path):
    found = result()
    write_results(tmp_path / "odd", replace(found, firms=found.firms.drop_columns(["sector"])))
    with pytest.raises(InputError, match="sector"):
        build_edition(tmp_path / "odd")
    assert copies(cache) == []
    assert not record_file().exists()
    assert [path.name for path in cache.glob(".scratch*")] == []
    assert not open_edition().about.own


def test_a_build_that_is_interrupted_leaves_the_former_edition(cache, folder, tmp_path, monkeypatch):
    before = build_edition(folder)

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(editions, "own_tables", interrupt)
    with pytest.raises(KeyboardInterrupt):
        build_edition(write(tmp_path / "other", seed=3))
    assert open_edition().store.path == before.store.path
    assert copies(cache) == [read_record().digest]


# --- What is inside


@pytest.fixture(scope="module")
def own(own_edition):
    return own_edition


def test_firms_clusters_and_labels_are_the_results_and_all_else_is_shipped(own, edition):
    found = result()
    assert own.firm_count == (found.report["rows"]["kept"], 0)
    assert sorted(own.clusters["cluster_id"]) == sorted(found.clusters["cluster_id"])
    sizes = own.tables["members"].groupby("cluster_id").size()
    assert sizes.to_dict() == own.clusters.set_index("cluster_id")["firms"].to_dict()
    for name in ("projects", "regions", "assets", "shares", "towns"):
        assert len(own.tables[name]) == len(edition.tables[name])
    about = own.about
    assert (about.own, about.method, about.file) == (True, "scan", FILE)
    assert (about.kept, about.refused) == (found.report["rows"]["kept"], 1)
    assert about.scan.relabellings == 39


def test_labels_that_the_taxonomy_knows_take_its_ids(own):
    assert set(own.labels.sectors) == {"SIC 24", "life-sciences", "drug-discovery", *HOSTILE}
    assert own.labels.technologies == ()
    assert own.labels.title("life-sciences") == "Life sciences"
    assert own.labels.title("SIC 24") == "SIC 24"
    assert set(own.clusters["kind"]) == {"sector"}
    assert set(own.labels.foreign) == {"SIC 24", *HOSTILE}


def test_firms_know_their_labels_whatever_they_carry(own):
    firms, carried = result().firms.to_pandas(), own.store.frame("label_sets")
    sql = "SELECT firm_id, label_set, technology FROM firms"
    stored = own.store.query(sql).set_index("firm_id")
    given = dict(zip(firms["firm_id"], firms["sector"].astype(str), strict=True))
    ids = ids_of(LABELS)
    sets = carried.groupby("set_id")["label"].agg(set).to_dict()
    for firm, row in stored.iterrows():
        wanted = {ids[label] for label in given[firm].split(";") if label}
        assert sets.get(row["label_set"], set()) == wanted
        assert bool(wanted) == (row["technology"] != "no sector")


def test_firms_and_clusters_can_be_searched_for_and_the_samples_cannot(own, edition):
    kinds = own.tables["entries"]["kind"]
    assert set(kinds) == set(edition.tables["entries"]["kind"])
    assert (kinds == "cluster").sum() == len(own.clusters)
    assert (kinds == "firm").sum() == own.firm_count[0]
    assert own.names.search("Firm f00001", 3)[0].name == "Firm f00001"


@pytest.mark.parametrize("options", [{"with_firms": False}, {"with_ids": False}, {"nothing": True}], ids=str)
def test_firms_that_are_left_out_ids_that_are_missing_and_nothing_found(cache, tmp_path, options):
    built = build_edition(write(tmp_path / "less", **options))
    found = result(**options)
    expected = len(found.firms) if found.firms is not None else found.members["row"].nunique()
    assert built.firm_count[0] == expected
    joined = built.store.query("SELECT count(*) AS n FROM members JOIN firms USING (firm_id)")["n"].iloc[0]
    assert joined == len(found.members)
    with keeping(built):
        assert sentence(built, Filters())


def test_a_register_without_ids_and_names_is_shown_by_the_numbers_of_its_rows(cache, tmp_path):
    # As `detect` writes it: no column, and members whose id is empty.
    found = result()
    bare = found.firms.drop_columns(["firm_id", "name"])
    write_results(tmp_path / "bare", replace(found, firms=bare, members=found.members.assign(firm_id="")))
    built = build_edition(tmp_path / "bare")
    joined = built.store.query("SELECT count(*) AS n FROM members JOIN firms USING (firm_id)")["n"].iloc[0]
    assert joined == len(found.members)
    ids = built.store.query("SELECT count(DISTINCT firm_id) AS n FROM firms")["n"].iloc[0]
    assert ids == len(found.firms)


def test_what_was_not_tested_stays_unknown(cache, tmp_path):
    built = build_edition(write(tmp_path / "dense", method="dbscan"))
    assert not built.about.tested
    assert built.clusters[["log10_p", "threshold", "stability", "core_share"]].isna().all(axis=None)
    assert all(json.loads(core)["coordinates"] == [] for core in built.clusters["core_geojson"])


# --- Words and money


def test_only_what_the_edition_has_can_be_asked_for(own):
    def read(**asked):
        return Filters.model_validate(asked, context=own.choices)

    assert read(sector=("SIC 24", "SIC 24")).sector == ("SIC 24",)
    assert own.choices["technology"] == {}
    with pytest.raises(ValueError, match="'SIC 25' is no sector; did you mean SIC 24"):
        read(sector=("SIC 25",))
    with pytest.raises(ValueError, match="'fintech' is no technology; there is none to choose"):
        read(technology=("fintech",))
    with pytest.raises(ValueError, match="is no sector"):
        read(sector=("defence",))
    assert Filters.model_validate({"sector": ("defence",)}, context=CHOICES).sector == ("defence",)


def test_money_follows_labels_that_awards_have_too(own, edition):
    whole = funding(edition, Filters())
    medical = funding(edition, Filters(sector=("life-sciences",)))
    drugs = funding(edition, Filters(technology=("drug-discovery",)))
    with keeping(own):
        assert len(funding(own, Filters(sector=("SIC 24",))).projects) == len(whole.projects)
        assert len(funding(own, Filters(sector=("life-sciences",))).projects) == len(medical.projects)
        assert len(funding(own, Filters(sector=("SIC 24", "life-sciences"))).projects) == len(
            medical.projects
        )
        assert len(funding(own, Filters(sector=("drug-discovery",))).projects) == len(drugs.projects)


# --- Labels and reports in themselves


def test_of_two_labels_that_say_the_same_one_takes_the_id():
    assert ids_of(["Life sciences", "life-sciences"]) == {
        "life-sciences": "life-sciences",
        "Life sciences": "Life sciences",
    }
    found = ids_of(["LIFE SCIENCES", "Life Sciences", "SIC 1"])
    assert sorted(found.values()) == ["Life Sciences", "SIC 1", "life-sciences"]
    everything = {*LABELS, *TAXONOMY.titles, *TAXONOMY.titles.values()}
    assert len(set(ids_of(everything).values())) == len(everything)


def test_ten_thousand_labels_are_listed_in_natural_order_and_the_first_by_clusters():
    names = [f"SIC {n}" for n in np.random.default_rng(0).permutation(10_000)]
    table = pd.DataFrame({"label": names, "title": names, "clusters": [int(n[4:]) % 100 for n in names]})
    labels = edition_labels(table, own=True)
    assert labels.sectors == tuple(f"SIC {n}" for n in range(10_000))
    first = labels.first(300, ["SIC 0"])
    assert len(first) == 301
    assert first == sorted(first, key=natural)
    assert {labels.clusters[label] for label in first} == {97, 98, 99, 0}


def test_titles_that_are_alike_are_told_apart():
    table = pd.DataFrame({"label": ["a", "b", "c"], "title": ["Glass", "Glass", "Steel"], "clusters": 0})
    assert list(edition_labels(table, own=True).titles.values()) == ["Glass (a)", "Glass (b)", "Steel"]


@pytest.mark.parametrize(
    ("report", "name", "file"),
    [
        ({}, NAMELESS, ""),
        ({"edition": "  "}, NAMELESS, ""),
        ({"edition": {"name": "n", "label": "The label"}}, "The label", ""),
        ({"edition": 7, "register": 7}, NAMELESS, ""),
        ({"edition": "x" * 500, "register": r"C:\data\firms.csv"}, "x" * 80, "firms.csv"),
        ({"edition": "a\nb", "register": "/data/parts/"}, "a b", "parts"),
    ],
)
def test_a_report_that_says_little_or_odd_things_is_read_all_the_same(report, name, file):
    about = about_result(report, 5, 2)
    assert (about.name, about.file, about.kept, about.refused) == (name, file, 5, 2)
    assert about.tested


@pytest.mark.parametrize("parameters", [{"radii_m": "wide"}, {"cell_m": -1}, {"radii_m": 7}])
def test_parameters_that_are_none_are_refused(parameters):
    with pytest.raises(InputError, match="parameters"):
        about_result({"parameters": parameters}, 1, 0)


# --- Points of Northern Ireland


@pytest.mark.parametrize("told", [True, False])
def test_a_result_that_tells_how_points_were_found_is_believed(told, edition, tmp_path):
    found = result()
    firms = found.firms.to_pandas()
    place = {"easting": [146_146.0] * 4, "northing": [529_874.0] * 4, "la_code": ["N09000003"] * 3 + [""]}
    firms.loc[[0, 1, 2, 3], [*place]] = pd.DataFrame(place)
    firms["location_precision"] = ""
    firms.loc[[0, 1], "location_precision"] = ["campus", "postcode"]
    firms = firms if told else firms.drop(columns="location_precision")
    own = edition_of(
        replace(found, firms=pa.Table.from_pandas(firms, preserve_index=False)), edition, tmp_path
    )
    rows = own.store.frame("firms").set_index("firm_id")
    ids = firms["firm_id"].head(4)
    assert rows.loc[ids, "withheld"].tolist() == [not told, True, True, True]
    exact, near = (146_146.0, 529_874.0), (146_000.0, 530_000.0)
    points = list(rows.loc[ids, ["easting", "northing"]].itertuples(index=False, name=None))
    assert points == [exact if told else near, near, near, near]
    assert rows["withheld"].sum() == (3 if told else 4)
    entries = own.tables["entries"].query("kind == 'firm'").set_index("id")
    details = entries.loc[ids, "detail"].str.endswith(", to the nearest 500 m")
    assert details.tolist() == [not told, True, True, True]


def test_the_order_of_firms_tells_no_more_than_their_points(edition, tmp_path):
    found = result()
    firms = found.firms.to_pandas()
    draws = np.random.default_rng(4)
    there = firms.index[:300]
    firms.loc[there, "easting"] = 146_000 + draws.uniform(-240, 240, 300)
    firms.loc[there, "northing"] = 530_000 + draws.uniform(-240, 240, 300)
    firms.loc[there, "la_code"] = "N09000003"
    own = edition_of(
        replace(found, firms=pa.Table.from_pandas(firms, preserve_index=False)), edition, tmp_path
    )
    stored = own.store.query("SELECT firm_id FROM firms WHERE withheld ORDER BY rowid")["firm_id"]
    assert stored.tolist() == firms.loc[there, "firm_id"].tolist()
