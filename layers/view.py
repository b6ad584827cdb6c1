"""The view: all that a user sees, parsed from and written to one query string.

Page, API and command line take the same view, so a link, a picture and a command show the same thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlencode

from pydantic import BeforeValidator, Field, ValidationError

from data.errors import InputError
from data.filters import Filters

if TYPE_CHECKING:
    from collections.abc import Iterable

LEVELS = {
    "la": "Local authority",
    "itl3": "ITL3 (counties and groups of authorities)",
    "itl2": "ITL2 (larger groups)",
    "itl1": "ITL1 (regions and nations)",
    "city_region": "City regions and the rest of each nation",
    "nation": "Nation",
}
Level = Literal["la", "itl3", "itl2", "itl1", "city_region", "nation"]
Layer = Literal["regions", "clusters", "projects", "firms", "assets", "labels"]
Measure = Literal["per-head", "total", "public-private", "projects", "none"]
Tab = Literal["here", "clusters", "regions", "projects", "firms"]
DEFAULT_LAYERS: tuple[Layer, ...] = ("regions", "clusters", "projects", "labels")
UK = (54.6, -3.4, 6.0)


def _numbers(value: Any) -> Any:
    """Read "51.5,-0.1" as numbers; leave anything else for the type to judge."""
    if isinstance(value, (list, tuple)) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        return tuple(value.split(","))
    return value


Latitude = Annotated[float, Field(ge=45, le=65)]
Longitude = Annotated[float, Field(ge=-20, le=10)]
Point = tuple[Latitude, Longitude]
Position = tuple[Latitude, Longitude, Annotated[float, Field(ge=3, le=18)]]


class View(Filters):
    """Filters, what is drawn, what is chosen, and where the map stands."""

    measure: Measure = Field(default="per-head", description="What colours or sizes the regions")
    level: Level = Field(default="itl3", description="Level of the regions")
    show: tuple[Layer | Literal["none"], ...] = Field(default=DEFAULT_LAYERS, max_length=7, description="Layers")
    here: Annotated[Point | None, BeforeValidator(_numbers)] = Field(
        default=None, description="Point asked about: latitude,longitude"
    )
    at: Annotated[Position, BeforeValidator(_numbers)] = Field(
        default=UK, description="Map position: latitude,longitude,zoom"
    )
    tab: Tab = Field(default="here", description="Table below the map")

    @classmethod
    def parse(cls, pairs: Iterable[tuple[str, str]]) -> View:
        """Read a view from the pairs of a query string.

        Raises
        ------
        InputError
            If a name is unknown or a value cannot be used; the message lists every fault.
        """
        view, faults = cls.read(pairs)
        if faults:
            raise InputError("; ".join(faults))
        return view

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]]) -> tuple[View, list[str]]:
        """Read what can be used, and say in words what could not; the faulty names keep their defaults."""
        values: dict[str, Any] = {}
        for name, value in pairs:
            values.setdefault(name, []).append(value)
        single = {name for name in cls.model_fields if name not in _MANY}
        plain = {name: given[-1] if name in single else given for name, given in values.items()}
        faults: list[str] = []
        # A fault may hide another (the order of the years): ask again without the names at fault.
        while True:
            try:
                return cls.model_validate(plain), faults
            except ValidationError as found:
                for error in found.errors():
                    name = str(error["loc"][0]) if error["loc"] else "years"
                    faults.append(f"{name}: {_words(error)}")
                    for gone in ("year_from", "year_to") if name == "years" else (name,):
                        plain.pop(gone, None)

    def query(self) -> list[tuple[str, str]]:
        """Return the pairs that differ from the defaults, in the order of the fields."""
        pairs: list[tuple[str, str]] = []
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if value == field.default:
                continue
            if name in _MANY:
                pairs += [(name, str(item)) for item in value or ("none",)]
            else:
                pairs.append((name, _written(value)))
        return pairs

    def url(self) -> str:
        """Return the query string, without the question mark."""
        return self.url_of(tuple(type(self).model_fields))

    def url_of(self, fields: tuple[str, ...]) -> str:
        """Return the query string of some fields only."""
        return urlencode([pair for pair in self.query() if pair[0] in fields], safe=",")


_MANY = frozenset({"sector", "technology", "programme", "type", "kinds", "show"})


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(f"{number:.5f}".rstrip("0").rstrip(".") for number in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _words(error: Any) -> str:
    given = str(error["input"])[:100]
    message = str(error["msg"]).removeprefix("Value error, ")
    return message if given in message else f"{given!r} cannot be used: {message}"
