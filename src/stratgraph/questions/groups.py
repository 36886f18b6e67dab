"""The groups of a question's query: where its parameters' VALUES blocks stand, and where their values do not reach.

Imports errors, the model and the scanner. SPARQL evaluates a group by itself before it joins it to others (SPARQL 1.1 Query,
section 18.2), so a FILTER sees a parameter only where the group binds it; OPTIONAL and EXISTS see what stands around them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from stratgraph.errors import SourceError
from stratgraph.questions.model import Parameter, Question
from stratgraph.questions.scan import Token, tokenize

_OPENERS: Final = frozenset({"OPTIONAL", "MINUS", "EXISTS", "UNION"})
_CALLS: Final = frozenset({"FILTER", "BIND", "HAVING"})


@dataclass
class Expression:
    """What stands in a FILTER, BIND or HAVING: its word, offset, variables, and those it asks BOUND or COALESCE of."""

    word: str
    start: int
    variables: set[str] = field(default_factory=set)
    guarded: set[str] = field(default_factory=set)
    depth: int = 0
    call: str = ""


@dataclass
class Group:
    """A pair of braces: how it begins, what it binds itself, and the groups inside it. `projection` is a sub-SELECT's."""

    kind: str
    start: int
    parent: Group | None = None
    blocks: set[str] = field(default_factory=set)
    patterns: set[str] = field(default_factory=set)
    expressions: list[Expression] = field(default_factory=list)
    children: list[Group] = field(default_factory=list)
    projection: set[str] | None = None

    def walk(self) -> Iterator[Group]:
        """This group and all inside it."""
        waiting = [self]
        while waiting:
            one = waiting.pop()
            yield one
            waiting.extend(one.children)

    def joined(self) -> Iterator[Group]:
        """This group and those inside it whose bindings reach it: not what MINUS and EXISTS look at, nor a sub-SELECT's inside."""
        waiting = [self]
        while waiting:
            one = waiting.pop()
            yield one
            if one.projection is None:
                waiting.extend(child for child in one.children if child.kind not in ("MINUS", "EXISTS"))

    def binds(self, name: str) -> bool:
        """Whether a variable has a value when the group's own filters run."""
        found = any(name in one.blocks | one.patterns | (one.projection or set()) for one in self.joined())
        outward = self.kind in ("OPTIONAL", "EXISTS") and self.parent is not None
        return found or (outward and self.parent is not None and self.parent.binds(name))

    def matches(self, name: str) -> bool:
        """Whether a pattern gives the variable a value, so that it is bound where its block holds UNDEF."""
        found = any(name in one.patterns for one in self.joined())
        return found or (self.kind in ("OPTIONAL", "EXISTS") and self.parent is not None and self.parent.matches(name))


