"""The table of kinds: what is damaged, how, and which check must catch it.

A kind's maker chooses its place by a seeded generator from the data as it is, so the same seed gives the same damage.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from rdflib import OWL, RDF, SKOS, XSD, Literal, URIRef
from rdflib.term import Node

from stratgraph.places import Triple
from stratgraph.vocab import ID, OA, ORG, SG, VOCAB
from tests.mutations.corpus import Corpus, Damage

Maker = Callable[[Corpus, Random], Damage]
Change = Callable[[Corpus, Random, Triple], Node]
Filter = Callable[[Corpus, Triple], bool]
STATUS: Final = "assertion-status/"
# What stops the closure is no check: the error tells all lines that contradict one another.
CONTRADICTION: Final = "contradiction"
INTERPRETED: Final = VOCAB[f"{STATUS}interpreted"]


@dataclass(frozen=True)
class Kind:
    """A kind of damage: its name, what it is in a few words, and the check that catches it.

    `inferred` is True where only what follows shows it: a build stops then, `stratgraph validate` alone does not tell.
    """

    name: str
    what: str
    caught_by: str
    make: Maker
    inferred: bool = False


def drop(predicate: URIRef, where: Filter = lambda _c, _t: True) -> Maker:
    """Take a triple out."""

    def make(corpus: Corpus, rng: Random) -> Damage:
        return Damage(corpus.of([corpus.pick(rng, predicate, lambda one: where(corpus, one))]))

    return make


def drop_all(predicate: URIRef, where: Filter) -> Maker:
    """Take all values of a property out of one thing's descriptions."""

    def make(corpus: Corpus, rng: Random) -> Damage:
        thing = corpus.pick(rng, predicate, lambda one: where(corpus, one))[0]
        return Damage(corpus.of(corpus.graph.triples((thing, predicate, None))))

    return make


def change(predicate: URIRef, to: Change, where: Filter = lambda _c, _t: True) -> Maker:
    """Give a triple another value."""

    def make(corpus: Corpus, rng: Random) -> Damage:
        old = corpus.pick(rng, predicate, lambda one: where(corpus, one))
        return Damage(corpus.of([old]), {(old[0], predicate, to(corpus, rng, old)): corpus.data[old]})

    return make


def add(predicate: URIRef, to: Change, where: Filter = lambda _c, _t: True) -> Maker:
    """Give a thing that has a value of the property one more."""

    def make(corpus: Corpus, rng: Random) -> Damage:
        beside = corpus.pick(rng, predicate, lambda one: where(corpus, one))
        return Damage({}, {(beside[0], predicate, to(corpus, rng, beside)): corpus.data[beside]})

    return make


def rename(predicate: URIRef, other: URIRef, where: Filter = lambda _c, _t: True) -> Maker:
    """Say the same with another property."""

    def make(corpus: Corpus, rng: Random) -> Damage:
        old = corpus.pick(rng, predicate, lambda one: where(corpus, one))
        return Damage(corpus.of([old]), {(old[0], other, old[2]): corpus.data[old]})

    return make


def move(predicate: URIRef, folder: str, to: str, where: Filter = lambda _c, _t: True) -> Maker:
    """Put a triple into another folder's file of the same document."""

    def make(corpus: Corpus, rng: Random) -> Damage:
        old = corpus.pick(rng, predicate, lambda one: folder in corpus.data[one] and where(corpus, one))
        key = corpus.data[old].split("/")[3]
        return Damage(corpus.of([old]), {old: f"data/ttl/{to}/{key}/document.ttl"})

    return make


def shifted(predicate: URIRef) -> Maker:
    """Move one end of an anchor by one."""

    def make(corpus: Corpus, rng: Random) -> Damage:
        old = corpus.pick(rng, predicate)
        moved = Literal(str(int(str(old[2])) + rng.choice((-1, 1))), datatype=XSD.integer)
        return Damage(corpus.of([old]), {(old[0], predicate, moved): corpus.data[old]})

    return make


# What values become


def another(predicate: URIRef, where: Filter = lambda _c, _t: True) -> Change:
    """A value that the property has elsewhere and not here."""

    def to(corpus: Corpus, rng: Random, old: Triple) -> Node:
        mine = {*corpus.graph.objects(old[0], predicate), old[0], old[2]}
        others = [one[2] for one in corpus.by_predicate[predicate] if one[2] not in mine and where(corpus, one)]
        return rng.choice(sorted(set(others), key=str))

    return to


