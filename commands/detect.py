"""`cli.py detect`: the clusters of a register of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands.terminal import bar, say


def detect(  # noqa: PLR0917 - Typer takes options as arguments
    firms: Annotated[
        str,
        typer.Argument(
            metavar="FIRMS",
            help="CSV or Parquet file, or a folder or glob of Parquet files: a path on this machine, or an "
            "address (s3://, gs://, abfs://, https://); credentials come from the environment.",
        ),
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
    employees_column: Annotated[str, typer.Option(help="Column of employees, if any.")] = "employees",
    size_band_column: Annotated[str, typer.Option(help="Column of size bands, if any.")] = "size_band",
    founded_column: Annotated[str, typer.Option(help="Column of foundation, if any.")] = "founded_year",
    births_span: Annotated[
        str, typer.Option(help="Years of births such as 2012:2026; the last ten whole ones unless given.")
    ] = "",
    encoding: Annotated[str, typer.Option(help="Of a CSV file that is not UTF-8, such as cp1252.")] = "utf-8",
    out: Annotated[
        Path,
        typer.Option(help="Folder on this machine for the result; a former result there is replaced."),
    ] = Path("clusters-found"),
    method: Annotated[str, typer.Option(help="scan, or to compare with it dbscan or hdbscan.")] = "scan",
    relabellings: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Shuffled maps behind each sector's chances, at least; by the register's size unless given; "
            "0 with --thresholds.",
        ),
    ] = None,
    thresholds: Annotated[
        Path | None,
        typer.Option(help="report.json of a former result, whose chances are taken: no maps are drawn."),
    ] = None,
    radii: Annotated[
        str,
        typer.Option(
            help="Radii of the discs in metres, joined by commas; by the register's size unless given."
        ),
    ] = "",
    ring: Annotated[
        float | None,
        typer.Option(help="Outer radius of the ring around them in metres; in proportion unless given."),
    ] = None,
    cell: Annotated[
        float | None, typer.Option(help="Side of the cells in metres; by the register's size unless given.")
    ] = None,
    resamples: Annotated[
        int, typer.Option(min=0, help="Resamples behind stability and core; 0 leaves both out.")
    ] = 100,
    min_firms: Annotated[
        int | None,
        typer.Option(min=1, help="Fewest firms of a sector in a disc; follows the sector unless given."),
    ] = None,
    agents: Annotated[
        str,
        typer.Option(help="Firms at an agent's point: set-aside (usual), cap, or keep (usual for counts)."),
    ] = "",
    agent_firms: Annotated[
        int | None,
        typer.Option(
            min=2,
            help="Firms at one point that make it an agent's; unless given, 250 or 0.01% of all.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Start of every random draw.")] = 0,
    engine: Annotated[str, typer.Option(help="duckdb (this machine) or dask (many).")] = "duckdb",
    scheduler: Annotated[str, typer.Option(help="Address of a Dask scheduler; unless given, one here.")] = "",
    edition: Annotated[str, typer.Option(help="Name of the result; the folder's unless given.")] = "",
    previous: Annotated[
        Path | None,
        typer.Option(help="Folder of a former result, whose ids are kept where its clusters are."),
    ] = None,
) -> None:
    """Find the clusters of your own firms, and write them into a folder."""
    from math import inf

    from clusters.agents import AgentRule, usual_treatment
    from clusters.census import Task, census, require
    from clusters.description.traits import span_of
    from clusters.many_machines.engine import DASK
    from clusters.many_machines.engines import engine_of
    from clusters.results.folder import check_target
    from clusters.results.in_words import found_words
    from clusters.results.reading import read_results
    from clusters.results.writing import write_results
    from clusters.scan.known import read_chances
    from clusters.scan.ladder import fitted, scan_settings
    from clusters.shipped import shipped_evidence
    from intake.columns import Columns
    from intake.reading import open_register

    target = check_target(out)
    asked = scan_settings(
        {"relabellings": relabellings, "min_firms": min_firms, "ring_m": ring, "cell_m": cell}, radii
    ) | {"resamples": resamples, "seed": seed}
    known = read_chances(thresholds) if thresholds else None
    treatment = agents or usual_treatment(aggregated=bool(count_column or population_column))
    task = Task(
        fitted(inf, **asked),
        AgentRule(agent_firms, treatment),
        method,
        edition or target.name,
        asked=asked,
        known=known,
        births=span_of(births_span),
    )
    names = (sector_column, firm_id_column, name_column, easting_column, northing_column)
    amounts = (count_column, population_column)
    beside = (employees_column, size_band_column, founded_column)
    columns = Columns(*names, lon_column, lat_column, postcode_column, *amounts, *beside)
    register = open_register(firms, columns, encoding, planar=planar)
    require(task, register, many=engine == DASK)
    before = read_results(previous, with_firms=False) if previous else None
    with engine_of(engine, register, scheduler) as at_work, bar() as shown:
        line = shown.add_task("Starting", total=1.0)
        results = census(
            at_work,
            task,
            shipped_evidence(),
            before,
            lambda stage, share: shown.update(line, description=stage, completed=share),
        )
        shown.update(line, description="Writing", completed=0.0)
        write_results(target, results)
    say(found_words(results.report, str(target)))
