"""The description of the API for programs: tags, examples, shapes of answers, and every error."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from api.examples import example_of, value_of
from api.faults import Fault
from api.negotiation import FORMS, GEOJSON, XLSX
from snapshots.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI

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
DRAWN = {"note": "text"}
TOLD = {"place": "text", "name": "text", "words": "text", "rows": "rows"}
# What the JSON of each path surely holds; lists and tables have pages.
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
        "/regions": {**DRAWN, "measure": "object", "rows": "rows"},
        "/clusters": FEATURES,
        "/firms/grid": {**DRAWN, "points": "yes or no", "rows": "rows", "caveat": "text"},
        "/projects/map": {**DRAWN, "points": "rows", "areas": "rows"},
        "/assets/map": {**DRAWN, "rows": "rows"},
        "/towns": {**DRAWN, "rows": "list"},
        "/at": {"title": "text", "clusters": "rows", "projects": "rows", "regions": "rows", "note": "text"},
        "/sentence": {"sentence": "text"},
        "/view": {
            **dict.fromkeys(("sentence", "counted", "attribution", "edition", "link"), "text"),
            "figures": "object",
            "filters": "texts",
            "files": "rows",
            "strongest": "rows",
        },
        "/search": {"query": "text", "hits": "rows", "note": "text"},
        "/compare": {"places": "rows", "against": "rows", "measures": "rows", "summary": "texts"},
        "/places/ranks": TOLD,
        "/places/similar": TOLD,
        "/places/{ref}": {"ref": "text", "name": "text", "level": "text", "authorities": "rows"},
        "/programmes": {**PAGED, "totals": "object", "left_out": "count"},
        "/projects": {**PAGED, "totals": "object"},
        "/programmes/{programme_id}": {"facts": "object", "headline": "text", "projects": "rows"},
        "/clusters/{cluster_id}": {"cluster_id": "text", "facts": "rows", "members": "rows"},
        "/projects/{project_id}": {"project": "object", "facts": "rows", "links": "texts"},
        "/firms/{firm_id}": {"firm": "object", "clusters": "rows", "projects": "rows"},
        "/assets/{asset_id}": {"asset": "object"},
        "/tables/{name}": {**PAGED, "table": "text", "caveat": "text"},
        "/places": PAGED,
        "/years": {**PAGED, "note": "text"},
    }
)
# Paths that answer with GeoJSON.
GEOGRAPHY = ("/land", "/shapes/areas", "/shapes/{level}", "/places/shape", "/clusters")
CLOSED_FORMS = {"csv": FORMS["csv"].media, "xlsx": XLSX, "geojson": GEOJSON}
PICTURES = {form: FORMATS[form].media for form in ("png", "svg", "pdf")}
# Paths that answer with files: the media types.
FILES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "/picture.{form}": tuple(PICTURES.values()),
        "/map.html": (FORMATS["html"].media,),
        "/bundle.zip": (FORMATS["zip"].media,),
        "/brief.pdf": (FORMATS["brief"].media,),
        "/compare/figure.{form}": tuple(PICTURES.values()),
    }
)
TWO = (CLOSED_FORMS["csv"], CLOSED_FORMS["xlsx"])
# Paths that take Accept into account, and what they answer in beside JSON.
NEGOTIATED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "/tables/{name}": tuple(CLOSED_FORMS.values()),
        "/places": tuple(CLOSED_FORMS.values()),
        "/compare": TWO,
        "/years": TWO,
    }
)
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
    asked["description"] = "\n\n".join(filter(None, [asked.get("description", ""), about]))
    asked["responses"] = {
        "200": {"description": "The answer", "headers": _headers(path), "content": _content(path)},
        "304": {"description": SAME},
        **({"308": _fault(MOVED)} if path in MOVABLE else {}),
        **{status: _fault(words) for status, words in ERRORS.items() if _can(path, status)},
    }


def _can(path: str, status: str) -> bool:
    if status == "406":
        return is_negotiated(path)
    if status == "429":
        return path in FILES or "{form}" in path or is_negotiated(path)
    return True


def is_negotiated(path: str) -> bool:
    """Say whether a path takes Accept into account."""
    return path in NEGOTIATED or _is_list(path)


def _is_list(path: str) -> bool:
    """Say whether a path is one of the plain lists: those have no shape of their own."""
    return path not in SHAPES and path not in FILES and path not in GEOGRAPHY and "." not in path


def _content(path: str) -> Schema:
    """Return the media types that a path answers in, with their shapes."""
    if path in FILES:
        return {media: _binary(media) for media in FILES[path]}
    if path in GEOGRAPHY:
        return {GEOJSON: {"schema": _shape({"type": "text"})}}
    named = path.removesuffix(".{form}")
    shape = SHAPES.get(named, {**PAGED, "note": "text"})
    more = NEGOTIATED.get(named, TWO if _is_list(named) else ())
    return {"application/json": {"schema": _shape(shape)}, **{media: _binary(media) for media in more}}


def _binary(media: str) -> Schema:
    if media == GEOJSON:
        return {"schema": _shape(FEATURES)}
    kind = (
        {"type": "string"}
        if media.startswith(("text/", "image/svg"))
        else {"type": "string", "format": "binary"}
    )
    return {"schema": kind}


def _shape(fields: Mapping[str, str]) -> Schema:
    properties = {name: TYPES[kind] for name, kind in fields.items()}
    return {"type": "object", "required": list(fields), "properties": properties}


def _headers(path: str) -> Schema:
    text = {"type": "string"}
    told = {"ETag": {"description": "Entity tag: send it back in If-None-Match", "schema": text}}
    if path in FILES or "{form}" in path:
        told["Content-Disposition"] = {"description": "What the file is called", "schema": text}
    elif "rows" in SHAPES.get(path, PAGED) and "total" in SHAPES.get(path, PAGED):
        told["Link"] = {"description": "First, previous, next and last page", "schema": text}
    return told


def _fault(words: str) -> Schema:
    shape = {"$ref": "#/components/schemas/Fault"}
    return {"description": words, "content": {"application/json": {"schema": shape}}}
