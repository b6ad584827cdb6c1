"""The places that a session compares: listed, typed, picked on the map, drawn, uploaded or put together."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import shapely
import streamlit as st

from data.errors import InputError
from edition.keeper import KEEPER
from edition.view import LEVELS as MAP_LEVELS
from edition.view import MOST_PLACES
from geo.areas.area import area_from_ring
from geo.boundaries import LEVELS
from geo.projections import to_bng
from intake.area_upload import ENDINGS, MOST_BYTES, read_areas
from regions.areas import area_place, ref_of_area, ref_of_set
from regions.places import find_place, in_a_sentence, places
from views import atlas, state
from views.markdown import plain
from words.links import OF_SESSION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapely.geometry import MultiPolygon

    from edition.edition import Edition
    from edition.view import View
    from regions.place import Place

GONE = "was drawn or uploaded in another session and is too large for a link; add it again"
MAP = "place-map"
# Pixels.
MAP_HEIGHT = 520
MOST_NAME = 80


def resolve(edition: Edition, ref: str) -> Place:
    """Return the place of a ref, be it of this session only.

    Raises
    ------
    InputError
        If there is none.
    """
    kept: dict[str, Place] = st.session_state.setdefault("areas", {})
    if ref in kept:
        return kept[ref]
    if ref.startswith(OF_SESSION):
        raise InputError(f"the area {ref!r} {GONE}")
    return _still_noted(find_place(edition, ref), ref)


def _still_noted(place: Place, ref: str) -> Place:
    """Keep what was said of a place whose code moved: the view holds the new code, which does not say it."""
    notes: dict[str, str] = st.session_state.setdefault("place_notes", {})
    if place.note and place.ref != ref:
        notes[place.ref] = place.note
    note = notes.get(place.ref, "")
    return _noted(place, note) if note and not place.note else place


# Figures are kept by place: the same place with the same note has to stay the same object.
@lru_cache(maxsize=64)
def _noted(place: Place, note: str) -> Place:
    return replace(place, note=note)


def chosen(edition: Edition) -> list[Place]:
    """Return the places of the view, each once; those that are none are said and left out."""
    view: View = st.session_state.view
    found, faults = _resolved(edition, view.place)
    notes: dict[str, str] = st.session_state.get("place_notes", {})
    st.session_state.place_notes = {ref: note for ref, note in notes.items() if ref in found}
    if tuple(found) != view.place:
        # Names become refs, so that a link is the same however it was typed.
        state.put(view.model_copy(update={"place": tuple(found)}))
        st.session_state.faults = [*st.session_state.faults, *faults]
    return list(found.values())


def _resolved(edition: Edition, refs: Iterable[str]) -> tuple[dict[str, Place], list[str]]:
    found: dict[str, Place] = {}
    faults = []
    for ref in refs:
        try:
            place = resolve(edition, ref)
        except InputError as fault:
            faults.append(str(fault))
        else:
            found.setdefault(place.ref, place)
    return found, faults


def add(*new: Place) -> None:
    """Add places to those compared; say which did not fit."""
    view: View = st.session_state.view
    refs = [*dict.fromkeys([*view.place, *(place.ref for place in new)])]
    state.change(place=tuple(refs[:MOST_PLACES]))
    over = len(refs) - MOST_PLACES
    if over > 0:
        st.session_state.faults = [
            f"ten places are compared at once; {over} more did not fit: take one out first"
        ]


def add_ref(ref: str) -> None:
    """Add the place of a ref."""
    add(resolve(KEEPER.edition(), ref))


def start_with(refs: tuple[str, ...]) -> None:
    """Compare these places."""
    state.change(place=refs)


def sidebar(edition: Edition, here: list[Place]) -> None:
    """Offer the list of places, which can be searched and typed into."""
    known = places(edition).table
    titles = dict(zip(known["ref"], map(_title, known.itertuples(index=False)), strict=True))
    own = {
        place.ref: f"{place.name} · {in_a_sentence(place.kind)}" for place in here if place.ref not in titles
    }
    titles = {"UK": "United Kingdom", **own, **titles}
    st.multiselect(
        "Places",
        list(titles),
        # What is typed may be part of many names: Enter takes the first of them, not all.
        select_all=False,
        key="place",
        format_func=lambda ref: titles.get(ref, ref),
        max_selections=MOST_PLACES,
        accept_new_options=True,
        placeholder="Type a place, level or code",
        help="Two to ten places of any level: type a name, a GSS or ITL code, or a level (“Leeds itl3”). "
        "Places that overlap may stand side by side; their sums are not added.",
        on_change=state.from_widgets,
    )


def _title(row: Any) -> str:
    kind = in_a_sentence(LEVELS[row.level].name)
    code = f" · {row.region_id}" if row.level in {"la", "itl3", "itl2", "itl1"} else ""
    return f"{row.name} · {kind}{code}"


def more_ways(edition: Edition, view: View) -> None:
    """Offer the other ways to a place: the map, a file, a set of authorities."""
    open_first = not view.place
    box = st.expander(
        "Add a place from the map, a file or a set of authorities",
        icon=":material/add_location_alt:",
        expanded=open_first,
        key="ways",
        on_change="rerun",
    )
    if not box.open:
        return
    with box:
        ways = {"map": "On the map", "file": "From a file", "set": "Several authorities"}
        left, right = st.columns([3, 1], vertical_alignment="center")
        left.segmented_control(
            "Way", list(ways), key="way", default="map", format_func=ways.__getitem__, required=True,
            label_visibility="collapsed",
        )  # fmt: skip
        if st.session_state.way == "map":
            right.selectbox(
                "Regions to click",
                list(MAP_LEVELS),
                key="level",
                format_func=MAP_LEVELS.__getitem__,
                label_visibility="collapsed",
                on_change=state.from_widgets,
            )
        {"map": _on_map, "file": _from_file, "set": _as_set}[st.session_state.way](edition, view)


def _on_map(edition: Edition, view: View) -> None:
    st.caption(
        "Click a region to add it; the list above says of which level. To draw an area of your own, press "
        "the polygon: a click sets a corner, Enter or a double click closes it."
    )
    shown = view.model_copy(update={"show": ("regions", "labels"), "measure": "none", "here": None})
    frame = atlas.Frame(MAP, MAP_HEIGHT, _heard)
    with st.container(key="picker"):
        atlas.draw(edition, shown, "Choose places to compare", frame, picking=True)


def _heard() -> None:
    atlas.answer(MAP, _asked)


def _asked(said: dict[str, Any]) -> None:
    """Add what was clicked or drawn."""
    edition = KEEPER.edition()
    if said.get("kind") == "pick":
        add(_picked(edition, float(said["lat"]), float(said["lon"])))
    elif said.get("kind") == "area":
        add(_own(edition, area_from_ring(said.get("ring")), ""))


def _picked(edition: Edition, lat: float, lon: float) -> Place:
    """Return the region of the view's level at a point."""
    level = st.session_state.view.level
    easting, northing = (float(number) for number in to_bng(lon, lat))
    frame = edition.regions[level]
    holding = frame[shapely.intersects_xy(frame.geometry.to_numpy(), easting, northing)]
    if holding.empty:
        raise InputError(
            f"the point {lat:.4f}, {lon:.4f} lies outside the United Kingdom's land; click on a region"
        )
    return find_place(edition, str(holding["region_id"].iloc[0]))


