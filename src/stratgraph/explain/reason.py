"""A triple's explanation: what it is, the rule and premises if it was inferred, and the places of what is asserted.

Imports the store's interface. Every leaf is asked of the store in one go: which graphs state it, and what evidence its subject has.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from stratgraph.explain.graph import has_expression, height_over
from stratgraph.explain.kept import Proofs, Step, Written, premises_first
from stratgraph.explain.texts import RuleText, rule_texts
from stratgraph.store.interface import Store
from stratgraph.store.results import Cell, select
from stratgraph.vocab import BASE, CURATED_GRAPHS, INFERRED_GRAPH, METADATA_GRAPH, ONTOLOGY_GRAPH

_NEAR: Final = 10
_AT_ONCE: Final = 200
_STATED: Final = "SELECT ?i ?g WHERE {{ VALUES (?i ?s ?p ?o) {{ {rows} }} GRAPH ?g {{ ?s ?p ?o }} }} ORDER BY ?i ?g"
_EVIDENCE: Final = """
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX sg: <{base}ontology#>
SELECT ?thing ?anchor ?document ?heading ?ja ?en ?page ?start ?end ?sha256 ?status WHERE {{
  VALUES ?thing {{ {things} }}
  ?thing sg:evidence ?anchor .
  ?anchor oa:hasSource [ sg:sourceTextOf ?document ] ; oa:hasSelector ?selector ; sg:spanSha256 ?sha256 .
  ?selector oa:start ?start ; oa:end ?end .
  OPTIONAL {{ ?anchor sg:headingPath ?heading }}
  OPTIONAL {{ ?anchor sg:locator ?ja FILTER (LANG(?ja) = "ja") }}
  OPTIONAL {{ ?anchor sg:locator ?en FILTER (LANG(?en) = "en") }}
  OPTIONAL {{ ?anchor sg:pageOrdinal ?page }}
  OPTIONAL {{ ?thing sg:assertionStatus ?status }}
}} ORDER BY ?thing ?document ?start ?end
"""
_NEIGHBOURS: Final = """
SELECT DISTINCT ?s ?p ?o WHERE {{
  {{ {s} {p} ?o BIND ({s} AS ?s) BIND ({p} AS ?p) }} UNION {{ {s} ?p {o} BIND ({s} AS ?s) BIND ({o} AS ?o) }}
  UNION {{ ?s {p} {o} BIND ({p} AS ?p) BIND ({o} AS ?o) }}
}} ORDER BY ?s ?p ?o LIMIT {limit}
"""


@dataclass(frozen=True)
class Evidence:
    """A place in a document that supports a leaf: anchor, document, heading path, locator by language, page, offsets, hash, status."""

    anchor: str
    document: str
    heading: str | None
    locator: Mapping[str, str]
    page: int | None
    start: int
    end: int
    sha256: str
    status: str | None


@dataclass(frozen=True)
class Explanation:
    """Why a triple holds. `kind` is asserted, curated, inferred or absent; `near` holds triples like an absent one.

    `height` counts the inferences on the longest way down to what is asserted.
    """

    triple: Written
    kind: str
    rule: RuleText | None = None
    premises: tuple[Explanation, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    graphs: tuple[str, ...] = ()
    near: tuple[Written, ...] = ()
    height: int = 0

    def steps(self) -> Iterator[Explanation]:
        """This explanation and all below it, premises after what they support."""
        yield self
        for premise in self.premises:
            yield from premise.steps()

    def json(self) -> dict[str, Any]:
        """`{triple, kind, rule: {name, text}, premises, evidence, graphs, height}`, nested; `near` for an absent triple."""
        told: dict[str, Any] = {
            "triple": dict(zip("spo", self.triple, strict=True)),
            "kind": self.kind,
            "rule": {"name": self.rule.name, "text": dict(self.rule.text)} if self.rule else None,
            "premises": [one.json() for one in self.premises],
            "evidence": [{**vars(one), "locator": dict(one.locator)} for one in self.evidence],
            "graphs": list(self.graphs),
            "height": self.height,
        }
        if self.kind == "absent":
            told["near"] = [dict(zip("spo", one, strict=True)) for one in self.near]
        return told


async def explain(triple: Written, proofs: Proofs, store: Store, timeout: float = 30.0) -> Explanation:
    """Why `triple` (terms in N-Triples) holds; where it does not, what is near. Raises what Store.query raises."""
    below = list(premises_first([triple], proofs))
    leaves = [one for one in below if one not in proofs]
    stated = await _graphs_of(leaves, store, timeout)
    evidence = await _evidence_of([leaf for leaf in leaves if leaf in stated], store, timeout)
    if triple not in proofs and triple not in stated:
        return Explanation(triple, "absent", near=await _near(triple, store, timeout))
    rules = await rule_texts((proofs[one].rule for one in below if one in proofs), store, timeout)
    known: dict[Written, Explanation] = {}
    for one in below:
        step = proofs.get(one)
        known[one] = _inferred(step, known, rules) if step else _leaf(one, stated.get(one, ()), evidence.get(one[0], ()))
    return known[triple]


def _inferred(step: Step, known: Mapping[Written, Explanation], rules: Mapping[str, RuleText]) -> Explanation:
    premises = tuple(known[one] for one in step.premises)
    height = height_over(step.rule, (one.height for one in premises))
    return Explanation(step.triple, "inferred", rules[step.rule], premises, graphs=(INFERRED_GRAPH,), height=height)


def _leaf(triple: Written, graphs: tuple[str, ...], evidence: tuple[Evidence, ...]) -> Explanation:
    if graphs == (INFERRED_GRAPH,):  # inferred by an engine that keeps no proofs
        return Explanation(triple, "inferred", graphs=graphs)
    curated = bool(graphs) and all(one.startswith(CURATED_GRAPHS) for one in graphs)
    return Explanation(triple, "curated" if curated else "asserted", evidence=evidence, graphs=graphs)


async def _graphs_of(leaves: Sequence[Written], store: Store, timeout: float) -> dict[Written, tuple[str, ...]]:
    """The graphs that hold each leaf, metadata aside. What names an anonymous class is the ontology's."""
    found: dict[Written, tuple[str, ...]] = {leaf: (ONTOLOGY_GRAPH,) for leaf in leaves if has_expression(leaf)}
    asked = [leaf for leaf in leaves if not has_expression(leaf)]
    for start in range(0, len(asked), _AT_ONCE):
        rows = " ".join(f"({i} {' '.join(leaf)})" for i, leaf in enumerate(asked[start : start + _AT_ONCE], start))
        _, found_rows = await select(store, _STATED.format(rows=rows), timeout=timeout)
        for row in found_rows:
            graph = row["g"].value
            if graph != METADATA_GRAPH:
                leaf = asked[int(row["i"].value)]
                found[leaf] = (*found.get(leaf, ()), graph)
    return found


