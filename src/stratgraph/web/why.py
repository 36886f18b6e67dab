"""`/why`: why a triple holds, as a page, JSON or RDF (PROV-O). Imports the explain module and this package."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from stratgraph.errors import BadParameter, NotAcceptable
from stratgraph.explain import Explanation, Proofs, Step, explain, parse_term, read_proofs, statement_iri, told
from stratgraph.explain.kept import Written
from stratgraph.formats import Format, by_name, negotiate, offered
from stratgraph.store.interface import Statement, Term
from stratgraph.vocab import RULE
from stratgraph.web.language import language_of
from stratgraph.web.openapi import WHY
from stratgraph.web.rdf import write_document
from stratgraph.web.responses import cache_headers, entity_tag, is_current, not_modified
from stratgraph.web.site import Site, site_of

router = APIRouter(tags=["why"])
JSON: Final = Format("json", "application/json", ".json", frozenset({"answer"}))
_DOCUMENTS: Final = (JSON, *offered("page"), *offered("graph"))
_PROV: Final = "http://www.w3.org/ns/prov#"
_DEFINITION: Final = "http://www.w3.org/2004/02/skos/core#definition"


@router.get("/why", openapi_extra=WHY, response_class=Response)
async def why(request: Request) -> Response:
    """Why the triple `s`, `p`, `o` holds: rule and premises down to what is asserted, with its places in the documents."""
    site, language = site_of(request), language_of(request)
    asked = request.query_params.get("format")
    kind = by_name(asked, _DOCUMENTS) if asked else negotiate(request.headers.get("accept"), _DOCUMENTS)
    given = {name: request.query_params.get(name, "") for name in "spo"}
    if kind.name == "html" and not any(given.values()):
        headers = cache_headers(entity_tag(site.release.id, "why", language), language)
        return Response(site.pages.why(language, given, None, {}), headers=headers, media_type="text/html")
    triple = await _triple(site, given)
    tag = entity_tag(site.release.id, "why", triple, kind.name, language if kind.name == "html" else "")
    headers = cache_headers(tag, language if kind.name == "html" else None, {"StratGraph-Release": site.release.id})
    if is_current(request, tag):
        return not_modified(headers)
    with site.clients.query_of(request):
        found = await explain(triple, await proofs_of(site), site.store, site.settings.query_timeout)
    status = 404 if found.kind == "absent" else 200
    if kind is JSON:
        return JSONResponse({**found.json(), "release": site.release.id}, status, headers)
    if kind.name == "html":
        labels = await site.labels(_named(found))
        return Response(site.pages.why(language, given, found, labels), status, headers, "text/html")
    if status == 404:
        raise NotAcceptable([JSON.media_type, "text/html"])
    content = await write_document(site, statement_iri(triple), _statements(found), kind)
    return Response(content, status, {**headers, "Content-Type": kind.content_type})


def _named(found: Explanation) -> list[str]:
    """Every IRI that the page of an explanation names."""
    steps = list(found.steps())
    terms = {term[1:-1] for step in steps for term in step.triple if term.startswith("<")}
    near = {term[1:-1] for one in found.near for term in one if term.startswith("<")}
    places = {iri for step in steps for place in step.evidence for iri in (place.document, place.status) if iri}
    return sorted(terms | near | places)


async def proofs_of(site: Site) -> Proofs:
    """The release's proofs, read once. Raises InputError where they cannot be read."""
    if site.proofs is None:
        site.proofs = await run_in_threadpool(read_proofs, site.release.proofs)
    return site.proofs


async def _triple(site: Site, given: dict[str, str]) -> Written:
    missing = [name for name, text in given.items() if not text.strip()]
    if missing:
        raise BadParameter(missing[0], "is missing.", ["an IRI, or a term in N-Triples; s, p and o are all needed"])
    prefixes = await site.prefixes()
    subject, predicate, value = (parse_term(name, text, prefixes) for name, text in given.items())
    return subject, predicate, value


def _statements(found: Explanation) -> Iterator[Statement]:
    """The explanation in the words of the proofs graph, with the sentence of each rule and the places in documents."""
    for one in found.steps():
        step = Step(one.triple, one.rule.name, tuple(premise.triple for premise in one.premises)) if one.rule else None
        yield from told(one.triple, step, one.height, () if one.kind == "inferred" else one.graphs)
        for language, text in one.rule.text.items() if one.rule else ():
            yield _plain(f"{RULE}{one.rule.name}" if one.rule else "", _DEFINITION, Term("literal", text, language))
        for place in one.evidence:
            yield _plain(statement_iri(one.triple), f"{_PROV}wasQuotedFrom", Term("iri", place.anchor))
            yield _plain(statement_iri(one.triple), f"{_PROV}hadPrimarySource", Term("iri", place.document))


def _plain(subject: str, predicate: str, value: Term) -> Statement:
    return Statement(Term("iri", subject), predicate, value, "")
