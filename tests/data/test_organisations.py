"""Where the leads of projects have their head offices: certain or left out, at one with other tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from data.participants import organisation_key
from data.tables import table
from geo.postcodes import geocode
from tests.data import contradictions

if TYPE_CHECKING:
    import pandas as pd

# No single address of these is certain (data/corrections.md says why).
WITHOUT_ADDRESS = {
    "CPI",
    "Cardiff Capital Region",
    "DataVita",
    "FinTech Scotland",
    "Guy's and St Thomas' NHS Foundation Trust",
    "Smiths Interconnect",
    "TriRx Pharmaceutical Services",
    "Ulster University",
}


def leads() -> set[str]:
    people = table("participants")
    return set(people.loc[people["role"] == "lead", "organisation"])


def test_every_lead_has_an_address_or_is_listed_as_having_none() -> None:
    placed = set(table("organisations")["organisation"])
    assert leads() - placed == WITHOUT_ADDRESS
    assert placed <= leads()
    assert (len(leads()), len(placed)) == (118, 110)


def test_every_postcode_exists_and_lies_in_the_authority_stated() -> None:
    rows = table("organisations").query("postcode != ''")
    found = geocode(rows["postcode"])
    assert len(rows) > 40
    assert found["la_code"].equals(rows["la_code"])


@pytest.mark.parametrize(
    ("basis", "name", "column"), [("research asset", "assets", "asset_id"), ("firm", "firms", "firm_id")]
)
def test_an_address_from_a_table_is_that_of_the_same_name(basis: str, name: str, column: str) -> None:
    rows = table("organisations").query("basis == @basis")
    others = table(name).set_index(column)
    assert len(rows)
    for row in rows.itertuples(index=False):
        assert organisation_key(row.organisation) == organisation_key(others.loc[row.source, "name"])
        assert row.la_code == others.loc[row.source, "la_code"]


def test_an_address_that_a_table_has_is_taken_from_it() -> None:
    known = {organisation_key(name) for part in ("assets", "firms") for name in table(part)["name"]}
    rows = table("organisations").query("basis not in ['research asset', 'firm']")
    assert not {name for name in rows["organisation"] if organisation_key(name) in known}
    assert set(rows["source"]) == {"general knowledge"}


def test_research_councils_sit_in_swindon_wherever_their_laboratories_are() -> None:
    address = table("organisations").set_index("organisation")["la_code"]
    councils = ["Innovate UK", "Science and Technology Facilities Council"]
    assert set(address[councils]) == {"E06000030"}
    assert address["University of the West of England"] == "E06000025"


def changed(column: str, value: str, basis: str = "research asset") -> pd.DataFrame:
    rows = table("organisations").copy()
    rows.loc[rows.index[rows["basis"] == basis][0], column] = value
    return rows


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("la_code", "E99999999", "organisations: la_code 'E99999999' is unknown"),
        ("organisation", "Nobody", "organisations: organisation 'Nobody' is unknown"),
        (
            "la_code",
            "E06000030",
            "organisations: Abertay University is not at the research asset 'uni-abertay-university'",
        ),
        ("source", "uni-none", "organisations: Abertay University is not at the research asset 'uni-none'"),
    ],
)
def test_contradictions_are_said(monkeypatch, column: str, value: str, says: str) -> None:
    rows = changed(column, value)
    monkeypatch.setattr(
        contradictions, "table", lambda wanted: rows if wanted == "organisations" else table(wanted)
    )
    assert says in contradictions.faults()
