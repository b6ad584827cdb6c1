"""Tables on the page, in which no number is cut off: Streamlit measures the first ten rows only."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Pixels of signs in the widest of the fonts that the page may have, and of what stands between two cells.
SIGNS = {**dict.fromkeys(",.:;'|!()-/ijlt I", 5.2), **dict.fromkeys("MWmw%@", 13.2)}
CAPITAL, OTHER, AROUND = 9.8, 8.5, 19
# A heading is not as wide as numbers are, and has its sign of what it is sorted by beside it.
HEAD, SORTED = 6.7, 20
# Texts up to so many letters with a digit in them are read as numbers are: "at least £10m", "12 of 361".
LONGEST = 32
PRINTF = re.compile(r"%(,?)(?:\.(\d+))?([fd])")


def show(
    rows: pd.DataFrame | list[dict[str, Any]], columns: Mapping[str, Any] | None = None, **more: Any
) -> Any:
    """Show rows as a table as wide as the page.

    Parameters
    ----------
    rows
        A row a line.
    columns
        Labels or settings by column, as `st.dataframe` takes them. A column of numbers, or of short texts
        with numbers in them, is made as wide as the longest, unless its width is set.
    more
        Other options of `st.dataframe`.
    """
    table = pd.DataFrame(rows)
    return st.dataframe(
        table, hide_index=True, width="stretch", column_config=fitted(table, columns or {}), **more
    )


def fitted(table: pd.DataFrame, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of the columns of a table, with a width where a number could be cut off."""
    # A column whose setting is None is hidden: that is only for the caller to say.
    settings = {name: columns.get(name, {}) for name in map(str, table.columns)}
    wide = {name: _fitted(name, table[name], given) for name, given in settings.items() if given is not None}
    return {**columns, **{name: given for name, given in wide.items() if given}}


def _fitted(name: str, values: pd.Series, given: Any) -> dict[str, Any]:
    settings: dict[str, Any] = {"label": given} if isinstance(given, str) else dict(given)
    texts = written(values, (settings.get("type_config") or {}).get("format"))
    if settings.get("width") is not None or not texts:
        return settings
    widest = max(width_of(text) for text in texts)
    heading = len(settings.get("label") or name) * HEAD + SORTED
    return {**settings, "width": math.ceil(max(widest, heading))}


def width_of(text: str) -> float:
    """Return the pixels that a text takes in a cell, at most."""
    return sum(SIGNS.get(sign, CAPITAL if sign.isupper() else OTHER) for sign in text) + AROUND


def written(values: pd.Series, form: str | None) -> set[str]:
    """Return the numbers of a column as the page writes them, or its short texts with numbers; else nothing.

    Examples
    --------
    >>> sorted(written(pd.Series([93_000_000, None]), "£%,.0f"))
    ['£93,000,000']
    >>> written(pd.Series(["at least £10m", ""]), None), written(pd.Series(["Leeds"]), None)
    ({'at least £10m'}, set())
    """
    present = values.dropna()
    if pd.api.types.is_bool_dtype(values):
        return set()
    if pd.api.types.is_numeric_dtype(values):
        return {_number(float(value), form) for value in present if math.isfinite(value)}
    return _numbers_in(present)


def _numbers_in(values: Iterable[Any]) -> set[str]:
    texts = {value for value in values if isinstance(value, str) and value}
    numbered = any(sign.isdigit() for text in texts for sign in text)
    return texts if numbered and max(map(len, texts)) <= LONGEST else set()


def _number(value: float, form: str | None) -> str:
    if form == "percent":
        return f"{value:.2%}"
    if form == "localized":
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    found = PRINTF.search(form) if form else None
    if form is None or found is None:
        return f"{value:.4f}".rstrip("0").rstrip(".")
    digits = 0 if found[3] == "d" else int(found[2] or 6)
    number = f"{value:{found[1]}.{digits}f}"
    return f"{form[: found.start()]}{number}{form[found.end() :]}"
