"""Commands where a person judges: review (statements beside their spans), candidates (predecessors in other documents)."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stratgraph.cli.encoding import source_texts
from stratgraph.cli.session import Session, replace_text, say, with_session
from stratgraph.errors import InputError

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Mapping

    from rdflib import Graph

    from stratgraph.encode import Candidate, Statement, Verdict
    from stratgraph.places import Triple

_KEYS = {"c": "confirmed", "r": "rejected", "s": "skip", "q": "quit"}


@click.command(epilog="Example: stratgraph review 2022-public-comments --kind PublicComment --sources ../texts")
@click.argument("key")
@click.option("--kind", metavar="CLASS", help="Only things of this class, such as Measure or Section.")
@click.option("--report", is_flag=True, help="Ask nothing; print how much is reviewed.")
@click.option("--sources", metavar="DIR", help="Folder with the source texts. Default: STRATGRAPH_SOURCES.")
@with_session
def review(session: Session, key: str, kind: str | None, report: bool, sources: str | None) -> None:
    """Show each statement of the document KEY beside its places in the text, and record your verdict with its date.

    Verdicts go to data/ttl/review/KEY.csv as you give them, so that you can stop at any time and go on later. A statement that
    has changed since its verdict is asked for again.
    """
    from stratgraph.encode import of_kind, read_record, shares, state, statements
    from stratgraph.load import load_product
    from stratgraph.vocab import SG

    path = session.layout.data / "review" / f"{key}.csv"
    record = read_record(path.read_text(encoding="utf-8"), str(path)) if path.is_file() else {}
    if report:
        graph, text = load_product(session.layout).union(), ""
    else:
        graph, texts = source_texts(session, sources, [key])
        text = texts[key].text
    found = statements(graph, key)
    if not found:
        raise InputError(f"Nothing rests on a source text of “{key}”.")
    chosen = found if kind is None else of_kind(found, graph, SG[kind])
    if not report:
        waiting = [one for one in chosen if state(one, record) in ("open", "changed")]
        record = {**record, **_ask(waiting, text, path)}
    click.echo(_shares_text(shares(chosen, record)))


def _ask(waiting: list[Statement], text: str, path: Path) -> dict[str, Verdict]:
    """Ask for a verdict on each; what was given stays given, however it ends."""
    given: dict[str, Verdict] = {}
    try:
        for number, statement in enumerate(waiting, start=1):
            click.echo(_shown(statement, text, f"{number}/{len(waiting)}"))
            answer = click.prompt("[c]onfirm, [r]eject, [s]kip, [q]uit", type=click.Choice(list(_KEYS)), show_choices=False)
            if answer == "q":
                break
            if answer != "s":
                given[statement.path] = _verdict(statement, _KEYS[answer])
                _append(path, given[statement.path])
    except click.Abort:
        say("")
    say(f"{len(given)} verdicts recorded in {path}.")
    return given


def _verdict(statement: Statement, verdict: str) -> Verdict:
    from stratgraph.encode import Verdict

    note = " ".join(click.prompt("What is wrong", default="", show_default=False).split()) if verdict == "rejected" else ""
    return Verdict(statement.path, statement.digest, verdict, datetime.datetime.now(datetime.UTC).date().isoformat(), note)


def _append(path: Path, verdict: Verdict) -> None:
    from stratgraph.encode import RECORD_COLUMNS

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", newline="") as file:
            if file.tell() == 0:
                file.write(",".join(RECORD_COLUMNS) + "\n")
            file.write(verdict.line())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise InputError(f"{path} could not be written: {error.strerror}. Verdicts before this one are there.") from error


def _shown(statement: Statement, text: str, place: str) -> str:
    lines = ["", f"── {place}  {statement.path}  ({', '.join(kind.rpartition('#')[2] for kind in statement.kinds)})"]
    lines += [f"   {name}: {value}" for name, value in statement.said]
    for one in statement.places:
        lines += [f" │ {one.heading}", f" │ 「{one.span.of(text)}」 {one.span.start}-{one.span.end}"]
    return "\n".join(lines)


def _shares_text(counts: Counter[str]) -> str:
    total = counts.total()
    reviewed = counts["confirmed"] + counts["rejected"]
    told = ", ".join(f"{name} {counts[name]}" for name in ("confirmed", "rejected", "changed", "open"))
    return f"{reviewed} of {total} statements reviewed ({100 * reviewed / total if total else 100:.1f} %): {told}"


@click.command(epilog="Example: stratgraph candidates section/2022-public-comments/results --limit 5")
@click.argument("iri")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="How many.")
@click.option("--accept", metavar="IRI", help="Write the link to this candidate into data/ttl/curated/across/.")
@click.option("--note-ja", metavar="TEXT", help="Why, in Japanese. Default: what both share.")
@click.option("--note-en", metavar="TEXT", help="Why, in English. Default: what both share.")
@click.option("--lang", type=click.Choice(["en", "ja"]), default="en", show_default=True, help="Language of the reasons.")
@with_session
def candidates(session: Session, iri: str, limit: int, lang: str, **chosen: str | None) -> None:
    """Rank likely predecessors of a measure or section in other documents, with reasons: shared programmes, threats, bodies, themes.

    The order is a help, no judgement: accept what a reading of both bears out, and put into the note why.
    """
    from stratgraph.encode import find_candidates
    from stratgraph.load import load_product

    sources = load_product(session.layout)
    graph = sources.union()
    say(f"{len(graph)} triples read.")
    thing, accepted = _full(iri), chosen["accept"]
    if accepted is None:
        for number, one in enumerate(find_candidates(graph, thing, limit), start=1):
            click.echo(f"{number:>2}  {one.score:6.1f}  {_path(one.iri)}  {one.label}\n            {one.reasons(lang)}")
        return
    found = [one for one in find_candidates(graph, thing, len(graph)) if one.iri == _full(accepted)]
    if not found:
        raise InputError(
            f"<{_full(accepted)}> is no candidate for <{thing}>: it must be of the same class, in another document, not later."
        )
    _accept(session, graph, thing, found[0], {"ja": chosen["note_ja"], "en": chosen["note_en"]}, sources.prefixes)


def _accept(
    session: Session, graph: Graph, thing: str, candidate: Candidate, notes: Mapping[str, str | None], prefixes: Mapping[str, str]
) -> None:
    from stratgraph.encode import link_to
    from stratgraph.load import read_text
    from stratgraph.turtle import format_graph, parse_turtle
    from stratgraph.vocab import ID

    link = link_to(graph, thing, candidate, notes)
    path = session.layout.data / "curated" / "across" / f"{link.file}.ttl"
    there: Iterable[Triple] = ()
    comment = f"# Links between documents: {link.file}."
    if path.is_file():
        text = read_text(path)
        there = parse_turtle(text, str(path))
        comment = "\n".join(line for line in text.split("\n\n", 1)[0].splitlines() if line.startswith("#"))
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, format_graph({*there, *link.triples}, prefixes, str(ID), comment))
    say(f"wrote <{link.iri}> into {path.relative_to(session.layout.root)}. Read the note, and say there what you judged from.")


def _full(iri: str) -> str:
    from stratgraph.vocab import ID

    return iri.strip("<>") if iri.strip("<>").startswith("http") else str(ID[iri.strip("<>")])


def _path(iri: str) -> str:
    from stratgraph.vocab import ID

    return iri.removeprefix(str(ID))
