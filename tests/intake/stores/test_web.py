"""Registers of a web server, which here is one of this machine."""

from __future__ import annotations

import gzip
import pickle
import re

import pytest

from data.errors import InputError
from intake import encoding, files
from intake.reading import open_register
from intake.stores import web as module
from intake.stores.web import web
from tests import servers
from tests.intake.small_files import HEADER, plain, read, refusal

ROWS = "".join(f"{n},s{n},{n},{n}\n" for n in range(5))
USER = f"ada:{servers.SECRET}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("web")
    plain(folder / "2026" / "a.parquet", 3)
    plain(folder / "2026" / "b c.parquet", 4, start=3)
    plain(folder / "2026" / "d" / "e.parquet", 2, start=7)
    plain(folder / "2026" / "_temporary" / "x.parquet", 9)
    (folder / "firms.csv").write_text(HEADER + ROWS, encoding="utf-8")
    (folder / "empty.csv").touch()
    (folder / "firms.csv.gz").write_bytes(gzip.compress((HEADER + ROWS).encode()))
    (folder / "bare").mkdir()
    (folder / "bare" / "index.html").write_text("<p>nothing", encoding="utf-8")
    return folder


@pytest.fixture(scope="module", params=[True, False], ids=["stretches", "from the start"])
def any_server(request, folder):
    with servers.web(folder, stretches=request.param) as (address, _):
        yield address


@pytest.fixture(scope="module")
def server(folder):
    with servers.web(folder) as own:
        yield own


@pytest.fixture
def address(server):
    server[1].clear()
    return server[0]


@pytest.mark.parametrize("name", ["firms.csv", "firms.csv.gz", "moved/firms.csv", "firms.csv?sig=1#x"])
def test_csv_is_read_wherever_it_stands(any_server, folder, name):
    here = folder / name.removeprefix("moved/").split("?")[0]
    assert read(open_register(f"{any_server}/{name}")) == read(open_register(here))


@pytest.mark.parametrize(
    ("below", "rows"),
    [
        ("/2026/a.parquet", 3), ("/2026/b%20c.parquet", 4), ("/2026/", 9), ("/2026", 9), ("/", 9),
        ("/2026/*.parquet", 7), ("/2026/[ab]*", 7), ("/20*/d", 2), ("/**/e.parquet", 2),
        ("/moved/2026/a.parquet", 3),
    ],
)  # fmt: skip
def test_parquet_files_folders_and_globs(address, folder, below, rows):
    register = open_register(address + below)
    assert register.source == address + below
    assert register.rows == rows
    here = below.removeprefix("/moved").replace("%20", " ")
    assert read(register) == read(open_register(f"{folder}{here}"))


def test_a_file_is_read_in_pieces(server, folder, monkeypatch):
    address, asked = server
    text = HEADER + "".join(f"F{n},bakers,{430_000 + n},430000\n" for n in range(20_000))
    (folder / "large.csv").write_text(text, encoding="utf-8")
    monkeypatch.setattr(files, "FAR", 1 << 16)
    monkeypatch.setattr(encoding, "PIECE", 1 << 14)
    asked.clear()
    assert len(read(open_register(f"{address}/large.csv"))[0]) == 20_000
    found = [re.fullmatch(r"bytes=(\d+)-(\d+)", stretch) for _, stretch in asked]
    sizes = [int(one[2]) - int(one[1]) + 1 for one in found]
    assert len(text) <= sum(sizes) < 2 * len(text) + (2 << 16)
    assert max(sizes) <= 1 << 16


def test_parquet_needs_stretches(folder):
    with servers.web(folder, stretches=False) as (address, _):
        said = refusal(f"{address}/2026/a.parquet")
    assert "gives a file only from the start; download it" in said