def rewrite(edit: Callable[[str], str], language: str | None = None) -> Change:
    """The literal with its text edited, and another language where one is given."""

    def to(_corpus: Corpus, _rng: Random, old: Triple) -> Node:
        literal = old[2]
        assert isinstance(literal, Literal)
        return Literal(edit(str(literal)), lang=language or literal.language, datatype=literal.datatype, normalize=False)

    return to


def value(node: Node) -> Change:
    """This value."""
    return lambda _corpus, _rng, _old: node


def same(text: str) -> str:
    """The text as it is."""
    return text


def next_digit(text: str) -> str:
    """The text with the last digit of its longest number one higher (9 becomes 0)."""
    longest = max(re.finditer(r"\d+", text), key=lambda found: (len(found.group()), -found.start()))
    at = longest.end() - 1
    return f"{text[:at]}{(int(text[at]) + 1) % 10}{text[at + 1 :]}"


def other_hex(text: str) -> str:
    """The hash with its first digit changed."""
    return ("1" if text[0] == "0" else "0") + text[1:]


# Which triples


def kind_of(kind: URIRef) -> Filter:
    """The subject is of this class."""
    return lambda corpus, one: corpus.is_a(one[0], kind)


def tagged(language: str, kind: URIRef | None = None) -> Filter:
    """The value is in this language, and the subject of this class."""
    return lambda corpus, one: isinstance(one[2], Literal) and one[2].language == language and (kind is None or corpus.is_a(one[0], kind))


def has_year(corpus: Corpus, one: Triple) -> bool:
    """A text with a number of four digits or a quantity."""
    del corpus
    return re.search(r"(?<!\d)20\d\d(?!\d)", str(one[2])) is not None


def of_status(status: Node) -> Filter:
    """The subject has this status."""
    return lambda corpus, one: (one[0], SG.assertionStatus, status) in corpus.graph


def both(first: Filter, second: Filter) -> Filter:
    """Both hold."""
    return lambda corpus, one: first(corpus, one) and second(corpus, one)


def in_folder(part: str) -> Filter:
    """The triple stands in a file whose path holds this."""
    return lambda corpus, one: part in corpus.data[one]


def is_day(_corpus: Corpus, one: Triple) -> bool:
    """The value is a whole date, not a year or a month."""
    return isinstance(one[2], Literal) and one[2].datatype == XSD.date


def is_year(_corpus: Corpus, one: Triple) -> bool:
    """The value is a year alone."""
    return isinstance(one[2], Literal) and one[2].datatype == XSD.gYear


def is_numbered(corpus: Corpus, one: Triple) -> bool:
    """The subject is a section with a number whose parent has one too."""
    return corpus.is_a(one[0], SG.Section) and all(corpus.graph.value(node, SG.sectionNumber) for node in (one[0], one[2]))


def has_child(corpus: Corpus, one: Triple) -> bool:
    """Something is a direct part of the subject."""
    return corpus.is_a(one[0], SG.Section) and any(corpus.is_a(part, SG.Section) for part in _parts(corpus, one[0]))


def _parts(corpus: Corpus, whole: Node) -> list[Node]:
    return sorted(corpus.graph.subjects(SG.isDirectPartOf, whole), key=str)


def own_part(corpus: Corpus, rng: Random, old: Triple) -> Node:
    """A section that is a direct part of the subject."""
    return rng.choice([part for part in _parts(corpus, old[0]) if corpus.is_a(part, SG.Section)])


def sibling_ordinal(corpus: Corpus, rng: Random, old: Triple) -> Node:
    """The ordinal of another section under the same parent."""
    parent = corpus.graph.value(old[0], SG.isDirectPartOf)
    assert parent is not None
    rivals = [part for part in _parts(corpus, parent) if part != old[0] and corpus.is_a(part, SG.Section)]
    found = corpus.graph.value(rng.choice(rivals), SG.ordinal)
    assert found is not None
    return found


def has_sibling(corpus: Corpus, one: Triple) -> bool:
    """The subject is a section among several."""
    parent = corpus.graph.value(one[0], SG.isDirectPartOf)
    return corpus.is_a(one[0], SG.Section) and parent is not None and sum(corpus.is_a(x, SG.Section) for x in _parts(corpus, parent)) > 1


def elsewhere(text: str) -> Change:
    """The IRI with something appended: nothing of that name is described."""
    return lambda _corpus, _rng, old: URIRef(f"{old[2]}{text}")


def only_use(corpus: Corpus, one: Triple) -> bool:
    """The anchor is evidence of this thing alone, which has further evidence."""
    used = list(corpus.graph.subjects(SG.evidence, one[2]))
    return len(used) == 1 and len(list(corpus.graph.objects(one[0], SG.evidence))) > 1


