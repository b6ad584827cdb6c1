"""What files there are: each format once, with its name, ending, media type, limits, and who offers it.

What makes a format is entered by its id, or by that of its group, where the makers are: of views in
`snapshots/formats.py`, of tables in `tables/documents.py`, of charts in `charts/files.py`. A format that
nothing makes is refused when those are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from data.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Who offers a format: the menu on the map, a page beside or below what it shows, the API, the command line.
Door = Literal["menu", "page", "api", "command"]
What = Literal["views", "tables", "charts"]
T = TypeVar("T")
NOWHERE: Final[frozenset[Door]] = frozenset()
ON_THE_MAP: Final[frozenset[Door]] = frozenset({"menu", "api", "command"})
ON_PAGES: Final[frozenset[Door]] = frozenset({"page", "api"})
EVERYWHERE: Final = ON_THE_MAP | ON_PAGES


@dataclass(frozen=True)
class Group:
    """What formats of a view have in common: a row of the menu on the map, and a path of the API.

    Attributes
    ----------
    id
        Begins the path, such as ``picture`` of ``/picture.png``.
    title
        Its name for people.
    summary
        What it is, as the API says it.
    doing
        What is said while it is made.
    hint
        What stands below its title in the menu; of what has a subject, the menu adds whom it is on.
    help
        What a page says of it beside its button.
    paper
        Whether it is drawn on paper, of some size and resolution.
    subject
        Whether it is on what the view looks at, a cluster, places or a region, and not on its map.
    """

    id: str
    title: str
    summary: str
    doing: str
    hint: str = ""
    help: str = ""
    paper: bool = False
    subject: bool = False


@dataclass(frozen=True)
class Format:
    """One format of a file.

    Attributes
    ----------
    id
        Its name for programs.
    name
        Its name for people.
    ending, media
        Of its file, without the full stop; and its media type.
    hint
        What it is good for.
    views, tables, charts
        Who offers it of these.
    group
        Of views: what it has in common with its like.
    button, spoken
        What is written on its button where that is not its name, and what is read out of its button in the
        menu where that is not title, name and hint.
    noun
        What it is called in a sentence, where that is not its name.
    bundled
        What the list of files of a bundle says of it, ``{table}`` standing for what the table is called;
        empty where a bundle holds none. Of formats of views, a bundle can hold pictures.
    several
        Whether one file holds several tables.
    placed
        Whether it needs rows that lie somewhere.
    paged
        Whether it comes in pages of rows.
    in_pieces
        Whether it is written piece by piece: of any number of rows, and so soon that it is not counted.
    dots
        Whether it holds a picture made of dots, whose number is bounded.
    policy
        What its file may do when a browser shows it (Content-Security-Policy). It is opened under the name
        of the map's host, yet it may neither ask anyone nor read what belongs to this host. Empty where a
        browser runs nothing of it.
    """

    id: str
    name: str
    ending: str
    media: str
    hint: str = ""
    views: frozenset[Door] = NOWHERE
    tables: frozenset[Door] = NOWHERE
    charts: frozenset[Door] = NOWHERE
    group: Group | None = None
    button: str = ""
    spoken: str = ""
    noun: str = ""
    bundled: str = ""
    several: bool = False
    placed: bool = False
    paged: bool = False
    in_pieces: bool = False
    dots: bool = False
    policy: str = ""

    def __post_init__(self) -> None:
        """Refuse a format of views that belongs nowhere.

        Raises
        ------
        InputError
            If it has no group.
        """
        if self.views and self.group is None:
            raise InputError(
                f"the format {self.id!r} is of views and has no group, which says its path and what the menu "
                "calls it"
            )

    @property
    def kind(self) -> str:
        """Its media type without parameters, as a header asks for it."""
        return self.media.partition(";")[0]

    @property
    def is_text(self) -> bool:
        """Whether its file can be read as text."""
        return self.media.startswith("text/") or self.kind.endswith("+xml")

    @property
    def on_button(self) -> str:
        """What is written on its button."""
        return self.button or self.name

    @property
    def in_words(self) -> str:
        """What it is called in a sentence."""
        return self.noun or self.name

    @property
    def of_view(self) -> Group:
        """The group of a format of views.

        Raises
        ------
        InputError
            If it is none.
        """
        if self.group is None:
            raise InputError(f"{self.id!r} is no format of views")
        return self.group

    @property
    def label(self) -> str:
        """Of a format of views: its name for people, in full."""
        return f"{self.of_view.title}, {self.name}"

    @property
    def read_out(self) -> str:
        """Of a format of views: what is read out of its button."""
        return self.spoken or f"{self.of_view.title} as {self.name}, {self.hint}"

    @property
    def path(self) -> str:
        """Of a format of views: where the API has its file."""
        return f"/{self.of_view.id}.{self.ending}"

    def offered_of(self, what: What) -> frozenset[Door]:
        """Return who offers it of views, tables or charts."""
        doors: frozenset[Door] = getattr(self, what)
        return doors


def registry(*formats: Format) -> Mapping[str, Format]:
    """Return formats by id, in this order.

    Raises
    ------
    InputError
        If two have one id or one path, or one ending has two media types; every fault is told.
    """
    faults, media, paths = [], dict[str, str](), set[str]()
    found: dict[str, Format] = {}
    for form in formats:
        if form.id in found:
            faults.append(f"{form.id!r} is the id of two formats")
        if media.setdefault(form.ending, form.media) != form.media:
            faults.append(
                f"files that end in .{form.ending} have two media types, {media[form.ending]!r} and "
                f"{form.media!r}"
            )
        if form.group is not None and form.path in paths:
            faults.append(f"{form.path!r} is the path of two formats: give {form.id!r} a group of its own")
        if form.group is not None:
            paths.add(form.path)
        found[form.id] = form
    if faults:
        raise InputError("; ".join(faults))
    return MappingProxyType(found)


PICTURE: Final = Group(
    "picture",
    "Picture",
    "A picture of a view for print, with legend, filters and sources; same view, same bytes",
    "Drawing the picture",
    paper=True,
)
MAP: Final = Group(
    "map",
    "Interactive map",
    "The interactive map of a view as one file that works offline",
    "Packing the map",
    hint="one file that works offline",
)
BUNDLE: Final = Group(
    "bundle",
    "Everything",
    "Picture, tables, geometry, sources and licences of a view in one ZIP",
    "Packing picture, tables and geometry",
    hint="picture, tables, geometry, sources",
    help="Picture, tables and geometry, with a list of what is inside: sources, licences, versions.",
    paper=True,
)
BRIEF: Final = Group(
    "brief",
    "Brief",
    "Two pages on the cluster, the place or the comparison of a view",
    "Writing the brief",
    hint="two pages",
    help="Two pages: map, key figures, projects, caveats and sources.",
    subject=True,
)
_PDF = "application/pdf"
# The order is that of menus and lists; of formats with one ending, the first is what the ending means.
FORMATS: Mapping[str, Format] = registry(
    Format(
        "png",
        "PNG",
        "png",
        "image/png",
        "for slides and documents",
        views=ON_THE_MAP,
        charts=ON_PAGES,
        group=PICTURE,
        bundled="The picture, for slides and documents.",
        dots=True,
    ),
    Format(
        "svg",
        "SVG",
        "svg",
        "image/svg+xml",
        "lines and text to edit",
        views=ON_THE_MAP,
        charts=ON_PAGES,
        group=PICTURE,
        policy="default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; sandbox",
    ),
    Format(
        "pdf",
        "PDF",
        "pdf",
        _PDF,
        "for print",
        views=ON_THE_MAP,
        charts=ON_PAGES,
        group=PICTURE,
        bundled="The picture in lines, for print.",
    ),
    Format(
        "html",
        "HTML",
        "html",
        "text/html; charset=utf-8",
        "one file that works offline",
        views=ON_THE_MAP,
        group=MAP,
        spoken="Interactive map as one HTML file",
        policy="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
        "img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'; "
        "sandbox allow-scripts allow-downloads allow-popups",
    ),
    Format(
        "zip",
        "ZIP",
        "zip",
        "application/zip",
        "picture, tables, geometry, sources, with a list of what is inside",
        views=EVERYWHERE,
        group=BUNDLE,
        spoken="Picture, tables and geometry as a ZIP file",
        dots=True,
    ),
    Format(
        "brief",
        "PDF",
        "pdf",
        _PDF,
        "two pages on the cluster, place or comparison",
        views=EVERYWHERE,
        group=BRIEF,
        spoken="Brief of two pages as PDF",
    ),
    Format(
        "json",
        "JSON",
        "json",
        "application/json",
        "a page of rows, with the number of all and links to the next",
        tables=frozenset({"api", "command"}),
        paged=True,
        in_pieces=True,
    ),
    Format(
        "csv",
        "CSV",
        "csv",
        "text/csv; charset=utf-8",
        "the whole table; opens in a spreadsheet",
        tables=ON_PAGES | {"command"},
        bundled="{table}: the table behind the map, for programs and spreadsheets.",
        in_pieces=True,
    ),
    Format(
        "geojson",
        "GeoJSON",
        "geojson",
        "application/geo+json",
        "the whole table with geometry, longitude and latitude",
        tables=ON_PAGES,
        bundled="{table} with their places, for the web: longitude and latitude.",
        placed=True,
    ),
    Format(
        "xlsx",
        "XLSX",
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "the whole table as a workbook, codes as text",
        tables=ON_PAGES | {"command"},
        button="Excel",
        noun="a workbook",
        bundled="All tables as one workbook; the sheet Read me says what each column is.",
        several=True,
    ),
    # What a bundle alone holds.
    Format("gpkg", "GeoPackage", "gpkg", "application/geopackage+sqlite3", "all layers, for desktop GIS"),
    Format("txt", "Text", "txt", "text/plain; charset=utf-8", "words"),
)


def offered(what: What, door: Door | None = None) -> tuple[Format, ...]:
    """Return the formats of views, tables or charts: all, or those that one door offers."""
    doors = ((form, form.offered_of(what)) for form in FORMATS.values())
    return tuple(form for form, held in doors if (held if door is None else door in held))


def for_tables(door: Door, *, placed: bool) -> tuple[Format, ...]:
    """Return the formats of a table, those that need places only where its rows lie somewhere."""
    return tuple(form for form in offered("tables", door) if placed or not form.placed)


def grouped(door: Door) -> Mapping[Group, tuple[Format, ...]]:
    """Return the formats of views that a door offers by what they have in common, in the order of all."""
    found: dict[Group, list[Format]] = {}
    for form in offered("views", door):
        found.setdefault(form.of_view, []).append(form)
    return MappingProxyType({group: tuple(forms) for group, forms in found.items()})


def by_ending(what: What) -> Mapping[str, Format]:
    """Return what the ending of a file that a command writes says, with its full stop: the first that has it.

    What comes in pages, which is for programs, stands last.
    """
    found: dict[str, Format] = {}
    for form in sorted(offered(what, "command"), key=attrgetter("paged")):
        found.setdefault(f".{form.ending}", form)
    return MappingProxyType(found)


def by_word() -> Mapping[str, Format]:
    """Return the formats of views that a command has to be told by a word: their ending says another."""
    said = by_ending("views").values()
    return MappingProxyType({form.id: form for form in offered("views", "command") if form not in said})


def either(words: Iterable[str]) -> str:
    """Return words as a choice.

    Examples
    --------
    >>> either(["CSV"]), either(["png", "svg", "pdf"])
    ('CSV', 'png, svg or pdf')
    """
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def media_of(ending: str) -> str:
    """Return the media type of files that end so.

    Raises
    ------
    InputError
        If no format does.
    """
    found = {form.ending: form.media for form in FORMATS.values()}
    if ending not in found:
        raise InputError(f"no format ends in {ending[:20]!r}; the endings are {', '.join(found)}")
    return found[ending]


def made(makers: Mapping[str, T], ids: Iterable[str], where: str) -> Mapping[str, T]:
    """Return the makers of formats or of groups of them, by id.

    Parameters
    ----------
    makers
        By id.
    ids
        What there is to be made.
    where
        The name of the list of makers, and the module that has it.

    Raises
    ------
    InputError
        If nothing makes one of them, or a maker is of none; every fault is told.
    """
    wanted = dict.fromkeys(ids)
    offers = "data/formats.py offers"
    missing = [one for one in wanted if one not in makers]
    faults = [f"nothing makes {one!r}, which {offers}: enter what does in {where}" for one in missing]
    faults += [f"{one!r} in {where} is of nothing that {offers}" for one in makers if one not in wanted]
    if faults:
        raise InputError("; ".join(faults))
    return MappingProxyType(dict(makers))
