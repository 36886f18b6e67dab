"""What tests share: the checkout, and one build of it for the whole run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from stratgraph.build import build
from stratgraph.release import Release
from stratgraph.settings import Layout

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def layout() -> Layout:
    """This checkout's ontology, shapes, data and questions."""
    return Layout(ROOT)


@pytest.fixture(scope="session")
def release(layout: Layout) -> Release:
    """The release of this checkout; the build's lock makes parallel runs wait for one another and share it."""
    progress: list[str] = []
    texts = os.environ.get("STRATGRAPH_SOURCES")
    return build(layout, ROOT / "build", progress.append, texts=Path(texts) if texts else None).release


@pytest.fixture
def lines() -> list[str]:
    """Collects what a stage tells of its progress."""
    return []


def triples_of(lines: Sequence[str]) -> set[str]:
    """N-Triples or N-Quads lines as a set, empty ones aside."""
    return {line for line in lines if line.strip()}
