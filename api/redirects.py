"""Ids that were replaced: the way to what they are called now."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from api.errors import MovedError
from data.errors import NotFoundError
from edition.moved_ids import current
from layers.base import API

if TYPE_CHECKING:
    from edition.edition import Edition


# Signs of an address that stay as they are; any other is written as its code.
PLAIN = "/?=&%+,:;~"


def follow(edition: Edition, kind: str, old: str, path: str, more: str = "") -> None:
    """Lead from an id that was replaced to the one that took its place.

    Parameters
    ----------
    kind
        As `edition.moved_ids` has it.
    path
        What is asked about the id, with ``{}`` where it stands.
    more
        What follows in the address.

    Raises
    ------
    MovedError
        If one id took its place.
    NotFoundError
        If several did, which the message names, or none did.
    """
    moved = current(edition, kind, old)
    if moved is None:
        return
    if len(moved.new_ids) != 1:
        several = f"; ask for one of {', '.join(moved.new_ids)}" if moved.new_ids else ""
        raise NotFoundError(f"{moved.words}{several}")
    raise MovedError(
        moved.words, f"{API}{path.format(quote(moved.new_ids[0], safe=''))}{quote(more, safe=PLAIN)}"
    )
