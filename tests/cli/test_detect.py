"""`cli.py detect` on registers as they come: every row is counted, every fault said in a line."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from contextlib import nullcontext

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import cli
from clusters.many_machines import dask_engine as many_machines
from tests.clusters.small_registers import (
    AGENT,
    QUICK,
    SECTORS,
    STOKE,
    accounted,
    detect,
    digests,
    firms,
    refused,
    report,
    shuffled,
    write_csv,
    write_parquet,
)

HEADER = "firm_id,sector,easting,northing\n"


@pytest.fixture(scope="module")
def machines():
    """Workers for the engine of many machines, within this process."""
    with many_machines.cluster(n_workers=1, processes=False) as client:
        yield client


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Detect in a register given as text, a table or a path; return exit code, lines and the folder."""

    def go(content, *options, name="firms.csv", out="out"):
        path = content
        if isinstance(content, str | bytes):
            path = tmp_path / name
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        elif isinstance(content, pd.DataFrame):
            path = write_csv(tmp_path / name, content)
        code, lines = detect(monkeypatch, capsys, path, "--out", tmp_path / out, *QUICK, *options)
        return code, lines, tmp_path / out

    return go


def lines_of(*rows):
    return HEADER + "".join(",".join(map(str, row)) + "\n" for row in rows)


# --- What is found


def test_a_planted_cluster_is_found_and_told(run):
    code, lines, out = run(firms())
    assert code == 0, lines
    assert accounted(out) == {"in": 1_590, "kept": 1_590, "refused": 0}
    found = pd.read_parquet(out / "clusters.parquet")
    assert list(found["label"]) == ["potters"]
    assert np.hypot(found["easting"] - STOKE[0], found["northing"] - STOKE[1]).iloc[0] < 500
    assert lines[0] == "1,590 rows: 1,590 kept, 0 refused (refused.csv says why)."
    assert lines[-1] == f"1 cluster (by chance a map would show 0.0) in 1 of 4 sectors tested: {out}"
    said = report(out)
    assert said["edition"] == "out"
    assert said["clusters"] == 1
    assert set(said["stages"]) == {
        "Reading the register",
        "Looking for repeated ids",
        "Counting firms",
        "Testing labels",
        "Collecting members",
        "Describing clusters",
    }
    assert all(stage["seconds"] >= 0 and stage["peak_mb"] > 0 for stage in said["stages"].values())
    assert set(said["thresholds_log10"]) == {"bakers", "carriers", "drapers", "potters"}
    assert all(limit < -1 for limit in said["thresholds_log10"].values())
    assert said["seed"] == 0
    assert said["source"].endswith("firms.csv")


def test_firms_of_a_label_are_those_kept(run):
    table = firms()
    again = table[table["sector"] == "potters"].head(7)
    _, _, out = run(pd.concat([table, again]))
    rows = accounted(out)
    assert (rows["kept"], rows["refused"]) == (1_590, 7)
    labels = pd.read_parquet(out / "labels.parquet").set_index("label")
    carried = table["sector"].str.split(";").explode().value_counts()
    assert labels["firms"].to_dict() == carried.to_dict()
    assert (labels["companies"] == labels["firms"]).all()


def test_names_of_columns_are_those_of_the_file(run):
    table = firms(200).set_axis(["Nr", "Title", "SIC", "X", "Y"], axis=1)
    columns = ("--firm-id-column", "Nr", "--sector-column", "SIC", "--easting-column", "X")
    code, lines, out = run(pd.concat([table, table.head(1)]), *columns, "--northing-column", "Y")
    assert code == 0, lines
    accounted(out)
    assert refused(out)["column"].tolist() == ["Nr"]
    code, lines, _ = run(table, *columns, out="other")
    assert (code, len(lines)) == (2, 1)
    assert "'northing'" in lines[0]
    assert "--northing-column" in lines[0]


# --- Hostile rows


