"""Files of pictures: same view, same bytes; they describe themselves, and look as they did."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pypdf
import pytest
from PIL import Image

from data.errors import InputError
from edition.view import View
from layers.mark import Look, Mark, Name
from layers.registry import credit
from layers.sheet import MOST_LINES, Sheet
from layers.style import style
from regions.figures import clusters_in
from snapshots.paper import SIZES, Paper
from snapshots.picture import caption as words
from snapshots.picture.caption import alt_text, caption
from snapshots.picture.layout import Box, Layout
from snapshots.picture.picture import figure, picture
from snapshots.picture.place_names import write_names
from snapshots.picture.writers import WRITERS, pdf, svg
from tests.snapshots.picture.drawn_pages import (
    DIFFERENT,
    HOSTILE,
    HREF,
    MOST_DIFFERENT,
    REFERENCE_DPI,
    REFERENCES,
    REWRITE,
    SVG,
    axes_of,
    words_of,
)
from words.sentence import sentence


@pytest.fixture(scope="module")
def files(edition, pages):
    """The view that the map opens with, in each form."""
    told = words.metadata(edition, View())
    return {form: write(pages("as it opens", "a4"), 60, told) for form, write in WRITERS.items()}


def test_the_same_view_gives_the_same_bytes_in_another_process_too(edition, files):
    code = """
import hashlib
from edition.view import View
from edition.keeper import KEEPER
from snapshots.paper import Paper
from snapshots.picture.picture import picture
edition = KEEPER.wait()
for form in ("png", "svg", "pdf"):
    print(form, hashlib.sha256(picture(edition, View(), form, Paper("a4", 60))).hexdigest())
