"""Tables taken away: what they say of themselves, in pieces, as workbooks, and what they are called."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from data.errors import InputError, NotFoundError
from data.formats import FORMATS
from data.sources import sources
from data.taxonomy import technologies
from data.units import UNITS
from edition.keeper import keeping
from edition.view import View
from tables import files as tables
from tables import rows as table_rows
from tables.columns import column, columns, formats
from tables.files import TABLES, as_csv, as_xlsx, file_name, read_me
from tables.files import parts as written_in_parts
from tests.data.workbooks import parts, sheets
from tests.layers.test_csv import rows_of
from tests.own import HOSTILE

CSV = FORMATS["csv"]
VIEW = View(sector=("life-sciences",), placed="lead", level="la")


@pytest.mark.parametrize("name", TABLES)
def test_every_column_has_a_definition_and_its_numbers_a_format(edition, own_edition, density_edition, name):
    for one in (edition, own_edition, density_edition):
        rows = TABLES[name].rows(one, View())
        told = columns(name, rows.columns)
        for said in told:
            assert said.definition.endswith(".")
            assert bool(said.unit) == (rows[said.name].dtype.kind in "iuf"), said.name


def test_a_column_that_nobody_knows_is_an_error():
    with pytest.raises(NotFoundError, match="'height' of the table 'firms' has no definition"):
        column("firms", "height")


def test_formats_follow_the_unit():
    shown = formats("clusters", ["name", "lq", "core_share", "research_awards_gbp_within_500_m", "firms"])
    assert shown == {
        "lq": UNITS["LQ"].workbook,
        "core_share": UNITS["share"].workbook,
        "research_awards_gbp_within_500_m": UNITS["£"].workbook,
        "firms": "#,##0",
    }
    assert formats("firms", ["founded_year"]) == {"founded_year": "0"}


@pytest.mark.parametrize("name", TABLES)
def test_a_workbook_holds_the_rows_and_says_what_they_are(edition, name):
    table = TABLES[name]
    content = as_xlsx(edition, table, VIEW)
    assert content == as_xlsx(edition, table, VIEW)
    book = sheets(content)
    assert list(book) == [table.label, "Read me"]
    head, *cells = book[table.label]
    rows = table.rows(edition, VIEW)
    assert head == list(rows.columns)
    assert len(cells) == len(rows)
    for row, found in zip(rows.to_dict("records"), cells, strict=True):
        values = dict(zip(head, [*found, *[None] * (len(head) - len(found))], strict=True))
        for key, value in row.items():
            wanted = None if pd.isna(value) else value
            assert values[key] == (wanted if isinstance(wanted, (str, bool)) else pytest.approx(wanted)) or (
                wanted == "" and values[key] is None
            )
    told = dict(book["Read me"][1:])
    assert told["Edition"] == edition.about.name
    assert told["Filter"] == "Sector: Life sciences"
    assert "placed by lead's address" in told["Money"]
    assert told["Boundaries"] == edition.boundaries
    assert VIEW.url() in told["Link"]
    assert told[table.label] == table.caveat_of(edition)
    assert all(f"{table.label}: {one}" in told for one in rows.columns)
    lines = [what for about, what in book["Read me"] if about == "Source"]
    owed = [source for source in sources() if source.id in table.sources]
    assert [source.licence in line for source, line in zip(owed, lines, strict=True)] == [True] * len(owed)


def test_a_workbook_shows_pounds_shares_and_codes_as_they_are(edition):
    files = parts(as_xlsx(edition, TABLES["regions"], View(level="la")))
    styles, sheet = files["xl/styles.xml"], files["xl/worksheets/sheet1.xml"]
    assert 'formatCode="£#,##0"' in styles
    assert 'formatCode="£#,##0.00"' in styles
    assert 'formatCode="0.0%"' in styles
    # Codes are cells of text in the format of text.
    assert re.search(r'<c r="A2" s="\d+" t="s">', sheet)
    assert "<f>" not in sheet


def test_a_table_of_firms_too_long_for_a_workbook_is_refused_before_it_is_read(edition, monkeypatch):
    monkeypatch.setattr(tables, "MOST_IN_WORKBOOK", 1_499)
    monkeypatch.setattr(table_rows, "_firms", None)
    table = table_rows.TABLES["firms"]
    monkeypatch.setattr(table_rows.Table, "page", lambda *_: (None, 1_500))
    with pytest.raises(InputError, match="Firms: 1,500 rows are too many for a workbook, which takes 1,499"):
        as_xlsx(edition, table, View())
    with pytest.raises(InputError, match="too many for GeoJSON"):
        tables.as_geojson(edition, table, View())


# --- In pieces


@pytest.mark.parametrize("name", TABLES)
def test_pieces_joined_are_the_whole(edition, name):
    content = as_csv(edition, TABLES[name], VIEW)
    assert b"".join(written_in_parts(edition, TABLES[name], VIEW, CSV)) == content
    head, *read = rows_of(content)
    rows = TABLES[name].rows(edition, VIEW)
    assert head == [*rows.columns, "filters", "attribution_and_caveats"]
    assert [row[0] for row in read] == rows.iloc[:, 0].tolist()
    assert all(row[-2].startswith("sector: Life sciences; counted: ") and row[-1] for row in read)


@pytest.mark.parametrize("sectors", [0, 2])
@pytest.mark.parametrize("kind", ["edition", "own_edition"])
def test_many_firms_come_in_pieces_and_say_what_they_are_once(request, monkeypatch, kind, sectors):
    one = request.getfixturevalue(kind)
    with keeping(one):
        view = View(sector=one.labels.sectors[:sectors])
    whole = rows_of(as_csv(one, TABLES["firms"], view))
    monkeypatch.setattr(tables, "MOST_SAID", 10)
    monkeypatch.setattr(table_rows, "MOST_SORTED", 10)
    monkeypatch.setattr(table_rows, "PIECE", 97)
    made = list(written_in_parts(one, TABLES["firms"], view, CSV))
    assert len(made) > 5
    assert b"".join(written_in_parts(one, TABLES["firms"], view, CSV)) == b"".join(made)
    head, *read = rows_of(b"".join(made))
    assert head == whole[0]
    assert sorted(row[:-2] for row in read) == sorted(row[:-2] for row in whole[1:])
    assert read[0][-2:] == whole[1][-2:]
    assert all(row[-2:] == ["", ""] for row in read[1:])


def test_firms_that_nothing_passes_have_a_heading(own_edition, edition):
    none = View(sector=("defence",), technology=("fintech",))
    read = rows_of(as_csv(edition, TABLES["firms"], none))
    assert len(read) == 1
    assert read[0][:2] == ["firm_id", "name"]


# --- Words


def test_read_me_of_ones_own_firms_credits_nobody_for_them(own_edition):
    with keeping(own_edition):
        told = read_me(own_edition, [TABLES["firms"]], View(sector=HOSTILE[:1]))
    by_about = dict(zip(told["about"], told["what"], strict=True))
    assert "Source" not in by_about
    assert "analyst's own" in by_about["Firms"]
    assert "analyst's own" in by_about["Whose firms"]
    assert HOSTILE[0] in by_about["Filter"]
    both = read_me(own_edition, [TABLES["firms"], TABLES["projects"]], View())
    lines = both.loc[both["about"] == "Source", "what"]
    assert [line.startswith("Awards and research assets") for line in lines] == [True]


def test_names_of_files_say_table_level_filters_and_edition(edition, own_edition):
    name = edition.about.name
    assert file_name(edition, TABLES["regions"], VIEW, "csv") == (
        f"innovation-regions-la-life-sciences-by-lead-{name}.csv"
    )
    view = View(technology=[one.id for one in technologies()][:6], year_from=2018, year_to=2024)
    found = file_name(edition, TABLES["projects"], view, ".xlsx")
    assert found.endswith(f"-and-3-more-2018-2024-{name}.xlsx")
    assert (
        file_name(own_edition, TABLES["firms"], View(), "geojson")
        == "innovation-firms-Potteries-2026.geojson"
    )


def test_names_of_files_hold_what_every_system_takes(own_edition):
    with keeping(own_edition):
        views = [View(sector=(label,)) for label in own_edition.labels.sectors]
        views.append(View(sector=tuple(own_edition.labels.sectors)))
    for view in views:
        found = file_name(own_edition, TABLES["regions"], view, "csv")
        assert re.fullmatch(r"[A-Za-z0-9-]{1,200}\.csv", found)
