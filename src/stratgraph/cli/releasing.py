"""Commands over releases: keep one, compare two. Imports the session; the rest where it runs."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stratgraph.cli.making import make_release
from stratgraph.cli.session import Session, say, with_session
from stratgraph.errors import InputError

if TYPE_CHECKING:
    from stratgraph.changes import Change, Changes
    from stratgraph.release import Release


@click.command(epilog="Example: stratgraph release ../releases")
@click.argument("folder", metavar="[DIR]", required=False)
@with_session
def release(session: Session, folder: str | None) -> None:
    """Build what has changed and keep the release in DIR (or STRATGRAPH_RELEASES), with the patch from the one before.

    `serve` with STRATGRAPH_RELEASES serves all that is kept there. Where nothing is new, nothing is written.
    """
    from stratgraph.archive import keep_release

    archive = _archive(session, folder)
    built = make_release(session)
    entry = keep_release(archive, built, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    say(
        f"Release {built.id} is the newest in {archive} already."
        if entry is None
        else f"Release {built.id} is kept in {archive / built.id}."
    )


_EXPORTS = """Example: stratgraph export-site ../site --url https://example.org/stratgraph

With a server that answers queries: stratgraph export-site ../site --url https://example.org/stratgraph --service https://ask.example.org

Two formats alone: stratgraph export-site ../site --format turtle --format jsonld

Exit codes: 0 all is there; 1 the release could not be built or read; 2 options, DIR or disk; 130 stopped by Ctrl-C.
"""


@click.command("export-site", epilog=_EXPORTS)
@click.argument("folder", metavar="DIR")
@click.option("--url", help="Address the site will have: for the sitemap and the w3id redirect. Default: the canonical base.")
@click.option("--service", default="", help="Address of a running StratGraph that links to queries, search and reasons lead to.")
@click.option("--format", "forms", multiple=True, help="An RDF format of the documents; may be repeated. Default: all.")
@with_session
def export_site(session: Session, folder: str, url: str | None, service: str, forms: tuple[str, ...]) -> None:
    """Build what has changed and write it as a site: pages (ja, en), documents and downloads as files for any web server.

    With it come .htaccess and nginx.conf (types, content negotiation), sitemap.xml, robots.txt and, with --url, the redirect for w3id.org.
    DIR is replaced when all is there, and left as it is where it holds the same export already; called again after Ctrl-C or a full
    disk, the command goes on where it stopped.
    """
    from stratgraph.formats import by_name, offered
    from stratgraph.web.export import Wanted, export_site

    formats = tuple(dict.fromkeys(by_name(one, offered("graph", "dataset")) for one in forms)) or offered("graph", "dataset")
    target = Wanted(Path(folder), **({"url": url.rstrip("/")} if url else {}), service=service.rstrip("/"), formats=formats)
    built = make_release(session)
    try:
        written = export_site(session.layout, built, session.settings, target, say)
    except KeyboardInterrupt:
        say(f"Stopped. {folder} is as it was; the same command goes on where this one stopped.")
        raise SystemExit(130) from None
    say(f"Release {built.id} is in {folder}{' already' if written.unchanged else ''}: {written.files} files.")


@click.command(epilog="Example: stratgraph diff 0123456789abcdef current --lang ja")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.option("--format", "form", type=click.Choice(["text", "json", "patch"]), default="text", show_default=True, help="How to print it.")
@click.option("--lang", type=click.Choice(["en", "ja"]), default="en", show_default=True, help="Language of names and labels.")
@with_session
def diff(session: Session, old: str, new: str, form: str, lang: str) -> None:
    """Tell what changed from release A to release B: identifiers, folders, or `current`.

    As text, what was added, removed and changed by name; as a patch, the statements to delete and to add (RDF Patch).
    """
    from stratgraph.archive import content_of
    from stratgraph.changes import make_patch, tell_changes, write_patch

    before, after = (_find(session, one) for one in (old, new))
    contents = content_of(before), content_of(after)
    patch = make_patch(before.id, after.id, *contents)
    if form == "patch":
        click.echo(write_patch(patch), nl=False)
        return
    changes = tell_changes(patch, *contents)
    click.echo(json.dumps(asdict(changes), ensure_ascii=False, indent=2) if form == "json" else _as_text(changes, lang))


def _archive(session: Session, folder: str | None) -> Path:
    given = folder or session.settings.releases
    if not given:
        raise InputError("There is no folder to keep releases in. Name it: `stratgraph release DIR`, or set STRATGRAPH_RELEASES.")
    return Path(given)


def _find(session: Session, name: str) -> Release:
    from stratgraph.archive import find_release
    from stratgraph.release import current_release, read_release

    if name == "current":
        found = current_release(session.build_dir)
    elif Path(name).is_dir():
        return read_release(Path(name))
    else:
        kept = session.build_dir / "releases" / name
        archived = find_release(Path(session.settings.releases), name) if session.settings.releases else None
        found = archived or (read_release(kept) if kept.is_dir() else None)
    if found is None:
        raise InputError(f"There is no release “{name}”: neither a folder, nor in the archive (STRATGRAPH_RELEASES), nor a build.")
    return found


_HOW = {"ja": {"added": "追加", "removed": "削除", "changed": "変更"}, "en": {"added": "added", "removed": "removed", "changed": "changed"}}
_REST = {
    "ja": "文の削除 {0}・追加 {1}。うち原文中の位置 −{2} +{3}、推論された文 −{4} +{5}。",
    "en": "{0} statements deleted, {1} added; among them places in texts −{2} +{3}, inferred statements −{4} +{5}.",
}


def _as_text(changes: Changes, lang: str) -> str:
    rest = _REST[lang].format(changes.deletions, changes.additions, *changes.places, *changes.inferred)
    return "\n".join([*(_line(one, lang) for one in changes.told), rest])


def _line(one: Change, lang: str) -> str:
    from stratgraph.changes import word

    start = f"{_HOW[lang][one.how]}  {word(one.kind_names, lang, one.kind)}  {word(one.names, lang, one.iri)}  <{one.iri}>"
    if one.how != "changed":
        return start
    before, after = (" | ".join(word(value, lang, "") for value in values) or "–" for values in (one.before, one.after))
    return f"{start}\n    {word(one.property_names, lang, one.property)}: {before} → {after}"
