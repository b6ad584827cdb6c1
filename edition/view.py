"""The view: all that a user sees, parsed from and written to one query string.

Page, API and command line take the same view, so a link, a picture and a command show the same thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args
from urllib.parse import urlencode

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, ValidationInfo, field_validator

from data.errors import QUOTED, InputError, nearest
from edition.choices import known, names_of
from edition.filters import Filters, in_order
from geo import boundaries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import ErrorDetails

    from edition.choices import Choices

Level = Literal["la", "itl3", "itl2", "itl1", "city_region", "nation"]
LEVELS = {name: boundaries.LEVELS[name].plural for name in get_args(Level)}
Against = Literal["uk", "nation", "parent"]
AgainstChoice = Literal[Against, "none"]
Tab = Literal["here", "clusters", "regions", "projects", "firms"]
DEFAULT_LAYERS: tuple[str, ...] = ("regions", "clusters", "projects", "labels")
# Layers at once, and a word for none.
MOST_LAYERS = 20
# What places are held against unless asked otherwise.
DEFAULT_AGAINST: tuple[Against, ...] = ("uk", "nation")
# Places that are compared at once.
MOST_PLACES = 10
# Characters of the name of a place: an area that was drawn carries its corners in it.
LONGEST_PLACE = 1_700
UK = (54.6, -3.4, 6.0)
DECIMALS = 5


def _numbers(value: Any) -> Any:
    """Read "51.5,-0.1" as numbers; leave anything else for the type to judge."""
    if isinstance(value, (list, tuple)) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        return tuple(value.split(","))
    return value


def _rounded(place: tuple[float, ...] | None) -> tuple[float, ...] | None:
    """Keep what the address can hold: five decimals, about a metre; and no minus before a zero."""
    return None if place is None else tuple(round(number, DECIMALS) + 0.0 for number in place)


# A little more than the map can be moved to (see `layers.registry`): any point of it can be asked about.
Latitude = Annotated[float, Field(ge=45, le=65, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-31, le=25, allow_inf_nan=False)]
Zoom = Annotated[float, Field(ge=3, le=18, allow_inf_nan=False)]
Position = tuple[Latitude, Longitude, Zoom]


class View(Filters):
    """Filters, what is drawn, what is chosen, and where the map stands."""

    measure: Annotated[str, AfterValidator(known)] = Field(
        default="per-head", description="What colours or sizes the regions"
    )
    level: Level = Field(default="itl3", description="Level of the regions")
    show: tuple[Annotated[str, AfterValidator(known)], ...] = Field(
        default=DEFAULT_LAYERS, max_length=MOST_LAYERS, description="Layers; 'none' for the land alone"
    )
    here: Annotated[Position | None, BeforeValidator(_numbers), AfterValidator(_rounded)] = Field(
        default=None,
        description="Point asked about: latitude,longitude,zoom of the map (how far a click may miss)",
    )
    at: Annotated[Position, BeforeValidator(_numbers), AfterValidator(_rounded)] = Field(
        default=UK, description="Map position: latitude,longitude,zoom"
    )
    cluster: Annotated[str, Field(max_length=200)] = Field(
        default="", description="Cluster that is looked at: its id; empty for none"
    )
    place: tuple[Annotated[str, Field(min_length=1, max_length=LONGEST_PLACE)], ...] = Field(
        default=(),
        max_length=MOST_PLACES,
        description="Places to compare: code, id or name of a region, 'set:' and GSS codes joined by +, or "
        "an area as the page encodes it",
    )
    against: tuple[AgainstChoice, ...] = Field(
        default=DEFAULT_AGAINST, max_length=3, description="What places are held against; 'none' for nothing"
    )
    tab: Tab = Field(default="here", description="Table below the map")

    @field_validator("show")
    @classmethod
    def _layers_in_order(cls, chosen: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return in_order(chosen, names_of(info))

    @field_validator("against")
    @classmethod
    def _against_in_order(cls, chosen: tuple[str, ...]) -> tuple[str, ...]:
        return in_order(chosen, get_args(Against))

    @field_validator("place")
    @classmethod
    def _each_once(cls, chosen: tuple[str, ...]) -> tuple[str, ...]:
        for place in chosen:
            if not place.isprintable() or not place.strip():
                given = place.encode("ascii", "backslashreplace").decode()[:QUOTED]
                raise ValueError(f"{given!r} cannot be the name of a place; give a name, a code or an id")
        return tuple(dict.fromkeys(chosen))

    @field_validator("cluster")
    @classmethod
    def _printable(cls, cluster: str) -> str:
        if not cluster.isprintable() or cluster != cluster.strip():
            given = cluster.encode("ascii", "backslashreplace").decode()[:QUOTED]
            raise ValueError(f"{given!r} cannot be the id of a cluster; the table of clusters has them")
        return cluster

    @classmethod
    def parse(cls, pairs: Iterable[tuple[str, str]], choices: Choices) -> View:
        """Read a view from the pairs of a query string, as far as `choices` allow.

        Raises
        ------
        InputError
            If a name is unknown or a value cannot be used; the message lists every fault.
        """
        view, faults = cls.read(pairs, choices)
        if faults:
            raise InputError("; ".join(faults))
        return view

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]], choices: Choices) -> tuple[View, list[str]]:
        """Read what can be used, and say in words what could not.

        Of several values the good ones are kept; a field that has none left keeps its default.
        """
        given = _gathered(pairs)
        unknown = [name for name in given if name not in cls.model_fields]
        faults = [_no_field(name) for name in unknown]
        given = {name: value for name, value in given.items() if name not in unknown}
        # A fault may hide another (the order of the years): ask again without the values at fault.
        while True:
            try:
                return cls.model_validate(given, context=choices), faults
            except ValidationError as found:
                errors = found.errors()
            faults += dict.fromkeys(_words(error) for error in errors)
            left = _without(given, errors)
            if left == given:
                raise InputError("; ".join(faults))
            given = left

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


_MANY = frozenset({"sector", "technology", "programme", "type", "kinds", "show", "place", "against"})


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(f"{number:.{DECIMALS}f}".rstrip("0").rstrip(".") for number in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Gather the values of each name; of a name that takes one value, the last counts."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return {name: given if name in _MANY else given[-1] for name, given in values.items()}


def _without(given: Mapping[str, Any], errors: list[ErrorDetails]) -> dict[str, Any]:
    """Leave out the values at fault; one of the whole view is about the order of the years."""
    left = {name: list(value) if name in _MANY else value for name, value in given.items()}
    for error in errors:
        for name in (str(error["loc"][0]),) if error["loc"] else ("year_from", "year_to"):
            values = left.get(name)
            if name in _MANY and len(error["loc"]) > 1 and isinstance(values, list):
                # By what it is: its place changes with what goes before it.
                left[name] = [value for value in values if value != error["input"]]
            else:
                left.pop(name, None)
    # Nothing left is no wish for nothing.
    return {name: value for name, value in left.items() if value != [] or not given[name]}


def _no_field(name: str) -> str:
    # Names come from outside as values do: of any length, and any characters.
    return f"{ascii(name[:QUOTED])[1:-1]}: no such field; {nearest(name, tuple(View.model_fields))}"


def faults_of(found: ValidationError) -> list[str]:
    """Say in words what of a view cannot be used."""
    return list(dict.fromkeys(_words(error) for error in found.errors()))


_EXPECTED = dict.fromkeys(
    ("here", "at"), "latitude,longitude,zoom are expected, in and around the UK, such as 52.2,0.12,10"
)


def _words(error: ErrorDetails) -> str:
    message = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return f"years: {message}"
    name = str(error["loc"][0])
    if name in _EXPECTED:
        given = (
            ",".join(map(str, error["input"])) if isinstance(error["input"], tuple) else str(error["input"])
        )
        return f"{name}: {given[:QUOTED]!r} cannot be used: {_EXPECTED[name]}"
    quoted = repr(str(error["input"])[:QUOTED])
    return f"{error['loc'][0]}: {message if quoted in message else f'{quoted} cannot be used: {message}'}"
