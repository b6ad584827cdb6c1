"""Briefs: two A4 pages, whole, searchable, alike every time; every figure as the page words it."""

from __future__ import annotations

import io
import subprocess
import sys
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.text import Text
from pypdf import PdfReader
from shapely.geometry import box

from data.errors import InputError, NotFoundError
from edition.view import View
from geo.areas.area import area_from
from layers.style import style
from profiles.cluster import find_cluster, members, partners, projects
from profiles.cluster_in_short import criteria_rows, headline, key_figures
from profiles.cluster_why import facts
from profiles.place import key_measures, rank_words
from regions.areas import ref_of_area
from regions.comparison import compare
from regions.places import find_place, places
from snapshots.brief.blocks import Passages, lines_of
from snapshots.brief.brief import brief, drawn, pages
from snapshots.brief.comparison import Maps
from snapshots.brief.figures import Bar, Bars, Key, Number, Numbers
from snapshots.brief.page import FOOT, HEIGHT, WIDTH, Band, Heading, Section, page, planned
from snapshots.brief.phrases import filters_line, licences
from snapshots.brief.table import Column, Table
from snapshots.picture.lettering import POINTS_PER_MM, Letters
from tables.comparison_cells import cells
from tables.comparison_files import reconciling_line, summary
from tests.asked import LARGEST
from words.links import view_link
from words.numbers import pounds

CLUSTER = "life-sciences--alderley-park"
HOSTILE = (
    "<script>alert(1)</script>",
    "{{ 7*7 }} $x^2$ \\frac{1}{2}",
    "a\nb\r\n\tc\x00d",
    "\N{RIGHT-TO-LEFT OVERRIDE}evil",
    "東京 अनुसंधान 🚀 مرحبا",
    "W" * 700,
    "many words " * 300,
)
AREA = "set:E07000008+E07000012"
SUBJECTS = {
    "cluster": View(cluster=CLUSTER),
    "place": View(place=("greater-manchester",)),
    "set": View(place=(AREA,), sector=("life-sciences",)),
    "comparison": View(place=("E07000008", "TLJ", "S12000036")),
    "country": View(),
}


def squeezed(text):
    """Text without its blanks: lines of print break anywhere."""
    return "".join(text.split())


def words_of(pdf):
    return squeezed("".join(one.extract_text() for one in PdfReader(io.BytesIO(pdf)).pages))


def texts_of(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text().strip()]


def written(figures):
    return squeezed(" ".join(" ".join(texts_of(figure)) for figure in figures))


@pytest.fixture(scope="module")
def briefs(edition):
    """The briefs of every kind of subject."""
    return {name: brief(edition, view) for name, view in SUBJECTS.items()}


@pytest.fixture(scope="module")
def told(briefs):
    """What each of them says, read back once; outlines of the whole country are slow to read past."""
    return {name: words_of(pdf) for name, pdf in briefs.items() if name != "country"}


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_brief_is_two_a4_pages_with_its_fonts_inside(briefs, name):
    document = PdfReader(io.BytesIO(briefs[name]))
    assert len(document.pages) == 2
    for one in document.pages:
        assert [round(float(edge) / 72 * 25.4) for edge in one.mediabox[2:]] == [210, 297]
        fonts = [font.get_object() for font in one["/Resources"]["/Font"].values()]
        assert fonts
        for font in fonts:
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            assert inner["/Subtype"] in {"/TrueType", "/CIDFontType2"}, font
            assert "/FontFile2" in inner["/FontDescriptor"].get_object()


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_brief_says_what_it_is_and_holds_no_time_of_day(briefs, edition, name):
    document = PdfReader(io.BytesIO(briefs[name]))
    view = SUBJECTS[name]
    path = "/compare" if view.place else "/"
    assert document.metadata.title.endswith(" brief")
    assert document.metadata["/Keywords"] == view_link(view, path)
    assert filters_line(edition, view)[9:40] in document.metadata.subject
    assert "/CreationDate" not in document.metadata
    assert "/ModDate" not in document.metadata


@pytest.mark.parametrize("name", [name for name in SUBJECTS if name != "country"])
def test_every_brief_names_sources_licences_edition_and_link(told, edition, name):
    words = told[name]
    for line in licences(edition, SUBJECTS[name]):
        assert squeezed(line) in words, line
    assert "OpenGovernmentLicencev3.0" in words
    assert squeezed(f"Edition {edition.about.name}") in words
    assert squeezed("a curated sample") in words
    assert squeezed("Boundaries: approximate") in words
    view = SUBJECTS[name]
    assert squeezed(view_link(view, "/compare" if view.place else "/")) in words
    assert "1of2" in words
    assert "2of2" in words


