"""The report of a run in a few lines, for whoever started it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.plural import count
from data.refusals import Account
from intake.reasons import noted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_NAMED = 5
"""Points named that may be campuses."""


def found_words(report: Mapping[str, Any], target: str) -> list[str]:
    """Say what was read, set aside and found.

    Parameters
    ----------
    report
        As `clusters.census.census` makes it.
    target
        Where the result was written.
    """
    rows, offices, labels = report["rows"], report["agents"], report["labels"]
    lines = [
        f"{Account(rows['in'], rows['kept'], rows['refused'])} (refused.csv says why).",
        report["hint"],
        *noted(report["notes"]),
        (
            f"{count(offices['firms_there'], 'firm')} at {count(offices['points'], 'point')} of "
            f"{count(offices['firms'], 'firm')} or more, as at registration agents: {offices['treatment']}."
            if offices["points"]
            else ""
        ),
        *_campuses(offices["campuses"]),
        (
            f"{count(report['clusters'], 'cluster')} in {labels['with_clusters']:,} of "
            f"{count(labels['tested'], 'sector')} tested: {target}"
        ),
    ]
    return [line for line in lines if line]


def _campuses(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """Ask whether points that were set aside as agents' are campuses, as their firms are of one kind."""
    lines = [
        f"{one['observed']:,} of the {one['firms']:,} firms at one point in {one['place'] or 'no town'} "
        f"carry {one['label']!r}: a campus? Keep it with --agents keep or --agent-firms {one['firms'] + 1}."
        for one in found[:MOST_NAMED]
    ]
    more = len(found) - len(lines)
    return [*lines, f"{count(more, 'more such point')}: see campuses in report.json."] if more else lines
