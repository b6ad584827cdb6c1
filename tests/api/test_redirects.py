"""The API answers by either rule of placing, and says what differs."""

from __future__ import annotations

import pytest

from edition.view import LEVELS


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("filters", ["", "&sector=life-sciences", "&growth=true&kinds=envelope"])
def test_what_moves_adds_up_to_nothing(api, level, filters):
    answer = api.json(f"/regions?measure=moved&level={level}{filters}")
    assert answer["measure"]["kind"] == "difference"
    assert sum(round(row["value"] * 100) for row in answer["rows"]) == 0


@pytest.mark.parametrize("level", LEVELS)
def test_each_rule_reconciles_and_they_count_the_same(api, level):
    sums = []
    for rule in ("delivery", "lead"):
        answer = api.json(f"/regions?measure=total&level={level}&placed={rule}")
        placed = sum(round(row["value"] * 100) for row in answer["rows"])
        assert placed == round(answer["placed_gbp"] * 100)
        sums.append(placed + round(answer["not_placed_gbp"] * 100))
    assert sums[0] == sums[1]


def test_a_region_moves_by_what_the_rules_give_it(api):
    """In Swindon, whose research councils are all addressed there, everything they lead is somewhere else."""
    views = ("measure=total&placed=delivery", "measure=total&placed=lead", "measure=moved")
    delivered, led, apart = (
        {row["id"]: row["value"] for row in api.json(f"/regions?level=la&{view}")["rows"]} for view in views
    )
    assert delivered["E06000030"] - led["E06000030"] == pytest.approx(apart["E06000030"])
    assert apart["E06000030"] < -100e6


def test_a_rule_that_is_none_is_refused(api):
    answer = api.get("/regions?placed=moon")
    assert answer.status_code == 422
    assert "'moon'" in answer.text
