"""StratGraph: government strategy documents as a knowledge graph.

From code: `open_graph` gives a release as an rdflib Dataset, `open_questions` its saved questions as data frames (docs/from-code.md).
"""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from stratgraph.access import OpenQuestions, open_graph, open_questions

__all__ = ["RELEASE_DATE", "OpenQuestions", "__version__", "open_graph", "open_questions"]
__version__: Final = "0.1.0"

# The release's date is a value of the source, never the clock: the same sources must give the same bytes.
RELEASE_DATE: Final = "2026-11-21"


def __getattr__(name: str) -> Any:
    # Imported where it is used: every command begins here, and rdflib alone takes longer than --help may.
    if name in ("OpenQuestions", "open_graph", "open_questions"):
        from stratgraph import access  # noqa: PLC0415

        return getattr(access, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
