"""Orders: which views are to be written into which files; every fault is told before any is drawn."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, replace
from io import StringIO
from itertools import count
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl, urlsplit

from data.errors import QUOTED, InputError, MapError, nearest
from data.formats import by_ending, by_word
from data.store import whole_file
from edition.moved_ids import CLUSTER, PLACE, current
from edition.view import View
from layers.choices import choices
from profiles.cluster import looked_at
from regions.places import find_places
from snapshots.file_names import file_name, safe_name
from snapshots.formats import format_of, snapshot
from snapshots.paper import Paper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from edition.choices import Choices
    from edition.edition import Edition

    # The number of a line, and its cells by column.
    Row = tuple[int, Mapping[str, str]]

COLUMNS = ("view", "name", "size", "dpi", "format")
COMMENT = "#"
# Cells of a row that has more of them than there are columns.
REST = ""
T = TypeVar("T")


@dataclass(frozen=True)
class Order:
    """One view on its way into a file.

    Attributes
    ----------
    view, form, paper
        What is written, and how: the id of a format of views.
    file
        Where.
    line
        Of the list, from 1; 0 where there is no list.
    notes
        What has to be said of the view, in sentences: what became of ids that are in use no more.
    """

    view: View
    form: str
    paper: Paper
    file: Path
    line: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Usual:
    """Format and paper of the lines of a list that say none themselves."""

    form: str = field(default_factory=lambda: next(iter(by_ending("views").values())).id)
    paper: Paper = field(default_factory=Paper)


@dataclass(frozen=True)
class Orders:
    """A list as far as it can be used, and a line for each view that cannot; views = orders + faults."""

    orders: tuple[Order, ...]
    faults: tuple[str, ...] = field(default=())


def read_view(text: str, names: Choices) -> View:
    """Read a view as it stands in an address.

    Parameters
    ----------
    text
        A whole link of the map, its part from ``/`` or ``?`` on, or the query string alone; empty for the
        view that the map opens with.
    names
        What the view may ask for (`layers.choices.choices`).

    Raises
    ------
    InputError
        If a name is unknown or a value cannot be used; the message lists every fault.
    """
    return View.parse(parse_qsl(_query(text.strip()), keep_blank_values=True), names)


def _query(text: str) -> str:
    head, mark, _ = text.partition("?")
    if (mark and "=" not in head) or "://" in head or text.startswith("/"):
        try:
            return urlsplit(text).query
        except ValueError as fault:
            raise InputError(f"{text[:QUOTED]!r} is no link: {fault}") from fault
    return text


def checked(edition: Edition, view: View, form: str) -> tuple[View, tuple[str, ...]]:
    """Return a view with its places and cluster as the edition calls them, and what has to be said of that.

    Returns
    -------
    view : View
        Places by their refs; the cluster that stands for one of a former edition.
    notes : tuple of str
        Of each id that is in use no more, what became of it.

    Raises
    ------
    InputError
        If there is no such place, cluster or format; every fault is told.
    """
    faults = _no_format(form)
    places, cluster = view.place, view.cluster
    try:
        places = tuple(place.ref for place in find_places(edition, view.place))
    except InputError as fault:
        faults.append(str(fault))
    try:
        row = looked_at(edition, view)
        cluster = row.cluster_id if row is not None else ""
    except MapError as fault:
        faults.append(str(fault))
    if faults:
        raise InputError("; ".join(faults))
    moved = [current(edition, PLACE, ref) for ref in view.place] + [current(edition, CLUSTER, view.cluster)]
    notes = tuple(f"{one.words}." for one in moved if one is not None)
    return view.model_copy(update={"place": places, "cluster": cluster}), notes


def _no_format(form: str) -> list[str]:
    faults: list[str] = []
    _tried(faults, lambda: format_of(form))
    return faults


def one_order(edition: Edition, text: str, out: Path, paper: Paper, word: str = "") -> Order:
    """Return the order of one view, whose file says the format, or a word (see `data.formats.by_word`).

    Raises
    ------
    InputError
        If the view, the ending or the folder cannot be used.
    """
    form = check_file(out, word)
    view, notes = checked(edition, read_view(text, choices(edition)), form)
    return Order(view, form, paper, out, notes=notes)


def check_file(out: Path, word: str = "") -> str:
    """Return the format of a file that is to be written, by its ending, or by the word that was given.

    Raises
    ------
    InputError
        If the ending says none, or not that of the word, or the folder is not there.
    """
    asked = by_word().get(word)
    endings = by_ending("views") if asked is None else {f".{asked.ending}": asked}
    if out.is_dir():
        raise InputError(f"{str(out)!r} is a folder; give the name of a file")
    if out.suffix.lower() not in endings:
        known = f"none of {', '.join(endings)}, which can be written"
        wrong = known if asked is None else f"no .{asked.ending}, which a {asked.id} is"
        raise InputError(f"{str(out)!r} ends in {wrong}")
    if not out.resolve().parent.is_dir():
        raise InputError(f"{str(out.parent)!r} is no folder to write {out.name!r} into")
    return endings[out.suffix.lower()].id


def check_list(path: Path, folder: Path, usual: Usual) -> None:
    """Refuse a list that cannot be read, or a folder that cannot be written into; one is made in a folder.

    Raises
    ------
    InputError
        In words, every fault.
    """
    faults = _no_format(usual.form)
    try:
        _require_some(path, list(_rows(path)))
    except InputError as fault:
        faults.append(str(fault))
    if folder.exists() and not folder.is_dir():
        faults.append(f"{str(folder)!r} is a file; many views need a folder to be written into")
    elif not folder.resolve().parent.is_dir():
        faults.append(f"{str(folder.parent)!r} is no folder to make {folder.name!r} in")
    if faults:
        raise InputError("; ".join(faults))


def read_orders(edition: Edition, path: Path, folder: Path, usual: Usual) -> Orders:
    """Read a list of views.

    Parameters
    ----------
    edition
        Whose places and sectors may be asked for.
    path
        Text with a view a line, where empty lines and those that begin with ``#`` say nothing; or CSV with
        the column view and, if wanted, name, size, dpi and format. UTF-8.
    folder
        Where the files are to go.
    usual
        What a line does not say.

    Raises
    ------
    InputError
        If the file cannot be read, has columns of other names, or no view.
    """
    rows = list(_rows(path))
    _require_some(path, rows)
    orders, faults, taken = [], [], set[str]()
    for line, row in rows:
        try:
            order = _order(edition, line, row, folder, usual)
        except InputError as fault:
            faults.append(f"line {line}: {row['view'][:QUOTED]!r}: {fault}")
        else:
            orders.append(_once(order, taken))
    return Orders(tuple(orders), tuple(faults))


def _order(edition: Edition, line: int, row: Mapping[str, str], folder: Path, usual: Usual) -> Order:
    """Return the order of a row; every fault of the row is told."""
    form = row.get("format") or usual.form
    faults = [f"{row[REST][:QUOTED]!r} stands behind the last column"] if row.get(REST) else []
    paper = _tried(faults, lambda: _paper(row, usual))
    # Where the view cannot be read its places are not asked for, but the format is.
    asked = _tried(faults, lambda: read_view(row["view"], choices(edition)))
    found = _tried(faults, lambda: checked(edition, asked or View(), form))
    if faults or found is None or paper is None:
        raise InputError("; ".join(faults))
    view, notes = found
    wanted = safe_name(row.get("name", ""), format_of(form).ending)
    return Order(view, form, paper, folder / (wanted or file_name(edition, view, form)), line, notes)


def _tried(faults: list[str], work: Callable[[], T]) -> T | None:
    """Return what some work returns; where it is refused, add to the faults."""
    try:
        return work()
    except InputError as fault:
        faults.append(str(fault))
        return None


def _paper(row: Mapping[str, str], usual: Usual) -> Paper:
    dpi = row.get("dpi") or str(usual.paper.dpi)
    if not (dpi.isascii() and dpi.isdigit()):
        raise InputError(f"dpi {dpi[:QUOTED]!r} is no whole number")
    return Paper(row.get("size") or usual.paper.size, int(dpi[:QUOTED]))


def _require_some(path: Path, rows: Sequence[Row]) -> None:
    if not rows:
        raise InputError(
            f"{str(path)!r} holds no view: a view a line is expected, as it stands in an address"
        )


def _once(order: Order, taken: set[str]) -> Order:
    """Return the order with a name that none before it has, whatever the case of letters."""
    file = order.file
    for number in count(2):
        if file.name.casefold() not in taken:
            break
        file = order.file.with_name(f"{order.file.stem}-{number}{order.file.suffix}")
    taken.add(file.name.casefold())
    return replace(order, file=file)


def _rows(path: Path) -> Iterator[Row]:
    """Give the number and the cells of each line that says something."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(f"{str(path)!r} cannot be read as text in UTF-8: {fault}") from fault
    if path.suffix.lower() == ".csv":
        yield from _cells(path, text)
        return
    for line, content in enumerate(text.split("\n"), 1):
        if content.strip() and not content.lstrip().startswith(COMMENT):
            yield line, {"view": content.strip()}


