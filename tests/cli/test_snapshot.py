"""`cli.py snapshot`: one view or a list of them into files, each whole or not at all, every fault told."""

from __future__ import annotations

import csv
import struct
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import cli
from data.errors import InputError
from data.formats import by_ending
from edition.view import View
from snapshots import batch as orders
from snapshots.batch import read_view
from snapshots.paper import Paper
from tests.asked import CHOICES, LARGEST
from tests.edition.test_moved_ids import lines
from tests.own import edition_of, result
from tools.command_page import command_page
from words.links import view_link

RUNNER = CliRunner()
CLUSTER = LARGEST


@pytest.fixture
def shown(edition, monkeypatch):
    """Let the command open the edition of this session."""
    monkeypatch.setattr("edition.opening.open_edition", lambda _progress: edition)
    return edition


@pytest.fixture
def asked(shown, monkeypatch):
    """Draw nothing; gather what was asked for, and write words about it."""
    given_out = []

    def fake(_edition, view, form, paper):
        given_out.append((view, form, paper))
        return f"{form} {paper.size} {paper.dpi} {view.url()}".encode()

    monkeypatch.setattr(orders, "snapshot", fake)
    return given_out


def run(*arguments):
    texts = [str(one) for one in arguments]
    return RUNNER.invoke(cli.cli, ["snapshot", *texts], env={"COLUMNS": "500", "NO_COLOR": "1"})


def fault_of(*arguments):
    answer = run(*arguments)
    assert isinstance(answer.exception, InputError), answer.output
    return str(answer.exception)


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


# --- One view


@pytest.mark.parametrize(
    "text",
    [
        "https://map.example.org/base/?sector=life-sciences&level=la",
        "http://localhost:8501/?sector=life-sciences&level=la#top",
        "/compare?sector=life-sciences&level=la",
        "compare?sector=life-sciences&level=la",
        "?sector=life-sciences&level=la",
        "sector=life-sciences&level=la",
        "  sector=life-sciences&level=la\n",
    ],
)
def test_a_view_is_read_as_it_is_pasted(asked, tmp_path, text):
    answer = run("--view", text, "--out", tmp_path / "map.png")
    assert answer.exit_code == 0, answer.output
    assert asked == [(View(sector=("life-sciences",), level="la"), "png", Paper())]
    assert names_in(tmp_path) == ["map.png"]
    assert "Picture, PNG: " in answer.output


@pytest.mark.parametrize("text", [None, "", "?", "/", "https://map.example.org/", "https://map.example.org"])
def test_without_a_view_it_is_the_one_that_the_map_opens_with(asked, tmp_path, text):
    assert run(*(() if text is None else ("--view", text)), "--out", tmp_path / "x.svg").exit_code == 0
    assert asked == [(View(), "svg", Paper())]


@settings(max_examples=50)
@given(
    st.text(
        st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=40
    ).filter(str.isprintable)
)
def test_every_link_is_read_as_the_view_it_was_made_of(name):
    view = View(place=(f"set:E08000003~{name}",), level="la", cluster=f"x{name}x", at=(52.2, 0.12, 10))
    for link in (view_link(view), view_link(view, "/compare"), view.url(), f"https://h.org/?{view.url()}"):
        assert read_view(link, CHOICES) == view


@pytest.mark.parametrize(
    ("name", "options", "form"),
    [(f"x{ending}", (), form.id) for ending, form in by_ending("views").items()]
    + [("x.PNG", (), "png"), ("x.pdf", ("--brief",), "brief"), ("x.pdf", ("--format", "brief"), "brief")],
)
def test_the_ending_says_the_format(asked, tmp_path, name, options, form):
    options = (*options, "--size", "a3-landscape", "--dpi", "72")
    assert run("--out", tmp_path / name, *options).exit_code == 0
    assert asked == [(View(), form, Paper("a3-landscape", 72))]


def test_a_png_has_as_many_pixels_as_paper_and_resolution_make(shown, tmp_path):
    for size, dpi, inches in (("a4", 50, (8.27, 11.69)), ("slide", 60, None)):
        out = tmp_path / f"{size}.png"
        answer = run("--view", "?show=none", "--out", out, "--size", size, "--dpi", dpi)
        assert answer.exit_code == 0, answer.output
        body = out.read_bytes()
        assert body.startswith(b"\x89PNG\r\n\x1a\n")
        wide, high = struct.unpack(">II", body[16:24])
        if inches:
            assert (wide, high) == (
                pytest.approx(inches[0] * dpi, abs=1),
                pytest.approx(inches[1] * dpi, abs=1),
            )
        else:
            assert wide / high == pytest.approx(16 / 9, rel=0.01)


