"""Which files a source stands for, and what is said of a source that is none."""

from __future__ import annotations

from intake.reading import open_register
from tests.intake.small_files import HEADER, plain, read, refusal, text


def test_folders_and_globs_are_numbered_by_path(tmp_path):
    plain(tmp_path / "firms" / "b.parquet", 4, start=3)
    plain(tmp_path / "firms" / "a.parquet", 3)
    plain(tmp_path / "firms" / "c" / "d.PARQUET", 2, start=7)
    for hidden in ("_metadata.parquet", ".hidden.parquet", "_temporary/x.parquet", "c/.x/y.parquet"):
        plain(tmp_path / "firms" / hidden, 9)
    (tmp_path / "firms" / "_SUCCESS").touch()
    (tmp_path / "firms" / "notes.md").touch()
    for source in (tmp_path / "firms", str(tmp_path / "firms" / "**" / "*.*")):
        register = open_register(source)
        assert register.rows == 9
        assert [row["sector"] for row in read(register)[0]] == [f"s{n}" for n in range(9)]


def test_sources_that_are_none(tmp_path):
    assert "did you mean 'firms.csv'?" in refusal(text(tmp_path, HEADER).with_name("firm.csv"))
    assert "neither does the folder" in refusal(tmp_path / "nowhere" / "firms.csv")
    assert "matches no file" in refusal(tmp_path / "*.parquet")
    assert "a glob is for Parquet" in refusal(tmp_path / "*.csv")
    assert "holds no Parquet file" in refusal(tmp_path)
    assert "neither CSV nor Parquet" in refusal(text(tmp_path, "x", "firms.xlsx"))
    assert "cannot be read as Parquet" in refusal(text(tmp_path, "PAR1 no", "firms.parquet"))
    assert "cannot be read as Parquet" in refusal(text(tmp_path, "", "firms.pq"))
    assert "cannot be looked for" in refusal("x" * 5000)
    assert "cannot be looked for" in refusal(str(tmp_path / "a**b"))
