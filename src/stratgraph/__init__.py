"""StratGraph: government strategy documents as a knowledge graph."""

from typing import Final

__version__: Final = "0.1.0"

# The release's date is a value of the source, never the clock: the same sources must give the same bytes.
RELEASE_DATE: Final = "2026-11-21"