"""
    asked = {**os.environ, "PYTHONHASHSEED": "7"}
    told = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=asked, cwd=Path.cwd()
    ).stdout
    again = dict(line.split() for line in told.splitlines())
    assert again == {form: hashlib.sha256(file).hexdigest() for form, file in files.items()}
    # Drawn once before in this process: a second time changes nothing either.
    assert picture(edition, View(), "png", Paper("a4", 60)) == files["png"]


@pytest.mark.parametrize(
    ("size", "pixels"),
    [("a4", (827, 1169)), ("a4-landscape", (1169, 827)), ("a3", (1169, 1654)), ("slide", (1333, 750))],
)
def test_pixels_are_those_of_the_page(edition, size, pixels):
    image = Image.open(io.BytesIO(picture(edition, View(show=("none",)), paper=Paper(size, 100))))
    assert image.size == pytest.approx(pixels, abs=1)
    assert image.info["dpi"] == pytest.approx((100, 100), abs=0.1)


def test_the_file_describes_itself(edition):
    view = View(sector=("life-sciences",))
    info = Image.open(io.BytesIO(picture(edition, view, paper=Paper("a4", 50)))).text
    assert info["Title"] == sentence(edition, view)
    assert info["Description"] == alt_text(edition, view)
    assert info["Source"].endswith("?sector=life-sciences")
    assert "Creation Time" not in info


def test_the_pdf_can_be_searched_and_carries_its_fonts(edition, files):
    read = pypdf.PdfReader(io.BytesIO(files["pdf"]))
    [page] = read.pages
    said = " ".join(page.extract_text().split())
    assert sentence(edition, View()).split(";")[0] in said
    for paragraph in (*caption(edition, View()), *words.subtitle(edition, View()).split(". ")):
        for word in paragraph.split():
            assert word in said, word
    # Names on the map are text, not outlines.
    assert all(place in said for place in clusters_in(edition, View())["place"].head(5))
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    assert len(fonts) >= 3
    for font in fonts:
        kept = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        assert "/FontFile2" in kept["/FontDescriptor"].get_object(), font["/BaseFont"]
        assert "/ToUnicode" in font
    assert all("SourceSans" in str(font["/BaseFont"]) for font in fonts)
    assert read.metadata.title == sentence(edition, View())
    assert alt_text(edition, View()) in read.metadata.subject
    assert "innovation clusters" in read.metadata["/Keywords"]
    assert "/CreationDate" not in read.metadata
    wide, high = page.mediabox.width, page.mediabox.height
    assert (float(wide), float(high)) == pytest.approx((210 / 25.4 * 72, 297 / 25.4 * 72), abs=0.01)


def test_the_svg_holds_text_and_its_letters_and_asks_nobody(edition, files):
    text = files["svg"].decode()
    root = ET.fromstring(text)
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == sentence(edition, View())
    assert alt_text(edition, View()) in root.find(f"{SVG}desc").text
    said = " ".join("".join(one.itertext()) for one in root.iter(f"{SVG}text"))
    assert all(place in said for place in clusters_in(edition, View())["place"].head(5))
    assert "Contains OS data" in said
    assert all(word in said for word in sentence(edition, View()).split())
    assert text.count("@font-face") == 3
    # A program that knows no embedded fonts writes in another, and must not run over the edge for that.
    lines = list(root.iter(f"{SVG}text"))
    assert lines
    for one in lines:
        assert one.get("lengthAdjust") == "spacingAndGlyphs"
        assert float(one.get("textLength")) > 0
        if "text-anchor: start" in one.get("style"):
            assert float(one.get("x")) + float(one.get("textLength")) < 210 / 25.4 * 72 - 28, one.text
    assert not list(root.iter(f"{SVG}script"))
    assert "<!DOCTYPE" not in text
    targets = [one.get(HREF) or one.get("href") for one in root.iter() if one.get(HREF) or one.get("href")]
    assert all(target.startswith(("#", "data:")) for target in targets)
    assert all(url.startswith(("#", "data:")) for url in re.findall(r"url\(([^)]*)\)", text))
    assert len(files["svg"]) < 3e6


def test_very_many_marks_become_dots_within_the_file(edition):
    page, sheet = empty_page()
    count = MOST_LINES + 1
    lon, lat = np.linspace(-4, 0, count), np.linspace(50, 54, count)
    sheet.marks(
        lon, lat, [Mark("circle", 1.0 + number / count, Look("#000000")) for number in range(count)], 3
    )
    told = dict.fromkeys(("Title", "Description", "Copyright", "Source", "Software"), "many")
    drawn = svg(page, 100, told)
    assert drawn.count(b"<image") == 1
    assert len(drawn) < 4e5
    assert len(pdf(page, 100, told)) < 4e5


def empty_page():
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    page = Figure(figsize=(4, 6))
    FigureCanvasAgg(page)
    return page, Sheet(page.add_axes((0, 0, 1, 1), xlim=(0, 7e5), ylim=(0, 1.05e6), autoscale_on=False))


def test_a_form_and_a_resolution_that_cannot_be_are_refused(edition):
    with pytest.raises(InputError, match="'gif' is no form of a picture"):
        picture(edition, View(), "gif")
    for dpi in (0, 49, 601, 10**9):
        with pytest.raises(InputError, match=f"dpi {dpi} cannot be used"):
            Paper("a4", dpi)


# --- Hostile names


def test_hostile_names_are_drawn_as_they_are_or_as_boxes():
    page, sheet = empty_page()
    for number, name in enumerate(HOSTILE):
        lines = (name, name)
        sheet.names.append(Name(lines, -3.0, 51.0 + number / 2, 3.0, 10 - number, "#000000", strong=True))
        sheet.names.append(Name((name * 2,), -1.0, 51.2 + number / 2, 3.0, 1, "#000000"))
    box = Box(0, 0, 4 * 25.4, 6 * 25.4)
    write_names(sheet, box, style(), "flag")
    told = dict.fromkeys(("Title", "Description", "Copyright", "Source", "Software"), HOSTILE[0] + HOSTILE[4])
    drawn = {form: write(page, 50, told) for form, write in WRITERS.items()}
    root = ET.fromstring(drawn["svg"])
    assert not list(root.iter(f"{SVG}script"))
    said = ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]
    assert HOSTILE[0] in said
    assert "□□ cluster" in said
    assert "right to left" in said
    assert HOSTILE[1] in said


@pytest.mark.parametrize("size", ["a4", "slide"])
def test_endless_names_leave_room_for_the_map_and_for_what_is_owed(edition, monkeypatch, size):
    from snapshots.picture import page

    monkeypatch.setattr(page, "title", lambda *_: "An endless name of a cluster " * 100)
    monkeypatch.setattr(page, "subtitle", lambda *_: "filter " * 2_000)
    view = View(show=("clusters",))
    made = figure(edition, view, size)
    said = words_of(made)
    assert "…" in said
    assert credit(view) in said
    [shown] = axes_of(made, "map")
    assert shown.get_position().height > 0.25
    assert all(axes.get_position().y1 <= 1 + 1e-9 for axes in made.axes)


def test_a_layout_knows_its_shares():
    box = Box(10, 20, 30, 40)
    assert Layout(100, 200, box, box, box, box).share(box) == (0.1, 0.1, 0.3, 0.2)


# --- References

COMPARED = [
    *(("as it opens", size) for size in SIZES),
    *((name, "a4") for name in ("totals", "near", "cluster", "nothing passes")),
    *((name, "a4") for name in ("place", "side by side", "far apart", "outlined")),
    ("side by side", "slide"),
    ("hostile", "a4-landscape"),
]


@pytest.mark.parametrize(("name", "size"), COMPARED, ids=" ".join)
def test_pictures_look_as_they_did(edition, own_edition, pages, name, size):
    told = words.metadata(edition, View())
    drawn = WRITERS["png"](pages(name, size), REFERENCE_DPI, told)
    file = REFERENCES / f"{name.replace(' ', '-')}-{size}.png"
    if os.environ.get(REWRITE):
        file.write_bytes(drawn)
    now, then = (np.asarray(Image.open(io.BytesIO(one)), dtype=int) for one in (drawn, file.read_bytes()))
    assert now.shape == then.shape
    different = (np.abs(now - then).max(axis=2) > DIFFERENT).mean()
    assert different <= MOST_DIFFERENT, f"{different:.1%} of the dots of {file.name} differ"
