"""Files of a page: PNG, SVG and PDF; nothing in them depends on the time, the machine or the process."""

from __future__ import annotations

import io
import re
from html import escape, unescape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.text import Text
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from data.formats import PICTURE, made, offered
from snapshots.picture.fonts import FALLBACK, FAMILIES, FAMILY, STRONG, embedded
from snapshots.picture.lettering import Letters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from matplotlib.figure import Figure

# Letters as their outlines are, so that lines break alike at any resolution; text as text; the same ids
# always; fonts whose letters can be searched and copied.
SETTINGS: Mapping[Any, Any] = MappingProxyType(
    {
        "text.hinting": "none",
        "svg.fonttype": "none",
        "svg.hashsalt": "innovation-clusters-map",
        "pdf.fonttype": 42,
        "pdf.compression": 6,
    }
)
# Higher levels take three times as long for a twentieth less.
COMPRESSION = 3
# Dots per inch of what is drawn in dots within SVG and PDF: layers of very many marks.
DOTS = 300
KEYWORDS = "innovation clusters, United Kingdom, map, public funding, research and development"
HEAD = re.compile(r"^.*?<svg\b(?P<attributes>[^>]*)>", re.DOTALL)
METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
FAMILY_LIST = re.compile(rf"'{FAMILY}', '{FALLBACK}'")
PATH = re.compile(r' d="([^"]*)"')
# Of a point (a third of a millimetre), a hundredth: nobody sees more, and the file is half as large.
FINER = re.compile(r"(\.\d\d)\d+")
# The beginning of a text and, beyond it, its words; how large it is (points).
TEXT = re.compile(r'(?P<head><text style="(?P<style>[^"]*)"[^>]*)>(?=(?P<words>[^<]+)<)')
SIZE = re.compile(r"font-size: ([\d.]+)px")
# Characters that XML cannot hold.
NO_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def png(figure: Figure, dpi: int, metadata: Mapping[str, str]) -> bytes:
    """Return a page as PNG of so many dots an inch."""
    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    with mpl.rc_context(dict(SETTINGS)):
        canvas.draw()  # type: ignore[no-untyped-call]
    # A page has no transparent part: three channels are enough, and a quarter less to pack.
    dots = Image.fromarray(np.asarray(canvas.buffer_rgba())[:, :, :3])  # type: ignore[no-untyped-call]
    told = PngInfo()
    for name, text in metadata.items():
        told.add_itxt(name, text) if not text.isascii() else told.add_text(name, text)
    out = io.BytesIO()
    dots.save(out, "png", dpi=(dpi, dpi), pnginfo=told, compress_level=COMPRESSION)
    return out.getvalue()


def pdf(figure: Figure, _dpi: int, metadata: Mapping[str, str]) -> bytes:
    """Return a page as PDF: lines and letters, their fonts inside."""
    told = {
        "Title": metadata["Title"],
        "Author": metadata["Software"],
        "Subject": f"{metadata['Description']} {metadata['Copyright']}",
        "Keywords": f"{KEYWORDS}; {metadata['Source']}",
        "Creator": metadata["Software"],
        "CreationDate": None,
    }
    out = io.BytesIO()
    figure.set_dpi(DOTS)
    with mpl.rc_context(dict(SETTINGS)):
        FigureCanvasPdf(figure).print_pdf(out, metadata=told)  # type: ignore[no-untyped-call]
    return out.getvalue()


def svg(figure: Figure, _dpi: int, metadata: Mapping[str, str]) -> bytes:
    """Return a page as SVG: text as text, with the glyphs it needs, and a description for screen readers."""
    out = io.StringIO()
    figure.set_dpi(DOTS)
    with mpl.rc_context(dict(SETTINGS)):
        FigureCanvasSVG(figure).print_svg(out, metadata={"Date": None})  # type: ignore[no-untyped-call]
    # Matplotlib names a document type and vocabularies elsewhere, which a viewer might look for.
    text = METADATA.sub("", out.getvalue(), count=1)
    text = PATH.sub(_short, FAMILY_LIST.sub(FAMILIES, TEXT.sub(_measured, text)))
    return HEAD.sub(lambda head: _opened(head["attributes"], figure, metadata), text, count=1).encode()


def _short(path: re.Match[str]) -> str:
    lines = FINER.sub(r"\1", path[1]).replace(" \n", "")
    return f' d="{lines.rstrip()}"'


def _measured(text: re.Match[str]) -> str:
    """Say how long a text is: a program that writes it in another font then makes it no longer."""
    style, words = text["style"], unescape(text["words"])
    size = SIZE.search(style)
    bold = f"font-weight: {STRONG}" in style
    letters = Letters(float(size[1]) if size else 0.0, "", bold=bold, italic="font-style: italic" in style)
    return f'{text["head"]} textLength="{letters.width(words):.2f}" lengthAdjust="spacingAndGlyphs">'


def _opened(attributes: str, figure: Figure, metadata: Mapping[str, str]) -> str:
    """Return the beginning of an SVG that says what it is."""
    told = {name: escape(NO_XML.sub("", text)) for name, text in metadata.items()}
    written = [
        (text.get_fontproperties(), text.get_text()) for text in figure.findobj(Text) if text.get_text()
    ]
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<svg{attributes} role="img" aria-labelledby="title" aria-describedby="description">\n'
        f' <title id="title">{told["Title"]}</title>\n'
        f' <desc id="description">{told["Description"]} {told["Copyright"]} {told["Source"]}</desc>\n'
        f" <style>{embedded(written)}</style>"
    )


WRITERS: Mapping[str, Callable[[Figure, int, Mapping[str, str]], bytes]] = made(
    {"png": png, "svg": svg, "pdf": pdf},
    [form.id for form in offered("views") if form.group == PICTURE],
    "WRITERS of snapshots/picture/writers.py",
)
