"""A bundle: the picture of a view with the tables, the geometry and the sources behind it, as one file."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from data.errors import InputError
from data.formats import FORMATS, for_tables, offered
from data.product import PRODUCT, VERSION
from data.sources import in_order
from geo.areas.corners import MOST_CORNERS
from geo.boundaries import is_approximate
from geo.projections import LONLAT, to_lonlat
from geo.rounding import rounded_shapes
from layers.registry import chosen, owed
from regions.allocation import MONEY, PENCE
from regions.comparison import compare
from regions.funding import funding
from regions.places import find_places
from snapshots.bundle.file import File
from snapshots.bundle.geopackage import NAME as GEOPACKAGE
from snapshots.bundle.geopackage import geopackage
from snapshots.bundle.readme import about_files
from snapshots.picture.caption import alt_text, title
from snapshots.picture.picture import picture
from tables import comparison_files as compared
from tables import rows as table_rows
from tables.documents import written
from tables.files import Shown, refuse_too_many
from tables.geojson import NO_GEOMETRY_WORDS, on_the_ground
from words.filters import counted_words, filter_words
from words.links import OF_SESSION, restorable, unlinked, view_link
from words.provenance import caveat, credited, method_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.formats import Format
    from edition.edition import Edition
    from edition.view import View
    from regions.place import Place
    from snapshots.paper import Paper

FORMAT = "innovation-clusters-map bundle 1"
"""What `format` in manifest.json says; another number means that other files are to be expected."""

MANIFEST, README, ALT_TEXT = "manifest.json", "README.txt", "alt-text.txt"
AREAS = f"comparison/areas.{FORMATS['geojson'].ending}"
FIGURES_ALONE = "The places compared: a row for each measure of each place."
WITH_TABLES = "The places compared, with the tables behind and what the measures are."
# Of outlines in degrees: a tenth of a metre. Metres by which they are simplified, if they have to be.
DECIMALS, FINEST_METRES, COARSEST_METRES = 6, 5.0, 5_000.0
# The first date that a ZIP file can bear: that of the day would make each differ from the last.
DATED = (1980, 1, 1, 0, 0, 0)
UNIX, READABLE = 3, 0o100644 << 16
LEVEL = 6


def bundle(edition: Edition, view: View, paper: Paper, known: Sequence[Place] = ()) -> bytes:
    """Return a view with all that is behind it as a ZIP file; the same view gives the same bytes.

    Inside: the picture (PNG and PDF); the table behind each layer that is shown, as CSV, all of them as one
    workbook, their geometry as GeoJSON and as one GeoPackage; the comparison of the view's places, if it has
    any; the alternative text; README.txt; and manifest.json, which lists the files with their hashes, the
    sources with their licences, and how the money adds up. Areas that no link restores come as GeoJSON, and
    README.txt and the manifest say so.

    Parameters
    ----------
    edition, view
        What is shown.
    paper
        Size and resolution of the picture.
    known
        The view's places, where whoever asks has them (see `snapshots.brief.brief`).

    Raises
    ------
    InputError
        If more firms are shown than `tables.files.MOST_IN_WORKBOOK`, or a place of the view is not known.
    """
    names = tables_behind(view)
    check(edition, view)
    chosen = known or find_places(edition, view.place)
    files = [
        *_pictures(edition, view, paper, chosen),
        *_tables(edition, view, names),
        *_geometry(edition, view, names),
        *_comparison(edition, view, chosen),
        *_areas(chosen),
        _in_words(edition, view, chosen),
    ]
    head, lost = title(edition, view, chosen), _lost(chosen)
    text = about_files(edition, view, files, head, lost)
    files = [File(README, _text(text), "What is inside, and how to open it."), *files]
    said = {**_manifest(edition, view, files, names, head), **({"not_in_link": lost} if lost else {})}
    manifest = json.dumps(said, indent=2, ensure_ascii=False, allow_nan=False)
    return _zip({**{file.path: file.content for file in files}, MANIFEST: _text(manifest)})


def check(edition: Edition, view: View) -> None:
    """Refuse what would not fit into a bundle.

    Raises
    ------
    InputError
        If more firms are shown than `tables.files.MOST_IN_WORKBOOK`.
    """
    for name in tables_behind(view):
        _refuse_too_many(edition, view, name)


def tables_behind(view: View) -> list[str]:
    """Return the ids of the tables behind the layers that a view shows, each once."""
    return list(dict.fromkeys(name for layer in chosen(view) for name in layer.behind))


def _refuse_too_many(edition: Edition, view: View, name: str) -> None:
    try:
        refuse_too_many(edition, table_rows.TABLES[name], view, "a bundle")
    except InputError as fault:
        raise InputError(f"{fault}, or hide the firms on the map and take the bundle again") from fault


def _text(words: str) -> bytes:
    return f"{words}\n".encode(errors="replace")


def _pictures(edition: Edition, view: View, paper: Paper, chosen: Sequence[Place]) -> list[File]:
    held = [form for form in offered("views") if form.bundled]
    return [
        File(f"picture.{form.ending}", picture(edition, view, form.id, paper, chosen), form.bundled)
        for form in held
    ]


def _in_words(edition: Edition, view: View, chosen: Sequence[Place]) -> File:
    text = alt_text(edition, view, chosen)
    return File(ALT_TEXT, _text(text), "The picture in words, for those who do not see it.")


def _tables(edition: Edition, view: View, names: list[str]) -> list[File]:
    """Return the tables in each format that a bundle holds: a file for each, or one for all together."""
    whole = Shown(edition, view, [table_rows.TABLES[name] for name in names])
    rows = {table.label: table.size(edition, view) for table in whole.tables}
    files = []
    for form in for_tables("api", placed=False):
        if form.bundled and form.several:
            facts = {"sheets": rows}
            files.append(File(f"tables/tables.{form.ending}", written(whole, form), form.bundled, facts))
        elif form.bundled:
            files += [
                File(
                    f"tables/{table.id}.{form.ending}",
                    written(Shown(edition, view, [table]), form),
                    form.bundled.format(table=table.label),
                    {"rows": rows[table.label]},
                )
                for table in whole.tables
            ]
    return files


def _geometry(edition: Edition, view: View, names: list[str]) -> list[File]:
    held = [form for form in offered("tables") if form.bundled and form.placed]
    files = [file for name in names for form in held for file in _placed(edition, view, name, form)]
    whole = geopackage(edition, view, names)
    if whole is None:
        return files
    what = "All layers for desktop GIS such as QGIS: longitude and latitude (EPSG:4326)."
    return [*files, File(f"geometry/{GEOPACKAGE}", whole.content, what, {"layers": whole.layers})]


def _placed(edition: Edition, view: View, name: str, form: Format) -> list[File]:
    """Return a table with its places; nothing for one that has no place on a map."""
    found = on_the_ground(edition, name, view)
    if found is None:
        return []
    table = table_rows.TABLES[name]
    without = int(found.geometry.isna().sum())
    facts = {"rows": len(found), "without_geometry": without, "coordinates": LONLAT}
    content = written(Shown(edition, view, [table]), form)
    what = form.bundled.format(table=table.label)
    return [File(f"geometry/{name}.{form.ending}", content, what, facts)]


def _comparison(edition: Edition, view: View, chosen: Sequence[Place]) -> list[File]:
    """Return the comparison of the view's places, if it has any."""
    if not chosen:
        return []
    found = compare(edition, view.plain(), chosen, view.against)
    asked = view.model_copy(update={"place": tuple(place.ref for place in chosen)})
    rows = {"rows": len(compared.long(found, asked))}
    return [
        File(
            f"comparison/comparison.{form.ending}",
            compared.written(found, asked, form),
            WITH_TABLES if form.several else FIGURES_ALONE,
            {} if form.several else rows,
        )
        for form in for_tables("api", placed=False)
        if form.bundled
    ]