def test_a_cluster_is_told_in_the_words_of_its_page(told, edition):
    words = told["cluster"]
    row = find_cluster(edition, CLUSTER)
    assert squeezed(row.name) in words
    assert squeezed(headline(edition, row)) in words
    for what, value, _meaning in facts(row, edition):
        if what != "Criteria met":
            assert squeezed(value) in words, what
    for figure in key_figures(edition, row):
        assert squeezed(figure.value) in words
    for criterion, _met, rests_on in criteria_rows(edition, row):
        assert squeezed(criterion[1:]) in words
        assert squeezed(rests_on) in words
    for firm in members(edition, CLUSTER)["firm"]:
        assert squeezed(firm) in words


def test_what_a_cluster_is_short_of_stands_under_its_name(edition):
    rows = edition.clusters
    alone, pale = rows["one_site"], rows["standing"] == "pale"
    for which, words in (
        (alone & ~pale, "One site"),
        (~alone & pale, "Uncertain: may be chance"),
        (alone & pale, "One site, uncertain: may be chance"),
        (~alone & ~pale, ""),
    ):
        row = rows[which].iloc[0]
        for head, _ in pages(edition, View(cluster=row["cluster_id"])):
            assert (f" · {words} · Type: " in head.subtitle) == bool(words)
            assert ("ncertain" in head.subtitle, "ne site" in head.subtitle) == (
                "ncertain" in words,
                "ne site" in words,
            )


def test_projects_and_partners_of_a_cluster_are_those_of_its_page(edition):
    # Of clusters whose projects have room on the page, the one with most.
    counts = edition.tables["cluster_awards"].groupby("cluster_id")["projects"].sum()
    view = View(cluster=counts[counts <= 6].idxmax())
    words = written(drawn(edition, pages(edition, view)))
    rows = projects(edition, view, view.cluster)
    assert len(rows)
    for name in rows["name"]:
        assert squeezed(name) in words
    for organisation in partners(edition, rows["project_id"])["organisation"].head(3):
        assert squeezed(organisation) in words


def test_the_figures_of_a_place_are_those_of_the_comparison(told, edition):
    view = SUBJECTS["place"]
    words = told["place"]
    place = find_place(edition, "greater-manchester")
    found = compare(edition, view.plain(), [place], ("uk", "nation"))
    figures = cells(found)
    for measure in key_measures(found):
        row = squeezed("".join([measure.label, *(figures[measure.id, one.ref].text for one in found.all)]))
        assert row in words, measure.id
        assert squeezed(measure.definition) in words
    for passage in summary(found):
        assert squeezed(passage) in words
    assert squeezed(rank_words(edition, view, place, "per-head")) in words
    for part in (found.sums.places, found.sums.elsewhere, found.sums.awards):
        assert pounds(part) in words


def test_a_comparison_says_how_its_places_differ_and_add_up(told, edition):
    view = SUBJECTS["comparison"]
    words = told["comparison"]
    chosen = [find_place(edition, text) for text in view.place]
    found = compare(edition, view.plain(), chosen, view.against)
    for passage in summary(found):
        assert squeezed(passage) in words
    for place in chosen:
        assert squeezed(place.name) in words
    assert squeezed(reconciling_line(found)) in words
    assert squeezed(rank_words(edition, view, chosen[0], "per-head")) in words


def test_the_key_to_maps_side_by_side_names_each_sign_once(edition):
    view = View(place=("greater-manchester", "TLJ", "TLH", "Oxford", "Cardiff"), family="both")
    chosen = [find_place(edition, text) for text in view.place]
    found = compare(edition, view.plain(), chosen)
    entries = Maps(view, found).key.entries
    texts = [entry.text for entry in entries]
    assert len(set(texts)) == len(texts)
    labels = [text.rpartition(" (")[0] for text in texts if text.endswith(")")]
    assert labels
    assert len(set(labels)) == len(labels)


def test_places_that_overlap_are_said_to(edition):
    view = View(place=("greater-manchester", "E08000003"))
    words = written(drawn(edition, pages(edition, view)))
    assert squeezed("Manchester lies in Greater Manchester") in words


