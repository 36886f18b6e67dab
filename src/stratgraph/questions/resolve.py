"""What a parameter may be, and which thing a user means. Imports the store through this package's results.

A user may give a full IRI, its path after `/id/` (or `/vocab/`), or a label, abbreviation or number of exactly one of the
choices, in either language. A text over a class means every one of them whose names hold it. Comparison folds width, case
and white space (NFKC), and happens here: nothing a user types enters a query.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from stratgraph.errors import BadParameter
from stratgraph.questions.bind import MAX_VALUES, Term, check_text, iri_term, literal
from stratgraph.questions.model import Parameter, Question
from stratgraph.questions.origins import Origins
from stratgraph.questions.scan import tokenize
from stratgraph.store.interface import Store
from stratgraph.store.results import Row, select
from stratgraph.vocab import BASE, ID, VOCAB

_NEAR: Final = 8
_MOST_MATCHES: Final = 1000
_NAMES_QUERY: Final = """
SELECT DISTINCT ?iri ?property ?name ?order WHERE {{
  {pattern}
  VALUES ?property {{
    <http://www.w3.org/2004/02/skos/core#prefLabel>
    <http://www.w3.org/2004/02/skos/core#altLabel>
    <http://www.w3.org/2000/01/rdf-schema#label>
    <http://www.w3.org/2004/02/skos/core#notation>
    <{base}ontology#recommendationNumber>
    <{base}ontology#commentNumber>
    <{base}ontology#sectionNumber>
  }}
  ?iri ?property ?name .
  OPTIONAL {{ ?iri <{base}ontology#ordinal> ?order }}
}} ORDER BY ?order ?iri ?property ?name
"""
# Terms of the ontology have the second.
_LABELS: Final = frozenset({"http://www.w3.org/2004/02/skos/core#prefLabel", "http://www.w3.org/2000/01/rdf-schema#label"})


@dataclass(frozen=True)
class Choice:
    """A thing a parameter may be: IRI, labels by language, everything it is called (`names` folded, `called` as written), and its
    printed number if it has one, and the document it is from, by language.
    """

    iri: str
    labels: Mapping[str, str] = field(hash=False)
    names: frozenset[str]
    number: str = ""
    called: tuple[str, ...] = field(default=(), hash=False)
    documents: Mapping[str, str] = field(default_factory=dict, hash=False)

    def label(self, language: str) -> str:
        """Its label in `language`, else in any, else its path; its number first, unless the label tells it."""
        label = self.labels.get(language) or next(iter(self.labels.values()), None) or self.path
        return label if self.number in label else f"{self.number} {label}"

    def document(self, language: str) -> str:
        """The title and year of the document that it is from, empty where there is no such."""
        return self.documents.get(language) or next(iter(self.documents.values()), "")

    def placed(self, language: str) -> str:
        """Its label with the document that it is from."""
        label, document = self.label(language), self.document(language)
        if not document or document in label:
            return label
        return f"{label}（{document}）" if language == "ja" else f"{label} ({document})"

    @property
    def path(self) -> str:
        """Its IRI after `/id/`, or after the base."""
        return self.iri.removeprefix(str(ID)).removeprefix(BASE)


@dataclass(frozen=True)
class Choices:
    """All choices of a parameter, found by IRI, by folded name, or by folded label with its document."""

    all: tuple[Choice, ...]
    by_iri: Mapping[str, Choice] = field(init=False)
    by_name: Mapping[str, tuple[Choice, ...]] = field(init=False)
    by_place: Mapping[str, tuple[Choice, ...]] = field(init=False)

    def __post_init__(self) -> None:
        by_name: dict[str, tuple[Choice, ...]] = {}
        by_place: dict[str, tuple[Choice, ...]] = {}
        for choice in self.all:
            for name in choice.names:
                by_name[name] = (*by_name.get(name, ()), choice)
            for name in {fold(choice.placed(language)) for language in choice.documents}:
                by_place[name] = (*by_place.get(name, ()), choice)
        object.__setattr__(self, "by_iri", {choice.iri: choice for choice in self.all})
        object.__setattr__(self, "by_name", by_name)
        object.__setattr__(self, "by_place", by_place)

    def called(self, text: str) -> tuple[Choice, ...]:
        """The choices that have this name, or this label with its document."""
        return self.by_name.get(fold(text)) or self.by_place.get(fold(text), ())

    def typed(self, choice: Choice, language: str) -> str:
        """What a reader may type for a choice: its label where that means nothing else, else that with its document, else its path."""
        told = (choice.label(language), choice.placed(language))
        return next((text for text in told if self.called(text) == (choice,)), choice.path)

    def beside(self, choice: Choice, language: str) -> str:
        """What tells a reader more of a choice than what is typed for it: its label if that is its path, and its document."""
        typed, document = self.typed(choice, language), choice.document(language)
        told = (choice.label(language) if typed == choice.path else "", "" if document in typed else document)
        return " · ".join(one for one in told if one)

    def suggestions(self, language: str, most: int) -> list[tuple[str, str]]:
        """What may be typed, each with what it is: for each choice its label, with its document beside it, then other names that mean
        nothing else, with the label; at most `most`.
        """
        found: dict[str, str] = {}
        for choice in self.all[:most]:
            found.setdefault(self.typed(choice, language), self.beside(choice, language))
        for choice in self.all[:most]:
            label = choice.label(language)
            for name in choice.called:
                if name not in (label, choice.number) and self.by_name.get(fold(name)) == (choice,):
                    found.setdefault(name, choice.placed(language))
        return list(found.items())[:most]

    def search(self, text: str, most: int) -> list[Choice]:
        """Choices one of whose names holds the text, folded; those whose name begins with it first, then in their order."""
        wanted = fold(text)
        found = [one for one in self.all if any(wanted in name for name in one.names) or wanted in fold(one.path)]
        found.sort(key=lambda one: not any(name.startswith(wanted) for name in one.names))
        return found[:most]


def fold(text: str) -> str:
    """Text as it is compared: NFKC, case-folded, all white space removed."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


async def load_choices(store: Store, query: str, origins: Origins) -> Choices:
    """What the full graph offers for a parameter, by its `choices_query`. Raises what Store.query raises."""
    _, rows = await select(store, query, "full")
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["iri"].value, []).append(row)
    return Choices(tuple(replace(_choice(iri, found), documents=origins.get(iri, {})) for iri, found in grouped.items()))


def choices_query(question: Question, parameter: Parameter) -> str:
    """The query that lists a parameter's choices, from the question file's own words alone; the same for all that offer the same."""
    prefixes = ""
    if parameter.choices:
        pattern = f"{{ {parameter.choices} }}"
        used = {token.text.partition(":")[0] for token in tokenize(parameter.choices) if token.kind == "name"}
        prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in sorted(question.prefixes.items()) if name in used)
    elif parameter.type == "concept":
        pattern = f"?iri <http://www.w3.org/2004/02/skos/core#inScheme> <{parameter.kind}> ."
    else:
        pattern = f"?iri a <{parameter.kind}> ."
    return prefixes + _NAMES_QUERY.format(pattern=pattern, base=BASE)


