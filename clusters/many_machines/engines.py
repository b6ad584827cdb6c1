"""Which engine works on a register: this machine, or a Dask cluster."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from clusters.many_machines.engine import DASK, DUCKDB, OneMachine
from data.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clusters.many_machines.engine import Engine
    from intake.register import Register


@contextmanager
def engine_of(name: str, register: Register, scheduler: str = "") -> Iterator[Engine]:
    """Give the engine of a name, as long as it is at work.

    Parameters
    ----------
    name
        ``duckdb`` or ``dask``.
    register
        What it works on.
    scheduler
        Address of a Dask scheduler; empty for a cluster of processes on this machine.

    Raises
    ------
    InputError
        If there is no such engine, or it has no scheduler.
    """
    if name == DUCKDB:
        if scheduler:
            raise InputError(
                f"scheduler is {scheduler!r}, but the {DUCKDB} engine has none: give --engine {DASK}"
            )
        yield OneMachine(register)
    elif name == DASK:
        # Its library takes a second to load.
        from clusters.many_machines.dask_engine import ManyMachines, cluster  # noqa: PLC0415

        with cluster(scheduler) as client:
            yield ManyMachines(register, client)
    else:
        raise InputError(f"engine is {name!r}: it must be {DUCKDB} or {DASK}")
