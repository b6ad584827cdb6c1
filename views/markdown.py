"""Text from outside that stands in Markdown, which Streamlit reads labels and warnings as."""

from __future__ import annotations

SIGNS = frozenset("\\`*_{}[]()<>#+-.!|$~:&")


def plain(text: str) -> str:
    r"""Keep text from being read as Markdown: no emphasis, no link, no picture from another host.

    Examples
    --------
    >>> plain("![x](https://host/y.png)")
    '\\!\\[x\\]\\(https\\://host/y\\.png\\)'
    """
    return "".join(f"\\{sign}" if sign in SIGNS else sign for sign in text)
