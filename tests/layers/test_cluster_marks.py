"""How sure a cluster is, as the map draws it in print: solid, hollow, or a diamond; and which of a family."""

from __future__ import annotations

from dataclasses import replace

import pytest
from matplotlib.markers import MarkerStyle

from edition.view import View
from layers.clusters import HOLLOW, SITE, UNSURE, legend, payload
from layers.sheet import MARKERS
from layers.style import style
from regions.figures import clusters_in
from tests.choosing import family_member, one_site_cluster, pale_cluster, solid_cluster
from tests.layers.test_print import drawn

BOTH = View(family="both")


def alone(edition, row):
    """The payload of a map with one cluster."""
    whole = payload(edition, View(**{row.kind: (row.label,)}))
    [feature] = [part for part in whole["features"] if part["id"] == row.cluster_id]
    return {**whole, "features": [feature]}


def opacities(sheet):
    return [float(colour[3]) for found in sheet.axes.collections for colour in found.get_facecolor()]


def is_shape(found, shape):
    marker = MarkerStyle(MARKERS[shape])
    wanted = marker.get_path().transformed(marker.get_transform())
    return all(path.vertices.shape == wanted.vertices.shape for path in found.get_paths())


def test_a_pale_cluster_is_hollow_far_and_near_and_a_solid_one_is_not(edition):
    pale, solid = alone(edition, pale_cluster(edition)), alone(edition, solid_cluster(edition))
    # Halo and ring; of a solid one the fringe and its core.
    assert opacities(drawn("clusters", pale))[1:] == [pytest.approx(HOLLOW)]
    assert min(opacities(drawn("clusters", solid))) >= 4 * HOLLOW
    assert len(opacities(drawn("clusters", solid))) == 3
    assert opacities(drawn("clusters", pale, zoom=10)) == [pytest.approx(HOLLOW)]
    assert min(opacities(drawn("clusters", solid, zoom=10))) >= 4 * HOLLOW


@pytest.mark.parametrize(
    ("choose", "shape", "other"),
    [
        (solid_cluster, "circle", "diamond"),
        (pale_cluster, "circle", "diamond"),
        (one_site_cluster, "diamond", "circle"),
    ],
)
def test_one_site_is_a_diamond_and_several_are_a_disc(edition, choose, shape, other):
    marks = drawn("clusters", alone(edition, choose(edition))).axes.collections
    assert marks
    assert all(is_shape(found, shape) and not is_shape(found, other) for found in marks)


def without(edition, **told):
    """The edition without clusters of a kind: those that have these values in these columns."""
    rows = edition.clusters
    for column, value in told.items():
        rows = rows[rows[column] != value]
    found = replace(edition)
    found.__dict__.update(_clusters=rows)
    return found


def test_the_legend_explains_hollow_marks_and_diamonds_only_where_there_are_any(edition):
    def said(shown):
        return legend(payload(shown, View()), style()).note

    assert UNSURE in said(edition)
    assert SITE in said(edition)
    sure, spread = without(edition, standing="pale"), without(edition, one_site=True)
    assert UNSURE not in said(sure)
    assert SITE in said(sure)
    assert UNSURE in said(spread)
    assert SITE not in said(spread)


def test_a_family_is_one_cluster_on_the_map_and_a_member_asked_for_by_its_label_is_shown(edition):
    member, head = family_member(edition)
    shown = clusters_in(edition, BOTH)
    assert shown["family"].is_unique
    assert set(shown["family"]) == set(edition.clusters["family"])
    assert head.cluster_id in set(shown["cluster_id"])
    assert member.cluster_id not in set(shown["cluster_id"])
    asked = payload(edition, View(**{member.kind: (member.label,)}, family="both"))
    assert member.cluster_id in {feature["id"] for feature in asked["features"]}
