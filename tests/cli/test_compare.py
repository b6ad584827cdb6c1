"""`cli.py compare`: the table of the page in a terminal, the files it writes, what it refuses in words."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO

import pandas as pd
import pytest
from typer.testing import CliRunner

import cli
from data.errors import InputError
from regions.places import find_place

RUNNER = CliRunner()


def run(*arguments):
    return RUNNER.invoke(cli.cli, ["compare", *arguments], env={"COLUMNS": "200", "NO_COLOR": "1"})


def fault_of(*arguments):
    answer = run(*arguments)
    assert isinstance(answer.exception, InputError), answer.output
    return str(answer.exception)


def test_a_table_of_the_places_is_printed(edition):
    answer = run("Greater Manchester", "Cardiff", "TLM")
    assert answer.exit_code == 0, answer.output
    for words in (
        "Greater Manchester",
        "Cardiff",
        "United Kingdom (held against)",
        "Public money per head",
        "Firms per 10,000 residents",
        "▲ highest",
        "▼ lowest",
    ):
        assert words in answer.output
    people = f"{find_place(edition, 'Cardiff').population:,}"
    assert people in answer.output


def test_the_level_decides_which_place_of_a_name_is_meant(edition, tmp_path):
    for level, ref in (("", "E08000003"), ("itl3", "TLD33")):
        out = tmp_path / f"{level or 'any'}.json"
        assert run("Manchester", "--level", level, "--out", str(out)).exit_code == 0
        assert [place["ref"] for place in json.loads(out.read_bytes())["places"]] == [ref]


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".json"])
def test_each_format_is_written_whole(edition, tmp_path, ending):
    out = tmp_path / f"places{ending}"
    answer = run("Leeds", "set:E08000003+E08000006", "--out", str(out), "--filters", "sector=life-sciences")
    assert answer.exit_code == 0, answer.output
    body = out.read_bytes()
    if ending == ".csv":
        rows = pd.read_csv(BytesIO(body), encoding="utf-8-sig")
        assert {"Leeds", "Manchester and Salford", "England", "United Kingdom"} <= set(rows["place"])
        assert rows["filters"].str.contains("sector: Life sciences").all()
    elif ending == ".xlsx":
        names = zipfile.ZipFile(BytesIO(body)).namelist()
        assert "xl/workbook.xml" in names
    else:
        assert json.loads(body)["places"][0]["name_shown"] == "Leeds"
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_what_places_are_held_against_can_be_chosen(edition, tmp_path):
    out = tmp_path / "x.json"
    assert run("Leeds", "--against", "parent", "--out", str(out)).exit_code == 0
    assert [place["name_shown"] for place in json.loads(out.read_bytes())["against"]] == ["West Yorkshire"]
    assert run("Leeds", "--against", "none", "--out", str(out)).exit_code == 0
    assert json.loads(out.read_bytes())["against"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("Leed",), "'Leed' is no place; did you mean Leeds (Local authority, E08000035)"),
        (("Leeds", "Nowhere", "Xyzzy"), "'Nowhere' is no place"),
        (("Northern Ireland", "--level", "programme_area"), "covers only 7 of its 11 authorities"),
        (("Leeds", "--level", "county"), '"county" is not a level'),
        (("Leeds", "--out", "leeds.docx"), "'leeds.docx' ends in none of .csv, .xlsx, .json"),
        (("Leeds", "--out", "no-such-folder/leeds.csv"), "'no-such-folder' is no folder"),
        (("Leeds", "--filters", "sektor=defence"), "sektor: no such field; did you mean sector"),
        (("Leeds", "--against", "mars"), "against"),
        (("area:!!",), "area"),
        (("set:E08000099",), "E08000099"),
        (("mine:1",), "mine:1"),
        (
            (*(f"E0600000{number}" for number in range(1, 10)), "Leeds", "Cardiff"),
            "11 places are too many",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(edition, arguments, words):
    assert words in fault_of(*arguments)


def test_overlapping_places_are_said_to_overlap(edition):
    answer = run("Manchester", "Greater Manchester")
    assert "Manchester lies in Greater Manchester" in answer.output


def test_sectors_of_a_register_of_ones_own_can_be_asked_for(own_edition, monkeypatch, tmp_path):
    monkeypatch.setattr("edition.opening.open_edition", lambda _progress: own_edition)
    out = tmp_path / "own.json"
    answer = run("England", "--filters", "sector=SIC 24", "--out", str(out))
    assert answer.exit_code == 0, answer.exception
    assert "SIC 24" in str(json.loads(out.read_bytes())["filters"])
