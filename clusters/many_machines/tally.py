"""What a part of a register adds to the whole: rows, counts per cell, and members.

The scan needs counts per cell and label alone, and counts add. So a part is surveyed, counted and asked for
its members by itself, wherever it is read, and the sums are the same however the register is cut. DuckDB does
the grouping.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clusters.scan.counts import bin_points, numbers_of
from data.refusals import merged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from intake.admission import Admission

    Ints = NDArray[np.int64]

MEMBERS = ("label", "group", "core", "cell", "row", "firm_id", "name", "easting", "northing", "la_code")


@dataclass(frozen=True, eq=False)
class Survey:
    """A first look: what was read and refused, and where the rest is.

    Attributes
    ----------
    rows
        Rows read.
    refused
        row, column, value, reason.
    notes
        How many of the rows kept are worth a word.
    cells
        cell, total: firms in each occupied cell.
    """

    rows: int
    refused: pd.DataFrame
    notes: Counter[str]
    cells: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Setting:
    """What all parts are counted by.

    Attributes
    ----------
    cell_m
        Side of the cells in metres.
    left_out
        Rows that take no part, sorted: their id was given before, or their point's population is in doubt.
    heavy
        Keys of the cells where points are counted one by one, sorted: those that may hold an agent's, or
        all where rows stand for many companies.
    agents
        easting, northing of the points whose firms are set aside.
    """

    cell_m: float
    left_out: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    heavy: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    agents: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame({"easting": [0.0][:0], "northing": [0.0][:0]})
    )


@dataclass(frozen=True, eq=False)
class Tally:
    """Firms counted: outside the heavy cells by cell, within them by point.

    Attributes
    ----------
    cells, labels
        cell, total; cell, label, total.
    points, point_labels
        cell, easting, northing, total; easting, northing, label, total.
    """

    cells: pd.DataFrame
    labels: pd.DataFrame
    points: pd.DataFrame
    point_labels: pd.DataFrame

    @property
    def firms_by_label(self) -> pd.Series[int]:
        """Firms that carry each label, on the label, sorted."""
        each = [
            part.groupby("label", observed=True)["total"].sum() for part in (self.labels, self.point_labels)
        ]
        whole = pd.concat([one.set_axis(one.index.astype(object)) for one in each])
        summed: pd.Series[int] = whole.groupby(level=0).sum().astype("int64")
        return summed


def cells_of(admission: Admission, cell_m: float) -> Ints:
    """Return the key of each firm's cell."""
    easting, northing = (pd.Series(getattr(admission, axis), name=axis) for axis in ("easting", "northing"))
    return bin_points(easting, northing, cell_m).to_numpy()


def survey(admission: Admission, cell_m: float) -> Survey:
    """Take a first look at a part."""
    firms = pd.DataFrame({"cell": cells_of(admission, cell_m)})
    return Survey(
        rows=admission.rows,
        refused=admission.refused,
        notes=Counter(admission.notes),
        cells=_ask("SELECT cell, count(*) AS total FROM firms GROUP BY cell", firms=firms),
    )


def count(admission: Admission, setting: Setting) -> Tally:
    """Count the firms of a part."""
    if admission.count is not None or admission.population is not None:
        return _count_aggregated(admission, setting)
    cell = cells_of(admission, setting.cell_m)
    counted = numbers_of(setting.left_out, admission.row) < 0
    heavy = numbers_of(setting.heavy, cell) >= 0
    firms = pd.DataFrame({"cell": cell[counted & ~heavy]})
    near = counted & heavy
    spots = pd.DataFrame(
        {"cell": cell[near], "easting": admission.easting[near], "northing": admission.northing[near]}
    )
    each, code = admission.firm, admission.label
    plain, pointed = (counted & ~heavy)[each], near[each]
    labelled = pd.DataFrame({"cell": cell[each[plain]], "label": code[plain]})
    at = each[pointed]
    pinned = pd.DataFrame(
        {"easting": admission.easting[at], "northing": admission.northing[at], "label": code[pointed]}
    )
    return Tally(
        _ask("SELECT cell, count(*) AS total FROM firms GROUP BY ALL", firms=firms),
        _named(
            _ask("SELECT cell, label, count(*) AS total FROM firms GROUP BY ALL", firms=labelled), admission
        ),
        _ask("SELECT cell, easting, northing, count(*) AS total FROM firms GROUP BY ALL", firms=spots),
        _named(
            _ask("SELECT easting, northing, label, count(*) AS total FROM firms GROUP BY ALL", firms=pinned),
            admission,
        ),
    )


