"""`/function` and `/shapes`: what the endpoint's functions mean, and what the data must keep. Imports the layers below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from stratgraph.errors import ResourceNotFound
from stratgraph.formats import Format, by_suffix
from stratgraph.store.interface import QueryRequest, Statement
from stratgraph.store.rdf import parse_statements, serialize_statements
from stratgraph.store.results import collect
from stratgraph.vocab import BASE, ONTOLOGY_GRAPH, SHAPES
from stratgraph.web.language import language_of
from stratgraph.web.ontology_page import load_terms
from stratgraph.web.pages import ShapeShown
from stratgraph.web.resources import DOCUMENTS, choose_document, redirect
from stratgraph.web.responses import cache_headers, entity_tag, is_current, not_modified
from stratgraph.web.site import site_of

router = APIRouter(tags=["resources"])
_FUNCTIONS = f"""
CONSTRUCT {{ ?term ?property ?value }} WHERE {{
  GRAPH <{ONTOLOGY_GRAPH}> {{
    {{ ?term <http://www.w3.org/2000/01/rdf-schema#isDefinedBy> <{BASE}function> }} UNION {{ VALUES ?term {{ <{BASE}function> }} }}
    ?term ?property ?value .
  }}
}}
"""
_SH = "http://www.w3.org/ns/shacl#"
_TARGETS = frozenset({f"{_SH}targetClass", f"{_SH}targetNode", f"{_SH}targetSubjectsOf", f"{_SH}targetObjectsOf"})


@router.get("/function", response_class=Response)
async def function(request: Request) -> Response:
    """The endpoint's functions, text properties and limits as terms: 303 to a document."""
    return redirect(request, choose_document(request))


@router.get("/function{suffix}", response_class=Response)
async def function_document(suffix: str, request: Request) -> Response:
    """The endpoint's functions as a document."""
    kind, headers = _document("function", suffix, request)
    if is_current(request, headers["ETag"]):
        return not_modified(headers)
    site, language = site_of(request), language_of(request)
    if kind.name == "html":
        terms = await load_terms(site.store, ONTOLOGY_GRAPH, site.settings.query_timeout)
        return Response(site.pages.functions(language, terms), headers=headers, media_type="text/html")
    query = QueryRequest(_FUNCTIONS, graph=kind.name, timeout=site.settings.query_timeout)
    return Response(await collect(site.store, query), headers={**headers, "Content-Type": kind.content_type})


@router.get("/shapes", response_class=Response)
async def shapes(request: Request) -> Response:
    """The SHACL shapes that the data keeps: 303 to a document."""
    return redirect(request, choose_document(request))


@router.get("/shapes{suffix}", response_class=Response)
async def shapes_document(suffix: str, request: Request) -> Response:
    """The shapes as a document."""
    kind, headers = _document("shapes", suffix, request)
    if is_current(request, headers["ETag"]):
        return not_modified(headers)
    site, language = site_of(request), language_of(request)
    path, prefixes, html = site.release.dumps / "stratgraph-shapes.nt", await site.prefixes(), kind.name == "html"

    def serialize() -> bytes:
        statements = parse_statements(path.read_bytes())
        return site.pages.shapes(language, read_shapes(statements)) if html else serialize_statements(statements, kind.name, prefixes)

    return Response(await run_in_threadpool(serialize), headers={**headers, "Content-Type": kind.content_type})


def _document(name: str, suffix: str, request: Request) -> tuple[Format, dict[str, str]]:
    """The format that a suffix names, and the headers of that document. Raises ResourceNotFound for another suffix."""
    bare, kind = by_suffix(suffix, DOCUMENTS)
    if bare or kind is None:
        raise ResourceNotFound(f"{BASE}{name}{suffix}")
    language = language_of(request) if kind.name == "html" else None
    return kind, cache_headers(entity_tag(site_of(request).release.id, name, kind.name, language), language)


def read_shapes(statements: Iterable[Statement]) -> Sequence[ShapeShown]:
    """The named shapes with their targets and messages, by name."""
    found: dict[str, ShapeShown] = {}
    for one in statements:
        if one.subject.kind != "iri" or not one.subject.value.startswith(str(SHAPES)):
            continue
        shape = found.setdefault(one.subject.value, ShapeShown(one.subject.value.removeprefix(str(SHAPES))))
        if one.predicate in _TARGETS and one.object.kind == "iri":
            shape.targets.append(one.object.value)
        elif one.predicate == f"{_SH}message":
            shape.messages.setdefault(one.object.language or "", []).append(one.object.value)
    return [found[iri] for iri in sorted(found) if found[iri].targets or found[iri].messages]
