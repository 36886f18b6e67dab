"""Turtle text → triples with the line each stands on.

Hooks rdflib's notation3 parser: its sink receives every statement while the parser knows the line it is at. A test pins
what is relied on, so that a change in rdflib shows there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableSequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NoReturn

from rdflib import Graph
from rdflib.namespace import XSD
from rdflib.plugins.parsers.notation3 import BadSyntax, RDFSink, SinkParser, sfloat
from rdflib.term import Literal, Node, URIRef

from stratgraph.errors import SourceError
from stratgraph.places import Triple
from stratgraph.turtle.faults import plainer
from stratgraph.turtle.laid_out import read_laid_out

# Stands in for the base where a file declares none: rdflib refuses even an absolute @base without one.
_NO_BASE: Final = "no-base://no-base/"
# Turtle 1.1, production IRIREF: what may not stand between < and >, not even escaped.
_NOT_IN_IRI: Final = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_NO_STRING_END: Final = "not Turtle: the string that begins here has no end"
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# One object for each IRI: equal terms are then mostly the same one, which dictionaries and sets see without a comparison.
_iri: Final = lru_cache(maxsize=1 << 18)(URIRef)


@dataclass(frozen=True)
class Declaration:
    """A `@prefix` (or PREFIX) of a file, or its `@base` where `prefix` is None. `line` counts from 1."""

    prefix: str | None
    iri: str
    line: int


@dataclass(frozen=True)
class TurtleFile:
    """What a Turtle file says: each triple with the line (from 1) its object first stands on, and its declarations in order."""

    lines: Mapping[Triple, int]
    declarations: tuple[Declaration, ...]

    @property
    def graph(self) -> Graph:
        """The triples as a new rdflib Graph without namespace bindings."""
        graph = Graph(bind_namespaces="none")
        for triple in self.lines:
            graph.add(triple)
        return graph


def parse_file(text: str, path: str, base: str | None = None) -> TurtleFile:
    """Read Turtle. `path` is what messages call the file; `base` resolves relative IRIs where the file has no @base.

    Raises SourceError with line, and column where it is known. Blank nodes are new ones in every call.
    """
    text = text.removeprefix("\ufeff")
    quick = read_laid_out(text, base, _iri)
    if quick is not None:
        return TurtleFile(quick[0], tuple(Declaration(*one) for one in quick[1]))
    return parse_whole(text, path, base)


def parse_whole(text: str, path: str, base: str | None) -> TurtleFile:
    """The same by the parser of all Turtle, which tells what is wrong."""
    parser = _Parser(path, base or _NO_BASE)
    try:
        parser.loadBuf(text)
    except SourceError:
        raise
    except BadSyntax as error:
        if error._why.startswith("unterminated string"):
            raise SourceError(_NO_STRING_END, path, parser.term_line, parser.term_column) from error
        raise _syntax_error(error, text, path) from error
    except Exception as error:  # rdflib's parser also lets go of AssertionError, IndexError, ValueError … on bad input
        raise SourceError(_why(error), path, parser.term_line, parser.term_column) from error
    return TurtleFile(parser.sink.lines, tuple(parser.declarations))


def parse_turtle(text: str, path: str, base: str | None = None) -> Graph:
    """Read Turtle as an rdflib Graph. Raises SourceError as `parse_file` does."""
    return parse_file(text, path, base).graph


def parse_with_lines(text: str, path: str, base: str | None = None) -> dict[Triple, int]:
    """Read Turtle as triples, each with the line (from 1) of its object. Raises SourceError as `parse_file` does."""
    return dict(parse_file(text, path, base).lines)


def _syntax_error(error: BadSyntax, text: str, path: str) -> SourceError:
    # rdflib gives -1 for the end of the file.
    place = error._i if error._i >= 0 else len(text.rstrip())
    line = text.count("\n", 0, place) + 1
    return SourceError(f"not Turtle: {plainer(error._why)}", path, line, place - text.rfind("\n", 0, place))


def _why(error: Exception) -> str:
    told = str(error).partition("\n")[0]
    if told.startswith("Quote expected"):
        return _NO_STRING_END
    if told.startswith("string index"):
        return "not Turtle: the file ends within what begins here"
    return f"not Turtle: what begins here cannot be read ({told or type(error).__name__})"


class _Sink(RDFSink):
    """Receives the parser's statements; keeps each with its line, the first where one is repeated."""

    def __init__(self, parser: _Parser) -> None:
        super().__init__(Graph(bind_namespaces="none"))
        self.parser = parser
        self.lines: dict[Triple, int] = {}
        self.count = 0

    def newSymbol(self, *args: str) -> URIRef:  # noqa: N802 - rdflib's name
        iri = str(args[0])
        if iri.startswith(_NO_BASE):
            self.parser.fail(f"<{iri.removeprefix(_NO_BASE)}> is relative, but no @base stands above it")
        if "<<<<<<" in iri:
            self.parser.fail("not Turtle: a merge conflict is left open here; keep one side and delete the marks")
        if "\n" in iri:
            self.parser.fail("not Turtle: the IRI that begins here has no end; close it with >")
        if found := _NOT_IN_IRI.search(iri):
            self.parser.fail(f"<{iri}> is no IRI: it holds {found.group()!r}")
        return _iri(iri)

    def newLiteral(self, s: str, dt: URIRef | None = None, lang: str | None = None) -> Literal:  # noqa: N802
        if dt is not None and lang is not None:
            self.parser.fail("a literal has a language or a datatype, not both")
        if _SURROGATE.search(s):
            self.parser.fail("a string holds half of a surrogate pair; write the character itself")
        # Since RDF 1.1 a plain string is an xsd:string. The written form is kept, so that no file changes what another says.
        return Literal(s, lang=lang, datatype=None if dt == XSD.string else dt, normalize=False)

    def makeStatement(self, quadruple: tuple[Any, Any, Any, Any], why: Any = None) -> None:  # noqa: N802, ARG002
        context, predicate, subject, value = quadruple
        line = self.parser.line_of(value)
        triple = (self._node(context, subject), self._node(context, predicate), self._node(context, value))
        if isinstance(triple[0], Literal):
            self.parser.fail("a literal cannot be a subject", self.parser.line_of(subject))
        if not isinstance(triple[1], URIRef):
            self.parser.fail("a predicate must be an IRI", self.parser.line_of(predicate))
        self.count += 1
        self.lines.setdefault(triple, line)

    def _node(self, context: Any, value: Any) -> Node:
        if isinstance(value, Decimal):
            # str() would write small ones with an exponent, which xsd:decimal does not know.
            return Literal(format(value, "f"), datatype=XSD.decimal, normalize=False)
        if isinstance(value, tuple):
            return _iri(str(value[1]))
        if isinstance(value, sfloat):
            return Literal(str(value), datatype=XSD.double, normalize=False)
        node: Node = self.normalise(context, value)
        return node


