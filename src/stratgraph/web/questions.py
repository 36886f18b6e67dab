"""`/questions`: the list, each question's form and answer for people, its answer as data, its description as RDF."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from stratgraph.errors import BadParameter, ResourceNotFound
from stratgraph.formats import DOCX, EXCEL_CSV, FORMATS, Format, by_name, by_suffix, negotiate, offered
from stratgraph.questions import Question, QuestionAnswer, bind, with_language
from stratgraph.questions import Term as Bound
from stratgraph.questions.answer import Window, column_json
from stratgraph.questions.find import Wanted
from stratgraph.questions.marks import mark_summaries
from stratgraph.questions.model import AUDIENCES, RESERVED
from stratgraph.questions.scope import Scope
from stratgraph.report import Collector
from stratgraph.store.interface import QueryRequest, Statement, Term
from stratgraph.store.results import collect
from stratgraph.vocab import BASE, QUESTIONS
from stratgraph.web.errors import status_of
from stratgraph.web.grounds import Grounds, load_grounds
from stratgraph.web.language import language_of
from stratgraph.web.links import file_name, page_links
from stratgraph.web.openapi import QUESTION
from stratgraph.web.pages import STARTING, QuestionShown
from stratgraph.web.protocol import parse_fields
from stratgraph.web.rdf import write_document
from stratgraph.web.resources import redirect
from stratgraph.web.responses import VARY, cache_headers, entity_tag, is_current, not_modified
from stratgraph.web.sheets import respond_report
from stratgraph.web.site import level_of_request, site_of
from stratgraph.web.told import METADATA, Told, commented, linked, metadata, metadata_address

router = APIRouter(tags=["questions"])
JSON: Final = Format("answer", "application/json", ".json", frozenset({"answer"}))
_RESULTS: Final = tuple(replace(one, aliases=()) for one in (*offered("solutions", "sheet"), DOCX))
_RDF: Final = offered("graph", "dataset")
_PAGE: Final = offered("page")
_MAX_LIMIT: Final = 100_000
_MAX_WORDS: Final = 200
_FILES: Final = ("csv", "tsv", "excel-csv", "xlsx", "docx")
PAGE_ROWS: Final = 200
Raw = Mapping[str, Sequence[str]]


@router.get("/questions", response_class=Response)
async def list_questions(request: Request) -> Response:
    """All saved questions with their parameters and columns: JSON, or a page."""
    site, language = site_of(request), language_of(request)
    candidates = (JSON, *_PAGE)
    name = request.query_params.get("format")
    kind = _by_name(name, candidates) if name else negotiate(request.headers.get("accept"), candidates)
    wanted = read_wanted(request)
    headers = cache_headers(entity_tag(site.release.id, "questions", kind.name, language, wanted), language)
    if is_current(request, headers["ETag"]):
        return not_modified(headers)
    if kind is JSON:
        told = {"release": site.release.id, "questions": [question_json(one) for one in wanted.of(site.questions)]}
        return JSONResponse(told, headers=headers)
    about = await site.service.about(STARTING, wanted.words) if wanted.words else []
    return Response(site.pages.questions(language, site.questions, wanted, about), headers=headers, media_type="text/html")


def read_wanted(request: Request) -> Wanted:
    """`q=`, `audience=` and `tag=` of a request for the list. Raises BadParameter for one that no question has."""
    words, audience, tag = (request.query_params.get(name, "").strip() for name in ("q", "audience", "tag"))
    if len(words) > _MAX_WORDS:
        raise BadParameter("q", f"{len(words)} characters are too many.", [f"up to {_MAX_WORDS} characters"])
    if audience and audience not in AUDIENCES:
        raise BadParameter("audience", f"“{audience[:40]}” is none.", AUDIENCES)
    tags = sorted({tag for one in site_of(request).questions.values() for tag in one.tags})
    if tag and tag not in tags:
        raise BadParameter("tag", f"“{tag[:40]}” is the tag of no question.", tags)
    return Wanted(words, audience, tag)


@router.get("/questions/{name}", openapi_extra=QUESTION, response_class=Response)
async def ask(name: str, request: Request) -> Response:
    """Answer a saved question; without parameters show its form (HTML) or what it is (RDF)."""
    site = site_of(request)
    raw = read_parameters(request)
    question, suffix = _find(name, request)
    kind = suffix or choose_format(question, raw, request)
    if kind in _RDF and (question.form == "SELECT" or (question.needs_input and not raw)):
        return await _description(question, kind, suffix is not None, request)
    if kind in _RDF and not raw and suffix is None:
        return redirect(request, kind)
    language = language_of(request)
    if kind.name == "html":
        return await _page(question, raw, language, request)
    terms = await site.service.resolve(question, with_language(question, raw, language))
    return await _data(question, terms, kind, request)


def _find(name: str, request: Request) -> tuple[Question, Format | None]:
    """The question, and the format its suffix names. Raises UnknownQuestion."""
    questions = site_of(request).questions
    if name in questions:
        return questions[name], None
    bare, kind = by_suffix(name, (METADATA, JSON, DOCX, *FORMATS))
    question = questions.get_question(bare)
    if kind is None or kind not in candidates_of(question):
        return questions.get_question(name), None
    return question, kind


def candidates_of(question: Question) -> tuple[Format, ...]:
    """The formats of a question's documents; what `*/*` gets comes first."""
    if question.form == "SELECT":
        return (JSON, *offered("solutions", "sheet"), DOCX, *_PAGE, *_RDF, METADATA)
    return (*_RDF, *_PAGE)


