"""Pictures: same view, same bytes; everything said; nothing over anything else or over the edge."""

from __future__ import annotations

import re
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest

from data.errors import NotFoundError
from edition.view import View
from layers import regions
from layers.labels import places
from layers.registry import credit
from layers.style import edition_style, style
from regions.figures import clusters_in
from snapshots.paper import SIZES
from snapshots.picture import caption as words
from snapshots.picture.caption import FLAG, alt_text, caption, filter_words, title
from snapshots.picture.chosen import chosen
from snapshots.picture.inset import LONDON, SHETLAND
from snapshots.picture.page import quiet
from snapshots.picture.picture import figure, picture
from tests.snapshots.picture.drawn_pages import (
    CLUSTER,
    DPI,
    EVERYTHING,
    PAGES,
    VIEWS,
    axes_of,
    extents,
    texts_of,
    words_of,
)
from words.sentence import sentence


@pytest.fixture(scope="module", params=PAGES, ids=" ".join)
def case(request, pages):
    """A view, its page, and where each text of it is."""
    name, size = request.param
    page = pages(name, size)
    return VIEWS[name], page, extents(page)


def test_no_text_lies_over_another(case):
    _, _, boxes = case
    assert len(boxes) > 5
    for (one, first), (other, second) in combinations(boxes, 2):
        wide = min(first.x1, second.x1) - max(first.x0, second.x0)
        high = min(first.y1, second.y1) - max(first.y0, second.y0)
        # Descenders of a line may reach into the next by a pixel or two; names must not.
        assert wide <= 1 or high <= 3, f"{one!r} over {other!r}"


def test_no_text_leaves_the_page(case):
    _, page, boxes = case
    wide, high = page.get_size_inches() * DPI
    for text, box in boxes:
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= wide, text
        assert box.y1 <= high, text


def test_the_page_says_what_whose_and_how_sure(case, edition):
    view, page, _ = case
    said = words_of(page)
    assert title(edition, view, chosen(edition, view)) in said
    assert credit(view) in said
    assert FLAG in said
    assert "a curated sample" in said
    assert "not a census" in said
    assert "edition sample-" in said
    assert "as of December 2026" in said
    for phrase in filter_words(edition, view):
        assert phrase[1:] in said


def test_axes_keep_their_limits(pages):
    [axes] = axes_of(pages("as it opens", "a4"), "map")
    low, high = axes.get_ylim()
    assert low < 0
    assert high > 1_230_000


def test_names_of_all_clusters_are_written_or_their_letters_where_they_crowd(edition, pages):
    page = pages("as it opens", "a4")
    drawn = [
        text.get_text() for label in ("map", "inset") for axes in axes_of(page, label) for text in axes.texts
    ]
    letters = edition_style(edition).sectors
    shown = clusters_in(edition, View())
    named = [place in drawn for place in shown["place"]]
    assert sum(named) >= 0.8 * len(shown)
    for row in shown.itertuples():
        assert row.place in drawn or letters[row.label]["symbol"] in drawn, row.place


# --- Insets


@pytest.mark.parametrize(("size", "framed"), [("a4", False), ("a3", False), ("slide", True)])
def test_shetland_stands_in_a_frame_only_where_height_is_scarce(pages, size, framed):
    page = pages("as it opens", size)
    grounds = [(*axes.get_xlim(), *axes.get_ylim()) for axes in axes_of(page, "inset")]
    shown = [ground for ground in grounds if ground[2] < SHETLAND.middle[1] < ground[3]]
    assert len(shown) == framed
    assert ("further north than shown" in words_of(page)) is framed
    if framed:
        [main], [inset] = (
            axes_of(page, "map"),
            [axes for axes in axes_of(page, "inset") if axes.get_ylim()[0] > 1e6],
        )
        assert metres_per_inch(main) == pytest.approx(metres_per_inch(inset))


def metres_per_inch(axes):
    west, east = axes.get_xlim()
    return (east - west) / (axes.get_position().width * axes.figure.get_size_inches()[0])


@pytest.mark.parametrize(
    ("name", "framed"),
    [("as it opens", True), ("totals", True), ("nothing passes", False), ("near", False), ("pairs", True)],
)
def test_london_is_enlarged_where_it_is_crowded(pages, name, framed):
    page = pages(name, "a4")
    insets = axes_of(page, "inset")
    assert bool(insets) is framed
    assert ("London, " in words_of(page)) is framed
    if framed:
        [main] = axes_of(page, "map")
        assert insets[0].get_xlim() == (LONDON.left, LONDON.right)
        assert metres_per_inch(main) / metres_per_inch(insets[0]) == pytest.approx(4)
        frames = [one for one in main.patches if one.get_gid() is None and hasattr(one, "get_width")]
        assert [(one.get_x(), one.get_width()) for one in frames] == [(LONDON.left, LONDON.width)]