def _own(edition: Edition, polygon: MultiPolygon, name: str) -> Place:
    """Return an area as a place; where its outline is too long for an address, the session keeps it."""
    kept: dict[str, Place] = st.session_state.setdefault("areas", {})
    own = [ref for ref in st.session_state.view.place if ref.startswith(("area:", OF_SESSION))]
    called = name or f"Area {len(own) + 1}"
    ref = ref_of_area(polygon, called)
    if ref is not None:
        return find_place(edition, ref)
    ref = f"{OF_SESSION}{len(kept) + 1}"
    kept[ref] = area_place(edition, polygon, called, ref)
    return kept[ref]


def _from_file(edition: Edition, _view: View) -> None:
    given = st.file_uploader(
        "GeoJSON or GeoPackage with polygons",
        type=[ending.removeprefix(".") for ending in ENDINGS],
        max_upload_size=int(MOST_BYTES / 1e6),
        help="Each polygon is one area, named by its property “name”. The file stays with this session and "
        "is not kept.",
    )
    if given is None:
        st.caption("At most 5 MB and 50 polygons. GeoJSON is read as longitude and latitude (EPSG:4326).")
        return
    read = _read(given.file_id, given.getvalue(), given.name)
    if isinstance(read, str):
        st.error(plain(read), icon=":material/error:")
        return
    for name, reason in read.refused:
        st.warning(plain(f"{name or 'an area'} is left out: {reason}"), icon=":material/block:")
    if not read.areas:
        return
    names = [name for name, _ in read.areas]
    numbers = list(range(len(names)))
    picked = st.multiselect(
        "Areas to add", numbers, default=numbers[:MOST_PLACES], format_func=lambda number: names[number]
    )
    st.button(
        f"Add {len(picked)} of {len(names)}",
        disabled=not picked,
        type="primary",
        on_click=_add_areas,
        args=(edition, [read.areas[number] for number in picked]),
    )


def _add_areas(edition: Edition, areas: list[tuple[str, MultiPolygon]]) -> None:
    made, faults = [], []
    for name, polygon in areas:
        try:
            made.append(_own(edition, polygon, name))
        except InputError as fault:
            faults.append(f"{name}: {fault}")
    add(*made)
    st.session_state.faults = [*st.session_state.faults, *faults]


def _read(file_id: str, data: bytes, name: str) -> Any:
    """Read a file once; a fault comes back in words."""
    before = st.session_state.get("upload")
    if before is None or before[0] != file_id:
        try:
            with st.spinner("Reading the file …"):
                read: Any = read_areas(data, name)
        except InputError as fault:
            read = str(fault)
        st.session_state.upload = (file_id, read)
    return st.session_state.upload[1]


def _as_set(edition: Edition, _view: View) -> None:
    rows = edition.tables["authorities"]
    names = dict(zip(rows["gss_code"], rows["name"], strict=True))
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    codes = left.multiselect(
        "Authorities", list(names), key="set-codes", format_func=lambda code: f"{names[code]} · {code}",
        placeholder="Type the name of a council", select_all=False,
    )  # fmt: skip
    name = right.text_input("Called", key="set-name", max_chars=MOST_NAME, placeholder="A name of your own")
    st.button(
        "Add as one place", disabled=not codes, type="primary", on_click=_add_set, args=(edition, codes, name)
    )


def _add_set(edition: Edition, codes: list[str], name: str) -> None:
    add(find_place(edition, ref_of_set(codes, name)))
    st.session_state["set-codes"] = []
    st.session_state["set-name"] = ""
