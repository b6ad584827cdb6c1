"""The figures of places as a table for readers: a row a measure, a column a place; marks are words."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any

import streamlit as st

from tables.comparison_cells import HIGHEST, LOWEST, cells, source_titles
from tables.comparison_files import names
from views import atlas, grid
from views.markdown import plain
from words.numbers import count, quotient

if TYPE_CHECKING:
    from regions.comparison import Comparison
    from regions.measures import Measure
    from regions.place import Place
    from tables.comparison_cells import Cell

CLASSES = {HIGHEST: "top", LOWEST: "low"}


def show(found: Comparison) -> None:
    """Show the table of figures, and what stands behind it."""
    st.subheader("Figures", anchor=False)
    # What scrolls under the first column has to be covered by it.
    st.html(table(found, str(st.get_option(f"theme.{atlas.theme()}.backgroundColor"))))


def table(found: Comparison, paper: str = "Canvas") -> str:
    """Return the table as HTML on paper of a colour (CSS); every text is escaped."""
    called = names(found)
    heads = "".join(_head(place, called[place.ref], place in found.places) for place in found.all)
    rows = [
        f"<tbody>{_group(group, len(found.all))}{''.join(_row(found, one) for one in measures)}</tbody>"
        for group, measures in groupby(found.measures, key=lambda measure: measure.group.heading)
    ]
    caption = (
        "Open a measure for its definition, unit and source. Highest and lowest are marked among the places "
        "chosen that have a figure; not where several share it, nor where it rests on few firms."
    )
    return (
        f'<div class="wide-table" style="--icm-paper: {escape(paper)}" tabindex="0" role="region" '
        'aria-label="Figures of the places">'
        f'<table class="compare"><caption><span>{escape(caption)}</span></caption>'
        f'<thead><tr><th scope="col">Measure</th>{heads}</tr></thead>{"".join(rows)}</table></div>'
    )


def _group(name: str, places: int) -> str:
    return f'<tr class="group"><th scope="rowgroup" colspan="{places + 1}">{escape(name)}</th></tr>'


def _head(place: Place, name: str, mine: bool) -> str:
    code = f" · {place.code}" if place.code else ""
    kind = f"{place.kind}{code}" if mine else f"held against · {place.kind}"
    side = "" if mine else ' class="against"'
    return f'<th scope="col"{side}>{escape(name)}<small>{escape(kind)}</small></th>'


def _row(found: Comparison, measure: Measure) -> str:
    figures = cells(found)
    parts = "".join(_cell(figures[measure.id, place.ref], place in found.places) for place in found.all)
    sources = "; ".join(source_titles(found, measure))
    meaning = f"{measure.definition} Unit: {measure.unit}. Source: {sources}."
    label = f"<details><summary>{escape(measure.label)}</summary><small>{escape(meaning)}</small></details>"
    return f'<tr><th scope="row">{label}</th>{parts}</tr>'


def _cell(cell: Cell, mine: bool) -> str:
    kinds = ("" if mine else "against", CLASSES.get(cell.mark, ""), "few" if cell.few else "")
    names_of = " ".join(filter(None, kinds))
    mark = f"<small>{escape(cell.mark)}</small>" if cell.mark else ""
    few = (
        f"<small>few: {escape(count(cell.rests_on or 0, 'firm'))}</small>"
        if cell.few and cell.rests_on
        else ""
    )
    return f'<td class="{names_of}">{escape(cell.text)}{mark}{few}</td>'


def specialisation(found: Comparison, kind: str) -> None:
    """Show the location quotients of a family of labels, with what each rests on."""
    rows = found.specialisation
    rows = rows[(rows["kind"] == kind) & (rows["firms"] > 0)]
    called = names(found)
    ordered = rows.sort_values("lq", ascending=False).itertuples(index=False)
    table_rows = [_quotient_row(row, called[str(row.ref)], kind) for row in ordered]
    if not table_rows:
        st.info(plain(f"No firm of the edition has a {kind} in these places."))
        return
    grid.show(table_rows, {"UK share": st.column_config.NumberColumn(format="percent")})


def _quotient_row(row: Any, place: str, kind: str) -> dict[str, Any]:
    return {
        "place": place,
        "code": row.ref,
        kind: row.title,
        "LQ (95% interval)": quotient(row.lq, row.low, row.high),
        "firms": row.firms,
        "of all": row.of,
        "UK share": row.uk_firms / row.uk_of,
        "few": "few" if row.small else "",
    }
