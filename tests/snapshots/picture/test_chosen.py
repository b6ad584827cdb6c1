"""Pictures of places: framed on them, outlined, named; several side by side where that shows more."""

from __future__ import annotations

import io
from functools import cache
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pytest
import shapely
from matplotlib.text import Text
from PIL import Image

from data.errors import InputError, NotFoundError
from edition.view import View
from layers.style import style
from regions.areas import area_place
from regions.places import find_place
from snapshots.paper import Paper
from snapshots.picture import caption as words
from snapshots.picture.caption import alt_text, metadata, subtitle, title
from snapshots.picture.chosen import chosen
from snapshots.picture.outlines import LINE, ONE_SCALE, PALER
from snapshots.picture.picture import figure, picture
from tests.asked import LARGEST
from words.links import AS_IT_OPENS
from words.sentence import sentence

APART = ("greater-manchester", "glasgow-city-region", "west-midlands")
NEAR = ("Manchester", "greater-manchester")


@pytest.fixture(scope="module")
def page(edition):
    """Pages by the places that a view has chosen, each composed once."""

    @cache
    def made(*place, size="a4", **fields):
        return figure(edition, View(place=place, **fields), size)

    return made


def maps(page):
    return [axes for axes in page.axes if axes.get_label() == "map"]


def ground(axes):
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    return shapely.box(west, south, east, north)


def texts(page):
    return [text.get_text() for text in page.findobj(Text) if text.get_text().strip()]


def said(page):
    return " ".join(" ".join(texts(page)).split())


def outlines(axes):
    """What is drawn with the line of a place, as paths."""
    ink = mpl.colors.to_rgba(style().colours["ink"])
    return [
        path
        for one in axes.collections
        if len(one.get_edgecolor()) and tuple(one.get_edgecolor()[0]) == ink
        if float(one.get_linewidths()[0]) == pytest.approx(LINE) and one.get_zorder() == 3.6
        for path in one.get_paths()
    ]


def veiled(axes):
    return any(one.get_zorder() == 3.4 for one in axes.collections)


def per_inch(axes):
    return float(ground(axes).bounds[2] - ground(axes).bounds[0]) / (
        axes.get_position().width * axes.figure.get_size_inches()[0]
    )


def follows(paths, place):
    """Say whether a line lies about where the border of a place does."""
    corners = np.concatenate([path.vertices for path in paths])
    return np.allclose(
        [*corners.min(axis=0), *corners.max(axis=0)], place.geometry.bounds, atol=2_000, rtol=0
    )


def test_a_picture_of_a_place_is_framed_on_it_and_outlines_it(edition, page):
    made = page("glasgow-city-region", level="la")
    [axes] = maps(made)
    place = find_place(edition, "glasgow-city-region")
    west, south, east, north = place.geometry.bounds
    assert ground(axes).contains(shapely.box(west - 900, south - 900, east + 900, north + 900))
    # As large as the page allows: one side has little air.
    wide, high = (east - west) / np.ptp(axes.get_xlim()), (north - south) / np.ptp(axes.get_ylim())
    assert max(wide, high) > 0.8
    assert follows(outlines(axes), place)
    assert veiled(axes)
    assert PALER in said(made)
    assert "Glasgow City Region: public money per head, by local authority" in said(made)
    assert "In this place £" in said(made)


def test_places_far_apart_stand_side_by_side_at_one_scale(edition, page):
    made = page(*APART)
    shown = maps(made)
    assert len(shown) == 3
    assert max(map(per_inch, shown)) == pytest.approx(min(map(per_inch, shown)))
    for axes, text in zip(shown, APART, strict=True):
        place = find_place(edition, text)
        assert ground(axes).contains(shapely.box(*place.geometry.bounds))
        assert follows(outlines(axes), place)
        assert place.name in texts(made)
    boxes = [axes.get_position() for axes in shown]
    for upper, lower in pairwise(boxes):
        assert upper.y0 > lower.y1
    assert ONE_SCALE in " ".join(said(made).split())
    # Each shows its place larger than one map of all of them could.
    union = shapely.union_all([find_place(edition, text).geometry for text in APART])
    west, south, east, north = union.bounds
    wide = (max(box.x1 for box in boxes) - min(box.x0 for box in boxes)) * made.get_size_inches()[0]
    high = (max(box.y1 for box in boxes) - min(box.y0 for box in boxes)) * made.get_size_inches()[1]
    assert per_inch(shown[0]) < max((east - west) / wide, (north - south) / high)


