"""The front door for terminals."""

from __future__ import annotations

import signal

if __name__ == "__main__":
    # Until `main` takes over, Ctrl-C ends the program without a word.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import os
import runpy
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from data.errors import MapError, has_no_room, reason
from data.formats import BRIEF, FORMATS, by_ending, by_word, either, offered
from data.plural import count
from data.product import RUN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from edition.edition import Edition
    from edition.view import View
    from regions.comparison import Comparison
    from snapshots.batch import Order, Orders

ROOT = Path(__file__).parent
# What a shell makes of a program that Ctrl-C ended, and so do we.
STOPPED = 128 + signal.SIGINT
# What the options say of formats.
USUAL, *OTHERS = (form.id for form in offered("views", "command"))
ENDINGS = [
    f"{ending} ({form.of_view.hint})" if form.of_view.hint else ending
    for ending, form in by_ending("views").items()
]
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
    from data.settings import settings

    if not settings().trusted_proxies:
        # By itself the server would take the word of anyone on this machine for who asks.
        os.environ["FORWARDED_ALLOW_IPS"] = ""
    # Once what is open is answered, the server hands on the signal that told it to end.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end_well)
    # From this folder Streamlit reads its settings.
    os.chdir(ROOT)
    options = [f"--server.port={port}", f"--server.address={address}"]
    sys.argv = ["streamlit", "run", str(ROOT / "app.py"), *options]
    # In this process: one of its own would outlive it, and keep the port.
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)


def _end_well(_number: int, _frame: object) -> None:
    """End at once: by itself Python would wait for what threads have begun, such as a step of a build."""
    with suppress(RuntimeError):  # in the middle of a line
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(0)


@cli.command()
def prepare() -> None:
    """Build the store from the tables, as the map does when it starts for the first time."""
    from edition.opening import open_edition
    from geo.postcodes import postcodes

    with _bar() as bar:
        task = bar.add_task("Preparing", total=1.0)
        edition = open_edition(lambda stage, share: bar.update(task, description=stage, completed=share))
        bar.update(task, description="Postcodes", completed=0.0)
        postcodes(lambda share: bar.update(task, completed=share))
    _say(filter(None, [edition.notice]))
    total, by_town = edition.firm_count
    found = f"{count(total, 'firm')} ({by_town:,} by town only), {count(len(edition.clusters), 'cluster')}"
    console.print(f"{edition.store.path}: {found}.")