@pytest.mark.parametrize("size", SIZES)
def test_insets_cover_no_land_of_the_uk_and_not_each_other(edition, pages, size):
    import shapely

    page = pages("as it opens", size)
    [main] = axes_of(page, "map")
    insets = axes_of(page, "inset")
    land = shapely.union_all(edition.regions["nation"].geometry.to_numpy())
    to_ground = (main.transData.inverted() + mpl.transforms.IdentityTransform()).transform
    boxes = [one.get_position().transformed(page.transFigure) for one in insets]
    for box in boxes:
        (west, south), (east, north) = to_ground([box.p0, box.p1])
        assert not shapely.box(west, south, east, north).intersects(land)
    for one, other in combinations(boxes, 2):
        assert not one.overlaps(other)


def test_a_cluster_that_is_looked_at_fills_the_map_and_is_named(edition, pages):
    page = pages("cluster", "a4")
    [axes] = axes_of(page, "map")
    row = edition.clusters.set_index("cluster_id").loc[CLUSTER]
    west, south, east, north = row.geometry.bounds
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    assert left <= west - 4_900
    assert right >= east + 4_900
    assert bottom <= south - 4_900
    assert top >= north + 4_900
    assert max((right - left) - (east - west), 1) < 40_000
    assert words_of(page).count(row["name"]) >= 1
    widths = [float(width) for one in axes.collections for width in one.get_linewidths()]
    assert max(widths) > 3


def test_a_cluster_that_nobody_knows_is_named(edition):
    with pytest.raises(NotFoundError, match="'no-such--cluster' is no cluster of edition sample"):
        picture(edition, View(cluster="no-such--cluster"))


def test_a_map_of_a_part_has_an_arrow_and_says_that_sums_are_of_the_whole(edition, pages):
    said = words_of(pages("near", "a4"))
    assert "N" in [text.get_text() for text in texts_of(pages("near", "a4"))]
    assert title(edition, VIEWS["near"]) == "London and around: public money per head, by local authority"
    assert f"In the whole UK: {sentence(edition, View()).split(';')[0]}; £" in said
    assert "N" not in [text.get_text() for text in texts_of(pages("as it opens", "a4"))]


@pytest.mark.parametrize(
    ("at", "called"),
    [
        ((50.3, -5.0, 9), "Cornwall and around"),
        ((50.154, -5.07, 12), "Falmouth and around"),
        ((60.3, -1.2, 8), "Shetland Islands and around"),
        ((55.86, -4.25, 11), "Glasgow and around"),
        ((58.0, -9.5, 9), "A part of the UK"),
    ],
)
def test_a_map_of_a_part_is_called_after_what_fills_it(edition, at, called):
    assert title(edition, View(at=at, show=("firms", "assets"))) == f"{called}: firms and research assets"
    assert title(edition, View(at=at, show=("labels",))) == called


# --- What stands on a map of a part


def contrast(one, other):
    """Contrast of two colours as the Web Content Accessibility Guidelines measure it."""

    def light(colour):
        parts = np.array(mpl.colors.to_rgb(colour))
        parts = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(parts @ (0.2126, 0.7152, 0.0722)) + 0.05

    first, second = light(one), light(other)
    return max(first, second) / min(first, second)


def assert_seen(dots, halo):
    """Dots have a pale rim, and a diameter of at least three points."""
    assert mpl.colors.to_hex(dots.get_edgecolor()[0]) == halo
    # The size of a mark is the area of the square around it.
    assert dots.get_sizes().min() >= 3.0**2


def test_firms_can_be_told_from_any_ground_and_footprints_do_not_hide_them(edition):
    near = View(show=EVERYTHING, level="la", at=(52.2, 0.12, 12))
    [axes] = axes_of(figure(edition, near), "map")
    firm, halo = (mpl.colors.to_hex(style().colours[role]) for role in ("firm", "halo"))
    dots = [
        one
        for one in axes.collections
        if len(one.get_facecolor()) and mpl.colors.to_hex(one.get_facecolor()[0]) == firm
    ]
    assert dots
    footprints = [
        one.get_zorder()
        for one in axes.collections
        if len(one.get_facecolor())
        and mpl.colors.to_hex(one.get_facecolor()[0])
        == mpl.colors.to_hex(style().sectors["life-sciences"]["colour"])
    ]
    for one in dots:
        assert one.get_zorder() > max(footprints)
        assert_seen(one, halo)
    # Before firms are points, they are counted in cells.
    [axes] = axes_of(figure(edition, View(show=("firms",), at=(51.5, -0.1, 10))), "map")
    for one in axes.collections:
        if len(one.get_facecolor()) and mpl.colors.to_hex(one.get_facecolor()[0]) == firm:
            assert_seen(one, halo)
    grounds = [style().colours["land"], *quiet(style()).colours["ramp"]]
    assert min(contrast(firm, ground) for ground in grounds) > 3
    assert min(contrast(firm, ground) for ground in style().colours["ramp"]) < 3