def _areas(chosen: Sequence[Place]) -> list[File]:
    """Return the outlines that no link holds, to be given to the map again."""
    lost = [place for place in chosen if place.ref.startswith(OF_SESSION)]
    if not lost:
        return []
    features = [
        {"type": "Feature", "properties": {"name": place.name}, "geometry": json.loads(_outline(place))}
        for place in lost
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    what = "Areas that no link holds, for the page Compare (From a file): the land inside their outlines."
    return [File(AREAS, _text(text), what, {"rows": len(lost), "coordinates": LONLAT})]


def _outline(place: Place) -> str:
    """Return an area as a GeoJSON geometry (EPSG:4326) with no more corners than an upload may have.

    Thousands of islets may keep more, since each needs its four: coarser shapes would not be theirs.
    """
    shape, metres = place.geometry, FINEST_METRES
    while shapely.get_num_coordinates(shape) > MOST_CORNERS and metres <= COARSEST_METRES:
        shape, metres = shapely.simplify(place.geometry, metres), metres * 2
    turned = shapely.transform(shape, lambda xy: np.column_stack(to_lonlat(xy[:, 0], xy[:, 1])))
    return str(shapely.to_geojson(rounded_shapes([turned], DECIMALS)[0]))


def _lost(chosen: Sequence[Place]) -> str:
    """Say of areas what no link restores, and which file does."""
    words = unlinked(chosen)
    return f"{words} {AREAS} will do as well." if words else ""


def _manifest(edition: Edition, view: View, files: list[File], names: list[str], head: str) -> dict[str, Any]:
    about = edition.about
    return {
        "format": FORMAT,
        "made_by": {"name": PRODUCT, "version": VERSION},
        "title": head,
        "filters": [*filter_words(edition, view), counted_words(view)],
        "view": restorable(view).model_dump(mode="json"),
        "query": restorable(view).url(),
        "link": view_link(view),
        "edition": {
            "name": about.name,
            "own_firms": about.own,
            "firms": caveat(edition),
            "method": method_words(about),
            "boundaries": edition.boundaries,
            "boundaries_approximate": is_approximate(),
        },
        "totals": totals(edition, view),
        "notes": [NO_GEOMETRY_WORDS] if names else [],
        "sources": _sources(edition, view, names),
        "files": [file.listed() for file in files],
    }


def totals(edition: Edition, view: View) -> dict[str, float]:
    """Return how the money adds up, pounds: awarded is placed and not placed together, to the penny."""
    money = funding(edition, view).allocation
    parts = {"awarded": money.totals, "placed": money.placed, "not_placed": money.not_placed}
    return {f"{kind}_{name}_gbp": int(part[kind]) / PENCE for kind in MONEY for name, part in parts.items()}


def _sources(edition: Edition, view: View, names: list[str]) -> list[dict[str, str]]:
    """Return every source that a file rests on, with its licence, date and attribution."""
    # The sentence names what is known of awards, whatever is drawn.
    tables = [table_rows.TABLES[name] for name in (*names, "projects")]
    used = {*owed(view), *(source for table in tables for source in table.sources_of(edition))}
    return [
        {
            "id": one.id,
            "label": one.label,
            "publisher": one.publisher,
            "licence": one.licence,
            "edition": one.edition,
            "url": one.url,
            "caveat": one.caveat,
            "attribution": credited(one.id, own=edition.about.own),
        }
        for one in in_order(used)
    ]


def _zip(contents: Mapping[str, bytes]) -> bytes:
    """Return a ZIP file that bears no date of its own."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as book:
        for path, content in contents.items():
            entry = zipfile.ZipInfo(path, DATED)
            entry.create_system, entry.external_attr = UNIX, READABLE
            book.writestr(entry, content, zipfile.ZIP_DEFLATED, LEVEL)
    return target.getvalue()
