"""What is known of a firm, and which firms pass the filters, as SQL of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edition.edition import Edition
    from edition.filters import Filters

# What the store tells of a firm beside its id and name: of the sample's, and of a register's.
SHIPPED_DETAILS = ("technology", "town")
OWN_DETAILS = ("technology AS sector", "la_name AS authority")


def details(edition: Edition) -> str:
    """Return the columns of SQL that tell what a firm does and where it is."""
    return ", ".join(OWN_DETAILS if edition.about.own else SHIPPED_DETAILS)


def where(edition: Edition, filters: Filters) -> tuple[str, list[Any]]:
    """Return the SQL condition of the filters, and the values to bind."""
    if edition.about.own:
        return _where_own(filters)
    conditions, values = ["point"], list[Any]()
    if filters.sector:
        conditions.append(f"is8 IN ({', '.join('?' * len(filters.sector))})")
        values += filters.sector
    if filters.technology:
        conditions.append("list_has_any(technologies, ?::VARCHAR[])")
        values.append(list(filters.technology))
    return " AND ".join(conditions), values


def _where_own(filters: Filters) -> tuple[str, list[Any]]:
    """Return the same for a register: its firms carry numbered sets of labels."""
    if not filters.sector:
        return "point", []
    wanted = ", ".join("?" * len(filters.sector))
    return f"point AND label_set IN (SELECT set_id FROM label_sets WHERE label IN ({wanted}))", [
        *filters.sector
    ]
