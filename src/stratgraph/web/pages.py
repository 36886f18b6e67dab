"""Renders the pages. Imports Jinja2, this package's views, links and messages; asks no store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import jinja2
from markupsafe import Markup

from stratgraph.changes import Change, Changes, word
from stratgraph.errors import BadParameter, SourceError, StratgraphError
from stratgraph.explain import Explanation
from stratgraph.formats import Format, offered
from stratgraph.questions import Column, Parameter, Question, QuestionAnswer, Questions, bind
from stratgraph.questions.answer import SUMMARY_MARK, column_label
from stratgraph.questions.find import Wanted
from stratgraph.questions.model import AUDIENCES
from stratgraph.questions.origins import Origins
from stratgraph.questions.resolve import Choice, Choices
from stratgraph.release import Release
from stratgraph.store.interface import Hits, SearchRequest
from stratgraph.store.searching import kind_of as kind_of_thing
from stratgraph.vocab import BASE, SG, SGF
from stratgraph.web.charts import chart_of
from stratgraph.web.errors import kind_of, kinds_told
from stratgraph.web.grounds import Grounds
from stratgraph.web.links import canonical, local_path, search_query, short_name
from stratgraph.web.messages import load_messages, say
from stratgraph.web.ontology_page import OntologyTerm, Version
from stratgraph.web.operations import MARK
from stratgraph.web.protocol import ProtocolRequest
from stratgraph.web.resource_page import ResourceView, label_of
from stratgraph.web.results import ResultTable

_SELECT_LIMIT: Final = 80
_SUGGESTED: Final = 1000
STARTING: Final = (
    *("who-leads-a-theme", "where-is-a-recommendation-reflected", "real-answer-to-a-comment"),
    *("everything-that-involves-a-body", "what-changed-for-a-section", "items-by-ministry"),
)
_PREFIXES: Final = f"""PREFIX sg: <{BASE}ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
_FIRST_QUERY: Final = f"""{_PREFIXES}
SELECT ?recommendation ?number ?label
WHERE {{
  ?recommendation a sg:Recommendation .
  ?recommendation sg:recommendationNumber ?number .
  ?recommendation skos:prefLabel ?label .
  FILTER (LANG(?label) = "ja")
}}
ORDER BY ?recommendation
LIMIT 20
"""
Labels = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class DocumentCount:
    """A document of the corpus with the number of things encoded of it, by class name."""

    iri: str
    labels: Mapping[str, str]
    counts: Mapping[str, int]


@dataclass(frozen=True)
class QuestionShown:
    """What the page of a question shows: what was given, what may be chosen, the answer (a graph as files alone) or the problem."""

    raw: Mapping[str, Sequence[str]]
    choices: Mapping[str, Choices | None]
    answer: QuestionAnswer | None
    labels: Labels
    problem: BadParameter | None
    query_string: str
    level: str = "full"
    grounds: Sequence[Grounds] = ()
    pages: Mapping[str, str] = field(default_factory=dict)
    formats: Sequence[Format] = ()
    graph: bool = False
    unexpected: Sequence[SourceError] = ()


@dataclass(frozen=True)
class OntologyShown:
    """What a page of terms shows: the terms, the ontology's version, labels of things that are examples, the JSON-LD document."""

    terms: Sequence[OntologyTerm]
    version: Version | None = None
    examples: Labels = field(default_factory=dict)
    document: bytes = b""


@dataclass(frozen=True)
class BasketItem:
    """A collected answer: its address from the question's name on, what was asked (label, values), the query of the others."""

    item: str
    slug: str
    name: str
    asked: Sequence[tuple[str, Sequence[str]]]
    count: int
    rest: str
    problem: BadParameter | None


@dataclass(frozen=True)
class BasketShown:
    """What the basket's page shows: its items, and all of them as a query string."""

    items: Sequence[BasketItem]
    query: str


@dataclass(frozen=True)
class Correction:
    """A correction that was made: date (ISO 8601), release, the IRI it is about, words by language, who reported it."""

    date: str
    release: str
    about: str
    words: Mapping[str, str]
    by: str


@dataclass(frozen=True)
class ReportShown:
    """A report of an error, prepared: its query string, what it is about, title, text, the address to send it to, corrections made."""

    query: str
    iri: str
    title: str
    body: str
    to: str
    made: Sequence[Correction]


