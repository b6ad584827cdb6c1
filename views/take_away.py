"""What leaves the page: the comparison as CSV, workbook, figure or link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from layers.comparison import csv, file_name, workbook
from layers.view import View
from views.places import OF_SESSION

if TYPE_CHECKING:
    from regions.comparison import Comparison

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show(found: Comparison, view: View) -> None:
    """Offer what can be taken away; each file is made when it is asked for."""
    row = st.container(horizontal=True, vertical_alignment="center", key="take-away")
    row.download_button(
        "CSV", lambda: csv(found, view), file_name(found, "csv"), "text/csv", icon=":material/download:",
        on_click="ignore", help="A row for each measure of each place: codes, units, sources, what it is held against.",
    )  # fmt: skip
    row.download_button(
        "Excel", lambda: workbook(found, view), file_name(found, "xlsx"), XLSX, icon=":material/table_view:",
        on_click="ignore", help="The same with money by programme, sector and year, specialisation, clusters, assets.",
    )  # fmt: skip
    for form, help_words in (("png", "All charts in one picture, for print."), ("svg", "The same to be edited.")):
        row.download_button(
            f"Figure {form.upper()}", lambda form=form: _figure(found, view, form), file_name(found, form, "charts"),
            {"png": "image/png", "svg": "image/svg+xml"}[form], icon=":material/bar_chart:", on_click="ignore",
            help=help_words, key=f"figure-{form}",
        )  # fmt: skip
    _link(found, view)


def _figure(found: Comparison, view: View, form: str) -> bytes:
    # Its library takes a second to load, which no page should wait for.
    from snapshots.figure import figure  # noqa: PLC0415

    return figure(found, view, "all", form)


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
