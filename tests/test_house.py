"""The house: imports flow one way, and each foreign library stays in its room."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = (
    *("data", "geo", "intake", "clusters", "edition", "regions", "words", "profiles", "layers", "tables"),
    *("charts", "snapshots", "api", "views", "commands", "tools"),
)
NETWORK = {"aiohttp", "ftplib", "http.client", "httpx", "pooch", "requests", "smtplib", "socket", "urllib3"}


def imports(source: str) -> set[str]:
    """Return every module that a source names in an import, parents included."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found | {name.split(".")[0] for name in found}


@cache
def modules():
    """Return what each module imports, by its path; read once."""
    paths = [*ROOT.glob("*.py"), *(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))]
    return {path.relative_to(ROOT).as_posix(): imports(path.read_text(encoding="utf-8")) for path in paths}


def test_imports_are_found_however_they_are_written():
    assert imports("import a.b as c") == {"a", "a.b"}
    assert imports("def f():\n    from urllib import request") == {"urllib", "urllib.request"}
    assert imports("if TYPE_CHECKING:\n    from x.y import z") == {"x", "x.y", "x.y.z"}


def test_the_contracts_hold():
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-cache", "--no-logo"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_every_room_is_under_contract():
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert rooms == set(ROOMS)
    text = (ROOT / ".importlinter").read_text(encoding="utf-8")
    roots = text.split("root_packages =")[1].split("include_external")[0].split()
    assert set(roots) == rooms


@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("streamlit", ("app.py", "views/")),
        ("folium", ("layers/",)),
        ("fastapi", ("api/",)),
        ("typer", ("cli.py", "commands/", "tools/")),
    ],
)
def test_a_library_stays_in_its_room(library, homes):
    users = {name for name, found in modules().items() if library in found}
    assert users
    assert {name for name in users if not name.startswith(homes)} == set()


def test_no_module_speaks_to_another_host():
    """But for the one that reads a register at an address, which only the command line may give."""
    speakers = {name: found & {*NETWORK, "urllib.request"} for name, found in modules().items()}
    speakers = {name: found for name, found in speakers.items() if found}
    assert speakers == {"intake/stores/web.py": {"requests", "urllib3"}}


def test_only_the_command_line_gives_an_address():
    """Whoever opens a path, or knows stores at all, is listed: no page and no path of the API."""
    doors = ("intake.stores", "intake.files", "intake.reading")
    users = {name for name, found in modules().items() if any(one.startswith(doors) for one in found)}
    assert "commands/detect.py" in users
    assert {name.split("/")[0] for name in users} == {"commands", "intake", "clusters"}
    openers = {
        path.relative_to(ROOT).as_posix()
        for path in code()
        if path.suffix == ".py" and "open_register(" in path.read_text(encoding="utf-8")
    }
    assert {name for name in openers if not name.startswith(("tests/", "benchmarks/"))} == {
        "commands/detect.py", "intake/reading.py",
    }  # fmt: skip


def test_clusters_that_others_name_are_no_input_of_the_detection():
    # They are what the map is asked about: a detection that knew them would find what it was told.
    named = {name for name, found in modules().items() if "edition.known_clusters" in found}
    assert "edition/build.py" in named
    assert not {name for name in named if name.startswith(("clusters/", "intake/", "geo/"))}
    told = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "clusters").rglob("*")
        if path.is_file() and path.suffix in {".py", ".toml"} and "known_clusters" in path.read_text("utf-8")
    }
    assert told == set()


# Lines of a file, and files of a folder, beyond which nobody finds anything.
MOST_LINES, MOST_FILES = 500, 30


def code():
    """Return every file of ours that a person writes as code, by its path from the root."""
    found = [path for ending in ("py", "js", "css") for path in ROOT.rglob(f"*.{ending}")]
    return [path for path in found if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)]


def test_no_file_is_longer_than_anyone_reads():
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines()) for path in code()
    }
    assert len(lengths) > 300
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_folder_holds_more_than_anyone_surveys():
    files = Counter(path.parent.relative_to(ROOT).as_posix() for path in code() if path.name != "__init__.py")
    assert {name: number for name, number in files.items() if number > MOST_FILES} == {}


def test_every_room_and_its_folders_are_in_the_contributors_list():
    table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## How to add")[0]
    for room in ROOMS:
        [row] = [line for line in table.splitlines() if line.startswith(f"| `{room}/`")]
        inner = {path.parent.name for path in (ROOT / room).glob("*/__init__.py")}
        assert all(f"{name}/" in row for name in inner), (room, inner)
