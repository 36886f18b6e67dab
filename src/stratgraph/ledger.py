"""The ledger of published IRIs: what once named a thing, concept or term of ours goes on doing so. Imports errors, places, vocab.

`ontology/iris.txt` holds one IRI per line, sorted, and only ever grows. One that nothing describes any more has vanished: it
must come back, or be kept with `dcterms:isReplacedBy` or `owl:deprecated true`. Anchors are not in it (docs/decisions/0007).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rdflib.term import URIRef

from stratgraph.errors import SourceError
from stratgraph.places import Triple
from stratgraph.vocab import ID, SG, VOCAB

FILE: Final = "iris.txt"
_OURS: Final = (str(ID), str(VOCAB), str(SG))
_ANCHORS: Final = str(ID["anchor/"])
_HEAD: Final = "# Published IRIs. `stratgraph ledger --update` adds new ones; none is ever taken out (docs/decisions/0007-iri-ledger.md).\n"

MESSAGE: Final = {
    "ja": "公開済みの IRI {iri} を記述するものがなくなった。元に戻すか、`dcterms:isReplacedBy` で後継を示すか、"
    "`owl:deprecated true` を付けて data/ttl/reference/retired.ttl に残す。台帳からは削らない。",
    "en": "Nothing describes the published IRI {iri} any more. Bring it back, or keep it in data/ttl/reference/retired.ttl with "
    "dcterms:isReplacedBy and what replaces it, or with owl:deprecated true. Do not take it from the ledger.",
}


@dataclass(frozen=True)
class Ledger:
    """Published IRIs, each with its line (from 1) in the file; a product without a file has published nothing yet."""

    lines: Mapping[str, int]

    def vanished(self, described: Iterable[str]) -> tuple[str, ...]:
        """The IRIs that nothing describes any more, in order."""
        return tuple(sorted(set(self.lines) - set(described)))

    def new(self, described: Iterable[str]) -> tuple[str, ...]:
        """The IRIs that are described and not recorded yet, in order."""
        return tuple(sorted(set(described) - set(self.lines)))


def described_iris(graphs: Mapping[str, Iterable[Triple]]) -> frozenset[str]:
    """The IRIs of ours that named graphs describe, anchors and fragments of things aside."""
    subjects = {str(triple[0]) for triples in graphs.values() for triple in triples if isinstance(triple[0], URIRef)}
    return frozenset(
        iri for iri in subjects if iri.startswith(_OURS) and not iri.startswith(_ANCHORS) and ("#" not in iri or iri.startswith(_OURS[-1]))
    )


def read_ledger(folder: Path) -> Ledger:
    """Read the ledger in `folder`. Raises SourceError, with the line, where it is not sorted or holds something else."""
    path = folder / FILE
    if not path.is_file():
        return Ledger({})
    lines: dict[str, int] = {}
    last = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("# "):
            continue
        if not line.startswith(_OURS) or line <= last:
            raise SourceError(
                "one IRI of ours per line, sorted, none twice; `stratgraph ledger --update` puts it in order", str(path), number
            )
        lines[line], last = number, line
    return Ledger(lines)


def update_ledger(folder: Path, described: Iterable[str]) -> tuple[str, ...]:
    """Add to the ledger what is described and not in it; nothing is taken out. Returns what was added."""
    path = folder / FILE
    known = set(path.read_text(encoding="utf-8").splitlines()) if path.is_file() else set()
    known = {line for line in known if line.startswith(_OURS)}
    added = tuple(sorted(set(described) - known))
    fresh = path.with_name(f".{FILE}.new")
    fresh.write_text(_HEAD + "".join(f"{iri}\n" for iri in sorted(known | set(added))), encoding="utf-8")
    fresh.replace(path)
    return added
