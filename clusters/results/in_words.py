"""The report of a run in a few lines, for whoever started it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clusters.many_machines.beside import traits_words
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
        *traits_words(report.get("traits", {}), rows["kept"]),
        (
            f"{count(offices['firms_there'], 'firm')} at {count(offices['points'], 'point')} of "
            f"{count(offices['firms'], 'firm')} or more, as at registration agents: {offices['treatment']}."
            if offices["points"]
            else ""
        ),
        *_campuses(offices["campuses"]),
        (
            f"{_found(report)} in {labels['with_clusters']:,} of {count(labels['tested'], 'sector')} "
            f"tested: {target}"
        ),
    ]
    return [line for line in lines if line]


def _found(report: Mapping[str, Any]) -> str:
    """Say how many clusters were found, and how sure they are; density alone tells nothing of that."""
    sure = report["sureness"]
    if report["method"] != "scan":
        return count(report["clusters"], "cluster")
    beside = [f"{sure['pale']:,} uncertain"] if sure["pale"] else []
    beside += [count(sure["one_site"], "single site")] if sure["one_site"] else []
    chance = f" (by chance a map would show {sure['by_chance']:.1f})" if sure["solid"] else ""
    return "; ".join([f"{count(sure['solid'], 'cluster')}{chance}", *beside])


def _campuses(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """Ask whether points that were set aside as agents' are campuses, as their firms are of one kind."""
    lines = [
        f"{one['observed']:,} of the {one['firms']:,} firms at one point in {one['place'] or 'no town'} "
        f"carry {one['label']!r}: a campus? Keep it with --agents keep or --agent-firms {one['firms'] + 1}."
        for one in found[:MOST_NAMED]
    ]
    more = len(found) - len(lines)
    return [*lines, f"{count(more, 'more such point')}: see campuses in report.json."] if more else lines
