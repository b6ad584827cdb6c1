"""Many machines: memory of each worker and seconds of each stage while the register grows.

    python benchmarks/bench_scale.py --firms 1000000 5000000 20000000 --workers 2 --memory 1GB
    python benchmarks/bench_scale.py --registers FOLDER [FOLDER ...]

Each size is written to disk as Parquet (a million firms a file, not timed), and read by a Dask cluster of
processes on this machine whose workers are killed above the memory given. Memory is what the system counts
as resident, sampled ten times a second. Clusters and members are compared, byte by byte, with those that one
machine writes, unless there are more firms than `--compare`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil

from benchmarks import registers
from clusters.census import Task, census
from clusters.many_machines.dask_engine import ManyMachines, cluster
from clusters.many_machines.engine import OneMachine
from clusters.results.writing import write_results
from clusters.scan.parameters import ScanParameters
from intake.reading import open_register

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client

    from clusters.results.results import Results

FIRMS_A_FILE = 1_000_000
EVERY_SECONDS = 0.1
MEGABYTE = 1e6
COMPARED = ("clusters.parquet", "members.parquet", "cells.parquet", "labels.parquet", "refused.csv")
HERE = "here"


class Watch:
    """Samples the memory of some processes until told to stop; who is told the stage keeps them apart."""

    def __init__(self, pids: dict[str, int]) -> None:
        self.processes = {name: psutil.Process(pid) for name, pid in pids.items()}
        self.stage = ""
        self.peaks: dict[str, dict[str, float]] = {}
        self.died: set[str] = set()
        self.running = True
        self.thread = threading.Thread(target=self._sample, daemon=True)
        self.thread.start()

    def _sample(self) -> None:
        while self.running:
            held = self.peaks.setdefault(self.stage, dict.fromkeys(self.processes, 0.0))
            for name, process in self.processes.items():
                try:
                    held[name] = max(held[name], process.memory_info().rss / MEGABYTE)
                except psutil.NoSuchProcess:
                    self.died.add(name)
            time.sleep(EVERY_SECONDS)

    def stop(self) -> None:
        """End the sampling."""
        self.running = False
        self.thread.join()

    def most(self, name: str) -> float:
        """Return the most that a process held in any stage, in MB."""
        return max(held[name] for held in self.peaks.values())


@contextmanager
def watched(client: Client) -> Iterator[Watch]:
    """Watch the workers of a cluster on this machine, and this process."""
    workers = client.run(os.getpid).values()
    watch = Watch({**{f"worker {at}": pid for at, pid in enumerate(workers, 1)}, HERE: os.getpid()})
    try:
        yield watch
    finally:
        watch.stop()


def many(folder: Path, task: Task, asked: argparse.Namespace) -> tuple[Results, Watch]:
    """Run a census on a cluster."""
    with cluster(n_workers=asked.workers, memory_limit=asked.memory) as client, watched(client) as watch:

        def tell(stage: str, _share: float) -> None:
            watch.stage = stage

        results = census(ManyMachines(open_register(folder), client), task, progress=tell)
    return results, watch


def differing(one: Path, other: Path) -> list[str]:
    """Return the files of two results that are not the same to the byte."""
    return [name for name in COMPARED if (one / name).read_bytes() != (other / name).read_bytes()]


def compared(results: Results, firms: Path, task: Task) -> str:
    """Say whether one machine writes the same."""
    with tempfile.TemporaryDirectory() as name:
        write_results(Path(name) / "many", results)
        write_results(Path(name) / "one", census(OneMachine(open_register(firms)), task))
        faults = differing(Path(name) / "many", Path(name) / "one")
    return (
        f"NOT the same as on one machine: {', '.join(faults)}"
        if faults
        else "the same bytes as on one machine"
    )


def made(count: int, folder: Path) -> None:
    """Write a register, in a process of its own: its memory is not ours."""
    options = ["--firms", str(count), "--out", str(folder), "--files", str(max(1, count // FIRMS_A_FILE))]
    work = multiprocessing.get_context("spawn").Process(target=registers.main, args=(options,))
    work.start()
    work.join()
    if work.exitcode:
        sys.exit(f"no register of {count:,} firms could be made")


def measure(folder: Path, asked: argparse.Namespace) -> None:
    """Measure one register, and print what was measured."""
    task = Task(ScanParameters(relabellings=20, resamples=asked.resamples))
    firms = folder / "firms"
    results, watch = many(firms, task, asked)
    rows, files = results.report["rows"]["in"], len(open_register(firms).files)
    stages = {words: figures["seconds"] for words, figures in results.report["stages"].items()}
    equal = compared(results, firms, task) if rows <= asked.compare else "not compared with one machine"
    print(f"\n{rows:,} firms in {files} files: {sum(stages.values()):.1f} s, {equal}")
    print(f"{len(results.clusters):,} clusters, {len(results.members):,} members, ", end="")
    print(f"{results.report['cells_occupied']:,} cells; workers that died: {len(watch.died)}")
    names = [*watch.processes]
    print("| stage | s |" + "".join(f" {name}, MB |" for name in names))
    print("|---|---|" + "---|" * len(names))
    for words, seconds in stages.items():
        held = watch.peaks.get(words, dict.fromkeys(names, 0.0))
        print(f"| {words} | {seconds:.1f} |" + "".join(f" {held[name]:.0f} |" for name in names))
    print("| at most | |" + "".join(f" {watch.most(name):.0f} |" for name in names), flush=True)


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--firms", type=int, nargs="+", default=[1_000_000, 5_000_000])
    parser.add_argument("--registers", type=Path, nargs="+", help="made by registers.py before")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory", default="1GB", help="of each worker")
    parser.add_argument("--resamples", type=int, default=0)
    parser.add_argument("--compare", type=int, default=5_000_000, help="most firms to compare")
    parser.add_argument("--folder", type=Path, help="where to write registers; the system's by default")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    asked = options(arguments)
    print(f"{asked.workers} workers of {asked.memory}, {os.cpu_count()} processors")
    for folder in asked.registers or []:
        measure(folder, asked)
    for count in asked.firms if not asked.registers else []:
        with tempfile.TemporaryDirectory(dir=asked.folder) as name:
            made(count, Path(name) / "register")
            measure(Path(name) / "register", asked)


if __name__ == "__main__":
    main()
