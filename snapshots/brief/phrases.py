"""What every brief says alike: its kicker, filters in words, whose data under which licence, its address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.product import PRODUCT
from data.sources import sources
from geo.boundaries import is_approximate
from layers.registry import kinds, owed
from profiles.place import KEY_MEASURES
from regions.measures import MEASURES
from snapshots.brief.blocks import Address, Passages, plain
from snapshots.brief.page import Heading, Section
from snapshots.picture.canvas import FINE
from tables.comparison_cells import HIGHEST, LOWEST
from words.filters import counted_words, filter_words
from words.links import unlinked, view_link
from words.numbers import finite
from words.provenance import licensed

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from edition.edition import Edition
    from edition.view import View
    from regions.place import Place
    from tables.comparison_cells import Cell

AFTER = "After the address under which the map is reached."


def heading(edition: Edition, what: str, title: str, subtitle: str, lead: str = "") -> Heading:
    """Return the heading of a page; without a lead that of a page which goes on."""
    return Heading(f"{PRODUCT} · {what} brief", f"Edition {edition.about.name}", title, subtitle, lead)


def described_measure(cell: Cell, *, marked: bool) -> str:
    """Return a figure as a cell of print holds it: ▲ highest, ▼ lowest, * rests on few."""
    marks = {HIGHEST: " ▲", LOWEST: " ▼"} if marked else {}
    return f"{cell.text}{' *' if cell.few else ''}{marks.get(cell.mark, '')}"


def each(table: pd.DataFrame) -> list[Any]:
    """Return the rows of a table, their cells by name and of whatever type."""
    return list(table.itertuples(index=False))


def year_of(value: Any) -> str:
    """Return a year, or nothing where there is no date."""
    return str(int(value)) if finite(value) else ""


def filters_line(edition: Edition, view: View) -> str:
    """Return every filter that holds, and what is counted, as one line."""
    words = [*filter_words(edition, view), counted_words(view)]
    return f"Filters: {'; '.join(words)}."


def licences(edition: Edition, view: View) -> list[str]:
    """Return attribution and licence of what the maps and tables of a brief rest on: every layer."""
    used = set(owed(view.model_copy(update={"show": kinds()})))
    used |= {source for name in KEY_MEASURES for source in MEASURES[name].sources}
    return [licensed(edition, one) for one in sources() if one.id in used]


def sources_section(edition: Edition, view: View, places: Iterable[Place] = ()) -> tuple[Section, ...]:
    """Return the sections that close a brief: sources, licences, and where its places can be opened again."""
    address = view_link(view, path_of(view))
    whole = address.startswith(("http://", "https://"))
    lines = [f"Boundaries: {edition.boundaries}.", *licences(edition, view)]
    return (
        Section("Sources and licences", Passages((" ".join(lines),), size=FINE * 0.93, role="muted")),
        Section(
            "Open it on the map",
            Address(address if whole else f"/{address.lstrip('/')}".removesuffix("?")),
            " ".join(filter(None, ["" if whole else AFTER, unlinked(places)])),
        ),
    )


def described(edition: Edition, view: View, heading: Heading) -> dict[str, Any]:
    """Return what the file says of itself; nothing of it depends on the time or the machine."""
    return {
        "Title": f"{plain(heading.title)}: {heading.kicker}",
        "Subject": plain(" ".join([heading.subtitle, heading.lead, filters_line(edition, view)])),
        "Author": PRODUCT,
        "Creator": f"{PRODUCT}, edition {plain(edition.about.name)}",
        "Keywords": view_link(view, path_of(view)),
        # What would otherwise be the time of day.
        "CreationDate": None,
    }


def path_of(view: View) -> str:
    """Return the page on which the subject of a view is shown."""
    return "/compare" if view.place and not view.cluster else "/"


def foot(edition: Edition, number: int) -> tuple[str, str]:
    """Return the line at the foot of a page."""
    whose = (
        "firms: an analyst's own register" if edition.about.own else "firms: a curated sample, not a census"
    )
    said = [PRODUCT, f"edition {edition.about.name}", whose]
    flag = ["boundaries approximate"] if is_approximate() else []
    return " · ".join([*said, *flag]), f"{number} of 2"