def _choice(iri: str, rows: Sequence[Row]) -> Choice:
    labels = {row["name"].language or "": row["name"].value for row in rows if row["property"].value in _LABELS}
    number = next((row["name"].value for row in rows if row["property"].value.endswith("Number")), "")
    called = list(dict.fromkeys(row["name"].value for row in rows))
    numbered = [f"{number} {label}" for label in labels.values() if number]
    return Choice(iri, labels, frozenset(map(fold, [*called, *numbered])), number, tuple(called))


def resolve(parameter: Parameter, raw: Sequence[str], choices: Choices | None) -> tuple[Term, ...]:
    """The terms a user means by these texts. Raises BadParameter naming what is allowed."""
    given = [text for text in raw if text.strip()]
    if len(given) > MAX_VALUES or (len(given) > 1 and not parameter.multiple):
        most = MAX_VALUES if parameter.multiple else 1
        raise BadParameter(
            parameter.name,
            f"{len(given)} values given; {most} allowed.",
            _offer(parameter, choices),
            ja=f"値は{most}個までです（{len(given)}個あります）。",
        )
    if not given:
        if parameter.required:
            raise BadParameter(parameter.name, "a value is required.", _offer(parameter, choices), ja="値を入れてください。")
        given = list(parameter.default)
    if parameter.matches and choices is not None:
        return tuple(dict.fromkeys(term for text in given for term in _match(parameter, text, choices)))
    terms = [_find(parameter, text.strip(), choices) if choices is not None else literal(parameter, text) for text in given]
    return tuple(dict.fromkeys(terms))


