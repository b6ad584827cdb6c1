"""The scan on 75,740 real firms: the metal trades come out, registration agents do not."""

import pandas as pd
import pytest

from benchmarks.south_yorkshire import draw, found
from tests import reference

pytestmark = pytest.mark.reference

FILE = reference.FOLDER / "firms" / "companies_house_south_yorkshire.parquet"
AGENT = "S11 9PA"
SHEFFIELD, ROTHERHAM = "E08000039", "E08000018"


@pytest.fixture(scope="module")
def firms():
    if not FILE.exists():
        pytest.skip(f"{FILE} is not there")
    return pd.read_parquet(FILE)


@pytest.fixture(scope="module")
def results(firms):
    return found(firms)


def test_the_metal_trades_of_sheffield_and_rotherham_come_out(results):
    metals = results.clusters[results.clusters["label"].isin(["SIC 24", "SIC 25"])]
    assert {codes[0] for codes in metals["la_codes"]} >= {SHEFFIELD, ROTHERHAM}
    valley = metals.loc[metals["log10_p"].idxmin()]
    assert valley["la_codes"][0] == SHEFFIELD
    assert valley["firms"] >= 150
    assert valley["lq_low"] > 3
    assert valley["points"] >= 60
    assert valley["stability"] > 0.95


def test_the_agents_postcode_is_set_aside_and_reported(firms, results):
    office = firms.loc[firms["Postcode"] == AGENT, ["easting", "northing"]].drop_duplicates()
    assert len(office) == 1
    largest = results.report["agents"]["largest"][0]
    assert (largest["easting"], largest["northing"]) == tuple(office.iloc[0])
    assert largest["total"] == 1_602
    members = results.members[["easting", "northing"]].drop_duplicates()
    assert office.merge(members, on=["easting", "northing"]).empty


def test_every_row_is_accounted_for(firms, results):
    rows = results.report["rows"]
    assert rows["in"] == len(firms) == rows["kept"] + rows["refused"]


def test_the_result_can_be_drawn(firms, results, tmp_path):
    draw(results, firms, tmp_path / "map.png")
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
