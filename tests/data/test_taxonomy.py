"""Sectors and technology families: laws, known texts, and colours that all can tell apart."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import NotFoundError, TableError
from data.tables import table
from data.taxonomy import sector, sector_id, sectors, technologies, technologies_of, technology

PAPER = {"light": "#F4F1EA", "dark": "#20262E"}
# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
VISION = {
    "normal": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
LEAST_DISTANCE = {"normal": 19.5, "deuteranopia": 13.0, "protanopia": 13.0}


def linear(colour: str) -> np.ndarray:
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    low, high = sorted(float(TO_XYZ[1] @ linear(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    share = TO_XYZ @ np.clip(rgb, 0, 1) / TO_XYZ.sum(axis=1)
    f = np.where(share > (6 / 29) ** 3, np.cbrt(share), share / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(one: np.ndarray, other: np.ndarray) -> float:
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean_chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    grow = 1.5 - 0.5 * np.sqrt(mean_chroma**7 / (mean_chroma**7 + 25.0**7))
    c1, c2 = np.hypot(a1 * grow, b1), np.hypot(a2 * grow, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a * grow)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = (h2 - h1 + 180) % 360 - 180
    hue = (h1 + turn / 2) % 360
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    waves = [(0.17, 1, 30, -1), (0.24, 2, 0, 1), (0.32, 3, -6, 1), (0.20, 4, 63, -1)]
    t = 1 + sum(sign * size * np.cos(np.radians(n * hue - shift)) for size, n, shift, sign in waves)
    weight_l = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2)
    dl, dc = (l2 - l1) / weight_l, (c2 - c1) / (1 + 0.045 * chroma)
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * chroma * t)
    bend = (
        -2
        * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
        * np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    )
    return float(np.sqrt(dl**2 + dc**2 + dh**2 + bend * dc * dh))


def colours(theme: str) -> list[str]:
    return [getattr(one, f"colour_{theme}") for one in sectors()]


def least_distance(theme: str, vision: str) -> float:
    seen = [lab(VISION[vision] @ linear(colour)) for colour in colours(theme)]
    return min(ciede2000(one, other) for one, other in itertools.combinations(seen, 2))


def families(text: str) -> set[str]:
    return set(technologies_of(pd.Series([text])).iloc[0])


def test_ciede2000_agrees_with_a_published_pair() -> None:
    # Sharma, Wu and Dalal (2005), supplementary data, pairs 1 and 17.
    assert ciede2000(np.array([50, 2.6772, -79.7751]), np.array([50, 0, -82.7485])) == pytest.approx(
        2.0425, abs=1e-4
    )
    assert ciede2000(np.array([50, 2.5, 0]), np.array([73, 25, -18])) == pytest.approx(27.1492, abs=1e-4)


@pytest.mark.parametrize("theme", PAPER)
def test_colours_stand_out_from_the_land(theme: str) -> None:
    assert min(contrast(colour, PAPER[theme]) for colour in colours(theme)) >= 3


@pytest.mark.parametrize(("theme", "vision"), list(itertools.product(PAPER, VISION)))
def test_colours_can_be_told_apart(theme: str, vision: str) -> None:
    assert least_distance(theme, vision) >= LEAST_DISTANCE[vision]


def test_ten_sectors_of_which_eight_are_of_the_strategy() -> None:
    assert len(sectors()) == 10
    assert sum(one.industrial_strategy for one in sectors()) == 8
    assert len({one.symbol for one in sectors()}) == 10


def test_ids_are_slugs_and_unique() -> None:
    ids = [one.id for one in (*sectors(), *technologies())]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", one) for one in ids)


def test_every_family_belongs_to_a_sector() -> None:
    assert {family.sector for family in technologies()} <= {one.id for one in sectors()}


def test_frontier_technologies_of_digital_are_the_six_of_the_strategy() -> None:
    frontier = {one.id for one in technologies() if one.frontier and one.sector == "digital-and-technologies"}
    assert frontier == {
        "advanced-connectivity",
        "artificial-intelligence",
        "cyber-security",
        "engineering-biology",
        "quantum",
        "semiconductors",
    }


@given(
    st.sampled_from(sectors()), st.sampled_from([str.upper, str.title, str.lower, lambda text: f"  {text} "])
)
def test_a_sector_answers_to_all_its_names_in_any_case(one, change) -> None:
    for name in (one.id, one.label, *one.aliases):
        assert sector_id(change(name)) == one.id


def test_an_unknown_sector_is_quoted_with_the_nearest() -> None:
    with pytest.raises(TableError, match=r"'life scences'.*'life sciences'"):
        sector_id("life scences")


def test_unknown_ids_are_quoted() -> None:
    with pytest.raises(NotFoundError, match=r"'quantun'.*'quantum'"):
        technology("quantun")
    with pytest.raises(NotFoundError, match=r"'defense'.*'defence'"):
        sector("defense")
    assert technology("quantum").label == "Quantum technologies"
    assert sector("defence").symbol == "DF"


@pytest.mark.parametrize(
    ("text", "has", "lacks"),
    [
        ("tissue engineering", "cell-and-gene-therapy", "automotive"),
        ("defence electronics; cyber", "cyber-security", "additive-manufacturing"),
        ("car finance technology", "fintech", "automotive"),
        ("advanced materials (films)", "advanced-materials", "film-tv-and-visual-effects"),
        ("medtech (heart pump)", "medical-technology", "machinery-and-precision-engineering"),
        ("heat pumps", "heat", "machinery-and-precision-engineering"),
        ("space (launch vehicles)", "space", "automotive"),
        ("rail vehicles", "rail-and-transport", "automotive"),
        ("rocket motors", "complex-weapons", "power-electronics-and-machines"),
        ("quantum cascade lasers; gas analysis", "photonics", "quantum"),
        ("compound semiconductors; photonics", "semiconductors", "electronics-and-sensors"),
        ("operating theatre equipment", "medical-technology", "music-and-performing-arts"),
        ("biologics CDMO", "medicines-manufacturing", "drug-discovery"),
        ("marine biotech", "engineering-biology", "maritime"),
        ("carbon credit ratings", "climate-and-environment", "fintech"),
        ("fintech; open finance data; Smart Data Foundry", "fintech", "metals-ceramics-and-glass"),
        ("graphene; water filtration", "graphene-and-2d-materials", "semiconductors"),
    ],
)
def test_known_texts(text: str, has: str, lacks: str) -> None:
    assert has in families(text)
    assert lacks not in families(text)


@given(
    st.sampled_from(
        [(family.id, term) for family in technologies() for term in family.terms if "*" not in term]
    )
)
def test_words_are_bounded_and_case_does_not_matter(pair: tuple[str, str]) -> None:
    family, term = pair
    if family in families(term):  # a few terms are words of another family's exception
        assert family in families(f"(a, {term.upper()})")
        assert family not in families(f"x{term.replace(' ', 'x')}x")


def test_every_term_is_found_alone_or_with_what_surrounds_it() -> None:
    dead = [
        (one.id, term)
        for one in technologies()
        for term in one.terms
        if one.id not in families(term.rstrip("*"))
    ]
    assert dead == []


@given(st.lists(st.text(max_size=40), max_size=6))
def test_any_text_gives_known_ids_in_order_on_its_own_index(texts: list[str]) -> None:
    given_texts = pd.Series(texts, index=[f"row {n}" for n in range(len(texts))], dtype=object)
    found = technologies_of(given_texts)
    order = [family.id for family in technologies()]
    assert found.index.equals(given_texts.index)
    for ids in found:
        assert [order.index(one) for one in ids] == sorted({order.index(one) for one in ids})


def test_missing_text_has_no_family() -> None:
    assert technologies_of(pd.Series([None, "", float("nan")])).tolist() == [(), (), ()]


def test_shipped_firms_and_projects_have_families() -> None:
    firms, projects = table("firms"), table("projects")
    assert (firms["technologies"].str.len() == 0).mean() <= 0.05
    bare = projects[projects["technologies"].str.len() == 0]
    # What is left open by the source ("locally chosen", "multi-sector") stays open.
    assert len(bare) <= 20
    assert firms["technologies"].str.len().max() <= 6


def test_every_family_is_used() -> None:
    texts = pd.concat([table("firms")["technologies"], table("projects")["technologies"]])
    assert set(texts.explode().dropna()) == {family.id for family in technologies()}
