"""Commands about saved questions: ask one, collect several in a file, begin one of your own."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stratgraph.cli.asking import print_table
from stratgraph.cli.session import MISUSE, Session, replace_text, say, with_session
from stratgraph.cli.store import with_store
from stratgraph.errors import InputError, StratgraphError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from stratgraph.questions import QuestionAnswer, Questions, QuestionService
    from stratgraph.release import Release
    from stratgraph.report import Collector, Report
    from stratgraph.store.interface import Store

_FORMATS = click.Choice(["table", "json", "csv", "tsv", "xlsx", "docx"])
_LANGUAGE = click.option(
    "--lang", type=click.Choice(["en", "ja"]), default="en", show_default=True, help="Language of labels and summaries."
)
_QUESTIONS = click.option("--questions", metavar="DIR", help="Folder of saved questions of your own, asked beside ours.")
_OFFICE = {".xlsx": "xlsx", ".docx": "docx"}


def _complete_name(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Names of saved questions that begin with what is typed; files are listed, not read."""
    folders = [_folder(context)]
    own = context.params.get("questions")
    names = {path.stem for folder in (*folders, Path(own) if own else None) if folder for path in folder.glob("*.rq")}
    return sorted(name for name in names if name.startswith(incomplete))


def _complete_value(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """`name=` of the question's parameters; after it, the values of its examples."""
    from stratgraph.questions.load import load_question

    own = context.params.get("questions")
    paths = [folder / f"{context.params.get('question')}.rq" for folder in (_folder(context), Path(own) if own else None) if folder]
    path = next((one for one in paths if one.is_file()), None)
    if path is None:
        return []
    try:
        question = load_question(path, expected=False)
    except StratgraphError:
        return []
    name, equals, _value = incomplete.partition("=")
    tried = [value for one in question.examples for value in one.parameters.get(name, ())]
    found = [f"{name}={value}" for value in dict.fromkeys(tried)] if equals else [f"{one.name}=" for one in question.parameters]
    return [one for one in found if one.startswith(incomplete)]


def _folder(context: click.Context) -> Path | None:
    from stratgraph.settings import Layout

    try:
        return Layout.find(context.find_root().params.get("root")).queries
    except StratgraphError:
        return None


@click.command(epilog="Example: stratgraph ask where-is-a-recommendation-reflected recommendation=recommendation/2015/2-4 --lang ja")
@click.argument("question", required=False, shell_complete=_complete_name)
@click.argument("values", nargs=-1, metavar="[NAME=VALUE]…", shell_complete=_complete_value)
@_LANGUAGE
@click.option("--format", "form", type=_FORMATS, default="table", show_default=True, help="How to give the answer.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file; its suffix may tell the format.")
@_QUESTIONS
@with_session
def ask(session: Session, question: str | None, values: tuple[str, ...], lang: str, **given: Any) -> None:
    """Answer a saved question. Without a question: list them, with their parameters."""
    saved = _load(session, given["questions"])
    if question is None:
        for one in saved.values():
            parameters = " ".join(f"{p.name}=…" if p.required else f"[{p.name}=…]" for p in one.parameters)
            click.echo(f"{one.slug} {parameters}".rstrip())
            click.echo(f"    {one.names[lang]}")
        return
    saved.get_question(question)
    form, output = given["form"], given["output"]
    if output and form == "table" and output.suffix[1:] in _FORMATS.choices:
        form = output.suffix[1:]
    if form in _OFFICE.values() and output is None and sys.stdout.isatty():
        raise click.UsageError(f"A {form} file is nothing for a screen: give --output FILE, or send it on with >.")
    raw = _pairs(values)
    content = with_store(session, lambda store, release: _ask(_Asking(session, saved, store, release, lang), (question, form), raw))
    _give(content, output)


def _load(session: Session, questions: str | None) -> Questions:
    from stratgraph.questions import load_served

    return load_served(session.layout.queries, Path(questions) if questions else session.settings.own_questions, say)


def _give(content: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    _write(output, content)
    say(f"{output}: {len(content)} bytes")


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputError(f"{path} could not be written: {error.strerror}.") from error


def _pairs(values: Sequence[str]) -> dict[str, list[str]]:
    raw: dict[str, list[str]] = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name:
            say(f"stratgraph: “{value}” is no NAME=VALUE.")
            raise SystemExit(MISUSE)
        raw.setdefault(name, []).append(text)
    return raw


@dataclass(frozen=True)
class _Asking:
    """What a command needs to ask: the questions, the open graph, its release, the language."""

    session: Session
    saved: Questions
    store: Store
    release: Release
    language: str

    @property
    def service(self) -> QuestionService:
        """The questions over the open graph."""
        from stratgraph.questions import QuestionService

        return QuestionService(self.store, self.saved, self.release.id, self.session.settings.query_timeout)

    @property
    def collector(self) -> Collector:
        """What makes files of answers, telling its progress."""
        from stratgraph.report import Collector

        return Collector(self.service, self.release, self.language, say)


async def _ask(asking: _Asking, wanted: tuple[str, str], raw: Mapping[str, Sequence[str]]) -> bytes:
    from stratgraph.questions import Window, check_examples, with_language

    (slug, form), service = wanted, asking.service
    question = asking.saved.get_question(slug)
    if question.path.parent != asking.session.layout.queries:
        for one in await check_examples(service, [question]):
            say(f"An example of this question answers otherwise than expected. {one}")
    terms = await service.resolve(question, with_language(question, raw, asking.language))
    if form in _OFFICE.values():
        return _file(await asking.collector.one((question, terms), Window(), "full"), form)
    answer = await service.ask(question, terms, Window())
    if form in ("csv", "tsv"):  # they stay a table and nothing else
        say(_scope(answer, asking.language))
    return _text(answer, form, asking.language).encode("utf-8")


def _file(report: Report, form: str) -> bytes:
    from stratgraph.report import document, workbook

    return document(report) if form == "docx" else workbook(report)


def _scope(answer: QuestionAnswer, language: str) -> str:
    """How many rows there are, and what was looked at for them, a sentence a line."""
    from stratgraph.report.words import word

    return "\n".join([f"{word('rows', language)}: {answer.count}", *(one.get(language) for one in answer.scope.sentences.values())])


def _text(answer: QuestionAnswer, form: str, language: str) -> str:
    """An answer as text; CSV and TSV mark summaries by a column of their own, as over HTTP."""
    from stratgraph.questions.marks import marked_rows

    told = answer.json()
    if form == "json":
        return json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    if form == "table":
        rows = [["" if value is None else str(value) for value in row.values()] for row in told["rows"]]
        table = print_table([column["label"][language] for column in told["columns"]], rows)
        return f"{table}\n\n{_scope(answer, language)}\n"
    out = io.StringIO()
    names, marked = marked_rows(answer, language)
    csv.writer(out, delimiter="," if form == "csv" else "\t", lineterminator="\n").writerows([names, *marked])
    return out.getvalue()


@click.command(epilog="Example: stratgraph report monday.xlsx --by ministry 'items-by-ministry?theme=cybercrime' --lang ja")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("items", nargs=-1, metavar="[QUESTION?NAME=VALUE&…]…", shell_complete=_complete_name)
@click.option("--by", type=click.Choice(["question", "ministry"]), help="A part for each. Default: question; ministry without questions.")
@_LANGUAGE
@_QUESTIONS
@with_session
def report(session: Session, file: Path, items: tuple[str, ...], by: str | None, lang: str, questions: str | None) -> None:
    """Collect answers in one workbook (.xlsx) or document (.docx).

    A part for each question, or for each ministry: its items, their roles, and blank columns for the reply. Without questions: every
    item of every ministry.
    """
    form = _OFFICE.get(file.suffix.lower())
    if form is None:
        raise click.UsageError(f"{file}: a report is a .xlsx or a .docx file.")
    layout = by or ("question" if items else "ministry")
    if not items and layout == "question":
        raise click.UsageError("Name at least one question, or ask --by ministry.")
    saved = _load(session, questions)

    def body(store: Store, release: Release) -> Coroutine[Any, Any, bytes]:
        return _report(_Asking(session, saved, store, release, lang), items, (layout, form))

    _give(with_store(session, body), file)


async def _report(asking: _Asking, items: Sequence[str], wanted: tuple[str, str]) -> bytes:
    from stratgraph.report import parse_item

    collector, (layout, form) = asking.collector, wanted
    asked = [await collector.resolve(parse_item(text)) for text in items]
    return _file(await collector.several(asked, layout), form)


@click.command(epilog="Example: stratgraph new-question measures-of-mine --class sg:Measure --questions my-questions")
@click.argument("name")
@click.option("--class", "kind", default="sg:Measure", show_default=True, metavar="CLASS", help="What it asks about, as a prefixed name.")
@click.option("--questions", metavar="DIR", default=".", show_default=True, help="Folder for it.")
@with_session
def new_question(session: Session, name: str, kind: str, questions: str) -> None:
    """Begin a saved question of your own: a file that is valid, runs, and lists the things of a class.

    Nothing that exists is overwritten. Serve it with `stratgraph serve --questions DIR`.
    """
    from stratgraph.load import load_prefixes
    from stratgraph.questions import draft_question, load_questions

    path = Path(questions) / f"{name}.rq"
    known = load_prefixes(session.layout)
    prefix = kind.partition(":")[0]
    if prefix not in known:
        raise InputError(f"{kind!r}: {prefix!r} is no prefix here. Known: {', '.join(sorted(known))}.")
    needed = sorted({prefix, "skos"})
    text = draft_question(name, kind, "".join(f"PREFIX {one}: <{known[one]}>\n" for one in needed))
    if path.exists() or name in load_questions(session.layout.queries):
        raise InputError(f"{path}: there is a question of this name already; nothing was changed.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path.parent} could not be made: {error.strerror}.") from error
    replace_text(path, text)
    say(f"{path}: try it with `stratgraph ask {name} --questions {path.parent}`")