def test_places_that_one_map_shows_as_large_share_it_and_are_named_there(edition, page):
    made = page(*NEAR, level="la")
    [axes] = maps(made)
    places = [find_place(edition, text) for text in NEAR]
    assert follows(outlines(axes), places[1])
    assert {"Manchester", "Greater Manchester"} <= {text.get_text() for text in axes.texts}
    assert "never added up" in said(made)
    assert ONE_SCALE not in said(made)


def test_a_map_that_stands_elsewhere_keeps_its_frame_and_outlines_what_is_chosen(edition, page):
    at = (56.8, -4.2, 7.0)
    [axes], [plain] = maps(page("glasgow-city-region", at=at)), maps(page(at=at))
    assert ground(axes).centroid.equals_exact(ground(plain).centroid, 100)
    assert per_inch(axes) == pytest.approx(per_inch(plain), rel=0.05)
    assert follows(outlines(axes), find_place(edition, "glasgow-city-region"))
    assert not veiled(axes)
    assert not outlines(plain)
    view = View(place=("glasgow-city-region",), at=at)
    head = title(edition, view, chosen(edition, view))
    assert head == "Scotland, with Glasgow City Region outlined: public money per head, by ITL3 area"
    assert "Glasgow City Region" in [text.get_text() for text in axes.texts]


def test_a_map_of_the_whole_country_outlines_what_is_chosen(edition, page):
    made, at = page("Leeds", "Cardiff", at=(54.6, -3.4, 5.0)), (54.6, -3.4, 5.0)
    [axes], [plain] = maps(made), maps(page())
    assert axes.get_ylim() == plain.get_ylim()
    assert len(outlines(axes)) >= 2
    view = View(place=("Leeds", "Cardiff"), at=at)
    head = title(edition, view, chosen(edition, view))
    assert head.startswith("The United Kingdom, with Leeds and Cardiff outlined: public money per head, by")
    assert {"Leeds", "Cardiff"} <= {text.get_text() for text in axes.texts}


def test_the_country_itself_gets_no_line(edition, page):
    made = page("UK")
    [axes] = maps(made)
    assert not outlines(axes)
    assert not veiled(axes)
    assert axes.get_ylim() == maps(page())[0].get_ylim()
    assert "United Kingdom: public money per head, by ITL3 area" in said(made)
    [axes] = maps(page("UK", "Leeds"))
    assert follows(outlines(axes), find_place(edition, "Leeds"))
    assert not veiled(axes)


def test_the_picture_of_a_cluster_is_of_that_alone(edition):
    view = View(cluster=LARGEST, place=("Leeds",), measure="none")
    made = figure(edition, view)
    assert not any(outlines(axes) for axes in maps(made))
    assert "Leeds" not in title(edition, view, chosen(edition, view))


def test_an_area_that_one_session_alone_knows_is_drawn_where_it_is_given(edition):
    shape = shapely.MultiPolygon([shapely.box(430_000, 430_000, 440_000, 440_000)])
    place = area_place(edition, shape, "My patch", "mine:1")
    drawn = picture(edition, View(place=("mine:1",)), paper=Paper("a4", 50), known=[place])
    assert Image.open(io.BytesIO(drawn)).text["Title"].startswith("My patch: ")


def test_a_place_that_nobody_knows_is_quoted(edition):
    with pytest.raises(NotFoundError, match="nowhere at all"):
        picture(edition, View(place=("nowhere at all",)))
    with pytest.raises(InputError, match="set"):
        picture(edition, View(place=("set:E0x",)))


def test_many_places_are_counted_in_the_title_and_told_apart_on_the_map(edition):
    many = ("Leeds", "Bradford", "York", "Cardiff", "Cambridge", "Oxford", "Cornwall", "Highland", "Belfast")
    view = View(place=(*many, "Glasgow City"))
    places = chosen(edition, view)
    assert title(edition, view, places).startswith("10 places compared: ")
    assert "In these places £" in subtitle(edition, view, places)


