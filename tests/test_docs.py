"""The documentation says what the code says, names nothing internal, and its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from typer.testing import CliRunner

import cli
from api.documentation import api_page, write_api_page
from api.service import service
from clusters.scan.ladder import RUNGS, fitted
from clusters.shipped import SHIPPED
from data.documentation import data_page, markdown_table, settings_page, write_documentation
from data.formats import grouped
from data.schemas import COLUMNS, schema
from data.settings import Settings
from data.sources import sources
from edition.view import View
from layers.base import API
from layers.registry import LAYERS
from tools.command_page import command_page
from words.numbers import distance

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = {
    "data.md": cache(data_page),
    "settings.md": cache(settings_page),
    "api.md": cache(api_page),
    "cli.md": cache(lambda: command_page(cli.cli)),
}
INTERNAL = re.compile(
    r"helper-?\d|\bissue [0-9]\b|(?<![\w./-])/work/|shared/facts|facts/README|\bclaude\b|\banthropic\b"
    r"|pypi\.org|files\.pythonhosted|registry\.npmjs",
    re.IGNORECASE,
)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def tracked() -> list[Path]:
    """Return the files that belong to the project, and those that will with the next commit."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no git checkout: which files belong to the project is not known")
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def text_of(path: Path) -> str:
    """Return a file's text, nothing for one that is none."""
    raw = path.read_bytes()
    return "" if b"\0" in raw else raw.decode("utf-8", errors="replace")


