"""The format table and content negotiation (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stratgraph.errors import NotAcceptable
from stratgraph.formats import FORMATS, by_name, by_suffix, negotiate, offered

SOLUTIONS = offered("solutions")
GRAPH = offered("graph")
PAGES = offered("graph", "page")


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        (None, "json"),
        ("", "json"),
        ("*/*", "json"),
        ("application/json", "json"),
        ("application/sparql-results+xml;q=0.5, application/sparql-results+json;q=0.9", "json"),
        ("application/sparql-results+json;q=0.5, application/sparql-results+xml;q=0.9", "xml"),
        ("application/sparql-results+json;q=0, */*;q=0.1", "xml"),
        ("text/*", "csv"),
        ("text/tab-separated-values", "tsv"),
        ("text/xml", "xml"),
        ("TEXT/CSV", "csv"),
        (";;q=abc,///", "json"),
    ],
)
def test_accept_selects_the_solutions_format(accept: str | None, name: str) -> None:
    """Weights decide, then our order; a malformed header is as none."""
    assert negotiate(accept, SOLUTIONS).name == name


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        ("*/*", "turtle"),
        ("text/*", "turtle"),
        ("application/ld+json", "jsonld"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
        ("text/turtle;q=0.8, text/html;q=0.7", "turtle"),
    ],
)
def test_accept_selects_the_document_format(accept: str, name: str) -> None:
    """A browser gets a page, an RDF client its format."""
    assert negotiate(accept, PAGES).name == name


def test_what_is_not_offered_is_refused_with_the_offer() -> None:
    """The refusal lists what could be had."""
    with pytest.raises(NotAcceptable) as caught:
        negotiate("image/png", SOLUTIONS)
    assert caught.value.offered == tuple(one.media_type for one in SOLUTIONS)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_any_header_gives_a_format_or_a_refusal(accept: str) -> None:
    """No header text, however odd, raises anything else."""
    with suppress(NotAcceptable):
        assert negotiate(accept, GRAPH) in GRAPH


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("ttl", "turtle"),
        (".nt", "ntriples"),
        ("text/turtle", "turtle"),
        ("RDF", "rdfxml"),
        ("application/ld+json,application/x-json+ld", "jsonld"),
        ("application/x-json+ld, ttl", "turtle"),
    ],
)
def test_a_format_is_found_by_its_names(name: str, wanted: str) -> None:
    """Name, suffix and media type all name a format."""
    assert by_name(name, GRAPH).name == wanted


def test_an_unknown_name_is_refused() -> None:
    """A name outside the table is refused."""
    with pytest.raises(NotAcceptable):
        by_name("exe", GRAPH)


def test_suffixes_and_names_are_unique() -> None:
    """No two formats share a name or a suffix."""
    assert len({one.name for one in FORMATS}) == len({one.suffix for one in FORMATS}) == len(FORMATS)


def test_only_a_suffix_of_the_table_is_one() -> None:
    """The dot of a section number is no suffix."""
    assert by_suffix("id/section/2018-strategy/4.1", GRAPH) == ("id/section/2018-strategy/4.1", None)
    stem, one = by_suffix("id/section/2018-strategy/4.1.ttl", GRAPH)
    assert (stem, one and one.name) == ("id/section/2018-strategy/4.1", "turtle")


def test_text_formats_tell_their_charset() -> None:
    """text/* defaults to another charset in old clients, so it is told."""
    assert by_name("csv", SOLUTIONS).content_type == "text/csv; charset=utf-8"
    assert by_name("json", SOLUTIONS).content_type == "application/sparql-results+json"
