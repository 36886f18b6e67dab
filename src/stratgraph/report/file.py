"""A file to be made: its tables and what is told of all of them. Imports the release and this package's tables and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stratgraph.release import Release
from stratgraph.report.table import Table
from stratgraph.report.words import word
from stratgraph.vocab import BASE


@dataclass(frozen=True)
class Report:
    """Tables under one title, in a language ("ja" or "en"). `about` holds pairs of heading and text; `date` is the release's (ISO 8601)."""

    title: str
    language: str
    tables: Sequence[Table]
    about: Sequence[tuple[str, str]]
    date: str


def about_release(release: Release, language: str) -> list[tuple[str, str]]:
    """Release, date, licence, how to cite it, and whose words these are."""
    licence = "CC BY 4.0 https://creativecommons.org/licenses/by/4.0/"
    told = {
        "release": release.id,
        "date": release.date,
        "licence": licence,
        "citation": citation(release),
        "note": word("official", language),
    }
    return [(word(name, language), text) for name, text in told.items()]


def citation(release: Release) -> str:
    """How to cite a release."""
    return f"StratGraph, release {release.id} ({release.date}). {BASE}"
