"""The description for programs: whole, with examples that are real, and one for each path that works."""

from __future__ import annotations

import pytest

from api.examples import PARAMETERS, QUESTIONS, question
from api.parameters import view_of
from api.service import ROOMS, service
from api.specification import ERRORS, TAGS
from data.formats import FORMATS, offered
from edition.view import View

PATHS = tuple(service().openapi()["paths"])
# Drawn by writers that have tests of their own.
DRAWN = ("/picture.{form}", "/map.html", "/bundle.zip", "/brief.pdf", "/compare/figure.{form}")


@pytest.mark.parametrize("path", [path for path in PATHS if path not in DRAWN])
def test_the_example_of_every_path_is_answered_as_described(api, specification, path):
    answer = api.get(question(path))
    assert answer.status_code == 200, answer.text[:300]
    content = specification["paths"][path]["get"]["responses"]["200"]["content"]
    kinds = {media.partition(";")[0] for media in content}
    assert answer.headers["content-type"].partition(";")[0] in kinds
    assert f"`/api/v1{question(path)}`" in specification["paths"][path]["get"]["description"]


@pytest.mark.parametrize("path", DRAWN)
def test_the_example_of_what_is_drawn_can_be_asked(api, monkeypatch, path):
    monkeypatch.setattr("api.files.snapshot", lambda *_: b"drawn")
    monkeypatch.setattr("charts.files.figure", lambda *_: b"drawn")
    assert api.get(question(path)).content == b"drawn"


def test_no_example_is_of_a_path_that_is_gone():
    assert set(QUESTIONS) <= set(PATHS)


def test_every_parameter_has_an_example_or_a_default(specification):
    for path, methods in specification["paths"].items():
        for row in methods["get"].get("parameters", []):
            shape = row["schema"]
            known = "example" in row or "examples" in shape or "default" in shape or "enum" in shape
            assert known, (path, row["name"])


def test_examples_of_parameters_are_accepted(api, edition):
    asked = {name: PARAMETERS[name] for name in View.model_fields if name in PARAMETERS and name != "cluster"}
    view = view_of(View.model_validate(asked))
    assert view.sector == ("life-sciences",)
    ids = edition.clusters["cluster_id"].tolist()
    assert {PARAMETERS["cluster"], PARAMETERS["cluster_id"]} <= set(ids)


def test_every_path_has_a_name_and_a_tag_of_its_own(specification):
    asked = [methods["get"] for methods in specification["paths"].values()]
    names = [one["operationId"] for one in asked]
    assert len(set(names)) == len(names)
    assert all(name.replace("_", "").isalnum() for name in names)
    assert {tag for one in asked for tag in one["tags"]} == set(TAGS)
    assert [tag["name"] for tag in specification["tags"]] == list(TAGS)
    assert all(tag["description"] for tag in specification["tags"])


def test_every_error_is_described_where_it_can_come(specification):
    for path, methods in specification["paths"].items():
        responses = methods["get"]["responses"]
        assert {"200", "304", "404", "413", "422", "503"} <= set(responses)
        assert set(responses) - {"200", "304", "308"} <= set(ERRORS)
        assert ("429" in responses) == any(
            media.startswith(("image/", "text/html", "application/zip", "application/pdf"))
            or media == FORMATS["xlsx"].media
            for media in responses["200"]["content"]
        ), path


def test_every_format_of_a_view_is_described(specification):
    told = {
        media
        for methods in specification["paths"].values()
        for media in methods["get"]["responses"]["200"]["content"]
    }
    assert {form.media for what in ("views", "tables", "charts") for form in offered(what, "api")} <= told


def test_it_is_described_once_and_alike():
    api = service()
    assert api.openapi() is api.openapi()
    assert api.openapi() == service().openapi()
    assert len(ROOMS) == len(set(ROOMS))
