"""The description of the API for programs: tags, examples, shapes of answers, and every error."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from api.errors import Fault
from api.examples import example_of, served_at, value_of
from api.negotiation import DRAWN, OFFERED
from api.responses import GEOJSON, JSON
from data import formats
from edition.choices import NONE
from layers.registry import kinds
from regions.measures import on_map

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fastapi import FastAPI

    from data.formats import Format

Schema = dict[str, Any]

TAGS: Mapping[str, str] = MappingProxyType(
    {
        "view": "What a page shows, as a file: a picture, an interactive map, a bundle with everything, a "
        "brief. Takes a whole view, as it stands in the address of the page. How often one client may ask is "
        "limited.",
        "tables": "The tables below the map, whole or in pages.",
        "things": "One thing by its id. Ids are stable.",
        "places": "Regions of every level, sets of authorities and drawn areas: listed, compared, ranked, "
        "likened.",
        "funding": "Programmes and projects, and how their money adds up.",
        "lookup": "Questions with one answer.",
        "about": "What the numbers rest on: the edition and its method, sources, thresholds, corrections.",
        "map": "What the layers of the map fetch.",
        "service": "The service itself.",
    }
)
ERRORS: Mapping[str, str] = MappingProxyType(
    {
        "404": "No such thing; the message says where those there are are listed",
        "406": "Accept asks for no format that this path answers in",
        "413": "What is asked, or would be answered, is too large",
        "422": "A parameter cannot be used; the message names it and says what would be right",
        "429": "This client asked for files too often; Retry-After says when it may again",
        "503": "The tables are being prepared, or too many files are being made; Retry-After says when to "
        "ask again",
    }
)
MOVED = "The id was replaced; Location leads to the one that took its place"
SAME = "Nothing has changed since the answer whose entity tag was sent in If-None-Match"
TYPES = {
    "text": {"type": "string"},
    "count": {"type": "integer", "minimum": 0},
    "number": {"type": "number"},
    "yes or no": {"type": "boolean"},
    "list": {"type": "array"},
    "texts": {"type": "array", "items": {"type": "string"}},
    "rows": {"type": "array", "items": {"type": "object"}},
    "object": {"type": "object"},
    "text or null": {"type": ["string", "null"]},
    "object or null": {"type": ["object", "null"]},
}
FEATURES = {"type": "text", "features": "rows"}
PAGED = {
    **dict.fromkeys(("total", "offset", "limit"), "count"),
    **dict.fromkeys(("next", "prev"), "text or null"),
    "rows": "rows",
}
ON_A_MAP = {"note": "text"}
NOTED = {**PAGED, "note": "text"}
TOLD = {**NOTED, "place": "text", "name": "text", "words": "text"}
# How the path of a file ends.
ENDING = ".{form}"
# What the JSON of each path surely holds; rows that are not named here have `NOTED`, layers what they say.
SHAPES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "/health": {"status": "text", "stage": "text", "share": "number", "version": "text"},
        "/edition": {
            **dict.fromkeys(("name", "method", "caveat", "boundaries", "version"), "text"),
            "own": "yes or no",
            "parameters": "object or null",
            "counts": "object",
            "years": "list",
        },
        "/style": dict.fromkeys(("colours", "sizes", "sectors", "assets"), "object"),
        "/at": {"title": "text", "clusters": "rows", "projects": "rows", "regions": "rows", "note": "text"},
        "/sentence": {"sentence": "text"},
        "/view": {
            **dict.fromkeys(("sentence", "counted", "attribution", "edition", "link"), "text"),
            "figures": "object",
            "filters": "texts",
            "files": "rows",
            "strongest": "rows",
        },
        "/search": {"query": "text", "hits": "rows", "note": "text", "pending": "yes or no"},
        "/compare": {"places": "rows", "against": "rows", "measures": "rows", "summary": "texts"},
        "/places/ranks": TOLD,
        "/places/similar": TOLD,
        "/places/{ref}": {"ref": "text", "name": "text", "level": "text", "authorities": "rows"},
        "/programmes": {**NOTED, "totals": "object", "left_out": "count"},
        "/projects": {**NOTED, "totals": "object"},
        "/programmes/{programme_id}": {"facts": "object", "headline": "text", "projects": "rows"},
        "/clusters/{cluster_id}": {
            **dict.fromkeys(("cluster_id", "name", "summary"), "text"),
            **dict.fromkeys(("facts", "criteria", "evidence", "members", "projects"), "rows"),
            **dict.fromkeys(("partners", "assets", "authorities"), "rows"),
            "caveats": "texts",
            "geometry": "object",
        },
        "/projects/{project_id}": {"project": "object", "facts": "rows", "links": "texts"},
        "/firms/{firm_id}": {"firm": "object", "clusters": "rows", "projects": "rows"},
        "/assets/{asset_id}": {"asset": "object"},
        "/tables/{name}": {**PAGED, "table": "text", "caveat": "text"},
    }
)
# Paths that answer with GeoJSON, beside those of layers.
GEOGRAPHY = ("/shapes/areas", "/shapes/{level}", "/places/shape")
# Parameters of which the registries say what they may be, since editions have these alike.
CHOSEN: Mapping[str, Callable[[], list[str]]] = MappingProxyType(
    {"measure": lambda: [*on_map()], "show": lambda: [*kinds(), NONE]}
)
# Here any measure will do that places can be ranked by.
RANKED = "/places/ranks"
# Beginnings of the paths whose id may have been replaced.
MOVABLE = ("/clusters/{cluster_id}", "/places/{ref}")


def specify(api: FastAPI) -> None:
    """Let the API describe itself whole, once."""
    api.openapi = partial(_described, api, api.openapi)  # type: ignore[method-assign]


def _described(api: FastAPI, plain: Any) -> Schema:
    if not api.openapi_schema or "x-described" not in api.openapi_schema:
        found = plain()
        found["components"]["schemas"] = {"Fault": Fault.model_json_schema()}
        for path, methods in found["paths"].items():
            _describe(path, methods["get"])
        found["x-described"] = True
        api.openapi_schema = found
    described: Schema = api.openapi_schema
    return described


def _describe(path: str, asked: Schema) -> None:
    """Complete the description of a path: examples, what it answers, what can be wrong."""
    for row in asked.get("parameters", []):
        if row["name"] in CHOSEN and not path.startswith(RANKED):
            shape = row["schema"]
            shape.get("items", shape)["enum"] = CHOSEN[row["name"]]()
        example = value_of(path, row)
        if example is None:
            continue
        # The page of documentation fills in what a parameter itself has as its example: of what may be left
        # out, its shape has it.
        if row["required"]:
            row["example"] = example
        else:
            row["schema"]["examples"] = [example]
    about = example_of(path)
    tables, files = ([formats.FORMATS[name] for name in asked.pop(mark, ())] for mark in (OFFERED, DRAWN))
    negotiated = bool(tables) and not path.endswith(ENDING)
    ruled_out = {*(() if negotiated else ("406",)), *(() if files or tables else ("429",))}
    asked["description"] = "\n\n".join(filter(None, [asked.get("description", ""), about]))
    asked["responses"] = {
        "200": {
            "description": "The answer",
            "headers": _headers(path, files, tables),
            "content": _content(path, files, tables),
        },
        "304": {"description": SAME},
        **({"308": _fault(MOVED)} if path.startswith(MOVABLE) else {}),
        **{status: _fault(words) for status, words in ERRORS.items() if status not in ruled_out},
    }


def _content(path: str, files: Sequence[Format], tables: Sequence[Format]) -> Schema:
    """Return the media types that a path answers in, with their shapes."""
    if files:
        return {form.media: _binary(form) for form in files}
    served = served_at(path)
    if path in GEOGRAPHY or (served is not None and served.geojson):
        return {GEOJSON: {"schema": _shape({"type": "text"})}}
    if served is not None:
        return {JSON: {"schema": _shape({**ON_A_MAP, **served.holds})}}
    shape = SHAPES.get(path.removesuffix(ENDING), NOTED if tables else {})
    more = {form.media: _binary(form) for form in tables if not form.paged}
    return {JSON: {"schema": _shape(shape)}, **more}


def _binary(form: Format) -> Schema:
    if form.media == GEOJSON:
        return {"schema": _shape(FEATURES)}
    return {"schema": {"type": "string"} if form.is_text else {"type": "string", "format": "binary"}}


def _shape(fields: Mapping[str, str]) -> Schema:
    properties = {name: TYPES[kind] for name, kind in fields.items()}
    return {"type": "object", "required": list(fields), "properties": properties}


def _headers(path: str, files: Sequence[Format], tables: Sequence[Format]) -> Schema:
    text = {"type": "string"}
    told = {"ETag": {"description": "Entity tag: send it back in If-None-Match", "schema": text}}
    if files or tables:
        told["Content-Disposition"] = {"description": "What the file is called", "schema": text}
    if tables and "total" in SHAPES.get(path.removesuffix(ENDING), PAGED):
        told["Link"] = {"description": "Of JSON: first, previous, next and last page", "schema": text}
    return told


def _fault(words: str) -> Schema:
    shape = {"$ref": "#/components/schemas/Fault"}
    return {"description": words, "content": {JSON: {"schema": shape}}}
