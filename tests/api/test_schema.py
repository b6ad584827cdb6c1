"""The API against its own description: questions that schemathesis makes up, good ones and bad ones.

Paths that draw are asked with a writer that draws nothing: what is tried are the parameters.
The longest phase, which goes through the values of every parameter, takes minutes: it is tried too where the
environment says `SCHEMA_TESTS=long`.
"""

from __future__ import annotations

import os

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
LONG = os.environ.get("SCHEMA_TESTS") == "long"
CONFIG = {"generation": {"max-examples": EXAMPLES, "mode": "all"}, "phases": {"coverage": {"enabled": LONG}}}


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
