"""The compare page without a browser: places chosen, typed, uploaded; what is said when they cannot be."""

from __future__ import annotations

from html import unescape

import pytest
import shapely
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from edition.keeper import keeping
from regions.places import find_place
from tests.views.page import MAIN, Page
from views.compare import STARTS

SQUARE = shapely.box(-2.35, 53.40, -2.15, 53.55)


class ComparePage(Page):
    """A session that begins on the compare page."""

    def __init__(self, query=(), page="compare", seconds=90):
        self.test = AppTest.from_file(str(MAIN), default_timeout=seconds)
        for name, value in query:
            self.test.query_params[name] = [*self.test.query_params.get(name, []), value]
        self.go(page)

    def go(self, path):
        self.test._page_hash = calc_hash("" if path == "explore" else path)
        return self.run()

    @property
    def html(self):
        return " ".join(unescape(part.proto.body) for part in self.test.get("html"))

    @property
    def labels(self):
        return [button.label for button in self.test.button]


def compared(*places, **more):
    return ComparePage([*(("place", place) for place in places), *more.items()])


def test_a_first_visit_says_what_to_do_and_offers_a_start(edition):
    page = ComparePage()
    assert "Put places side by side" in page.html
    assert set(STARTS) <= set(page.labels)
    assert not page.test.dataframe
    page.press(next(iter(STARTS)))
    assert page.view.place == next(iter(STARTS.values()))
    assert "Greater Manchester" in page.heading
    assert page.address["place"] == list(page.view.place)


@pytest.mark.parametrize("refs", STARTS.values())
def test_every_start_is_of_places_that_there_are(edition, refs):
    assert all(find_place(edition, ref).ref == ref for ref in refs)


def test_names_in_an_address_become_refs(edition):
    page = compared("Manchester", "glasgow city region", "E08000003")
    assert page.view.place == ("E08000003", "glasgow-city-region")
    assert page.address["place"] == ["E08000003", "glasgow-city-region"]


def test_what_is_said_of_a_code_that_moved_stays_while_the_place_does(edition):
    page = compared("E07000187", "Leeds")
    assert page.view.place == ("E06000066", "E08000035")
    words = "E07000187 (Mendip) became E06000066 (Somerset) on 1 April 2023"
    assert words in page.texts.replace("\\", "")
    page.run()
    assert words in page.texts.replace("\\", "")
    # Taken out and asked for by the code of today there is nothing to say.
    page.choose("place", "E08000035")
    page.choose("place", "E08000035", "E06000066")
    assert words not in page.texts.replace("\\", "")


def test_what_is_no_place_is_said_and_left_out(edition):
    page = compared("Leeds", "Leed", "<img src=x onerror=alert(1)>", "area:zz")
    assert page.view.place == ("E08000035",)
    said = page.texts
    assert "Leed" in said
    assert "did you mean" in said
    assert "<img" not in said.replace("\\<img", "")


def test_the_line_under_the_heading_adds_up(edition):
    page = compared("Leeds", "Cardiff")
    for words in ("in these places", "elsewhere", "not placed", "awarded", "by place of delivery"):
        assert words in page.html
    page = compared("Leeds", "Cardiff", placed="lead")
    assert "by lead's address" in page.html


def test_overlapping_places_are_said_and_not_added(edition):
    page = compared("Manchester", "Greater Manchester")
    assert "Manchester lies in Greater Manchester" in page.html
    assert "elsewhere" not in page.heading


def test_the_table_has_every_place_and_what_it_is_held_against(edition):
    page = compared("Leeds", "Cardiff", "set:E08000003+E08000006~Two <b>cities</b>")
    table = next(part.proto.body for part in page.test.get("html") if "<table" in part.proto.body)
    for name in ("Leeds", "Cardiff", "Two &lt;b&gt;cities&lt;/b&gt;", "England", "Wales", "United Kingdom"):
        assert name in table
    assert "<b>cities" not in table
    assert "▲ highest" in table
    assert "▼ lowest" in table
    assert table.count('scope="row"') >= 15


def test_one_place_alone_is_held_against_its_nation(edition):
    page = compared("Leeds")
    assert "Leeds beside England and United Kingdom" in page.html


def test_ten_places_are_shown_and_an_eleventh_is_not(edition):
    page = compared(*STARTS["Ten core cities"])
    assert "10 places side by side" in page.html
    page.test.session_state["faults"] = []
    from regions.places import places

    extra = places(edition).find("York")
    page.test.multiselect(key="place").set_value([*page.view.place[:9], extra.ref])
    page.run()
    assert extra.ref in page.view.place


