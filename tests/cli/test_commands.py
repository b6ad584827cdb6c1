"""The command line: every command explains itself, does its work, and says faults in a line."""

from __future__ import annotations

import errno
import os
import runpy
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

import cli
import data.settings
from data.errors import InputError, StoreError
from data.settings import Settings
from edition import opening as editions
from edition.opening import edition_path
from tests.disks import small_disk
from tools.command_page import command_page

RUNNER = CliRunner()
COMMANDS = [command.name or command.callback.__name__ for command in cli.cli.registered_commands]


def run(*arguments):
    return RUNNER.invoke(cli.cli, list(arguments), env={"COLUMNS": "200", "NO_COLOR": "1"})


def test_help_names_every_command():
    answer = run("--help")
    assert answer.exit_code == 0
    assert {"serve", "prepare", "docs"} <= set(COMMANDS)
    assert all(name in answer.output for name in COMMANDS)
    assert run().output.startswith(answer.output[:20])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name):
    answer = run(name, "--help")
    assert answer.exit_code == 0
    assert name in answer.output
    assert command_page(cli.cli).count(f"## `{cli.RUN} {name}`") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sevre",), "sevre"),
        (("serve", "--port", "0"), "--port"),
        (("serve", "--port", "65536"), "65535"),
        (("serve", "--port", "http"), "--port"),
        (("serve", "--prot", "80"), "--prot"),
        (("docs", "here"), "here"),
    ],
)
def test_what_cannot_be_used_is_named(arguments, words):
    answer = run(*arguments)
    assert answer.exit_code == 2
    assert words in answer.output
    assert "Traceback" not in answer.output