class _Parser(SinkParser):
    """rdflib's parser, made to tell lines and to refuse what is not Turtle 1.1."""

    def __init__(self, path: str, base: str) -> None:
        self.file = path
        self.sink = _Sink(self)
        self.declarations: list[Declaration] = []
        self.term_line = self.term_column = 1
        # The terms are held beside their lines: an id may not come back while it is a key here.
        self._begins: dict[int, tuple[object, int]] = {}
        super().__init__(self.sink, baseURI=base, turtle=True)

    def fail(self, message: str, line: int | None = None) -> NoReturn:
        """Raise a SourceError at a line, or else at the term that was begun last."""
        if line is not None:
            raise SourceError(message, self.file, line)
        raise SourceError(message, self.file, self.term_line, self.term_column)

    def line_of(self, term: object) -> int:
        """The line a term just read began on; the parser's line for one made up, such as a cell of a list."""
        found = self._begins.get(id(term))
        return found[1] if found else self.lines + 1

    def directiveOrStatement(self, argstr: str, h: int) -> int:  # noqa: N802
        before = self._baseURI
        j = super().directiveOrStatement(argstr, h)
        if self._baseURI != before:
            self.declarations.append(Declaration(None, str(self._baseURI), self.lines + 1))
        return j

    def bind(self, qn: str, uri: bytes) -> None:
        super().bind(qn, uri)
        self.declarations.append(Declaration(qn, str(self._bindings[qn]), self.lines + 1))

    def statement(self, argstr: str, i: int) -> int:
        before = self.sink.count
        j = super().statement(argstr, i)
        if j >= 0 and self.sink.count == before:
            self.BadSyntax(argstr, i, "a subject without a predicate")
        return j

    def checkDot(self, argstr: str, i: int) -> int:  # noqa: N802
        j = self.skipSpace(argstr, i)
        if j < 0:
            self.BadSyntax(argstr, -1, "the file ends within a statement; its full stop is missing")
        if argstr[j] != ".":
            end = len(argstr[:j].rstrip())
            if "\n" in argstr[end:j] and argstr[end - 1] not in ";,":  # the mark is missing there, not where the next term begins
                self.BadSyntax(argstr, end, "the line ends without ';', ',' or a full stop")
            self.BadSyntax(argstr, j, "expected a predicate after ';', an object after ',' or a full stop")
        return j + 1

    def _unicodeEscape(self, argstr: str, i: int, startline: int, reg: re.Pattern[str], n: int, prefix: str) -> tuple[int, str]:  # noqa: N802
        if not re.fullmatch(f"[0-9A-Fa-f]{{{n}}}", argstr[i : i + n]):  # rdflib would keep it as it stands
            self.BadSyntax(argstr, i, "a \\u needs four hexadecimal digits, a \\U eight")
        return super()._unicodeEscape(argstr, i, startline, reg, n, prefix)

    def path(self, argstr: str, i: int, res: MutableSequence[Any]) -> int:
        # Every term of a statement comes by here. N3's paths (! and ^), which rdflib reads at this point, are not Turtle.
        j = self.skipSpace(argstr, i)
        if j < 0:
            return j
        line = self.term_line = self.lines + 1
        self.term_column = j - self.startOfLine + 1
        end = self.nodeOrLiteral(argstr, j, res)
        if end >= 0:
            self._begins[id(res[-1])] = (res[-1], line)
        return end
