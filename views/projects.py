"""Projects as a table to choose from, and all that is known of the one chosen."""

from __future__ import annotations

from hashlib import blake2b
from html import escape
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import streamlit as st

from profiles.programmes import contested
from profiles.projects import links, project_facts, unlinked
from views import grid
from views.markdown import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from edition.edition import Edition
    from edition.view import View

# Pixels of a row, at most.
ROW = 35
MOST_HEIGHT = 460
# Pixels of a column of names: on a phone an amount has to be seen whole beside it.
NAME_WIDTH = 220
# Characters of an address that are shown; the link has them all.
SHOWN_ADDRESS = 70
UNKNOWN = "\N{EN DASH}"
NESTED = "↳ "


def key_of(name: str, ids: Iterable[str]) -> str:
    """Return a key for a table of these rows: a choice is of a row, so other rows are another table."""
    return f"{name}-{blake2b(chr(10).join(ids).encode(), digest_size=6).hexdigest()}"


def height_of(rows: pd.DataFrame, most: int = MOST_HEIGHT) -> int | Literal["content"]:
    """Return the height of a table: what it needs, up to a limit in pixels."""
    return "content" if ROW * (1 + len(rows)) <= most else most


def table(rows: pd.DataFrame, *, of_one: bool = False) -> str:
    """Show rows of `project_rows` and return the id of the one chosen, or "".

    Parameters
    ----------
    rows : DataFrame
        At least one row.
    of_one : bool
        Whether all are of one programme, whose name then needs no column.
    """
    named = rows.assign(
        counted_gbp=rows["counted_gbp"].where(rows["award_gbp"].notna()),
        name=[NESTED * depth + name for depth, name in zip(rows["depth"], rows["name"], strict=True)],
    )
    columns = [
        "name",
        "award",
        "counted_gbp",
        "reason",
        "private_gbp",
        "programme",
        "lead",
        "place",
        "year",
        "sector",
        "project_id",
    ]
    if of_one:
        columns.remove("programme")
    event: Any = grid.show(
        named[columns],
        _columns(),
        key=key_of("projects", rows["project_id"]),
        height=height_of(rows),
        on_select="rerun",
        selection_mode="single-row",
        placeholder=UNKNOWN,
    )
    chosen = event.selection.rows
    return str(rows["project_id"].iloc[chosen[0]]) if chosen and chosen[0] < len(rows) else ""


def _columns() -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        "name": st.column_config.TextColumn("project", width=NAME_WIDTH),
        "award": "award",
        "counted_gbp": number(
            "counted", format="£%,.0f", help="What the sums take of it; nested money once."
        ),
        "reason": st.column_config.TextColumn("why not all, or how", width="medium"),
        "private_gbp": number("private beside it", format="£%,.0f"),
        "programme": st.column_config.TextColumn("programme", width="medium"),
        "lead": "lead",
        "place": "place as announced",
        "year": number("year", format="%d"),
        "project_id": "id",
    }


def details(edition: Edition, view: View, project_id: str) -> None:
    """Show all that is known of a project, figures on which sources differ, and its sources."""
    raw = edition.tables["projects"].set_index("project_id").loc[project_id]
    with st.container(border=True, key="project-details"):
        st.html(f"<h3>{escape(str(raw['name']))}</h3>")
        facts(project_facts(edition, view, project_id))
        figures = contested(edition, str(raw["programme_id"]))
        own = figures[figures["project_id"] == project_id]
        if len(own):
            st.html("<p><b>Sources differ</b></p>")
        differing(own, of_one=True)
        sources(str(raw["source_urls"]))


def facts(rows: list[tuple[str, str]]) -> None:
    """Show terms and what they are."""
    body = "".join(f"<dt>{escape(what)}</dt><dd>{escape(value)}</dd>" for what, value in rows)
    st.html(f'<dl class="terms">{body}</dl>')


def differing(figures: pd.DataFrame, *, of_one: bool = False) -> None:
    """Show figures on which sources differ, each with its source and whether it is used.

    Parameters
    ----------
    figures : DataFrame
        As `profiles.programmes.contested` returns.
    of_one : bool
        Whether all are of one project, whose name then needs no column.
    """
    if figures.empty:
        return
    shown = figures.assign(used=figures["used"].map({True: "used here", False: "not used"}))
    text = st.column_config.TextColumn
    grid.show(
        shown[[*([] if of_one else ["project"]), "figure", "used", "what", "source"]],
        {
            "project": text("project", width=NAME_WIDTH),
            "what": text("what it is said to be", width="medium"),
        },
        height=height_of(figures),
    )


def sources(text: str) -> None:
    """Show the sources of a cell as links; what is no address of the web stays text."""
    linked = [f"<li>{_link(one)}</li>" for one in links(text)]
    items = [*linked, *(f"<li>{escape(one)}</li>" for one in unlinked(text))]
    if items:
        st.html(f'<p class="sources"><b>Sources</b></p><ul class="sources">{"".join(items)}</ul>')


def _link(address: str) -> str:
    leave = 'target="_blank" rel="noopener noreferrer"'
    return f'<a href="{escape(address)}" {leave}>{escape(_short(address))}</a>'


def _short(address: str) -> str:
    parts = urlsplit(address)
    whole = f"{parts.hostname}{parts.path.rstrip('/')}".removeprefix("www.")
    return whole if len(whole) <= SHOWN_ADDRESS else f"{whole[:SHOWN_ADDRESS]}…"


def nothing(what: str) -> None:
    """Say that nothing is there, and what to try."""
    st.info(plain(what))
