"""What a view may ask for, and the check of what it does ask: the names come with the edition, as a context.

The context is passed to whoever reads a view from outside (page, API, command line): by field, the ids that
may be asked for, in the order in which they are listed, each with what it is called. A view that the program
makes itself is not checked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from data.errors import QUOTED, nearest

if TYPE_CHECKING:
    import pandas as pd
    from pydantic import ValidationInfo

    from edition.labels import Labels

Choices: TypeAlias = Mapping[str, Mapping[str, str]]
# What a value of a field is called.
NOUNS: Mapping[str, str] = MappingProxyType(
    {
        "sector": "sector",
        "technology": "technology",
        "programme": "programme",
        "measure": "measure",
        "show": "layer",
    }
)
# Stands for nothing at all, where a field's default is something.
NONE = "none"


def choices_of(labels: Labels, programmes: pd.DataFrame) -> Choices:
    """Return what the filters of an edition may ask for.

    Parameters
    ----------
    labels
        Its sectors and technologies.
    programmes
        Columns programme_id, name.
    """
    return MappingProxyType(
        {
            "sector": {label: labels.title(label) for label in labels.sectors},
            "technology": {label: labels.title(label) for label in labels.technologies},
            "programme": dict(zip(programmes["programme_id"], programmes["name"], strict=True)),
        }
    )


def names_of(info: ValidationInfo) -> Mapping[str, str] | None:
    """Return what the field that is being read may hold; None where nobody said."""
    context: Choices = info.context or {}
    return context.get(str(info.field_name))


def known(value: str, info: ValidationInfo) -> str:
    """Refuse a value that the context does not have, and name those that come near (a validator).

    Raises
    ------
    ValueError
        If there is a context, and the value is none of its names.
    """
    names = names_of(info)
    if names is None or value in names or (value == NONE and info.field_name == "show"):
        return value
    raise ValueError(f"{value[:QUOTED]!r} is no {NOUNS[str(info.field_name)]}; {nearest(value, names)}")
