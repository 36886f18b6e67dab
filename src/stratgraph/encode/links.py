"""The curated link from a measure or section to its predecessor, with a note that says why. Imports errors, places, turtle, vocab."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rdflib import RDF, SKOS, Graph, Literal, URIRef

from stratgraph.encode.candidates import Candidate
from stratgraph.errors import InputError
from stratgraph.places import Triple
from stratgraph.vocab import ID, SG, VOCAB

_KINDS: Final = {
    # kind of thing: file, class, path of its IRI, property to the link, property from it, labels
    "measure": ("continuations", SG.MeasureContinuation, "continuation", SG.hasContinuation, SG.continuedMeasure),
    "section": ("alignments", SG.AlignmentLink, "alignment", SG.hasAlignment, SG.alignedSection),
}
_NOTES: Final = {
    "measure": (
        "{reasons}が共通することから、前の施策を引き継ぐものと判断した。",
        "Judged to carry on the earlier measure, from what both have: {reasons}.",
    ),
    "section": (
        "{reasons}が共通することから、内容上対応すると判断した。",
        "Judged to correspond in substance, from what both have: {reasons}.",
    ),
}


@dataclass(frozen=True)
class Link:
    """`file` is the name of the file under curated/across/ that holds such links; `triples` what is to be added to it."""

    iri: str
    file: str
    triples: frozenset[Triple]


def link_to(graph: Graph, iri: str, candidate: Candidate, notes: Mapping[str, str | None]) -> Link:
    """The link from `iri` to an accepted candidate; where `notes` ("ja", "en") says nothing, the note tells what both share.

    Raises InputError where the link is there already.
    """
    thing, other = URIRef(iri), URIRef(candidate.iri)
    kind, _, path = iri.removeprefix(str(ID)).partition("/")
    file, cls, name, to_link, from_link = _KINDS[kind]
    link = ID[f"{name}/{path}/{candidate.iri.removeprefix(str(ID)).partition('/')[2]}"]
    if (link, None, None) in graph:
        raise InputError(f"<{link}> is there already; change it in data/ttl/curated/across/{file}.ttl.")
    texts = {language: _note(kind, candidate, language, notes.get(language)) for language in ("ja", "en")}
    labels = {language: (_label(graph, thing, language), _label(graph, other, language)) for language in ("ja", "en")}
    triples: set[Triple] = {
        (thing, to_link, link),
        (link, RDF.type, cls),
        (link, from_link, other),
        (link, SG.assertionStatus, VOCAB["assertion-status/interpreted"]),
        (link, SKOS.prefLabel, Literal("「{}」と前の「{}」".format(*labels["ja"]), lang="ja")),
        (link, SKOS.prefLabel, Literal("{} and, earlier, {}".format(*labels["en"]), lang="en")),
        *((link, SG.editorialNote, Literal(text, lang=language)) for language, text in texts.items()),
        *((link, SG.evidence, anchor) for one in (thing, other) for anchor in graph.objects(one, SG.evidence)),
    }
    return Link(str(link), file, frozenset(triples))


def _note(kind: str, candidate: Candidate, language: str, given: str | None) -> str:
    return given or _NOTES[kind][language == "en"].format(reasons=candidate.reasons(language))


def _label(graph: Graph, thing: URIRef, language: str) -> str:
    labels = (str(one) for one in graph.objects(thing, SKOS.prefLabel) if isinstance(one, Literal) and one.language == language)
    return next(labels, str(thing).removeprefix(str(ID)))