@cli.command()
def detect(  # noqa: PLR0917 - Typer takes options as arguments
    firms: Annotated[
        str,
        typer.Argument(metavar="FIRMS", help="CSV or Parquet file, or a folder or glob of Parquet files."),
    ],
    sector_column: Annotated[
        str, typer.Option(help="Column of the sector; several in one cell are separated by semicolons.")
    ] = "sector",
    firm_id_column: Annotated[str, typer.Option(help="Column of the firm's id; may be absent.")] = "firm_id",
    name_column: Annotated[str, typer.Option(help="Column of the firm's name; may be absent.")] = "name",
    easting_column: Annotated[
        str, typer.Option(help="Column of the easting (EPSG:27700 metres).")
    ] = "easting",
    northing_column: Annotated[
        str, typer.Option(help="Column of the northing (EPSG:27700 metres).")
    ] = "northing",
    lon_column: Annotated[str, typer.Option(help="Column of the longitude (EPSG:4326 degrees).")] = "lon",
    lat_column: Annotated[str, typer.Option(help="Column of the latitude (EPSG:4326 degrees).")] = "lat",
    postcode_column: Annotated[str, typer.Option(help="Column of the unit postcode.")] = "postcode",
    count_column: Annotated[str, typer.Option(help="Column of how many firms a row stands for.")] = "",
    population_column: Annotated[
        str,
        typer.Option(
            help="Column of all firms at the row's point, alike in all rows of the point: it counts once. "
            "Round counts that are not whole, and never scale them up."
        ),
    ] = "",
    planar: Annotated[bool, typer.Option("--planar", help="Coordinates are metres of any plane.")] = False,
    encoding: Annotated[str, typer.Option(help="Of a CSV file that is not UTF-8, such as cp1252.")] = "utf-8",
    out: Annotated[
        Path, typer.Option(help="Folder for the result; a former result there is replaced.")
    ] = Path("clusters-found"),
    method: Annotated[str, typer.Option(help="scan, or to compare with it dbscan or hdbscan.")] = "scan",
    relabellings: Annotated[
        int, typer.Option(min=19, help="Random maps behind each sector's threshold; more make it steadier.")
    ] = 20,
    resamples: Annotated[
        int, typer.Option(min=0, help="Resamples behind stability and core; 0 leaves both out.")
    ] = 100,
    min_firms: Annotated[int, typer.Option(min=1, help="Fewest firms of a sector in a disc.")] = 10,
    agents: Annotated[
        str,
        typer.Option(help="Firms at an agent's point: set-aside (usual), cap, or keep (usual for counts)."),
    ] = "",
    agent_firms: Annotated[
        int, typer.Option(min=2, help="Firms at one point that make it an agent's.")
    ] = 250,
    seed: Annotated[int, typer.Option(min=0, help="Start of every random draw.")] = 0,
    engine: Annotated[str, typer.Option(help="duckdb (this machine) or dask (many).")] = "duckdb",
    scheduler: Annotated[
        str, typer.Option(help="Address of a Dask scheduler; a cluster on this machine unless given.")
    ] = "",
    edition: Annotated[
        str, typer.Option(help="What to call the result; the folder's name unless given.")
    ] = "",
    previous: Annotated[
        Path | None,
        typer.Option(help="Folder of a former result, whose ids are kept where its clusters are."),
    ] = None,
) -> None:
    """Find the clusters of your own firms, and write them into a folder."""
    from clusters.agents import AgentRule, usual_treatment
    from clusters.census import Task, census, require
    from clusters.many_machines.engine import DASK
    from clusters.many_machines.engines import engine_of
    from clusters.results.folder import check_target
    from clusters.results.in_words import found_words
    from clusters.results.reading import read_results
    from clusters.results.writing import write_results
    from clusters.scan.parameters import ScanParameters
    from clusters.shipped import shipped_evidence
    from intake.columns import Columns
    from intake.reading import open_register

    target = check_target(out)
    parameters = ScanParameters(
        relabellings=relabellings, resamples=resamples, min_firms=min_firms, seed=seed
    )
    treatment = agents or usual_treatment(aggregated=bool(count_column or population_column))
    task = Task(parameters, AgentRule(agent_firms, treatment), method, edition or target.name)
    names = (sector_column, firm_id_column, name_column, easting_column, northing_column)
    columns = Columns(*names, lon_column, lat_column, postcode_column, count_column, population_column)
    register = open_register(firms, columns, encoding, planar=planar)
    require(task, register, many=engine == DASK)
    before = read_results(previous, with_firms=False) if previous else None
    with engine_of(engine, register, scheduler) as at_work, _bar() as bar:
        line = bar.add_task("Starting", total=1.0)
        results = census(
            at_work,
            task,
            shipped_evidence(),
            before,
            lambda stage, share: bar.update(line, description=stage, completed=share),
        )
        bar.update(line, description="Writing", completed=0.0)
        write_results(target, results)
    _say(found_words(results.report, str(target)))


@cli.command()
def build(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Folder of a result, as `detect` wrote it.")
    ] = None,
    shipped: Annotated[
        bool, typer.Option("--shipped", help="Go back to the firms that ship with the map.")
    ] = False,
) -> None:
    """Show the clusters of your own firms, as `detect` found them, in the map; or the shipped ones again."""
    from data.errors import InputError
    from edition.opening import build_edition, build_shipped

    if (folder is None) != shipped:
        raise InputError("build needs the folder of a result, or --shipped: one of the two")
    with _bar() as bar:
        task = bar.add_task("Preparing", total=1.0)

        def tell(stage: str, share: float) -> None:
            bar.update(task, description=stage, completed=share)

        edition = build_shipped(tell) if folder is None else build_edition(folder, tell)
    found = f"{count(edition.firm_count[0], 'firm')}, {count(len(edition.clusters), 'cluster')}"
    words = f"Edition {edition.about.name!r}: {found}."
    console.print(escape(f"{words} `{RUN} serve` shows it; a map that is running has to be started again."))