def test_a_file_that_is_there_is_replaced_whole_or_stays(asked, tmp_path, monkeypatch):
    out = tmp_path / "map.png"
    out.write_bytes(b"old")
    assert run("--out", out).exit_code == 0
    new = out.read_bytes()
    assert new.startswith(b"png a4 150")

    def refuse(*_):
        raise InputError("no cluster to write a brief on")

    monkeypatch.setattr(orders, "snapshot", refuse)
    assert "no cluster to write" in fault_of("--out", out)
    assert out.read_bytes() == new
    assert names_in(tmp_path) == ["map.png"]


def test_a_disk_that_refuses_is_told_in_words(asked, tmp_path, monkeypatch):
    @contextmanager
    def full(_path):
        raise OSError(28, "No space left on device")
        yield

    monkeypatch.setattr(orders, "whole_file", full)
    words = fault_of("--out", tmp_path / "map.png")
    assert "map.png' cannot be written" in words
    assert "No space left" in words


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--view", "sektor=x", "--out", "x.png"), "sektor: no such field; did you mean sector"),
        (("--view", "sector=x&level=mars", "--out", "x.png"), "level: 'mars' cannot be used"),
        # A file would not tell that it shows less than was asked for: all of it, or nothing.
        (("--view", "sector=defence&sector=x", "--out", "x.png"), "sector: 'x' is no sector"),
        (("--view", "place=Nowhereshire", "--out", "x.png"), "'Nowhereshire' is no place"),
        (("--view", "cluster=babraham", "--out", "x.png"), "'babraham' is no cluster of edition sample"),
        (("--view", "place=Xyzzy&cluster=Plugh", "--out", "x.png"), "'Plugh' is no cluster"),
        (("--view", "http://[x", "--out", "x.png"), "'http://[x' is no link"),
        (("--out", "x.docx"), "'x.docx' ends in none of .png, .svg, .pdf, .html, .zip"),
        (("--out", "x"), "'x' ends in none of"),
        (("--out", "x.png", "--brief"), "'x.png' ends in no .pdf, which a brief is"),
        (("--out", "no-such-folder/x.png"), "'no-such-folder' is no folder to write 'x.png' into"),
        (("--out", "tests"), "'tests' is a folder"),
        (("--out", "x.png", "--size", "a5"), "'a5' is no size of a page"),
        (("--out", "x.png", "--dpi", "20"), "dpi 20 cannot be used"),
        (("--out", "x.png", "--format", "svg"), "--format 'svg' is for --views"),
        (("--view", "", "--views", "x.txt", "--out", "x"), "--view and --views exclude one another"),
        (("--views", "x.txt", "--out", "x", "--brief", "--format", "png"), "--brief and --format"),
        (("--views", "no-such.txt", "--out", "x"), "'no-such.txt' cannot be read as text"),
        (("--views", "cli.py", "--out", "cli.py"), "'cli.py' is a file; many views need a folder"),
        (("--views", "cli.py", "--out", "no/such"), "'no' is no folder to make 'such' in"),
        (("--views", "cli.py", "--out", "x", "--format", "gif"), "'gif' is no format"),
    ],
)
def test_what_cannot_be_written_is_refused_in_words(asked, monkeypatch, arguments, words):
    monkeypatch.chdir(cli.ROOT)
    assert words in fault_of(*arguments)
    assert asked == []


# --- Many views


def test_every_view_of_a_list_is_written_and_every_fault_told_by_line(asked, tmp_path):
    source, folder = tmp_path / "views.txt", tmp_path / "out"
    source.write_text(
        "\ufeff# Sectors\n\n?sector=life-sciences\nsektor=x\n  # more\n"
        "https://h.org/compare?place=Leeds\r\n/?place=Nowhereshire&cluster=zzz\nlevel=la\n",
        encoding="utf-8",
    )
    answer = run("--views", source, "--out", folder, "--format", "svg", "--dpi", "72")
    assert answer.exit_code == 2, answer.output
    assert "line 4: 'sektor=x': sektor: no such field" in answer.output
    [both] = [line for line in answer.output.splitlines() if line.startswith("line 7")]
    assert "'Nowhereshire' is no place" in both
    assert "'zzz' is no cluster" in both
    assert "3 made + 2 failed = 5 views: " in answer.output
    edition = "sample-2026-12"
    assert names_in(folder) == [
        f"innovation-clusters-leeds-per-head-itl3-{edition}.svg",
        f"innovation-clusters-uk-per-head-itl3-life-sciences-{edition}.svg",
        f"innovation-clusters-uk-per-head-la-{edition}.svg",
    ]
    assert {(form, paper) for _, form, paper in asked} == {("svg", Paper("a4", 72))}


