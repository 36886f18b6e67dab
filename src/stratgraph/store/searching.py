"""What a worker finds for a search over names and texts, and how it travels to the server. Imports describing, graphs, interface, text.

A thing is found once, by its best text: names before variants before texts, whole before beginning before part, short before long.
Records of relations, whose names repeat those of what they relate, come after all else.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from stratgraph.store.describing import labels_of
from stratgraph.store.graphs import Graphs
from stratgraph.store.interface import Hit, Hits, SearchRequest
from stratgraph.store.text import TEXT, VARIANT, Match
from stratgraph.vocab import BASE

_FIELDS: Final = ("name", "variant", "text")
_RECORDS: Final = frozenset(
    {"alignment", "assignment", "completeness", "continuation", "correspondence", "dataset", "membership", "objective-link"}
    | {"relation", "source-text", "stated-change", "theme-link", "threat-response"}
)


def search(graphs: Graphs, request: SearchRequest) -> Hits:
    """Search the level's texts. Raises QueryError for a level that does not exist."""
    level = graphs.level(request.level)
    last = VARIANT if request.names_only else TEXT
    best: dict[str, Match] = {}
    for match in graphs.texts.find(request.words, (one.value for one in level.visible), request.language, last):
        known = best.get(match.subject.value)
        if known is None or match.rank < known.rank:
            best[match.subject.value] = match
    kinds = Counter(kind_of(iri) for iri in best)
    found = [match for iri, match in best.items() if request.kind in (None, kind_of(iri))]
    page = sorted(found, key=lambda match: (kind_of(match.subject.value) in _RECORDS, match.rank))[
        request.offset : request.offset + request.limit
    ]
    hits = tuple(Hit(match.subject.value, match.text.value, match.text.language, _FIELDS[match.field]) for match in page)
    return Hits(hits, len(found), dict(sorted(kinds.items())), {hit.iri: labels_of(graphs, hit.iri, level.merged) for hit in hits})


def kind_of(iri: str) -> str:
    """The kind of a thing by its IRI: `measure` for …/id/measure/…, `vocab` for concepts, `ontology` for terms, else `other`."""
    path = iri.removeprefix(BASE)
    if path == iri:
        return "other"
    head, _, rest = path.replace("#", "/").partition("/")
    return rest.partition("/")[0] if head == "id" else head


def serialize_hits(hits: Hits) -> bytes:
    """Hits as JSON."""
    return json.dumps(asdict(hits), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def parse_hits(data: bytes) -> Hits:
    """The hits that `serialize_hits` wrote."""
    told: Mapping[str, Any] = json.loads(data)
    return Hits(tuple(Hit(**one) for one in told["hits"]), told["count"], told["kinds"], told["labels"])
