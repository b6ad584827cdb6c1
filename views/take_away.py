"""What leaves a page: tables, charts, a brief, everything; each file is made when asked for.

What the API has an address for is a link to it, which anyone may keep and ask again. What only this session
knows (a place of one's own, rows that were searched) is made on the click. How either goes is told at the
foot of the page (see `layers/static/page.js`).
"""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import streamlit as st

from data.formats import BRIEF, BUNDLE, for_tables, grouped, offered
from layers.base import API, FILTERS
from snapshots.formats import refused, snapshot
from tables.comparison_files import file_name
from tables.comparison_files import written as compared
from tables.documents import written
from tables.file_names import MOST_LETTERS, PREFIX, slug
from tables.geojson import PLACES
from tables.page_table import Handed
from views.markdown import plain
from words.links import OF_SESSION, restorable, unlinked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import geopandas as gpd
    import pandas as pd

    from charts.files import Plate
    from data.formats import Format
    from edition.edition import Edition
    from edition.view import View
    from regions.comparison import Comparison
    from tables.page_table import Handout

DOWN, IMAGE = ":material/download:", ":material/image:"
# Of groups of formats of a view.
ICONS = {BRIEF.id: ":material/article:", BUNDLE.id: ":material/folder_zip:"}
# Of a comparison, by format.
HINTS = {
    "csv": "A row for each measure of each place: codes, units, sources, what it is held against.",
    "xlsx": "The same, with money by programme, sector and year, specialisation, clusters and assets.",
}
CHARTS_HELP = "All charts in one picture, with title, filters and sources."
# Letters of a part of the name of a file.
MOST_OF_PART = 40


# Tables


def _of_tables(*, placed: bool) -> list[Format]:
    """Return the formats of a table, those that need places last."""
    return sorted(for_tables("page", placed=placed), key=attrgetter("placed"))


def table(table_id: str, view: View, key: str) -> None:
    """Offer a whole table of the API, in each format that it has."""
    query = view.url_of((*FILTERS, "level"))
    with _row(key):
        for form in _of_tables(placed=table_id in PLACES):
            address = f"{API}/tables/{table_id}.{form.ending}?{query}{'&' if query else ''}download=true"
            name = f"{key}-{form.ending}"
            st.link_button(form.on_button, address, icon=DOWN, type="tertiary", key=name)


def listing(path: str, key: str) -> None:
    """Offer a whole list of the API, in each format that it has."""
    with _row(key):
        for form in _of_tables(placed=False):
            address = f"{API}/{path}.{form.ending}?download=true"
            st.link_button(form.on_button, address, icon=DOWN, type="tertiary", key=f"{key}-{form.ending}")


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
    document = Handed(handout, found, places, formats or {})
    with _row(key):
        for form in _of_tables(placed=places is not None):
            name, work = called(handout.edition, *stem, ending=form.ending), partial(written, document, form)
            _button(form, work, name, key=f"{key}-{form.ending}", icon=DOWN, type="tertiary")


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


def _button(form: Format, work: Callable[[], bytes], name: str, *, label: str = "", **looks: Any) -> None:
    st.download_button(label or form.on_button, work, name, form.kind, on_click="ignore", **looks)


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
    for form in offered("charts", "page"):
        said, drawn = f"{label} {form.on_button}", partial(work, form.id)
        key_of_form = f"picture-{key}-{form.ending}"
        _button(form, drawn, name(form.ending), label=said, icon=IMAGE, key=key_of_form, **looks)


def _printed(plate: Callable[[], Plate], form: str) -> bytes:
    # Its library takes a second to load, which no page should wait for.
    from charts.files import printed  # noqa: PLC0415

    return printed(plate(), form)


def _figure(found: Comparison, view: View, name: str, form: str) -> bytes:
    from charts.files import figure  # noqa: PLC0415

    return figure(found, view, name, form)


# The view of a page


def _whole() -> list[Format]:
    """Return the formats of a view that pages offer: first what is on their subject."""
    found = [form for forms in grouped("page").values() for form in forms]
    return sorted(found, key=lambda form: not form.of_view.subject)


def _looks(form: Format) -> dict[str, Any]:
    group = form.of_view
    return {"icon": ICONS.get(group.id, DOWN), "help": group.help or form.hint}


def whole(view: View, key: str) -> None:
    """Offer the files of a view, such as its brief; they are links to the API."""
    query = view.url()
    more = "&" if query else ""
    for form in _whole():
        address = f"{API}{form.path}?{query}{more}download=true"
        name = f"{key}-{form.path.removeprefix('/')}"
        st.link_button(_in_full(form), address, key=name, **_looks(form))


def _in_full(form: Format) -> str:
    return f"{form.of_view.title} ({form.name})"


def _of_session(found: Comparison, view: View) -> None:
    """Offer the same of a comparison that no address holds: this session makes them."""
    for form in _whole():
        # A click could not say why there is no file.
        why, looks = plain(refused(found.edition, view, form.id)), _looks(form)
        name = file_name(found, form.ending, *([form.of_view.id] if form.of_view.subject else []))
        looks = {**looks, "help": why or looks["help"], "disabled": bool(why)}
        work = partial(snapshot, found.edition, view, form.id, known=found.places)
        _button(form, work, name, label=_in_full(form), **looks)


def show(found: Comparison, view: View) -> None:
    """Offer the whole comparison."""
    lost = any(place.ref.startswith(OF_SESSION) for place in found.places)
    as_opened = view.model_copy(update={"at": type(view)().at})
    with st.container(horizontal=True, vertical_alignment="center", key="take-away"):
        if lost:
            _of_session(found, as_opened)
        else:
            whole(as_opened, "compare")
        for form in _of_tables(placed=False):
            name, hint = file_name(found, form.ending), HINTS.get(form.id, form.hint)
            _button(form, partial(compared, found, view, form), name, icon=DOWN, help=hint)
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
