"""Many machines: the answers of one machine, and faults in words."""

from __future__ import annotations

import gc
import threading
from types import SimpleNamespace

import pytest
from distributed import Client, KilledWorker, LocalCluster, Status
from distributed.client import FutureCancelledError
from distributed.utils import LoopRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clusters.census import Task, census
from clusters.many_machines import dask_engine as module
from clusters.many_machines.dask_engine import ManyMachines, cluster
from clusters.many_machines.engine import OneMachine
from clusters.results.writing import write_results
from clusters.scan.parameters import ScanParameters
from data.errors import InputError
from intake.reading import open_register
from tests.clusters.many_machines.test_engine import CELL, answers, assert_same, untidy
from tests.clusters.sized import sized
from tests.clusters.small_registers import REPORT, digests, firms, report, shuffled, write_csv, write_parquet

TASK = Task(ScanParameters(relabellings=19, resamples=2), edition="e")


@pytest.fixture(scope="module")
def client():
    """Two workers within this process."""
    with cluster(n_workers=2, processes=False) as own:
        yield own


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    table = untidy()
    source = write_parquet(tmp_path_factory.mktemp("whole") / "firms", table)
    return table, answers(OneMachine(open_register(source)), table)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 99), st.integers(1, 4), st.integers(20, 500), st.integers(40, 500))
def test_parts_workers_and_order_have_no_say(
    tmp_path_factory, monkeypatch, client, whole, seed, files, group, rows
):
    table, wanted = whole
    mixed = shuffled(table, seed)
    source = write_parquet(tmp_path_factory.mktemp("cut") / "firms", mixed, files, group)
    with monkeypatch.context() as patch:
        patch.setattr(module, "ROWS", rows)
        assert_same(answers(ManyMachines(open_register(source), client), mixed), wanted)


def test_answers_of_many_parts_are_dealt_out(tmp_path, monkeypatch, client, whole):
    """More parts than one worker adds up at a time, twice over."""
    table, wanted = whole
    source = write_parquet(tmp_path / "firms", table, files=2, rows=12)
    monkeypatch.setattr(module, "ROWS", 12)
    monkeypatch.setattr(module, "FAN_IN", 3)
    assert_same(answers(ManyMachines(open_register(source), client), table), wanted)


def test_csv_is_read_by_one_worker(tmp_path, client, whole):
    table, wanted = whole
    register = open_register(write_csv(tmp_path / "firms.csv", table))
    assert_same(answers(ManyMachines(register, client), table), wanted)


def test_a_register_without_ids_has_none_twice(tmp_path, client):
    register = open_register(write_csv(tmp_path / "firms.csv", untidy().drop(columns="firm_id")))
    engine = ManyMachines(register, client)
    engine.survey(CELL, lambda _: None)
    assert engine.repeated().empty


@pytest.mark.parametrize("make", [firms, sized])
def test_the_result_is_that_of_one_machine(tmp_path, monkeypatch, client, make):
    monkeypatch.setattr(module, "ROWS", 200)
    register = open_register(write_parquet(tmp_path / "firms", make(), files=3, rows=150))
    for name, engine in (("one", OneMachine(register)), ("many", ManyMachines(register, client))):
        write_results(tmp_path / name, census(engine, TASK))
    one, many = (digests(tmp_path / name, "firms.parquet") for name in ("one", "many"))
    assert one == many
    assert report(tmp_path / "many")["clusters"] > 0
    assert REPORT in many
    assert not (tmp_path / "many" / "firms.parquet").exists()


def test_processes_give_the_same(tmp_path, monkeypatch):
    """Workers of their own, from a folder named relative to where the client runs."""
    write_parquet(tmp_path / "firms", firms(), files=2)
    monkeypatch.chdir(tmp_path)
    register = open_register("firms")
    with cluster(n_workers=1) as own:
        many = census(ManyMachines(register, own), TASK)
    one = census(OneMachine(register), TASK)
    assert many.clusters.drop(columns=["geometry", "core_geometry"]).equals(
        one.clusters.drop(columns=["geometry", "core_geometry"])
    )
    assert many.members.equals(one.members)
    assert many.refused.equals(one.refused)


