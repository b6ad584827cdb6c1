"""What is drawn in print, and what the legend shows of it: the same looks and marks serve both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Shape = Literal["circle", "left", "right", "square", "star", "triangle", "diamond", "cross", "pentagon"]


@dataclass(frozen=True)
class Look:
    """Paint of a shape or an area.

    Attributes
    ----------
    face, edge : str
        Hexadecimal colours; empty for none.
    width : float
        Of the edge, points.
    alpha : float
        Opacity of the face; the edge is always solid.
    dashes : tuple of float
        Lengths of ink and gap, points; empty for a solid line.
    hatch : str
        Colour of diagonal lines over the face; empty for none.
    """

    face: str = ""
    edge: str = ""
    width: float = 0.0
    alpha: float = 1.0
    dashes: tuple[float, ...] = ()
    hatch: str = ""


@dataclass(frozen=True)
class Mark:
    """A symbol of a size on the page, whatever the scale of the map.

    Attributes
    ----------
    shape : str
        What it looks like; `left` and `right` are halves of a circle.
    radius : float
        Points.
    look : Look
        Its paint.
    """

    shape: Shape
    radius: float
    look: Look

    def sized(self, radius: float) -> Mark:
        """Return the same mark with another radius (points)."""
        return replace(self, radius=radius)


@dataclass(frozen=True)
class Name:
    """Something to be written on the map, where there is room.

    Attributes
    ----------
    lines : tuple of str
        What to write; the first line is bold where the name is `strong`.
    lon, lat : float
        Degrees of what it names.
    reach : float
        Points around that place which the name has to leave free.
    weight : float
        Names of more weight are placed first.
    colour : str
        Hexadecimal.
    strong : bool
        Whether it stands for a result: bold, and led by a line where it has to stand further off.
    short : str
        What to write where there is room for no more; empty for nothing.
    """

    lines: tuple[str, ...]
    lon: float
    lat: float
    reach: float
    weight: float
    colour: str
    strong: bool = False
    short: str = ""


@dataclass(frozen=True)
class Entry:
    """A line of the legend: marks, or the paint of an area, what they mean, and a detail in small letters."""

    text: str
    marks: tuple[Mark, ...] = ()
    swatch: Look | None = None
    symbol: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Legend:
    """What the legend says of a layer.

    Attributes
    ----------
    title : str
        Empty where the layer speaks for itself.
    entries : tuple of Entry
        What its marks mean.
    note : str
        Explains it, or says why it is empty.
    ranking_title, ranking : str, tuple of Entry
        What stands out, the first first; as many are written as there is room for.
    """

    title: str = ""
    entries: tuple[Entry, ...] = ()
    note: str = ""
    ranking_title: str = ""
    ranking: tuple[Entry, ...] = ()
