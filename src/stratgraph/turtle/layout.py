"""A graph as Turtle in the project's one layout: the same triples always give the same text. Imports rdflib, errors, places.

    # a comment block at the top is kept
    @base <https://w3id.org/stratgraph/id/> .
    @prefix sg: <https://w3id.org/stratgraph/ontology#> .

    <section/2015-strategy/5.1.1> a sg:Section ;
      sg:sectionNumber "5.1.1" .

Subjects in groups (ontology header, classes, properties, individuals, anonymous axioms), naturally sorted within; one
predicate per line; texts one per line, other objects side by side where they fit; programs (strings of several lines without
a language, such as SPARQL in shapes) keep their lines.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from rdflib.namespace import RDF
from rdflib.term import BNode, Literal, Node

from stratgraph.errors import SourceError
from stratgraph.places import Triple
from stratgraph.turtle.blank import describe_subjects, find_shared, list_items
from stratgraph.turtle.order import natural_key, object_key, predicate_key, subject_rank
from stratgraph.turtle.parse import TurtleFile, parse_file
from stratgraph.turtle.terms import TermWriter, is_program, is_text

_WIDTH: Final = 120
_STEP: Final = 2
_HEAD: Final = re.compile(r"(?:[ \t\r\n]*(?:#[^\r\n]*|\Z))*")
# Where a # begins no comment: in strings, IRIs and escaped local names. No input makes it slow: a repeated group can begin in one
# way only. Groups are not possessive: Python before 3.11.5 (Debian 12 has 3.11.2) matches such ones wrongly.
_TOKEN: Final = re.compile(
    r'"""[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*"{3,5}'
    r"|'''[^'\\]*+(?:(?:\\.|'(?!''))[^'\\]*+)*'{3,5}"
    r'|"[^"\\\r\n]*+(?:\\.[^"\\\r\n]*+)*"'
    r"|'[^'\\\r\n]*+(?:\\.[^'\\\r\n]*+)*'"
    r"|<[^>]*+>|\\.|(?P<comment>#[^\r\n]*)",
    re.DOTALL,
)


def format_turtle(text: str, path: str, prefixes: Mapping[str, str]) -> str:
    """The same triples in the project's layout. `prefixes` is the project's table, prefix → namespace.

    Kept beside the triples: the comment block at the top, and `@base`. Raises SourceError where the text is no Turtle, a
    comment stands elsewhere, a prefix is declared otherwise than in the table, there are two bases, or a blank node is used
    in two places.
    """
    text = text.removeprefix("\ufeff")
    parsed = parse_file(text, path)
    _check_declarations(parsed, path, prefixes)
    _check_blank_nodes(parsed, path)
    comment = _head_comment(text, path)
    base = next((one.iri for one in parsed.declarations if one.prefix is None), None)
    formatted = format_graph(parsed.lines.keys(), prefixes, base, comment)
    if formatted != text and _ground(parse_file(formatted, path)) != _ground(parsed):
        # A second look, so that no fault of this module can cost data; the tests hold the rest (isomorphism).
        raise SourceError("fmt would change what this file says, which is a fault of fmt; the file is left as it is", path)
    return formatted


def _ground(parsed: TurtleFile) -> tuple[int, set[Triple]]:
    """How many triples there are, and those without blank nodes."""
    return len(parsed.lines), {triple for triple in parsed.lines if not any(isinstance(term, BNode) for term in triple)}


def format_graph(triples: Collection[Triple], prefixes: Mapping[str, str], base: str | None = None, comment: str = "") -> str:
    """Triples as a Turtle file; declares those of `prefixes` that it uses. `comment` is a block of # lines for its top.

    Raises ValueError where a blank node is referenced twice or refers to itself: its label could not be kept stable.
    """
    if find_shared(triples):
        raise ValueError("a blank node is referenced twice, or refers to itself")
    terms = TermWriter(prefixes, base)
    blocks = _Page(triples, terms).blocks()
    head = [f"@base <{base}> ."] if base is not None else []
    head += [f"@prefix {prefix}: <{prefixes[prefix]}> ." for prefix in sorted(terms.used)]
    parts = [comment.rstrip(), "\n".join(head), *blocks]
    return "\n\n".join(part for part in parts if part) + "\n"


def _check_declarations(parsed: TurtleFile, path: str, prefixes: Mapping[str, str]) -> None:
    bases = [one for one in parsed.declarations if one.prefix is None]
    if len(bases) > 1:
        raise SourceError(f"a second @base; one per file, so that fmt can keep it ({bases[0].iri} stands above)", path, bases[1].line)
    for one in parsed.declarations:
        if one.prefix is not None and prefixes.get(one.prefix) != one.iri:
            known = prefixes.get(one.prefix)
            told = f"there it is <{known}>" if known else "it is not there"
            raise SourceError(f"prefix {one.prefix}: <{one.iri}> differs from the project's table: {told}", path, one.line)


