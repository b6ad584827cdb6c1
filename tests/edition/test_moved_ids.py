"""Ids that are in use no more lead to what stands for them: codes of places, clusters of a former edition."""

from __future__ import annotations

import doctest
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.description.lineage import lineage
from data.errors import InputError
from data.tables import table
from edition import moved_ids
from edition import record as records
from edition.moved_ids import CLUSTER, COLUMNS, PLACE, current, formerly, moved_clusters, moved_places
from edition.opening import build_edition
from geo.boundaries import membership
from regions.places import find_place, find_places
from tests.clusters.small_registers import QUICK, TOWNS, detect, firms, write_csv
from tests.data import contradictions
from tests.own import edition_of, own_cache, result


def new_of(text):
    return text.split(";")


# --- The table


def test_the_examples_hold():
    ran = doctest.testmod(moved_ids)
    assert ran.attempted >= 1
    assert ran.failed == 0


def test_every_new_code_is_one_of_today_and_no_old_one_is():
    authorities = table("local_authorities")
    today = {"la": set(authorities["gss_code"]), "itl3": set(authorities["itl3_code"])}
    rows = table("moved_ids")
    for row in rows.itertuples(index=False):
        assert set(new_of(row.new_ids)) <= today[row.kind], row
        assert len(set(new_of(row.new_ids))) == len(new_of(row.new_ids))
    every = today["la"] | today["itl3"]
    # No chain and no cycle: what is left is left for good.
    assert every.isdisjoint(rows["old_id"])
    assert set(rows["old_id"]).isdisjoint(code for codes in rows["new_ids"] for code in new_of(codes))


@pytest.mark.parametrize(
    ("entity", "last"), [("E06", 66), ("E07", 246), ("E08", 39), ("W06", 24), ("N09", 11)]
)
def test_every_code_that_was_ever_given_is_there_or_moved(entity, last):
    """Codes are numbered without gaps, so none can be missing, or stand for two."""
    given_out = {f"{entity}{number:06}" for number in range(1, last + 1)}
    today = {code for code in table("local_authorities")["gss_code"] if code.startswith(entity)}
    moved = {code for code in table("moved_ids")["old_id"] if code.startswith(entity)}
    assert today | moved == given_out


def test_counties_are_the_districts_that_were_in_them():
    rows = table("moved_ids").set_index("old_id")
    cumbria = {f"E070000{number}" for number in range(26, 32)}
    assert {new for code in cumbria for new in new_of(rows.loc[code, "new_ids"])} == set(
        new_of(rows.loc["E10000006", "new_ids"])
    )
    counts = rows[rows["kind"].eq("la")]["new_ids"].value_counts()
    # Seven districts and the county council each.
    assert (counts["E06000065"], counts["E06000047"]) == (8, 8)
    assert counts["E06000058"] == 3


def test_areas_of_2021_are_whole_areas_of_2025():
    rows = table("moved_ids").query("kind == 'itl3'")
    parts = [new for codes in rows["new_ids"] for new in new_of(codes)]
    assert len(parts) == len(set(parts))
    assert rows["old_id"].str[:3].tolist() == [codes[:3] for codes in rows["new_ids"]]


def test_a_code_that_is_none_is_a_contradiction(monkeypatch):
    rows = table("moved_ids").copy()
    rows.loc[0, "new_ids"] = "E06000056;E06000999"
    monkeypatch.setattr(
        contradictions, "table", lambda wanted: rows if wanted == "moved_ids" else table(wanted)
    )
    assert contradictions.faults() == ["moved_ids: new_ids 'E06000999' is unknown"]


def test_the_store_has_a_row_for_each_pair(edition):
    rows = edition.tables["moved_ids"]
    assert [*rows.columns] == [*COLUMNS]
    assert len(rows) == table("moved_ids")["new_ids"].str.split(";").map(len).sum()
    assert set(rows["kind"]) == {"la", "itl3"}
    assert (rows["new_name"] != "").all()
    assert rows.equals(moved_places(table("moved_ids"), table("local_authorities")))


# --- Asked


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "E07000027",
            ("E06000064",),
            "E07000027 (Barrow-in-Furness) became E06000064 (Westmorland and Furness) on 1 April 2023",
        ),
        (
            "E10000006",
            ("E06000063", "E06000064"),
            (
                "E10000006 (Cumbria) became E06000063 (Cumberland) and E06000064 (Westmorland and Furness) "
                "on 1 April 2023"
            ),
        ),
        ("e08000016 ", ("E08000038",), "E08000016 (Barnsley) became E08000038 (Barnsley) on 1 April 2025"),
        ("S12000015", ("S12000047",), "S12000015 (Fife) became S12000047 (Fife) in 2018"),
        (
            "TLJ11",
            ("TLJ15", "TLJ16"),
            "TLJ11 (Berkshire) became TLJ15 (Berkshire East) and TLJ16 (Berkshire West) in January 2025",
        ),
    ],
)
def test_what_became_of_a_code_is_told_in_words(edition, old, new, words):
    found = current(edition, PLACE, old)
    assert (found.new_ids, found.words) == (new, words)
    assert current(edition, found.kind, old) == found
    assert current(edition, CLUSTER, old) is None


