"""What lies behind the figures of a comparison, as tables: money by what it is for, clusters, assets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from tables.comparison_files import SHEETS, tables
from tables.page_table import Handout
from views import grid, take_away
from words.numbers import listed

if TYPE_CHECKING:
    from edition.view import View
    from regions.comparison import Comparison

KEY = "behind"
HIDDEN = ("ref", "role", "cluster_id", "edition")
POUNDS = {"public_gbp": "public money", "private_gbp": "private money named"}


def show(found: Comparison, view: View) -> None:
    """Show one table at a time, folded away until it is wanted."""
    box = st.expander(
        "Behind the figures: money by programme, sector and year, specialisation, clusters, research assets",
        icon=":material/table_rows:",
        key="behind-box",
        on_change="rerun",
    )
    if not box.open:
        return
    with box:
        if st.session_state.get(KEY) not in SHEETS:
            st.session_state[KEY] = next(iter(SHEETS))
        st.segmented_control(
            "Table", list(SHEETS), key=KEY, format_func=SHEETS.__getitem__, required=True,
            label_visibility="collapsed",
        )  # fmt: skip
        _table(found, view, st.session_state[KEY])


def _table(found: Comparison, view: View, name: str) -> None:
    rows = tables(found)[name]
    if rows.empty:
        st.info("Nothing of this kind in these places under the filters.")
        return
    shown = rows.drop(columns=[name for name in HIDDEN if name in rows])
    note, ways = st.columns([3, 2], vertical_alignment="center")
    note.caption("The workbook (Excel, above) has all of these tables.")
    with ways:
        handout = Handout(found.edition, view, f"{SHEETS[name]}: {who(found)}", path="/compare")
        take_away.rows(rows, handout, (SHEETS[name], *called(found)), f"behind-{name}")
    grid.show(shown, _columns())


def who(found: Comparison) -> str:
    """Return the places of a comparison in words."""
    return listed([place.name for place in found.places])


def called(found: Comparison) -> tuple[str, ...]:
    """Return the places of a comparison for the name of a file: the first, and how many more."""
    first, *others = [place.name for place in found.places]
    return (first, *([f"and {len(others)} more"] if others else []))


def _columns() -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        **{name: number(label, format="£%,.0f") for name, label in POUNDS.items()},
        **{name: number(name.replace("_", " "), format="percent") for name in ("share", "uk_share")},
        "lq": number("LQ", format="%.2f"),
        "lq_low": number("LQ low", format="%.2f", help="Lower end of the 95% interval."),
        "lq_high": number("LQ high", format="%.2f", help="Upper end of the 95% interval."),
        "of": number("of all firms"),
        "expected": number("expected", format="%.1f"),
        "small": "few",
        "sector_or_technology": "sector or technology",
    }
