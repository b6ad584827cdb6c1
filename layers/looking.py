"""What a view shows that looks at a cluster: the map of that cluster, with every layer on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edition.view import UK, View
from layers.registry import kinds
from profiles.cluster import looked_at, money_filters

if TYPE_CHECKING:
    from edition.edition import Edition

# Fields of a view that hold for the map of a cluster too, where someone set them.
KEPT = ("sector", "technology", "family", "show", "measure", "level", "at")


def view_of(view: View, row: Any, layers: tuple[str, ...] | None = None) -> View:
    """Return the view of a cluster's map: its own label alone, whatever else the session filters.

    Parameters
    ----------
    view
        The session's.
    row
        Of the cluster.
    layers
        Kinds of what is shown, in the order of addresses; None for every layer.
    """
    fields = {
        "sector": (),
        "technology": (),
        row.kind: (row.label,),
        "family": "both" if row.kind == "technology" else "sector",
        "programme": (),
        "type": (),
        "show": (),
        "measure": "none",
        "level": "la",
        "at": UK,
        "place": (),
        "cluster": row.cluster_id,
    }
    plain = View.model_validate({**view.model_dump(), **fields})
    return plain.model_copy(update={"show": kinds() if layers is None else layers})


def looking(edition: Edition, view: View) -> View:
    """Return what a view shows when it is opened: one that looks at a cluster, the map of that cluster.

    Fields that someone set stay as they are, so that a view goes through this twice unchanged.

    Raises
    ------
    NotFoundError
        As `profiles.cluster.find_cluster` does.
    """
    row = looked_at(edition, view)
    if row is None:
        return view
    plain = View()
    set_by_hand = {name: value for name in KEPT if (value := getattr(view, name)) != getattr(plain, name)}
    return view_of(view, row).model_copy(update=set_by_hand)


def shortest(edition: Edition, view: View) -> View:
    """Return the view with the least in its address that opens as this one: what `looking` adds can go."""
    if not view.cluster:
        return view
    least = View.model_validate({**money_filters(view).model_dump(), "cluster": view.cluster})
    return least if looking(edition, least) == view else view