def _count_aggregated(admission: Admission, setting: Setting) -> Tally:
    """Count the companies of rows that stand for many, by point; a population counts once."""
    stands = numbers_of(setting.left_out, admission.row) < 0
    once = admission.population is not None
    places = pd.DataFrame(
        {
            "cell": cells_of(admission, setting.cell_m),
            "easting": admission.easting,
            "northing": admission.northing,
            "many": admission.population if once else admission.counts,
            "count": admission.counts,
        }
    )
    pinned = places.take(admission.firm).assign(label=admission.label)[stands[admission.firm]]
    how = "max" if once else "sum"
    points = _ask(
        f"SELECT cell, easting, northing, {how}(many)::BIGINT AS total FROM places "
        "GROUP BY ALL HAVING total > 0",
        places=places[stands],
    )
    by_label = _ask(
        "SELECT easting, northing, label, sum(count)::BIGINT AS total FROM pinned GROUP BY ALL",
        pinned=pinned,
    )
    return Tally(points[["cell", "total"]][:0], _no_labels(admission), points, _named(by_label, admission))


def _no_labels(admission: Admission) -> pd.DataFrame:
    """Return the table cell, label, total with no row."""
    none = np.zeros(0, dtype=np.int64)
    return _named(pd.DataFrame({"cell": none, "label": none, "total": none}), admission)


def _named(table: pd.DataFrame, admission: Admission) -> pd.DataFrame:
    """Write labels as categories of names instead of numbers."""
    names = pd.Index(admission.names, dtype=object)
    labels = pd.Categorical.from_codes(table["label"].to_numpy(np.int64), categories=names)
    return table.assign(label=labels)


def members(admission: Admission, setting: Setting, ground: pd.DataFrame) -> pd.DataFrame:
    """Return the firms of a part that stand in the cells of their label's clusters, as `MEMBERS`.

    Parameters
    ----------
    ground
        label, cell, group, core: the cells of all clusters.
    """
    ground = ground.assign(label=pd.Index(admission.names).get_indexer(pd.Index(ground["label"])))
    carried = pd.DataFrame(
        {
            "firm": admission.firm,
            "label": admission.label,
            "cell": cells_of(admission, setting.cell_m)[admission.firm],
        }
    )
    found = _ask(
        'SELECT firm, label, cell, "group", core FROM carried JOIN ground USING (label, cell)',
        carried=carried,
        ground=ground,
    )
    return described(found[taking_part(admission, found["firm"].to_numpy(), setting)], admission)


def taking_part(admission: Admission, at: Ints, setting: Setting) -> NDArray[np.bool_]:
    """Return which of some firms may be members: counted, neither left out nor at a point set aside."""
    fine: NDArray[np.bool_] = ~np.isin(admission.row[at], setting.left_out) & ~_at_agents(
        admission, at, setting
    )
    return fine if admission.count is None else fine & (admission.count[at] > 0)


def described(found: pd.DataFrame, admission: Admission) -> pd.DataFrame:
    """Return members as `MEMBERS`, in an order that the order of rows has no say in.

    Parameters
    ----------
    found
        firm and label (places in the admission), group, core, cell.
    """
    at = found["firm"].to_numpy()
    texts = {
        role: pd.Series("" if column is None else _plain(column, at), index=found.index, dtype=object)
        for role, column in (("firm_id", admission.firm_id), ("name", admission.name))
    }
    codes = np.array([*admission.la_codes, ""], dtype=object)
    table = found.drop(columns="firm").assign(
        label=np.array(admission.names, dtype=object)[found["label"]],
        row=admission.row[at],
        easting=admission.easting[at],
        northing=admission.northing[at],
        la_code=codes[admission.la[at]],
        **texts,
    )
    return in_order(table[[*MEMBERS]])


def firms(admission: Admission, setting: Setting) -> pa.Table:
    """Return the firms that take part.

    row, firm_id, name, easting, northing, la_code, sector (joined), count, population; those that the
    register does not have are left out.
    """
    kept = pa.array(np.flatnonzero(~np.isin(admission.row, setting.left_out)))
    codes = pa.DictionaryArray.from_arrays(
        pa.array(admission.la, mask=admission.la < 0), pa.array(admission.la_codes, pa.string())
    )
    columns = {
        "row": pa.array(admission.row),
        "firm_id": admission.firm_id,
        "name": admission.name,
        "easting": pa.array(admission.easting),
        "northing": pa.array(admission.northing),
        "la_code": pc.fill_null(codes.cast(pa.string()), ""),
        "sector": _joined_labels(admission),
        "count": None if admission.count is None else pa.array(admission.count),
        "population": None if admission.population is None else pa.array(admission.population),
    }
    return pa.table({name: column.take(kept) for name, column in columns.items() if column is not None})


