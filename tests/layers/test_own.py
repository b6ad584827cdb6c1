"""Layers, tables and pictures of an edition of one's own: its labels, its firms, and what was not tested."""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import replace

import pytest

from clusters.scan.parameters import ScanParameters
from clusters.shipped import SHIPPED
from edition.about import About
from edition.keeper import keeping
from edition.labels import Labels
from edition.view import View
from layers import clusters, firms
from layers.clusters import key_firms
from layers.firms import UK_BOX
from layers.registry import LAYERS
from layers.style import LONGEST_SYMBOL, edition_style, short_names, style
from profiles.cluster_why import facts, figure_meanings
from profiles.clusters import summary, why_none
from profiles.point import at_point
from snapshots.paper import Paper
from snapshots.picture.caption import alt_text, caption, kicker
from snapshots.picture.picture import figure, picture
from tables.files import TABLES, as_csv, file_name, in_a_file_name
from tests.layers.test_payloads import leaves
from tests.own import FILE, HOSTILE, LABELS
from words.numbers import distance
from words.provenance import NOT_TESTED, firms_words, method_words, radii
from words.sentence import sentence


@pytest.fixture(scope="module", params=["own_edition", "density_edition"])
def own(request):
    found = request.getfixturevalue(request.param)
    with keeping(found):
        yield found


@pytest.fixture(scope="module")
def views(own):
    return [View(), *(View(sector=(label,), show=("clusters", "firms")) for label in own.labels.sectors)]


# --- Layers


@pytest.mark.parametrize("kind", LAYERS)
def test_payloads_are_plain_and_finite(own, views, kind):
    for view in views:
        for value in leaves(LAYERS[kind].payload(own, view)):
            assert value is None or not isinstance(value, float) or math.isfinite(value)


def test_a_label_filters_clusters_and_firms(own):
    every = sum(row["count"] for row in firms.payload(own, View())["rows"])
    assert every == own.firm_count[0]
    for label in own.labels.sectors:
        view = View(sector=(label,))
        features = clusters.payload(own, view)["features"]
        assert {feature["properties"]["label"] for feature in features} == {label}
        assert sum(row["count"] for row in firms.payload(own, view)["rows"]) == 14 + 20
        assert TABLES["firms"].page(own, view, 0, 5)[1] == len(TABLES["firms"].rows(own, view)) == 14 + 20


def test_firms_are_the_same_near_and_far_and_none_is_left_out(own, monkeypatch):
    near = firms.payload(own, View(), UK_BOX, 12)
    assert near["points"]
    assert sum(row["count"] for row in near["rows"]) == own.firm_count[0]
    assert {row["text"] for row in near["rows"] if row["count"] == 1} >= {"no sector", "SIC 24"}
    monkeypatch.setattr(firms, "MOST", len(near["rows"]))
    crowded = firms.payload(own, View(), UK_BOX, 9)
    assert not crowded["points"]
    assert sum(row["count"] for row in crowded["rows"]) == own.firm_count[0]


def test_each_cluster_answers_where_it_is(own):
    for row in own.clusters.itertuples():
        answer = at_point(own, View(), row.lat, row.lon, 12)
        assert row.cluster_id in {found["cluster_id"] for found in answer["clusters"]}
        assert "analyst's own" in answer["note"]


def test_why_none_speaks_of_labels_by_their_titles(own):
    reason = why_none(own, View(family="technology"))
    assert "All labels of this register are its sectors" in reason
    none = why_none(own, View())
    assert ("stands out from chance in this register" in none) == own.about.tested
    assert ("DBSCAN found no place" in none) == (not own.about.tested)


# --- What was tested


def test_facts_name_the_radius_of_their_own_disc(own_edition, edition):
    for found in (own_edition, edition):
        for row in found.clusters.itertuples(index=False):
            told = {what: value for what, value, _ in facts(row, found)}
            assert f"within {distance(row.peak_radius_m)}" in told["Most striking disc"]
            assert str(row.peak_observed) in told["Most striking disc"]


def test_what_was_not_tested_says_so(density_edition):
    for row in density_edition.clusters.itertuples(index=False):
        told = {what: value for what, value, _ in facts(row, density_edition)}
        assert {told[what] for what in ("By chance", "Comes back", "Core")} == {NOT_TESTED}
        assert "nan" not in str(told).lower()
        assert "nan" not in summary(row)
    table = TABLES["clusters"].rows(density_edition, View())
    assert set(table["test"]) == {NOT_TESTED}
    assert "log10_p" not in table
    assert "not tested against chance" in method_words(density_edition.about)
    assert "DBSCAN" in firms_words(density_edition)


def test_meanings_follow_the_settings_of_the_run():
    scan = ScanParameters(radii_m=(500.0, 900.0), ring_m=7_000, cell_m=125, core_frequency=0.9, resamples=33)
    words = " ".join(figure_meanings(About(scan=scan)).values())
    assert all(part in words for part in ("500 metres and 900 metres", "7 km", "120 metres", "90%", "33"))
    assert radii(SHIPPED) in " ".join(figure_meanings(About()).values())