def choose_format(question: Question, raw: Raw, request: Request) -> Format:
    """The format asked for. Without parameters RDF comes first, so that `*/*` gets the description. Raises NotAcceptable."""
    asked = request.query_params.get("format")
    if question.form != "SELECT":
        return _by_name(asked, candidates_of(question)) if asked else negotiate(request.headers.get("accept"), candidates_of(question))
    data = (JSON, *_RESULTS, *_PAGE)
    if asked:
        return _by_name(asked, (*data, *_RDF))
    accept = request.headers.get("accept")
    # `application/json` means an answer here, never JSON-LD.
    rdf = tuple(replace(one, aliases=tuple(a for a in one.aliases if a != "application/json")) for one in _RDF)
    chosen = negotiate(accept, (*data, *rdf) if raw else (*rdf, *data))
    return next(one for one in (*data, *_RDF) if one.name == chosen.name)


def _by_name(name: str, candidates: Sequence[Format]) -> Format:
    """`format=json` is the answer's own JSON; `srj` is SPARQL's."""
    if name == "json" and JSON in candidates:
        return JSON
    if name == EXCEL_CSV.name and JSON in candidates:
        return EXCEL_CSV
    return by_name(name, [one for one in candidates if one is not JSON])


def read_parameters(request: Request) -> dict[str, tuple[str, ...]]:
    """The question's parameters in the query string: all but the reserved names. Raises RequestError for what is not UTF-8."""
    raw: dict[str, tuple[str, ...]] = {}
    for name, value in parse_fields(request.scope["query_string"]):
        if name not in RESERVED:
            raw[name] = (*raw.get(name, ()), value)
    return raw


def read_window(request: Request) -> Window:
    """`limit=` and `offset=`. Raises BadParameter."""
    return Window(_whole(request, "limit"), _whole(request, "offset") or 0)


