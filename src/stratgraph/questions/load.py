"""Reads `queries/*.rq` into questions, strictly: what is unknown, missing, unused or undeclared is an error with its place.

Imports errors, vocab and the modules of this package below it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Final

from stratgraph.errors import BadParameter, SourceError
from stratgraph.questions.bind import block_content, iri_term, literal
from stratgraph.questions.groups import check_reach
from stratgraph.questions.header import Fields, read_header, scalars
from stratgraph.questions.model import (
    AUDIENCES,
    COLUMN_TYPES,
    PARAMETER_TYPES,
    RESERVED,
    Block,
    Column,
    Example,
    Parameter,
    Question,
    Questions,
)
from stratgraph.questions.scan import Outline, outline, tokenize
from stratgraph.vocab import LEVELS

_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NAME: Final = re.compile(r"[a-z][A-Za-z0-9]*")
_CHARTS: Final = ("bar", "table", "timeline")
_THING_BASE: Final = "https://w3id.org/stratgraph/"


def load_questions(folder: Path) -> Questions:
    """All questions of a folder, sorted by slug. Raises SourceError for the first that breaks a rule, or where there is none."""
    paths = sorted(folder.glob("*.rq"))
    if not paths:
        raise SourceError("There is no saved question (*.rq) here.", str(folder))
    return Questions({path.stem: load_question(path) for path in paths})


def load_question(path: Path, *, expected: bool = True) -> Question:
    """The question in one file; `expected` wants a file of expected rows for each example. Raises SourceError with the line."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SourceError("The file is not UTF-8.", str(path), 1) from error
    found = outline(text)
    with Fields(read_header(text, path), path, "the header") as header:
        for key in ("summary", "description"):
            header.text(key)
        tags = header.list_of_texts("tags")
        if not tags:
            raise header.error("The header needs at least one tag.", "tags")
        header.optional_text("endpoint")
        if header.optional_text("method") not in (None, "GET", "POST"):
            raise header.error("'method' must be GET or POST.", "method")
        with Fields(header.node("stratgraph"), path, "'stratgraph'") as ours:
            question = _question(path, text, found, (tags, expected), ours)
            _check_query(question, found, path)
            _check_blocks(question, found, path)
            check_reach(question, str(path))
    return question


def _question(path: Path, text: str, found: Outline, outer: tuple[tuple[str, ...], bool], ours: Fields) -> Question:
    tags, expected = outer
    if not _SLUG.fullmatch(path.stem):
        raise SourceError("The file's name must be a phrase of small letters, digits and hyphens.", str(path), 1)
    audience = ours.texts("audience")
    if not audience or any(one not in AUDIENCES for one in audience):
        raise ours.error(f"'audience' must name at least one of {', '.join(AUDIENCES)}.", "audience")
    parameters = tuple(_parameter(fields, found) for fields in ours.items("parameters"))
    entailment = ours.choice("entailment", LEVELS, LEVELS[0])
    chart = ours.optional_text("chart")
    if chart is not None and chart not in _CHARTS:
        raise ours.error(f"'chart' is {chart!r}; allowed: {', '.join(_CHARTS)}.", "chart")
    return Question(
        path=path,
        name=ours.both("name"),
        description=ours.both("description"),
        tags=tags,
        audience=audience,
        parameters=parameters,
        columns=tuple(_column(fields) for fields in ours.items("columns")),
        examples=_examples(path, parameters, ours, (entailment, expected)),
        documents=ours.texts("documents"),
        entailment=entailment,
        chart=chart,
        sparql=text,
        form=found.form,
        prefixes=found.prefixes,
        blocks=found.blocks,
    )


def _parameter(fields: Fields, found: Outline) -> Parameter:
    with fields:
        name, kind = fields.text("name"), fields.choice("type", PARAMETER_TYPES)
        if not _NAME.fullmatch(name) or name in RESERVED:
            raise fields.error(f"{name!r} cannot be a parameter's name (a word, and none of {', '.join(RESERVED)}).", "name")
        thing = {"iri": "class", "concept": "scheme", "text": "class"}.get(kind)
        named = fields.optional_text(thing) if thing else None
        choices = fields.optional_text("choices") if thing == "class" else None
        if thing and (named is None) == (choices is None) and (kind != "text" or named):
            raise fields.error(f"A parameter of type {kind} needs {thing!r}{' or a query under choices' if kind == 'iri' else ''}.", "type")
        if choices is not None:
            _check_choices(choices, found, fields)
        default = fields.texts("default")
        parameter = Parameter(
            name=name,
            type=kind,
            label=fields.both("label"),
            help=fields.both("help"),
            required=fields.flag("required"),
            multiple=fields.flag("multiple"),
            default=default,
            kind=_expand(named, found, fields, thing) if named and thing else None,
            choices=choices,
        )
        if parameter.required and default:
            raise fields.error("A parameter with a default is not required.", "default")
        if len(default) > 1 and not parameter.multiple:
            raise fields.error("Several defaults need `multiple: true`.", "default")
        return parameter


