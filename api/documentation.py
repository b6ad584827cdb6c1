"""The page on the API, docs/api.md: paths, parameters, view fields, layers and tables, read from the code."""

from __future__ import annotations

from inspect import getdoc, getmodule
from typing import TYPE_CHECKING, Any

from api.examples import CLUSTER, question
from api.limits import LONG
from api.service import service
from api.specification import ERRORS, MOVED, SAME, TAGS
from data import formats
from data.documentation import bound, generated, markdown_table, write_pages
from data.settings import Settings
from edition.filters import Filters
from edition.view import LEVELS, View
from layers.base import API
from layers.registry import drawn
from regions.measures import on_map
from tables import rows as shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Parameter = dict[str, Any]

HOST = "http://localhost:8501"
HEAD = f"""# The API

What the map fetches is what anyone may fetch. All paths are under `{API}` of a running map (`make run`),
answer `GET` and `HEAD`, and need no key; pages of other hosts may read them too. `{API}/docs` shows the same
in the browser without any other host, `{API}/openapi.json` for programs.

    curl '{HOST}{API}/tables/clusters?sector=life-sciences&limit=5'
    curl -O -J '{HOST}{API}/tables/regions.xlsx?level=itl2&download=true'
    curl -H 'Accept: text/csv' '{HOST}{API}/places?level=city_region'
    curl -o map.png '{HOST}{API}/picture.png?sector=life-sciences&size=a4-landscape&dpi=200'
    curl -o brief.pdf '{HOST}{API}/brief.pdf?cluster={CLUSTER}'

Money is in pounds, coordinates are longitude and latitude (EPSG:4326). Every answer carries an entity tag:
send it back in `If-None-Match` and an unchanged answer is `304` without a body. CSV is UTF-8 with a mark for
spreadsheets; its last column carries the sources and what to beware of. Ids are stable; a code or cluster
that was replaced by one other answers `308` with the new address in `Location`, and as a value of `place` it
is answered with the new place. What the tables mean is in [data](data.md), how the figures are made in
[method](method.md).
"""
FORMATS_TEXT = """The ending of a path says the format; without one, the header `Accept` does (weights count;
`406` where nothing fits). JSON comes in pages: `offset` and `limit` choose one, `total` says how many rows
there are, `next` and `prev` lead on, in the body and in the header `Link`. Other formats are whole.
GeoJSON is there where rows lie somewhere; a refusal lists the formats that a table has.
`download=true` makes a browser keep a file rather than show it; its name says what is inside."""
LIMITS_TEXT = f"""Files that take a while to make (pictures, maps, bundles, briefs, workbooks, GeoJSON, CSV of
more than {LONG:,} rows) are counted for each client, and few are made at a time, so that everything else is
answered meanwhile. What was just made, and what the caller has already (`304`), is not counted. Whoever runs
the map sets the limits (see [settings](settings.md))."""
FAULTS = "An error answers with its status and JSON of one field, `detail`, that says in words what is wrong."
VIEW = """A view is all that a page shows. It is written into the address of the page, so a link shows what
its sender saw. Fields that have their defaults are left out; a name that takes several values is repeated
(`sector=defence&sector=other`)."""
WORDS = {"integer": "whole number", "number": "number", "string": "text", "boolean": "`true` or `false`"}
# Settings that are limits of the API begin so.
LIMITS = ("limit_", "trusted_")


def write_api_page(folder: Path) -> list[Path]:
    """Write docs/api.md into a folder and return its path."""
    return write_pages(folder, {"api.md": api_page()})


def api_page() -> str:
    """Return docs/api.md."""
    paths = service().openapi()["paths"]
    parts = [
        HEAD,
        f"## Errors\n\n{FAULTS}\n\n{_errors()}",
        f"## Formats\n\n{FORMATS_TEXT}\n\n{_each_format()}\n\n{_formats(paths)}",
        f"## Limits\n\n{LIMITS_TEXT}\n\n{_limits_of_settings()}",
        f"## The filters\n\nPaths that take *the filters* take all of these.\n\n{_filters(paths)}",
        *_groups(paths),
        f"## The view in the address\n\n{VIEW}\n\n{_view()}",
        f"## The tables by name\n\n{_tables()}",
        f"## Layers\n\n{_layers()}",
        f"## Levels\n\n{_levels()}",
        f"## Measures\n\n{_measures()}",
    ]
    return generated("\n\n".join(part.strip() for part in parts))


def _errors() -> str:
    rows = [
        *ERRORS.items(),
        ("304", SAME),
        ("308", MOVED),
        ("405", "Another method than GET, HEAD or OPTIONS"),
    ]
    return markdown_table(("status", "when"), sorted((status, f"{words}.") for status, words in rows))


def _each_format() -> str:
    """Return the formats that the API offers: how a path ends, and what each is good for."""
    found = dict.fromkeys((*formats.offered("views", "api"), *formats.offered("tables", "api")))
    rows = [
        (form.label if form.views else form.name, f"`.{form.ending}`", f"`{form.media}`", form.hint)
        for form in found
    ]
    return markdown_table(("format", "ending", "media type", "good for"), rows)


def _formats(paths: Mapping[str, Any]) -> str:
    """Return which formats there are at which paths: one row for a path and those with its endings."""
    called = {form.media: form.name for form in formats.FORMATS.values()}
    drawn = {form.media for form in (*formats.offered("views"), *formats.offered("charts"))}
    found: dict[str, list[str]] = {}
    for path, methods in paths.items():
        media = list(methods["get"]["responses"]["200"]["content"])
        if len(media) > 1 or media[0] in drawn:
            found.setdefault(path.removesuffix(".{form}"), [called[one] for one in media])
    rows = [(f"`{path}`", ", ".join(names), _chosen(path, paths)) for path, names in found.items()]
    return markdown_table(("path", "formats", "chosen by"), rows)


