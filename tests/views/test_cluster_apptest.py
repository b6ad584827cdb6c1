"""The cluster page without a browser: the list, one cluster, what is said of ids that are none."""

from __future__ import annotations

import csv
import io

import pytest

from data.formats import FORMATS
from edition.keeper import keeping
from edition.view import View
from profiles import cluster as dossier
from profiles.cluster_why import facts
from profiles.clusters import summary
from regions.figures import clusters_in
from tables.documents import written
from tables.page_table import Handed
from tests.choosing import family_member, one_site_cluster, pale_cluster, solid_cluster
from tests.views.test_compare_apptest import ComparePage
from views import cluster as cluster_page


class ClusterPage(ComparePage):
    """A session that begins on the cluster page."""

    def __init__(self, query=(), page="cluster", seconds=90):
        super().__init__(query, page, seconds)

    @property
    def links(self):
        return {button.label: button.proto.url for button in self.test.get("link_button")}

    @property
    def headings(self):
        return [part.proto.body for part in self.test.get("html") if part.proto.body.startswith("<h3>")]


@pytest.fixture(scope="module")
def row(edition):
    """The cluster with most projects beside it."""
    awards = edition.tables["cluster_awards"].groupby("cluster_id")["projects"].sum()
    return dossier.row_of(edition, str(awards.idxmax()))


def test_without_a_cluster_there_is_a_list_to_search(edition):
    page = ClusterPage()
    sectors = clusters_in(edition, View())
    solid = solid_cluster(edition)
    assert f"{len(sectors)} clusters to choose from" in page.html
    assert len(page.test.dataframe[0].value) == len(sectors)
    page.test.text_input[0].set_value(solid.name.lower().replace(",", ""))
    page.run()
    assert list(page.test.dataframe[0].value["name"]) == [solid.name]
    page.test.text_input[0].set_value("<b>nowhere")
    page.run()
    assert not page.test.dataframe
    assert "Nothing matches" in page.texts
    assert page.links["CSV"].startswith("/api/v1/tables/clusters.csv?")


def test_a_cluster_says_what_it_is_and_why(edition, row):
    page = ClusterPage([("cluster", row.cluster_id)])
    assert row.name in page.heading
    assert summary(row) in page.html
    for words in ("The four criteria", "Location quotient", "What to beware of", "in its core"):
        assert words in page.html, words
    assert "Co-located <small>✓ met" in page.html
    assert page.address["cluster"] == [row.cluster_id]
    scene = page.slots()["scene"]
    (south, west), (north, east) = scene["frame"]
    assert south < row.south < row.north < north
    assert west < row.west < row.east < east
    assert scene["own"] == row.cluster_id
    assert f"cluster={row.cluster_id}" in scene["view"]
    assert page.slots()["outline"]["plain"] is True


def test_its_map_shows_its_own_label_and_leaves_the_filters_of_the_session(edition, row):
    page = ClusterPage([("cluster", row.cluster_id), ("sector", "defence"), ("type", "Diverse")])
    assert page.view.sector == ("defence",)
    shown = page.slots()["scene"]["sectors"]
    assert shown == ([row.label] if row.kind == "sector" else [])
    assert page.slots()["clusters"]["url"].endswith(f"{row.kind}={row.label}") or row.kind == "technology"


@pytest.mark.parametrize(
    ("choose", "title", "beside"),
    [
        (solid_cluster, "Why it is a cluster", ": solid"),
        (pale_cluster, "Why it may be a cluster", ": uncertain"),
        (one_site_cluster, "Why this site stands out", "one site"),
    ],
)
def test_the_page_says_how_sure_a_cluster_is_and_what_it_is_compared_with(edition, choose, title, beside):
    row = choose(edition)
    page = ClusterPage([("cluster", row.cluster_id)])
    assert f"<h3>{title}</h3>" in page.headings
    assert beside in page.html
    for term in ("By chance", "May be chance", "Compared with", "Against the nation", "Also specialised in"):
        assert f"<dt>{term}</dt>" in page.html, term
    assert ("at its weaker limit" in page.html) == (row.standing == "pale")


def test_the_page_of_one_of_a_family_names_the_others(edition):
    member, head = family_member(edition)
    for row, other in ((member, head), (head, member)):
        told = dict(fact[:2] for fact in facts(row, edition))["Also specialised in"]
        assert f"{edition.labels.title(other.label)}, {other.place}" in told
        assert told in ClusterPage([("cluster", row.cluster_id)]).html


