"""What all commands tell the terminal: lines, faults and a bar while they work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from collections.abc import Iterable

console = Console(stderr=True)


def say(lines: Iterable[str]) -> None:
    """Say lines as they are."""
    for line in lines:
        console.print(escape(line), highlight=False, soft_wrap=True)


def say_fault(words: str) -> None:
    """Say what is wrong with a line of a list, on a line."""
    console.print(f"[red]{escape(words)}[/red]", highlight=False, soft_wrap=True)


def bar() -> Progress:
    """Return a bar, which goes once the work is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True)