@pytest.mark.parametrize(
    ("rows", "column", "words"),
    [
        ([(1, "a", "", "")], "easting, northing", "no place given"),
        ([(1, "a", 451_000, "")], "northing", "no place given"),
        ([(1, "a", "nan", 206_000)], "easting", "no place given"),
        ([(1, "a", "NaN", "NaN")], "easting, northing", "no place given"),
        ([(1, "a", "inf", 206_000)], "easting", "not a finite number"),
        ([(1, "a", 451_000, "-inf")], "northing", "not a finite number"),
        ([(1, "a", "1e400", 206_000)], "easting", "not a finite number"),
        ([(1, "a", "four", 206_000)], "easting", "not a number"),
        ([(1, "a", "451 000", 206_000)], "easting", "not a number"),
        ([(1, "a", 0, 0)], "easting, northing", "unknown place"),
        ([(1, "a", -1.2577, 51.752)], "easting, northing", "looks like longitude and latitude"),
        ([(1, "a", 51.752, -1.2577)], "easting, northing", "looks like latitude and longitude"),
        ([(1, "a", 206_200, 451_300)], "easting, northing", "swapped"),
        ([(1, "a", 333_900, 374_000)], "easting, northing", "kept"),  # Belfast in its own grid lies in Wales
        ([(1, "a", 640_000, 500_000)], "easting, northing", "sea"),
        ([(1, "a", -200_000, 300_000)], "easting, northing", "outside the United Kingdom"),
        ([(1, "a", 9e99, 206_000)], "easting, northing", "outside the United Kingdom"),
    ],
)
def test_a_row_that_is_no_firm_is_refused_with_its_reason(run, rows, column, words):
    """Beside three rows that are firms, which stay."""
    good = [(number, "a", 451_000 + number, 206_000) for number in (7, 8, 9)]
    code, lines, out = run(lines_of(*good, *rows))
    assert code == 0, lines
    counts = accounted(out)
    lost = 0 if words == "kept" else 1
    assert counts == {"in": 4, "kept": 4 - lost, "refused": lost}
    if lost:
        [line] = refused(out).itertuples(index=False)
        assert line.row == 3
        assert line.column == column
        assert words in line.reason
        assert line.value.removeprefix("'") == ", ".join(
            str(rows[0][HEADER.strip().split(",").index(one)]) for one in column.split(", ")
        )


def test_a_whole_file_in_the_wrong_system_gets_advice(run):
    table = firms(300)
    lonlat = table.assign(easting=-1.25, northing=51.75)
    swapped = table.assign(easting=206_200, northing=451_300)
    for number, (case, words) in enumerate(
        [(lonlat, "--lon-column"), (swapped, "swapped"), (table.assign(easting=0, northing=0), "0, 0")]
    ):
        code, lines, out = run(case, out=f"out{number}")
        assert code == 0, lines
        assert accounted(out)["refused"] > len(case) / 2
        assert words in lines[1]
        assert report(out)["hint"] == lines[1]


def test_irish_grid_is_told_by_the_postcode(run):
    rows = "1,a,333900,374000,BT1 5GS\n2,a,451300,206200,OX1 1PT\n"
    code, lines, out = run(HEADER.strip() + ",postcode\n" + rows)
    assert code == 0, lines
    assert accounted(out)["refused"] == 1
    assert "Irish Grid" in refused(out)["reason"][0]


def test_unknown_postcodes(run):
    rows = ["ZZ1 1ZZ", "OX11 0QR", "nowhere", "", "OX11", "ox110qr", " OX11  0QR "]
    text = "sector,postcode\n" + "".join(f"a,{one}\n" for one in rows)
    code, lines, out = run(text)
    assert code == 0, lines
    assert accounted(out) == {"in": 7, "kept": 3, "refused": 4}
    assert refused(out)["row"].tolist() == [0, 2, 3, 4]
    assert (refused(out)["column"] == "postcode").all()


def test_longitude_and_latitude(run):
    rows = "1,a,-1.2577,51.752\n2,a,51.752,-1.2577\n3,a,451300,206200\n4,a,-1.2577,95\n5,a,181,51\n"
    code, lines, out = run("firm_id,sector,lon,lat\n" + rows)
    assert code == 0, lines
    assert accounted(out) == {"in": 5, "kept": 1, "refused": 4}
    reasons = refused(out)["reason"]
    assert [word in reason for word, reason in zip(("swapped", "metres", "90", "180"), reasons, strict=True)]
    assert pq.read_table(out / "firms.parquet")["easting"][0].as_py() == pytest.approx(451_300, abs=200)