def _whole(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or (name == "limit" and not 1 <= int(text) <= _MAX_LIMIT):
        japanese = f"「{text[:40]}」は使えません。{_MAX_LIMIT}までの整数を入れてください。"
        raise BadParameter(name, f"“{text[:40]}” is not allowed.", [f"a whole number up to {_MAX_LIMIT}"], japanese)
    return int(text)


async def _description(question: Question, kind: Format, is_document: bool, request: Request) -> Response:
    """What the metadata graph says of a question; 303 to the document where no suffix is given."""
    if not is_document:
        return redirect(request, kind)
    site = site_of(request)
    iri = f"{QUESTIONS}{question.slug}"
    tag = entity_tag(site.release.id, iri, kind.name)
    headers = cache_headers(tag, extra={"StratGraph-Release": site.release.id})
    if is_current(request, tag):
        return not_modified(headers)
    try:
        told: Sequence[Statement] = (await site.describe(iri)).outgoing
    except ResourceNotFound:  # a question of the reader's own: the metadata does not know it
        told = _own_statements(question, iri)
    content = await write_document(site, iri, told, kind)
    return Response(content, headers={**headers, "Content-Type": kind.content_type})


def _own_statements(question: Question, iri: str) -> list[Statement]:
    """What the metadata would say of a question, were it one of ours."""
    shacl, rdfs = "http://www.w3.org/ns/shacl#", "http://www.w3.org/2000/01/rdf-schema#"
    told = [("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", Term("iri", f"{shacl}SPARQLExecutable"))]
    told += [(f"{rdfs}label", Term("literal", text, language)) for language, text in question.names.items()]
    told += [(f"{rdfs}comment", Term("literal", text, language)) for language, text in question.descriptions.items()]
    told.append((f"{shacl}{question.form.lower()}", Term("literal", question.sparql)))
    return [Statement(Term("iri", iri), predicate, value, "") for predicate, value in told]


async def _data(question: Question, terms: Mapping[str, tuple[Bound, ...]], kind: Format, request: Request) -> Response:
    site, window, level = site_of(request), read_window(request), level_of_request(request)
    language = language_of(request)
    paged = (request.url.path, request.url.query) if window.limit is not None else ()
    tag = entity_tag(site.release.id, question.slug, sorted(terms.items()), window, level, kind.name, language, paged)
    headers = _answer_headers(question, tag, request)
    if is_current(request, tag):
        return not_modified(headers)
    headers["Content-Disposition"] = _disposition(question, kind, language)
    if kind is JSON:
        answer = await site.service.ask(question, terms, window, level)
        headers |= _told(answer.scope, answer.count, len(answer.rows)) | _link(question, request, window, answer.count)
        return JSONResponse(answer.json(), headers=headers)
    if kind is METADATA:
        scope, count = await site.service.scope(question, terms), await site.service.count(question, terms, level)
        about = Told(question, site.release, scope, count, _shown(count, window))
        headers |= _told(scope, count, _shown(count, window))
        return JSONResponse(metadata(about, request), headers=headers, media_type=METADATA.media_type)
    if kind.families & {"sheet", "document"}:
        report = await Collector(site.service, site.release, language).one((question, terms), window, level)
        return await respond_report(report, kind, headers)
    text = mark_summaries(question, bind(question, terms), language)
    if window.limit is not None or window.offset:
        text += f"OFFSET {window.offset}" + (f" LIMIT {window.limit}" if window.limit is not None else "")
    query = QueryRequest(
        text,
        solutions=kind.name,
        graph=kind.name,
        boolean=None,
        level=level,
        timeout=site.settings.query_timeout,
        response_bytes=site.settings.response_bytes,
    )
    content = await collect(site.store, query)
    scope = await site.service.scope(question, terms)
    if question.form == "SELECT":
        count = await site.service.count(question, terms, level)
        headers |= _told(scope, count, _shown(count, window)) | _link(question, request, window, count)
        content = linked(content, kind, BASE.rstrip("/") + metadata_address(request))
    else:
        headers["StratGraph-Scope"] = scope.header()
        content = commented(content, kind, Told(question, site.release, scope, 0, 0), language)
    return Response(content, headers={**headers, "Content-Type": kind.content_type})


def _shown(count: int, window: Window) -> int:
    left = max(0, count - window.offset)
    return left if window.limit is None else min(left, window.limit)


def _told(scope: Scope, count: int, shown: int) -> dict[str, str]:
    """Count, completeness and scope, for formats that have no place for them."""
    return {"StratGraph-Count": str(count), "StratGraph-Complete": str(shown == count).lower(), "StratGraph-Scope": scope.header()}


def _link(question: Question, request: Request, window: Window, count: int) -> dict[str, str]:
    """Link to the page that tells scope and columns, to the document about the answer's CSV, and to the neighbouring pages of rows."""
    about = f'<{metadata_address(request)}>; rel="describedby"; type="{METADATA.media_type}"'
    links = {"describedby": f"/questions/{question.slug}"}
    if window.limit is not None:
        fields = parse_fields(request.scope["query_string"])
        links |= page_links(request.url.path, fields, window.limit, window.offset, count)
    return {"Link": ", ".join([about, *(f'<{address}>; rel="{name}"' for name, address in links.items())])}


def _disposition(question: Question, kind: Format, language: str) -> str:
    """Tables are files with a name that people can read; what browsers and programs show stays in place, named all the same."""
    way = "attachment" if kind.name in _FILES else "inline"
    return f"{way}; {file_name(question.slug, question.name.get(language), kind.suffix)}"


def _answer_headers(question: Question, tag: str, request: Request) -> dict[str, str]:
    """Where a format has no place for it, the headers tell the release and the page that tells scope and columns."""
    link = f'</questions/{question.slug}>; rel="describedby"'
    return cache_headers(tag, extra={"StratGraph-Release": site_of(request).release.id, "Link": link})


async def _page(question: Question, raw: Raw, language: str, request: Request) -> Response:
    site = site_of(request)
    problem: BadParameter | None = None
    graph = False
    answer: QuestionAnswer | None = None
    window, level = read_window(request), level_of_request(request)
    window = replace(window, limit=window.limit or PAGE_ROWS)
    if raw or not question.needs_input:
        try:
            terms = await site.service.resolve(question, with_language(question, raw, language))
            graph = question.form != "SELECT"
            if not graph:
                answer = await site.service.ask(question, terms, window, level)
        except BadParameter as error:
            problem = error
    status = status_of(problem) if problem else 200
    choices = {one.name: await site.service.choices(question, one) for one in question.parameters}
    grounds = await load_grounds(site.store, answer, site.settings.query_timeout) if answer else ()
    labels = await site.labels(_iris(answer, grounds)) if answer else {}
    fields = [(name, value) for name, value in parse_fields(request.scope["query_string"]) if name not in ("format", "lang")]
    pages = (
        page_links(f"/questions/{question.slug}", [*fields, ("lang", language)], window.limit or PAGE_ROWS, window.offset, answer.count)
        if answer
        else {}
    )
    shown = QuestionShown(
        raw=raw,
        choices=choices,
        answer=answer,
        labels=labels,
        problem=problem,
        query_string=request.scope["query_string"].decode("latin-1"),
        level=level,
        grounds=grounds,
        graph=graph,
        pages=pages if answer and not answer.complete else {},
        formats=(*offered("solutions", "sheet"), EXCEL_CSV, DOCX, JSON) if question.form == "SELECT" else _RDF,
        unexpected=site.unexpected.get(question.slug, ()),
    )
    page = site.pages.question(language, question, shown)
    if problem:
        return Response(page, status, {"Vary": VARY, "Cache-Control": "no-store", "Content-Language": language}, "text/html")
    tag = entity_tag(site.release.id, question.slug, sorted(raw.items()), request.url.query, language, "html", shown.unexpected)
    headers = _answer_headers(question, tag, request) | {"Content-Language": language}
    if answer:
        headers |= _told(answer.scope, answer.count, len(answer.rows))
    return Response(page, status, headers, "text/html")


def _iris(answer: QuestionAnswer, grounds: Sequence[Grounds]) -> list[str]:
    """The IRIs that the page of an answer names: what was asked, what rests on what, then the cells."""
    unnamed = [iri for document in answer.scope.documents for one in document.statements for iri in one.does_not_name]
    asked = [term.value for terms in answer.parameters.values() for term in terms if term.sparql.startswith("<")]
    relations = [iri for one in grounds for triple in one.relations for iri in triple]
    cells = [cell.value for row in answer.rows for cell in row.values() if cell.kind == "iri"]
    documents = [place.document for one in grounds for place in one.places]
    charted = [cell.value for row in answer.every for cell in row.values() if cell.kind == "iri"] if answer.question.chart else []
    return list(dict.fromkeys(unnamed + asked + cells + relations + documents + charted))


def question_json(question: Question) -> dict[str, object]:
    """A question as JSON: where it is, what it takes and gives."""
    return {
        "iri": f"{QUESTIONS}{question.slug}",
        "slug": question.slug,
        "name": question.name.mapping(),
        "description": question.description.mapping(),
        "tags": list(question.tags),
        "audience": list(question.audience),
        "entailment": question.entailment,
        "parameters": [
            {
                "name": one.name,
                "type": one.type,
                "kind": one.kind,
                "label": one.label.mapping(),
                "help": one.help.mapping(),
                "required": one.required,
                "multiple": one.multiple,
                "default": list(one.default),
            }
            for one in question.parameters
        ],
        "columns": [column_json(one) for one in question.columns],
        "examples": [{"name": one.name, "parameters": {k: list(v) for k, v in one.parameters.items()}} for one in question.examples],
    }