@pytest.mark.parametrize(
    ("p", "q", "standing", "by_chance", "may_be"),
    [
        (0.04, 0.034, "solid", "in 1 of 25 shuffled maps", "3.4% of all that is as striking: solid"),
        (0.1, 0.18, "pale", "in 1 of 10 shuffled maps", "18.0% of all that is as striking: uncertain"),
        (
            *(3e-9, 2e-7, "solid", "in less than 1 of a million shuffled maps"),
            "less than 0.1% of all that is as striking: solid",
        ),
    ],
)
def test_chance_is_told_of_one_label_and_of_the_whole_map(own_edition, p, q, standing, by_chance, may_be):
    row = next(own_edition.clusters.itertuples(index=False))._replace(p=p, q=q, standing=standing)
    told = {what: value for what, value, _ in facts(row, own_edition)}
    assert (told["By chance"], told["May be chance"]) == (by_chance, may_be)


# --- Looks


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_label_has_a_look_of_its_own(own, theme):
    look = edition_style(own, theme)
    assert set(look.sectors) == set(own.labels.sectors)
    assert look.sectors["life-sciences"] == style(theme).sectors["life-sciences"]
    foreign = [look.sectors[label] for label in own.labels.foreign]
    assert len({mark["colour"] for mark in foreign}) == len(foreign)
    symbols = [mark["symbol"] for mark in look.sectors.values()]
    assert len(set(symbols)) == len(symbols)
    assert edition_style(own, theme) is look


def test_the_shipped_edition_looks_as_it_did(edition):
    assert edition_style(edition, "dark") is style("dark")


def test_ten_thousand_labels_have_letters_of_their_own():
    labels = [f"Trade of goods {number}" for number in range(9_000)]
    labels += ["", "  ", "金属", "№ 5", "<>", *HOSTILE, *(f"{n:05}" for n in range(900))]
    names = short_names(labels, {"AM"})
    assert len(set(names)) == len(labels)
    assert "AM" not in names
    assert all(re.fullmatch(r"[^\W_]+", name) for name in names)
    assert max(map(len, names)) <= LONGEST_SYMBOL + 2


def test_colours_go_round_in_order(own):
    many = tuple(f"S{number:02}" for number in range(30))
    labels = Labels(many, (), {name: name for name in many}, dict.fromkeys(many, 1), own=True)
    found = replace(own)
    found.__dict__.update(labels=labels)
    colours = [edition_style(found).sectors[name]["colour"] for name in many]
    size = len(style().colours["categories"])
    assert len(set(colours)) == size
    assert colours[:size] == colours[size : 2 * size]


def test_discs_keep_their_scale_whatever_is_shown(own, edition):
    def key(firms):
        sized = replace(own)
        sized.__dict__.update(_clusters=own.clusters.assign(firms=firms))
        return key_firms(sized)

    assert edition.clusters["firms"].max() / key_firms(edition) <= clusters.LARGEST
    assert (key(65), key(66), key(4_321)) == (clusters.LEGEND_FIRMS, 20, 700)
    assert 4_321 / key(4_321) <= clusters.LARGEST


# --- Tables, words, pictures


@pytest.mark.parametrize("name", TABLES)
def test_tables_can_be_taken_away(own, views, name):
    for view in views[:4]:
        read = list(csv.reader(io.StringIO(as_csv(own, TABLES[name], view).decode("utf-8-sig"), newline="")))
        rows, total = TABLES[name].page(own, view, 0, 10)
        assert len(read) == total + 1
        assert len(rows) == min(total, 10)
        assert re.fullmatch(r"[A-Za-z0-9-]+\.csv", file_name(own, TABLES[name], view))
        if "Curated" in TABLES[name].caveat:
            assert all(
                "analyst's own" in row[-1] and "Curated sample of firms" not in row[-1] for row in read[1:]
            )


@pytest.mark.parametrize("label", [*LABELS, "../..", "a\r\nSet-Cookie: x", "é金", "", '"; x="'])
def test_no_label_leaves_the_name_of_a_file(label):
    assert re.fullmatch(r"[A-Za-z0-9-]{1,40}", in_a_file_name(label))


def test_the_sentence_says_what_the_money_is_of(own):
    assert "in SIC 24; " in sentence(own, View(sector=("SIC 24",)))
    assert "placed in all sectors." in sentence(own, View(sector=("SIC 24",)))
    both = sentence(own, View(sector=("life-sciences", "SIC 24")))
    chance = " (up to 1 may be chance)" if own.about.tested else ""
    assert f"2 clusters in life sciences or SIC 24{chance}; " in both
    assert "placed in life sciences." in both
    assert "all sectors" not in sentence(own, View())
    for label in HOSTILE:
        assert f"in {label};" in sentence(own, View(sector=(label,)))


def test_pictures_show_its_labels_and_say_whose_firms(own):
    view = View(show=("clusters", "firms"))
    words = " ".join(text.get_text() for axes in figure(own, view).axes for text in axes.texts)
    assert "SIC 24" in words
    assert kicker(own).endswith("Potteries 2026")
    assert f"“{FILE}” (684 rows kept, 1 refused)" in caption(own, view)[0]
    assert own.about.method_name in caption(own, view)[0]
    assert "nan" not in alt_text(own, view)
    assert picture(own, View(sector=(HOSTILE[0],), at=(52, -1.9, 8)), "png", Paper(dpi=50))[:4] == b"\x89PNG"
