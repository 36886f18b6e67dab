"""What tests share: the checkout, and one build of it for the whole run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from stratgraph.build import build
from stratgraph.release import Release
from stratgraph.settings import Layout

ROOT = Path(__file__).parent.parent
PRODUCT = ROOT / "tests" / "cases" / "product"


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
def product(tmp_path: Path) -> Layout:
    """A copy of the product in miniature (tests/cases/product), free to be damaged."""
    shutil.copytree(PRODUCT, tmp_path / "product")
    return Layout(tmp_path / "product")


@pytest.fixture
def lines() -> list[str]:
    """Collects what a stage tells of its progress."""
    return []