def _check_choices(choices: str, found: Outline, fields: Fields) -> None:
    """A query under `choices` stands inside a group of ours: one SELECT of ?iri over this graph, with the file's own prefixes."""
    inner = outline(choices)
    tokens = tokenize(choices)
    depths = list(accumulate({"{": 1, "}": -1}.get(token.text, 0) for token in tokens))
    unknown = {token.text.partition(":")[0] for token in tokens if token.kind == "name"} - set(found.prefixes)
    problems = (
        (not depths or depths[-1] != 0 or min(depths) < 0, "its braces do not match"),
        (tokens[:1] == [] or tokens[0].text.upper() != "SELECT" or inner.projection != ("iri",), "it must be a SELECT of ?iri alone"),
        (bool({"SERVICE", "FROM"} & inner.words), "it asks this graph alone: no SERVICE, no FROM"),
        (bool(unknown), f"the file declares no prefix {min(unknown, default='')!r}"),
    )
    for wrong, message in problems:
        if wrong:
            raise fields.error(f"The query under 'choices': {message}.", "choices")


def _expand(name: str, found: Outline, fields: Fields, key: str) -> str:
    """A prefixed name or <IRI> of the header as an IRI, by the query's own prefixes."""
    if name.startswith("<") and name.endswith(">"):
        return name[1:-1]
    prefix, _, local = name.partition(":")
    if prefix not in found.prefixes:
        raise fields.error(f"{name!r}: the query declares no prefix {prefix!r}.", key)
    return found.prefixes[prefix] + local


def _column(fields: Fields) -> Column:
    with fields:
        column = Column(fields.text("name"), fields.both("label"), fields.choice("type", COLUMN_TYPES))
        if column.type == "summary" and not column.name.startswith("unofficial"):
            raise fields.error(f"A summary is ours: call its column unofficial…, not {column.name!r}.", "name")
        return column


def _examples(path: Path, parameters: Sequence[Parameter], ours: Fields, outer: tuple[str, bool]) -> tuple[Example, ...]:
    entailment, _ = outer
    examples = tuple(_example(path, parameters, fields, outer) for fields in ours.items("examples"))
    if not examples:
        raise ours.error("A question needs at least one example.", "examples")
    names = [one.name for one in examples]
    if len(set(names)) != len(names):
        raise ours.error("Two examples have the same name.", "examples")
    if all(one.entailment != entailment for one in examples):
        raise ours.error(f"No example shows that the question needs `entailment: {entailment}`.", "entailment")
    return examples


def _example(path: Path, parameters: Sequence[Parameter], fields: Fields, outer: tuple[str, bool]) -> Example:
    entailment, wanted = outer
    with fields:
        name = fields.text("name")
        node = fields.find("parameters")
        given: dict[str, tuple[str, ...]] = {}
        if node is not None:
            with Fields(node, path, f"the parameters of example {name!r}") as values:
                given = {one.name: scalars(values.node(one.name), path, one.name) for one in parameters if values.find(one.name)}
            _check_values(parameters, given, values)
        lacking = [one.name for one in parameters if one.required and one.name not in given]
        if lacking:
            raise fields.error(f"Example {name!r} lacks the required parameter {lacking[0]!r}.")
        file = f"{path.stem}.{name}.csv"
        if not _SLUG.fullmatch(name) or (wanted and not path.with_name(file).is_file()):
            raise fields.error(f"Example {name!r} needs a plain name and its expected rows in {file}.", "name")
        own = fields.choice("entailment", LEVELS[: LEVELS.index(entailment) + 1], entailment)
        return Example(name, given, path.with_name(file), own, fields.line)


def _check_values(parameters: Sequence[Parameter], given: Mapping[str, Sequence[str]], values: Fields) -> None:
    """An example's values are as many and of the type that their parameter takes; whether a thing is there, its rows tell."""
    for one in parameters:
        texts = given.get(one.name, ())
        if len(texts) > 1 and not one.multiple:
            raise values.error(f"Parameter {one.name!r} takes one value: several need `multiple: true`.", one.name)
        try:
            for text in () if one.names_a_thing else texts:
                literal(one, text)
        except BadParameter as error:
            raise values.error(str(error), one.name) from error


