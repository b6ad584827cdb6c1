"""`cli.py detect` on registers that tell sizes and dates of foundation."""

from __future__ import annotations

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.clusters.sized import sized
from tests.clusters.small_registers import QUICK, accounted, detect, firms, report, write_csv


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Detect in a table; return exit code, lines and the folder."""

    def go(table, *options):
        path = write_csv(tmp_path / "firms.csv", table)
        code, lines = detect(monkeypatch, capsys, path, "--out", tmp_path / "out", *QUICK, *options)
        return code, lines, tmp_path / "out"

    return go


def test_employment_and_births_stand_beside_the_count(run):
    table = sized()
    code, lines, out = run(table, "--births-span", "2014:2024")
    assert code == 0
    rows, told = accounted(out), report(out)["traits"]
    assert rows == {"in": len(table), "kept": len(table), "refused": 0}
    size, founded = told["size"], told["founded"]
    assert (size["column"], size["basis"], size["such_as"]) == ("employees", "employees", ["about 40"])
    unread = table["employees"] == "about 40"
    assert size["unread"] == unread.sum() > 0
    assert size["known"] == (~unread & (table["employees"] != "")).sum()
    assert founded["unread"] == (table["founded_year"] == "2012-13-45").sum() > 0
    assert (founded["span"], founded["asked"]) == ([2014, 2024], True)
    said = " ".join(lines)
    assert (
        f"{size['unread']} firms whose employees cannot be read, such as 'about 40': kept, size unknown."
        in said
    )
    assert "Births: firms founded 2014 to 2024." in said
    potters = pd.read_parquet(out / "clusters.parquet").set_index("label").loc["potters"]
    assert potters["employment_basis"] == "employees"
    members = pq.read_table(out / "members.parquet").to_pandas()["row"]
    own = pd.to_numeric(table.loc[members, "employees"], errors="coerce")
    assert potters["employment"] == own.sum()
    assert potters["employment_known"] == own.notna().sum()
    # Potters elsewhere are as small and young.
    assert potters["births_q"] > 0.05


def test_potters_are_younger_and_smaller_than_the_rest_of_their_label(run):
    """Half of the label's firms stand elsewhere, old and large."""
    table = sized()
    away = table[~table["sector"].str.contains("potters")].index[:60]
    table.loc[away, "sector"] = "potters"
    code, _, out = run(table)
    assert code == 0
    potters = pd.read_parquet(out / "clusters.parquet").set_index("label").loc["potters"]
    assert potters["births_q"] < 0.001
    assert potters["births"] > potters["births_expected"]
    assert potters["employment_q"] < 0.001
    assert potters["size_ratio"] < 1
    # The newest year may not be over: the ten before it.
    assert (potters["births_from"], potters["births_to"]) == (2015, 2024)


def test_size_bands_are_said_to_be_estimates(run):
    code, lines, out = run(sized().drop(columns=["employees", "founded_year"]))
    assert code == 0
    assert any("(estimated from size bands)" in line for line in lines)
    found = pd.read_parquet(out / "clusters.parquet")
    assert (found["employment_basis"] == "size bands").all()
    assert found["births"].isna().all()
    assert report(out)["traits"]["size"]["unread"] == 0


def test_a_span_without_dates_is_refused(run):
    code, lines, out = run(firms(), "--births-span", "2012:2026")
    assert code == 2
    assert "name it with --founded-column, or leave out --births-span" in lines[-1]
    assert not out.exists()
    assert "2026:2012" in run(firms(), "--births-span", "2026:2012")[1][-1]


def test_columns_are_named_by_options(run):
    table = sized().rename(columns={"employees": "Staff", "founded_year": "IncorporationDate"})
    table = table.drop(columns="size_band")
    code, _, out = run(table, "--employees-column", "Staff", "--founded-column", "IncorporationDate")
    assert code == 0
    told = report(out)["traits"]
    assert [told[name]["column"] for name in ("size", "founded")] == ["Staff", "IncorporationDate"]


def test_a_register_without_sizes_says_nothing_of_them(run):
    code, lines, out = run(firms())
    assert code == 0
    assert report(out)["traits"] == {}
    assert not any("Births" in line or "Size" in line for line in lines)


@pytest.mark.parametrize("method", ["dbscan", "hdbscan"])
def test_comparators_have_them_too(run, method):
    code, _, out = run(sized(), "--method", method)
    assert code == 0
    found = pd.read_parquet(out / "clusters.parquet")
    assert found["employment_p"].notna().any()
    assert found["births_p"].notna().any()