def test_empty_sectors_stay_as_background(run):
    table = firms()
    table.loc[table.index[::3], "sector"] = ["", " ; ", ";"] * (len(table) // 9) + [""] * (
        -(-len(table) // 3) % 3
    )
    code, lines, out = run(table)
    assert code == 0, lines
    assert accounted(out)["kept"] == len(table)
    assert report(out)["notes"]["rows without a sector"] == -(-len(table) // 3)
    assert report(out)["firms_counted"] == len(table)


def test_one_row_without_a_sector_is_one(run):
    table = firms()
    table.loc[table.index[0], "sector"] = ""
    code, lines, _ = run(table)
    assert code == 0, lines
    assert "1 row without a sector." in lines


def test_all_sectors_empty(run):
    code, lines, out = run(firms(200).assign(sector=""))
    assert code == 0, lines
    assert accounted(out)["kept"] == 290
    assert report(out)["labels"] == {"all": 0, "tested": 0, "with_clusters": 0}
    assert lines[-1] == f"0 clusters in 0 of 0 sectors tested: {out}"


@pytest.mark.parametrize("engine", ["duckdb", "dask"])
@pytest.mark.parametrize("file", ["csv", "parquet", "parquet without row groups"])
def test_no_firm_at_all(run, tmp_path, monkeypatch, machines, engine, file):
    monkeypatch.setattr(many_machines, "cluster", lambda _: nullcontext(machines))
    source = HEADER
    if file != "csv":
        schema = pa.schema(
            {"firm_id": "string", "sector": "string", "easting": "double", "northing": "double"}
        )
        source = tmp_path / "none.parquet"
        with pq.ParquetWriter(source, schema) as writer:
            if file == "parquet":
                writer.write_table(schema.empty_table())
    code, lines, out = run(source, "--engine", engine)
    assert code == 0, lines
    assert report(out)["rows"] == {"in": 0, "kept": 0, "refused": 0}
    assert lines[0].startswith("0 rows: 0 kept, 0 refused")
    assert len(pd.read_parquet(out / "members.parquet")) == 0


@pytest.mark.parametrize("method", ["scan", "dbscan", "hdbscan"])
def test_one_firm(run, method):
    code, lines, out = run(lines_of((1, "a", 451_300, 206_200)), "--method", method)
    assert code == 0, lines
    assert accounted(out) == {"in": 1, "kept": 1, "refused": 0}
    assert report(out)["clusters"] == 0


@pytest.mark.parametrize("method", ["scan", "dbscan", "hdbscan"])
@pytest.mark.parametrize("agents", ["set-aside", "cap", "keep"])
def test_all_firms_at_one_point(run, method, agents):
    rows = [(number, "ab"[number % 2], *AGENT) for number in range(600)]
    code, lines, out = run(lines_of(*rows), "--method", method, "--agents", agents)
    assert code == 0, lines
    assert accounted(out)["kept"] == 600
    assert report(out)["agents"]["firms_there"] == 600
    assert report(out)["firms_counted"] == {"set-aside": 0, "cap": 250, "keep": 600}[agents]
    if method == "scan":
        assert report(out)["clusters"] == 0


def test_ten_thousand_sectors(run):
    table = firms(20_000)
    numbers = np.random.default_rng(3).integers(0, 10_000, 20_000)
    table.loc[table.index[:20_000], "sector"] = [f"S{number:04}" for number in numbers]
    code, lines, out = run(table)
    assert code == 0, lines
    assert accounted(out)["kept"] == len(table)
    labels = report(out)["labels"]
    assert labels["all"] == len({*numbers} | {*SECTORS, "potters"})
    assert "potters" in set(pd.read_parquet(out / "clusters.parquet")["label"])


def test_which_of_repeated_ids_stays_does_not_depend_on_the_order(run):
    table = firms(300)
    moved = table.head(40).assign(easting=table["easting"].head(40) + 1_000, sector="drapers")
    both = pd.concat([table, moved], ignore_index=True)
    stayed = []
    for seed in (1, 2):
        mixed = shuffled(both, seed)
        _, _, out = run(mixed, out=f"out{seed}")
        assert accounted(out)["refused"] == 40
        kept = mixed.drop(index=refused(out)["row"])
        stayed.append(kept.sort_values("firm_id").reset_index(drop=True))
        text = refused(out)["reason"][0]
        named = int(text.split("row ")[1].split()[0])
        assert mixed["firm_id"][named] == refused(out)["value"][0]
        assert named in kept.index
    pd.testing.assert_frame_equal(*stayed)


@pytest.mark.parametrize("every", ["X1", ""])
def test_one_id_for_all(run, every):
    """A column that is no id: one firm stays; without any id all stay."""
    code, lines, out = run(firms(200).assign(firm_id=every))
    assert code == 0, lines
    assert accounted(out)["kept"] == (1 if every else 290)


def test_hostile_text_comes_through_whole(run):
    names = ['=HYPERLINK("http://x")', "<img onerror=alert(1)>", "{{ 7*7 }}", "[red]bold[/red]", "Größe 😀"]
    table = firms().assign(sector=lambda t: t["sector"].str.replace("potters", "; ".join(names), regex=False))
    code, lines, out = run(table)
    assert code == 0, lines
    accounted(out)
    found = pd.read_parquet(out / "clusters.parquet")
    assert set(found["label"]) == set(names)
    assert found["cluster_id"].is_unique
    assert pd.read_csv(out / "labels.csv", encoding="utf-8-sig")["label"].str.startswith("=").sum() == 0


# --- Files


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("a,b\n1,2\n", "'sector'"),
        ("sector,a,b\nx,2,3\n", "no column says where a firm is"),
        ("Sector,easting,northing\nx,2,3\n", "did you mean 'Sector'"),
        ("sector,easting\nx,2\n", "'northing'"),
        ("sector,sector,postcode\nx,y,OX11 0QR\n", "stands there 2 times"),
        ("sector,postcode\nCafé,OX11 0QR\n".encode("cp1252"), "--encoding"),
        ("sector,postcode\nCafé,OX11 0QR\n".encode("utf-16"), "utf-16"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "header"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_line(run, content, words):
    code, lines, out = run(content)
    assert code == 2
    [line] = lines
    assert line.startswith("InputError: ")
    assert words in line or words == "header"
    assert not out.exists()


def test_a_file_of_another_encoding_is_read_when_told(run):
    code, lines, out = run("sector,postcode\nCafé,OX11 0QR\n".encode("cp1252"), "--encoding", "cp1252")
    assert code == 0, lines
    assert list(pd.read_parquet(out / "labels.parquet")["label"]) == ["Café"]


def test_broken_lines_are_refused_and_counted(run):
    rows = lines_of(
        (1, "a", 451_000, 206_000), (2, "a", 451_000), (3, "a", 1, 2, 3, 4), (4, "b", 451_000, 206_000)
    )
    code, lines, out = run(gzip.compress(rows.encode()), name="firms.csv.gz")
    assert code == 0, lines
    assert accounted(out) == {"in": 4, "kept": 2, "refused": 2}
    assert refused(out)["row"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere.csv",), "'nowhere.csv' does not exist"),
        (("nowhere/*.parquet",), "matches no file"),
        (("cli.py",), "neither CSV nor Parquet"),
        (("tests",), "no Parquet file"),
        (("{csv}", "--engine", "spark"), "'spark'"),
        (("{csv}", "--scheduler", "tcp://localhost:1"), "--engine dask"),
        (("{csv}", "--method", "kmeans"), "'kmeans'"),
        (("{csv}", "--agents", "shoot"), "'shoot'"),
        (("{csv}", "--encoding", "klingon"), "'klingon'"),
        (("{csv}", "--method", "dbscan", "--engine", "dask"), "--engine duckdb"),
        (("{csv}", "--method", "hdbscan", "--engine", "dask"), "--engine duckdb"),
        (("{csv}", "--previous", "nowhere"), "nowhere is not there"),
        (("{csv}", "--previous", "docs"), "report.json is missing"),
        (("{csv}", "--out", "docs"), "docs holds"),
        (("{csv}", "--out", "."), "working folder"),
        (("{csv}", "--out", "README.md"), "README.md is a file"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_line(monkeypatch, capsys, tmp_path, arguments, words):
    monkeypatch.chdir(cli.ROOT)
    csv = tmp_path / "f.csv"
    csv.write_text(lines_of((1, "a", 451_300, 206_200)))
    given = [one.format(csv=csv) for one in arguments]
    if "--out" not in given:
        given += ["--out", str(tmp_path / "out")]
    code, lines = detect(monkeypatch, capsys, *given, *QUICK)
    assert code == 2
    [line] = lines
    assert line.startswith("InputError: ")
    assert words in line
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_else_stays_as_it_is(run, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.docx").write_text("years of work")
    code, lines, out = run(firms(200))
    assert code == 2
    assert len(lines) == 1
    assert "'thesis.docx'" in lines[0]
    assert [path.name for path in out.iterdir()] == ["thesis.docx"]


def test_a_former_result_is_replaced(run):
    run(firms(200))
    code, _, out = run(firms(250))
    assert code == 0
    assert accounted(out)["in"] == 340
    assert {path.name for path in out.parent.iterdir()} == {"firms.csv", "out"}


def test_same_input_same_bytes(run):
    source = firms()
    results = [run(source, "--edition", "e", out=f"out{number}")[2] for number in (1, 2)]
    first, second = map(digests, results)
    assert first == second
    other = run(source, "--edition", "e", "--seed", "1", out="out3")[2]
    assert digests(other)["report.json"] != first["report.json"]


# --- Stopped


def stopped(tmp_path, seconds, engine):
    """Start in a terminal's way, press Ctrl-C for all of its processes; return exit code and lines."""
    source = write_parquet(tmp_path / "firms", firms(60_000), files=4)
    command = [
        sys.executable,
        str(cli.ROOT / "cli.py"),
        "detect",
        str(source),
        "--out",
        str(tmp_path / "out"),
    ]
    with subprocess.Popen(
        [*command, "--relabellings", "1999", "--engine", engine],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        time.sleep(seconds)
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    return process.returncode, [line for line in said.splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("seconds", "engine"),
    [
        (1.5, "duckdb"),
        (3.0, "duckdb"),
        (6.0, "duckdb"),
        (4.0, "dask"),
    ],
)
def test_ctrl_c_leaves_nothing_half_written(tmp_path, seconds, engine):
    code, lines = stopped(tmp_path, seconds, engine)
    assert code in (130, -signal.SIGINT), lines
    assert lines == ["Stopped; nothing is left half written."] * (code == 130)
    assert {path.name for path in tmp_path.iterdir()} == {"firms"}
