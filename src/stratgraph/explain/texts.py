"""What a rule says, in a sentence for people who know no logic, in both languages. The words stand in `texts.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True)
class RuleText:
    """A rule's name (of OWL 2 Profiles, section 4.3, or of its file) and its sentence by language."""

    name: str
    text: Mapping[str, str]


@lru_cache(maxsize=1)
def load_texts() -> Mapping[str, Mapping[str, str]]:
    """All sentences: rule → language → words."""
    texts: Mapping[str, Mapping[str, str]] = tomllib.loads(files("stratgraph.explain").joinpath("texts.toml").read_text(encoding="utf-8"))
    return texts


def rule_text(name: str) -> RuleText:
    """The sentence of a rule; for one without a sentence, its name in both languages (tests hold that there is none)."""
    return RuleText(name, load_texts().get(name, {"ja": f"規則「{name}」による。", "en": f"By the rule “{name}”."}))