def anchors(page: str) -> set[str]:
    """Return what a page's headings can be linked by."""
    plain = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", plain, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(path: Path) -> list[str]:
    """Return the relative links of a page that lead to no file or no heading."""
    found = []
    for link in LINK.findall(re.sub(r"```.*?```", "", text_of(path), flags=re.DOTALL)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = path if not name else path.parent / unquote(name)
        if not target.exists() or (anchor and anchor not in anchors(text_of(target))):
            found.append(link)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_what_the_code_gives(name):
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == PAGES[name](), f"docs/{name} is out of date: run `python cli.py docs`"


def test_writing_gives_the_same_pages(tmp_path):
    paths = [*write_documentation(tmp_path), *write_api_page(tmp_path)]
    assert [path.name for path in paths] == ["data.md", "settings.md", "api.md"]
    assert all(path.read_text(encoding="utf-8") == PAGES[path.name]() for path in paths)


def test_every_setting_is_documented():
    page = PAGES["settings.md"]()
    for name, field in Settings.model_fields.items():
        assert f"`ICM_{name.upper()}`" in page
        assert field.description
        assert field.description in page


def test_no_default_is_of_this_machine():
    for page in PAGES.values():
        assert str(Path.home()) not in page()
        assert str(ROOT) not in page()


@pytest.mark.parametrize("name", COLUMNS)
def test_every_table_and_column_is_documented(name):
    part = PAGES["data.md"]().split(f"\n## {name}\n")[1].split("\n## ")[0]
    for column, rule in schema(name).columns.items():
        line = next(line for line in part.splitlines() if line.startswith(f"| `{column}` "))
        assert rule.description
        assert rule.description in line


def test_columns_say_what_they_may_hold():
    lines = {line.split("`")[1]: line for line in PAGES["data.md"]().splitlines() if line.startswith("| `")}
    assert "may be empty" in lines["postcode_evidence"]
    assert "may be empty" not in lines["town"]
    assert "unique" in lines["firm_id"]
    assert "research and innovation (" in lines["purpose"]
    assert "1600 to " in lines["founded_year"]


def test_every_source_and_its_attribution_is_documented():
    page = PAGES["data.md"]()
    for source in sources():
        assert source.label in page
        assert source.licence in page
        assert f"- {source.attribution}\n" in page


def test_every_layer_path_and_view_field_is_documented():
    page = PAGES["api.md"]()
    filters = page.split("## The filters\n")[1].split("\n## ")[0]
    for kind in LAYERS:
        assert f"| `{kind}` |" in page
    for name, path in service().openapi()["paths"].items():
        part = page.split(f"### `{API}{name}`\n")[1].split("\n### ")[0]
        assert path["get"]["summary"] in part
        for row in path["get"].get("parameters", []):
            assert f"| `{row['name']}` |" in (part + filters if "Takes the filters" in part else part)
    for name in View.model_fields:
        assert f"| `{name}` |" in page.split("## The view in the address")[1]


def test_every_command_and_option_is_documented():
    page = PAGES["cli.md"]()
    for command in cli.cli.registered_commands:
        name = command.name or command.callback.__name__
        part = page.split(f"## `python cli.py {name}`\n")[1].split("\n## ")[0]
        told = CliRunner().invoke(cli.cli, [name, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"}).output
        options = set(re.findall(r"--[a-z][a-z-]+", told)) - {"--help"}
        assert options == set(re.findall(r"--[a-z][a-z-]+", part))


@pytest.mark.timeout(300)
def test_the_measured_error_is_what_the_method_says():
    page = (DOCS / "method.md").read_text(encoding="utf-8")
    program = re.search(r"```python\n(.*?)```", page, re.DOTALL)[1]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    plain = " ".join(page.split())
    alone, shown, solid = (
        tuple(map(int, re.match(r"(\d+) of (\d+)", line).groups())) for line in done.stdout.splitlines()
    )
    tested = alone[1]
    assert shown[1] == tested
    assert f"{alone[0]} of {tested} labels had a place with p at most 5% ({alone[0] / tested:.1%}" in plain
    assert f"{shown[0]} of them showed it ({shown[0] / tested:.1%})" in plain
    assert f"{solid[0] or 'none'} of the {solid[1]} maps showed anything solid" in plain
    assert shown[0] <= alone[0] <= 0.05 * tested


def plain_metres(metres: float) -> str:
    """Return a distance as the method has it."""
    return distance(metres).replace("metres", "m")


def test_the_method_speaks_of_the_cells_and_discs_of_the_scan():
    page = " ".join((DOCS / "method.md").read_text(encoding="utf-8").split())
    cells = re.findall(r"[Cc]ells of ([\d.]+ k?m)\b", page)
    assert cells
    assert set(cells) == {plain_metres(SHIPPED.cell_m)}
    first, last = (plain_metres(radius) for radius in (SHIPPED.radii_m[0], SHIPPED.radii_m[-1]))
    discs = re.findall(r"discs of ([\d.]+ k?m(?: to [\d.]+ k?m)?)", page)
    assert discs
    assert set(discs) == {f"{first} to {last}"}
    assert f"with discs up to {last}" in page
    assert set(re.findall(r"rings of ([\d.]+ k?m)", page)) == {plain_metres(SHIPPED.ring_m)}
    assert f"LQ is at least {SHIPPED.min_lq}" in page


def in_metres(text: str) -> list[float]:
    """Return the distances of a text."""
    return [float(number) * (1_000 if kilo else 1) for number, kilo in re.findall(r"([\d.]+) (k?)m\b", text)]


def test_the_method_lists_the_discs_of_each_size_of_register():
    page = (DOCS / "method.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (up to [\d,]+|more) \| (.*) \|$", page, re.MULTILINE)
    assert len(rows) == len(RUNGS)
    for rung, (size, told) in zip(RUNGS, rows, strict=True):
        scan = fitted(rung.size)
        assert size == ("more" if rung is RUNGS[-1] else f"up to {rung.size:,}")
        distances = [scan.cell_m, scan.radii_m[0], scan.radii_m[-1], scan.ring_m, scan.link_m]
        assert in_metres(told) == pytest.approx(distances)
        assert re.fullmatch(rf"{scan.min_firms}(, less for rare labels)?", told.rpartition(" | ")[2])


def test_a_bar_or_a_break_in_a_cell_keeps_the_table_whole():
    assert markdown_table(("a",), [("x|y\nz",)]).splitlines() == ["| a |", "| --- |", "| x\\|y z |"]


def test_nothing_internal_is_named():
    named = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in tracked()
        if path != Path(__file__)
        for found in INTERNAL.finditer(text_of(path))
    ]
    assert named == []


@pytest.mark.parametrize(
    "text", ["helper-3", "Issue 7", "in /work/main", "shared/facts", "pypi.org", "by Claude", "Anthropic"]
)
def test_what_is_internal_is_recognised(text):
    assert INTERNAL.search(text)


@pytest.mark.parametrize("text", ["https://gov.uk/work/", "philanthropic", "network/x", "issue 12 of"])
def test_what_is_not_internal_is_let_be(text):
    assert not INTERNAL.search(text)


def test_links_lead_somewhere():
    pages = [path for path in tracked() if path.suffix == ".md"]
    assert ROOT / "README.md" in pages
    broken = {str(path.relative_to(ROOT)): found for path in pages if (found := broken_links(path))}
    assert broken == {}


def test_broken_links_are_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# A b: c\n[x](#a-b-c) [y](#gone) [z](gone.md) [w](page.md#a-b-c) [v](https://a.b/c)\n")
    assert broken_links(page) == ["#gone", "gone.md"]


def test_every_format_of_a_view_stands_in_what_is_said_on_taking_away():
    page = (DOCS / "taking-away.md").read_text(encoding="utf-8")
    for group, forms in grouped("menu").items():
        line = next(line for line in page.splitlines() if line.startswith(f"| {group.title.lower()}: "))
        assert all(form.name in line for form in forms), line
