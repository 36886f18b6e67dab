"""Write a build's graph for `run.py --own`: python export.py BUILD/graph.nq FOLDER.

FOLDER gets `graph.nq`, for our server, and `graph.nt`, for the others: each triple once, without the proofs, as our default graph has it.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

PROOFS = " <https://w3id.org/stratgraph/graph/proofs> .\n"


def export(build: Path, folder: Path) -> None:
    """Write both files."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(build, folder / "graph.nq")
    with build.open(encoding="utf-8") as lines:
        triples = {line.rpartition(" <")[0] for line in lines if not line.endswith(PROOFS)}
    (folder / "graph.nt").write_text("".join(f"{triple} .\n" for triple in sorted(triples)), encoding="utf-8")


if __name__ == "__main__":
    export(Path(sys.argv[1]), Path(sys.argv[2]))
