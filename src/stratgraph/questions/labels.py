"""Labels of things, for whoever shows an answer. Imports the store's results.

An engine that fails here costs the labels, not the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from stratgraph.errors import QueryError
from stratgraph.questions.bind import iri_term
from stratgraph.store.interface import Store
from stratgraph.store.results import select

LABELS_AT_ONCE: Final = 500
_LABELS: Final = """
SELECT ?iri ?label WHERE {{
  VALUES ?iri {{ {iris} }}
  ?iri <http://www.w3.org/2004/02/skos/core#prefLabel>|<http://www.w3.org/2000/01/rdf-schema#label> ?label .
}} ORDER BY ?iri ?label
"""
Labels = Mapping[str, Mapping[str, str]]


async def load_labels(store: Store, iris: Sequence[str], timeout: float) -> Labels:
    """Labels by IRI and language, for any number of IRIs; `timeout` is in seconds, for 500 at once."""
    wanted = list(dict.fromkeys(iris))
    found: dict[str, dict[str, str]] = {}
    for i in range(0, len(wanted), LABELS_AT_ONCE):
        terms = " ".join(_terms(wanted[i : i + LABELS_AT_ONCE]))
        if not terms:
            continue
        try:
            _, rows = await select(store, _LABELS.format(iris=terms), timeout=timeout)
        except QueryError:
            return {}
        for row in rows:
            found.setdefault(row["iri"].value, {}).setdefault(row["label"].language or "", row["label"].value)
    return found


def _terms(iris: Sequence[str]) -> list[str]:
    """Those that can be written as IRIs."""
    terms = []
    for iri in iris:
        try:
            terms.append(iri_term(iri).sparql)
        except ValueError:
            continue
    return terms