def key_of(corpus: Corpus, one: Triple) -> str:
    """The document a triple's file is about."""
    return corpus.data[one].split("/")[3]


def names_no_lead(corpus: Corpus, one: Triple) -> bool:
    """The triple's document is said not to name leads."""
    statements = corpus.graph.subjects(SG.doesNotName, SG.leadAgency)
    return any((each, SG.completenessOf, ID[f"document/{key_of(corpus, one)}"]) in corpus.graph for each in statements)


def foreign_anchor(corpus: Corpus, rng: Random, old: Triple) -> Node:
    """An anchor of another document's text."""
    mine = str(ID[f"anchor/{key_of(corpus, old)}/"])
    return rng.choice([one[0] for one in corpus.by_predicate[RDF.type] if one[2] == SG.TextAnchor and not str(one[0]).startswith(mine)])


def foreign_place(corpus: Corpus, rng: Random, old: Triple) -> Node:
    """A place in another document that is in the corpus."""
    mine = key_of(corpus, old)
    others = {one[2] for one in corpus.by_predicate[SG.statedIn] if mine not in str(one[2])}
    return rng.choice(sorted(others, key=str))


def numbered_section(corpus: Corpus, rng: Random, old: Triple) -> Node:
    """Another section of the same document, with another number."""
    folder = str(old[2]).rpartition("/")[0]
    there = sorted((one[0] for one in corpus.by_predicate[SG.sectionNumber] if str(one[0]).rpartition("/")[0] == folder), key=str)
    number = str(corpus.graph.value(old[2], SG.sectionNumber) or "0").rstrip(".")
    return rng.choice([one for one in there if number not in str(corpus.graph.value(one, SG.sectionNumber))])


def _unused(corpus: Corpus, rng: Random) -> Damage:
    old = corpus.pick(rng, SG.evidence, lambda one: only_use(corpus, one))
    return Damage(corpus.of([old]), lacking=(old[2],))


def _members(corpus: Corpus, rng: Random) -> Damage:
    group = corpus.pick(rng, SG.isClosedGroup, lambda one: str(one[2]) == "false")
    body = corpus.pick(rng, SG.assignee, lambda one: "/body/" in str(one[2]))[2]
    return Damage({}, {(group[0], ORG.hasMember, body): corpus.data[group]})


def _retold(corpus: Corpus, rng: Random) -> Damage:
    told = corpus.pick(rng, RDF.type, lambda one: corpus.is_a(one[0], SG.PublicComment))
    return Damage({}, {told: "data/ttl/document/2022-public-comments/sections.ttl"})


def _second_role(corpus: Corpus, rng: Random) -> Damage:
    named = corpus.pick(rng, SG.hasNamedAssignment)
    return Damage({}, {(named[0], SG.hasImplementingAssignment, named[2]): corpus.data[named]})


def _circle(corpus: Corpus, rng: Random) -> Damage:
    reference = corpus.pick(rng, SG.seeResponse)
    file = corpus.data[next(corpus.graph.triples((reference[2], RDF.type, None)))]
    return Damage({}, {(reference[2], SG.seeResponse, reference[0]): file})


def _same(corpus: Corpus, rng: Random) -> Damage:
    first = corpus.pick(rng, RDF.type, lambda one: corpus.is_a(one[0], SG.PublicComment))
    other = corpus.pick(rng, RDF.type, lambda one: one[0] != first[0] and corpus.is_a(one[0], SG.PublicComment))
    return Damage({}, {(first[0], OWL.sameAs, other[0]): corpus.data[first]})


def _opened(corpus: Corpus, rng: Random) -> Damage:
    # The data have no closed group yet: one is made, and then called open, as it was.
    damage = _members(corpus, rng)
    [(group, _, _)] = damage.added
    [flag] = corpus.graph.triples((group, SG.isClosedGroup, None))
    return Damage({}, damage.added, wrong=corpus.of([flag]))


def _summarised(corpus: Corpus, rng: Random) -> Damage:
    referring = corpus.pick(rng, SG.seeResponse)
    texts = {(referring[0], SG.summary, Literal(text, lang=language)) for text, language in (("答え。", "ja"), ("An answer.", "en"))}
    return Damage({}, dict.fromkeys(texts, corpus.data[referring].replace("document/", "curated/").replace("responses", "summaries")))


EXPLICIT, HEDGED = VOCAB[f"{STATUS}explicit"], VOCAB[f"{STATUS}hedged-in-source"]