def _find(parameter: Parameter, text: str, choices: Choices) -> Term:
    check_text(parameter, text)
    for iri in (text, f"{ID}{text}", f"{BASE}{text}", f"{VOCAB}{text}", f"{parameter.kind or ''}/{text}"):
        if iri in choices.by_iri:
            return iri_term(iri)
    found = choices.called(text)
    if len(found) == 1:
        return iri_term(found[0].iri)
    if found:
        told = [_told(one) for one in found[:_NEAR]]
        japanese = f"「{text[:80]}」に当たるものが{len(found)}件あります。どれかを選んでください。"
        raise BadParameter(parameter.name, f"“{text[:80]}” is {len(found)} things; say which.", told, japanese)
    japanese = f"「{text[:80]}」は、選べる{len(choices.all)}件の中にありません。"
    raise BadParameter(parameter.name, f"“{text[:80]}” is none of the {len(choices.all)} values allowed.", _near(text, choices), japanese)


def _match(parameter: Parameter, text: str, choices: Choices) -> list[Term]:
    """All choices one of whose names holds the text, folded. Raises BadParameter for none, and for too many."""
    check_text(parameter, text)
    wanted = fold(text)
    found = [one for one in choices.all if any(wanted in name for name in one.names)]
    if not found:
        japanese = f"「{text[:80]}」を名称に含むものは、対象の{len(choices.all)}件の中にありません。"
        message = f"“{text[:80]}” is in no name of the {len(choices.all)} things asked about."
        raise BadParameter(parameter.name, message, _near(text, choices), japanese)
    if len(found) > _MOST_MATCHES:
        japanese = f"「{text[:80]}」を名称に含むものは{len(found)}件あり、多すぎます（{_MOST_MATCHES}件まで）。語を足してください。"
        message = f"“{text[:80]}” is in {len(found)} names; {_MOST_MATCHES} are allowed: say more of it."
        raise BadParameter(parameter.name, message, ja=japanese)
    return [iri_term(one.iri) for one in found]


def _near(text: str, choices: Choices) -> list[str]:
    """The choices whose names hold the text, else the most similar ones, else the first."""
    held = choices.search(text, _NEAR) if fold(text) else []
    if held:
        return [_told(one) for one in held]
    wanted = fold(text)[:100]
    names = {**{fold(one.path): (one,) for one in choices.all}, **choices.by_name}
    close = difflib.get_close_matches(wanted, names, n=_NEAR, cutoff=0.3) or [name for name in names if wanted in name]
    found = dict.fromkeys(choice for name in close for choice in names[name])
    return [_told(one) for one in (list(found) or list(choices.all))[:_NEAR]]


def _offer(parameter: Parameter, choices: Choices | None) -> list[str]:
    if choices is not None:
        return [_told(one) for one in choices.all[:_NEAR]]
    return [f"a value of type {parameter.type}"]


def _told(choice: Choice) -> str:
    return f"{choice.path} ({choice.label('ja')} / {choice.label('en')})"
