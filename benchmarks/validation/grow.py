"""A copy of the product whose documents are repeated under other years, with all their files, so that everything can be timed on it.

    python benchmarks/validation/grow.py --times 4 --to /tmp/grown

A copy of a document says of its source text that it is the original's, so spans and figures of the copies are checked too.
"""

from __future__ import annotations

import argparse
import re
import shutil
from pathlib import Path

from stratgraph.load import load_product
from stratgraph.settings import Layout
from stratgraph.vocab import ID, REFERENCE_GRAPH

# The IRI of a thing names its document or year; a copy gets a year of its own, and so keeps all patterns.
YEAR = re.compile(r"(?<=/)(\d{4})(?=[-/#]|$)")
_IRI = re.compile(r"<([^<>\s:]*)>")  # relative ones only
_PARTS = ("ontology", "shapes", "data", "queries")


def grow(layout: Layout, root: Path, times: int) -> Layout:
    """Write the product to `root`, which must not exist, with its documents `times` times."""
    for part in _PARTS:
        shutil.copytree(layout.root / part, root / part)
    shared = {str(subject) for subject, _, _ in load_product(layout).graphs[REFERENCE_GRAPH]}
    for file in sorted((*layout.data.glob("document/*/*.ttl"), *layout.data.glob("curated/*/*.ttl"))):
        text, relative = file.read_text(encoding="utf-8"), file.relative_to(layout.data)
        for copy in range(1, times):
            path = root / "data" / "ttl" / relative.parts[0] / later(f"/{relative.parts[1]}", copy)[1:] / relative.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(renamed(text, copy, shared), encoding="utf-8")
    return Layout(root)


def renamed(text: str, copy: int, shared: set[str]) -> str:
    """Turtle with the years in its IRIs made later, but for IRIs that all copies share."""
    return _IRI.sub(lambda found: found[0] if f"{ID}{found[1]}" in shared else f"<{later(found[1], copy)}>", text)


def later(iri: str, copy: int) -> str:
    """The IRI with its first year a century later for each copy."""
    return YEAR.sub(lambda found: f"{int(found[1]) + 100 * copy:04}", iri, count=1)


def main() -> None:
    """Write the copy."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--times", type=int, default=4, help="how many times each document is there in the end")
    options.add_argument("--to", type=Path, required=True, help="a folder that does not exist yet")
    asked = options.parse_args()
    grown = grow(Layout(Path(__file__).resolve().parent.parent.parent), asked.to, asked.times)
    print(f"{len(load_product(grown).triples())} triples in {grown.root}")


if __name__ == "__main__":
    main()
