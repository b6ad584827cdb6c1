"""Registers in a store like S3: files, folders, globs, and faults in a sentence."""

from __future__ import annotations

import bz2
import gzip
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.fs
import pytest

from data.errors import InputError
from intake import encoding, files
from intake.reading import open_register
from intake.stores import buckets
from intake.stores.buckets import bucketed
from tests import google_store, servers
from tests.intake.small_files import HEADER, plain, read, refusal

ROWS = "".join(f"{n},s{n},{n},{n}\n" for n in range(5))


@pytest.fixture
def firms(store):
    """A bucket of Parquet files, as the test of folders on this machine has them."""
    folder, _ = store
    bucket = folder / "firms"
    plain(bucket / "2026" / "b.parquet", 4, start=3)
    plain(bucket / "2026" / "a.parquet", 3)
    plain(bucket / "2026" / "c" / "d.PARQUET", 2, start=7)
    for hidden in ("_metadata.parquet", ".hidden.parquet", "_temporary/x.parquet", "c/.x/y.parquet"):
        plain(bucket / "2026" / hidden, 9)
    (bucket / "2026" / "_SUCCESS").touch()
    (bucket / "firms.csv").write_text(HEADER + ROWS, encoding="utf-8")
    (bucket / "firms.csv.gz").write_bytes(gzip.compress((HEADER + ROWS).encode()))
    (bucket / "FIRMS.CSV.BZ2").write_bytes(bz2.compress((HEADER + ROWS).encode()))
    (bucket / "firms.tsv.zst").write_bytes(
        pa.compress((HEADER + ROWS).replace(",", "\t").encode(), "zstd", asbytes=True)
    )
    (bucket / "notes.md").touch()
    return "s3://firms"


@pytest.mark.parametrize(
    ("below", "rows"),
    [
        ("/2026", 9), ("/2026/", 9), ("", 9), ("/", 9), ("/**/*.*", 9), ("/2026/**", 9), ("/20*", 9),
        ("/2026/*.parquet", 7), ("/2026/[ab].parquet", 7), ("/2026/?.parquet", 7), ("/*/a.parquet", 3),
        ("/2026/c", 2), ("/*/c/*", 2), ("/2026/a.parquet", 3),
    ],
)  # fmt: skip
def test_files_folders_and_globs_are_numbered_by_path(firms, store, below, rows):
    folder, _ = store
    register = open_register(firms + below)
    assert register.source == firms + below
    assert all(str(file).startswith("s3://firms/2026/") for file in register.files)
    found = read(register)
    assert len(found[0]) == register.rows == rows
    assert found == read(open_register(str(folder / "firms") + below))


@pytest.mark.parametrize("name", ["firms.csv", "firms.csv.gz", "FIRMS.CSV.BZ2", "firms.tsv.zst"])
def test_csv_is_unpacked_as_here(firms, store, name):
    folder, _ = store
    assert read(open_register(f"{firms}/{name}")) == read(open_register(folder / "firms" / name))
    assert len(read(open_register(f"S3://firms/{name}"))[0]) == 5


def test_a_key_may_look_like_a_glob(firms, store):
    plain(store[0] / "firms" / "odd" / "a[1].parquet", 2)
    assert open_register(f"{firms}/odd/a[1].parquet").rows == 2


def test_folders_may_be_named_by_values(store):
    for year in (2025, 2026):
        plain(store[0] / "firms" / f"year={year}" / "month=1" / "x.parquet", 2)
    assert open_register("s3://firms/year=202?/month=*/x.parquet").rows == 4


