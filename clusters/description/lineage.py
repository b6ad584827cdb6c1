"""What became of the clusters of one edition in the next, told by the members that they share.

Only clusters of one label are compared. For a pair that shares members let S be their number, A and B the
members of the earlier and of the later cluster, and J = S / (A + B - S) their Jaccard overlap. The pair is
linked when J is at least 0.3, or when at least half of the members of the smaller one are in the other
(`Rule`): the first finds clusters that changed hands slowly, the second small ones that were swallowed or
came off. Both work the same way in either direction of time. The events are those by which dynamic
communities are commonly described (Palla, Barabasi and Vicsek, 2007; Greene, Doyle and Cunningham, 2010),
read from the links of the two clusters of a pair:

- kept: neither has another link;
- split: the earlier one has several, the later one only this;
- merged: the later one has several, the earlier one only this;
- split and merged: both have several, a tangle that is both;
- born, gone: a later, an earlier cluster without any link. It may still share a few members with others.

Ids persist: among linked pairs, taken by J descending (then S descending, then the earlier and the later id),
a later cluster inherits the id of the earlier one when neither has been served yet. So each earlier id goes
on at most once, to the part that resembles it most. All other later clusters keep the id they came with,
unless the earlier edition used it for a cluster of its own: then they get a number after it, from 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.errors import InputError, TableError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

CLUSTER_COLUMNS = ("cluster_id", "label", "name")
MEMBER_COLUMNS = ("cluster_id", "firm_id")
LINEAGE = (
    "event",
    "before_id",
    "before_name",
    "after_id",
    "after_name",
    "shared",
    "before_firms",
    "after_firms",
    "jaccard",
)

KEPT, SPLIT, MERGED, TANGLED = "kept", "split", "merged", "split and merged"
BORN, GONE = "born", "gone"


@dataclass(frozen=True)
class Rule:
    """When two clusters of a label count as linked; either suffices.

    Attributes
    ----------
    jaccard
        Least share of the members of both, taken together, that they have in common.
    of_smaller
        Least share of the members of the smaller one that are in the other.
    """

    jaccard: float = 0.3
    of_smaller: float = 0.5

    def __post_init__(self) -> None:
        values = {"jaccard": self.jaccard, "of_smaller": self.of_smaller}
        faults = [f"{name} is {value}: it must lie in (0, 1]" for name, value in values.items()]
        wrong = [fault for fault, value in zip(faults, values.values(), strict=True) if not 0 < value <= 1]
        if wrong:
            raise InputError("; ".join(wrong))


DEFAULT_RULE = Rule()


@dataclass(frozen=True)
class Lineage:
    """Events between two editions, and the ids that the later clusters bear from now on.

    Attributes
    ----------
    table
        event, before_id, before_name, after_id (the lasting one), after_name, shared, before_firms,
        after_firms (members), jaccard. A row for each linked pair and for each cluster without a link, so
        that every cluster of either edition occurs; what is not there is "" or 0. Ordered by before_id,
        jaccard descending and after_id; those born come last.
    ids
        The lasting id of each later cluster, on the id it came with.
    """

    table: pd.DataFrame
    ids: pd.Series[str]


@dataclass(frozen=True)
class _Side:
    """One edition by numbers: cluster i is the i-th of its table, sorted by id."""

    ids: pd.Index[str]
    label: list[str]
    name: list[str]
    member: Ints
    """Number of the cluster of each membership, beside the member in `firm`."""
    firm: pa.Array

    @property
    def firms(self) -> Ints:
        """Members of each cluster, shape (clusters,)."""
        return np.bincount(self.member, minlength=len(self.ids)).astype(np.int64)


def lineage(
    before_clusters: pd.DataFrame,
    before_members: pd.DataFrame,
    after_clusters: pd.DataFrame,
    after_members: pd.DataFrame,
    rule: Rule = DEFAULT_RULE,
) -> Lineage:
    """Match the clusters of two editions, by the rules at the head of this module.

    The order of rows has no say in the result.

    Parameters
    ----------
    before_clusters, after_clusters
        cluster_id (unique), label, name.
    before_members, after_members
        cluster_id, firm_id: no pair twice; ids are text or whole numbers and mean the same firm in both.

    Raises
    ------
    TableError
        When a column is missing, an id is missing or given twice, or a member's cluster is unknown.
    """
    before = _side(before_clusters, before_members, "before")
    after = _side(after_clusters, after_members, "after")
    pairs = _linked(_overlaps(before, after), before, after, rule)
    final = _lasting_ids(pairs, before, after)
    table = _table(pairs, before, after, final)
    return Lineage(table, pd.Series(final, index=after.ids.rename("cluster_id"), name="id", dtype=str))


def _side(clusters: pd.DataFrame, members: pd.DataFrame, edition: str) -> _Side:
    """Return an edition by numbers, its clusters and members checked."""
    _require(clusters, CLUSTER_COLUMNS, f"clusters ({edition})")
    _require(members, MEMBER_COLUMNS, f"members ({edition})")
    ids = _text(clusters["cluster_id"], f"clusters ({edition})")
    order = pc.sort_indices(ids).to_numpy()
    ordered = pd.Index(ids.take(order).to_pylist(), dtype=str)
    if not ordered.is_unique:
        again = ordered[ordered.duplicated()][0]
        raise TableError(f"clusters ({edition}): cluster_id {again!r} is given twice; each may occur once")
    known = clusters.iloc[order]
    if known["label"].isna().any():
        lost = ordered[known["label"].isna().to_numpy()][0]
        raise TableError(f"clusters ({edition}): cluster_id {lost!r} has no label")
    label = known["label"].astype(str).tolist()
    name = known["name"].astype(object).where(known["name"].notna(), "").astype(str).tolist()
    member = _numbers(_text(members["cluster_id"], f"members ({edition})"), ordered, edition)
    return _Side(ordered, label, name, member, _text(members["firm_id"], f"members ({edition})"))


def _require(table: pd.DataFrame, columns: Iterable[str], name: str) -> None:
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise TableError(f"the table of {name} lacks {missing}: it has {list(table.columns)}")


def _text(column: pd.Series, table: str) -> pa.Array:
    """Return ids as one Arrow array of text; none may be missing."""
    try:
        found = pa.array(column, from_pandas=True)
    except pa.ArrowException as fault:
        raise TableError(
            f"{table}: {column.name} mixes kinds of values: it must be text ({fault})"
        ) from fault
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    plain = found.type.value_type if pa.types.is_dictionary(found.type) else found.type
    textual = pa.types.is_string(plain) or pa.types.is_large_string(plain) or pa.types.is_null(plain)
    if not (textual or pa.types.is_integer(plain)):
        raise TableError(f"{table}: {column.name} holds {plain}: it must be text or whole numbers")
    text = found.cast(pa.large_string())
    empty = pc.fill_null(pc.equal(text, ""), fill_value=True)
    if pc.any(empty).as_py():
        row = pc.index(empty, value=True).as_py()
        raise TableError(f"{table}: row {row} has no {column.name}: editions are matched by it")
    return text


def _numbers(text: pa.Array, ids: pd.Index[str], edition: str) -> Ints:
    """Return the number of the cluster of each member."""
    found = pc.index_in(text, value_set=pa.array(ids.tolist(), pa.large_string()))
    if found.null_count:
        unknown = text[pc.index(pc.is_null(found), value=True).as_py()].as_py()
        raise TableError(f"members ({edition}): cluster_id {unknown!r} is not in the table of clusters")
    numbers: Ints = found.to_numpy().astype(np.int64)
    return numbers


def _overlaps(before: _Side, after: _Side) -> pd.DataFrame:
    """Return b, a (numbers of clusters of one label) and shared, for each pair that shares a member."""
    firms = pa.chunked_array([before.firm, after.firm]).combine_chunks().dictionary_encode()
    code = firms.indices.to_numpy().astype(np.int64)
    size = max(len(firms.dictionary), 1)
    sides = (before, code[: len(before.firm)], "before"), (after, code[len(before.firm) :], "after")
    for side, firm, edition in sides:
        _no_pair_twice(side, firm, size, edition)
    labels = pd.factorize(np.array([*before.label, *after.label], dtype=object))[0].astype(np.int64)
    own = labels[: len(before.label)], labels[len(before.label) :]
    left, right = (
        pd.DataFrame({"key": of[side.member] * size + firm, name: side.member})
        for (side, firm, _), of, name in zip(sides, own, "ba", strict=True)
    )
    met = left.merge(right, on="key")
    width = max(len(after.ids), 1)
    pair, shared = np.unique(met["b"].to_numpy() * width + met["a"].to_numpy(), return_counts=True)
    return pd.DataFrame({"b": pair // width, "a": pair % width, "shared": shared.astype(np.int64)})


def _no_pair_twice(side: _Side, firm: Ints, size: int, edition: str) -> None:
    """Raise TableError where a cluster lists a firm twice."""
    pair = np.sort(side.member * size + firm)
    again = np.flatnonzero(pair[1:] == pair[:-1])
    if len(again):
        cluster, code = divmod(int(pair[again[0]]), size)
        name = side.firm[int(np.flatnonzero(firm == code)[0])].as_py()
        raise TableError(
            f"members ({edition}): firm_id {name!r} is given twice in cluster {side.ids[cluster]!r}; "
            "each may occur once"
        )


def _linked(pairs: pd.DataFrame, before: _Side, after: _Side, rule: Rule) -> pd.DataFrame:
    """Return the linked pairs with before_firms, after_firms, jaccard and event."""
    was = before.firms[pairs["b"].to_numpy()]
    now = after.firms[pairs["a"].to_numpy()]
    shared = pairs["shared"].to_numpy()
    # Quotients, not products: a quotient that equals the rule on paper equals it in floating point too.
    jaccard = shared / (was + now - shared)
    near = (jaccard >= rule.jaccard) | (shared / np.minimum(was, now) >= rule.of_smaller)
    found = pairs.assign(before_firms=was, after_firms=now, jaccard=jaccard)[near]
    several_after = found.groupby("b")["a"].transform("size").to_numpy() > 1
    several_before = found.groupby("a")["b"].transform("size").to_numpy() > 1
    event = np.select(
        [several_after & several_before, several_after, several_before], [TANGLED, SPLIT, MERGED], KEPT
    )
    linked: pd.DataFrame = found.assign(event=event.astype(object))
    return linked


def _lasting_ids(pairs: pd.DataFrame, before: _Side, after: _Side) -> list[str]:
    """Return the id of each later cluster: inherited, its own, or its own with a number."""
    heir: dict[int, str] = {}
    given: set[int] = set()
    # Clusters are numbered by id, so that their numbers settle ties as their ids would.
    order = pairs.sort_values(["jaccard", "shared", "b", "a"], ascending=[False, False, True, True])
    for b, a in zip(order["b"].tolist(), order["a"].tolist(), strict=True):
        if b not in given and a not in heir:
            given.add(b)
            heir[a] = before.ids[b]
    taken = {*before.ids, *after.ids}
    spoken_for = set(before.ids)
    return [heir[a] if a in heir else _own(own, spoken_for, taken) for a, own in enumerate(after.ids)]


def _own(name: str, spoken_for: set[str], taken: set[str]) -> str:
    """Return the name, or the first numbered one that neither edition has; no two names give the same."""
    if name not in spoken_for:
        return name
    return next(wanted for number in count(2) if (wanted := f"{name}-{number}") not in taken)


def _table(pairs: pd.DataFrame, before: _Side, after: _Side, final: list[str]) -> pd.DataFrame:
    """Return the rows of `LINEAGE`."""
    gone = np.setdiff1d(np.arange(len(before.ids)), pairs["b"])
    born = np.setdiff1d(np.arange(len(after.ids)), pairs["a"])
    nothing = {"shared": 0, "before_firms": 0, "after_firms": 0, "jaccard": 0.0}
    lost = pd.DataFrame({"b": gone, "a": -1, **nothing, "event": GONE, "before_firms": before.firms[gone]})
    fresh = pd.DataFrame({"b": -1, "a": born, **nothing, "event": BORN, "after_firms": after.firms[born]})
    rows = pd.concat([part for part in (pairs, lost, fresh) if len(part)] or [lost])
    for edition, number, ids, names in (
        ("before", "b", list(before.ids), before.name),
        ("after", "a", final, after.name),
    ):
        # -1 picks the last: nobody.
        rows[f"{edition}_id"] = np.array([*ids, ""], dtype=object)[rows[number].to_numpy()]
        rows[f"{edition}_name"] = np.array([*names, ""], dtype=object)[rows[number].to_numpy()]
    last = rows.assign(last=rows["event"] == BORN)
    ordered = last.sort_values(
        ["last", "before_id", "jaccard", "after_id"], ascending=[True, True, False, True], ignore_index=True
    )
    texts = dict.fromkeys(("event", "before_id", "before_name", "after_id", "after_name"), "str")
    return ordered[[*LINEAGE]].astype({**texts, "jaccard": "float64"})