@pytest.mark.parametrize(
    ("below", "words"),
    [
        ("/firm.csv", "does not exist, did you mean 'firms.csv' or 'firms.csv.gz'?"),
        ("/nowhere/firms.csv", "does not exist"),
        ("/2027*", "matches no file"),
        ("/bare/", "holds no Parquet file"),
        ("/nowhere/", "shows no files: https knows no folders"),
        ("/firms.xlsx", "does not exist"),
        ("/empty.csv", "is empty"),
        ("/shut/firms.csv", "no access (403); expected a signed address"),
        ("/fault/firms.csv", "its server answers 500"),
        ("/away/firms.csv", "leads to an address that is not https"),
        ("/round/firms.csv", "leads from address to address"),
        ("/packed/firms.csv", "its server packs it ('br')"),
        ("/short/firms.csv", "broke off after"),
        ("/changing/firms.csv", "changed while it was read"),
    ],
)
def test_sources_that_are_none_are_told_without_what_signs_them(address, below, words):
    host = address.removeprefix("http://")
    said = refusal(f"http://{USER}@{host}{below}?token={servers.SECRET}")
    assert words in said
    assert said.startswith(f"'{address}{below}?...'")
    assert servers.SECRET not in said
    assert "ada" not in said


def test_a_server_that_is_not_there():
    assert refusal(f"http://{USER}@127.0.0.1:1/firms.csv?{servers.SECRET}") == (
        "'http://127.0.0.1:1/firms.csv?...' cannot be reached: is this machine offline, or the host misspelt?"
    )


def test_user_and_password_come_from_the_address(folder):
    with servers.web(folder, user=USER) as (address, asked):
        host = address.removeprefix("http://")
        assert "no access (401)" in refusal(f"{address}/firms.csv")
        for below in ("firms.csv", "moved/firms.csv", "2026/*.parquet"):
            register = open_register(f"http://{USER}@{host}/{below}?token=1")
            assert len(read(register)[0]) in {5, 7}
            told = f"{register!r} {register.source} {[*map(str, register.files)]}"
            assert servers.SECRET not in told
            assert "token" not in told
        # What signs a folder signs its files.
        assert all("token=1" in path for path, _ in asked if path.endswith(".parquet"))


def test_a_stretch_that_breaks_off_is_asked_for_again(address, folder, monkeypatch):
    """Twice in three times, the connection breaks in the middle of a stretch."""
    answered, seen = module._answer, []

    def broken(session, path, stretch=""):
        answer = answered(session, path, stretch)
        seen.append(stretch)
        if stretch != "bytes=0-0" and len(seen) % 3:
            whole = answer.raw.read
            answer.raw.read = lambda size, **more: whole(size // 2, **more)
        return answer

    monkeypatch.setattr(module, "_answer", broken)
    assert read(open_register(f"{address}/firms.csv")) == read(open_register(folder / "firms.csv"))
    assert len(seen) > len({*seen})
    monkeypatch.setattr(module, "TRIES", 1)
    assert "broke off after" in refusal(f"{address}/2026/a.parquet")


def test_a_tree_without_end_is_not_walked(monkeypatch):
    monkeypatch.setattr(module, "_links", lambda _: ["deeper/"])
    monkeypatch.setattr(module, "MOST_PAGES", 20)
    with pytest.raises(InputError, match="holds more than 20 folders"):
        list(web("https://example.org/").rglob("*"))


@pytest.mark.parametrize(
    "link",
    ["/other/x.parquet", "../x.parquet", "https://elsewhere.example/x.parquet", "?C=N", "#x", ".", "",
     "//e.example/x", "javascript:x", "x/y.parquet", "http://[", "file:///etc/passwd"],
)  # fmt: skip
def test_links_that_lead_elsewhere_are_passed_over(monkeypatch, link):
    monkeypatch.setattr(module, "_links", lambda _: [link, "a.parquet"])
    assert [str(one) for one in web("https://example.org/firms/").iterdir()] == [
        "https://example.org/firms/a.parquet"
    ]


def test_another_host_is_not_told_who_asks():
    url = f"https://{USER}@example.org/firms.csv"
    assert module._further(url, "/x.csv", "") == f"https://{USER}@example.org/x.csv"
    for elsewhere in ("https://elsewhere.example/x.csv", "https://example.org:8443/x.csv"):
        assert module._further(url, elsewhere, "") == elsewhere
    for unsafe in ("http://example.org/x.csv", "http://127.0.0.1/x.csv", "file:///etc/passwd"):
        with pytest.raises(InputError, match="not https"):
            module._further(url, unsafe, "'x'")


def test_an_address_is_sent_to_workers_whole_but_not_told(address):
    file = web(f"{address}/firms.csv?token={servers.SECRET}")
    again = pickle.loads(pickle.dumps(file))
    assert again == file
    assert again.url.endswith(servers.SECRET)
    assert servers.SECRET not in f"{file} {file!r} {[file]}"