def test_faults_are_told_before_anything_is_drawn(asked, tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(cli.console, "print", lambda words="", **_: told.append((len(asked), str(words))))
    source = tmp_path / "views.txt"
    source.write_text("level=la\nlevel=mars\n", encoding="utf-8")
    assert run("--views", source, "--out", tmp_path / "out").exit_code == 2
    [(before, _)] = [line for line in told if "mars" in line[1]]
    assert before == 0
    assert len(asked) == 1


def test_a_list_without_a_fault_ends_well_and_may_be_run_again(asked, tmp_path):
    source, folder = tmp_path / "views.txt", tmp_path / "out"
    source.write_text("level=la\nlevel=la\nlevel=la\n", encoding="utf-8")
    for _ in range(2):
        answer = run("--views", source, "--out", folder)
        assert answer.exit_code == 0, answer.output
        assert "3 made + 0 failed = 3 views" in answer.output
    stem = "innovation-clusters-uk-per-head-la-sample-2026-12"
    assert names_in(folder) == [f"{stem}-2.png", f"{stem}-3.png", f"{stem}.png"]


def write_rows(path, head, *rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def test_a_table_of_views_may_say_name_size_resolution_and_format(asked, tmp_path):
    source = write_rows(
        tmp_path / "views.csv",
        ("View", " name", "size", "dpi", "format"),
        ("level=la", "authorities", "slide", "100", "pdf"),
        ("", "", "", "", ""),
        ("?place=Leeds,Cardiff", "Leeds", "", "", ""),
        ("place=Leeds", "Leeds", "", "", "brief"),
        ("", "as it opens", "", "", "html"),
    )
    answer = run("--views", source, "--out", tmp_path / "out", "--size", "a3", "--dpi", "80")
    assert answer.exit_code == 2, answer.output
    assert "line 4: '?place=Leeds,Cardiff': 'Leeds,Cardiff' is no place" in answer.output
    assert names_in(tmp_path / "out") == ["Leeds.pdf", "as-it-opens.html", "authorities.pdf"]
    assert [(form, paper) for _, form, paper in asked] == [
        ("pdf", Paper("slide", 100)),
        ("brief", Paper("a3", 80)),
        ("html", Paper("a3", 80)),
    ]


def test_hostile_names_stay_in_the_folder(asked, tmp_path):
    names = (
        "../../etc/passwd",
        "con",
        "x" * 500,
        "CON.png",
        "a/b",
        "A\\B",
        "a.b",
        "..",
        "\u202egnp.exe",
        "=1+1",
    )
    source = write_rows(tmp_path / "v.csv", ("view", "name"), *(("level=la", name) for name in names))
    before = names_in(tmp_path)
    answer = run("--views", source, "--out", tmp_path / "out")
    assert answer.exit_code == 0, answer.output
    assert names_in(tmp_path) == sorted([*before, "out"])
    made = names_in(tmp_path / "out")
    assert {"etc-passwd.png", "map-con.png", "map-CON-2.png", "a-b.png", "A-B-2.png", "a.b.png"} <= set(made)
    assert len({name.casefold() for name in made}) == len(names)
    assert max(map(len, made)) <= 120


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("level=la", "", "a5", "", ""), "'a5' is no size of a page"),
        (("level=la", "", "", "many", ""), "dpi 'many' is no whole number"),
        (("level=la", "", "", "-1", ""), "dpi '-1' is no whole number"),
        (("level=la", "", "", "9" * 5_000, ""), "cannot be used"),
        (("level=la", "", "", "", "gif"), "'gif' is no format; "),
        (("level=la", "", "", "", "", "more"), "'more' stands behind the last column"),
        (("level=mars&sektor=x", "", "", "", ""), "sektor: no such field"),
    ],
)
def test_a_row_with_a_fault_is_told_and_the_rest_is_made(asked, tmp_path, row, words):
    head = ("view", "name", "size", "dpi", "format")
    source = write_rows(tmp_path / "views.csv", head, row, ("level=itl1",))
    answer = run("--views", source, "--out", tmp_path / "out")
    assert answer.exit_code == 2
    [told] = [line for line in answer.output.splitlines() if line.startswith("line 2: ")]
    assert words in told
    assert repr(row[0]) in told
    assert "1 made + 1 failed = 2 views" in answer.output


