"""What leaves a page: tables, charts, a brief, everything; each file is made when asked for.

What the API has an address for is a link to it, which anyone may keep and ask again. What only this session
knows (a place of one's own, rows that were searched) is made on the click. How either goes is told at the
foot of the page (see `layers/static/page.js`).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from data.errors import InputError
from layers.base import API, FILTERS
from snapshots.formats import PICTURES
from tables.comparison_files import csv, file_name, workbook
from tables.file_names import MOST_LETTERS, PREFIX, slug
from tables.geojson import PLACES
from views.markdown import plain
from words.links import OF_SESSION, restorable, unlinked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import geopandas as gpd
    import pandas as pd

    from charts.files import Plate
    from edition.edition import Edition
    from edition.view import View
    from regions.comparison import Comparison
    from tables.page_table import Handout

CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GEOJSON = "application/geo+json"
PDF, ZIP = "application/pdf", "application/zip"
DOWN, IMAGE = ":material/download:", ":material/image:"
ROW_HELP = "A row for each measure of each place: codes, units, sources, what it is held against."
BOOK_HELP = "The same, with money by programme, sector and year, specialisation, clusters and assets."
CHARTS_HELP = "All charts in one picture, with title, filters and sources."
BRIEF_HELP = "Two pages: map, key figures, projects, caveats and sources."
BUNDLE_HELP = "Picture, tables and geometry, with a list of what is inside: sources, licences, versions."
# The brief and the bundle: label, path of the API, icon, hint.
WHOLE = (
    ("Brief (PDF)", "brief.pdf", ":material/article:", BRIEF_HELP),
    ("Everything (ZIP)", "bundle.zip", ":material/folder_zip:", BUNDLE_HELP),
)
# Letters of a part of the name of a file.
MOST_OF_PART = 40


# Tables


def table(table_id: str, view: View, key: str) -> None:
    """Offer a whole table of the API: CSV, Excel and, where it has places, GeoJSON."""
    query = view.url_of((*FILTERS, "level"))
    endings = {"CSV": "csv", "Excel": "xlsx", **({"GeoJSON": "geojson"} if table_id in PLACES else {})}
    with _row(key):
        for label, ending in endings.items():
            address = f"{API}/tables/{table_id}.{ending}?{query}{'&' if query else ''}download=true"
            st.link_button(label, address, icon=DOWN, type="tertiary", key=f"{key}-{ending}")


def rows(
    found: pd.DataFrame,
    handout: Handout,
    stem: tuple[str, ...],
    key: str,
    *,
    places: Callable[[], gpd.GeoDataFrame | None] | None = None,
    formats: Mapping[str, str] | None = None,
) -> None:
    """Offer rows that the page itself put together.

    Parameters
    ----------
    found
        The rows.
    handout
        What they are.
    stem
        Parts of the name of the file: what, of which place, by which measure.
    places
        Returns the rows with their places (EPSG:4326), where they have any.
    formats
        How the numbers of a column are shown in a workbook.
    """
    ways: list[tuple[str, str, str, Callable[[], bytes]]] = [
        ("CSV", "csv", CSV, partial(handout.csv, found)),
        ("Excel", "xlsx", XLSX, partial(handout.xlsx, found, formats)),
    ]
    if places is not None:
        ways.append(("GeoJSON", "geojson", GEOJSON, partial(_on_the_map, handout, places)))
    with _row(key):
        for label, ending, media, work in ways:
            name = called(handout.edition, *stem, ending=ending)
            _button(label, work, name, media, key=f"{key}-{ending}", icon=DOWN, type="tertiary")


def _on_the_map(handout: Handout, places: Callable[[], gpd.GeoDataFrame | None]) -> bytes:
    found = places()
    return b"" if found is None else handout.geojson(found)


def _row(key: str) -> Any:
    return st.container(
        horizontal=True,
        horizontal_alignment="right",
        vertical_alignment="center",
        gap="small",
        key=f"take-{key}",
    )


def called(edition: Edition, *parts: str, ending: str) -> str:
    """Return what a file is called: its parts, and the edition."""
    last = slug(edition.about.name, MOST_OF_PART)
    words = [PREFIX, *(slug(part, MOST_OF_PART) for part in parts)]
    stem = "-".join(filter(None, words))[: MOST_LETTERS - len(last) - len(ending) - 2].strip("-")
    return f"{stem}-{last}.{ending}"


def _button(label: str, work: Callable[[], bytes], name: str, media: str, **looks: Any) -> None:
    st.download_button(label, work, name, media, on_click="ignore", **looks)


# Charts


def chart(edition: Edition, plate: Callable[[], Plate], stem: tuple[str, ...], key: str) -> None:
    """Offer a chart as a picture of each format, with title, filters, sources and edition in it."""
    with _row(f"chart-{key}"):
        _pictures("Chart", partial(_printed, plate), lambda form: called(edition, *stem, ending=form), key)


def of_comparison(found: Comparison, view: View, name: str) -> None:
    """Offer a chart of a comparison as a picture of each format."""
    with _row(f"chart-{name}"):
        _pictures(
            "Chart", partial(_figure, found, view, name), lambda form: file_name(found, form, name), name
        )


def _pictures(
    label: str, work: Callable[[str], bytes], name: Callable[[str], str], key: str, **looks: Any
) -> None:
    looks = {"type": "tertiary", **looks}
    for form, media in PICTURES.items():
        said, drawn = f"{label} {form.upper()}", partial(work, form)
        _button(said, drawn, name(form), media, icon=IMAGE, key=f"picture-{key}-{form}", **looks)


def _printed(plate: Callable[[], Plate], form: str) -> bytes:
    # Its library takes a second to load, which no page should wait for.
    from charts.files import printed  # noqa: PLC0415

    return printed(plate(), form)


def _figure(found: Comparison, view: View, name: str, form: str) -> bytes:
    from charts.files import figure  # noqa: PLC0415

    return figure(found, view, name, form)


# The view of a page


def whole(view: View, key: str) -> None:
    """Offer the brief and the bundle of a view; both are links to the API."""
    query = view.url()
    more = "&" if query else ""
    for label, path, icon, hint in WHOLE:
        address = f"{API}/{path}?{query}{more}download=true"
        st.link_button(label, address, icon=icon, help=hint, key=f"{key}-{path}")


def _of_session(found: Comparison, view: View) -> None:
    """Offer the same of a comparison that no address holds: this session makes them."""
    refused = _refused(found, view)
    (brief, _, paper, hint), (bundle, _, box, more) = WHOLE
    name = partial(file_name, found)
    _button(brief, partial(_brief, found, view), name("pdf", "brief"), PDF, icon=paper, help=hint)
    work = partial(_bundle, found, view)
    _button(bundle, work, name("zip"), ZIP, icon=box, help=refused or more, disabled=bool(refused))


def _brief(found: Comparison, view: View) -> bytes:
    from snapshots.brief.brief import brief  # noqa: PLC0415 - its library takes a second to load

    return brief(found.edition, view, found.places)


def _bundle(found: Comparison, view: View) -> bytes:
    from snapshots.bundle.bundle import bundle  # noqa: PLC0415
    from snapshots.paper import Paper  # noqa: PLC0415

    return bundle(found.edition, view, Paper(), found.places)


def _refused(found: Comparison, view: View) -> str:
    """Say why a bundle cannot be made, if it cannot: a click could not say it."""
    from snapshots.bundle.bundle import check  # noqa: PLC0415

    try:
        check(found.edition, view)
    except InputError as fault:
        return plain(str(fault))
    return ""


def show(found: Comparison, view: View) -> None:
    """Offer the whole comparison."""
    lost = any(place.ref.startswith(OF_SESSION) for place in found.places)
    as_opened = view.model_copy(update={"at": type(view)().at})
    with st.container(horizontal=True, vertical_alignment="center", key="take-away"):
        if lost:
            _of_session(found, as_opened)
        else:
            whole(as_opened, "compare")
        for label, work, ending, media, hint in (
            ("CSV", csv, "csv", CSV, ROW_HELP),
            ("Excel", workbook, "xlsx", XLSX, BOOK_HELP),
        ):
            _button(label, partial(work, found, view), file_name(found, ending), media, icon=DOWN, help=hint)
        names = partial(file_name, found, what="charts")
        looks = {"type": "secondary", "help": CHARTS_HELP}
        _pictures("Figure", partial(_figure, found, view, "all"), names, "all", **looks)
        _link(found, view)


def _link(found: Comparison, view: View) -> None:
    with st.popover("Link", icon=":material/link:"):
        words = unlinked(found.places)
        if words:
            st.caption(plain(words))
        whole = "the other places" if words else "the comparison"
        st.caption(f"This address restores {whole}. Its part after the host:")
        st.code(f"/compare?{restorable(view).url()}", language=None, wrap_lines=True)
