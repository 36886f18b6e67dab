"""The documentation keeps step with the code: what it must name, it names."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from types import ModuleType

import click
import pytest

from stratgraph import RELEASE_DATE, __version__
from stratgraph.cli import main
from stratgraph.errors import StratgraphError
from stratgraph.settings import Settings
from stratgraph.web import basket, catalog, choices, corrections, dumps, home, questions, resources, sparql, why
from stratgraph.web.errors import STATUSES

ROOT = Path(__file__).parent.parent


def text(path: str) -> str:
    """A file of the repository."""
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda setting: setting.name)
def test_every_setting_is_documented(setting: object) -> None:
    """docs/settings.md holds a row with the variable, its default and its help, word for word."""
    name, default, help_text = setting.name, setting.default, setting.metadata["help"]  # type: ignore[attr-defined]
    shown = "*(empty)*" if default == "" else f"`{default}`"
    assert f"| `STRATGRAPH_{name.upper()}` | {shown} | {help_text} |" in text("docs/settings.md")


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_is_documented(name: str) -> None:
    """docs/commands.md has a heading for each command, and each option of it in its text."""
    sections = dict(re.findall(r"^## `stratgraph (\S+)`.*?\n(.*?)(?=^## |\Z)", text("docs/commands.md"), re.M | re.S))
    options = [one for one in main.commands[name].params if isinstance(one, click.Option)]
    assert [one.opts[-1] for one in options if one.opts[-1] not in sections[name]] == []


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_shows_an_example(name: str) -> None:
    """--help ends in an example that can be typed."""
    assert (main.commands[name].epilog or "").startswith(f"Example: stratgraph {name}")


def test_versions_and_dates_agree() -> None:
    """pyproject, the citation, the changelog and the package tell one version and one date."""
    assert f'version = "{__version__}"' in text("pyproject.toml")
    assert f"version: {__version__}\n" in text("CITATION.cff")
    assert f"date-released: {RELEASE_DATE}\n" in text("CITATION.cff")
    assert f"## {__version__} ({RELEASE_DATE})" in text("CHANGELOG.md")


@pytest.mark.parametrize("path", sorted(str(path.relative_to(ROOT)) for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]))
def test_links_between_documents_lead_somewhere(path: str) -> None:
    """A relative link names a file that is there."""
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text(path))
    assert [link for link in links if not (ROOT / path).parent.joinpath(link).exists()] == []


def test_every_decision_is_listed() -> None:
    """docs/decisions/README.md links each decision."""
    listed = re.findall(r"\]\((\d{4}-[^)]+)\)", text("docs/decisions/README.md"))
    assert sorted(listed) == sorted(path.name for path in (ROOT / "docs/decisions").glob("[0-9]*.md"))


@pytest.mark.parametrize(
    "module", [basket, catalog, choices, corrections, dumps, home, questions, resources, sparql, why], ids=lambda module: module.__name__
)
def test_every_route_is_documented(module: ModuleType) -> None:
    """docs/http.md has a row for each route."""
    routes = {route.path for route in module.router.routes}
    assert routes
    assert [route for route in routes if f"| `{route}` |" not in text("docs/http.md")] == []


@pytest.mark.parametrize(("kind", "status"), [one for one in STATUSES if one[1] != 500], ids=str)
def test_every_error_is_documented(kind: type[StratgraphError], status: int) -> None:
    """docs/http.md has a row with each error's name and status."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower()
    assert f"| `{name}` | {status} |" in text("docs/http.md")