def _cells(path: Path, text: str) -> Iterator[Row]:
    reader = csv.DictReader(StringIO(text, newline=""), restkey=REST, restval="")
    try:
        names = [name.strip().lower() for name in reader.fieldnames or ()]
        _require(path, names)
        reader.fieldnames = names
        for row in reader:
            cells = {name: _cell(value) for name, value in row.items()}
            if any(cells.values()):
                yield reader.line_num, cells
    except csv.Error as fault:
        raise InputError(
            f"{str(path)!r} cannot be read as CSV, at line {reader.line_num}: {fault}"
        ) from fault


def _cell(value: str | Sequence[str]) -> str:
    return (value if isinstance(value, str) else ",".join(value)).strip()


def _require(path: Path, names: Sequence[str]) -> None:
    unknown = [
        f"column {name[:QUOTED]!r} is unknown; {nearest(name, COLUMNS)}"
        for name in names
        if name not in COLUMNS
    ]
    twice = [f"column {name!r} stands there twice" for name in COLUMNS if names.count(name) > 1]
    missing = [] if "view" in names else ["column 'view' is missing"]
    if faults := [*missing, *unknown, *twice]:
        raise InputError(f"{str(path)!r}: {'; '.join(faults)}; the columns may be {', '.join(COLUMNS)}")


def carry_out(edition: Edition, order: Order) -> None:
    """Write the file of an order, whole or not at all; one that is there is replaced.

    Raises
    ------
    InputError
        If the view cannot be written in the format, or the file not at all.
    """
    body = snapshot(edition, order.view, order.form, order.paper)
    try:
        with whole_file(order.file) as part:
            part.write_bytes(body)
    except OSError as fault:
        raise InputError(f"{str(order.file)!r} cannot be written: {fault}") from fault