def test_filters_hold_and_are_said(told, edition):
    view = SUBJECTS["set"]
    assert squeezed(filters_line(edition, view)) in told["set"]
    place = find_place(edition, AREA)
    found = compare(edition, view.plain(), [place])
    assert squeezed(cells(found)["lq", place.ref].text) in told["set"]


def test_an_empty_place_says_why(edition):
    view = View(place=("S12000023",), sector=("agri-food",), year_from=2029, year_to=2030)
    words = written(drawn(edition, pages(edition, view)))
    assert squeezed("No project that has a part here passes these filters.") in words
    assert squeezed("No award is placed here under these filters.") in words
    assert "None is recorded for these projects." in words or squeezed("None is recorded") in words


def test_an_area_of_ones_own_has_a_brief(edition):
    ref = ref_of_area(area_from(box(-0.3, 52.0, 0.4, 52.4)), "Drawn $x$")
    [first, second] = drawn(edition, pages(edition, View(place=(ref,))))
    assert squeezed("Drawn $x$") in written([first])
    assert "estimate" in written([first, second])


def test_the_same_view_gives_the_same_bytes_in_another_process(briefs, edition):
    code = (
        "from hashlib import sha256; from edition.view import View; from snapshots.brief.brief import brief\n"
        "from edition.keeper import KEEPER\n"
        f"print(sha256(brief(KEEPER.wait(), View(cluster={CLUSTER!r}))).hexdigest())"
    )
    assert brief(edition, SUBJECTS["cluster"]) == briefs["cluster"]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == sha256(briefs["cluster"]).hexdigest()


@pytest.mark.parametrize(
    ("view", "quoted"),
    [
        (View(cluster="life-sciences--atlantis"), "'life-sciences--atlantis'"),
        (View(place=("Atlantis",)), "'Atlantis'"),
        (View(place=("greater-manchester", "E99999999")), "'E99999999'"),
    ],
)
def test_what_is_unknown_is_quoted(edition, view, quoted):
    with pytest.raises(NotFoundError, match=quoted):
        brief(edition, view)


def test_a_set_that_cannot_be_read_is_refused_as_such(edition):
    with pytest.raises(InputError):
        brief(edition, View(place=("set:nonsense",)))


def fits(made):
    plans = [planned(style(), *one) for one in made]
    assert len(plans) == 2
    for plan in plans:
        assert plan.spare >= -1e-6
    return plans


def test_every_cluster_fits_on_two_pages(edition):
    for cluster in edition.clusters["cluster_id"]:
        plans = fits(pages(edition, View(cluster=cluster)))
        assert plans[0].setting.scale >= 0.85, cluster


def test_the_country_and_every_itl1_region_fit_on_two_pages(edition):
    known = places(edition)
    for place in (known.country, *known.of_level("itl1")):
        plans = fits(pages(edition, View(place=(place.ref,))))
        assert min(plan.setting.scale for plan in plans) >= 0.8, place.name


def test_ten_places_fit_on_two_pages(edition):
    refs = tuple(place.ref for place in places(edition).of_level("itl3")[::14][:10])
    fits(pages(edition, View(place=refs)))


def test_clusters_of_a_register_with_hostile_names_have_briefs(own_edition):
    views = [View(cluster=str(one)) for one in own_edition.clusters["cluster_id"]]
    for view in views:
        fits(pages(own_edition, view))
    hostile = next(view for view in views if "img" in view.cluster or "window" in view.cluster)
    pdf = brief(own_edition, hostile)
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 2
    words = words_of(pdf)
    assert squeezed("register <b>.csv") in words
    assert squeezed('<img src=x onerror="window.hacked=1">') in words


def test_clusters_that_were_not_tested_say_so(density_edition):
    cluster = str(density_edition.clusters["cluster_id"].iloc[0])
    figures = drawn(density_edition, pages(density_edition, View(cluster=cluster)))
    assert squeezed("not tested") in written(figures)
    for text in texts_of(figures[0]) + texts_of(figures[1]):
        assert "nan" not in text.casefold().replace(",", " ").split(), text


# The composer: whatever the words, nothing leaves the page and nothing is dropped in silence.

TEXT = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60))


