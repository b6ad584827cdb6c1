"""The words of the map and what they mean, with the settings that the clusters were found with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from words.numbers import distance
from words.provenance import found_words, one_in, radii

if TYPE_CHECKING:
    from edition.about import About

PLACES = {
    "Placed, not placed": "Awards are allocated to local authorities by rule. "
    "What no rule can place is said, never spread.",
    "Split by population": "An award for several authorities whose split no source gives; "
    "shared by residents, an estimate.",
    "Place of delivery, lead's address": "Two rules for placing an award: where the work is done, or where "
    "the organisation that leads has its head office. Delivery less lead is the difference.",
    "Held against": "The United Kingdom, the nations and the next larger regions, beside which places stand.",
    "What the level decides": "A place ranks differently as an authority, an ITL region or a city region, "
    "though nothing on the ground differs (the modifiable areal unit problem). Compare shows the range.",
    "Places like this one": "The nearest on named axes (residents, density, research, firms, money, "
    "sector mix), each in standard deviations; the distance is shown.",
    "Envelope": "A sum announced over years that includes tax relief, as for investment zones. "
    "Off unless asked for.",
    "ITL": "International territorial levels: the UK's statistical regions, from 12 (ITL1) to 182 (ITL3).",
    "GSS code": "The nine-character code of an area, such as E08000003 for Manchester; those of 2025 are "
    "used.",
}

CONCENTRATION = {
    "HHI, Krugman, Gini": "How unevenly a sector lies over regions. HHI: 1 is all in one region. Krugman: 0 "
    "is where all firms are, 2 is where no other firm is. Gini: 0 is the same share everywhere. All are high "
    "by chance where firms are few, and change with the level.",
    "Gamma (Ellison and Glaeser)": "The same beyond what chance gives so few firms: 0 by chance, below 0 "
    "more even than chance. Sizes are not known, so each firm counts as one.",
    "M (Marcon and Puech)": "Around the firms of a sector, out to 1, 5, 10 or 50 km: its share of the other "
    "firms there, divided by its share of all. 2 means twice as often; no borders are needed.",
}


def terms(about: About) -> dict[str, str]:
    """Return every word that has to be explained, with its meaning, in the order in which they are told."""
    return {**method_terms(about), **CONCENTRATION, **PLACES}


def method_terms(about: About) -> dict[str, str]:
    """Return the words of the method, with the settings that the clusters were found with."""
    scan = about.scan
    quotient = "Firms observed over firms expected: 2 means twice as many. "
    quotient += f"Shown with its {scan.confidence:.0%} interval; one alone ranks nothing."
    margin = distance(scan.buffer_m)
    footprint = f"The outline of a cluster: the concave hull of its firms with a margin of {margin}."
    if not about.tested:
        return {
            "Cluster": found_words(about),
            "Location quotient (LQ)": quotient,
            "Not tested": f"{about.method_name} asks how densely the firms of one sector stand, not whether "
            "all firms stand as densely there: what only the scan's test can tell is missing.",
            "Footprint": footprint,
        }
    ring = distance(scan.ring_m)
    return {
        "Cluster": "A place where one sector or technology has more firms than chance, the surroundings and "
        "other places of its kind explain.",
        "Uncertain": f"Shown hollow: chance does as well in more than {one_in(scan.level)} shuffled maps, or "
        f"more than {one_in(scan.level)} of all that is as striking on this map may be chance; neither is "
        f"more than {one_in(scan.pale)}.",
        "One site": "A cluster whose firms all stand at one point, such as a science park known by one "
        "postcode. Shown as a diamond and not counted among the clusters.",
        "Nearly": "A place that came near to being a cluster: how many firms, how many expected, how often "
        "chance does as well, and how many firms more it would take.",
        "Location quotient (LQ)": quotient,
        "Expected": "All firms of the place times the largest of three shares: in the whole country, in "
        f"places with as many firms around, and in the ring around, out to {ring}.",
        "Disc": f"Firms are counted in cells of {distance(scan.cell_m)} and added up over discs of "
        f"{radii(scan)} around each: small ones see a street, large ones a district. The most striking disc "
        "counts.",
        "By chance": "How often maps with the label's firms shuffled among all firms show anything as "
        f"striking. A cluster needs at most {one_in(scan.level)}, for its label and for the map as a whole.",
        "Family": "Clusters of several labels that are made of the same firms. The map shows the most "
        "striking of them.",
        "Core and fringe": f"Core: cells that come back in at least {scan.core_frequency:.0%} of resamples "
        "of the firms. The rest of the cluster is fringe.",
        "Footprint": footprint,
    }
