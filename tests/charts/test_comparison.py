"""Charts: what they draw agrees with the figures, nothing is dropped, and no name becomes an expression."""

from __future__ import annotations

import pytest
import vl_convert

from charts.comparison import CHARTS, chart
from layers.style import style
from tests.layers.compared import FIVE, HOSTILE, MIXED, TEN, TWO, compared, named


@pytest.fixture(scope="module")
def five(edition):
    return compared(edition, *FIVE)


def rows_with(drawn, *columns):
    """Rows of the data that have all these columns, whichever mark they are for."""
    found = [rows for rows in drawn.to_dict()["datasets"].values() if rows and set(columns) <= set(rows[0])]
    assert found
    return [row for rows in found for row in rows]


def expressions(node):
    """Every expression of a specification."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in {"expr", "calculate", "test", "labelExpr", "filter", "signal"}:
                yield value
            if key != "datasets":
                yield from expressions(value)
    elif isinstance(node, list):
        for value in node:
            yield from expressions(value)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", [*CHARTS])
def test_every_chart_can_be_drawn(five, name, theme):
    drawn = chart(name, five, theme).to_dict()
    # Compiling finds what the schema cannot.
    compiled = vl_convert.vegalite_to_vega(drawn, vl_version="6.4")
    assert compiled["marks"]
    assert drawn["width"] == "container"
    assert drawn["autosize"]["type"] == "fit-x"
    assert drawn["title"]["text"]
    assert drawn["description"]
    assert drawn["config"]["title"]["color"] == style(theme).colours["ink"]


def test_programmes_and_others_add_up_to_the_figures(five):
    parts = rows_with(chart("funding-by-programme", five), "part", "start", "end")
    for place in five.places:
        drawn = sum(row["end"] - row["start"] for row in parts if row["place"] == place.name)
        assert drawn * 1e6 == pytest.approx(five.figures.loc[place.ref, "public_gbp"])
        paler = sum(
            row["end"] - row["start"]
            for row in parts
            if row["place"] == place.name and "estimate" in row["part"]
        )
        share = five.figures.loc[place.ref, "estimated_share"]
        assert paler * 1e6 == pytest.approx(share * five.figures.loc[place.ref, "public_gbp"], abs=1)


def test_the_timeline_drops_no_year_and_sets_what_has_none_apart(edition, five):
    bars = {(row["place"], row["year"]) for row in rows_with(chart("timeline", five), "year", "base")}
    money = five.money_by("year")
    refs = [place.ref for place in five.places]
    expected = money[money["ref"].isin(refs) & (money["public_gbp"] > 0)]
    assert bars == {
        (five.edition.tables["regions"].set_index("region_id").loc[[row.ref], "name"].iloc[0], row.key)
        for row in expected.itertuples()
    }
    assert "undated" in {year for _, year in bars}
    domain = chart("timeline", five).to_dict()["layer"][1]["encoding"]["x"]["scale"]["domain"]
    assert domain[-2:] == [" ", "undated"]
    years = [int(year) for year in domain[:-2]]
    assert years == [*range(years[0], years[-1] + 1)]


def test_bars_of_the_timeline_are_as_tall_as_their_money(five):
    bars = rows_with(chart("timeline", five), "year", "base")
    money = five.money_by("year").set_index(["ref", "key"])["public_gbp"]
    called = {place.name: place.ref for place in five.places}
    ratios = [(row["base"] - row["y"]) / money[called[row["place"]], row["year"]] for row in bars]
    assert max(ratios) == pytest.approx(min(ratios))


def test_small_counts_are_hollow_and_grey(five):
    rows = rows_with(chart("specialisation", five), "lq", "hue", "fill", "small")
    ink = style("light").colours
    few = [row for row in rows if row["small"].startswith("too few")]
    assert few
    assert {(row["hue"], row["fill"]) for row in few} == {(ink["outline"], ink["panel"])}
    many = [row for row in rows if not row["small"].startswith("too few")]
    assert {row["hue"] for row in many} <= {mark["colour"] for mark in style("light").sectors.values()}
    assert all(row["beside"].split(" of ")[1].isdigit() for row in rows)


def test_a_place_without_firms_of_a_sector_has_no_dot(five):
    for row in rows_with(chart("specialisation", five), "lq", "beside"):
        assert (row["lq"] is None) == row["beside"].startswith("0 of")


def test_places_stand_highest_first_and_what_they_are_held_against_below(five):
    rows = rows_with(chart("per-head", five), "role", "value", "said")
    places = [row for row in rows if row["role"] == "place"][: len(five.places)]
    values = [row["value"] for row in places]
    assert values == sorted(values, reverse=True)
    assert values[0] == five.figures.loc[[place.ref for place in five.places], "per_head"].max()
    assert {row["place"] for row in rows if row["role"] == "held against"} == {
        place.name for place in five.against
    }


def test_private_money_that_none_was_found_of_has_no_bar(five):
    bars = rows_with(chart("public-private", five), "kind", "zero", "million")
    drawn = {(row["place"], row["kind"].split()[0]) for row in bars}
    assert ("Southampton", "private") not in drawn
    assert ("Cardiff Capital Region", "private") in drawn


def test_any_measure_can_be_drawn(edition):
    comparison = compared(edition, *TEN, sector=("life-sciences",))
    for measure in comparison.measures:
        drawn = chart(measure.id, comparison)
        if (comparison.figures[measure.column] > 0).any():
            assert measure.label in " ".join(drawn.to_dict()["title"]["text"])
        else:
            assert drawn is None


@pytest.mark.parametrize("refs", [TWO, TEN, MIXED, ("E07000008",)])
def test_charts_stand_any_number_of_places(edition, refs):
    comparison = compared(edition, *refs)
    for name in CHARTS:
        assert chart(name, comparison, "dark", 350).to_dict()["width"] == 350


def test_where_there_is_no_money_there_is_no_chart_of_it(edition):
    comparison = compared(edition, *TWO, year_from=2010, year_to=2010)
    drawn = {name for name in CHARTS if chart(name, comparison) is not None}
    assert drawn == {"specialisation"}


def test_names_are_data_and_never_expressions(edition):
    comparison = named(edition, HOSTILE)
    for name in CHARTS:
        spec = chart(name, comparison).to_dict()
        said = " ".join(map(str, expressions(spec)))
        assert not any(part in said for part in ("cmd", "7*7", "img", "datum"))
        assert {word for word in said.replace("(", " ").replace(",", " ").split() if word.isalpha()} <= {
            "min",
            "width",
        }
        text = vl_convert.vegalite_to_svg({**spec, "width": 700}, vl_version="6.4", allowed_base_urls=[])
        assert "<img" not in text
        assert "49" not in [part.split("<")[0] for part in text.split(">")]


def test_an_edition_of_own_firms_has_its_labels(own_edition):
    comparison = compared(own_edition, "E06000021", "E08000003")
    drawn = chart("specialisation", comparison)
    if comparison.specialisation["firms"].any():
        assert {row["group"] for row in rows_with(drawn, "lq", "beside")} <= set(
            own_edition.labels.titles.values()
        )
    else:
        assert drawn is None
