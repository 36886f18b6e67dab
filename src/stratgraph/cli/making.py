"""Commands that make and serve a release: build, validate, serve. The engines are imported where they run, so that --help is quick."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from stratgraph.cli.session import FINDINGS, Session, replace_texts, say, tell, with_session
from stratgraph.errors import InferenceError, NotConforming, SourceError

if TYPE_CHECKING:
    from pathlib import Path

    from stratgraph.release import Release
    from stratgraph.validate import Report


@click.command(epilog="Example: stratgraph build --force")
@click.option("--force", is_flag=True, help="Build even if nothing has changed.")
@with_session
def build(session: Session, force: bool) -> None:
    """Load, validate, infer, validate, publish to the build folder. Skipped when nothing has changed."""
    make_release(session, force)


def make_release(session: Session, force: bool = False) -> Release:
    """Build what has changed, telling progress, and return the release."""
    from stratgraph.build import build as run_build

    result = run_build(session.layout, session.build_dir, say, force, session.sources(None), session.engines)
    release = result.release
    if result.unchanged:
        say(f"Nothing has changed since release {release.id}.")
    for stage, seconds in result.seconds.items():
        say(f"{stage:<18} {seconds:6.1f} s")
    counts = ", ".join(f"{level} {count}" for level, count in release.triples.items())
    say(f"Release {release.id}: {counts} triples in {release.folder}")
    return release


@click.command(epilog="Example: stratgraph validate --lang ja --sources ../texts")
@click.option("--lang", type=click.Choice(["en", "ja"]), default="en", show_default=True, help="Language of the findings.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True, help="How to print them."
)
@click.option("--sources", metavar="DIR", help="Folder with the source texts: check every span against them.")
@click.option("--fix", is_flag=True, help="First mend what is mechanical in data/ttl, and say what was changed.")
@with_session
def validate(session: Session, lang: str, form: str, sources: str | None, fix: bool) -> None:
    """Check everything that is encoded: shapes, and the spans where the source texts are at hand.

    Each finding names file and line, what is wrong and what to do. Nothing is inferred; nothing is written without --fix.
    """
    from stratgraph.build import check

    if fix:
        _fix(session, session.sources(sources))
    report = check(session.layout, session.sources(sources), say, session.settings.validator)
    click.echo(_as_text(session, report, form, lang))
    if not report.conforms:
        raise SystemExit(FINDINGS)


def _fix(session: Session, texts: Path | None) -> None:
    from stratgraph.evidence import find_source_texts, mend_files, wanted_texts
    from stratgraph.load import load_prefixes, load_product, read_text, shown_path

    paths = {shown_path(path, session.layout): path for path in sorted(session.layout.data.rglob("*.ttl"))}
    found = {}
    if texts is not None:
        found = find_source_texts(texts, wanted_texts(load_product(session.layout).union()), allow_missing=True)
    mended = mend_files({shown: read_text(path) for shown, path in paths.items()}, load_prefixes(session.layout), found)
    replace_texts({paths[shown]: one.text for shown, one in mended.items()})
    for shown, one in mended.items():
        for change in one.changes:
            say(f"{shown}: {change}")


def _as_text(session: Session, report: Report, form: str, lang: str) -> str:
    from stratgraph import __version__
    from stratgraph.validate import load_shapes, to_sarif

    if form == "sarif":
        return to_sarif(report, load_shapes(session.layout.shapes / "asserted").worded(), __version__, lang)
    return report.to_json() if form == "json" else report.to_text(lang)


@click.command(epilog="Example: stratgraph serve --host 0.0.0.0 --port 8080")
@click.option("--host", help="Address to listen on. Default: 127.0.0.1, or STRATGRAPH_HOST.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on. Default: 8000, or STRATGRAPH_PORT.")
@click.option("--questions", metavar="DIR", help="Folder of saved questions of your own, checked and served beside ours.")
@click.option("--watch", is_flag=True, help="Take over new builds as they appear, without dropping a request.")
@with_session
def serve(session: Session, host: str | None, port: int | None, questions: str | None, watch: bool) -> None:
    """Build what has changed and serve it. If the data is broken, serve the last good build and say so."""
    from stratgraph.questions import load_served
    from stratgraph.web.serve import Following, run_server

    release = _newest_release(session)
    given = {"host": host, "port": port, "questions": questions}
    settings = replace(session.settings, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    load_served(session.layout.queries, settings.own_questions, say)
    say(f"StratGraph on http://{settings.host}:{settings.port}/  (Ctrl-C stops)")
    run_server(settings, session.layout, release, Following(session.build_dir, say) if watch else None)


def _newest_release(session: Session) -> Release:
    from stratgraph.release import current_release

    try:
        return make_release(session)
    except (SourceError, NotConforming, InferenceError) as error:
        last = current_release(session.build_dir)
        if last is None:
            raise
        tell(error)
        say(f"The data does not build; serving the last good release, {last.id}.")
        return last
