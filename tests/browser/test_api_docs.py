"""The page of documentation in Chromium: from this host alone, within its policy, on desk and phone."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.browser
SIZES = ((1440, 900), (390, 844))


@pytest.fixture(params=SIZES, ids=["desk", "phone"])
def page(request, chromium):
    width, height = request.param
    context = chromium.new_context(viewport={"width": width, "height": height})
    opened = context.new_page()
    opened.hosts, opened.faults = set(), []
    opened.on("request", lambda asked: opened.hosts.add(urlsplit(asked.url).netloc))
    opened.on("pageerror", lambda fault: opened.faults.append(str(fault)))
    opened.on("console", lambda said: opened.faults.append(said.text) if said.type == "error" else None)
    yield opened
    context.close()


def test_the_documentation_works_without_another_host(page, server):
    page.goto(f"{server.address}/api/v1/docs")
    page.wait_for_selector(".opblock")
    assert page.title() == "Innovation Clusters Map: the API"
    assert page.locator(".opblock").count() > 50
    tags = page.locator(".opblock-tag").all_inner_texts()
    assert any("pages show" in text or "page shows" in text for text in tags)
    # Nothing hangs over the side.
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    _ask(page)
    assert page.hosts <= {urlsplit(server.address).netloc, ""}
    assert page.faults == []


def _ask(page):
    """Ask a question from the page, and read its answer there."""
    block = page.locator(".opblock", has=page.locator('[data-path="/edition"]'))
    block.locator(".opblock-summary-control").click()
    block.locator("button.execute").click()
    answer = block.locator(".responses-table.live-responses-table")
    answer.wait_for()
    assert "200" in answer.locator("tbody .response-col_status").first.inner_text()
    assert "sample-2026-12" in answer.inner_text()