def test_files_of_a_cluster_are_links_to_the_api(edition, row):
    page = ClusterPage([("cluster", row.cluster_id)])
    for label, path in {"Brief (PDF)": "brief.pdf", "Everything (ZIP)": "bundle.zip"}.items():
        assert page.links[label].startswith(f"/api/v1/{path}?")
        assert f"cluster={row.cluster_id}" in page.links[label]
        assert page.links[label].endswith("download=true")


def test_projects_partners_and_assets_lie_near(edition, row):
    page = ClusterPage([("cluster", row.cluster_id)])
    found = dossier.projects(edition, page.view, row.cluster_id)
    names = edition.tables["projects"].set_index("project_id")
    assert len(found)
    for name in found["project_id"]:
        spot = names.loc[name, ["easting", "northing"]].astype(float)
        shape = edition.clusters.set_index("cluster_id").geometry[row.cluster_id]
        from shapely import Point

        assert shape.distance(Point(*spot)) <= 500
    rows = dossier.partners(edition, found["project_id"])
    assert rows["projects"].is_monotonic_decreasing
    assert rows["projects"].max() <= len(found)
    assert any(f"{len(found)} project" in text for text in page.headings)


def test_authorities_lead_to_compare(edition, row):
    page = ClusterPage([("cluster", row.cluster_id)])
    page.press(next(label for label in page.labels if label.startswith("Compare its authorit")))
    assert page.view.place == tuple(row.la_codes[:10])
    page.go("compare")
    assert page.view.cluster == ""
    assert "cluster" not in page.address


def test_an_id_that_is_none_says_so_and_leads_on(edition):
    row = solid_cluster(edition)
    wrong = row.cluster_id[:-2] + row.cluster_id[-1]
    page = ClusterPage([("cluster", wrong)])
    said = page.texts.replace("\\", "")
    assert f"“{wrong}” is no cluster of edition" in said
    assert f"did you mean {row.name} ({row.cluster_id})" in said
    assert len(page.test.dataframe) == 1


def test_a_hostile_id_is_text(edition):
    page = ClusterPage([("cluster", "<img src=x onerror=alert(1)>![x](//host)")])
    assert "\\<img" in page.texts
    assert "<img" not in page.html


def test_an_id_that_moved_says_what_it_is_now(edition, row, monkeypatch):
    class Moved:
        new_ids = (row.cluster_id,)
        words = "old became new on 1 April 2026"

    monkeypatch.setattr(cluster_page, "current", lambda *_: Moved)
    page = ClusterPage([("cluster", "old")])
    assert "old became new on 1 April 2026" in page.texts
    page.press(next(label for label in page.labels if label.startswith("Open ")))
    assert row.name in page.heading


def test_a_link_to_the_first_page_with_a_cluster_leads_to_its_page(edition, row):
    page = ClusterPage([("cluster", row.cluster_id)], page="explore")
    assert row.name in page.html or page.view.cluster == row.cluster_id


def test_the_map_of_the_first_page_leads_to_a_cluster(edition, row):
    page = ClusterPage(page="explore")
    page.test.session_state["next_page"] = "cluster"
    page.test.session_state["view"] = page.view.model_copy(update={"cluster": row.cluster_id})
    page.run()
    assert row.name in page.heading


def test_the_way_back_and_the_next_in_the_list(edition):
    ids = list(clusters_in(edition, View())["cluster_id"])
    page = ClusterPage([("cluster", ids[0])])
    page.press("Next")
    assert page.view.cluster == ids[1]
    page.press("All clusters")
    assert "clusters to choose from" in page.html
    assert page.view.cluster == ""


def test_a_cluster_of_a_register_of_ones_own(own_edition):
    with keeping(own_edition):
        name = str(own_edition.clusters["cluster_id"].iloc[0])
        page = ClusterPage([("cluster", name)])
        assert str(own_edition.clusters["name"].iloc[0]) in page.html
        assert "register" in page.texts
        assert len(dossier.members(own_edition, name))


def test_what_an_untested_cluster_is_not(density_edition):
    row = dossier.row_of(density_edition, str(density_edition.clusters["cluster_id"].iloc[0]))
    assert any("not tested against chance" in text for text in dossier.caveats(density_edition, row))


def test_tables_of_a_cluster_say_what_they_are(edition, row):
    found = dossier.members(edition, row.cluster_id)
    view = cluster_page.View(cluster=row.cluster_id)
    handed = Handed(cluster_page._handout(edition, view, row, "Firms"), found)
    content = written(handed, FORMATS["csv"])
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == row.firms
    assert rows[0]["table"] == f"Firms: {row.name}"
    assert rows[0]["edition"] == edition.about.name
    assert "sample" in rows[0]["attribution_and_caveats"]
