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
# Tables that tell of the firms that ship: empty where an analyst's own are shown.
OF_THE_SAMPLE = ("firm_lists", "known_clusters")


@cache
def table_names() -> tuple[str, ...]:
    """Return the tables that a complete edition has."""
    return (
        *(*SHARED, "firms", "clusters", "members", "labels", "nearly", "evidence"),
        *("cluster_firms", "cluster_awards", "cluster_assets", "firm_participants"),
        *("edition", "label_sets", *OF_THE_SAMPLE),
    )
