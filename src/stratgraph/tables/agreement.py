"""How far two independent readers agreed, from `data/agreement.csv`. Imports errors only.

The file is written by `python -m tests.double_entry.agreement` from the claims of the double entry, and held to them by a test.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stratgraph.errors import SourceError

COLUMNS: Final = ("kind", "document", "claims", "alike", "measure", "value")


@dataclass(frozen=True)
class Agreement:
    """How far both readers coded alike: `claims` both coded, `alike` of them the same; `document` is empty for all together.

    `measure` is kappa (Cohen 1960), jaccard (mean over claims) or empty, with its `value` as printed.
    """

    kind: str
    document: str
    claims: int
    alike: int
    measure: str
    value: str


def read_agreement(path: Path) -> tuple[Agreement, ...]:
    """The rows of the file; none where there is no file. Raises SourceError (file and line) for other columns or a count that is none."""
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise SourceError(f"the columns must be {', '.join(COLUMNS)}", str(path), 1)
        return tuple(_agreement(row, path, number) for number, row in enumerate(reader, start=2))


def _agreement(row: dict[str, str], path: Path, number: int) -> Agreement:
    try:
        return Agreement(row["kind"], row["document"], int(row["claims"]), int(row["alike"]), row["measure"], row["value"])
    except ValueError as error:
        raise SourceError("claims and alike must be whole numbers", str(path), number) from error