def _check_blank_nodes(parsed: TurtleFile, path: str) -> None:
    shared = find_shared(parsed.lines.keys())
    if shared:
        line = max(line for (_, _, value), line in parsed.lines.items() if value in shared)
        raise SourceError(
            "a blank node is used in two places, or in a circle; give it an IRI, or write it as [ … ] where it is used", path, line
        )


def _head_comment(text: str, path: str) -> str:
    head = _HEAD.match(text)
    end = head.end() if head else 0
    for token in _TOKEN.finditer(text, end):
        if token["comment"] is not None:
            place = token.start("comment")
            line = text.count("\n", 0, place) + 1
            raise SourceError("fmt keeps only the comment block at the top", path, line, place - text.rfind("\n", 0, place))
    lines = [line.strip() for line in text[:end].splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Page:
    """The subjects of one file and how each is written. Blank nodes are written once and remembered."""

    def __init__(self, triples: Collection[Triple], terms: TermWriter) -> None:
        self._about = describe_subjects(triples)
        self._nested = {value for _, _, value in triples if isinstance(value, BNode)}
        self._terms = terms
        self._flat: dict[Node, str] = {}
        # Nodes that may not stand on one line, since they hold several texts.
        self._tall: set[Node] = set()

    def blocks(self) -> list[str]:
        """One text per subject, in order."""
        subjects = [subject for subject in self._about if subject not in self._nested]
        return [self._subject(subject) for subject in sorted(subjects, key=self._subject_key)]

    def _subject_key(self, subject: Node) -> tuple[int, object]:
        return subject_rank(subject, self._about[subject].get(RDF.type, ())), natural_key(self._written(subject).strip("<>"))

    def _subject(self, subject: Node) -> str:
        head = "[]" if isinstance(subject, BNode) else self._written(subject)
        gap = " " if RDF.type in self._about[subject] else _line(_STEP)
        return f"{head}{gap}{self._description(subject, _STEP)} ."

    def _description(self, subject: Node, indent: int) -> str:
        """Predicates and objects, one predicate per line at `indent`."""
        lines = [f"{written} {self._objects(values, indent, len(written))}" for written, values in self._predicates(subject)]
        return f" ;{_line(indent)}".join(lines)

    def _predicates(self, subject: Node) -> list[tuple[str, list[Node]]]:
        named = [(predicate, "a" if predicate == RDF.type else self._terms.iri(str(predicate))) for predicate in self._about[subject]]
        named.sort(key=lambda one: predicate_key(*one))
        return [(written, self._sorted(self._about[subject][predicate])) for predicate, written in named]

    def _sorted(self, values: list[Node]) -> list[Node]:
        return values if len(values) == 1 else sorted(values, key=lambda value: object_key(value, self._written(value)))

    def _objects(self, values: Sequence[Node], indent: int, column: int) -> str:
        flat = [self._written(value) for value in values]
        joined = ", ".join(flat)
        if self._side_by_side(values) and indent + column + len(joined) + 3 <= _WIDTH:
            return joined
        if len(values) == 1:
            return self._spread(values[0], indent)
        return f",{_line(indent + _STEP)}".join(self._spread(value, indent + _STEP) for value in values)

    def _side_by_side(self, values: Sequence[Node]) -> bool:
        literals = [value for value in values if isinstance(value, Literal)]
        tall = any(value in self._tall for value in values) or any(is_program(value) for value in literals)
        return not tall and sum(is_text(value) for value in literals) < 2

    def _spread(self, value: Node, indent: int) -> str:
        """A term over several lines where it can be; the first line goes on where the text stands."""
        if not isinstance(value, BNode) or value not in self._about:
            return self._written(value)
        if value not in self._tall and indent + len(self._flat[value]) + 2 <= _WIDTH:
            return self._flat[value]
        items = list_items(self._about, value)
        if items is not None:
            inner = "".join(f"{_line(indent + _STEP)}{self._spread(item, indent + _STEP)}" for item in items)
            return f"({inner}{_line(indent)})"
        return f"[{_line(indent + _STEP)}{self._description(value, indent + _STEP)} ;{_line(indent)}]"

    def _written(self, node: Node) -> str:
        """A term on one line."""
        if not isinstance(node, BNode):
            if isinstance(node, Literal):
                return self._terms.literal(node)
            return "()" if node == RDF.nil else self._terms.iri(str(node))
        if node not in self._flat:
            self._flat[node] = self._flatten(node)
        return self._flat[node]

    def _flatten(self, node: BNode) -> str:
        items = list_items(self._about, node)
        if items is not None:
            written = f"( {' '.join(self._written(item) for item in items)} )"
            tall = not all(self._side_by_side([item]) for item in items)
        elif node in self._about:
            predicates = self._predicates(node)
            written = f"[ {' ; '.join(f'{name} {self._comma_joined(values)}' for name, values in predicates)} ]"
            tall = not all(self._side_by_side(values) for _, values in predicates)
        else:
            written, tall = "[]", False
        if tall:
            self._tall.add(node)
        return written

    def _comma_joined(self, values: Sequence[Node]) -> str:
        return ", ".join(self._written(value) for value in values)


def _line(indent: int) -> str:
    return "\n" + " " * indent