def test_a_key_says_of_each_layer_that_nothing_of_it_is_on_the_map_and_villages_are_named(edition):
    said = words_of(figure(edition, View(show=EVERYTHING, level="la", at=(57.0, -7.4, 9))))
    for layer in ("Clusters", "Firms", "Research assets"):
        assert f"{layer} None on this map." in said
    assert "Barra" in said


def test_a_short_key_does_not_make_the_country_smaller(edition, pages):
    [wide] = axes_of(figure(edition, View(show=("firms", "labels"))), "map")
    [usual] = axes_of(pages("as it opens", "a4"), "map")
    assert metres_per_inch(wide) <= metres_per_inch(usual) * 1.001
    # Of a small part a wider map shows more of the same.
    [near] = axes_of(figure(edition, View(show=("firms",), at=(52.2, 0.12, 12))), "map")
    assert near.get_position().width > usual.get_position().width


def test_towns_are_towns_and_have_one_name(edition):
    named = places(edition)["name"]
    assert not {"Mendip", "High Peak", "Londonderry County Borough", "Derry"} & set(named)
    assert (named == "Derry/Londonderry").sum() == 1
    assert len(named) > 5_000


def test_what_hatching_means_is_true_of_every_measure(edition):
    money = regions.payload(edition, View(measure="private-per-head"))
    assert money["none"] == "no private money named"
    shares = regions.payload(edition, View(measure="clustered-share"))
    many = [row for row in shares["rows"] if row["text"].startswith("0 of ") and "too few" not in row["text"]]
    assert many
    assert shares["none"] == f"none, or fewer than {edition.about.scan.min_firms} firms"


def test_no_sum_a_head_is_told_in_parts_of_a_penny(edition):
    rows = regions.payload(edition, View(measure="private-per-head", level="itl2"))["rows"]
    assert [row["text"] for row in rows if row["text"].startswith("£0.")]
    for row in rows:
        assert not re.match(r"£0\.\d{3}", row["text"]), row["text"]


def test_money_that_is_all_placed_is_told_so(edition):
    said = " ".join(caption(edition, View()))
    assert re.search(r"All £[\d.]+bn in awards is placed", said)
    assert "£0 is not" not in said
    assert re.search(r"Of £[\d.]+bn in awards, .* is not\.", " ".join(caption(edition, View(placed="lead"))))


def test_a3_shows_more_than_a4(pages):
    small, large = pages("as it opens", "a4"), pages("as it opens", "a3")
    towns = [sum(text.get_style() == "italic" for text in texts_of(page)) for page in (small, large)]
    assert towns[1] > 1.4 * towns[0]
    ranked = [sum("a head, " in text.get_text() for text in texts_of(page)) for page in (small, large)]
    assert ranked[1] > ranked[0]


# --- Words


def test_the_alternative_text_tells_what_the_map_does(edition):
    text = alt_text(edition, View())
    strongest = edition.clusters[edition.clusters["kind"] == "sector"].nsmallest(1, "log10_p").iloc[0]
    assert text.startswith(sentence(edition, View()))
    assert f"{strongest['name']} ({strongest['firms']} firms where" in text
    assert "Public money per head, highest: " in text
    assert "Boundaries are approximate." in text


def test_official_boundaries_are_not_called_approximate(edition, monkeypatch):
    monkeypatch.setattr(words, "is_approximate", lambda: False)
    assert "approximate" not in alt_text(edition, View())


def test_the_alternative_text_leaves_out_what_is_not_shown(edition):
    text = alt_text(edition, View(show=("none",)))
    assert "Strongest" not in text
    assert "highest" not in text


def test_a_link_that_is_too_long_to_print_stays_in_the_file(edition):
    view = View(place=tuple(f"area {number} {'x' * 600}" for number in range(3)))
    assert not any("area" in paragraph for paragraph in caption(edition, view))
    assert "carries it as its source" in caption(edition, view)[-1]
    assert "area" in words.metadata(edition, view)["Source"]


def test_long_lists_of_filters_are_cut_short(edition):
    view = View(sector=("life-sciences", "defence", "agri-food", "financial-services", "creative-industries"))
    [phrase] = filter_words(edition, view)
    assert phrase.endswith("and 1 more")
