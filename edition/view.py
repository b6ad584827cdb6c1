"""The view: all that a user sees, parsed from and written to one query string.

Page, API and command line take the same view, so a link, a picture and a command show the same thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args
from urllib.parse import urlencode

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails

from data.errors import QUOTED, InputError, nearest
from edition.choices import known, names_of
from edition.filters import Filters, in_order
from geo import boundaries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from edition.choices import Choices

Level = Literal["la", "itl3", "itl2", "itl1", "city_region", "nation"]
LEVELS = {name: boundaries.LEVELS[name].plural for name in get_args(Level)}
Against = Literal["uk", "nation", "parent"]
AgainstChoice = Literal[Against, "none"]
Tab = Literal["here", "clusters", "nearly", "regions", "projects", "firms", "concentration"]
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
# What pydantic calls it when a name has more values than it takes.
TOO_MANY = "too_long"


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


def _printable_place(place: str) -> str:
    if not place.isprintable() or not place.strip():
        given = place.encode("ascii", "backslashreplace").decode()[:QUOTED]
        raise ValueError(f"{given!r} cannot be the name of a place; give a name, a code or an id")
    return place


PlaceName = Annotated[str, Field(min_length=1, max_length=LONGEST_PLACE), AfterValidator(_printable_place)]


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
    place: tuple[PlaceName, ...] = Field(
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

        A value that cannot be used is left out, and the good ones of its name stay; a name that has none
        keeps its default.
        """
        given = _gathered(pairs)
        faults = [_no_field(name) for name in given if name not in cls.model_fields]
        given = {name: values for name, values in given.items() if name in cls.model_fields}
        # A fault may hide another (the order of the years): ask again without the values at fault.
        while True:
            try:
                return cls.model_validate(_as_fields(given), context=choices), faults
            except ValidationError as found:
                errors = [one for error in found.errors() for one in cls._one_by_one(error, given, choices)]
            faults += [words for words in dict.fromkeys(map(_words, errors)) if words not in faults]
            left = _without(given, errors)
            if left == given:
                raise InputError("; ".join(faults))
            given = left

    @classmethod
    def _one_by_one(
        cls, error: ErrorDetails, given: Mapping[str, list[str]], choices: Choices
    ) -> list[ErrorDetails]:
        """Return what is wrong with single values where there are too many, which hides it."""
        if error["type"] != TOO_MANY:
            return [error]
        name, found = str(error["loc"][0]), []
        for at, value in enumerate(given[name]):
            try:
                cls.model_validate({name: [value]}, context=choices)
            except ValidationError as fault:
                found += [ErrorDetails(**{**one, "loc": (name, at)}) for one in fault.errors()]
        return found or [error]

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


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Gather the values of each name, each once, the last place counting."""
    values: dict[str, dict[str, None]] = {}
    for name, value in pairs:
        held = values.setdefault(name, {})
        if name not in _MANY:
            held.pop(value, None)
        held[value] = None
    return {name: list(held) for name, held in values.items()}


def _as_fields(given: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return what is given as a view takes it; of a name that takes one value, the last counts."""
    return {name: values if name in _MANY else values[-1] for name, values in given.items()}


def _without(given: Mapping[str, list[str]], errors: Iterable[ErrorDetails]) -> dict[str, list[str]]:
    """Return what is given without the values that errors are about; a name that has no other goes, too."""
    left_out: dict[str, set[int]] = {name: set() for name in given}
    for error in errors:
        for name in _at_fault(error):
            if name in given:
                left_out[name] |= {*_places_at_fault(error, name, len(given[name]))}
    kept = {
        name: [value for at, value in enumerate(values) if at not in left_out[name]]
        for name, values in given.items()
    }
    return {name: values for name, values in kept.items() if values}


def _at_fault(error: ErrorDetails) -> tuple[str, ...]:
    """Return the names that an error is about; one of the whole view is about the order of the years."""
    return (str(error["loc"][0]),) if error["loc"] else ("year_from", "year_to")


def _places_at_fault(error: ErrorDetails, name: str, values: int) -> Iterable[int]:
    """Return which of the values of a name an error is about."""
    if name not in _MANY:
        return (values - 1,)
    if error["type"] == TOO_MANY:
        return range(int(error["ctx"]["max_length"]), values)
    return (int(error["loc"][1]),) if len(error["loc"]) > 1 else range(values)


def _no_field(name: str) -> str:
    # Names come from outside as values do: of any length, and any characters.
    return f"{ascii(name[:QUOTED])[1:-1]}: no such field; {nearest(name, tuple(View.model_fields))}"


def faults_of(found: ValidationError) -> list[str]:
    """Say in words what of a view cannot be used."""
    return list(dict.fromkeys(_words(error) for error in found.errors()))


# Choices that have a title beside their id.
_TITLED: dict[str, Mapping[str, str]] = {"level": LEVELS}
_EXPECTED = dict.fromkeys(
    ("here", "at"), "latitude,longitude,zoom are expected, in and around the UK, such as 52.2,0.12,10"
)


def _words(error: ErrorDetails) -> str:
    message = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return f"years: {message}"
    name = str(error["loc"][0])
    if error["type"] == TOO_MANY:
        about = error["ctx"]
        return f"{name}: {about['actual_length']:,} are too many; at most {about['max_length']} are taken"
    if name in _EXPECTED:
        given = (
            ",".join(map(str, error["input"])) if isinstance(error["input"], tuple) else str(error["input"])
        )
        return f"{name}: {given[:QUOTED]!r} cannot be used: {_EXPECTED[name]}"
    given = str(error["input"])
    if name in _TITLED:
        message = nearest(given, _TITLED[name])
    quoted = repr(given[:QUOTED])
    return f"{name}: {message if quoted in message else f'{quoted} cannot be used: {message}'}"