async def _evidence_of(leaves: Sequence[Written], store: Store, timeout: float) -> dict[str, tuple[Evidence, ...]]:
    """The evidence of each leaf's subject, which is a link's own where the leaf is about a link."""
    things = list(dict.fromkeys(leaf[0] for leaf in leaves if leaf[0].startswith(f"<{BASE}id/")))
    found: dict[str, dict[str, Evidence]] = {}
    for start in range(0, len(things), _AT_ONCE):
        query = _EVIDENCE.format(base=BASE, things=" ".join(things[start : start + _AT_ONCE]))
        _, rows = await select(store, query, timeout=timeout)
        for row in rows:
            value = {name: cell.value for name, cell in row.items()}
            found.setdefault(f"<{value['thing']}>", {}).setdefault(value["anchor"], _evidence(value))
    return {thing: tuple(ones.values()) for thing, ones in found.items()}


def _evidence(value: Mapping[str, str]) -> Evidence:
    return Evidence(
        anchor=value["anchor"],
        document=value["document"],
        heading=value.get("heading"),
        locator={language: value[language] for language in ("ja", "en") if language in value},
        page=int(value["page"]) if "page" in value else None,
        start=int(value["start"]),
        end=int(value["end"]),
        sha256=value["sha256"],
        status=value.get("status"),
    )


async def _near(triple: Written, store: Store, timeout: float) -> tuple[Written, ...]:
    subject, predicate, value = triple
    _, rows = await select(store, _NEIGHBOURS.format(s=subject, p=predicate, o=value, limit=_NEAR), timeout=timeout)
    return tuple((_term(row["s"]), _term(row["p"]), _term(row["o"])) for row in rows)


def _term(cell: Cell) -> str:
    if cell.kind == "iri":
        return f"<{cell.value}>"
    if cell.kind == "blank":
        return f"_:{cell.value}"
    quoted = json.dumps(cell.value, ensure_ascii=False)
    if cell.language:
        return f"{quoted}@{cell.language}"
    return f"{quoted}^^<{cell.datatype}>" if cell.datatype else quoted
