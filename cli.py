"""The front door for terminals."""

from __future__ import annotations

import subprocess
import sys
from inspect import Parameter, getdoc, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_type_hints

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from typer.models import ArgumentInfo

from data.errors import MapError

if TYPE_CHECKING:
    from typer.models import CommandInfo

ROOT = Path(__file__).parent
RUN = "python cli.py"
cli = typer.Typer(
    add_completion=False, no_args_is_help=True, help="The Innovation Clusters Map from a terminal."
)
console = Console(stderr=True)


@cli.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8501,
    address: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 for every network.")
    ] = "localhost",
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
    found = f"{total:,} firms ({by_town:,} by town only), {len(edition.clusters)} clusters"
    console.print(f"{edition_path()}: {found}.")


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
    from api.documentation import write_api_page
    from data.documentation import write_documentation, write_pages

    folder = ROOT / "docs"
    command_page = {"cli.md": cli_page()}
    for path in (*write_documentation(folder), *write_api_page(folder), *write_pages(folder, command_page)):
        console.print(f"{path.relative_to(ROOT)} written")


def cli_page() -> str:
    """Return docs/cli.md: every command with its options, read from the commands themselves."""
    from data.documentation import generated

    parts = [
        "# The command line",
        f"`{RUN} --help` says the same in the terminal.",
        *map(_command, cli.registered_commands),
    ]
    return generated("\n\n".join(parts))


def _command(command: CommandInfo) -> str:
    """Return one command: what it does, and its options."""
    from data.documentation import markdown_table

    work = command.callback
    if work is None:
        return ""
    name = command.name or work.__name__.replace("_", "-")
    hints = get_type_hints(work, include_extras=True)
    rows = [_option(row, hints[row.name]) for row in signature(work).parameters.values()]
    table = markdown_table(("option", "default", "meaning"), rows) if rows else "No options."
    return f"## `{RUN} {name}`\n\n{getdoc(work)}\n\n{table}"


def _option(parameter: Parameter, hint: Any) -> tuple[str, str, str]:
    """Return name, default and help of an option; paths within the project are written from its root."""
    told = get_args(hint)[1]
    plain = parameter.name.replace("_", "-")
    usual = plain.upper() if isinstance(told, ArgumentInfo) else f"--{plain}"
    names = ", ".join(f"`{name}`" for name in told.param_decls or (usual,))
    default = parameter.default
    if isinstance(default, Path) and default.is_relative_to(ROOT):
        default = default.relative_to(ROOT).as_posix()
    words = {Parameter.empty: "has to be given", None: "none", (): "none"}
    return names, words.get(default, f"`{default}`"), told.help or ""


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True)


def main() -> None:
    """Run a command; our own errors are said in a line."""
    try:
        cli()
    except MapError as fault:
        # A message may quote brackets, which are no markup.
        console.print(f"[red]{type(fault).__name__}[/red]: {escape(str(fault))}", highlight=False)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