def _check_query(question: Question, found: Outline, path: Path) -> None:
    line = _form_line(question)
    columns = tuple(column.name for column in question.columns)
    problems = (
        (question.form not in ("SELECT", "CONSTRUCT"), "The query must be a SELECT or a CONSTRUCT."),
        (bool({"SERVICE", "FROM"} & found.words), "A saved question asks this graph alone: no SERVICE, no FROM."),
        (question.form == "SELECT" and found.star, "SELECT * is not allowed: name the columns."),
        (question.form == "SELECT" and not found.ordered, "A SELECT needs ORDER BY, so that the same answer has one order."),
        (found.limited, "LIMIT and OFFSET belong to the request (limit=, offset=), not to the question."),
        (question.form == "SELECT" and columns != found.projection, f"Columns {columns} must be what is selected: {found.projection}."),
        (question.form == "SELECT" and not columns, "A SELECT needs its 'columns' in the header."),
        (question.form == "CONSTRUCT" and bool(columns), "A CONSTRUCT has no columns."),
        (len({one.name for one in question.parameters}) != len(question.parameters), "Two parameters have the same name."),
    )
    for wrong, message in problems:
        if wrong:
            raise SourceError(message, str(path), line)
    for name, uses in found.uses.items():
        if name.startswith("_"):
            raise SourceError(f"?{name}: grlc takes variables that begin with _ for its own parameters.", str(path), line)
        if uses == 1 and name not in found.aliases:
            offset = re.search(rf"[?$]{re.escape(name)}\b", question.sparql)
            at = question.sparql.count("\n", 0, offset.start()) + 1 if offset else line
            raise SourceError(f"?{name} is used once only: undeclared, or of no use. Write [] for what needs no name.", str(path), at)


def _check_blocks(question: Question, found: Outline, path: Path) -> None:
    declared = {parameter.name for parameter in question.parameters}
    for name, blocks in question.blocks.items():
        if name not in declared:
            raise SourceError(f"VALUES ?{name} is no declared parameter.", str(path), blocks[0].line)
    for parameter in question.parameters:
        blocks = question.blocks.get(parameter.name, ())
        if not blocks:
            at = _parameter_line(question, parameter)
            raise SourceError(f"Parameter {parameter.name!r} is not used: no VALUES ?{parameter.name} {{ … }} block.", str(path), at)
        if found.uses[parameter.name] <= len(blocks):
            raise SourceError(f"Parameter {parameter.name!r} is not used: its VALUES blocks stand alone.", str(path), blocks[0].line)
        _check_content(question, parameter, blocks, path)


def _check_content(question: Question, parameter: Parameter, blocks: Sequence[Block], path: Path) -> None:
    """The block holds the default, else the first example if required, else UNDEF, so that the file runs as it stands."""
    typed = parameter.default or (question.examples[0].parameters[parameter.name] if parameter.required else ())
    if parameter.matches and typed:
        _check_matched(parameter, blocks, path)
        return
    try:
        terms = [iri_term(_absolute(one)) if parameter.names_a_thing else literal(parameter, one) for one in typed]
    except (BadParameter, ValueError) as error:
        raise SourceError(f"Parameter {parameter.name!r}: {error}", str(path), blocks[0].line) from error
    for block in blocks:
        if block.content != block_content(terms):
            raise SourceError(f"VALUES ?{parameter.name} must hold {block_content(terms)}, not {block.content}.", str(path), block.line)


def _check_matched(parameter: Parameter, blocks: Sequence[Block], path: Path) -> None:
    """What a text matches only the graph knows: its blocks hold some IRIs, all the same."""
    for block in blocks:
        if block.content != blocks[0].content or not re.fullmatch(r"<[^<>\s]+>( <[^<>\s]+>)*", block.content):
            message = f"VALUES ?{parameter.name} must hold the IRIs that the first example means, in full and all blocks alike."
            raise SourceError(message, str(path), block.line)


def _form_line(question: Question) -> int:
    """The line of the word SELECT (or CONSTRUCT); the first after the header where there is none."""
    lines = list(enumerate([*question.sparql.splitlines(), ""], 1))
    found = (i for i, text in lines if question.form and re.match(rf"\s*{question.form}\b", text, re.IGNORECASE))
    return next(found, next(i for i, text in lines if not text.startswith("#+")))


def _parameter_line(question: Question, parameter: Parameter) -> int:
    """The line of the header that names a parameter."""
    named = re.compile(rf"#\+[\s{{-]+name:\s*[\"']?{re.escape(parameter.name)}\b")
    return next((i for i, text in enumerate(question.sparql.splitlines(), 1) if named.match(text)), 1)


def _absolute(text: str) -> str:
    """A path below the base as an IRI; IRIs stay."""
    if ":" in text:
        return text
    return f"{_THING_BASE}{text}" if text.startswith("vocab/") else f"{_THING_BASE}id/{text}"
