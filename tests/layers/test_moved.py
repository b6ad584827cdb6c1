"""What differs between the rules of placing, on the map, in words, in tables and in pictures."""

from __future__ import annotations

import csv
import io

import pytest

from edition.filters import Filters
from edition.view import LEVELS, View
from layers import regions
from layers.style import style
from profiles.point import at_point
from regions.funding import SHARES, moved
from regions.measures import on_map
from tables.files import TABLES, as_csv
from words.filters import PLACED, SPLIT, UNPLACED, counted_words
from words.sentence import figures, sentence

BATH = (51.38, -2.36)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("rule", SHARES)
def test_the_map_has_both_signs_and_they_add_up_to_nothing(edition, level, rule):
    payload = regions.payload(edition, View(measure="moved", level=level, placed=rule))
    values = [row["value"] for row in payload["rows"]]
    assert min(values) < 0 < max(values)
    assert sum(round(value * 100) for value in values) == 0
    assert payload["breaks"] == []
    for row in payload["rows"]:
        side = "more" if row["value"] > 0 else "less" if row["value"] else "no difference"
        assert side in row["text"]
        assert row["text"].endswith(f"in all {PLACED[rule]}")


def test_the_words_say_how_much_and_which_way(edition):
    rows = regions.payload(edition, View(measure="moved", level="la"))["rows"]
    words = {row["id"]: row["text"] for row in rows}
    # Innovate UK and two research councils have their head offices in Swindon, and their work elsewhere.
    assert "less than by leads' addresses" in words["E06000030"]
    assert "more than by leads' addresses" in words["E07000180"]


def test_the_note_says_what_is_left_out(edition):
    view = View(measure="moved", level="nation")
    found = moved(edition, view)
    assert found.only_delivery > 0
    note = regions.payload(edition, view)["note"]
    assert note.startswith("Of £2.86bn in awards that both rules place, they put £")
    assert note.endswith("Left out: £199m without a known address of the lead.")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_print_tells_the_two_apart_by_more_than_colour(edition, theme):
    payload = regions.payload(edition, View(measure="moved", level="itl1"))
    drawn = {
        row["value"] > 0: regions._symbols(row, payload["measure"], style(theme)) for row in payload["rows"]
    }
    [disc], [ring] = drawn[True], drawn[False]
    assert disc.look.face
    assert not ring.look.face
    assert ring.look.edge != disc.look.edge
    entries = regions.legend(payload, style(theme)).entries
    assert [entry.text for entry in entries] == [regions.MORE, regions.LESS, "£10m", "£100m"]
    assert [bool(entry.marks[0].look.face) for entry in entries] == [True, False, True, True]


@pytest.mark.parametrize("rule", SHARES)
def test_the_figures_name_what_the_rule_places(edition, rule):
    shown = figures(edition, Filters(placed=rule))
    assert shown.placed + shown.not_placed == pytest.approx(shown.awards)
    assert (shown.not_placed > 0) == (rule == "lead")
    assert ("placed by lead's address" in sentence(edition, Filters(placed=rule))) == (rule == "lead")


def test_every_rule_has_its_words():
    assert set(PLACED) == set(SPLIT) == set(UNPLACED) == set(SHARES)


@pytest.mark.parametrize("rule", SHARES)
@pytest.mark.parametrize("level", LEVELS)
def test_the_table_reconciles_and_says_the_rule(edition, rule, level):
    view = View(placed=rule, level=level)
    rows = list(csv.DictReader(io.StringIO(as_csv(edition, TABLES["regions"], view).decode("utf-8-sig"))))
    pence = [round(float(row["public_gbp"] or 0) * 100) for row in rows]
    assert sum(pence) == round(figures(edition, view).awards * 100)
    assert sum(round(float(row["moved_gbp"] or 0) * 100) for row in rows) == 0
    assert all(row["filters"].endswith(f"placed {PLACED[rule]}") for row in rows)
    assert counted_words(view).endswith(PLACED[rule])


def test_the_table_of_projects_says_how_each_is_placed(edition):
    for rule, basis in (("delivery", "site"), ("lead", "lead's address")):
        rows = TABLES["projects"].rows(edition, View(placed=rule))
        assert basis in set(rows["placed_by"])
        assert ("not placed" in set(rows["placed_by"])) == (rule == "lead")


def test_the_card_of_a_point_says_what_the_money_rests_on(edition):
    delivered, led = (at_point(edition, Filters(placed=rule), *BATH, 12) for rule in SHARES)
    assert "split by population" in delivered["note"]
    assert "head offices" in led["note"]
    assert "population" not in led["note"]
    assert delivered["regions"][0]["public_gbp"] != led["regions"][0]["public_gbp"]
    assert not any("population" in row["text"] for row in led["regions"])


# --- What else may be measured


@pytest.mark.parametrize("measure", on_map())
def test_legends_have_sizes_where_there_are_symbols(edition, measure):
    payload = regions.payload(edition, View(measure=measure, level="itl1"))
    kind, sizes = payload["measure"]["kind"], payload["sizes"]
    assert bool(sizes) == (kind in {"sum", "pair", "difference"})
    assert all(words and not words.endswith("ss") for _, words in sizes)
    if kind == "sum" and payload["measure"]["unit"] != "£":
        most = max(row["value"] for row in payload["rows"])
        assert most**0.5 * payload["measure"]["shrink"] <= 10 + 1e-9
        assert max(size for size, _ in sizes) <= max(most, 1)


def test_rates_of_few_firms_are_said_and_not_coloured(edition):
    payload = regions.payload(edition, View(measure="clustered-share", level="la"))
    least = edition.about.scan.min_firms
    few = [row for row in payload["rows"] if "too few to compare" in row["text"]]
    assert few
    assert all(row["value"] == 0 for row in few)
    assert payload["none"] == f"none, or fewer than {least} firms"
    assert payload["note"].endswith(f"Not coloured where fewer than {least}.")
    assert any(row["value"] > 0 for row in payload["rows"])
    assert all(words.endswith("%") for words in payload["words"])


def test_private_money_that_nobody_names_is_no_missing_award(edition):
    alone = regions.payload(edition, View(measure="private", programme=("AMIDS",)))
    assert not any(row["value"] for row in alone["rows"])
    assert alone["placed_gbp"] > 0
    assert alone["note"].startswith("No private money is named for what passes the filters.")
    everything = regions.payload(edition, View(measure="private"))
    assert "forecasts and commitments" in everything["note"]
