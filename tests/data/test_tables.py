"""The shipped tables: read as text, given types, and at one with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest

from data import tables
from data.errors import NotFoundError, TableError
from data.schemas import COLUMNS, check
from data.sources import attribution, sources
from data.tables import FOLDER, read, table, tidy
from geo.boundaries import authorities
from tests.data import contradictions

if TYPE_CHECKING:
    from pathlib import Path


def text(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{name}.csv", dtype=str, keep_default_na=False)


def test_the_shipped_tables_do_not_contradict_one_another() -> None:
    assert contradictions.faults() == []


def test_every_file_is_a_table_and_every_row_of_it_is_kept() -> None:
    files = {path.stem for path in FOLDER.glob("*.csv")}
    assert files == set(COLUMNS) - {"participants"}
    assert {name: len(table(name)) for name in files} == {name: len(text(name)) for name in files}


def test_faults_of_a_file_are_gathered_and_not_raised_one_by_one() -> None:
    raw = text("projects").head(5)
    raw.loc[1, "award_gbp"] = "25 million"
    raw.loc[3, "sector_is8"] = "alchemy"
    refused = check("projects", tidy("projects", raw)).refused
    assert refused[["row", "column", "value"]].to_numpy().tolist() == [
        [1, "award_gbp", "25 million"],
        [3, "is8", "alchemy"],
    ]


def test_a_table_with_a_fault_is_refused_and_the_fault_quoted(monkeypatch, tmp_path: Path) -> None:
    raw = text("missing")
    raw.loc[2, "known"] = "a few"
    raw.to_csv(tmp_path / "missing.csv", index=False)
    monkeypatch.setattr(tables, "FOLDER", tmp_path)
    with pytest.raises(TableError, match=r"missing: 1 row refused\n[\s\S]*known\s+a few\s+is not a number"):
        table.__wrapped__("missing")


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2,3\n1,2,3,4\n", b"a\n\xff\xfe\n"])
def test_a_file_that_is_no_table_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "firms.csv").write_bytes(content)
    with pytest.raises(TableError, match=r"firms\.csv cannot be read"):
        read("firms", tmp_path)


def test_a_missing_file_and_an_unknown_table_are_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"firms\.csv cannot be read"):
        read("firms", tmp_path)
    with pytest.raises(TableError, match=r"'frims' is no table; the tables are firms, "):
        table("frims")


def test_a_mark_of_byte_order_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    (tmp_path / "missing.csv").write_bytes(b"\xef\xbb\xbf" + (FOLDER / "missing.csv").read_bytes())
    pd.testing.assert_frame_equal(read("missing", tmp_path), table("missing"))


def test_a_short_line_is_refused_and_not_lost(tmp_path: Path) -> None:
    lines = (FOLDER / "missing.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "missing.csv").write_text("\n".join([lines[0], lines[1], "IA"]), encoding="utf-8")
    checked = check("missing", read("missing", tmp_path))
    assert len(checked.kept) == checked.rows_refused == 1


@pytest.mark.parametrize(
    ("name", "column", "value", "says"),
    [
        ("firms", "la_code", "E99999999", "firms: la_code 'E99999999' is unknown"),
        ("firms", "list", "none-such", "firms: list 'none-such' is unknown"),
        ("known_clusters", "la_code", "E99999999", "known_clusters: la_code 'E99999999' is unknown"),
        ("projects", "programme_id", "NONE-SUCH", "projects: programme_id 'NONE-SUCH' is unknown"),
        ("projects", "nested_in", "none-such", "projects: nested_in 'none-such' is unknown"),
        ("participants", "project_id", "none-such", "participants: project_id 'none-such' is unknown"),
        ("places", "programme_ids", "IA;NONE-SUCH", "places: programme_ids 'NONE-SUCH' is unknown"),
        ("missing", "programme_id", "NONE-SUCH", "missing: programme_id 'NONE-SUCH' is unknown"),
        ("missing", "known", 30.0, "missing: IA projects knows more than it expects"),
        ("contested", "project_id", "none-such", "contested: project_id 'none-such' is unknown"),
        ("contested", "programme_id", "NONE-SUCH", "contested: programme_id 'NONE-SUCH' is unknown"),
        (
            "contested",
            "programme_id",
            "SIPF",
            "contested: ia-gla-mim stands under another programme in projects",
        ),
        (
            "contested",
            "figure_gbp",
            1.0,
            "contested: ia-gla-mim is said to use a figure that projects does not",
        ),
        ("projects", "award_kind", "", "projects: sipf1-csconnected has an award without a kind"),
    ],
)
def test_every_contradiction_is_said(monkeypatch, name: str, column: str, value: object, says: str) -> None:
    changed = table(name).copy()
    changed.loc[changed.index[0], column] = value
    monkeypatch.setattr(contradictions, "table", lambda wanted: changed if wanted == name else table(wanted))
    assert says in contradictions.faults()


def test_every_list_has_firms_and_says_what_is_biased() -> None:
    lists, firms = table("firm_lists"), table("firms")
    assert set(lists["list_id"]) == set(firms["list"])
    # The sentence that heads the list, and the one on what is wrong with it, are sentences.
    assert lists["chosen"].str.endswith(".").all()
    assert lists["bias"].str.endswith(".").all()
    assert lists["licence"].str.len().gt(2).all()
    general = firms[firms["list"] == "gaps"]
    assert (general["source"] == "general knowledge").all()


def test_clusters_that_others_name_lie_in_their_authorities() -> None:
    known = table("known_clusters")
    assert len(known) == 40
    assert known["url"].str.startswith("http").all()
    # What is named of a whole region has a circle as wide.
    assert known.loc[known["precise"] == "no", "radius_km"].min() >= 40
    centres = gpd.GeoDataFrame(
        known, geometry=gpd.points_from_xy(known["easting"], known["northing"], crs=27700)
    )
    inside = centres.sjoin(authorities()[["gss_code", "geometry"]], how="left")
    assert inside["gss_code"].tolist() == known["la_code"].tolist()


def test_digital_dairy_is_split_over_two_nations() -> None:
    dairy = table("projects").set_index("project_id").loc["sipf2-digital-dairy"]
    named = {part.strip() for part in dairy["benefiting_places"].split(";")}
    codes = {part.removeprefix("la:") for part in named if part.startswith("la:")}
    codes |= set(table("places").query("place_id in @named")["la_code"])
    nations = table("local_authorities").set_index("gss_code").loc[sorted(codes), "nation"]
    assert set(nations) == {"Scotland", "England"}


@pytest.mark.parametrize(("place", "members"), [("glasgow-city-region", 8), ("cardiff-capital-region", 10)])
def test_city_regions_have_their_councils(place: str, members: int) -> None:
    assert table("places").query("place_id == @place")["la_code"].nunique() == members


def test_three_places_have_fifty_millions_of_local_innovation_partnership() -> None:
    earmarked = table("projects").query("programme_id == 'LIPF-EAR' and nested_in == ''")
    at_fifty = earmarked[earmarked["award_gbp"] == 50e6]
    assert set(at_fifty["project_id"]) == {"lipf-gm", "lipf-wm", "lipf-gcr"}
    assert len(earmarked) == 10


def test_every_contested_project_says_which_figure_is_used() -> None:
    used = table("contested").query("used == 'yes'")
    by_subject = table("contested")[["project_id", "programme_id"]].drop_duplicates()
    assert len(by_subject.merge(used[["project_id", "programme_id"]].drop_duplicates())) == len(by_subject)


def test_sources_have_what_an_export_owes() -> None:
    assert len({source.id for source in sources()}) == len(sources())
    assert all(source.attribution and source.licence and source.publisher for source in sources())
    assert "Office for National Statistics" in attribution("onspd")


def test_an_unknown_source_is_quoted_with_those_known() -> None:
    with pytest.raises(NotFoundError, match=r"no source has the id 'onsdp'; the ids are register, onspd"):
        attribution("onsdp")