class _Reader:
    """Reads tokens into groups, without recursion."""

    def __init__(self) -> None:
        self.root = Group("QUERY", 0)
        self.group = self.root
        self.open: list[tuple[Group, Expression]] = []
        self.word = ""

    def read(self, tokens: Sequence[Token]) -> Group:
        i = 0
        while i < len(tokens):
            i = self._step(tokens, i)
        return self.root

    def _step(self, tokens: Sequence[Token], i: int) -> int:
        token = tokens[i]
        upper = token.text.upper() if token.kind == "word" else ""
        if upper == "VALUES":
            return self._values(tokens, i)
        if upper == "SELECT" and self.group is not self.root:
            end = next((j for j in range(i, len(tokens)) if tokens[j].text == "{"), len(tokens))
            head = tokens[i + 1 : end]
            hidden = {at for at, one in enumerate(head) if any(after.text.upper() == "AS" for after in head[at + 1 : at + 2])}
            self.group.projection = {one.text[1:] for at, one in enumerate(head) if one.kind == "variable" and at not in hidden}
            return end
        if upper in _CALLS:
            expression = Expression(upper, token.start)
            self.group.expressions.append(expression)
            self.open.append((self.group, expression))
        elif token.text == "{":
            self._enter(token)
        elif token.text == "}":
            self._leave()
        else:
            self._part(token, upper)
        self.word = upper or ("" if token.kind == "mark" else self.word)
        return i + 1

    def _enter(self, token: Token) -> None:
        kind = self.word if self.word in _OPENERS else "GROUP"
        if self._expression() is not None and kind != "EXISTS":
            self.open.pop()
        if self._expression() is not None and self._expression_is_empty():
            self.open.pop()
        child = Group(kind, token.start, self.group)
        self.group.children.append(child)
        self.group = child

    def _leave(self) -> None:
        self.open = [one for one in self.open if one[0] is not self.group]
        self.group = self.group.parent or self.root

    def _expression(self) -> Expression | None:
        return self.open[-1][1] if self.open and self.open[-1][0] is self.group else None

    def _expression_is_empty(self) -> bool:
        expression = self._expression()
        return expression is not None and expression.depth == 0

    def _part(self, token: Token, upper: str) -> None:
        expression = self._expression()
        if expression is None:
            if token.kind == "variable" and self.group is not self.root:
                self.group.patterns.add(token.text[1:])
            return
        if token.kind == "variable":
            expression.variables.add(token.text[1:])
            if expression.call in ("BOUND", "COALESCE"):
                expression.guarded.add(token.text[1:])
        elif token.text == "(":
            expression.depth += 1
        elif token.text == ")":
            expression.depth -= 1
            expression.call = ""
            if expression.depth == 0:
                self.open.pop()
        if upper:
            expression.call = upper

    def _values(self, tokens: Sequence[Token], i: int) -> int:
        start = next((j for j in range(i, len(tokens)) if tokens[j].text == "{"), len(tokens))
        self.group.blocks |= {one.text[1:] for one in tokens[i + 1 : start] if one.kind == "variable"}
        return next((j for j in range(start, len(tokens)) if tokens[j].text == "}"), len(tokens)) + 1


def read_groups(text: str) -> Group:
    """The groups of a query; the root stands for the query as a whole."""
    return _Reader().read(tokenize(text))


def check_reach(question: Question, path: str) -> None:
    """Raise SourceError where a parameter's value does not reach what asks for it, or several values would repeat rows."""
    root = read_groups(question.sparql)
    for parameter in question.parameters:
        for group in root.walk():
            if group.projection is not None:
                _check_select(question, parameter, group, path)
            for expression in group.expressions:
                _check_expression(question, parameter, group, expression, path)
        _check_several(question, parameter, root, path)


def _check_select(question: Question, parameter: Parameter, group: Group, path: str) -> None:
    name = parameter.name
    inside = list(group.walk())
    used = any(name in one.patterns or any(name in expression.variables for expression in one.expressions) for one in inside)
    if used and name not in (group.projection or ()) and not any(name in one.blocks for one in inside):
        raise SourceError(
            f"The sub-SELECT uses ?{name}, which is another variable in there: repeat its VALUES block inside.",
            path,
            _line(question, group.start),
        )


def _check_expression(question: Question, parameter: Parameter, group: Group, expression: Expression, path: str) -> None:
    name, line = parameter.name, _line(question, expression.start)
    if name not in expression.variables or group.parent is None:
        return
    if not group.binds(name):
        message = f"{expression.word} uses ?{name}, which this group does not bind: repeat VALUES ?{name} {{ … }} in it."
        raise SourceError(message, path, line)
    undefined = any(block.content == "UNDEF" for block in question.blocks.get(name, ()))
    if expression.word == "FILTER" and undefined and name not in expression.guarded and not group.matches(name):
        message = f"?{name} may be unbound (UNDEF), and this filter would then refuse everything: write !BOUND(?{name}) || … in it."
        raise SourceError(message, path, line)


def _check_several(question: Question, parameter: Parameter, root: Group, path: str) -> None:
    """Several values repeat a row for each that fits, unless they are told apart, made DISTINCT or only looked for."""
    name = parameter.name
    if not parameter.multiple or question.form != "SELECT" or name in {column.name for column in question.columns}:
        return
    joined = [one for one in root.joined() if name in one.blocks]
    words = {token.text.upper() for token in tokenize(question.sparql) if token.kind == "word"}
    if joined and "DISTINCT" not in words:
        way = "write SELECT DISTINCT, or look for it in FILTER EXISTS, so that no row repeats."
        message = f"?{name} takes several values and is no column: {way}"
        raise SourceError(message, path, question.blocks[name][0].line)


def _line(question: Question, offset: int) -> int:
    return question.sparql.count("\n", 0, offset) + 1
