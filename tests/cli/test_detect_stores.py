"""`cli.py detect` on registers in stores and on the web: the same bytes as here, and no secret in them."""

from __future__ import annotations

import gzip
import json
import sys
from functools import partial

import pytest

import cli
from clusters.census import Task, census
from clusters.many_machines import dask_engine as many_machines
from clusters.many_machines.dask_engine import ManyMachines
from clusters.many_machines.engine import OneMachine
from clusters.results.writing import write_results
from clusters.scan.parameters import ScanParameters
from data.errors import InputError
from intake.reading import open_register
from intake.stores import buckets
from tests import servers
from tests.clusters.small_registers import (
    QUICK,
    REPORT,
    detect,
    digests,
    firms,
    report,
    write_csv,
    write_parquet,
)

TASK = Task(ScanParameters(relabellings=19, resamples=2), edition="e")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A bucket of one register, in three forms."""
    folder = tmp_path_factory.mktemp("shelf")
    write_parquet(folder / "firms" / "2026", firms(), files=3, rows=150)
    text = write_csv(folder / "firms" / "firms.csv", firms()).read_bytes()
    (folder / "firms" / "firms.csv.gz").write_bytes(gzip.compress(text))
    return folder


@pytest.fixture
def store(folder, monkeypatch, tmp_path):
    with servers.s3(folder) as (address, asked):
        servers.name_store(monkeypatch, address, tmp_path / "none")
        yield asked
    buckets.connect_s3.cache_clear()


@pytest.fixture
def site(folder):
    """A web server that lets in who knows the secret; gives the address with it, and the one that is told."""
    with servers.web(folder / "firms", user=f"ada:{servers.SECRET}") as (address, _):
        yield address.replace("//", f"//ada:{servers.SECRET}@"), address


@pytest.fixture(scope="module")
def here(folder, tmp_path_factory):
    """What is found in the same register on this machine."""
    out = tmp_path_factory.mktemp("here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", arguments(folder / "firms" / "2026", out / "out"))
        with pytest.raises(SystemExit) as end:
            cli.main()
    assert not end.value.code
    return out / "out"


def arguments(source, out):
    return ["cli.py", "detect", str(source), "--out", str(out), *QUICK]


def same(out, here):
    """Check that two results have the same bytes, but for where the register stands."""
    assert digests(out, REPORT) == digests(here, REPORT)
    both = [{**report(one), "stages": None, "source": None} for one in (out, here)]
    assert both[0] == both[1]
    assert both[0]["clusters"] > 0


@pytest.mark.parametrize(
    "source",
    ["s3://firms/2026", "s3://firms/2026/*.parquet", "s3://firms/firms.csv", "s3://firms/firms.csv.gz"],
)
def test_a_store_gives_the_same_bytes(store, tmp_path, monkeypatch, capsys, here, source):
    code, lines = detect(monkeypatch, capsys, source, "--out", tmp_path / "out", *QUICK)
    assert code == 0, lines
    assert report(tmp_path / "out")["source"] == source
    same(tmp_path / "out", here)


@pytest.mark.parametrize("below", ["firms.csv", "firms.csv.gz", "2026/", "2026/*.parquet"])
def test_the_web_gives_the_same_bytes_and_no_secret(site, tmp_path, monkeypatch, capsys, here, below):
    address, told = site
    source = f"{address}/{below}?token={servers.SECRET}"
    code, lines = detect(monkeypatch, capsys, source, "--out", tmp_path / "out", *QUICK)
    assert code == 0, lines
    assert report(tmp_path / "out")["source"] == f"{told}/{below}?..."
    same(tmp_path / "out", here)
    written = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir()) + "".join(lines).encode()
    assert servers.SECRET.encode() not in written
    assert b"ada" not in json.dumps(report(tmp_path / "out")).encode()


def test_two_workers_open_the_files_themselves(store, tmp_path, monkeypatch):
    """Processes of their own, which get the path alone; the result is that of one machine to the byte."""
    monkeypatch.setattr(many_machines, "ROWS", 600)
    with many_machines.cluster(n_workers=2) as client:
        for number, source in enumerate(["s3://firms/2026", "s3://firms/firms.csv.gz"]):
            register = open_register(source)
            write_results(tmp_path / f"one{number}", census(OneMachine(register), TASK))
            store.clear()
            write_results(tmp_path / f"many{number}", census(ManyMachines(register, client), TASK))
            assert {path for command, path, _ in store if command == "GET"} == {
                f"/{str(file).removeprefix('s3://')}" for file in register.files
            }
            one, many = (digests(tmp_path / f"{name}{number}", "firms.parquet") for name in ("one", "many"))
            assert one == many
            assert report(tmp_path / f"many{number}")["clusters"] > 0


def test_dask_by_the_command_line(site, store, tmp_path, monkeypatch, capfd, here):
    """Addresses with a secret reach the workers, and nothing of it the screen."""
    monkeypatch.setattr(
        many_machines, "cluster", partial(many_machines.cluster, n_workers=2, processes=False)
    )
    address, _ = site
    code, lines = detect(
        monkeypatch, capfd, f"{address}/2026/", "--engine", "dask", "--out", tmp_path / "out", *QUICK
    )
    assert code == 0, lines
    assert digests(tmp_path / "out", REPORT) == digests(here, REPORT, "firms.parquet")
    assert servers.SECRET not in "".join(lines)


def test_what_workers_cannot_read_is_said_without_secrets(site, folder, capfd):
    address, told = site
    path = folder / "firms" / "late.csv"
    write_csv(path, firms(50))
    register = open_register(f"{address}/late.csv?token={servers.SECRET}")
    path.unlink()
    with many_machines.cluster(n_workers=1, processes=False) as client, pytest.raises(InputError) as fault:
        ManyMachines(register, client).survey(1_000, lambda _: None)
    assert str(fault.value) == f"'{told}/late.csv?...' does not exist"
    said = capfd.readouterr()
    chain = f"{fault.value!r} {fault.value.__cause__!r} {fault.value.__context__!r}"
    assert servers.SECRET not in said.out + said.err + chain


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("s3://firms/firm.csv", "'s3://firms/firm.csv' does not exist, did you mean 'firms.csv"),
        ("s3://nowhere/firms.csv", "there is no bucket 's3://nowhere'"),
        ("s3://shut/firms.csv", "'s3://shut/firms.csv' cannot be read: no access"),
        ("http://127.0.0.1:1/firms.csv", "cannot be reached"),
        ("ftp://127.0.0.1/firms.csv", "is not read: expected a path on this machine, or an address"),
        (f"s3://ada:{servers.SECRET}@firms/firms.csv", "credentials come from the environment"),
    ],
)
def test_faults_are_a_line_and_end_as_others_do(store, tmp_path, monkeypatch, capsys, source, words):
    code, lines = detect(monkeypatch, capsys, source, "--out", tmp_path / "out", *QUICK)
    assert code == 2
    assert len(lines) == 1
    assert words in lines[0]
    assert servers.SECRET not in lines[0]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("option", ["--out", "--previous"])
@pytest.mark.parametrize(
    "address", ["s3://firms/out", f"https://ada:{servers.SECRET}@example.org/out?{servers.SECRET}"]
)
def test_results_stay_on_this_machine(folder, tmp_path, monkeypatch, capsys, option, address):
    monkeypatch.chdir(tmp_path)
    code, lines = detect(monkeypatch, capsys, folder / "firms" / "firms.csv", option, address, *QUICK)
    assert code == 2
    told = "'s3://firms/out'" if address.startswith("s3") else "'https://example.org/out?...'"
    assert f"{told} is an address, and no folder of this machine: " in lines[0]
    assert "copy" in lines[0]
    assert servers.SECRET not in "".join(lines)
    assert list(tmp_path.iterdir()) == []


def test_a_result_in_a_store_is_not_built(monkeypatch, capsys):
    monkeypatch.setattr(cli.console, "_width", 2_000)
    monkeypatch.setattr(sys, "argv", ["cli.py", "build", "s3://firms/out"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 2
    assert (
        "'s3://firms/out' is an address, and no folder of this machine: copy the result here first"
        in capsys.readouterr().err
    )
