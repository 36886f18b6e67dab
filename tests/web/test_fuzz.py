"""The HTTP surface under generated requests, made from its own OpenAPI document."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error

from .conftest import Server

_OF_THINGS = ["/id/{path}", "/vocab/{path}", "/graph/{path}", "/why", "/ontology", "/function", "/shapes"]
PATHS = ["/", "/sparql", "/questions", "/questions/{name}", "/search", *_OF_THINGS, "/dumps/", "/dumps/{name}", "/catalog", "/health"]


@pytest.fixture(scope="module")
def api(server: Server) -> schemathesis.BaseSchema:
    """The interface as it describes itself."""
    return schemathesis.openapi.from_url(f"{server.base}/openapi.json")


@pytest.mark.parametrize("path", PATHS)
def test_no_request_that_the_interface_allows_breaks_it(api: schemathesis.BaseSchema, server: Server, path: str) -> None:
    """Values of every kind in every place: never a fault of the server, and errors are told as such."""
    known = next((one for one in api if one.rstrip("}").split(":")[0] == path.rstrip("}")), None)
    assert known, f"{path} is not in /openapi.json"
    for method in api[known]:
        operation = api[known][method]

        @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(case=operation.as_strategy())
        def attempt(case: schemathesis.Case[Any]) -> None:
            response = case.call(base_url=server.base, timeout=30)
            case.validate_response(response, checks=[not_a_server_error])

        attempt()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(path=st.text(st.characters(min_codepoint=33, max_codepoint=0x3042), max_size=40), query=st.binary(max_size=40))
def test_no_path_breaks_it(server: Server, path: str, query: bytes) -> None:
    """Arbitrary paths and query strings."""
    raw = "/" + "".join(f"%{byte:02x}" for byte in path.encode("utf-8", "replace")) + "?" + "".join(f"%{byte:02x}" for byte in query)
    with httpx.Client(timeout=30) as client:
        response = client.send(httpx.Request("GET", httpx.URL(server.base).copy_with(raw_path=raw.encode())))
    assert response.status_code < 500, raw