def test_the_words_of_a_comparison_tell_of_its_places(edition):
    view = View(place=("greater-manchester", "glasgow-city-region"), level="la", family="both")
    told = alt_text(edition, view, chosen(edition, view))
    assert told.startswith("Greater Manchester and Glasgow City Region compared: public money per head, by")
    held = {code for place in chosen(edition, view) for code in place.weights}
    here = [not held.isdisjoint(codes) for codes in edition.clusters["la_codes"]]
    there = edition.clusters[here].sort_values("e")
    # The strongest stands for the others of its family.
    assert f"Strongest clusters: {there['name'].iloc[0]} (" in told
    assert "Cambridge" not in told
    assert "Renfrewshire" in told
    none = View(place=("Cornwall",))
    assert "No cluster reaches into it." in alt_text(edition, none, chosen(edition, none))


# --- What a map of a part is called


@pytest.mark.parametrize(
    ("at", "called"),
    [
        ((56.8, -4.2, 7.0), "Scotland"),
        ((57.0, -4.2, 7.3), "Scotland"),
        ((57.5, -4.5, 6.8), "Scotland"),
        ((52.4, -3.6, 8.2), "Wales"),
        ((54.6, -6.7, 8.5), "Northern Ireland"),
        ((52.8, -1.7, 6.7), "England"),
        ((51.49, -0.09, 10.5), "London"),
        ((55.75, -4.25, 9.4), "Glasgow City Region and around"),
        ((53.5, -2.3, 10.0), "Greater Manchester and around"),
        ((53.8, -1.5, 9.5), "Leeds and around"),
    ],
)
def test_a_map_framed_on_a_region_is_called_by_its_name(edition, at, called):
    assert title(edition, View(at=at)) == f"{called}: public money per head, by ITL3 area"


def test_a_map_of_nearly_all_is_called_after_no_part(edition):
    assert title(edition, View(at=(54.0, -2.0, 6.3))) == sentence(edition, View())


@pytest.mark.parametrize("share", [1.0, 1.15])
def test_each_nation_and_region_gives_its_name_to_the_map_about_it(edition, share):
    from geo.projections import to_lonlat
    from regions.places import places
    from snapshots.picture.whereabouts import LEVELS, WINDOW_METRES, whereabouts

    for level in LEVELS:
        for place in places(edition).of_level(level):
            west, south, east, north = place.geometry.bounds
            lon, lat = (float(value) for value in to_lonlat((west + east) / 2, (south + north) / 2))
            side = max(east - west, north - south) * share
            where = whereabouts(edition, View(at=(lat, lon, float(np.log2(WINDOW_METRES / side)))))
            # Some regions are the same ground, or nearly.
            if not place.ref.startswith("rest-of-") and level == "nation":
                assert where == place.name


# --- Nothing is claimed that is not drawn


def test_bare_land_claims_no_clusters_and_no_money(edition):
    view = View(show=("none",))
    assert title(edition, view) == "The United Kingdom: its land alone, no layer is shown."
    assert not subtitle(edition, view)
    told = alt_text(edition, view)
    assert "luster" not in told
    assert "£" not in told
    assert "award" not in told


def test_the_default_view_does_not_end_in_a_question_mark(edition):
    told = metadata(edition, View())
    assert told["Source"] == f"This view: {AS_IT_OPENS}."
    drawn = picture(edition, View(), "svg").decode()
    description = drawn.partition('<desc id="description">')[2].partition("</desc>")[0]
    assert description.endswith(f"This view: {AS_IT_OPENS}.")
    assert not description.endswith("?")
    # Where the map's own address is known, that is the source.
    assert metadata(edition, View(level="la"))["Source"].endswith("?level=la")


def test_the_default_view_has_a_source_where_its_address_is_known(edition, monkeypatch):
    from types import SimpleNamespace

    from words import links

    monkeypatch.setattr(links, "settings", lambda: SimpleNamespace(public_url="https://map.example.org"))
    assert metadata(edition, View())["Source"] == "https://map.example.org/"
    assert words.caption(edition, View())[-1].endswith("https://map.example.org/")