def test_what_is_in_use_or_was_never_known_has_not_moved(edition):
    for code in ("E08000038", "TLJ15", "E99999999", "", "UK", "Leeds"):
        assert current(edition, PLACE, code) is None
    assert current(edition, "itl3", "E07000027") is None
    assert formerly(edition, "Leeds") == []
    assert [one.old_id for one in formerly(edition, " barrow-in-furness")] == ["E07000027"]


def test_every_old_code_finds_a_place_that_says_so(edition):
    members = membership()
    itl3 = members[members["level"].eq("itl3")].groupby("region_id")["la_code"].agg(set)
    for row in table("moved_ids").itertuples(index=False):
        place = find_place(edition, row.old_id)
        codes = set(new_of(row.new_ids))
        wanted = codes if row.kind == "la" else set().union(*itl3[sorted(codes)])
        assert set(place.weights) == wanted
        assert place.note.startswith(f"{row.old_id} ({row.old_name}) became ")
        assert place.note.endswith(".")


def test_an_old_code_counts_as_the_present_one(edition):
    old, new = find_place(edition, "E10000006"), find_place(edition, "set:E06000063+E06000064")
    assert old.ref == "set:E06000063+E06000064~Cumbria"
    assert (old.population, old.name) == (new.population, "Cumbria")
    # The same object, so that what was counted in it is not counted again.
    assert find_place(edition, "e10000006") is old
    both = find_places(edition, ["E07000027", "E06000064"])
    assert [place.ref for place in both] == ["E06000064"]
    assert not find_place(edition, "E06000064").note


def test_levels_hold_for_what_stands_for_a_code(edition):
    assert find_place(edition, "E07000027", "la").ref == "E06000064"
    with pytest.raises(InputError, match="'Westmorland and Furness' is a local authority"):
        find_place(edition, "E07000027", "city_region")
    with pytest.raises(InputError, match=r"E10000006 \(Cumbria\) became .*name one of them"):
        find_place(edition, "E10000006", "la")


def test_a_set_may_have_old_codes(edition):
    place = find_place(edition, "set:e07000027+E07000030+E06000063~Lakes")
    assert (place.ref, place.name) == ("set:E06000063+E06000064~Lakes", "Lakes")
    assert "Barrow-in-Furness" in place.note
    assert "Eden" in place.note
    assert not find_place(edition, "set:E06000063~Lakes").note
    with pytest.raises(InputError, match="E07000999"):
        find_place(edition, "set:E07000027+E07000999")


def test_a_name_of_former_times_is_told_what_became_of_it(edition):
    with pytest.raises(InputError, match=r"'Harrogate' is no place any more: E07000165 \(Harrogate\) became"):
        find_place(edition, "Harrogate")
    # Where the name is in use, it means what it means today.
    assert find_place(edition, "Bedford").code == "E06000055"


def test_a_set_with_an_old_code_is_no_larger_than_any(edition):
    with pytest.raises(InputError, match="too many"):
        find_place(edition, "set:E10000001+" + "+".join(f"X{number}" for number in range(500)))
    assert find_place(edition, "set:" + "+".join(["E10000002"] * 500)).ref == "set:E06000060"


# --- Clusters


def lines(*rows):
    names = ("event", "before_id", "after_id", "jaccard")
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(before_name=frame["before_id"].str.upper(), after_name=frame["after_id"].str.upper())


def moved_of(told, *present):
    clusters = pd.DataFrame({"cluster_id": present, "name": [one.upper() for one in present]})
    rows = moved_clusters(told, clusters, "2026")
    return {row.old_id: row.new_id for row in rows.itertuples(index=False)}


def test_a_cluster_leads_to_the_one_that_holds_most_of_it():
    told = lines(
        ("kept", "a", "a", 0.9),
        ("merged", "b", "b", 0.6),
        ("merged", "c", "b", 0.3),
        ("split and merged", "d", "a", 0.3),
        ("split and merged", "d", "f", 0.4),
        ("split", "e", "e", 0.5),
        ("split", "e", "g", 0.4),
        ("gone", "h", "", 0.0),
        ("born", "", "i", 0.0),
    )
    assert moved_of(told, "a", "b", "e", "f", "g", "i") == {"c": "b", "d": "f", "h": ""}
    # What a file from elsewhere says of a cluster that is not there is not believed.
    assert moved_of(told, "a", "e", "g", "i") == {"b": "", "c": "", "d": "a", "h": ""}
    assert moved_of(None, "a") == {}
    assert moved_of(told.iloc[:0], "a") == {}