def test_a_file_is_read_in_pieces(firms, store, monkeypatch):
    """No answer of the store is more than a piece of a CSV file, or the columns asked for of a row group."""
    folder, asked = store
    bucket = folder / "firms"
    text = HEADER + "".join(f"F{n},bakers,{430_000 + n},430000\n" for n in range(20_000))
    (bucket / "large.csv").write_text(text, encoding="utf-8")
    monkeypatch.setattr(files, "FAR", 1 << 16)
    monkeypatch.setattr(encoding, "PIECE", 1 << 14)
    asked.clear()
    assert len(read(open_register("s3://firms/large.csv"))[0]) == 20_000
    sizes = stretches(asked)
    assert max(sizes) <= 1 << 16
    assert len(text) <= sum(sizes) < 2 * len(text) + (2 << 16)

    plain(bucket / "large.parquet", 40_000, rows_per_group=2_000, notes=[f"note {n}" for n in range(40_000)])
    whole = (bucket / "large.parquet").stat().st_size
    asked.clear()
    assert len(read(open_register("s3://firms/large.parquet"))[0]) == 40_000
    sizes = stretches(asked)
    footer = 1 << 16
    assert max(sizes) <= max(whole // 20, footer)
    # The column that nobody asks for stays where it is.
    assert sum(size for size in sizes if size != footer) < 0.8 * whole


def stretches(asked):
    """Return how many bytes were asked for at each time."""
    found = [re.fullmatch(r"bytes=(\d+)-(\d+)", stretch) for command, _, stretch in asked if command == "GET"]
    return [int(one[2]) - int(one[1]) + 1 for one in found if one]


@pytest.mark.parametrize(
    ("below", "words"),
    [
        ("/firm.csv", "does not exist, did you mean 'firms.csv"),
        ("/2025/firms.csv", "does not exist: neither does the folder 's3://firms/2025'"),
        ("/2025*", "matches no file"),
        ("/*.csv", "a glob is for Parquet"),
        ("/notes.md", "neither CSV nor Parquet"),
        ("/damaged.parquet", "cannot be read as Parquet"),
        ("/damaged.csv.gz", "cannot be read"),
    ],
)
def test_sources_that_are_none(firms, store, below, words):
    for name in ("damaged.parquet", "damaged.csv.gz"):
        (store[0] / "firms" / name).write_bytes(b"PAR1 no")
    said = refusal(firms + below)
    assert words in said
    assert said.startswith(f"'{firms}{below}'")


def test_a_bucket_that_is_not_there(store):
    assert refusal("s3://nowhere/firms.csv") == (
        "'s3://nowhere/firms.csv' does not exist: there is no bucket 's3://nowhere'"
    )
    assert "there is no bucket" in refusal("s3://nowhere/a/b/c.csv")
    assert "there is no bucket" in refusal("s3://nowhere")
    assert "matches no file: there is no bucket 's3://nowhere'" in refusal("s3://nowhere/*.parquet")


@pytest.mark.parametrize(
    "source", ["s3://shut/firms.csv", "s3://shut", "s3://shut/*.parquet", "s3://shut/x/"]
)
def test_no_access_is_a_sentence_without_secrets(store, source):
    said = refusal(source)
    assert said == (
        f"'{source.rstrip('/')}' cannot be read: no access; expected credentials in the environment, such as "
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
    )


def test_a_wrong_key_is_no_access(firms, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDWRONG")
    buckets.connect_s3.cache_clear()
    said = refusal(f"{firms}/firms.csv")
    assert "no access" in said
    assert servers.SECRET not in said
    assert "AKIDWRONG" not in said


def test_a_store_that_is_not_there(store, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    said = refusal("s3://firms/firms.csv")
    assert said == (
        "'s3://firms/firms.csv' cannot be read: the store cannot be reached; is this machine offline, or the "
        "endpoint misspelt?"
    )


@pytest.mark.parametrize(
    "endpoint",
    ["ftp://127.0.0.1", "http://", f"http://ada:{servers.SECRET}@127.0.0.1", "http://127.0.0.1/path"],
)
def test_endpoints_that_are_none(store, monkeypatch, endpoint):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)  # goes before AWS_ENDPOINT_URL
    said = refusal("s3://firms/firms.csv")
    assert "expected an address without user and path, such as https://" in said
    assert servers.SECRET not in said


def test_a_file_that_goes_while_it_is_read(firms, store):
    register = open_register(f"{firms}/2026")
    (store[0] / "firms" / "2026" / "b.parquet").unlink()
    with pytest.raises(InputError, match=r"'s3://firms/2026/b.parquet' cannot be read: it does not exist"):
        read(register)


def test_a_pyarrow_without_the_driver_is_told(monkeypatch):
    monkeypatch.delattr(pyarrow.fs, "GcsFileSystem")
    buckets.connect_gs.cache_clear()
    assert "was built without its GcsFileSystem" in refusal("gs://firms/firms.csv")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("When reading: AWS Error SLOW_DOWN during GetObject operation", "too often"),
        ("AWS Error UNKNOWN (HTTP status 301) during HeadObject operation", "another region"),
        ("google::cloud::Status(PERMISSION_DENIED: ada@example.org does not have access)", "no access"),
        ("google::cloud::Status(UNAVAILABLE: CURL error [7]=Could not connect)", "cannot be reached"),
        ("Azure Error: [ContainerNotFound] The specified container", "no such bucket"),
        ("Bucket 'x' not found", "no such bucket"),
        ("something else: " + servers.SECRET, "the store answers with a fault"),
    ],
)
def test_faults_are_told_by_what_they_mean(said, words):
    for scheme in ("s3", "gs", "abfs"):
        clause = bucketed(scheme, "firms", "/x.csv", "").why(OSError(said))
        assert words in clause
        assert servers.SECRET not in clause
        assert "ada" not in clause


