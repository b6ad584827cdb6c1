"""All of a census but the test of labels: reading, refusing, ids, counting, members, describing, writing.

    python benchmarks/bench_reading.py --firms 1000000 5000000
    python benchmarks/bench_reading.py --firms 5000000 --beside FOLDER --repeats 3

Every run is a process of its own, one at a time, from import to the files of the result. The test of labels
is done once, by the first run, and handed to the others as it was found. `--beside` measures another
checkout of this program in turn with this one, and says whether the files of the results are the same to the
byte, their report apart. Of the repeats the least of each stage is printed: seconds on the clock, which
others lengthen; seconds of all processors; and the most memory that was held in the stage, imports included.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT: Final = Path(__file__).resolve().parents[1]
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
SECTORS: Final = 40
RELABELLINGS: Final = 20
REPORT: Final = "report.json"


class Watch:
    """Seconds and memory of stages, by name."""

    def __init__(self) -> None:
        self.stages: dict[str, tuple[float, float, float]] = {}

    @contextmanager
    def stage(self, words: str) -> Iterator[None]:
        """Measure a stage."""
        CLEAR.write_text("5", encoding="ascii")  # the peak is measured from here
        start, at_work = time.perf_counter(), time.process_time()
        yield
        lines = STATUS.read_text(encoding="utf-8").splitlines()
        peak = next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM"))
        self.stages[words] = (time.perf_counter() - start, time.process_time() - at_work, peak)


def work(register: Path, scans: Path, out: Path) -> dict[str, Any]:
    """Run a census of the checkout that is imported first, and measure it."""
    watch = Watch()
    with watch.stage("Importing"):
        from clusters import census as module  # noqa: PLC0415
        from clusters.many_machines.engine import OneMachine  # noqa: PLC0415
        from clusters.results.writing import write_results  # noqa: PLC0415
        from clusters.scan.parameters import ScanParameters  # noqa: PLC0415
        from clusters.shipped import shipped_evidence  # noqa: PLC0415
        from intake.reading import open_register  # noqa: PLC0415
    with watch.stage("Evidence"):
        evidence = shipped_evidence()
    learn, stage = module.scan_labels, module.Stopwatch.stage

    def known(*asked: Any) -> Any:
        if not scans.exists():
            scans.write_bytes(pickle.dumps(learn(*asked)))
        return pickle.loads(scans.read_bytes())

    @contextmanager
    def measured(self: Any, words: str) -> Iterator[Any]:
        with watch.stage(words), stage(self, words) as told:
            yield told

    module.scan_labels, module.Stopwatch.stage = known, measured
    task = module.Task(ScanParameters(relabellings=RELABELLINGS, resamples=0), edition="e")
    start, at_work = time.perf_counter(), time.process_time()
    results = module.census(OneMachine(open_register(register)), task, evidence)
    whole = time.perf_counter() - start, time.process_time() - at_work
    with watch.stage("Writing"):
        write_results(out, results)
    test = watch.stages.pop("Testing labels")
    peak = max(held for *_, held in watch.stages.values())
    watch.stages["Census without the test"] = (whole[0] - test[0], whole[1] - test[1], peak)
    return {"stages": watch.stages, "clusters": len(results.clusters), "rows": results.report["rows"]}


def in_a_process(root: Path, register: Path, scans: Path, out: Path) -> dict[str, Any]:
    """Measure a checkout in a fresh process."""
    command = [
        sys.executable,
        str(Path(__file__).resolve()),
        "--worker",
        *map(str, (root, register, scans, out)),
    ]
    done = subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def differing(one: Path, other: Path) -> list[str]:
    """Return the files of two results that are not the same to the byte."""
    names = sorted(path.name for path in one.iterdir() if path.name != REPORT)
    return [name for name in names if (one / name).read_bytes() != (other / name).read_bytes()]


def measure(firms: int, asked: argparse.Namespace, folder: Path) -> None:
    """Measure one size, and print what was measured."""
    make = [sys.executable, str(ROOT / "benchmarks" / "registers.py"), "--firms", str(firms)]
    make += ["--sectors", str(SECTORS), "--out", str(folder / "register")]
    subprocess.run(make, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    roots = [ROOT, *([asked.beside.resolve()] if asked.beside else [])]
    register, scans = folder / "register" / "firms", folder / "scans"
    # Fills caches, compiles, and tests the labels.
    first = in_a_process(ROOT, register, scans, folder / "first")
    runs: dict[Path, list[dict[str, Any]]] = {root: [] for root in roots}
    for _ in range(asked.repeats):
        for number, root in enumerate(roots):
            runs[root].append(in_a_process(root, register, scans, folder / f"out-{number}"))
    print(f"\n{firms:,} firms, {SECTORS} sectors, {first['clusters']} clusters, rows {first['rows']}")
    for root, own in runs.items():
        print(f"{root}, least of {len(own)}")
        for words in own[0]["stages"]:
            wall, cpu, peak = (min(run["stages"][words][at] for run in own) for at in range(3))
            print(f"    {words:<26}{wall:>8.2f} s{cpu:>8.2f} s of processors{peak:>8,.0f} MB")
    if asked.beside:
        faults = differing(folder / "out-0", folder / "out-1")
        print(f"NOT the same: {', '.join(faults)}" if faults else "the same bytes", flush=True)


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--firms", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--beside", type=Path, help="folder of another checkout")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument(
        "--folder", type=Path, help="where to put registers meanwhile; the system's by default"
    )
    parser.add_argument("--worker", type=Path, nargs=4, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    asked = options(arguments)
    if asked.worker:
        root, *paths = asked.worker
        sys.path.insert(0, str(root))
        print(json.dumps(work(*paths)))
        return
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    for firms in asked.firms:
        with tempfile.TemporaryDirectory(dir=asked.folder) as name:
            measure(firms, asked, Path(name))


if __name__ == "__main__":
    main()
