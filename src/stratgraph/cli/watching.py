"""The command that validates on every save. The files' times are polled: no dependency, and it works on every file system."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import click

from stratgraph.cli.making import make_release
from stratgraph.cli.session import Session, say, tell, with_session
from stratgraph.errors import StratgraphError
from stratgraph.settings import Layout

_PAUSE: Final = 0.1
Saved = Mapping[Path, tuple[int, int]]


@click.command(epilog="Example: stratgraph watch --lang ja")
@click.option("--lang", type=click.Choice(["en", "ja"]), default="en", show_default=True, help="Language of the findings.")
@click.option("--build", "builds", is_flag=True, help="Build where nothing is violated, for a server started with --watch.")
@with_session
def watch(session: Session, lang: str, builds: bool) -> None:
    """Validate whenever a Turtle file is saved, and print the findings. Ctrl-C stops."""
    # From before the first look, so that a save during it is seen too.
    saved = saves(session.layout, lambda: time.sleep(_PAUSE))
    # A check makes a million objects that live until its end; Python's search for cycles among them would take a fifth of its time.
    gc.disable()
    _look(session, lang, builds)
    say("Watching data/ttl, ontology and shapes.  (Ctrl-C stops)")
    for changed in saved:
        say(f"{', '.join(str(path.relative_to(session.layout.root)) for path in changed)} changed.")
        _look(session, lang, builds)


def saves(layout: Layout, pause: Callable[[], None]) -> Iterator[list[Path]]:
    """The Turtle files and rules that were saved, made or deleted since this call, then since the last look, whenever there are any."""
    return _saves(layout, pause, _times(layout))


def _saves(layout: Layout, pause: Callable[[], None], before: Saved) -> Iterator[list[Path]]:
    while True:
        pause()
        now = _times(layout)
        changed = sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))
        before = now
        if changed:
            yield changed


def _times(layout: Layout) -> Saved:
    found = {}
    for folder in (layout.data, layout.ontology, layout.shapes):
        for path in (*folder.rglob("*.ttl"), *folder.rglob("*.rq")):
            try:
                status = path.stat()
            except OSError:  # deleted between the listing and the look
                continue
            found[path] = (status.st_mtime_ns, status.st_size)
    return found


def _look(session: Session, lang: str, builds: bool) -> None:
    """Validate, print; build if asked to. Whatever is wrong is told, and the watch goes on."""
    from stratgraph.build import check

    start = time.perf_counter()
    try:
        report = check(session.layout, session.sources(None), lambda _: None, session.settings.validator)
        click.echo(report.to_text(lang))
        say(f"Validated in {time.perf_counter() - start:.1f} s.")
        if builds and report.conforms:
            make_release(session)
    except StratgraphError as error:
        tell(error)
    finally:
        gc.collect()
