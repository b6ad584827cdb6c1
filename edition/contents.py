"""Which tables an edition has."""

from __future__ import annotations

from functools import cache

# Tables that do not depend on whose firms are shown.
SHARED = (
    *(
        "programmes",
        "projects",
        "participants",
        "contested",
        "missing",
        "authorities",
        "moved_ids",
        "places",
        "assets",
        "shares",
        "lead_shares",
        "regions",
    ),
    *("membership", "shapes", "areas", "entries", "towns"),
)


@cache
def table_names() -> tuple[str, ...]:
    """Return the tables that a complete edition has."""
    return (
        *(*SHARED, "firms", "clusters", "members", "labels", "nearly", "evidence"),
        *("cluster_firms", "cluster_awards", "cluster_assets", "firm_participants"),
        *("edition", "label_sets"),
    )
