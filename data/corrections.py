"""What was changed in the shipped tables after they were compiled, as `corrections.md` tells it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = Path(__file__).with_name("corrections.md")
COLUMNS = ("about", "what", "why")
RULE = re.compile(r"\|[\s:|-]+\|")


@cache
def corrections() -> pd.DataFrame:
    """Return every correction in the order of the page; shared, not to be changed.

    Returns
    -------
    DataFrame
        about (the table), what, why (empty where a paragraph says both). A row of a table on the page is a
        row here, its last cell the reason; a paragraph is one too.
    """
    return pd.DataFrame(_rows(FILE.read_text(encoding="utf-8")), columns=list(COLUMNS))


def _rows(text: str) -> Iterator[tuple[str, str, str]]:
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        about, _, body = section.partition("\n")
        for block in filter(None, map(str.strip, body.split("\n\n"))):
            yield from _block(about.strip(), block)


def _block(about: str, block: str) -> Iterator[tuple[str, str, str]]:
    lines = block.splitlines()
    if not lines[0].startswith("|"):
        yield about, _plain(" ".join(lines)), ""
        return
    # The first line heads the columns, the second is a rule.
    for line in lines[1:]:
        if not RULE.fullmatch(line.strip()):
            *what, why = (_plain(cell) for cell in line.strip().strip("|").split(" | "))
            yield about, ": ".join(filter(None, what)), why


def _plain(text: str) -> str:
    return text.replace("`", "").replace("**", "").strip()
