"""Names of files: what a view shows, in letters that every system takes."""

from __future__ import annotations

import re
import unicodedata
from math import cos, radians
from typing import TYPE_CHECKING

from data.errors import InputError
from edition.view import UK
from geo.projections import to_bng
from layers import labels
from regions.measures import MEASURES
from regions.places import find_place
from snapshots.formats import format_of
from tables.file_names import MOST_LETTERS, MOST_OF_EDITION, MOST_OF_PLACE, PREFIX, sectors_named, slug

if TYPE_CHECKING:
    from edition.edition import Edition
    from edition.view import View

COUNTRY = "uk"
# A cluster is called by its label and its place, of which neither may be lost.
MOST_OF_CLUSTER = 56
# Formats with a picture, which is framed on the places that are chosen, unless it stands elsewhere.
OF_PLACES = frozenset({"png", "svg", "pdf", "zip"})
# From this zoom on a map is of some town; its name is looked for so many pixels around the middle.
TOWN_ZOOM, TOWN_PIXELS = 8, 200
# Metres of a pixel on the equator at zoom 0.
PIXEL_M = 156_543.03
UNSAFE = re.compile(r"[^A-Za-z0-9.]+")
# Windows keeps these for devices, whatever stands after the first full stop.
DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
)


def file_name(edition: Edition, view: View, form: str) -> str:
    """Return what the file of a view is called.

    Parameters
    ----------
    edition, view
        What is shown.
    form
        The id of a format of views.

    Returns
    -------
    str
        Place, measure and level (where regions are drawn), sectors, edition and ending, such as
        ``innovation-clusters-greater-manchester-per-head-itl3-sample-2026-12.png``; at most `MOST_LETTERS`
        letters, digits, hyphens and one full stop. The place is the cluster that is looked at, else the only
        place or the places that the file is of, else the largest town near the middle of a map that is zoomed
        in, else ``uk``.

    Raises
    ------
    InputError
        If there is no such format.
    """
    found = format_of(form)
    group = found.of_view
    ending = f"{f'-{group.id}' if group.subject else ''}.{found.ending}"
    # What is drawn on paper shows the places that are compared, unless it is of a part of the map.
    compared = group.subject or (group.paper and view.at == UK)
    most = MOST_OF_CLUSTER if view.cluster else MOST_OF_PLACE
    place = slug(_place(edition, view, compared=compared), most) or COUNTRY
    parts = [PREFIX, place, *_measured(view)]
    last = slug(edition.about.name, MOST_OF_EDITION)
    room = MOST_LETTERS - len("-".join([*parts, last])) - len(ending) - 1
    sectors = sectors_named(edition, view, room)
    return "-".join(filter(None, [*parts, sectors, last])) + ending


def safe_name(wanted: str, ending: str) -> str:
    """Return a name that was asked for as one that every system takes; empty where nothing of it is left.

    Parameters
    ----------
    wanted
        Any text, with or without the ending; folders in it become part of the name.
    ending
        That the file is to have, without the full stop.

    Examples
    --------
    >>> safe_name("../../etc/passwd", "png"), safe_name("con", "png"), safe_name("Leeds 2026.PNG", "png")
    ('etc-passwd.png', 'map-con.png', 'Leeds-2026.png')
    """
    plain = unicodedata.normalize("NFKD", wanted)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    if plain.lower().endswith(f".{ending}"):
        plain = plain[: -len(ending) - 1]
    # A name that begins with a full stop is hidden, and two of them are the folder above.
    stem = re.sub(r"[.-]*\.[.-]*", ".", UNSAFE.sub("-", plain)).strip(".-")
    stem = stem[: MOST_LETTERS - len(ending) - 1].strip(".-")
    if not stem:
        return ""
    device = stem.partition(".")[0].lower() in DEVICES
    return f"{'map-' if device else ''}{stem}.{ending}"


def _measured(view: View) -> list[str]:
    """Name measure and level, where regions are drawn."""
    drawn = "regions" in view.show and MEASURES[view.measure].kind != "none"
    return [view.measure, view.level.replace("_", "-")] if drawn else []


def _place(edition: Edition, view: View, *, compared: bool) -> str:
    if view.cluster:
        rows = edition.tables["clusters"]
        found = rows.loc[rows["cluster_id"] == view.cluster, "name"]
        if len(found):
            return str(found.iloc[0])
    if len(view.place) == 1 or (view.place and compared):
        first = _called(edition, view.place[0])
        more = len(view.place) - 1
        return f"{first} and {more} more" if more else first
    return _town(edition, view.at)


def _called(edition: Edition, ref: str) -> str:
    try:
        return find_place(edition, ref).name
    except InputError:
        # Whoever draws the view says what is wrong with it; a name is no place for that.
        return ""


def _town(edition: Edition, at: tuple[float, float, float]) -> str:
    """Name the largest town within a few pixels of the middle of a map that is zoomed in."""
    lat, lon, zoom = at
    if zoom < TOWN_ZOOM:
        return ""
    towns = labels.places(edition)
    east, north = to_bng(lon, lat)
    far = TOWN_PIXELS * PIXEL_M * cos(radians(lat)) / 2**zoom
    near = (towns["easting"] - east).abs().le(far) & (towns["northing"] - north).abs().le(far)
    return "".join(towns[near].nlargest(1, "weight")["name"])
