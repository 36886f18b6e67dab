"""Commands for those who encode documents: fmt, anchor, coverage, ledger."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from stratgraph.cli.session import FINDINGS, Session, replace_text, say, with_session
from stratgraph.errors import InputError

if TYPE_CHECKING:
    from rdflib import Graph

    from stratgraph.evidence import Coverage, SourceTextFile, Span, Stated


@click.command(epilog="Example: stratgraph fmt --check data/ttl/reference")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[PATH]…")
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 and name the files that are not in the layout.")
@with_session
def fmt(session: Session, paths: tuple[Path, ...], check: bool) -> None:
    """Put Turtle files into the one layout: stable order, small diffs. Without PATH: ontology and data.

    Comments are kept in the block at the top of a file; one elsewhere is an error, since nothing may be lost.
    """
    from stratgraph.load import load_prefixes, read_text
    from stratgraph.turtle import format_turtle

    prefixes = load_prefixes(session.layout)
    changed = []
    for path in _turtle_files(paths or (session.layout.ontology, session.layout.data)):
        text = read_text(path)
        formatted = format_turtle(text, str(path), prefixes)
        if formatted != text:
            changed.append(path)
            if not check:
                replace_text(path, formatted)
    for path in changed:
        click.echo(f"{'would change' if check else 'changed'} {path}")
    if changed and check:
        say(f"{len(changed)} files are not in the layout; run `stratgraph fmt`.")
        raise SystemExit(FINDINGS)


def _turtle_files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob("*.ttl"))
        else:
            yield path


def source_texts(session: Session, option: str | None, keys: Sequence[str]) -> tuple[Graph, dict[str, SourceTextFile]]:
    """The graph of all that is encoded, and the source texts of `keys` (all where there are none). Raises InputError."""
    from stratgraph.evidence import find_source_texts, wanted_texts
    from stratgraph.load import load_product

    folder = session.sources(option)
    if folder is None:
        raise InputError("The source texts are needed: give their folder with --sources DIR or STRATGRAPH_SOURCES.")
    graph = load_product(session.layout).union()
    wanted = wanted_texts(graph)
    unknown = [key for key in keys if key not in wanted]
    if unknown:
        raise InputError(f"There is no document {unknown[0]}; there are {', '.join(wanted)}.")
    return graph, find_source_texts(folder, {key: wanted[key] for key in keys or wanted})


@click.command(epilog="Example: stratgraph anchor 2022-public-comments --quote 14者から37件 --sources ../texts")
@click.argument("key")
@click.option("--quote", metavar="TEXT", help="Characters of one cell, bullet, heading or note.")
@click.option("--occurrence", type=click.IntRange(1), help="Which one, where the quote stands more than once.")
@click.option("--lines", metavar="A-B", help="Line numbers, from 1: an anchor for each cell or bullet on them.")
@click.option("--heading", metavar="TEXT", help="Heading path of the place, as printed.")
@click.option("--page-head", metavar="REGEX", help="What every page begins with; tells the page by counting.")
@click.option("--sources", metavar="DIR", help="Folder with the source texts. Default: STRATGRAPH_SOURCES.")
@with_session
def anchor(session: Session, key: str, sources: str | None, **options: str | int | None) -> None:
    """Print anchors, as Turtle, for a quotation or for lines of the source text KEY: offsets, hash, first and last characters."""
    from stratgraph.evidence import AnchorCues, anchor_turtle, page_ordinal
    from stratgraph.load import load_prefixes

    _, texts = source_texts(session, sources, [key])
    text = texts[key].text
    spans = _spans(text, options)
    head = options["page_head"]
    page = page_ordinal(text, spans[0].start, str(head)) if head is not None else None
    heading = options["heading"]
    cues = AnchorCues(heading_path=None if heading is None else str(heading), page_ordinal=page)
    click.echo(anchor_turtle(key, text, spans, load_prefixes(session.layout), cues), nl=False)


def _spans(text: str, options: dict[str, str | int | None]) -> Sequence[Span]:
    from stratgraph.evidence import line_spans, quote_span

    quote, lines, occurrence = options["quote"], options["lines"], options["occurrence"]
    if (quote is None) == (lines is None):
        raise click.UsageError("Give --quote or --lines, one of the two.")
    if quote is not None:
        return [quote_span(text, str(quote), None if occurrence is None else int(occurrence))]
    first, dash, last = str(lines).partition("-")
    if not first.isdecimal() or (dash and not last.isdecimal()):
        raise click.UsageError(f"--lines wants A-B, such as 12-15, not “{lines}”.")
    return line_spans(text, int(first), int(last or first))


@click.command(epilog="Example: stratgraph coverage --sources ../texts 2022-public-comments")
@click.argument("keys", nargs=-1, metavar="[KEY]…")
@click.option("--sources", metavar="DIR", help="Folder with the source texts. Default: STRATGRAPH_SOURCES.")
@click.option("--lang", type=click.Choice(["en", "ja"]), default="en", show_default=True, help="Language of the report.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print it.")
@with_session
def coverage(session: Session, keys: tuple[str, ...], sources: str | None, lang: str, form: str) -> None:
    """Per document: characters that a statement anchors, that are left out for a named reason, and that nothing accounts for.

    Beside them what is stated of the document and its sections. Exits with 1 where one is missing or not true, or an anchor amiss.
    """
    from stratgraph.evidence import coverage as cover
    from stratgraph.evidence import stated

    graph, texts = source_texts(session, sources, keys)
    results = [cover(graph, key, texts[key].text) for key in sorted(texts)]
    said = [stated(graph, one, texts[one.key].text) for one in results]
    if form == "json":
        told = [
            {**asdict(one), "share": one.share, "stated": [{**asdict(line), "share": line.share} for line in lines]}
            for one, lines in zip(results, said, strict=True)
        ]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(line for one, lines in zip(results, said, strict=True) for line in _coverage_text(one, lines, lang)))
    if any(one.problems for one in results) or not all(line.is_true for lines in said for line in lines):
        raise SystemExit(FINDINGS)


_COVERAGE: Final = {
    "ja": {
        "head": "{0}: {1} 文字、{2:.2f} % を説明",
        "anchored": "  根拠のある文字 {0}",
        "excluded": "  除外 {0}（{1}）",
        "unaccounted": "  未説明 {0}",
        "stretch": "    {0} 行目、{1}-{2}: {3}",
        "stated": "  記載：{0}。節：{1}",
        "share": "    {0} {1}、{2:.2f} % を説明{3}",
        "count": "{1} {0}",
        "comma": "、",
        "": "記載なし",
        "none": "なし",
        "complete": "全部",
        "partial": "一部",
        "not-yet": "未着手",
        "untrue": "：事実と異なる",
        "missing": "：sg:CompletenessStatement を加える",
    },
    "en": {
        "head": "{0}: {1} characters, {2:.2f} % accounted for",
        "anchored": "  anchored {0}",
        "excluded": "  left out {0} ({1})",
        "unaccounted": "  unaccounted {0}",
        "stretch": "    line {0}, {1}-{2}: {3}",
        "stated": "  stated {0}; sections: {1}",
        "share": "    {0} {1}, {2:.2f} % accounted for{3}",
        "count": "{0} {1}",
        "comma": ", ",
        "": "not stated",
        "none": "none",
        "untrue": ": not true",
        "missing": ": add an sg:CompletenessStatement",
    },
}


def _coverage_text(result: Coverage, said: Sequence[Stated], language: str) -> Iterator[str]:
    words = _COVERAGE[language]
    yield words["head"].format(result.key, result.characters, result.share)
    yield words["anchored"].format(result.anchored)
    for reason, count in result.excluded.items():
        yield words["excluded"].format(count, reason)
    yield words["unaccounted"].format(result.unaccounted)
    yield from _stated_text(said, words)
    for stretch in result.stretches:
        yield words["stretch"].format(stretch.line, stretch.start, stretch.end, stretch.text)
    for problem in result.problems:
        yield f"    {problem.iri}: {problem.message[language]}"


def _stated_text(said: Sequence[Stated], words: Mapping[str, str]) -> Iterator[str]:
    """How many sections are stated to be encoded how far, and each that is not complete, or not truly so."""
    from stratgraph.vocab import ID

    document, *sections = said
    counts = Counter(words.get(one.level, one.level) for one in sections)
    told = words["comma"].join(words["count"].format(count, level) for level, count in sorted(counts.items())) or words["none"]
    yield words["stated"].format(words.get(document.level, document.level), told)
    for one in said:
        if one.level != "complete" or one.unaccounted:
            remark = "" if one.is_true else words["untrue"] if one.level else words["missing"]
            yield words["share"].format(one.iri.removeprefix(ID), words.get(one.level, one.level), one.share, remark)


@click.command(epilog="Example: stratgraph ledger --update")
@click.option("--update", is_flag=True, help="Add the IRIs that are new; none is ever taken out.")
@with_session
def ledger(session: Session, update: bool) -> None:
    """Compare what is encoded with the ledger of published IRIs: what is new, and what has vanished. Exits with 1 where any is."""
    from stratgraph.ledger import described_iris, read_ledger, update_ledger
    from stratgraph.load import load_product

    described = described_iris(load_product(session.layout).graphs)
    if update:
        added = update_ledger(session.layout.ontology, described)
        say(f"{len(added)} IRIs added.")
    known = read_ledger(session.layout.ontology)
    new, vanished = known.new(described), known.vanished(described)
    click.echo("".join([*(f"new {iri}\n" for iri in new), *(f"vanished {iri}\n" for iri in vanished)]), nl=False)
    say(f"{len(known.lines)} IRIs published, {len(new)} new, {len(vanished)} vanished.")
    if new or vanished:
        raise SystemExit(FINDINGS)
