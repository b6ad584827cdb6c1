"""A comparison as a terminal shows it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tables.comparison_cells import wide
from tables.comparison_summary import summary

if TYPE_CHECKING:
    from edition.view import View
    from regions.comparison import Comparison

# Characters of a column of a comparison that is printed to a file.
COLUMN = 34


def print_comparison(comparison: Comparison, _view: View) -> None:
    """Print the table of figures, and what it says in words."""
    rows = wide(comparison)
    names = [name for name in rows.columns if name not in {"group", "measure", "unit", "definition"}]
    # A file or a pipe has no width of its own: let no cell be cut there.
    screen = Console(width=None if sys.stdout.isatty() else COLUMN * (1 + len(names)))
    table = Table(header_style="bold")
    table.add_column("")
    for number, name in enumerate(names):
        mine = number < len(comparison.places)
        table.add_column(escape(name if mine else f"{name} (held against)"), justify="right", overflow="fold")
    for group, part in rows.groupby("group", sort=False):
        table.add_row(escape(str(group)), style="bold")
        for row in part.itertuples(index=False):
            cells = dict(zip(rows.columns, row, strict=True))
            table.add_row(escape(f"  {cells['measure']}"), *(escape(str(cells[name])) for name in names))
        table.add_section()
    screen.print(table, highlight=False)
    notes = [f"{place.name}: {place.note}" for place in comparison.places if place.note]
    for line in (*notes, *summary(comparison)):
        screen.print(escape(line), highlight=False)