def _chosen(path: str, paths: Mapping[str, Any]) -> str:
    by_ending = f"{path}.{{form}}" in paths
    return "ending, or `Accept`" if path in paths and by_ending else "ending" if by_ending else "always"


def _limits_of_settings() -> str:
    fields = Settings.model_fields.items()
    rows = [
        (f"`ICM_{name.upper()}`", f"`{field.default:g}`", (field.description or "").removeprefix("API: "))
        for name, field in fields
        if name.startswith(LIMITS)
    ]
    return markdown_table(("setting", "default", "meaning"), rows)


def _filters(paths: Mapping[str, Any]) -> str:
    """Return the filters as a path describes them that takes all of them."""
    known = next(
        found for found in map(_parameters, paths.values()) if set(Filters.model_fields) <= set(found)
    )
    return _parameter_table([known[name] for name in Filters.model_fields])


def _parameters(path: Mapping[str, Any]) -> dict[str, Parameter]:
    return {row["name"]: row for row in path["get"].get("parameters", [])}


def _groups(paths: Mapping[str, Any]) -> Iterator[str]:
    """Return a part for each group of paths."""
    for tag, about in TAGS.items():
        own = [_path(name, path) for name, path in paths.items() if _tag(path) == tag]
        yield "\n\n".join([f"## Paths: {tag}", about, *own])


def _tag(path: Mapping[str, Any]) -> str:
    return str(path["get"].get("tags", [""])[0])


def _path(name: str, path: Mapping[str, Any]) -> str:
    """Return one path: what it answers, and what it takes beside the filters."""
    found = _parameters(path)
    filtered = set(Filters.model_fields) <= set(found)
    own = [row for key, row in found.items() if not (filtered and key in Filters.model_fields)]
    words = [f"### `{API}{name}`", f"{path['get']['summary']}."]
    if filtered:
        words[-1] += " Takes the filters" + (", and:" if own else ".")
    tables = [_parameter_table(own)] if own else []
    return "\n\n".join([*words, *tables, f"Example: `{API}{question(name)}`"])


def _parameter_table(rows: list[Parameter]) -> str:
    head = ("parameter", "takes", "default", "meaning")
    lines = [
        (f"`{row['name']}`", _takes(row["schema"]), _default(row), row.get("description", "")) for row in rows
    ]
    return markdown_table(head, lines)


def _takes(schema: Mapping[str, Any]) -> str:
    """Say in words what a parameter takes."""
    options = [option for option in schema.get("anyOf", [schema]) if option.get("type") != "null"]
    if len(options) == 1:
        schema = options[0]
    if "prefixItems" in schema:
        parts = [_takes(part).removeprefix(f"{WORDS['number']}, ") for part in schema["prefixItems"]]
        return f"numbers with commas between: {'; '.join(parts)}"
    if schema.get("type") == "array":
        return f"several: {_takes(schema['items'])}"
    values = [value for option in options for value in (*option.get("enum", ()), *_constant(option))]
    if values:
        return ", ".join(f"`{value}`" for value in values)
    kind = str(schema["type"])
    return WORDS.get(kind, kind) + _limits(schema)


def _constant(option: Mapping[str, Any]) -> list[str]:
    return [option["const"]] if "const" in option else []


def _limits(schema: Mapping[str, Any]) -> str:
    if "minimum" in schema and "maximum" in schema:
        return f", {bound(schema['minimum'])} to {bound(schema['maximum'])}"
    return f", at most {schema['maxLength']} characters" if "maxLength" in schema else ""


def _default(row: Parameter) -> str:
    return "has to be given" if row["required"] else _value(row["schema"].get("default"))


def _value(default: Any) -> str:
    if default is None or default in ((), [], ""):
        return "none"
    if isinstance(default, (list, tuple)) and all(isinstance(value, float) for value in default):
        return f"`{','.join(f'{value:g}' for value in default)}`"
    if isinstance(default, (list, tuple)):
        return ", ".join(f"`{value}`" for value in default)
    return f"`{str(default).lower()}`" if isinstance(default, bool) else f"`{default}`"


def _view() -> str:
    fields = View.model_fields.items()
    rows = [(f"`{name}`", _value(field.default), field.description) for name, field in fields]
    return markdown_table(("field", "default", "meaning"), rows)


def _layers() -> str:
    """Return the layers in drawing order, with what their modules say of them."""
    rows = [
        (
            f"`{layer.kind}`",
            layer.label,
            _first_line(getmodule(layer.payload)),
            ", ".join(f"`{source}`" for source in layer.sources),
        )
        for layer in drawn()
    ]
    return markdown_table(("layer", "label", "what it shows", "sources"), rows)


def _first_line(documented: object) -> str:
    """Return what the first paragraph of a docstring says a thing is, without the verb of a function."""
    words = (getdoc(documented) or "").split("\n\n")[0].removeprefix("Return ")
    return words[:1].upper() + words[1:]


def _tables() -> str:
    rows = [
        (f"`{row.id}`", _first_line(row.rows), row.caveat, ", ".join(f"`{source}`" for source in row.sources))
        for row in shown.TABLES.values()
    ]
    return markdown_table(("table", "what it holds", "beware", "sources"), rows)


def _levels() -> str:
    return markdown_table(("level", "what it is"), [(f"`{name}`", what) for name, what in LEVELS.items()])


def _measures() -> str:
    rows = [(f"`{row.id}`", row.label, row.unit, row.definition) for row in on_map().values()]
    return markdown_table(("measure", "label", "unit", "what it is"), rows)