def test_a_file_that_workers_cannot_read_is_said(tmp_path, client):
    folder = write_parquet(tmp_path / "firms", firms(50), files=2)
    register = open_register(folder)
    (folder / "part-001.parquet").unlink()
    with pytest.raises(InputError, match=r"part-001\.parquet"):
        ManyMachines(register, client).survey(CELL, lambda _: None)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "127.0.0.1:1", "nonsense", "gopher://x:1"])
def test_a_scheduler_that_does_not_answer(monkeypatch, address):
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.5)
    with pytest.raises(InputError, match="no Dask scheduler answers") as fault, cluster(address):
        pass
    assert address in str(fault.value)
    assert "\n" not in str(fault.value)


def unclosed():
    """Clients that nobody closed; Dask closes them when they are collected, wherever that happens to be."""
    gc.collect()
    return [one for one in gc.get_objects() if isinstance(one, Client) and one.status != "closed"]


def loops():
    return {thread for thread in threading.enumerate() if thread.name == "IO loop"}


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense", "gopher://x:1"])
def test_a_client_that_cannot_start_is_closed_at_once(monkeypatch, address):
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.5)
    others, threads = {id(one) for one in unclosed()}, loops()
    gc.disable()
    try:
        with pytest.raises(InputError), cluster(address):
            pass
        left = [one for one in gc.get_objects() if isinstance(one, Client) and id(one) not in others]
        assert {one.status for one in left} <= {"closed"}
        assert loops() == threads
    finally:
        gc.enable()


@pytest.mark.timeout(40)
def test_a_client_that_could_not_start_does_not_hold_up_the_next(monkeypatch):
    """What is left of it may be collected while the next one holds the lock of Dask's loops."""
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.5)
    begin = LoopRunner._start_unlocked

    def begin_and_collect(runner):
        gc.collect()
        begin(runner)

    gc.disable()
    try:
        with pytest.raises(InputError), cluster("gopher://x:1"):
            pass
        monkeypatch.setattr(LoopRunner, "_start_unlocked", begin_and_collect)
        with cluster(n_workers=1, processes=False) as own:
            assert own.submit(sum, [1, 2]).result() == 3
    finally:
        gc.enable()


@pytest.mark.parametrize("fault", [InputError("of ours"), KeyboardInterrupt()])
def test_whatever_ends_the_work_client_and_cluster_are_closed(fault):
    others, threads = {id(one) for one in unclosed()}, loops()
    with pytest.raises(type(fault)), cluster(n_workers=1, processes=False) as own:
        raise fault
    assert own.status == "closed"
    assert own.cluster.status == Status.closed
    assert [one for one in unclosed() if id(one) not in others] == []
    assert loops() == threads


def test_a_scheduler_without_workers(monkeypatch):
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.5)
    quiet = {"dashboard_address": "127.0.0.1:0", "processes": False}
    with LocalCluster(n_workers=0, **quiet) as local, Client(local):
        address = local.scheduler_address
        with pytest.raises(InputError, match="has no worker"), cluster(address):
            pass


def test_a_scheduler_is_used_and_left_running():
    quiet = {"dashboard_address": "127.0.0.1:0", "processes": False}
    with LocalCluster(n_workers=1, **quiet) as local:
        for _ in range(2):
            with cluster(local.scheduler_address) as own:
                assert own.submit(sum, [1, 2]).result() == 3


def test_processes_without_this_program_are_named(monkeypatch):
    monkeypatch.setattr(module, "PROGRAM", "no_such_program")
    quiet = {"dashboard_address": "127.0.0.1:0", "processes": False}
    with LocalCluster(n_workers=2, **quiet) as local:
        address = local.scheduler_address
        with (
            pytest.raises(InputError, match=r"2 more cannot import this program.*PYTHONPATH"),
            cluster(address),
        ):
            pass


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (KilledWorker("task", SimpleNamespace(address="a"), 3), "4 workers of the Dask cluster died"),
        (FutureCancelledError("task", "lost"), "was lost while it was at work"),
    ],
)
def test_a_cluster_that_breaks_is_said_in_a_line(monkeypatch, client, fault, words):
    monkeypatch.setattr(module, "_client", lambda *_: client)
    monkeypatch.setattr(Client, "__enter__", lambda self: self)
    monkeypatch.setattr(Client, "__exit__", lambda *_: None)
    with pytest.raises(InputError, match=words) as said, cluster():
        raise fault
    assert "\n" not in str(said.value)