@pytest.fixture
def signals():
    """Puts back what a command makes of signals."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("proxies", [0, 2])
def test_serve_starts_streamlit_from_the_projects_folder(monkeypatch, tmp_path, signals, proxies):
    calls = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["cli.py"])
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    monkeypatch.setattr(data.settings, "settings", lambda: Settings(trusted_proxies=proxies))
    monkeypatch.setattr(
        runpy, "run_module", lambda *words, **_: calls.append((words, [*sys.argv], Path.cwd()))
    )
    answer = run("serve", "--port", "8123", "--address", "0.0.0.0")
    [(words, command, folder)] = calls
    assert answer.exit_code == 0, answer.output
    assert words == ("streamlit",)
    assert command[:2] == ["streamlit", "run"]
    assert Path(command[2]) == cli.ROOT / "app.py"
    assert {"--server.port=8123", "--server.address=0.0.0.0"} <= set(command)
    # Streamlit reads its settings from the folder in which it starts.
    assert (folder / ".streamlit" / "config.toml").exists()
    # Who asks is for our own setting to say.
    assert os.environ["FORWARDED_ALLOW_IPS"] == ("*" if proxies else "")


def test_prepare_says_what_it_built(edition):
    answer = run("prepare")
    assert answer.exit_code == 0, answer.output
    # A long path makes the line break anywhere.
    words = "".join(answer.output.split())
    total, by_town = edition.firm_count
    assert str(edition_path()) in words
    assert f"{total:,}firms({by_town:,}bytownonly),{len(edition.clusters)}clusters." in words


@pytest.mark.parametrize("arguments", [(), ("found", "--shipped")])
def test_build_takes_a_folder_or_goes_back(monkeypatch, arguments):
    monkeypatch.setattr(editions, "build_edition", pytest.fail)
    monkeypatch.setattr(editions, "build_shipped", pytest.fail)
    answer = run("build", *arguments)
    assert isinstance(answer.exception, InputError)
    assert "one of the two" in str(answer.exception)


def test_build_refuses_what_is_no_result_and_says_what_it_built(monkeypatch, tmp_path, own_edition):
    answer = run("build", str(tmp_path / "nowhere"))
    assert isinstance(answer.exception, InputError)
    assert "nowhere" in str(answer.exception)
    monkeypatch.setattr(editions, "build_edition", lambda _folder, _progress: own_edition)
    answer = run("build", str(tmp_path))
    assert answer.exit_code == 0, answer.output
    words = " ".join(answer.output.split())
    assert f"Edition 'Potteries 2026': {own_edition.firm_count[0]:,} firms" in words


def test_docs_writes_the_pages_that_are_there(monkeypatch, tmp_path):
    monkeypatch.setattr(cli, "ROOT", tmp_path)
    (tmp_path / "docs").mkdir()
    answer = run("docs")
    assert answer.exit_code == 0, answer.output
    written = {path.name for path in (tmp_path / "docs").iterdir()}
    assert {"data.md", "settings.md", "api.md", "cli.md"} == written
    assert all(f"docs/{name} written" in answer.output for name in written)


@pytest.mark.parametrize("fault", [InputError("'x' is no level"), StoreError("the [store] is damaged")])
def test_our_own_faults_are_said_in_a_line(monkeypatch, capsys, fault):
    def fail():
        raise fault

    monkeypatch.setattr(cli, "cli", fail)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    assert capsys.readouterr().err.split() == f"{type(fault).__name__}: {fault}".split()


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/some/where")
UNWRITABLE = StoreError("no room")
UNWRITABLE.__cause__ = FULL


@pytest.mark.parametrize("fault", [FULL, UNWRITABLE], ids=["of the system", "of ours"])
def test_a_full_disk_is_said_in_a_line_and_is_no_fault_of_what_was_asked(monkeypatch, capsys, fault):
    def fail():
        raise fault

    monkeypatch.setattr(cli, "cli", fail)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.endswith(("No space left on device", "no room"))


def test_prepare_on_a_full_disk_says_so_in_a_line(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=1) as disk:
        environment = {**os.environ, "ICM_CACHE_DIR": str(disk)}
        done = subprocess.run(
            [sys.executable, "cli.py", "prepare"],
            cwd=cli.ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        [line] = done.stderr.strip().splitlines()
        assert line.startswith("StoreError: ")
        assert "No space left on device" in line
        assert str(disk) not in line


def test_what_is_shown_instead_of_ones_own_edition_is_said(monkeypatch, edition):
    shown = replace(edition, notice="The edition made of your own firms cannot be shown.")
    monkeypatch.setattr("edition.opening.open_edition", lambda _progress: shown)
    for command in (("prepare",), ("compare", "Leeds")):
        answer = run(*command)
        assert answer.exit_code == 0, answer.output
        assert answer.output.count("cannot be shown.") == 1


def test_a_fault_of_ours_is_not_hidden(monkeypatch):
    def fail():
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "cli", fail)
    with pytest.raises(ZeroDivisionError):
        cli.main()


ENDS = {
    "what DuckDB makes of it": RuntimeError("Query interrupted"),
    "what an import makes of it": ImportError("numpy could not be imported"),
    "what we say of a broken file": InputError("the firms cannot be read"),
    "what Typer makes of it": SystemExit(130),
    "what Typer makes of its end": SystemExit(1),
    "itself": KeyboardInterrupt(),
}


def test_sigterm_stops_a_command_as_ctrl_c_does(monkeypatch, capsys, signals):
    def work():
        os.kill(os.getpid(), signal.SIGTERM)

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    monkeypatch.setattr(cli, "cli", work)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 143
    assert capsys.readouterr().err == "Stopped; nothing is left half written.\n"


@pytest.fixture
def ctrl_c():
    """Ctrl-C as a program finds it that was just started."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    yield lambda: os.kill(os.getpid(), signal.SIGINT)
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_ctrl_c_is_said_whatever_a_library_makes_of_it(monkeypatch, capsys, ctrl_c, end):
    def work():
        try:
            ctrl_c()
        except KeyboardInterrupt:
            raise end from None

    monkeypatch.setattr(cli, "cli", work)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 130
    assert capsys.readouterr().err == "Stopped; nothing is left half written.\n"


def test_what_ctrl_c_did_not_stop_ends_well(monkeypatch, capsys, ctrl_c):
    def work():
        with suppress(KeyboardInterrupt):
            ctrl_c()
        raise SystemExit(0)

    monkeypatch.setattr(cli, "cli", work)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    assert not capsys.readouterr().err


def test_ctrl_c_stops_queries(monkeypatch, capsys, ctrl_c):
    def work():
        threading.Timer(0.3, ctrl_c).start()
        # Short ones: DuckDB looks for Ctrl-C between its tasks, never within one.
        for _ in range(500):
            duckdb.sql("SELECT sum(hash(range)) FROM range(10_000_000)").fetchall()

    monkeypatch.setattr(cli, "cli", work)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 130
    assert capsys.readouterr().err == "Stopped; nothing is left half written.\n"
