"""The page on the API, docs/api.md: paths, parameters, view fields, layers and tables, read from the code."""

from __future__ import annotations

from inspect import getdoc, getmodule
from typing import TYPE_CHECKING, Any

from api.service import STATUS, service
from data.documentation import bound, generated, markdown_table, write_pages
from data.filters import Filters
from layers.base import API
from layers.registry import LAYERS
from layers.tables import TABLES
from layers.view import LEVELS, View
from regions.measures import MEASURES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from layers.base import Layer

Parameter = dict[str, Any]

HEAD = f"""# The API

What the map fetches is what anyone may fetch. All paths are under `{API}` of a running map (`make run`),
answer `GET`, and need no key. `{API}/docs` shows the same in the browser, `{API}/openapi.json` for programs.

    curl 'http://localhost:8501{API}/tables/clusters?sector=life-sciences&limit=5'
    curl -o regions.csv 'http://localhost:8501{API}/tables/regions.csv?level=itl2'

Money is in pounds, coordinates are longitude and latitude (EPSG:4326). JSON answers carry an entity tag: send
it back in `If-None-Match` and an unchanged answer is `304` without a body. CSV is UTF-8 with a mark for
spreadsheets; its last column carries the sources and what to beware of. What the tables mean is in
[data](data.md), how the figures are made in [method](method.md).
"""
FAULTS = "An error answers with its status and JSON of one field, `detail`, that says in words what is wrong."
VIEW = """A view is all that a page shows. It is written into the address of the page, so a link shows what
its sender saw. Fields that have their defaults are left out; a name that takes several values is repeated
(`sector=defence&sector=other`)."""
WORDS = {"integer": "whole number", "number": "number", "string": "text", "boolean": "`true` or `false`"}
GROUPS = {
    "lookup": "Questions with one answer",
    "tables": "Tables",
    "view": "A view as a picture",
    "map": "What the layers of the map fetch",
    "service": "The service itself",
}


def write_api_page(folder: Path) -> list[Path]:
    """Write docs/api.md into a folder and return its path."""
    return write_pages(folder, {"api.md": api_page()})


def api_page() -> str:
    """Return docs/api.md."""
    paths = service().openapi()["paths"]
    parts = [
        HEAD,
        f"## Errors\n\n{FAULTS}\n\n{_errors()}",
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
    rows = [(status, (error.__doc__ or "").strip()) for error, status in STATUS]
    return markdown_table(("status", "when"), sorted(rows))


def _filters(paths: Mapping[str, Any]) -> str:
    """Return the filters as a path describes them that takes all of them."""
    known = next(
        found for found in map(_parameters, paths.values()) if set(Filters.model_fields) <= set(found)
    )
    return _parameter_table([known[name] for name in Filters.model_fields])


def _parameters(path: Mapping[str, Any]) -> dict[str, Parameter]:
    return {row["name"]: row for row in path["get"].get("parameters", [])}


def _groups(paths: Mapping[str, Any]) -> Iterator[str]:
    """Return a part for each group of paths, those without a title of their own at the end."""
    tags = dict.fromkeys([*GROUPS, *(_tag(path) for path in paths.values())])
    for tag in tags:
        own = [_path(name, path) for name, path in paths.items() if _tag(path) == tag]
        if own:
            yield "\n\n".join([f"## {GROUPS.get(tag, tag)}", *own])


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
    return "\n\n".join([*words, *([_parameter_table(own)] if own else [])])


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
        (f"`{kind}`", layer.label, _about(layer), ", ".join(f"`{source}`" for source in layer.sources))
        for kind, layer in LAYERS.items()
    ]
    return markdown_table(("layer", "label", "what it shows", "sources"), rows)


def _about(layer: Layer) -> str:
    return _first_line(getmodule(layer.payload))


def _first_line(documented: object) -> str:
    """Return what the first paragraph of a docstring says a thing is, without the verb of a function."""
    words = (getdoc(documented) or "").split("\n\n")[0].removeprefix("Return ")
    return words[:1].upper() + words[1:]


def _tables() -> str:
    rows = [
        (f"`{row.id}`", _first_line(row.rows), row.caveat, ", ".join(f"`{source}`" for source in row.sources))
        for row in TABLES.values()
    ]
    return markdown_table(("table", "what it holds", "beware", "sources"), rows)


def _levels() -> str:
    return markdown_table(("level", "what it is"), [(f"`{name}`", what) for name, what in LEVELS.items()])


def _measures() -> str:
    rows = [(f"`{row.id}`", row.label, row.unit, row.definition) for row in MEASURES.values()]
    return markdown_table(("measure", "label", "unit", "what it is"), rows)