def test_a_path_is_sent_to_others_whole(firms):
    register = open_register(f"{firms}/2026")
    again = pickle.loads(pickle.dumps(register))
    assert again == register
    assert read(again) == read(register)
    assert servers.SECRET.encode() not in pickle.dumps(register)


class Shelf:
    """What stands for a driver: folders of this machine, and what it was made of."""

    def __init__(self, folder):
        self.folder, self.made = folder, []

    def __call__(self, *given, **options):
        self.made.append((given, options))
        return pyarrow.fs.SubTreeFileSystem(str(self.folder), pyarrow.fs.LocalFileSystem())


@pytest.mark.parametrize(
    ("driver", "source", "given", "options"),
    [
        ("GcsFileSystem", "gs://firms/2026", (), {}),
        (
            "AzureFileSystem",
            "abfs://firms@example.dfs.core.windows.net/2026",
            ("example",),
            {"account_key": "a2V5"},
        ),
        ("AzureFileSystem", "abfs://firms/20*/*", ("mine",), {"account_key": "a2V5"}),
    ],
)
def test_other_stores_are_read_alike(firms, store, monkeypatch, driver, source, given, options):
    """The drivers are pyarrow's; how each is made, and all that is asked of it, is ours."""
    shelf = Shelf(store[0])
    monkeypatch.setattr(pyarrow.fs, driver, shelf)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "mine")
    monkeypatch.setenv("AZURE_STORAGE_KEY", "a2V5")
    for connect in (buckets.connect_gs, buckets.connect_abfs):
        connect.cache_clear()
    register = open_register(source)
    assert read(register)[0] == read(open_register("s3://firms/2026"))[0]
    assert str(register.files[0]).startswith(source[:12])
    [(made, with_options)] = shelf.made
    assert made == given
    assert options.items() <= with_options.items()
    for connect in (buckets.connect_gs, buckets.connect_abfs):
        connect.cache_clear()


def test_google_is_read_by_its_own_driver(firms, store, monkeypatch):
    program = Path(google_store.__file__)
    with subprocess.Popen([sys.executable, program, store[0]], stdout=subprocess.PIPE, text=True) as server:
        try:
            monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{int(server.stdout.readline())}")
            for below in ("2026", "2026/*.parquet", "firms.csv.gz"):
                assert read(open_register(f"gs://firms/{below}")) == read(
                    open_register(f"s3://firms/{below}")
                )
            assert "did you mean 'firms.csv" in refusal("gs://firms/firm.csv")
            assert "there is no bucket 'gs://nowhere'" in refusal("gs://nowhere/firms.csv")
        finally:
            server.kill()
            buckets.connect_gs.cache_clear()


def test_azure_needs_an_account(monkeypatch):
    for name in ("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT"):
        monkeypatch.delenv(name, raising=False)
    assert "names no account" in refusal("abfs://firms/firms.csv")