def _joined_labels(admission: Admission) -> pa.Array:
    """Labels of every firm, joined by semicolons; empty where it has none."""
    each = np.bincount(admission.firm, minlength=len(admission.row))
    names = pa.array(admission.names, pa.string())
    offsets = pa.array(np.concatenate([[0], np.cumsum(each)]).astype(np.int32))
    lists = pa.ListArray.from_arrays(offsets, names.take(pa.array(admission.label)))
    return pc.binary_join(lists, ";")


def in_order(members: pd.DataFrame) -> pd.DataFrame:
    """Sort members so that neither the order of rows nor that of parts has a say."""
    keys = ["label", "group", "easting", "northing", "firm_id", "row"]
    return members.sort_values(keys, ignore_index=True)


def _plain(column: pa.Array, at: Ints) -> NDArray[np.object_]:
    """Texts of some firms, empty where missing."""
    texts: NDArray[np.object_] = pc.fill_null(column.take(at), "").to_numpy(zero_copy_only=False)
    return texts


def _at_agents(admission: Admission, at: Ints, setting: Setting) -> NDArray[np.bool_]:
    """Say which firms stand at a point that is set aside."""
    x, y = admission.easting[at], admission.northing[at]
    aside = set(zip(setting.agents["easting"], setting.agents["northing"], strict=True))
    near = np.flatnonzero(np.isin(x, setting.agents["easting"].to_numpy()))
    found = np.zeros(len(at), dtype=bool)
    found[near] = [point in aside for point in zip(x[near], y[near], strict=True)]
    return found


def merged_surveys(parts: Iterable[Survey]) -> Survey:
    """Add up surveys."""
    each = list(parts)
    return Survey(
        rows=sum(one.rows for one in each),
        refused=merged([one.refused for one in each]),
        notes=sum((one.notes for one in each), Counter()),
        cells=_summed([one.cells for one in each], ["cell"]),
    )


def merged_cells(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Add up cell, total."""
    return _summed([*parts], ["cell"])


def merged_tallies(parts: Iterable[Tally]) -> Tally:
    """Add up tallies."""
    each = list(parts)
    return Tally(
        _summed([one.cells for one in each], ["cell"]),
        _summed([one.labels for one in each], ["cell", "label"]),
        _summed([one.points for one in each], ["cell", "easting", "northing"]),
        _summed([one.point_labels for one in each], ["easting", "northing", "label"]),
    )


def dealt_cells(cells: pd.DataFrame, piles: int) -> list[pd.DataFrame]:
    """Deal cell, total into piles by their keys: equal keys come into piles of one number."""
    return _dealt(cells, "cell", piles)


def dealt(tally: Tally, piles: int) -> list[Tally]:
    """Deal a tally into piles by its keys: equal keys come into piles of one number."""
    each = zip(
        _dealt(tally.cells, "cell", piles),
        _dealt(tally.labels, "cell", piles),
        _dealt(tally.points, "easting", piles),
        _dealt(tally.point_labels, "easting", piles),
        strict=True,
    )
    return [Tally(*one) for one in each]


def _dealt(table: pd.DataFrame, key: str, piles: int) -> list[pd.DataFrame]:
    """Deal rows by a number of eight bytes."""
    # Cells of a row differ in the last bits, eastings that are whole in the first ones: mix both.
    bits = table[key].to_numpy().view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    pile = (bits >> np.uint64(32)) % np.uint64(piles)
    return [table[pile == number] for number in range(piles)]


def _summed(tables: list[pd.DataFrame], keys: list[str]) -> pd.DataFrame:
    """Add up counts of the same keys; sorted, so that the order of parts has no say."""
    if "label" in keys:
        names = sorted({name for table in tables for name in table["label"].cat.categories})
        tables = [table.assign(label=table["label"].cat.set_categories(names)) for table in tables]
    whole = pd.concat(tables, ignore_index=True)
    if len(tables) > 1:
        whole = whole.groupby(keys, sort=False, observed=True)["total"].sum().reset_index()
    return whole.sort_values(keys, ignore_index=True)


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """Return the database of this process: to begin another takes as long as many a question."""
    return duckdb.connect()


def _ask(question: str, **tables: pd.DataFrame) -> pd.DataFrame:
    """Let DuckDB answer a question about tables, which others that are asked beside it do not see."""
    with _database().cursor() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        return connection.execute(question).df()
