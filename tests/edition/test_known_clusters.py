"""What the map says of clusters that others name: found, pale, nearly or not, each with its reason."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from data.tables import table
from edition.known_clusters import ANSWERS, COLUMNS, answers, asked

KNOWN = pd.DataFrame(
    {
        "known_id": ["kc-photonics"],
        "is8": ["digital-and-technologies"],
        "technology": ["photonics"],
        "easting": [250_000.0],
        "northing": [660_000.0],
        "radius_km": [10.0],
    }
)
NEARLY = pd.DataFrame(
    {
        "label": ["photonics"],
        "place": ["Glasgow"],
        "easting": [255_000.0],
        "northing": [660_000.0],
        "radius_m": [1_200.0],
        "observed": [6],
        "companies": [40],
        "expected": [2.0],
        "lq": [3.0],
        "e": [0.3],
        "p": [1 / 9],
        "more": [2],
        "reason": ["chance does as well too often"],
    }
)


def cluster(away_km: float = 0.0, label: str = "photonics", **cells: str) -> gpd.GeoDataFrame:
    """A cluster of 500 m around a point that is so far east of the centre."""
    middle = shapely.Point(250_000 + 1_000 * away_km, 660_000)
    row = {
        "cluster_id": f"{label}--x-{away_km:g}",
        "label": label,
        "name": f"{label}, X {away_km:g}",
        **cells,
    }
    return gpd.GeoDataFrame([row], geometry=[middle.buffer(500)], crs=27700)


def firms(number: int, *, by_town: int = 0, away_km: float = 1.0) -> pd.DataFrame:
    rows = number + by_town
    return pd.DataFrame(
        {
            "is8": ["digital-and-technologies"] * rows,
            "technologies": [("photonics",)] * rows,
            "easting": [250_000 + 1_000 * away_km] * rows,
            "northing": [660_000.0] * rows,
            "point": [True] * number + [False] * by_town,
        }
    )


NONE = cluster().head(0)


def said(*clusters: gpd.GeoDataFrame, known: pd.DataFrame = KNOWN, **more: object) -> pd.Series:
    together = gpd.GeoDataFrame(pd.concat(clusters or (NONE,), ignore_index=True), crs=27700)
    found = answers(known, together, **more)
    assert list(found.columns) == list(COLUMNS)
    [row] = found.to_dict("records")
    return pd.Series(row)


def test_a_cluster_whose_footprint_reaches_into_the_circle_is_found() -> None:
    row = said(cluster(8))
    assert (row["answer"], row["cluster_id"], row["cluster"]) == ("found", "photonics--x-8", "photonics, X 8")
    assert row["distance_km"] == pytest.approx(7.5)
    assert row["reason"] == "photonics, X 8"
    # Its centre lies outside, its edge inside.
    assert said(cluster(10.4))["answer"] == "found"
    assert said(cluster(10.6))["answer"] == "not found"
    assert said(cluster(0))["distance_km"] == 0


def test_the_nearest_is_named_and_a_solid_one_before_a_pale_one() -> None:
    assert said(cluster(6), cluster(3))["cluster_id"] == "photonics--x-3"
    pale, solid = cluster(1, standing="pale"), cluster(6, standing="solid")
    assert said(pale, solid)["cluster_id"] == "photonics--x-6"
    row = said(pale)
    assert (row["answer"], row["cluster_id"]) == ("pale", "photonics--x-1")
    assert row["reason"] == "photonics, X 1, a pale one: chance may do as well"


def test_a_cluster_of_the_sector_answers_where_the_technology_has_none_and_is_told() -> None:
    for label in ("digital-and-technologies", "quantum"):
        row = said(cluster(2, label), firms=firms(3), least=4)
        assert (row["answer"], row["cluster_id"]) == ("found", f"{label}--x-2")
        assert row["reason"] == f"{label}, X 2; of the same sector, not of Photonics and optics"
    row = said(cluster(2, "quantum", standing="pale"))
    assert row["answer"] == "pale"
    assert row["reason"].endswith("chance may do as well; of the same sector, not of Photonics and optics")
    # One of its own technology comes first, though it lies further away and is pale.
    own = said(cluster(1, "quantum"), cluster(7, standing="pale"))
    assert (own["answer"], own["cluster_id"]) == ("pale", "photonics--x-7")


def test_a_cluster_of_another_sector_or_out_of_reach_does_not_answer() -> None:
    for other in (cluster(20, "quantum"), cluster(2, "games"), cluster(2, "creative-industries")):
        row = said(other, firms=firms(3), least=4)
        assert row["answer"] == "not found"
        assert row["reason"].endswith("a cluster needs 4")


def test_where_no_technology_is_named_the_sector_and_its_technologies_answer() -> None:
    known = KNOWN.assign(technology="")
    assert said(cluster(2, "digital-and-technologies"), known=known)["answer"] == "found"
    assert said(cluster(2, "quantum"), known=known)["answer"] == "found"
    assert said(cluster(2, "games"), known=known)["answer"] == "not found"


def test_what_came_near_is_told_with_what_chance_does() -> None:
    row = said(nearly=NEARLY)
    assert (row["answer"], row["cluster_id"]) == ("nearly", "")
    assert row["distance_km"] == pytest.approx(3.8)
    assert row["reason"] == (
        "Photonics and optics, Glasgow: 6 firms where 2 are expected; "
        "chance does as well in 1 of 9 maps; 2 more firms would do"
    )
    assert said(cluster(3), nearly=NEARLY)["answer"] == "found"
    assert said(nearly=NEARLY.assign(easting=262_000.0))["answer"] == "not found"
    assert said(nearly=NEARLY.assign(label="quantum"))["answer"] == "not found"
    assert said(nearly=NEARLY.head(0))["answer"] == "not found"


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"p": 0.62}, "chance does as well in 62% of maps"),
        ({"p": 0.0}, "chance did as well on none of the maps drawn"),
        ({"p": float("nan"), "e": 1.4}, "chance gives 1.4 as striking on a map"),
        ({"expected": 0.42}, "6 firms where 0.4 are expected"),
        ({"expected": 1.0}, "6 firms where 1 is expected"),
        ({"expected": 21.6}, "6 firms where 22 are expected"),
        ({"observed": float("nan")}, "chance does as well too often"),
    ],
)
def test_numbers_of_what_came_near_are_said_as_people_do(cells: dict[str, float], words: str) -> None:
    assert words in said(nearly=NEARLY.assign(**cells))["reason"]
    assert "would do" not in said(nearly=NEARLY.assign(more=0))["reason"]


def test_of_several_that_came_near_the_one_that_chance_does_least_often_is_told() -> None:
    other = NEARLY.assign(place="Paisley", e=0.1)
    assert "Paisley" in said(nearly=pd.concat([NEARLY, other], ignore_index=True))["reason"]


@pytest.mark.parametrize(
    ("there", "told"),
    [
        (firms(3), "3 firms of {}; a cluster needs 4"),
        (firms(0), "no firm of {}; a cluster needs 4"),
        (
            firms(1, by_town=8),
            "1 firm of {} and 8 known only to a town there, which can make none; a cluster needs 4",
        ),
        (firms(5), "5 firms of {}, and nowhere among them do they stand out from the firms around"),
        (firms(5, away_km=11), "no firm of {}; a cluster needs 4"),
    ],
)
def test_why_there_is_none_is_said_by_the_firms_that_there_are(there: pd.DataFrame, told: str) -> None:
    row = said(firms=there, least=4)
    assert row["answer"] == "not found"
    within = "photonics and optics with a precise place within 10 km"
    assert row["reason"] == f"the sample has {told.format(within)}"
    assert pd.isna(row["distance_km"])


def test_where_firms_are_not_at_hand_none_is_counted() -> None:
    assert said()["reason"] == "no cluster of photonics and optics reaches within 10 km"


def test_of_a_sector_the_firms_of_the_sector_are_counted() -> None:
    known = KNOWN.assign(technology="", is8="life-sciences")
    assert "no firm of life sciences" in said(known=known, firms=firms(5), least=4)["reason"]


def test_nothing_named_is_nothing_asked() -> None:
    assert answers(KNOWN.head(0), NONE).empty
    assert answers(KNOWN, NONE)["answer"].tolist() == ["not found"]


@given(st.lists(st.floats(0, 30), max_size=5), st.floats(0.5, 20))
def test_a_wider_circle_never_loses_a_cluster(away: list[float], radius: float) -> None:
    near, far = KNOWN.assign(radius_km=radius), KNOWN.assign(radius_km=radius * 2)
    clusters = [cluster(km) for km in away]
    if said(*clusters, known=near)["answer"] == "found":
        assert said(*clusters, known=far)["answer"] == "found"


def test_every_cluster_that_is_named_has_one_answer_in_its_order() -> None:
    known = table("known_clusters")
    found = answers(
        known, cluster(3, "semiconductors"), NEARLY, firms=table("firms").assign(point=True), least=4
    )
    assert found["known_id"].tolist() == known["known_id"].tolist()
    assert found["answer"].isin(ANSWERS).all()
    assert found["reason"].str.len().gt(5).all()
    assert (found["cluster_id"] != "").equals(found["answer"].isin(["found", "pale"]))
    whole = asked(known, found)
    assert len(whole) == len(known)
    assert {*known.columns, *COLUMNS} == set(whole.columns)
