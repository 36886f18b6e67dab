"""What a saved question is, as frozen values. Imports errors only."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stratgraph.errors import UnknownQuestion

LANGUAGES: Final = ("ja", "en")
PARAMETER_TYPES: Final = ("iri", "concept", "text", "integer", "date", "language")
COLUMN_TYPES: Final = ("iri", "concept", "text", "summary", "integer", "decimal", "date", "boolean")
AUDIENCES: Final = ("policy", "researcher", "engineer", "curator")
# Words of the routes themselves; a parameter of the same name could not be given.
RESERVED: Final = ("format", "lang", "limit", "offset", "timeout", "partial", "entailment", "query")
# Parameters of these names say which documents are looked at (`within` by a part of one too), so that an answer's scope is theirs.
NARROWING: Final = ("document", "within")


@dataclass(frozen=True)
class Text:
    """The same words in both languages."""

    ja: str
    en: str

    def get(self, language: str) -> str:
        """The words in `language` ("ja" or "en")."""
        return self.ja if language == "ja" else self.en

    def mapping(self) -> dict[str, str]:
        """{"ja": …, "en": …}."""
        return {"ja": self.ja, "en": self.en}


@dataclass(frozen=True)
class Parameter:
    """A value a question takes.

    `kind` is the IRI of the class (type iri) or of the concept scheme (type concept). `choices` is a SELECT that
    projects ?iri, where a class is not enough. `default` holds values as they would be typed. A text with either stands for
    all those things whose names hold it.
    """

    name: str
    type: str
    label: Text
    help: Text
    required: bool = False
    multiple: bool = False
    default: tuple[str, ...] = ()
    kind: str | None = None
    choices: str | None = None

    @property
    def names_a_thing(self) -> bool:
        """Whether its values are IRIs of the graph, chosen from those that are there."""
        return self.type in ("iri", "concept") or self.matches

    @property
    def matches(self) -> bool:
        """Whether it is a text that stands for every thing whose names hold it; the server finds their IRIs."""
        return self.type == "text" and (self.kind is not None or self.choices is not None)


@dataclass(frozen=True)
class Column:
    """A column of the answer, named as the variable it comes from."""

    name: str
    label: Text
    type: str


@dataclass(frozen=True)
class Example:
    """Values to try, and the file of the rows they must give; `line` is where it stands in the question's file.

    `entailment` is the lowest level that gives the rows: asserted, curated (they need our interpretation) or full (they need inference).
    """

    name: str
    parameters: Mapping[str, tuple[str, ...]]
    expected: Path
    entailment: str
    line: int


@dataclass(frozen=True)
class Block:
    """Where a `VALUES ?p { … }` block's content stands in the SPARQL text: offsets, content, line (from 1)."""

    start: int
    end: int
    content: str
    line: int


@dataclass(frozen=True)
class Question:
    """One saved question. `sparql` is the whole file, header included: it runs as it is on any endpoint.

    `documents` names the source keys it looks at (empty: all); `entailment` is the lowest level that answers it: asserted where the
    documents' own statements do, curated where it rests on our interpretation, full where only inference gives all rows.
    """

    path: Path
    name: Text
    description: Text
    tags: tuple[str, ...]
    audience: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    examples: tuple[Example, ...]
    documents: tuple[str, ...]
    entailment: str
    chart: str | None
    sparql: str
    form: str
    prefixes: Mapping[str, str]
    blocks: Mapping[str, tuple[Block, ...]]

    @property
    def slug(self) -> str:
        """Its name in addresses: that of its file."""
        return self.path.stem

    @property
    def query(self) -> str:
        """The SPARQL text without the header."""
        return "\n".join(line for line in self.sparql.splitlines() if not line.startswith("#+")).strip() + "\n"

    @property
    def names(self) -> Mapping[str, str]:
        """Its name by language."""
        return self.name.mapping()

    @property
    def descriptions(self) -> Mapping[str, str]:
        """Its description by language."""
        return self.description.mapping()

    @property
    def needs_input(self) -> bool:
        """Whether it cannot be answered without a value from the user."""
        return any(parameter.required for parameter in self.parameters)


class Questions(Mapping[str, Question]):
    """All saved questions, by slug, in alphabetical order."""

    def __init__(self, by_slug: Mapping[str, Question]) -> None:
        self._by_slug = dict(sorted(by_slug.items()))

    def __getitem__(self, slug: str) -> Question:
        return self._by_slug[slug]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_slug)

    def __len__(self) -> int:
        return len(self._by_slug)

    def get_question(self, slug: str) -> Question:
        """The question called `slug`. Raises UnknownQuestion with the nearest names."""
        try:
            return self._by_slug[slug]
        except KeyError:
            raise UnknownQuestion(slug, difflib.get_close_matches(slug, self._by_slug, n=3, cutoff=0.4)) from None