@cli.command()
def compare(
    place: Annotated[
        list[str],
        typer.Argument(
            metavar="PLACE ...",
            help="One to ten places: names, GSS or ITL codes, ids, UK; set:CODE+CODE for several authorities "
            "as one place.",
        ),
    ],
    level: Annotated[
        str,
        typer.Option(
            help="Level at which the names are looked up: la, itl3, itl2, itl1, nation, city_region or "
            "programme_area; any unless given."
        ),
    ] = "",
    filters: Annotated[
        str,
        typer.Option(
            help="Filters as they stand in the page's address, such as 'sector=life-sciences&placed=lead'."
        ),
    ] = "",
    against: Annotated[
        str, typer.Option(help="What to hold them against: uk, nation, parent, or none; joined by commas.")
    ] = "uk,nation",
    out: Annotated[
        Path | None,
        typer.Option(help=f"Write the whole comparison there instead: a {either(by_ending('tables'))} file."),
    ] = None,
) -> None:
    """Put places side by side: funding, projects, firms, clusters and specialisation."""
    from urllib.parse import parse_qsl

    from edition.view import View
    from layers.choices import choices
    from regions.comparison import compare as put_side_by_side
    from regions.places import find_places

    write = _writer(out)
    edition = _opened()
    pairs = parse_qsl(filters.removeprefix("?"), keep_blank_values=True)
    held = [("against", name.strip()) for name in against.split(",") if name.strip()]
    view = View.parse([*pairs, *held], choices(edition))
    chosen = find_places(edition, place, level)
    view = view.model_copy(update={"place": tuple(found.ref for found in chosen)})
    write(put_side_by_side(edition, view, chosen, view.against), view)


def _writer(out: Path | None) -> Callable[[Comparison, View], None]:
    """Return what prints a comparison, or writes it into a file of this name.

    Raises
    ------
    InputError
        If the name says no format, or its folder is not there.
    """
    from data.store import whole_file
    from tables.comparison_files import form_for, written
    from tables.comparison_terminal import print_comparison

    if out is None:
        return print_comparison
    form = form_for(out)

    def write(comparison: Comparison, view: View) -> None:
        with whole_file(out) as part:
            part.write_bytes(written(comparison, view, form))
        console.print(escape(f"{count(len(comparison.places), 'place')}: {out}"), highlight=False)

    return write


@cli.command()
def snapshot(  # noqa: PLR0917 - Typer takes options as arguments
    out: Annotated[
        Path,
        typer.Option(
            help=f"File to write; its ending says the format: {either(ENDINGS)}. With --views the "
            "folder to write into."
        ),
    ],
    view: Annotated[
        str | None,
        typer.Option(
            help="What is shown: a link of the map, or its query string, in quotes; the view that the map "
            "opens with unless given."
        ),
    ] = None,
    views: Annotated[
        Path | None,
        typer.Option(
            help="File of many views: text with a view a line (# begins a comment), or CSV with the column "
            "view and, if wanted, name, size, dpi and format."
        ),
    ] = None,
    size: Annotated[
        str, typer.Option(help="Page: a4, a4-landscape, a3, a3-landscape or slide (16 to 9).")
    ] = "a4",
    dpi: Annotated[int, typer.Option(help="Dots per inch of a PNG, 50 to 600.")] = 150,
    brief: Annotated[
        bool,
        typer.Option(
            "--brief", help=f"Write {FORMATS[BRIEF.id].hint} of the view, a .{FORMATS[BRIEF.id].ending}."
        ),
    ] = False,
    form: Annotated[
        str,
        typer.Option("--format", help=f"Of many views: {USUAL} unless given, {either(OTHERS)}."),
    ] = "",
) -> None:
    """Write a view, or many, into files: as a picture, or in any other format that the map offers."""
    from data.errors import InputError
    from snapshots.batch import Usual, check_file, check_list, one_order, read_orders
    from snapshots.paper import Paper

    _refuse_both({"--view": view is not None, "--views": views is not None})
    _refuse_both({"--brief": brief, "--format": bool(form)})
    word = BRIEF.id if brief else form
    if word and views is None and word not in by_word():
        raise InputError(f"--format {word!r} is for --views: of one view the ending of --out says the format")
    paper = Paper(size, dpi)
    # What can be said at once need not wait for the map's tables.
    usual = Usual(word or USUAL, paper)
    if views is None:
        check_file(out, word)
    else:
        check_list(views, out, usual)
    edition = _opened()
    if views is None:
        _write_one(edition, one_order(edition, view or "", out, paper, word))
        return
    _write_many(edition, read_orders(edition, views, out, usual), out)