@dataclass(frozen=True)
class ShapeShown:
    """A shape: its local name, the IRIs it is about, and by language what is said where it does not hold."""

    name: str
    targets: list[str] = field(default_factory=list)
    messages: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class EditorShown:
    """What the query page shows: the request, and its table or error."""

    asked: ProtocolRequest
    table: ResultTable | None = None
    labels: Labels = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)
    error: StratgraphError | None = None


class Pages:
    """The templates, filled with what every page of a release shows. `timeout` is a query's limit (seconds), `endpoint` where it goes."""

    def __init__(self, release: Release, timeout: float, endpoint: str = "/sparql") -> None:
        self._timeout, self._endpoint = timeout, endpoint
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("stratgraph.web"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(
            local=local_path,
            short=short_name,
            canonical=canonical,
            release=release,
            base=BASE,
            mark=SUMMARY_MARK,
            label_of=label_of,
            reason=reason_of,
        )

    def _render(self, template: str, language: str, path: str, **values: Any) -> bytes:
        other = "en" if language == "ja" else "ja"
        query = [(name, value) for name, value in parse_qsl(values.pop("query_string", ""), keep_blank_values=True) if name != "lang"]
        text = self._templates.get_template(template).render(
            language=language,
            other=other,
            path=path,
            switch=f"{path}?{urlencode([*query, ('lang', other)])}",
            t=partial(say, language=language),
            **values,
        )
        return text.encode("utf-8")

    def home(self, language: str, questions: Questions, documents: Sequence[DocumentCount]) -> bytes:
        """The front page."""
        shown = [questions[slug] for slug in STARTING if slug in questions] or list(questions.values())[:3]
        return self._render("home.html", language, "/", shown=shown, questions=questions, documents=documents)

    def questions(self, language: str, questions: Questions, wanted: Wanted, about: Sequence[tuple[Question, str, Choice]] = ()) -> bytes:
        """The list of questions, or those wanted of them, by what they are about; and those that ask about the things wanted."""
        found = wanted.of(questions)
        groups: dict[str, list[Question]] = {}
        for question in found:
            groups.setdefault(question.tags[0], []).append(question)
        asked = {"q": wanted.words, "audience": wanted.audience, "tag": wanted.tag}
        return self._render(
            "questions.html",
            language,
            "/questions",
            query_string=urlencode({name: value for name, value in asked.items() if value}),
            groups=groups,
            found=found,
            total=len(questions),
            wanted=wanted,
            about=[(one, choice.placed(language), urlencode({name: choice.path, "lang": language})) for one, name, choice in about],
            audiences=[one for one in AUDIENCES if any(one in question.audience for question in questions.values())],
            tags=sorted({tag for one in questions.values() for tag in one.tags}, key=lambda tag: tag_label(tag, language)),
            tag_label=partial(tag_label, language=language),
        )

    def question(self, language: str, question: Question, shown: QuestionShown) -> bytes:
        """A question's form with its answer or with what is wrong."""
        level = [("entailment", shown.level)] if shown.level != "full" else []
        given = [(name, value) for name, values in shown.raw.items() for value in values if value.strip()]
        example = question.examples[0].parameters
        data = urlencode([*given, *level, ("lang", language)])
        return self._render(
            "question.html",
            language,
            f"/questions/{question.slug}",
            query_string=shown.query_string,
            question=question,
            fields=[_field(one, shown, language) for one in question.parameters if one.type != "language"],
            shown=shown,
            answer=shown.answer,
            asked=_asked(question, shown, language),
            columns=_columns(question, shown, language),
            chart=chart_of(question, shown.answer.every, shown.labels, language) if shown.answer else None,
            query=bind(question, shown.answer.parameters) if shown.answer else question.query,
            labels=shown.labels,
            problem=shown.problem,
            near=_near(question, shown, language),
            item=f"{question.slug}?{urlencode(given)}" if given else question.slug,
            column_label=column_label,
            example=urlencode([(name, value) for name, values in example.items() for value in values]),
            data_query=data,
            downloads=[(_told_format(one), one.media_type, _download(question, one, data)) for one in sorted(shown.formats, key=_rank)],
            tag_label=partial(tag_label, language=language),
        )

    def resource(self, language: str, view: ResourceView, embedded: bytes) -> bytes:
        """The page of one thing, with its JSON-LD document inside."""
        values = {"view": view, "documents": offered("graph", "dataset"), "embedded": embed(embedded)}
        return self._render("resource.html", language, f"/{view.path}.html", **values)

    def basket(self, language: str, shown: BasketShown) -> bytes:
        """The answers collected, and the files that can be made of them."""
        kinds = (("xlsx", "Excel (XLSX)"), ("docx", "Word (DOCX)"))
        return self._render("basket.html", language, "/basket", query_string=shown.query, shown=shown, kinds=kinds)

    def corrections(self, language: str, shown: ReportShown) -> bytes:
        """How to report an error, with the text of the report, and what was corrected."""
        return self._render("corrections.html", language, "/corrections", query_string=shown.query, shown=shown)

    def ontology(self, language: str, shown: OntologyShown) -> bytes:
        """The ontology's terms, with its JSON-LD document inside."""
        return self._terms(language, ("/ontology", "ontology", "sg", str(SG)), shown)

    def functions(self, language: str, terms: Sequence[OntologyTerm]) -> bytes:
        """What the endpoint offers beyond SPARQL."""
        return self._terms(language, ("/function", "functions", "sgf", str(SGF)), OntologyShown(terms))

    def _terms(self, language: str, place: tuple[str, str, str, str], shown: OntologyShown) -> bytes:
        path, key, prefix, namespace = place
        values: dict[str, Any] = {"at": path, "key": key, "prefix": prefix, "namespace": namespace}
        values["terms"] = [one for one in shown.terms if one.iri.startswith(namespace)]
        values |= {"labels": {one.iri: one.labels for one in shown.terms}, "embedded": embed(shown.document)}
        values |= {"version": shown.version, "examples": shown.examples}
        return self._render("ontology.html", language, f"{path}.html", documents=offered("graph", "dataset"), **values)

    def shapes(self, language: str, shapes: Sequence[ShapeShown]) -> bytes:
        """The shapes that data must keep, with what each says where it is broken."""
        return self._render("shapes.html", language, "/shapes.html", shapes=shapes, documents=offered("graph", "dataset"))

    def search(self, language: str, wanted: SearchRequest, hits: Hits | None, origins: Origins = MappingProxyType({})) -> bytes:
        """What a search found; without it, the form."""
        offsets = _neighbours(wanted, hits)
        return self._render(
            "search.html",
            language,
            "/search",
            query_string=search_query(wanted, wanted.offset),
            wanted=wanted,
            hits=hits,
            origins=origins,
            kind_of=kind_of_thing,
            previous=None if offsets[0] is None else search_query(wanted, offsets[0]),
            next=None if offsets[1] is None else search_query(wanted, offsets[1]),
            other_kind=lambda kind: search_query(replace(wanted, kind=kind or None), 0),
            kind_label=lambda kind: say(f"kind_{kind}", language) if f"kind_{kind}" in load_messages() else kind,
        )

    def why(self, language: str, given: Mapping[str, str], found: Explanation | None, labels: Labels) -> bytes:
        """Why a triple holds; without one, the form to ask."""
        asked = urlencode([(name, text) for name, text in given.items() if text])
        return self._render("why.html", language, "/why", query_string=asked, given=given, found=found, labels=labels)

    def dumps(self, language: str, files: Sequence[Any]) -> bytes:
        """The list of downloads, by level."""
        levels: dict[str, list[Any]] = {}
        for one in files:
            folder, _, name = one.name.rpartition("/")
            levels.setdefault(folder or name.removeprefix("stratgraph-").split(".")[0], []).append(one)
        order = [name for name in ("full", "asserted", "curated", "inferred", "tables", "metadata", "datacite", "proofs") if name in levels]
        graphs = [one for name, files in levels.items() if name not in order for one in files]
        return self._render("dumps.html", language, "/dumps/", levels={name: levels[name] for name in order} | {"graphs": graphs})

    def releases(self, language: str, entries: Sequence[Mapping[str, Any]]) -> bytes:
        """The kept releases, newest first."""
        return self._render("releases.html", language, "/releases", entries=entries)

    def release(self, language: str, found: Release, files: Sequence[Mapping[str, Any]]) -> bytes:
        """A release: facts and downloads."""
        return self._render("release.html", language, f"/releases/{found.id}", found=found, files=files)

    def diff(self, language: str, changes: Changes, most: int) -> bytes:
        """What changed, by how and by class; no more than `most` changes, the rest is counted."""
        groups: dict[tuple[str, str], list[Change]] = {}
        for one in changes.told[:most]:
            groups.setdefault((one.how, word(one.kind_names, language, short_name(one.kind) if one.kind else "–")), []).append(one)
        path = f"/releases/{changes.old}/diff/{changes.new}"
        return self._render("diff.html", language, path, changes=changes, groups=groups, more=max(0, len(changes.told) - most), word=word)

    def catalog(self, language: str, labels: Labels) -> bytes:
        """What the dataset is; `labels` are those of its graphs."""
        return self._render("catalog.html", language, "/catalog", documents=offered("graph", "dataset"), labels=labels, word=word)

    def api(self, language: str, schema: Mapping[str, Any]) -> bytes:
        """The interface's operations."""
        paths = {path: found for path, found in schema["paths"].items() if not any(MARK in one for one in found.values())}
        return self._render("api.html", language, "/api", schema={**schema, "paths": paths}, kinds=kinds_told(), messages=load_messages())

    def editor(self, language: str, questions: Questions, shown: EditorShown) -> bytes:
        """The page to write a query on, with its answer or with what is wrong with it."""
        asked = shown.asked
        query = asked.query if asked.query is not None else _FIRST_QUERY
        graphs = [("default-graph-uri", iri) for iri in asked.default_graphs or ()]
        graphs += [("named-graph-uri", iri) for iri in asked.named_graphs or ()]
        data = [("query", query), *graphs, *((k, v) for k, v in asked.options.items() if k in ("entailment", "timeout"))]
        return self._render(
            "editor.html",
            language,
            self._endpoint,
            query_string=urlencode(data if asked.query is not None else []),
            query=query,
            options=asked.options,
            graphs=graphs,
            questions=questions,
            table=shown.table,
            labels=shown.labels,
            error=shown.error,
            error_kind=kind_of(shown.error) if shown.error else "",
            error_line=_line(query, getattr(shown.error, "line", None)),
            data=urlencode(data),
            timeout=self._timeout,
            prefixes="\n".join(f"PREFIX {name}: <{iri}>" for name, iri in sorted(shown.prefixes.items())),
        )

    def error(
        self, problem: Mapping[str, Any], language: str, path: str, reason: str = "", named: Mapping[str, str] = MappingProxyType({})
    ) -> bytes:
        """The page of an error; `reason` says in the reader's language what is wrong, where that is known; `named` are questions."""
        return self._render("error.html", language, path, problem=problem, reason=reason, named=named)


def embed(document: bytes) -> Markup:
    """A JSON-LD document (empty: none) as it may stand in a script element: nothing in it ends the element or begins a comment."""
    if not document:
        return Markup()
    text = document.decode().replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return Markup('<script type="application/ld+json">{}</script>').format(Markup(text))  # noqa: S704 - escaped above


@dataclass(frozen=True)
class QuestionField:
    """A parameter as the form shows it: its control (select, checks, or input), values now in it, choices or suggestions."""

    parameter: Parameter
    control: str
    now: Sequence[str]
    options: Sequence[tuple[str, str, bool]] = ()
    suggestions: Sequence[tuple[str, str]] = ()
    groups: Mapping[str, str] = field(default_factory=dict)

    @property
    def grouped(self) -> Mapping[str, Sequence[tuple[str, str, bool]]]:
        """The options by the document that they are from; those of none first."""
        found: dict[str, list[tuple[str, str, bool]]] = {"": []}
        for option in self.options:
            found.setdefault(self.groups.get(option[0], ""), []).append(option)
        return found

    @property
    def input_type(self) -> str:
        """The type attribute of its input."""
        return {"date": "date", "integer": "number"}.get(self.parameter.type, "text")


def _field(parameter: Parameter, shown: QuestionShown, language: str) -> QuestionField:
    """Few choices are a list to pick from; many are typed, with suggestions; the values are shown as they would be typed."""
    choices = shown.choices.get(parameter.name)
    now = [value for value in shown.raw.get(parameter.name, ()) if value.strip()]
    meant = [term.value for term in shown.answer.parameters.get(parameter.name, ())] if shown.answer else []
    if choices is None or parameter.matches:
        names = sorted({name for one in choices.all[:_SUGGESTED] for name in one.called}) if choices else []
        values = now or ([] if shown.raw else list(parameter.default))
        return QuestionField(parameter, "input", values, suggestions=[(name, "") for name in names])
    if len(choices.all) <= _SELECT_LIMIT:
        several = parameter.multiple
        options = [
            (one.path, one.placed(language) if several else one.label(language), one.iri in meant or one.path in now) for one in choices.all
        ]
        groups = {} if several else {one.path: one.document(language) for one in choices.all}
        return QuestionField(parameter, "checks" if several else "select", now, options, groups=groups)
    known = [choices.typed(choices.by_iri[iri], language) for iri in meant if iri in choices.by_iri]
    return QuestionField(parameter, "input", known or now, suggestions=choices.suggestions(language, _SUGGESTED))


def _asked(question: Question, shown: QuestionShown, language: str) -> list[tuple[str, str]]:
    """What was asked, for whoever reads the page printed: labels of parameters with their values."""
    if shown.answer is None:
        return []
    comma = say("comma", language)
    told = []
    for one in question.parameters:
        terms = shown.answer.parameters.get(one.name, ())
        choices = shown.choices.get(one.name)
        known = choices.by_iri if choices else {}
        values = [
            known[term.value].placed(language)
            if term.value in known
            else label_of(term.value, shown.labels, language)
            if term.sparql.startswith("<")
            else term.value
            for term in terms
        ]
        if values and one.type != "language":
            told.append((one.label.get(language), comma.join(values)))
    return told


@dataclass(frozen=True)
class NearChoices:
    """Values to try instead of a refused one, each with the address that asks for it; `wrong` tells that there was one."""

    wrong: bool
    choices: Sequence[tuple[str, str]]


def _near(question: Question, shown: QuestionShown, language: str) -> NearChoices | None:
    """The things named by a problem as links that ask for them; None where it names no things."""
    problem = shown.problem
    choices = shown.choices.get(problem.parameter) if problem else None
    if problem is None or choices is None:
        return None
    known = {one.path: one for one in choices.all}
    paths = [text.split(" (", 1)[0] for text in problem.allowed]
    others = [(name, value) for name, values in shown.raw.items() if name != problem.parameter for value in values]
    found = [
        (known[path].placed(language), f"/questions/{question.slug}?{urlencode([*others, (problem.parameter, path), ('lang', language)])}")
        for path in paths
        if path in known
    ]
    wrong = any(value.strip() for value in shown.raw.get(problem.parameter, ()))
    return NearChoices(wrong, found) if found else None


def _download(question: Question, kind: Format, data: str) -> str:
    """The address of an answer in a format: by suffix where the suffix is the format's own."""
    if kind.name in ("answer", "excel-csv"):
        return f"/questions/{question.slug}?format={'json' if kind.name == 'answer' else kind.name}&{data}"
    return f"/questions/{question.slug}{kind.suffix}?{data}"


def _rank(kind: Format) -> int:
    """Tables for people first, then what programs read."""
    order = ("xlsx", "docx", "excel-csv", "csv", "tsv", "answer")
    return order.index(kind.name) if kind.name in order else len(order)


def _told_format(kind: Format) -> str:
    """A format's name on a button."""
    told = {
        "answer": "JSON",
        "json": "SPARQL JSON",
        "xml": "SPARQL XML",
        "xlsx": "Excel (XLSX)",
        "docx": "Word (DOCX)",
        "excel-csv": "CSV (Excel)",
    }
    return told.get(kind.name, kind.name.upper() if kind.name in ("csv", "tsv") else kind.name)


def reason_of(problem: BadParameter, language: str) -> str:
    """Why a value is refused, in a language where there are words for it, else in English."""
    return problem.reasons.get(language) or problem.reasons["en"]


def tag_label(tag: str, language: str) -> str:
    """A tag's words; the tag itself where it has none."""
    return say(f"tag_{tag}", language) if f"tag_{tag}" in load_messages() else tag.replace("-", " ")


def _columns(question: Question, shown: QuestionShown, language: str) -> list[Column]:
    """The columns worth a place on the page: a title is left out where the linked thing beside it says the same."""
    rows = shown.answer.rows if shown.answer else ()
    told = [{label_of(cell.value, shown.labels, language) for cell in row.values() if cell.kind == "iri"} for row in rows]

    def repeats(column: Column) -> bool:
        return bool(rows) and all(column.name in row and row[column.name].value in names for row, names in zip(rows, told, strict=True))

    return [one for one in question.columns if one.type != "text" or not repeats(one)]


def _line(query: str, line: int | None) -> str:
    """The text of a line (from 1) of a query, empty where there is none."""
    lines = query.splitlines()
    return lines[line - 1] if line and 1 <= line <= len(lines) else ""


def _neighbours(wanted: SearchRequest, hits: Hits | None) -> tuple[int | None, int | None]:
    before = max(0, wanted.offset - wanted.limit) if wanted.offset else None
    after = wanted.offset + wanted.limit
    return before, after if hits is not None and after < hits.count else None
