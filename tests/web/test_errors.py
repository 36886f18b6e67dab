"""Every error has a status, and one shape."""

from __future__ import annotations

import httpx
import pytest

from stratgraph import errors
from stratgraph.errors import StratgraphError
from stratgraph.web.errors import STATUSES, RequestError, kind_of, kinds_told, problem, status_of


def all_errors(kind: type[StratgraphError] = StratgraphError) -> set[type[StratgraphError]]:
    """All classes of the error tree below `kind`."""
    found = set(kind.__subclasses__())
    return found.union(*(all_errors(one) for one in found))


def test_every_error_is_mapped() -> None:
    """Each class of the tree, present and future, is named in the table itself."""
    ours = {one for one in all_errors() if one.__module__ == errors.__name__}
    assert ours == {kind for kind, _ in STATUSES}


EXAMPLES: list[tuple[StratgraphError, int, set[str]]] = [
    (errors.QuerySyntaxError("x", 3, 1), 400, {"line", "column"}),
    (errors.QueryTooComplex("x"), 400, set()),
    (errors.QueryTimeout(2.0), 504, {"seconds"}),
    (errors.UpdateRefused("x"), 400, set()),
    (errors.ServiceRefused("x"), 400, set()),
    (errors.AnswerTooLarge(9), 400, {"limit", "unit"}),
    (errors.StoreUnavailable("x", 7), 503, {"retryAfter"}),
    (errors.UnknownQuestion("x", ["y"]), 404, {"near"}),
    (errors.BadParameter("p", "x", ["y"]), 422, {"parameter", "allowed"}),
    (errors.ResourceNotFound("x"), 404, set()),
    (errors.ResourceGone("x", ["y"]), 410, {"near"}),
    (errors.NotAcceptable(["text/csv"]), 406, {"offered"}),
    (errors.SourceError("secret", "/a/path", 1), 500, set()),
    (errors.InferenceError("secret"), 500, set()),
    (RequestError(415, "x"), 415, set()),
]


@pytest.mark.parametrize(("error", "status", "members"), EXAMPLES, ids=lambda value: type(value).__name__)
def test_an_error_becomes_a_problem(error: StratgraphError, status: int, members: set[str]) -> None:
    """A problem document has type, title, status, detail, and what the error carries; a 500 tells nothing of the inside."""
    told = problem(error)
    assert status_of(error) == told["status"] == status
    assert set(told) == {"type", "title", "status", "detail"} | members
    assert "secret" not in str(told)
    assert told["type"] == f"https://w3id.org/stratgraph/api#{kind_of(error)}"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/id/nothing", 404),
        ("/id/", 404),
        ("/id/<b>", 404),
        ("/id/nothing.ttl", 404),
        ("/vocab/nothing", 404),
        ("/graph/nothing", 404),
        ("/ontologyx", 404),
        ("/questions/nothing", 404),
        ("/questions/nothing.csv", 404),
        ("/dumps/nothing", 404),
        ("/static/nothing", 404),
        ("/?lang=xx", 422),
        ("/id/recommendation/2015/2-4?format=png", 406),
        ("/questions?format=ttl", 406),
    ],
)
def test_every_route_tells_errors_alike(path: str, status: int, client: httpx.Client) -> None:
    """Whatever the route, an error is a problem document; for readers of HTML a page with the same status."""
    told = client.get(path)
    assert (told.status_code, told.json()["status"]) == (status, status)
    assert told.headers["content-type"] == "application/problem+json"
    assert told.headers["cache-control"] == "no-store"
    page = client.get(path, headers={"Accept": "text/html"})
    assert page.status_code == status
    assert page.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_kind_of_error_is_explained(language: str, client: httpx.Client) -> None:
    """The page that `type` points to has an entry for each kind of error a client can meet."""
    page = client.get("/api", params={"lang": language}).text
    for kind, _ in kinds_told():
        assert f'id="{kind}"' in page


def test_a_wrong_method_names_the_right_ones(client: httpx.Client) -> None:
    """405 carries Allow."""
    for path in ("/", "/id/x", "/questions", "/dumps/", "/health"):
        response = client.delete(path)
        assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
