"""No page tells an exact point of a postcode of Northern Ireland: neither in words nor in tables."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from edition.edition import keeping
from edition.view import View
from layers.embed import embed_page
from tests.northern import built, exact_points, leaks, register
from tests.views.test_compare_apptest import ComparePage

AT = "54.61,-5.89,14"
EVERYTHING = ("regions", "clusters", "projects", "firms", "assets", "labels")


@pytest.fixture(scope="module", params=[True, False], ids=["with firms", "without firms"])
def northern(request, edition, tmp_path_factory):
    patch = pytest.MonkeyPatch()
    own = built(patch, tmp_path_factory.mktemp("northern"), edition, with_firms=request.param)
    patch.undo()
    with keeping(own):
        yield SimpleNamespace(edition=own, exact=exact_points(register()["postcode"]))


def told(page):
    """Everything that a page sends to the browser: words, arguments of the map, cells of its tables."""
    tables = [table.value.to_csv() for table in page.test.dataframe]
    return " ".join([str(page.test._tree), *tables])


@pytest.mark.parametrize("tab", ["here", "clusters", "regions", "projects", "firms"])
def test_the_map_and_its_tabs(northern, tab):
    shown = [("show", layer) for layer in EVERYTHING]
    page = ComparePage([("at", AT), ("tab", tab), ("here", "54.61,-5.89,14"), *shown], page="explore")
    assert leaks(told(page), northern.exact) == []


@pytest.mark.parametrize("page", ["cluster", "compare", "funding"])
def test_the_other_pages(northern, page):
    rows = northern.edition.clusters
    there = rows[rows["label"].str.contains("linen")]["cluster_id"]
    queries = {
        "cluster": [[], *([("cluster", one)] for one in there)],
        "compare": [[("place", "N09000003"), ("place", "N09000005")]],
        "funding": [[]],
    }
    for query in queries[page]:
        assert leaks(told(ComparePage(query, page=page)), northern.exact) == []


def test_a_frame_on_another_site(northern):
    rows = northern.edition.clusters
    cluster = str(rows[rows["label"].str.contains("linen")]["cluster_id"].iloc[0])
    for view in (View(at=(54.61, -5.89, 14), show=EVERYTHING), View(cluster=cluster)):
        assert leaks(embed_page(northern.edition, view, "light"), northern.exact) == []
