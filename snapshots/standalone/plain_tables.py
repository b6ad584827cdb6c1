"""What a map shows as plain HTML tables: the same in text, for readers of the screen and without a script."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from layers import assets, regions
from layers.registry import told
from profiles.firm import where
from profiles.projects import award_words, taking_part
from regions.figures import clusters_in
from regions.measures import MEASURES
from words.measures import amount
from words.numbers import count, finite, quotient

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edition.edition import Edition
    from edition.view import View
    from layers.base import Layer

# Rows of a table: the whole of the smallest level, and of no list that only a program would read.
MOST_ROWS = 400


@dataclass(frozen=True)
class PlainTable:
    """A table.

    Attributes
    ----------
    name
        Its heading.
    columns
        Their headings; those that begin with ``#`` hold numbers.
    rows
        Text, `MOST_ROWS` at most.
    total
        Rows that there are.
    note
        Said below it.
    """

    name: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    total: int
    note: str = ""

    def html(self) -> str:
        """Return the table, folded where a script can unfold it and where none can."""
        heads = "".join(
            f'<th scope="col"{_side(name)}>{escape(name.lstrip("#"))}</th>' for name in self.columns
        )
        rows = "".join(f"<tr>{self._cells(row)}</tr>" for row in self.rows)
        rest = self.total - len(self.rows)
        notes = [self.note, f"{count(rest, 'more row')} in the tables of the full map." if rest > 0 else ""]
        said = "".join(f"<p>{escape(note)}</p>" for note in notes if note)
        table = (
            f'<div class="icm-scroll" tabindex="0" role="region" aria-label="{escape(self.name)}"><table>'
            f"<caption>{escape(self.name)}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
            if self.rows
            else ""
        )
        return f"<details><summary>{escape(self.name)} ({self.total:,})</summary>{table}{said}</details>"

    def _cells(self, row: tuple[str, ...]) -> str:
        first, *rest = zip(self.columns, row, strict=True)
        head = f'<th scope="row">{escape(first[1])}</th>'
        return head + "".join(f"<td{_side(name)}>{escape(text)}</td>" for name, text in rest)


def _side(name: str) -> str:
    return ' class="icm-number"' if name.startswith("#") else ""


def plain_tables(edition: Edition, view: View) -> str:
    """Return the tables of the layers of a view, folded, as HTML."""
    layers = {layer.kind: layer for layer in told(view)}
    made = [make(edition, view) for kind, make in _TABLES.items() if kind in layers]
    made += [_rows(layer, edition, view) for kind, layer in layers.items() if kind not in _TABLES]
    return "".join(table.html() for table in made)


def _rows(layer: Layer, edition: Edition, view: View) -> PlainTable:
    """Return the table of a layer that has none of its own: what it holds of each thing, in plain words."""
    payload = layer.payload(edition, view)
    found = [_facts(item) for item in payload.get(layer.points or "rows", ())]
    columns = tuple(dict.fromkeys(name for facts in found for name in facts))
    rows = [tuple(facts.get(name, "") for name in columns) for facts in found[:MOST_ROWS]]
    headings = tuple(name.replace("_", " ") for name in columns)
    return PlainTable(layer.label, headings, rows, len(found), payload.get("note", ""))


def _facts(item: Any) -> dict[str, str]:
    """Return what one thing of a payload says of itself; of GeoJSON its properties, of a list its places."""
    facts = item.get("properties", item) if isinstance(item, dict) else dict(enumerate(item, 1))
    return {str(name): str(value) for name, value in facts.items() if isinstance(value, str | int | float)}


def _clusters(edition: Edition, view: View) -> PlainTable:
    found = clusters_in(edition, view)
    title = edition.labels.title
    rows = [
        (
            str(row.name),
            title(row.label),
            str(row.type or "not known"),
            f"{row.firms:,}",
            f"{row.expected:.1f}" if finite(row.expected) else "not known",
            quotient(row.lq, row.lq_low, row.lq_high),
            str(row.cluster_id),
        )
        for row in found.head(MOST_ROWS).itertuples(index=False)
    ]
    columns = ("Cluster", "Sector or technology", "Type", "#Firms", "#Expected", "#LQ (95% interval)", "Id")
    return PlainTable("Clusters, strongest first", columns, rows, len(found))


def _regions(edition: Edition, view: View) -> PlainTable:
    measure = MEASURES[view.measure]
    plain = regions.payload(edition, view)
    found = sorted(plain["rows"], key=lambda row: (-row["value"], row["name"]))
    # Outlines alone have no value.
    column = (f"#{measure.label}",) if measure.column else ()
    columns = ("Region", "Code", *column, "In words")
    rows = [
        (
            row["name"],
            row["id"],
            *(amount(row["value"], measure) if row["value"] else "" for _ in column),
            row["text"],
        )
        for row in found[:MOST_ROWS]
    ]
    name = f"Regions ({plain['level_name']}): {measure.label}"
    return PlainTable(name, columns, rows, len(found), " ".join([measure.definition, plain["note"]]).strip())


def _projects(edition: Edition, view: View) -> PlainTable:
    found = taking_part(edition, view)
    rows = [
        (
            str(row.name),
            award_words(row),
            str(row.programme),
            str(row.lead or ""),
            str(row.region_label or ""),
        )
        for row in found.head(MOST_ROWS).itertuples(index=False)
    ]
    return PlainTable(
        "Projects, largest award first", ("Project", "#Award", "Programme", "Lead", "Place"), rows, len(found)
    )


def _assets(edition: Edition, view: View) -> PlainTable:
    found = assets.payload(edition, view)["rows"]
    rows = [(row["name"], row["text"]) for row in found[:MOST_ROWS]]
    return PlainTable("Research assets", ("Name", "What and where"), rows, len(found))


def _firms(edition: Edition, view: View) -> PlainTable:
    condition, values = where(edition, view)
    total = edition.store.query(f"SELECT count(*) AS n FROM firms WHERE {condition}", values)["n"].iloc[0]
    sql = f"""
        SELECT coalesce(la_name, '') AS place, coalesce(la_code, '') AS code, count(*) AS n FROM firms
        WHERE {condition} GROUP BY 1, 2 ORDER BY n DESC, code LIMIT {MOST_ROWS}
    """
    found = edition.store.query(sql, values)
    rows = [
        (str(row.place or "not known"), str(row.code), f"{row.n:,}") for row in found.itertuples(index=False)
    ]
    note = f"{count(int(total), 'firm')} in all; those known only by their town are not counted here."
    return PlainTable(
        "Firms by local authority", ("Local authority", "GSS code", "#Firms"), rows, len(rows), note
    )


# Tables that are more than the rows of a layer, in the order in which they stand; the others follow.
_TABLES: Mapping[str, Callable[[Edition, View], PlainTable]] = {
    "clusters": _clusters,
    "regions": _regions,
    "projects": _projects,
    "firms": _firms,
    "assets": _assets,
}
