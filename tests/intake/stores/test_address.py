"""Which addresses are read, and that nothing secret of one is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError
from intake.files import located
from intake.reading import open_register
from intake.stores.address import is_address, shown
from tests.intake.small_files import HEADER, read, refusal, text

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("firms.csv", "firms.csv"),
        ("a/b?c=d.csv", "a/b?c=d.csv"),
        (r"C:\firms\a.csv", r"C:\firms\a.csv"),
        ("s3://bucket/2026/part-?.parquet", "s3://bucket/2026/part-?.parquet"),
        ("s3://bucket/year=202?/month=*/x.parquet", "s3://bucket/year=202?/month=*/x.parquet"),
        (f"s3://key:{SECRET}@bucket/x.csv", "s3://bucket/x.csv"),
        (f"s3://bucket/x.csv?X-Amz-Signature={SECRET}", "s3://bucket/x.csv?..."),
        ("abfs://firms@example.dfs.core.windows.net/x", "abfs://firms@example.dfs.core.windows.net/x"),
        (f"abfs://firms:{SECRET}@example.dfs.core.windows.net/x", "abfs://example.dfs.core.windows.net/x"),
        (f"https://ada:{SECRET}@example.org:8443/x.csv", "https://example.org:8443/x.csv"),
        (f"https://{SECRET}@example.org/x.csv?sig={SECRET}#{SECRET}", "https://example.org/x.csv?..."),
        (f"https:/ada:{SECRET}@example.org/x", "https:/example.org/x"),
        (f"ftp://ada:{SECRET}@example.org/x?{SECRET}", "ftp://example.org/x?..."),
        (f"https://ada:{SECRET}/@example.org/x", "https://..."),
        ("https://[::1]:80/x.csv", "https://[::1]:80/x.csv"),
    ],
)
def test_what_is_told_of_an_address_is_no_secret(source, told):
    assert shown(source) == told
    assert SECRET not in shown(source)


@given(st.sampled_from(["https", "s3", "gs", "HTTPS", "ftp"]), st.text(max_size=8), st.text(max_size=12))
def test_no_password_is_told_whatever_stands_around_it(scheme, user, path):
    """An @ in the user stands for itself; a slash, which would end it, has to be written %2F."""
    user = user.translate(dict.fromkeys(map(ord, "/?#\\")))
    assert SECRET not in shown(f"{scheme}://{user}:{SECRET}@example.org/{path}")


@given(st.text(max_size=20))
def test_an_address_has_a_scheme_of_two_letters_or_more(rest):
    assert not is_address(f"c:/{rest}")
    assert not is_address(f"./s3://{rest}")
    assert is_address(f"s3://{rest}")


@pytest.mark.parametrize(
    "source",
    [
        "ftp://example.org/x.csv", "hdfs://name/x", "data:/x", "s3a://bucket/x", "S3:/bucket/x",
        "https:/example.org/x",
                f"jdbc://ada:{SECRET}@host/x?password={SECRET}", "javascript://x", "gopher://127.0.0.1/x", "s3+ssh://b/x",
    ],
)  # fmt: skip
def test_other_schemes_are_refused_with_what_is_right(source):
    said = refusal(source)
    assert f"'{shown(source)}' is not read" in said
    assert all(f"{name}://" in said for name in ("s3", "gs", "abfs", "https", "file"))
    assert SECRET not in said


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("s3://", "names no bucket"),
        ("s3:///x.csv", "names no bucket"),
        ("gs://*/x.csv", "names no bucket"),
        ("s3://evil.com#/x.csv", "names no bucket"),
        ("s3://bucket//x.csv", "empty name"),
        ("s3://bucket/../other/x.csv", "empty name"),
        (f"s3://key:{SECRET}@bucket/x.csv", "credentials come from the environment"),
        (f"gs://bucket/x.csv?access_token={SECRET}", "GOOGLE_APPLICATION_CREDENTIALS"),
        ("abfs://firms@evil.example/x.csv", "CONTAINER@ACCOUNT.dfs.core.windows.net"),
        (f"abfs://a:{SECRET}@example.dfs.core.windows.net/x.csv", "names no bucket"),
        ("https://", "names no host"),
        ("https:///x.csv", "names no host"),
        ("https://[::1/x.csv", "names no host"),
        ("https://host:99999/x.csv", "names no host"),
        ("http://example.org/x.csv", "give https://"),
        ("http://127.0.0.1.example.org/x.csv", "give https://"),
        ("http://localhost@example.org/x.csv", "give https://"),
        ("file://example.org/x.csv", "another machine"),
        ("https://example.org/" + "x" * 3_000, "no address is so long"),
        ("s3://bucket/a**b", "cannot be looked for"),
    ],
)
def test_addresses_that_are_none_are_refused_before_anyone_is_asked(source, words, monkeypatch):
    monkeypatch.setattr("requests.Session.get", None)
    monkeypatch.setattr("intake.stores.buckets.Bucketed.kind", "nothing")
    said = refusal(source)
    assert words in said
    assert SECRET not in said
    assert len(said) < 500


def test_a_file_address_is_a_path_here(tmp_path):
    path = text(tmp_path, HEADER + "1,bakers,430000,430000\n", "my firms.csv")
    address = path.as_uri()
    assert "%20" in address
    assert located(address) == located(address.replace("file://", "file://localhost")) == path
    register = open_register(address)
    assert (register.source, register.files) == (address, (path,))
    assert len(read(register)[0]) == 1
    assert isinstance(located("file:/x"), Path)


def test_a_path_here_asks_nobody(tmp_path, monkeypatch):
    """Neither the driver of stores nor the library of the web is so much as loaded."""
    import subprocess
    import sys

    path = text(tmp_path, HEADER + "1,bakers,430000,430000\n")
    program = (
        "import sys; from intake.reading import *; r = open_register(sys.argv[1]); "
        "[*batches(r, parts(r)[0])]; print(*{'requests', 'urllib3', 'pyarrow.fs'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    assert "requests" not in done.stdout
    assert "urllib3" not in done.stdout


def test_located_says_what_it_refuses():
    with pytest.raises(InputError, match="is not read: expected a path on this machine"):
        located("ldap://x/y")
