"""A crawler in processes of its own: every document of an IRI read by second parsers, and every link followed.

Second parsers are raptor, and for JSON-LD, which raptor does not read, rdflib. That the documents of an IRI say the same is compared as
pyoxigraph reads them.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Final, TypeVar
from urllib.parse import quote, unquote, urljoin, urlsplit

import pyoxigraph as ox
from rdflib import Dataset

from stratgraph.formats import Format, offered
from stratgraph.vocab import BASE

from .raptor import Raptor

ENGINE: Final = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "trig": ox.RdfFormat.TRIG,
    "nquads": ox.RdfFormat.N_QUADS,
}
FORMATS: Final = offered("graph", "dataset")
# Answers at the IRI itself, without a document of its own per format.
DIRECT: Final = ("/sparql", "/questions/", "/catalog", "/.well-known/void")
FILES: Final = ("/dumps/", "/releases", "/context.jsonld")
# The largest graph: JSON-LD with whole IRIs.
UNFRAMED: Final = ("/graph/proofs",)
# Queries of the pages whose links are followed; the other language has the same links.
READ: Final = ("", "lang=ja")
_PORTION: Final = 40
_REDIRECTS: Final = (301, 303, 307, 308)
T = TypeVar("T")


@dataclass
class Found:
    """What a crawl has found: documents by format, triples of documents about things (as N-Triples), and what is wrong."""

    documents: Counter[str] = field(default_factory=Counter)
    triples: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def add(self, other: Found) -> None:
        """Take over what another crawl has found."""
        self.documents += other.documents
        self.triples |= other.triples
        self.faults += other.faults


@dataclass(frozen=True)
class Answer:
    """An answer, after redirects: the path that gave it, status, media type and body."""

    path: str
    status: int
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Followed:
    """Where a link led: status and media type, what the page there names (addresses; places in pages, with their fragment), and its ids."""

    address: str
    status: int
    media_type: str
    links: Sequence[str] = ()
    places: Sequence[str] = ()
    ids: Sequence[str] = ()


class Links(HTMLParser):
    """The addresses that a page names, and its ids."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's
        """Called by the parser."""
        self.found += [value for name, value in attrs if name in ("href", "src") and value]
        self.ids += [value for name, value in attrs if name == "id" and value]


class Crawler:
    """One connection to a server, and one world of raptor."""

    def __init__(self, host: str, port: int) -> None:
        self._connection = HTTPConnection(host, port, timeout=120)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @cached_property
    def _raptor(self) -> Raptor:
        return Raptor()

    def get(self, path: str, accept: str, method: str = "GET") -> Answer:
        """Ask, and follow redirects, which must stay on this server."""
        for _ in range(5):
            response, content = self._ask(path, accept, method)
            location = response.headers.get("location")
            if response.status not in _REDIRECTS or not location or not location.startswith("/"):
                media_type = response.headers.get("content-type", "")
                return Answer(path, response.status, media_type, content)
            path = location
        return Answer(path, 508, "", b"")

    def _ask(self, path: str, accept: str, method: str) -> tuple[HTTPResponse, bytes]:
        for again in (False, True):
            try:
                self._connection.request(method, quote(path, safe="/:@!$&'()*+,;=~-._?%"), headers={"Accept": accept})
                response = self._connection.getresponse()
                return response, response.read()
            except (HTTPException, OSError) as error:
                self._connection.close()
                # The server closes a connection that has been idle while a large document was read.
                if again or not isinstance(error, ConnectionError):
                    raise
        raise AssertionError("not reached")

    def documents(self, number: int, path: str, found: Found) -> None:
        """All RDF documents of an IRI: found, of the right type, read by a second parser, and saying the same."""
        if path.startswith(FILES):
            _check(self.get(path, "*/*", "HEAD").status == 200, path)
            return
        first = FORMATS[number % len(FORMATS)]
        asked = self.get(path, first.media_type)
        document = asked.path.removesuffix(first.suffix)
        direct = path.startswith(DIRECT)
        said: frozenset[ox.Triple] | None = None
        for one in FORMATS:
            answer = asked if one is first else self.get(path if direct else document + one.suffix, one.media_type)
            _check(answer.status in (200, 410), f"{path} {one.name}: {answer.status}")
            _check(answer.media_type == one.content_type, f"{path} {one.name}: {answer.media_type}")
            told = self._read(answer.content, one, BASE + path[1:])
            _check(one.name != "jsonld" or path in UNFRAMED or b'"@context"' in answer.content[:20], f"{path}: JSON-LD is not framed")
            said = told if said is None else said
            _check(told == said, f"{path}: {one.name} and {first.name} differ")
            found.documents[one.name] += 1
        if path.startswith(("/id/", "/vocab/", "/dataset")):
            found.triples |= {str(one) for one in said or ()}

    def _read(self, content: bytes, form: Format, iri: str) -> frozenset[ox.Triple]:
        quads = list(ox.parse(content, ENGINE[form.name]))
        triples = {one.triple for one in quads}
        if form.name == "jsonld":
            second = Dataset(default_union=True)
            second.parse(data=content, format="json-ld")
            _check(len(second) == len(triples), f"{iri}: rdflib reads {len(second)} statements, pyoxigraph {len(triples)}")
        else:
            count = self._raptor.count(content, form.name, iri)
            _check(count == len(quads), f"{iri} {form.name}: raptor reads {count} statements, pyoxigraph {len(quads)}")
        return canonical(triples)

    def follow(self, address: str) -> Followed:
        """Where a link leads; a page in Japanese is read."""
        path, _, query = address.partition("?")
        page = is_page(path) and query in READ
        answer = self.get(address, "text/html, */*;q=0.5", "GET" if page else "HEAD")
        if not page or not answer.media_type.startswith("text/html"):
            return Followed(address, answer.status, answer.media_type)
        found = Links(answer.content.decode())
        targets = [urlsplit(urljoin(answer.path, link)) for link in found.found]
        targets = [one for one in targets if not one.scheme and not one.netloc]
        links = sorted({one._replace(fragment="").geturl() for one in targets})
        places = sorted(
            {f"{one.path.removesuffix('.html')}#{unquote(one.fragment)}" for one in targets if one.fragment and one.query in READ}
        )
        return Followed(address, answer.status, answer.media_type, links, places, found.ids)


