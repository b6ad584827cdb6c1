"""Lines of text: they fit, no word is lost, and what no font can write is a box."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.textpath import text_to_path

from layers.mark import Entry, Legend, Look, Mark
from layers.style import style
from snapshots.picture.fonts import (
    BOX,
    CARRIED,
    FAMILIES,
    FAMILY,
    embedded,
    faces,
    letters_of,
    properties,
    readable,
)
from snapshots.picture.furniture import bearing, needs_north, round_length
from snapshots.picture.layout import Box
from snapshots.picture.legend import MOST_RANKED, draw_legend
from snapshots.picture.lettering import POINTS_PER_MM, Letters, fitted, wrapped

SMALL = Letters(6, "#000000")
LARGE = Letters(12, "#000000")
words = st.text(st.characters(codec="latin-1", categories=("L", "N", "P")), min_size=1, max_size=12)
STYLES = [{}, {"bold": True}, {"italic": True}]


@settings(max_examples=60)
@given(st.lists(words, max_size=30), st.floats(30, 200))
def test_lines_fit_and_keep_every_word(text, room):
    lines = wrapped(" ".join(text), SMALL, room)
    assert " ".join(lines).split() == " ".join(text).split()
    assert all(SMALL.width(line) <= room * POINTS_PER_MM * 1.01 for line in lines)


def test_a_word_that_is_too_long_is_cut():
    [line] = wrapped("x" * 500, SMALL, 50)
    assert line.endswith("…")
    assert SMALL.width(line) <= 50 * POINTS_PER_MM


def test_a_word_that_must_be_whole_goes_on_in_the_next_line():
    lines = wrapped(f"before {'x' * 500} after", SMALL, 50, whole=True)
    assert "".join(lines).count("x") == 500
    assert lines[0] == "before"
    assert lines[-1].endswith(" after")
    assert all(SMALL.width(line) <= 50 * POINTS_PER_MM for line in lines)


def test_the_largest_letters_that_fit_are_taken():
    assert fitted("short", [LARGE, SMALL], 100, 1) == (["short"], LARGE)
    text = "long " * 15
    assert fitted(text, [LARGE, SMALL], 70, 1)[1] == SMALL


def test_what_never_fits_is_cut_with_a_sign():
    lines, letters = fitted("word " * 200, [LARGE, SMALL], 60, 2)
    assert len(lines) == 2
    assert letters == SMALL
    assert lines[-1].endswith("…")


@pytest.mark.parametrize("style", STYLES, ids=str)
def test_letters_are_of_the_typeface_and_not_of_what_the_machine_has(style):
    first, second = faces(**style)
    assert "SourceSansPro" in first
    assert "DejaVuSans" in second
    assert properties(8.0, **style).get_family()[0] == FAMILY


def test_the_three_faces_are_different_files():
    assert len({faces(**style)[0] for style in STYLES}) == 3


@settings(max_examples=60)
@given(st.text(max_size=40), st.sampled_from(STYLES))
def test_any_text_can_be_written_on_one_line(text, style):
    shown = readable(text, **style)
    assert "\n" not in shown
    assert shown.isprintable() or not shown.strip()
    known = letters_of(faces(**style)[0]) | letters_of(faces(**style)[1])
    assert all(ord(letter) in known for letter in shown)
    # A letter without a glyph would warn, and warnings are faults here.
    text_to_path.get_text_path(properties(8.0, **style), shown)


def test_what_no_font_has_is_a_box_and_what_steers_other_letters_is_left_out():
    assert readable("漢字 Łódź\u202e\u200b £5m\n😀") == f"{BOX}{BOX} Łódź £5m {BOX}"
    assert readable("Ωмега") == "Ωмега"


def test_letters_of_the_fallback_are_measured_too():
    assert SMALL.width("ש" * 10) > SMALL.width("ש" * 5) * 1.9
    assert SMALL.width("漢") == SMALL.width(BOX)


def test_the_same_glyphs_are_embedded_whatever_the_order():
    used = [(properties(8.0), "Tyne"), (properties(9.0, bold=True), "Wear"), (properties(7.0), "משא")]
    css = embedded(used)
    assert css == embedded(used[::-1])
    assert css.count("@font-face") == 3
    # Not by the name of the whole font: a program that reads no embedded one would write every text in it.
    assert f"font-family:'{CARRIED}'" in css
    assert "'DejaVu Sans'" not in css
    assert FAMILIES.index(CARRIED) < FAMILIES.index("Arial") < FAMILIES.index("DejaVu Sans")
    assert "http" not in css


@pytest.mark.parametrize(("metres", "length"), [(180_000, 100_000), (4_999, 2_000), (50, 50), (999.9, 500)])
def test_scale_bars_are_round(metres, length):
    assert round_length(metres) == length


@pytest.mark.parametrize(
    ("middle", "degrees"), [((400_000, 300_000), 0.0), ((145_000, 945_000), 3.6), ((640_000, 310_000), -2.8)]
)
def test_the_arrow_points_to_true_north(middle, degrees):
    x, y = middle
    # Convergence of the grid: longitude from 2 degrees west times the sine of the latitude.
    assert bearing(Box(x - 5_000, y - 5_000, 10_000, 10_000)) == pytest.approx(degrees, abs=0.15)


def test_only_maps_of_a_part_need_an_arrow():
    assert needs_north(Box(500_000, 150_000, 60_000, 90_000))
    assert not needs_north(Box(0, 0, 300_000, 400_000))


def test_a_list_of_thousands_is_cut_to_what_a_page_holds():
    axes = Figure().add_axes((0, 0, 1, 1))
    long = Legend(
        "Clusters", (), "", "Strongest", tuple(Entry(f"place {number}") for number in range(20_000))
    )
    draw_legend(axes, Box(0, 0, 54, 100), [long], 1_000.0, style())
    written = [text.get_text() for text in axes.texts if text.get_text().startswith("place")]
    assert written == [f"place {number}" for number in range(len(written))]
    assert 10 < len(written) <= MOST_RANKED


def test_a_mark_of_a_list_is_no_larger_than_its_room():
    axes = Figure().add_axes((0, 0, 1, 1))
    entries = tuple(
        Entry(f"place {radius}", (Mark("circle", radius, Look("#000000")),)) for radius in (40, 4)
    )
    draw_legend(axes, Box(0, 0, 54, 100), [Legend("Sums", (), "", "Highest", entries)], 1_000.0, style())
    sizes = [float(size) for found in axes.collections for size in found.get_sizes()]
    assert max(sizes) < (2 * 15) ** 2
    assert min(sizes) == 64


@pytest.mark.parametrize("radius", [4, 18, 30])
def test_marks_of_a_key_keep_off_its_words_and_the_edge(radius):
    axes = Figure().add_axes((0, 0, 1, 1))
    entries = tuple(Entry(f"{size} firms", (Mark("circle", size, Look("#000000")),)) for size in (radius, 2))
    draw_legend(axes, Box(0, 0, 54, 100), [Legend("Firms", entries)], 1_000.0, style())
    [words] = {text.get_position()[0] for text in axes.texts if text.get_text().endswith(" firms")}
    [(x, _), *_] = axes.collections[0].get_offsets()
    assert x - radius / POINTS_PER_MM >= -0.01
    assert x + radius / POINTS_PER_MM < words


def test_a_list_goes_to_the_column_that_has_room_for_it():
    axes = Figure().add_axes((0, 0, 1, 1))
    full = Legend(
        "Regions",
        tuple(Entry(f"class {number}") for number in range(14)),
        "",
        "Highest",
        (Entry("Leeds"), Entry("York")),
    )
    draw_legend(axes, Box(0, 0, 116, 80), [full, Legend("Firms", (Entry("1 firm"),))], 1_000.0, style())
    places = {text.get_text(): text.get_position() for text in axes.texts}
    assert places["Highest"][0] == places["Firms"][0] > places["Regions"][0]
    assert places["Leeds"][1] < places["York"][1] < 80
