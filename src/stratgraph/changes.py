"""What changed from one release to another: as a patch of statements, and in people's terms. Imports the store's reader and vocab.

The content of a release is a set of lines, canonical N-Quads (RDFC-1.0): two releases differ in lines. Blank nodes have canonical labels,
so a patch is exact for the lines; a store that renames blank nodes must keep the labels (RDF Patch's `_:label` means just that).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from stratgraph.errors import SourceError
from stratgraph.store.interface import Statement, Term
from stratgraph.store.rdf import read_statements
from stratgraph.vocab import BASE, CURATED_GRAPHS, EXTERNAL_NAMES, INFERRED_GRAPH, SG

Labels = Mapping[str, Mapping[str, str]]
_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_LABELS: Final = ("http://www.w3.org/2004/02/skos/core#prefLabel", "http://www.w3.org/2000/01/rdf-schema#label")
_NAMED: Final = (b"#prefLabel> ", b"rdf-schema#label> ", b"#assignee> ")
# Inferred, but what people ask for; the rest of what follows is counted, not told.
_TOLD: Final = frozenset({str(SG.leadAgency)})
_PLACES: Final = frozenset({str(SG.TextAnchor), "http://www.w3.org/ns/oa#TextPositionSelector"})
_OURS: Final = str(SG)


@dataclass(frozen=True)
class Patch:
    """From one release to another, by their identifiers: lines of N-Quads to take out, then lines to put in, each sorted."""

    old: str
    new: str
    deletions: tuple[bytes, ...]
    additions: tuple[bytes, ...]


def make_patch(old: str, new: str, before: bytes, after: bytes) -> Patch:
    """The patch between the contents (canonical N-Quads, in any order of lines) of two releases."""
    gone, there = set(before.splitlines(keepends=True)), set(after.splitlines(keepends=True))
    return Patch(old, new, tuple(sorted(gone - there)), tuple(sorted(there - gone)))


def apply_patch(content: bytes, patch: Patch) -> bytes:
    """The content after the patch, as sorted lines. Raises SourceError where the content is not what the patch begins from."""
    lines = set(content.splitlines(keepends=True))
    if not lines.issuperset(patch.deletions) or not lines.isdisjoint(patch.additions):
        raise SourceError(f"the content is not that of release {patch.old}, from which the patch begins", "RDF Patch")
    return b"".join(sorted((lines - set(patch.deletions)) | set(patch.additions)))


def write_patch(patch: Patch) -> bytes:
    """The patch in the text form of RDF Patch (https://afs.github.io/rdf-delta/rdf-patch.html): heads, one transaction, deletions first."""
    head = f"H id <{BASE}releases/{patch.new}> .\nH prev <{BASE}releases/{patch.old}> .\nTX .\n".encode()
    return b"".join((head, *(b"D " + one for one in patch.deletions), *(b"A " + one for one in patch.additions), b"TC .\n"))


def read_patch(text: bytes) -> Patch:
    """What `write_patch` wrote. Raises SourceError with the line that is none of a patch."""
    found: dict[bytes, list[bytes]] = {b"H": [], b"D": [], b"A": [], b"TX": [], b"TC": []}
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        kind, _, rest = line.partition(b" ")
        if kind not in found or not line.endswith(b".\n"):
            raise SourceError("not a line of an RDF Patch", "RDF Patch", number)
        found[kind].append(rest)
    if not lines or lines[-1] != b"TC .\n":
        raise SourceError("the patch is cut off: its last line is not “TC .”", "RDF Patch", len(lines))
    heads = {name: value.decode().strip(" <>.\n").rsplit("/", 1)[-1] for name, _, value in (one.partition(b" ") for one in found[b"H"])}
    return Patch(heads.get(b"prev", ""), heads.get(b"id", ""), tuple(found[b"D"]), tuple(found[b"A"]))


@dataclass(frozen=True)
class Change:
    """A thing that was added, removed or changed; for a change the property (its IRI), and its values before and after.

    `names` are the thing's labels, `kind_names` its class's, `property_names` the property's; values are texts by language, "" for
    what has none. `curated`: it is our interpretation, not a document's statement.
    """

    how: str
    iri: str
    kind: str
    names: Mapping[str, str]
    kind_names: Mapping[str, str]
    property: str = ""
    property_names: Mapping[str, str] = field(default_factory=dict)
    before: tuple[Mapping[str, str], ...] = ()
    after: tuple[Mapping[str, str], ...] = ()
    curated: bool = False


@dataclass(frozen=True)
class Changes:
    """What changed: things in people's terms, in order; how many places in texts and inferred statements came and went beside that."""

    old: str
    new: str
    told: tuple[Change, ...]
    deletions: int
    additions: int
    places: tuple[int, int]
    inferred: tuple[int, int]


def tell_changes(patch: Patch, before: bytes, after: bytes) -> Changes:
    """A patch between two contents in people's terms. Raises SourceError for bad N-Quads."""
    gone, came = _Side(patch.deletions, before), _Side(patch.additions, after)
    labels = {**EXTERNAL_NAMES, **gone.labels, **came.labels}
    told: list[Change] = []
    for iri in sorted(gone.about.keys() | came.about.keys()):
        told += _about(iri, gone, came, labels)
    order = {"added": 0, "removed": 1, "changed": 2}
    told.sort(key=lambda one: (order[one.how], one.kind, one.iri, one.property))
    return Changes(
        patch.old,
        patch.new,
        tuple(told),
        len(patch.deletions),
        len(patch.additions),
        (len(gone.begun & gone.places), len(came.begun & came.places)),
        (gone.inferred, came.inferred),
    )


class _Side:
    """One side of a patch: its statements by subject, and what the whole content calls things."""

    def __init__(self, lines: Sequence[bytes], content: bytes) -> None:
        statements = read_statements(b"".join(lines))
        self.inferred = sum(one.graph == INFERRED_GRAPH for one in statements)
        self.about: dict[str, list[Statement]] = defaultdict(list)
        for one in statements:
            if one.subject.kind == "iri" and (one.graph != INFERRED_GRAPH or one.predicate in _TOLD):
                self.about[one.subject.value].append(one)
        self.labels = _labels(content)
        self.begun = {iri for iri, ones in self.about.items() if any(one.predicate == _TYPE for one in ones)}
        subjects = {f"<{iri}>".encode() for iri in self.about}
        typed = (one for one in content.splitlines(keepends=True) if b"#type> " in one and one.partition(b" ")[0] in subjects)
        self.kinds = _kinds(read_statements(b"".join(typed)))
        self.places = {iri for iri, kind in self.kinds.items() if kind in _PLACES}


def _labels(content: bytes) -> Labels:
    found: dict[str, dict[str, str]] = {}
    assignees: dict[str, str] = {}
    lines = [one for one in content.splitlines(keepends=True) if any(mark in one for mark in _NAMED)]
    for one in read_statements(b"".join(lines)):
        if one.predicate in _LABELS:
            found.setdefault(one.subject.value, {}).setdefault(one.object.language or "", one.object.value)
        elif one.object.kind == "iri":
            assignees[one.subject.value] = one.object.value
    return {**{iri: found[body] for iri, body in assignees.items() if body in found}, **found}


def _kinds(statements: Iterable[Statement]) -> dict[str, str]:
    """The class of each thing: what is encoded beats what follows, ours beats others'."""
    ranked = sorted(
        (one for one in statements if one.predicate == _TYPE),
        key=lambda one: (one.graph == INFERRED_GRAPH, not one.object.value.startswith(_OURS), one.object.value),
        reverse=True,
    )
    return {one.subject.value: one.object.value for one in ranked}


def _about(iri: str, gone: _Side, came: _Side, labels: Labels) -> Iterator[Change]:
    kind = came.kinds.get(iri) or gone.kinds.get(iri, "")
    if kind in _PLACES:
        return
    was, is_now = gone.about.get(iri, []), came.about.get(iri, [])
    head = (iri, kind, labels.get(iri, {}), labels.get(kind, {}))
    curated = all(one.graph.startswith(CURATED_GRAPHS) for one in (*was, *is_now))
    if iri in came.begun and iri not in gone.kinds:
        yield Change("added", *head, curated=curated)
    elif iri in gone.begun and iri not in came.kinds:
        yield Change("removed", *head, curated=curated)
    else:
        for name in sorted({one.predicate for one in (*was, *is_now)}):
            values = [
                _values([one.object for one in side if one.predicate == name], names.labels)
                for side, names in ((was, gone), (is_now, came))
            ]
            if values[0] != values[1]:
                ours = all(one.graph.startswith(CURATED_GRAPHS) for one in (*was, *is_now) if one.predicate == name)
                yield Change("changed", *head, name, labels.get(name, {}), values[0], values[1], ours)


def _values(terms: Sequence[Term], labels: Labels) -> tuple[Mapping[str, str], ...]:
    found = [
        labels.get(one.value, {"": one.value.removeprefix(BASE)}) if one.kind == "iri" else {one.language or "": one.value} for one in terms
    ]
    return tuple(sorted(found, key=lambda one: sorted(one.items())))


def word(names: Mapping[str, str], language: str, otherwise: str) -> str:
    """The text in a language, else in any, else another."""
    return names.get(language) or next(iter(names.values()), "") or otherwise
