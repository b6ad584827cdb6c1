"""What a part of a register adds to the whole: rows, counts per cell, and members.

The scan needs counts per cell and label alone, and counts add. So a part is surveyed, counted and asked for
its members by itself, wherever it is read, and the sums are the same however the register is cut. Cells and
labels are counted as numbers, which is faster than any table; DuckDB groups by point.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clusters.scan.counts import FARTHEST, cell_keys, numbers_of
from data.refusals import merged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from intake.admission import Admission

    Ints = NDArray[np.int64]

MOST_MAPPED = 2**24
"""Cells, or pairs of cell and label, that are counted on a map of all there may be: the United Kingdom in
cells of 250 m is a map of 13 million."""

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


class Cells(NamedTuple):
    """The cells of some firms.

    Attributes
    ----------
    keys
        Of each cell that holds any, ascending.
    number
        Place of each firm's cell among them.
    """

    keys: Ints
    number: NDArray[np.int32]


def cells_of(admission: Admission, cell_m: float) -> Ints:
    """Return the key of each firm's cell."""
    return cell_keys(*_strips(admission, cell_m))


def _strips(admission: Admission, cell_m: float) -> tuple[Ints, Ints]:
    """Return column and row of each firm's cell."""
    column, row = (np.floor(axis / cell_m) for axis in (admission.easting, admission.northing))
    return column.astype(np.int64), row.astype(np.int64)