def _refuse_both(given: Mapping[str, bool]) -> None:
    """Refuse two options that exclude one another."""
    from data.errors import InputError

    if all(given.values()):
        raise InputError(f"{' and '.join(given)} exclude one another: give one of the two")


def _write_one(edition: Edition, order: Order) -> None:
    from snapshots.batch import carry_out
    from snapshots.formats import format_of

    with _bar() as bar:
        bar.add_task(f"Writing {escape(order.file.name)}", total=None)
        carry_out(edition, order)
    _say(order.notes)
    console.print(escape(f"{format_of(order.form).label}: {order.file}"), highlight=False)


def _write_many(edition: Edition, found: Orders, folder: Path) -> None:
    """Write every file that can be written, and say what could not, by line."""
    from snapshots.batch import carry_out

    for fault in found.faults:
        _say_fault(fault)
    made, total = 0, len(found.orders)
    with _bar() as bar:
        task = bar.add_task("Writing", total=total)
        for number, order in enumerate(found.orders, 1):
            name = escape(order.file.name)
            bar.update(task, description=f"{name} ({number:,} of {total:,})", completed=number - 1)
            _say(f"line {order.line}: {note}" for note in order.notes)
            try:
                carry_out(edition, order)
                made += 1
            except MapError as fault:
                _say_fault(f"line {order.line}: {order.view.url()[:34]!r}: {fault}")
    views = total + len(found.faults)
    words = f"{made:,} made + {views - made:,} failed = {count(views, 'view')}: {folder}"
    console.print(escape(words), highlight=False)
    if made < views:
        raise typer.Exit(2)


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        console.print(escape(line), highlight=False, soft_wrap=True)


def _say_fault(words: str) -> None:
    """Say what is wrong with a line of a list, on a line."""
    console.print(f"[red]{escape(words)}[/red]", highlight=False, soft_wrap=True)


@cli.command()
def boundaries(
    folder: Annotated[Path, typer.Option(help="Where to write.")] = ROOT / "data" / "boundaries",
) -> None:
    """Derive the approximate boundaries of authorities again from postcodes and a public coastline."""
    from tools.derive import write_boundaries

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
    from tools.command_page import command_page

    folder = ROOT / "docs"
    commands = {"cli.md": command_page(cli)}
    for path in (*write_documentation(folder), *write_api_page(folder), *write_pages(folder, commands)):
        console.print(f"{path.relative_to(ROOT)} written")


def _opened() -> Edition:
    """Open the edition, and say how far it is."""
    from edition.opening import open_edition

    with _bar() as bar:
        task = bar.add_task("Preparing", total=1.0)
        edition = open_edition(lambda stage, share: bar.update(task, description=stage, completed=share))
    # Of which firms what follows is.
    _say(filter(None, [edition.notice]))
    return edition


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True)


def main() -> None:
    """Run a command; our own errors, and that Ctrl-C or SIGTERM stopped it, are said in a line."""
    told: list[int] = []

    def stop(number: int, _frame: object) -> None:
        told.append(number)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, stop)
    try:
        cli()
    except (Exception, KeyboardInterrupt, SystemExit) as end:
        if _was_stopped(end, told=bool(told)):
            console.print("Stopped; nothing is left half written.")
            raise SystemExit(128 + told[0] if told else STOPPED) from None
        full = has_no_room(end)
        if full or isinstance(end, MapError):
            words = str(end) if isinstance(end, MapError) else reason(end)
            # A message may quote brackets, which are no markup.
            line = f"[red]{type(end).__name__}[/red]: {escape(words)}"
            console.print(line, highlight=False, soft_wrap=True)
            # What was asked is at fault, or else the machine.
            raise SystemExit(1 if full else 2) from None
        raise


def _was_stopped(end: BaseException, *, told: bool) -> bool:
    """Tell whether Ctrl-C, or a signal like it, ended the program.

    Libraries raise errors of their own when it interrupts them: DuckDB a RuntimeError, a module that is being
    imported an ImportError. So what comes after Ctrl-C is taken to come from it.
    """
    if isinstance(end, SystemExit):
        return end.code == STOPPED or (told and end.code not in {None, 0})
    return told or isinstance(end, KeyboardInterrupt)


if __name__ == "__main__":
    main()
