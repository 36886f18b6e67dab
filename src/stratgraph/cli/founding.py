"""Commands that begin or fill a document: new-document, import-table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from stratgraph.cli.session import Session, replace_text, say, with_session
from stratgraph.errors import InputError

_SHOWN = 20


@click.command("new-document", epilog="Example: stratgraph new-document 2024-strategy ../texts/2024.txt --kind strategy --dry-run")
@click.argument("key")
@click.argument("text", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--kind", required=True, metavar="NAME", help="Kind of document: strategy, annual-plan, outline, slides … (doctype: concepts)."
)
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be written.")
@with_session
def new_document(session: Session, key: str, text: Path, kind: str, dry_run: bool) -> None:
    """Begin the document KEY from its TEXT: numbered sections, and an anchor for every bullet, row, note and line that waits.

    What an encoder has to add (English labels, summaries, themes, statements) is what `stratgraph validate` then asks for.
    """
    from stratgraph.encode import NewDocument, scaffold_document
    from stratgraph.load import load_prefixes

    _known_kind(session, kind)
    made = scaffold_document(NewDocument(key, kind, _read(text)), load_prefixes(session.layout))
    write_new(session, made.files, dry_run)
    told = ", ".join(f"{count} {name}" for name, count in sorted(made.counts.items()))
    say(f"{sum(made.counts.values())} places: {told}.")
    content = _read(text)
    click.echo(
        "".join(f"not yet {part.kind} {part.span.start}-{part.span.end} {part.span.of(content)[:_SHOWN]}\n" for part in made.waiting),
        nl=False,
    )
    say(f"{len(made.waiting)} places have an anchor and no statement yet. Run `stratgraph validate` for what else is missing.")


@click.command(
    "import-table", epilog="Example: stratgraph import-table examples/follow-up/mapping.yaml examples/follow-up/follow-up.csv --dry-run"
)
@click.argument("mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("table", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--sheet", metavar="NAME", help="Which sheet of an XLSX file. Default: the first.")
@click.option(
    "--text",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the table is written as text, which anchors count in. Default: beside it, as .txt.",
)
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be written.")
@with_session
def import_rows(session: Session, mapping: Path, table: Path, sheet: str | None, text: Path | None, dry_run: bool) -> None:
    """Turn the rows of a TABLE (CSV or XLSX) into anchored Turtle, as a MAPPING (YAML) says.

    A name of a body that is unknown or ambiguous, a date or an amount that cannot be read, a key that is there twice: each is told
    with its row and column, and nothing is written.
    """
    from stratgraph.encode import Names, import_table, read_mapping, read_table
    from stratgraph.load import load_product

    told = read_mapping(_read(mapping), str(mapping))
    _known_kind(session, told.kind)
    content, written = _table_text(table, sheet, text)
    sources = load_product(session.layout)
    say(f"{len(sources.graphs)} graphs read; names of bodies are looked up in them.")
    made = import_table(told, read_table(content), Names(sources.union(), told.document), sources.prefixes)
    write_new(session, made.files, dry_run)
    if written is not None and not dry_run:
        replace_text(written, content)
        say(f"wrote {written}, the text that the anchors count in")
    say(f"{made.rows} rows, {made.statements} statements. The source text is {written or table}.")


def _table_text(table: Path, sheet: str | None, text: Path | None) -> tuple[str, Path | None]:
    """The text of a table, and where it is to be written if it is none yet."""
    from stratgraph.encode import table_text

    if table.suffix.lower() in (".tsv", ".txt"):
        return _read(table), None
    if table.suffix.lower() not in (".csv", ".xlsx"):
        raise InputError(f"{table}: a table is a .csv, .xlsx or .tsv file.")
    written = text or table.with_suffix(".txt")
    content = table_text(table, sheet)
    if written.exists() and _read(written) != content:
        raise InputError(f"{written} exists and says something else than the table. Move it away, or give --text FILE.")
    return content, written


def _read(path: Path) -> str:
    # Offsets count the characters of the file as it is, so line ends stay.
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8: byte {error.start} cannot be read.") from error


def _known_kind(session: Session, kind: str) -> None:
    from stratgraph.load import load_product
    from stratgraph.vocab import VOCAB

    prefix = str(VOCAB["document-kind/"])
    kinds = sorted(
        {str(one).removeprefix(prefix) for one in load_product(session.layout).union().subjects() if str(one).startswith(prefix)}
    )
    if kind not in kinds:
        raise InputError(f"There is no kind of document “{kind}”; there are {', '.join(kinds)}.")


def write_new(session: Session, files: Mapping[str, str], dry_run: bool) -> None:
    """Write files (path under data/ttl → content), none of which may exist. Raises InputError, before anything is written."""
    paths = {session.layout.data / name: content for name, content in files.items()}
    there = [path for path in paths if path.exists()]
    if there:
        raise InputError(f"{there[0]} exists already; nothing was written. Move it away, or choose another key.")
    for path, content in paths.items():
        say(f"{'would write' if dry_run else 'wrote'} {path.relative_to(session.layout.root)} ({content.count(chr(10))} lines)")
        if not dry_run:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_text(path, content)