def numbered(admission: Admission, cell_m: float) -> Cells:
    """Give the cells of a part's firms numbers, by a map of all cells where that is not too large."""
    column, row = _strips(admission, cell_m)
    west, south = column.min(initial=FARTHEST), row.min(initial=FARTHEST)
    width, height = (
        int(strip.max(initial=least) - least + 1) for strip, least in ((column, west), (row, south))
    )
    if width * height > MOST_MAPPED:
        number, keys = pd.factorize(cell_keys(column, row), sort=True)
        return Cells(keys, number.astype(np.int32))
    place = (row - south) * width + (column - west)
    held = np.zeros(width * height, dtype=bool)
    held[place] = True
    cells = np.flatnonzero(held)
    number_at = np.zeros(len(held), dtype=np.int32)
    number_at[cells] = np.arange(len(cells), dtype=np.int32)
    return Cells(cell_keys(cells % width + west, cells // width + south), number_at[place])


def survey(admission: Admission, cell_m: float, cells: Cells | None = None) -> Survey:
    """Take a first look at a part, whose cells may be numbered already."""
    cells = cells or numbered(admission, cell_m)
    total = np.bincount(cells.number, minlength=len(cells.keys))
    return Survey(
        rows=admission.rows,
        refused=admission.refused,
        notes=Counter(admission.notes),
        cells=pd.DataFrame({"cell": cells.keys, "total": total}),
    )


def count(admission: Admission, setting: Setting, cells: Cells | None = None) -> Tally:
    """Count the firms of a part, whose cells may be numbered already."""
    if admission.count is not None or admission.population is not None:
        return _count_aggregated(admission, setting)
    cells = cells or numbered(admission, setting.cell_m)
    heavy = numbers_of(setting.heavy, cells.keys) >= 0
    stands, crowded = _standing(admission, setting), heavy[cells.number]
    plain = stands & ~crowded
    total = np.bincount(cells.number[plain], minlength=len(cells.keys))
    held = total > 0
    return Tally(
        pd.DataFrame({"cell": cells.keys[held], "total": total[held]}),
        _pairs(admission, cells, plain),
        *_pinned(admission, cells, stands & crowded),
    )


def _standing(admission: Admission, setting: Setting) -> NDArray[np.bool_]:
    """Say which firms are not left out."""
    stands = np.ones(len(admission.row), dtype=bool)
    out = numbers_of(admission.row, setting.left_out)
    stands[out[out >= 0]] = False
    return stands


def _pairs(admission: Admission, cells: Cells, chosen: NDArray[np.bool_]) -> pd.DataFrame:
    """Count the labels of some firms by cell: cell, label, total, ordered by both."""
    width = max(len(admission.names), 1)
    pair = cells.number[admission.firm] * np.int64(width) + admission.label
    if not chosen.all():
        pair = pair[chosen[admission.firm]]
    if len(cells.keys) * width <= MOST_MAPPED:
        held = np.bincount(pair, minlength=1)
        pair = np.flatnonzero(held)
        total = held[pair]
    else:
        pair, total = np.unique(pair, return_counts=True)
    number, label = np.divmod(pair, width)
    return _named(pd.DataFrame({"cell": cells.keys[number], "label": label, "total": total}), admission)


def _pinned(
    admission: Admission, cells: Cells, chosen: NDArray[np.bool_]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count some firms by point, and by point and label."""
    at, entry = np.flatnonzero(chosen), np.flatnonzero(chosen[admission.firm])
    places = pd.DataFrame(
        {
            "cell": cells.keys[cells.number[at]],
            "easting": admission.easting[at],
            "northing": admission.northing[at],
        }
    )
    points = _ask("SELECT cell, easting, northing, count(*) AS total FROM places GROUP BY ALL", places=places)
    firm = admission.firm[entry]
    pinned = pd.DataFrame(
        {
            "easting": admission.easting[firm],
            "northing": admission.northing[firm],
            "label": admission.label[entry],
        }
    )
    by_label = _ask(
        "SELECT easting, northing, label, count(*) AS total FROM pinned GROUP BY ALL", pinned=pinned
    )
    return points, _named(by_label, admission)


def _count_aggregated(admission: Admission, setting: Setting) -> Tally:
    """Count the companies of rows that stand for many, by point; a population counts once."""
    stands = _standing(admission, setting)
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


def members(
    admission: Admission, setting: Setting, ground: pd.DataFrame, cells: Cells | None = None
) -> pd.DataFrame:
    """Return the firms of a part that stand in the cells of their label's clusters, as `MEMBERS`.

    Parameters
    ----------
    ground
        label, cell, group, core: the cells of all clusters.
    cells
        Of the part's firms, where they are numbered already.
    """
    cells = cells or numbered(admission, setting.cell_m)
    width = np.int64(max(len(admission.names), 1))
    label = pd.Index(admission.names).get_indexer(pd.Index(ground["label"]))
    number = numbers_of(cells.keys, ground["cell"].to_numpy(np.int64))
    here = (label >= 0) & (number >= 0)
    ground = ground.assign(label=label, pair=number * width + label)[here].sort_values("pair")
    # Few firms stand in the cells of any cluster: only they are looked at label by label.
    hopeful = np.zeros(len(cells.keys), dtype=bool)
    hopeful[number[here]] = True
    entry = np.flatnonzero(hopeful[cells.number][admission.firm])
    firm = admission.firm[entry]
    place = numbers_of(ground["pair"].to_numpy(), cells.number[firm] * width + admission.label[entry])
    firm, place = firm[place >= 0], place[place >= 0]
    fine = taking_part(admission, firm.astype(np.int64), setting)
    found = ground.drop(columns="pair").take(place[fine]).assign(firm=firm[fine])
    return described(found.reset_index(drop=True), admission)


def taking_part(admission: Admission, at: Ints, setting: Setting) -> NDArray[np.bool_]:
    """Return which of some firms may be members: counted, neither left out nor at a point set aside."""
    fine: NDArray[np.bool_] = (numbers_of(setting.left_out, admission.row[at]) < 0) & ~_at_agents(
        admission, at, setting
    )
    return fine if admission.count is None else fine & (admission.count[at] > 0)


def described(found: pd.DataFrame, admission: Admission) -> pd.DataFrame:
    """Return members as `MEMBERS`, with size and founded where the register has them.

    The order of rows has no say in theirs.

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
    # Where the register tells them.
    traits = {"size": admission.size, "founded": admission.founded}
    told = {name: trait.values[at] for name, trait in traits.items() if trait is not None}
    return in_order(table[[*MEMBERS]].assign(**told))


def firms(admission: Admission, setting: Setting) -> pa.Table:
    """Return the firms that take part.

    row, firm_id, name, easting, northing, la_code, sector (joined), count, population; those that the
    register does not have are left out.
    """
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
    whole = pa.table({name: column for name, column in columns.items() if column is not None})
    # Stretches between the few rows that are left out: nothing is copied.
    out = np.flatnonzero(~_standing(admission, setting))
    ends = pairwise([-1, *out.tolist(), whole.num_rows])
    return pa.concat_tables(whole.slice(before + 1, after - before - 1) for before, after in ends)


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
    if len(tables) == 1:
        return tables[0] if _is_ordered(tables[0], keys) else tables[0].sort_values(keys, ignore_index=True)
    if "label" in keys:
        names = sorted({name for table in tables for name in table["label"].cat.categories})
        tables = [table.assign(label=table["label"].cat.set_categories(names)) for table in tables]
    whole = pd.concat(tables, ignore_index=True)
    whole = whole.groupby(keys, sort=False, observed=True)["total"].sum().reset_index()
    return whole.sort_values(keys, ignore_index=True)


def _is_ordered(table: pd.DataFrame, keys: list[str]) -> bool:
    """Say whether the rows of a table are in the order of two keys, or one."""
    if len(keys) > 2:
        return False
    first, last = (table[key].cat.codes if key == "label" else table[key] for key in (keys[0], keys[-1]))
    steps, inner = np.diff(first.to_numpy()), np.diff(last.to_numpy().astype(np.int64))
    return bool(((steps > 0) | ((steps == 0) & (inner > 0))).all())


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
