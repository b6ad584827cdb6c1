"""The API against its own description: questions that schemathesis makes up, good ones and bad ones.

Paths that draw are asked with a writer that draws nothing: what is tried are the parameters.
"""

from __future__ import annotations

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.service import service

EXAMPLES = 5
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
CONFIG = {"generation": {"max-examples": EXAMPLES, "mode": "all"}, "phases": {"coverage": {"enabled": False}}}


@pytest.fixture(scope="module")
def nothing_drawn():
    """Writers that return at once: parameters are what is tried."""
    patch = pytest.MonkeyPatch()
    patch.setattr("api.files.snapshot", lambda _edition, _view, form, _paper: form.encode())
    patch.setattr("snapshots.figure.figure", lambda *_: b"figure")
    patch.setattr("api.compare.workbook", lambda *_: b"workbook")
    yield
    patch.undo()


schema = schemathesis.openapi.from_dict(service().openapi(), config=SchemathesisConfig.from_dict(CONFIG))


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[*HealthCheck],
)
def test_it_does_what_it_says(api, nothing_drawn, case):
    asked = requests.Request(**case.as_transport_kwargs(base_url="http://test")).prepare()
    answer = api.request(asked.method, asked.url, headers=dict(asked.headers), content=asked.body)
    case.validate_response(answer, checks=CHECKS)
