"""Why a triple holds: proofs kept with a release, and their explanation down to places in the documents.

May import the store's interface, vocab and errors. The build writes the proofs (`write_proofs`) and says them in RDF (`proofs_graph`);
servers and the command line read them (`read_proofs`) and explain a triple (`explain`) with what the store says of its asserted leaves.
"""

from __future__ import annotations

from stratgraph.explain.given import parse_term
from stratgraph.explain.graph import proofs_graph, statement_iri, told
from stratgraph.explain.kept import Proofs, Step, read_proofs, write_proofs
from stratgraph.explain.reason import Evidence, Explanation, explain
from stratgraph.explain.texts import RuleText, rule_texts

__all__ = [
    "Evidence",
    "Explanation",
    "Proofs",
    "RuleText",
    "Step",
    "explain",
    "parse_term",
    "proofs_graph",
    "read_proofs",
    "rule_texts",
    "statement_iri",
    "told",
    "write_proofs",
]
