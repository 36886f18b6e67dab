"""What a rule says, in a sentence for people who know no logic, in both languages. Imports the store's interface.

The sentences are data: the definitions of the concepts `vocab/rule/<name>` (data/ttl/reference/rules.ttl).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from stratgraph.store.interface import Store
from stratgraph.store.results import select
from stratgraph.vocab import RULE

_TEXTS: Final = """
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?rule ?text WHERE {{ VALUES ?rule {{ {rules} }} ?rule skos:definition ?text }} ORDER BY ?rule ?text
"""


@dataclass(frozen=True)
class RuleText:
    """A rule's name (of OWL 2 Profiles, section 4.3, or of its file) and its sentence by language."""

    name: str
    text: Mapping[str, str]


async def rule_texts(names: Iterable[str], store: Store, timeout: float = 30.0) -> Mapping[str, RuleText]:
    """The sentences of rules; for one that the graph does not describe, its name in both languages. Raises what Store.query raises."""
    texts = {name: {"ja": f"規則「{name}」による。", "en": f"By the rule “{name}”."} for name in sorted(set(names))}
    if texts:
        iris = " ".join(f"<{RULE}{name}>" for name in texts)
        _, rows = await select(store, _TEXTS.format(rules=iris), timeout=timeout)
        for row in rows:
            texts[row["rule"].value.removeprefix(str(RULE))][row["text"].language or ""] = row["text"].value
    return {name: RuleText(name, text) for name, text in texts.items()}
