"""The front door for terminals."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from data.errors import MapError

ROOT = Path(__file__).parent
cli = typer.Typer(add_completion=False, no_args_is_help=True, help="The Innovation Clusters Map from a terminal.")
console = Console(stderr=True)


@cli.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8501,
    address: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for every network.")] = "localhost",
) -> None:
    """Start the map in the browser."""
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py")]
    options = [f"--server.port={port}", f"--server.address={address}"]
    raise typer.Exit(subprocess.run([*command, *options], cwd=ROOT, check=False).returncode)  # noqa: S603


@cli.command()
def prepare() -> None:
    """Build the store from the tables, as the map does when it starts for the first time."""
    from geo.postcodes import postcodes
    from regions.edition import edition_path, open_edition

    with _bar() as bar:
        task = bar.add_task("Preparing", total=1.0)
        edition = open_edition(lambda stage, share: bar.update(task, description=stage, completed=share))
        bar.update(task, description="Postcodes", completed=0.0)
        postcodes(lambda share: bar.update(task, completed=share))
    total, by_town = edition.firm_count
    console.print(f"{edition_path()}: {total:,} firms ({by_town:,} by town only), {len(edition.clusters)} clusters.")


@cli.command()
def boundaries(
    folder: Annotated[Path, typer.Option(help="Where to write.")] = ROOT / "data" / "boundaries",
) -> None:
    """Derive the approximate boundaries of authorities again from postcodes and a public coastline."""
    from geo.derive import write_boundaries

    with _bar() as bar:
        task = bar.add_task("Deriving boundaries", total=1.0)
        report = write_boundaries(folder, lambda share: bar.update(task, completed=share))
    for name, value in report.items():
        console.print(f"{name}: {value}")


@cli.command()
def docs() -> None:
    """Write the parts of the documentation that come from the code."""
    from data.documentation import write_documentation

    for path in write_documentation(ROOT / "docs"):
        console.print(f"{path.relative_to(ROOT)} written")


def _bar() -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console, transient=True)


def main() -> None:
    """Run a command; our own errors are said in a line."""
    try:
        cli()
    except MapError as fault:
        console.print(f"[red]{type(fault).__name__}[/red]: {fault}", markup=True, highlight=False)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