def test_every_fault_of_a_row_is_told(asked, tmp_path):
    source = write_rows(
        tmp_path / "v.csv", ("view", "size", "dpi", "format"), ("place=Xyzzy&cluster=Plugh", "a5", "x", "gif")
    )
    told = run("--views", source, "--out", tmp_path / "out").output
    for words in ("Xyzzy", "Plugh", "dpi 'x'", "'gif' is no format"):
        assert words in told


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("v.txt", b"# nothing\n\n", "holds no view"),
        ("v.csv", b"", "column 'view' is missing"),
        ("v.csv", b"view,name\n", "holds no view"),
        ("v.csv", b"views,nmae\nx,y\n", "column 'nmae' is unknown; did you mean name?"),
        ("v.csv", b"view,view\nx,y\n", "column 'view' stands there twice"),
        ("v.txt", b"\xff\xfe\x00", "cannot be read as text in UTF-8"),
        ("v.csv", b'view\n"' + b"x" * 200_000 + b'"\n', "cannot be read as CSV, at line"),
    ],
)
def test_a_list_that_is_none_is_refused_whole(asked, tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    told = fault_of("--views", tmp_path / name, "--out", tmp_path / "out")
    assert words in told
    assert name in told
    assert not (tmp_path / "out").exists()


def test_a_view_that_cannot_be_drawn_is_told_and_the_rest_is_made(asked, tmp_path, monkeypatch):
    fake = orders.snapshot

    def sometimes(edition, view, form, paper):
        if view.level == "la":
            raise InputError("the [bold]map[/bold] is too large")
        return fake(edition, view, form, paper)

    monkeypatch.setattr(orders, "snapshot", sometimes)
    source = tmp_path / "views.txt"
    source.write_text("level=itl1\nlevel=la\nlevel=itl2\n", encoding="utf-8")
    answer = run("--views", source, "--out", tmp_path / "out")
    assert answer.exit_code == 2
    assert "line 2: 'level=la': the [bold]map[/bold] is too large" in answer.output
    assert "2 made + 1 failed = 3 views" in answer.output
    assert len(names_in(tmp_path / "out")) == 2


def test_what_is_stopped_leaves_whole_files_alone(asked, tmp_path, monkeypatch):
    @contextmanager
    def stopped(path):
        with written(path) as part:
            yield part
            if len(asked) == 2:
                raise KeyboardInterrupt

    written = orders.whole_file
    monkeypatch.setattr(orders, "whole_file", stopped)
    source = tmp_path / "views.txt"
    source.write_text("level=itl1\nlevel=la\nlevel=itl2\n", encoding="utf-8")
    assert run("--views", source, "--out", tmp_path / "out").exit_code != 0
    assert len(asked) == 2
    [path] = (tmp_path / "out").iterdir()
    assert path.read_bytes() == b"png a4 150 level=itl1"


def test_progress_names_the_file_and_the_count(asked, tmp_path, monkeypatch):
    told = []

    class Bar:
        def add_task(self, description, **_):
            told.append(description)

        def update(self, _task, description="", **_):
            told.append(description)

    @contextmanager
    def bar():
        yield Bar()

    monkeypatch.setattr(cli, "bar", bar)
    source = write_rows(tmp_path / "v.csv", ("view", "name"), ("", "one"), ("level=la", "two"))
    assert run("--views", source, "--out", tmp_path / "out").exit_code == 0
    assert told == ["Preparing", "Writing", "one.png (1 of 2)", "two.png (2 of 2)"]


# --- Ids of former times, registers of one's own


def test_a_code_of_former_times_means_the_present_one_and_is_told(asked, tmp_path):
    answer = run("--view", f"place=E07000027&cluster={CLUSTER}", "--out", tmp_path / "x.png")
    assert answer.exit_code == 0, answer.output
    assert "E07000027 (Barrow-in-Furness) became E06000064" in answer.output
    [(view, _, _)] = asked
    assert (view.place, view.cluster) == (("E06000064",), CLUSTER)
    run("--view", f"place=Westmorland and Furness&cluster={CLUSTER}", "--out", tmp_path / "y.png")
    # The same picture whatever the place was called.
    assert (tmp_path / "x.png").read_bytes() == (tmp_path / "y.png").read_bytes()


def test_clusters_of_a_former_edition_are_followed_or_told_to_be_gone(asked, edition, tmp_path, monkeypatch):
    found = result()
    heir = found.clusters["cluster_id"].iloc[0]
    told = lines(("merged", "old", heir, 0.4), ("gone", "lost", "", 0.0))
    told = told.assign(shared=1, before_firms=2, after_firms=3)
    own = edition_of(replace(found, lineage=told), edition, tmp_path)
    monkeypatch.setattr("edition.opening.open_edition", lambda _progress: own)
    answer = run("--view", urlencode({"cluster": "old", "sector": "SIC 24"}), "--out", tmp_path / "x.png")
    assert answer.exit_code == 0, answer.output
    assert "The cluster old (OLD) became part of " in answer.output
    [(view, _, _)] = asked
    assert (view.cluster, view.sector) == (heir, ("SIC 24",))
    assert "'lost' is no cluster of this edition. The cluster lost (LOST) is gone" in fault_of(
        "--view", "cluster=lost", "--out", tmp_path / "x.png"
    )


def test_the_page_of_the_commands_tells_of_it():
    page = command_page(cli.cli)
    assert f"## `{cli.RUN} snapshot`" in page
    for option in ("--view", "--views", "--out", "--size", "--dpi", "--format", "--brief"):
        assert f"| `{option}` |" in page
