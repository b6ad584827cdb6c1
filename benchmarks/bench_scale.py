"""Many machines: memory of each worker and seconds of each stage while the register grows.

    python benchmarks/bench_scale.py --firms 1000000 5000000 20000000 --workers 2 --memory 1GB

Each size is written to disk as Parquet (a million firms a file, not timed), and read by a Dask cluster of
processes on this machine whose workers are killed above the memory given. Up to 5 million firms the clusters
and members are compared with those of one machine.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil

from benchmarks import registers
from clusters.census import Task, census
from clusters.engine import OneMachine
from clusters.many_machines import ManyMachines, cluster
from clusters.parameters import ScanParameters
from clusters.register import open_register

if TYPE_CHECKING:
    from clusters.results import Results

COMPARED = 5_000_000
EVERY_SECONDS = 0.1
MEGABYTE = 1e6


class Watch:
    """Samples the memory of some processes until told to stop."""

    def __init__(self, pids: list[int]) -> None:
        self.processes = [psutil.Process(pid) for pid in pids]
        self.peak = dict.fromkeys(pids, 0)
        self.running = True
        self.thread = threading.Thread(target=self._sample, daemon=True)
        self.thread.start()

    def _sample(self) -> None:
        while self.running:
            for process in self.processes:
                try:
                    held = process.memory_info().rss
                except psutil.NoSuchProcess:
                    self.peak[process.pid] = -1
                    continue
                self.peak[process.pid] = max(self.peak[process.pid], held)
            time.sleep(EVERY_SECONDS)

    def stop(self) -> list[float]:
        """Return the most that each process held, in MB; negative where it died."""
        self.running = False
        self.thread.join()
        return [round(held / MEGABYTE) for held in self.peak.values()]


def measured(
    folder: Path, task: Task, workers: int, memory: str
) -> tuple[Results, list[float], float, float]:
    """Run a census on a cluster; return it, the workers' and this process's peaks in MB, and seconds."""
    with cluster(n_workers=workers, memory_limit=memory) as client:
        watch = Watch([*client.run(os.getpid).values(), os.getpid()])
        start = time.perf_counter()
        results = census(ManyMachines(open_register(folder), client), task)
        seconds = time.perf_counter() - start
        *peaks, own = watch.stop()
    return results, peaks, own, seconds


def same(one: Results, other: Results) -> bool:
    """Say whether two results have the same clusters and members."""
    clusters = one.clusters.equals(other.clusters)
    return clusters and one.members.equals(other.members)


def run(firms: int, asked: argparse.Namespace) -> None:
    """Measure one size."""
    task = Task(ScanParameters(relabellings=20, resamples=asked.resamples))
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        folder = Path(name) / "register"
        registers.write(registers.make(firms), folder, files=max(1, firms // 1_000_000))
        results, peaks, own, seconds = measured(folder / "firms", task, asked.workers, asked.memory)
        stages = {words: figures["seconds"] for words, figures in results.report["stages"].items()}
        equal = "not compared"
        if firms <= COMPARED:
            alone = census(OneMachine(open_register(folder / "firms")), task)
            equal = "the same" if same(results, alone) else "NOT the same"
    print(f"{firms:>12,} firms {seconds:7.1f} s  workers {peaks} MB, here {own:.0f} MB", flush=True)
    print(
        f"{'':>12} {len(results.clusters)} clusters, {len(results.members):,} members: {equal} on one machine"
    )
    print(f"{'':>12} {stages}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--firms", type=int, nargs="+", default=[1_000_000, 5_000_000])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory", default="1GB", help="of each worker")
    parser.add_argument("--resamples", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="where to write the registers; the system's by default")
    asked = parser.parse_args()
    print(f"{asked.workers} workers of {asked.memory}")
    for firms in asked.firms:
        run(firms, asked)


if __name__ == "__main__":
    main()