def parts(name):
    return st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30)), unique=True, max_size=60).map(
        lambda pairs: pd.DataFrame(
            {
                "cluster_id": [f"{name}{one}" for one, _ in pairs],
                "firm_id": [str(firm) for _, firm in pairs],
            }
        ).astype(str)
    )


def side(members):
    ids = sorted(members["cluster_id"].unique())
    return pd.DataFrame({"cluster_id": ids, "label": "x", "name": ids}).astype(str)


@settings(max_examples=15, deadline=None)
@given(parts("c"), parts("c"))
def test_every_former_cluster_is_there_or_leads_somewhere_or_is_gone(before, after):
    told = lineage(side(before), before, side(after), after)
    present = set(told.ids)
    clusters = pd.DataFrame({"cluster_id": sorted(present), "name": sorted(present)}).astype(str)
    rows = moved_clusters(told.table, clusters, "later")
    former = set(before["cluster_id"])
    assert set(rows["old_id"]) == former - present
    assert rows["old_id"].is_unique
    assert set(rows["new_id"]) - {""} <= present
    gone = set(told.table.loc[told.table["event"] == "gone", "before_id"])
    assert set(rows.loc[rows["new_id"] == "", "old_id"]) == gone


def test_an_own_edition_tells_what_became_of_its_former_clusters(edition, tmp_path):
    found = result()
    heir = found.clusters["cluster_id"].iloc[0]
    told = lines(("merged", "<b>old</b>", heir, 0.4), ("gone", "lost", "", 0.0)).assign(
        shared=1, before_firms=2, after_firms=3
    )
    own = edition_of(replace(found, lineage=told), edition, tmp_path)
    merged, lost = current(own, CLUSTER, "<b>old</b>"), current(own, CLUSTER, "lost")
    assert (merged.new_ids, merged.since) == ((heir,), "Potteries 2026")
    assert merged.words.startswith("The cluster <b>old</b> (<B>OLD</B>) became part of ")
    assert lost.new_ids == ()
    assert lost.words == (
        "The cluster lost (LOST) is gone: edition Potteries 2026 has none with enough of its firms"
    )
    assert current(own, CLUSTER, heir) is None
    assert current(own, PLACE, "lost") is None
    # Places have moved there as everywhere.
    assert find_place(own, "E07000027").ref == "E06000064"


def test_an_edition_without_a_former_one_has_no_clusters_that_moved(own_edition):
    assert set(own_edition.tables["moved_ids"]["kind"]) == {"la", "itl3"}


def test_detect_and_build_take_the_lineage_into_the_map(monkeypatch, capsys, tmp_path, edition):
    own_cache(monkeypatch, tmp_path / "cache", edition)
    weavers = pd.DataFrame({"firm_id": [f"W{number:02}" for number in range(40)], "sector": "weavers"})
    weavers = weavers.assign(easting=TOWNS[7][0], northing=TOWNS[7][1] + weavers.index * 10, name="Weaver")
    first = pd.concat([firms(900), weavers], ignore_index=True)
    for name, rows, options in (
        ("a", first, ()),
        ("b", first[first["sector"] != "weavers"], ("--previous", tmp_path / "a")),
    ):
        source = write_csv(tmp_path / f"{name}.csv", rows)
        code, said = detect(monkeypatch, capsys, source, "--out", tmp_path / name, *QUICK, *options)
        assert code == 0, said
    former = pd.read_parquet(tmp_path / "a" / "clusters.parquet").set_index("label")["cluster_id"]
    shown = build_edition(tmp_path / "b")
    assert "lineage.csv" in {path.name for path in records.read_record().folder.iterdir()}
    lost = current(shown, CLUSTER, former["weavers"])
    assert lost.new_ids == ()
    assert "is gone: edition b" in lost.words
    # The potters kept their id.
    assert current(shown, CLUSTER, former["potters"]) is None
    assert former["potters"] in set(shown.tables["clusters"]["cluster_id"])
    # Built again without a former edition it has no lineage, and another store.
    (tmp_path / "b" / "lineage.csv").unlink()
    again = build_edition(tmp_path / "b")
    assert again.store.path != shown.store.path
    assert current(again, CLUSTER, former["weavers"]) is None