def extents(figure):
    figure.set_dpi(72)
    figure.canvas.draw()
    drawer = figure.canvas.get_renderer()
    return [text.get_window_extent(drawer) for text in figure.findobj(Text) if text.get_text().strip()]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    title=TEXT,
    lead=TEXT,
    rows=st.lists(st.tuples(TEXT, TEXT), max_size=60),
    texts=st.lists(TEXT, max_size=8),
)
def test_no_words_leave_the_page(title, lead, rows, texts):
    table = Table((Column("first", 1, bold=True), Column("second", 2)), tuple(rows), empty="No row.")
    bands = [
        Band(
            ((Section("A", Passages(tuple(texts), bullets=True, least_of=2)),), (Section(lead, table),)),
            (1, 2),
        ),
        Band(((Section("B", Numbers((Number(title[:40], lead, title), Number("1", "one")))),),)),
        Band(((Section("C", Bars((Bar("2020", 2.0, "2m", 1.0), Bar("2021", 0.5, "1m")))),),), at_foot=True),
    ]
    plan = planned(style(), Heading("kicker", "edition", title, lead, lead), bands)
    assert plan.spare >= -1e-6
    figure = page(style(), Heading("kicker", "edition", title, lead, lead), bands, (title, "1 of 2"))
    high = HEIGHT / 25.4 * 72
    for edges in extents(figure):
        assert edges.x0 >= -1
        assert edges.x1 <= WIDTH / 25.4 * 72 + 1
        assert edges.y0 >= 0
        assert edges.y1 <= high
    shown = plan.counts[0][1][0]
    if shown < len(rows):
        assert squeezed(f"and {len(rows) - shown} more") in written([figure])


@given(text=TEXT, room=st.floats(8, 180), most=st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_lines_fit_their_room_and_say_where_they_are_cut(text, room, most):
    letters = Letters(7.0, "#000000")
    lines = lines_of(text, letters, room, most)
    assert len(lines) <= most
    for line in lines:
        assert letters.width(line) <= room * POINTS_PER_MM + 0.01 or len(line) <= 2
        assert line.isprintable()
    kept = squeezed("".join(lines))
    if not kept.endswith("…") and "…" not in kept:
        assert kept == squeezed(letters.readable(text))


def test_a_table_takes_as_many_rows_as_there_is_room_for_and_counts_the_rest():
    rows = tuple((f"firm {number}", "x") for number in range(500))
    table = Table(
        (Column("firm", 1), Column("x", 1)),
        rows,
        rest=lambda number: f"and {number} more: in the table Firms",
    )
    bands = [Band(((Section("Firms", table),),))]
    plan = planned(style(), Heading("k", "e", "t"), bands)
    [[[shown]]] = plan.counts
    assert 40 < shown < 120
    assert plan.spare < 4
    text = written([page(style(), Heading("k", "e", "t"), bands, ("f", "1"))])
    assert squeezed(f"and {500 - shown} more: in the table Firms") in text
    assert squeezed(f"firm {shown - 1}x") in text
    assert squeezed(f"firm {shown}x") not in text


def test_an_empty_table_says_why_and_an_empty_key_takes_no_room():
    table = Table((Column("firm", 1),), (), empty="No firm passes the filters.")
    assert "Nofirmpassesthefilters." in written(
        [
            page(
                style(),
                Heading("k", "e", "t"),
                [Band(((Section("Firms", table), Section("", Key(()))),))],
                ("f", "1"),
            )
        ]
    )


def test_the_foot_is_kept_free():
    assert HEIGHT - FOOT < HEIGHT - 8


def test_marks_of_a_key_keep_off_the_words(edition):
    first, _ = drawn(edition, pages(edition, View(place=("S12000049",))))
    [axes] = [axes for axes in first.axes if "£100m to a site" in [text.get_text() for text in axes.texts]]
    [words] = [text for text in axes.texts if text.get_text() == "£100m to a site"]
    left, base = words.get_position()
    # A ring of £100m has a radius of eight points; it stands beside the words.
    [ring] = [
        one
        for one in axes.collections
        if len(one.get_offsets()) == 1
        and len(one.get_sizes())
        and one.get_sizes()[0] == pytest.approx(16.0**2)
        and abs(one.get_offsets()[0][1] - base) < 3
    ]
    assert ring.get_offsets()[0][0] + 8.0 / POINTS_PER_MM < left


def test_what_is_on_the_map_of_a_cluster_is_in_its_key(edition):
    """The map is higher than wide: what lies far up or down on it has its sign in the key too."""
    first, _ = drawn(edition, pages(edition, View(cluster=LARGEST)))
    assert "£10m to a site" in texts_of(first)