KINDS: Final = (
    Kind("dropped-status", "status left out", "Element-status", drop(SG.assertionStatus)),
    Kind("second-status", "status given twice", "Status-one", add(SG.assertionStatus, value(HEDGED), of_status(EXPLICIT))),
    Kind("unknown-status", "status that no vocabulary has", "KnownThing", change(SG.assertionStatus, elsewhere("ly"))),
    Kind("dropped-evidence", "evidence left out", "Element-evidence", drop_all(SG.evidence, kind_of(SG.Recommendation))),
    Kind("unused-anchor", "anchor that nothing uses any more", "AnchorUse", _unused),
    Kind("evidence-of-another-document", "evidence in the wrong document's text", "EvidenceOfDocument",
         change(SG.evidence, foreign_anchor, in_folder("/document/"))),
    Kind("stated-elsewhere", "stated in the wrong document", "StatedInDocument",
         change(SG.statedIn, foreign_place, in_folder("/document/"))),
    Kind("dropped-class", "class left out", "TypedThing", drop(RDF.type, kind_of(SG.Correspondence))),
    Kind("unknown-class", "typo in a class", "KnownClass", change(RDF.type, elsewhere("s"), kind_of(SG.GovernmentResponse))),
    Kind("wrong-class", "wrong class", "DeclaredDomain", change(RDF.type, value(SG.Recommendation), kind_of(SG.PublicComment))),
    Kind("two-classes", "class that excludes the other class", CONTRADICTION,
         add(RDF.type, value(SG.Recommendation), lambda corpus, one: corpus.is_a(one[0], SG.PublicComment)), inferred=True),
    Kind("same-as", "two things said to be the same", "NoSameAs", _same, inferred=True),
    Kind("unknown-predicate", "typo in a predicate", "KnownPredicate", rename(SG.correspondingSection, SG.correspondingSecton)),
    Kind("role-without-kind", "assignment without its role", "AssignmentRole-property",
         rename(SG.hasNamedAssignment, SG.hasAssignment)),
    Kind("wrong-role", "named body made a lead", "Assignments-notNamed",
         rename(SG.hasNamedAssignment, SG.hasLeadAssignment, names_no_lead)),
    Kind("two-roles", "two roles on one assignment", "Assignments-oneRole", _second_role),
    Kind("second-assignee", "two bodies on one assignment", "Assignment-assignee", add(SG.assignee, another(SG.assignee))),
    Kind("swapped-parent", "section under the wrong parent", "Sections-numberExtendsParent",
         change(SG.isDirectPartOf, numbered_section, is_numbered)),
    Kind("second-parent", "section with two parents", "Section-parent", add(SG.isDirectPartOf, numbered_section, is_numbered)),
    Kind("cycle", "section within its own part", "Sections-cycle", change(SG.isDirectPartOf, own_part, has_child)),
    Kind("duplicate-ordinal", "two sections at one place in the order", "Sections-order",
         change(SG.ordinal, sibling_ordinal, has_sibling)),
    Kind("duplicate-number", "two comments with one number", "Consultation-numberUnique",
         change(SG.commentNumber, another(SG.commentNumber))),
    Kind("wrong-section-number", "section number with a changed digit", "figure-printed-form",
         change(SG.sectionNumber, rewrite(next_digit), kind_of(SG.Section))),
    Kind("wrong-corresponding-section", "recommendation led to the wrong section", "figure-link",
         change(SG.correspondingSection, numbered_section)),
    Kind("wrong-commented-section", "comment on the wrong section", "figure-link", change(SG.commentsOn, numbered_section)),
    Kind("reference-circle", "replies that refer to each other in a circle", "Responses-circle", _circle),
    Kind("wrong-reference", "“see No. n” led to the wrong reply", "figure-link",
         change(SG.seeResponse, another(SG.hasResponse))),
    Kind("section-of-another-document", "recommendation led into the wrong document", "Correspondences-sectionOfTable",
         change(SG.correspondingSection, another(SG.commentsOn))),
    Kind("moved-start", "offset one too high or low", "Selectors-start", shifted(OA.start)),
    Kind("moved-end", "end one too high or low", "Selectors-end", shifted(OA.end)),
    Kind("altered-hash", "hash of a span altered", "span-hash", change(SG.spanSha256, rewrite(other_hex))),
    Kind("altered-characters", "first characters altered", "span-first-characters",
         change(SG.firstCharacters, rewrite(lambda text: f"猫{text[1:]}"))),
    Kind("reasonless-exclusion", "span left out without a reason", "ExcludedSpan-reason", drop(SG.exclusionReason)),
    Kind("digit-in-summary", "changed digit in a summary", "figure-number", change(SG.summary, rewrite(next_digit), both(
        has_year, lambda _c, one: not str(one[0]).startswith(str(ID["document/"]))))),
    Kind("digit-in-label", "changed digit in a printed label", "figure-number",
         change(SKOS.prefLabel, rewrite(next_digit), both(in_folder("/document/"), has_year))),
    Kind("digit-in-printed-form", "changed digit in a printed form", "figure-printed-form",
         change(SG.printedForm, rewrite(next_digit), in_folder("/document/"))),
    Kind("changed-start-date", "changed date", "figure-date",
         change(SG.startDate, rewrite(next_digit), lambda corpus, one: is_day(corpus, one) and in_folder("/document/")(corpus, one))),
    Kind("changed-end-date", "changed year of a date", "figure-date",
         change(SG.endDate, rewrite(lambda text: f"2023{text[4:]}"),
                lambda corpus, one: is_day(corpus, one) and in_folder("/document/")(corpus, one))),
    Kind("changed-year", "changed year", "figure-number", change(SG.startDate, rewrite(next_digit), is_year)),
    Kind("changed-deadline", "changed deadline", "figure-date", change(SG.date, rewrite(lambda text: f"{text[:8]}15"))),
    Kind("changed-count", "changed count", "figure-number", change(SG.printedCount, value(Literal("58", datatype=XSD.integer)))),
    Kind("count-as-text", "number given as text", "DeclaredRange", change(SG.printedCount, value(Literal("four")))),
    Kind("lost-language", "English label left out", "Thing-labelEn", drop(SKOS.prefLabel, tagged("en", SG.ThemeLink))),
    Kind("lost-summary", "Japanese summary left out", "Summary-ja", drop(SG.summary, tagged("ja", SG.PublicComment))),
    Kind("second-label", "two labels in one language", "Label-onePerLanguage",
         add(SKOS.prefLabel, rewrite(lambda text: f"{text} (again)"), tagged("en", SG.Section))),
    Kind("unknown-language", "language tag that is not used", "LanguageTag",
         change(SKOS.prefLabel, rewrite(same, "fr"), tagged("en", SG.Section))),
    Kind("wrong-language", "Japanese text tagged as English", "LanguageFits",
         change(SG.editorialNote, rewrite(same, "en"), tagged("ja"))),
    Kind("padded-text", "text with a space at its end", "WellFormedLiteral",
         change(SG.summary, rewrite(lambda text: f"{text} "), tagged("en"))),
    Kind("dangling-link", "link to what is not there", "KnownThing", change(SG.hasResponse, elsewhere("9"))),
    Kind("wrong-base", "IRI on another base", "CanonicalIri",
         change(SG.statedIn, lambda _c, _r, old: URIRef(str(old[2]).replace("https:", "http:")))),
    Kind("unknown-theme", "theme that no vocabulary has", "KnownThing", change(SG.linkedTheme, elsewhere("-x"))),
    Kind("wrong-theme", "theme of another link", "ThemeLinks-iriTheme", change(SG.linkedTheme, another(SG.linkedTheme))),
    Kind("opened-group", "open group given members", "GroupMembers-open", _members),
    Kind("closed-group-opened", "closed group called open", "GroupMembers-open",
         _opened),
    Kind("told-in-two-files", "IRI of another file's thing", "repeated-thing", _retold),
    Kind("closed-group", "open group called closed", "GroupMembers-closed",
         change(SG.isClosedGroup, value(Literal("true", datatype=XSD.boolean)))),
    Kind("interpretation-as-statement", "interpretation in a document's graph", "InterpretationIsCurated",
         move(SG.assertionStatus, "/curated/", "document", lambda _c, one: one[2] == INTERPRETED)),
    Kind("summary-as-statement", "summary in a document's graph", "SummaryIsCurated", move(SG.summary, "/curated/", "document")),
    Kind("dropped-note", "interpretation without its note", "Interpretation-noteEn",
         drop(SG.editorialNote, both(tagged("en"), of_status(INTERPRETED)))),
    Kind("summary-and-reference", "reply with a text and “see No. n”", "Responses-textOrReference",
         _summarised),
    Kind("dropped-in-corpus", "document that does not say whether its text is here", "Document-inCorpus",
         drop(SG.inCorpus, lambda _c, one: "/document/" in str(one[0]))),
)  # fmt: skip
