"""What leaves the page: a comparison as CSV, workbook, figure or link; each file is made when asked for."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import streamlit as st

from layers.comparison import csv, file_name, workbook
from layers.panels import OF_SESSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layers.view import View
    from regions.comparison import Comparison

CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PICTURES: Mapping[str, str] = MappingProxyType({"png": "image/png", "svg": "image/svg+xml"})
ROW_HELP = "A row for each measure of each place: codes, units, sources, what it is held against."
BOOK_HELP = "The same, with money by programme, sector and year, specialisation, clusters and assets."
CHARTS_HELP = "All charts in one picture, with title, filters and sources."


def show(found: Comparison, view: View) -> None:
    """Offer the whole comparison."""
    row = st.container(horizontal=True, vertical_alignment="center", key="take-away")
    for label, work, ending, media, hint in (
        ("CSV", csv, "csv", CSV, ROW_HELP),
        ("Excel", workbook, "xlsx", XLSX, BOOK_HELP),
    ):
        row.download_button(
            label,
            partial(work, found, view),
            file_name(found, ending),
            media,
            icon=":material/download:",
            on_click="ignore",
            help=hint,
        )
    pictures(row, found, view, "all", "Figure")
    with row:
        _link(found, view)


def pictures(row: Any, found: Comparison, view: View, chart: str, label: str) -> None:
    """Offer a chart, or all of them, as a picture of each format, with title and sources in it."""
    for form, media in PICTURES.items():
        row.download_button(
            f"{label} {form.upper()}",
            partial(_figure, found, view, chart, form),
            file_name(found, form, "charts" if chart == "all" else chart),
            media,
            icon=":material/image:",
            type="secondary" if chart == "all" else "tertiary",
            on_click="ignore",
            help=CHARTS_HELP if chart == "all" else None,
            key=f"picture-{chart}-{form}",
        )


def _figure(found: Comparison, view: View, chart: str, form: Any) -> bytes:
    # Its library takes a second to load, which no page should wait for.
    from snapshots.figure import figure  # noqa: PLC0415

    return figure(found, view, chart, form)


def _link(found: Comparison, view: View) -> None:
    lost = [place.name for place in found.places if place.ref.startswith(OF_SESSION)]
    with st.popover("Link", icon=":material/link:"):
        if lost:
            st.caption(
                f"{', '.join(lost)}: the outline is too large for a link, so only this session knows it. "
                "Upload the file again to restore it."
            )
        st.caption("The address of this page restores the comparison. Its part after the host:")
        st.code(f"/compare?{view.url()}", language=None, wrap_lines=True)
