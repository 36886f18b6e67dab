"""What every command shares: settings, folders, and how a failure becomes one message and an exit code."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stratgraph.errors import (
    InferenceError,
    InputError,
    NotConforming,
    QueryError,
    QuerySyntaxError,
    SourceError,
    StoreUnavailable,
    StratgraphError,
)
from stratgraph.settings import Layout, Settings

if TYPE_CHECKING:
    from stratgraph.build import Engines

FINDINGS, MISUSE = 1, 2
_FINDINGS = (NotConforming, InferenceError, SourceError, QueryError, StoreUnavailable)


class Session:
    """Settings, the product's folders, and where builds go."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @functools.cached_property
    def layout(self) -> Layout:
        """The product's folders. Raises LayoutError."""
        return Layout.find(self.settings.root or None)

    @property
    def build_dir(self) -> Path:
        """Where builds go: the setting, else build/ under the root, else the user's cache for the packaged copy."""
        if self.settings.build_dir:
            return Path(self.settings.build_dir).resolve()
        packaged = self.layout.root.is_relative_to(Path(__file__).parent.parent)
        cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "stratgraph"
        return cache if packaged else self.layout.root / "build"

    @property
    def engines(self) -> Engines:
        """The engines that the settings name."""
        from stratgraph.build import Engines

        return Engines(self.settings.reasoner, self.settings.validator)

    def sources(self, option: str | None) -> Path | None:
        """The folder of the source texts: the option, else the setting, else None."""
        folder = option or self.settings.sources
        return Path(folder) if folder else None


def say(text: str) -> None:
    """Progress and messages go to standard error, so that answers can be piped."""
    click.echo(text, err=True)


def replace_text(path: Path, text: str) -> None:
    """Write a file whole or not at all. Raises InputError."""
    replace_texts({path: text})


def replace_texts(texts: Mapping[Path, str]) -> None:
    """Write files, each whole or not at all, in their order; where one cannot be written, none is. Raises InputError."""
    # All are written beside before the first is renamed, so that a full disk or Ctrl-C leaves neither half a file nor half of them.
    fresh = {path: path.with_name(f".{path.name}.new") for path in texts}
    path = next(iter(fresh), Path())
    try:
        for path, text in texts.items():
            fresh[path].write_text(text, encoding="utf-8")
        for path, beside in fresh.items():
            beside.replace(path)
    except OSError as error:
        raise InputError(f"{path} could not be written: {error.strerror}. It is as it was.") from error
    finally:
        for one in fresh.values():
            one.unlink(missing_ok=True)


def tell(error: StratgraphError) -> None:
    """Print a failure and its findings."""
    say(f"stratgraph: {error}")
    for finding in getattr(error, "findings", ()):
        say(finding)


def exit_code(error: StratgraphError) -> int:
    """1 for what the data or a query gave, 2 for what the caller got wrong."""
    return FINDINGS if isinstance(error, _FINDINGS) and not isinstance(error, QuerySyntaxError) else MISUSE


def with_session(body: Callable[..., None]) -> Callable[..., None]:
    """Give a command its session; turn failures into one message and an exit code, never a traceback."""

    @click.pass_obj
    @functools.wraps(body)
    def run(session: Session, /, *args: Any, **options: Any) -> None:
        try:
            body(session, *args, **options)
        except StratgraphError as error:
            tell(error)
            raise SystemExit(exit_code(error)) from error
        except BrokenPipeError:  # the reader of our output went away: `stratgraph query … | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(0) from None

    return run
