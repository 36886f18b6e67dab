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
_OF_DATA = ["/dumps/", "/dumps/{name}", "/dumps/tables/{name}", "/catalog", "/.well-known/void", "/dataset", "/context.jsonld"]
_OF_QUESTIONS = ["/questions", "/questions/{name}", "/questions/{name}/choices", "/basket", "/corrections"]
_OF_RELEASES = ["/releases", "/releases/{release}", "/releases/{old}/diff/{new}", "/releases/{release}/sparql"]
_OF_RELEASES += [f"/releases/{{release}}/{rest}" for rest in ("dumps/{name}", "dumps/tables/{name}", "questions/{name}")]
_SUFFIXED = [f"{one}{{suffix}}" for one in ("/dataset", "/ontology", "/function", "/shapes", "/.well-known/void", "/catalog")]
PATHS = ["/", "/sparql", "/search", "/health", "/ontology/{version}", *_OF_QUESTIONS, *_OF_THINGS, *_OF_DATA, *_OF_RELEASES, *_SUFFIXED]


@pytest.fixture(scope="module")
def api(server: Server) -> schemathesis.BaseSchema:
    """The interface as it describes itself."""
    return schemathesis.openapi.from_url(f"{server.base}/openapi.json")


def test_every_path_is_tried(api: schemathesis.BaseSchema) -> None:
    """The interface has no operation that is left out below, but those of single questions, which `/questions/{name}` answers."""
    assert {one for one in api if not one.startswith("/questions/") or "{" in one} == set(PATHS)


@pytest.mark.parametrize("path", PATHS)
def test_no_request_that_the_interface_allows_breaks_it(api: schemathesis.BaseSchema, server: Server, path: str) -> None:
    """Values of every kind in every place: never a fault of the server, and errors are told as such."""
    for method in api[path]:
        operation = api[path][method]

        @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), database=None)
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