def is_page(path: str) -> bool:
    """Whether a path may be that of a page: no download, no other format."""
    return not path.startswith(("/dumps/", "/static/")) and not path.endswith(tuple(one.suffix for one in FORMATS))


def canonical(triples: set[ox.Triple]) -> frozenset[ox.Triple]:
    """Triples whose blank nodes have the labels of RDFC-1.0, so that what is isomorphic is equal."""
    if not any(isinstance(term, ox.BlankNode) for one in triples for term in (one.subject, one.object)):
        return frozenset(triples)
    dataset = ox.Dataset(ox.Quad(one.subject, one.predicate, one.object) for one in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return frozenset(one.triple for one in dataset)


def _check(holds: bool, told: str) -> None:
    if not holds:
        raise AssertionError(told)


@cache
def _crawler(host: str, port: int) -> Crawler:
    return Crawler(host, port)


def _crawl(host: str, port: int, paths: Sequence[tuple[int, str]]) -> Found:
    found = Found()
    for number, path in paths:
        try:
            _crawler(host, port).documents(number, path, found)
        except (AssertionError, HTTPException, OSError, SyntaxError, ValueError) as error:
            found.faults.append(f"{path}: {error!r}"[:500])
    return found


def _follow(host: str, port: int, addresses: Sequence[str]) -> list[Followed]:
    return [_crawler(host, port).follow(one) for one in addresses]


@contextmanager
def processes() -> Iterator[ProcessPoolExecutor]:
    """As many crawlers as there are processors; started afresh, since the server's process has threads."""
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        yield pool


def crawl(host: str, port: int, paths: Sequence[str]) -> Found:
    """Every document of these IRIs (by path)."""
    numbered = list(enumerate(paths))
    found = Found()
    with processes() as pool:
        for one in pool.map(_crawl, *_portions(host, port, numbered)):
            found.add(one)
    return found


def walk(host: str, port: int, starts: Iterable[str], wanted: Callable[[str], bool]) -> Iterator[tuple[Followed, str]]:
    """Where every link leads that is found from these addresses, breadth first, each with the page that names it."""
    named_by = dict.fromkeys(starts, "-")
    todo = list(named_by)
    with processes() as pool:
        while todo:
            coming: list[str] = []
            for portion in pool.map(_follow, *_portions(host, port, todo)):
                for followed in portion:
                    yield followed, named_by[followed.address]
                    for link in followed.links:
                        if link not in named_by:
                            named_by[link] = followed.address
                            if wanted(link):
                                coming.append(link)
            todo = coming


def _portions(host: str, port: int, values: Sequence[T]) -> tuple[list[str], list[int], list[Sequence[T]]]:
    portions = [values[start : start + _PORTION] for start in range(0, len(values), _PORTION)]
    return [host] * len(portions), [port] * len(portions), portions