def test_a_place_can_be_typed_and_undone(edition):
    page = compared("Leeds")
    page.test.multiselect(key="place").set_value(["E08000035", "Bradford"])
    page.run()
    assert page.view.place == ("E08000035", "E08000032")
    page.press("Undo")
    assert page.view.place == ("E08000035",)


def test_places_like_one_can_be_added(edition):
    page = compared("Cardiff")
    like = [button for button in page.test.button if (button.key or "").startswith("like-")]
    assert len(like) == 8
    # Numbers are numbers, in the table and so in its files.
    [table] = [frame.value for frame in page.test.dataframe if "distance" in frame.value]
    assert table["Residents"].iloc[0] > 300_000
    assert 0 < table["Share of firms in life sciences"].max() <= 1
    like[0].click()
    page.run()
    assert page.view.place == ("W06000015", like[0].key.removeprefix("like-"))


def test_an_uploaded_area_is_compared_and_a_faulty_one_refused(edition):
    page = compared("Salford")
    page.test.session_state["ways"] = True
    page.test.session_state["way"] = "file"
    page.run()
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": shapely.geometry.mapping(shape)}
        for name, shape in {
            "Quays <i>": SQUARE,
            "Bow tie": shapely.Polygon([(-2.3, 53.4), (-2.2, 53.5), (-2.2, 53.4), (-2.3, 53.5)]),
            "Paris": shapely.box(2.2, 48.8, 2.4, 48.9),
        }.items()
    ]
    import json

    body = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    page.test.file_uploader[0].set_value(("areas.geojson", body, "application/geo+json"))
    page.run()
    said = page.texts
    assert "Bow tie is left out" in said
    assert "Paris is left out" in said
    page.press("Add 1 of 1")
    assert len(page.view.place) == 2
    assert page.view.place[1].startswith("area:")
    assert "Quays <i>" in page.html
    assert "Estimated: it cuts through" in page.texts.replace("\\", "")
    # The link alone restores it.
    again = compared(*page.view.place)
    assert again.view.place == page.view.place


def test_several_authorities_make_one_place(edition):
    page = ComparePage()
    page.test.session_state["ways"] = True
    page.test.session_state["way"] = "set"
    page.run()
    page.test.multiselect(key="set-codes").set_value(["E08000003", "E08000006"])
    page.test.text_input(key="set-name").set_value("Two cities")
    page.run()
    page.press("Add as one place")
    assert page.view.place == ("set:E08000003+E08000006~Two cities",)
    assert "Two cities" in page.heading


def test_an_area_of_another_session_is_said_to_be_gone(edition):
    page = compared("Leeds", "mine:1")
    assert page.view.place == ("E08000035",)
    assert "another session" in page.texts.replace("\\", "")


def test_the_levels_panel_says_where_a_place_ranks(edition):
    page = compared("Manchester")
    said = page.texts.replace("\\", "")
    assert "Manchester ranks" in said
    assert "local authorities" in said
    assert "cannot be ranked" not in said


def test_every_chart_is_drawn_or_says_why_not(edition):
    from charts.comparison import CHARTS

    page = compared("Cambridge", "Leeds")
    for name in CHARTS:
        page.test.session_state["chart"] = name
        page.run()
        assert page.test.get("vega_lite_chart") or page.test.get("arrow_vega_lite_chart"), name


def test_the_tables_behind_the_figures_can_be_read(edition):
    from tables.comparison_files import SHEETS

    page = compared("Cambridge", "Leeds")
    shown = len(page.test.dataframe)
    page.test.session_state["behind-box"] = True
    for name in SHEETS:
        page.test.session_state["behind"] = name
        page.run()
        assert len(page.test.dataframe) == shown + 1, name
        first = page.test.dataframe[0].value
        assert {"Cambridge", "Leeds"} <= set(first["place"]) or name == "clusters"


def test_nothing_left_to_compare_is_still_a_page(edition):
    page = ComparePage(
        [
            ("place", "Leeds"),
            ("place", "Cardiff"),
            ("year_from", "2010"),
            ("year_to", "2010"),
            ("against", "none"),
        ]
    )
    assert "£0" in page.html or "none found" in page.html


def test_a_register_of_ones_own_is_compared(own_edition):
    with keeping(own_edition):
        page = compared("Stoke-on-Trent", "Stafford")
        assert "Stoke-on-Trent" in page.heading
        assert "register" in page.texts


def test_filters_stay_when_the_page_changes(edition):
    page = ComparePage([("place", "Leeds"), ("sector", "life-sciences")])
    page.go("explore")
    assert page.view.sector == ("life-sciences",)
    assert page.view.place == ("E08000035",)
    page.go("compare")
    assert page.test.multiselect(key="place").value == ["E08000035"]
    assert "Specialisation" in page.html
