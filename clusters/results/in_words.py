"""The report of a run in a few lines, for whoever started it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clusters.many_machines.beside import traits_words
from data.plural import count
from data.refusals import Account
from intake.reasons import noted

if TYPE_CHECKING:
    from collections.abc import Mapping


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
        (
            f"{count(report['clusters'], 'cluster')} in {labels['with_clusters']:,} of "
            f"{count(labels['tested'], 'sector')} tested: {target}"
        ),
    ]
    return [line for line in lines if line]
