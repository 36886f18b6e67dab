"""`/ontology`, `/function`, `/shapes`, `/context.jsonld`: what terms, functions and short names mean, and what the data must keep.

Imports resources.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from stratgraph.errors import ResourceNotFound
from stratgraph.formats import Format, by_suffix
from stratgraph.store.interface import QueryRequest, Statement
from stratgraph.store.rdf import parse_statements
from stratgraph.store.results import collect
from stratgraph.vocab import BASE, ONTOLOGY_GRAPH, SHAPES
from stratgraph.web.framing import frame
from stratgraph.web.language import language_of
from stratgraph.web.links import document_links
from stratgraph.web.ontology_page import add_axioms, add_questions, load_terms, read_version
from stratgraph.web.pages import OntologyShown, ShapeShown
from stratgraph.web.rdf import write_document
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
_ONTOLOGY = f"{BASE}ontology"
_VERSION = "http://www.w3.org/2002/07/owl#versionIRI"
_WHOLE = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{ONTOLOGY_GRAPH}> {{ ?s ?p ?o }} }}"
_SH = "http://www.w3.org/ns/shacl#"
_TARGETS = frozenset({f"{_SH}targetClass", f"{_SH}targetNode", f"{_SH}targetSubjectsOf", f"{_SH}targetObjectsOf"})


@router.get("/ontology", response_class=Response)
async def ontology(request: Request) -> Response:
    """The ontology: 303 to its document in the format asked for."""
    return redirect(request, choose_document(request))


@router.get("/ontology{suffix}", response_class=Response)
async def ontology_document(suffix: str, request: Request) -> Response:
    """The ontology as a document."""
    bare, kind = by_suffix(suffix, DOCUMENTS)
    if bare or kind is None:
        raise ResourceNotFound(f"{_ONTOLOGY}{suffix}")
    return await _ontology(_ONTOLOGY, kind, request)


@router.get("/ontology/{version:path}", response_class=Response)
async def ontology_version(version: str, request: Request) -> Response:
    """The version of the ontology that this release has, by its version IRI, likewise. Kept releases have the earlier ones."""
    bare, kind = by_suffix(version, DOCUMENTS)
    iri = f"{_ONTOLOGY}/{bare}"
    header = await site_of(request).describe(_ONTOLOGY)
    if not any((one.predicate, one.object.value) == (_VERSION, iri) for one in header.outgoing):
        raise ResourceNotFound(iri)
    return redirect(request, choose_document(request)) if kind is None else await _ontology(iri, kind, request)


async def _ontology(iri: str, kind: Format, request: Request) -> Response:
    site, language = site_of(request), language_of(request) if kind.name == "html" else None
    headers = cache_headers(entity_tag(site.release.id, iri, kind.name, language), language, {"Link": document_links(iri, kind, DOCUMENTS)})
    if is_current(request, headers["ETag"]):
        return not_modified(headers)
    headers |= {"StratGraph-Release": site.release.id, "Content-Type": kind.content_type}
    if kind.name not in ("html", "jsonld"):
        return Response(await _construct(_WHOLE, kind.name, request), headers=headers)
    whole = await _construct(_WHOLE, "ntriples", request)
    framed = await run_in_threadpool(frame, _ONTOLOGY, parse_statements(whole), await site.context())
    if language is None:
        return Response(framed, headers=headers)
    terms = await load_terms(site.store, ONTOLOGY_GRAPH, site.settings.query_timeout)
    add_questions(terms, list(site.questions.values()), "sg")
    await run_in_threadpool(add_axioms, terms, whole, await site.prefixes())
    examples = await site.labels([iri for term in terms for iri in term.links.get("example", ())])
    shown = OntologyShown(terms, await run_in_threadpool(read_version, whole), examples, framed)
    return Response(site.pages.ontology(language, shown), headers=headers)


async def _construct(query: str, form: str, request: Request) -> bytes:
    site = site_of(request)
    return await collect(site.store, QueryRequest(query, graph=form, timeout=site.settings.query_timeout))


@router.get("/context.jsonld", response_class=Response)
async def context(request: Request) -> Response:
    """The JSON-LD context: every short name that documents use. Each document carries the part of it that it needs."""
    site = site_of(request)
    headers = cache_headers(entity_tag(site.release.id, "context"), extra={"Content-Type": "application/ld+json"})
    headers["Cache-Control"] = "public, max-age=86400"
    if is_current(request, headers["ETag"]):
        return not_modified(headers)
    found = {"@context": (await site.context()).document()}
    return Response(json.dumps(found, ensure_ascii=False, indent=1).encode(), headers=headers)


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
    told = parse_statements(await _construct(_FUNCTIONS, "ntriples", request))
    content = await write_document(site, f"{BASE}function", told, kind)
    return Response(content, headers={**headers, "Content-Type": kind.content_type})


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
    path = site.release.dumps / "stratgraph-shapes.nt"
    statements = await run_in_threadpool(lambda: parse_statements(path.read_bytes()))
    if kind.name == "html":
        return Response(site.pages.shapes(language, read_shapes(statements)), headers=headers, media_type="text/html")
    content = await write_document(site, None, statements, kind)
    return Response(content, headers={**headers, "Content-Type": kind.content_type})


def _document(name: str, suffix: str, request: Request) -> tuple[Format, dict[str, str]]:
    """The format that a suffix names, and the headers of that document. Raises ResourceNotFound for another suffix."""
    bare, kind = by_suffix(suffix, DOCUMENTS)
    if bare or kind is None:
        raise ResourceNotFound(f"{BASE}{name}{suffix}")
    language = language_of(request) if kind.name == "html" else None
    links = {"Link": document_links(f"{BASE}{name}", kind, DOCUMENTS)}
    return kind, cache_headers(entity_tag(site_of(request).release.id, name, kind.name, language), language, links)


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
