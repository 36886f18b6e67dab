"""How far two readers agreed, from the rows of `tests/double_entry/<key>.csv`.

`python -m tests.double_entry.agreement` writes the docs, and data/agreement.csv, which the codebook of the tables takes its numbers from.

Agreement is taken before adjudication. Cohen's kappa: J. Cohen, A coefficient of agreement for nominal scales, 1960.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from stratgraph.tables.agreement import COLUMNS as TABLE_COLUMNS

FOLDER = Path(__file__).parent
PAGE = FOLDER.parents[1] / "docs" / "double-entry.md"
TABLE = FOLDER.parents[1] / "data" / "agreement.csv"
KEYS = (
    "2015-recommendation-response",
    "2017-interim-review",
    "2018-strategy-overview",
    "2021-strategy-outline",
    "2022-public-comments",
)
COLUMNS = ["claim", "start", "end", "kind", "ask", "first", "second", "adjudication"]
VERDICTS = ("agree", "first", "second", "both")
# Kinds that are coded with one of a few values, in the order of the page.
CODED = ("role", "strength", "status")


@dataclass(frozen=True)
class Claim:
    """A row: what the text states at [start, end), and how the graph and both readers put it."""

    claim: str
    start: int
    end: int
    kind: str
    ask: str
    first: str
    second: str
    adjudication: str

    @property
    def is_equal(self) -> bool:
        """Whether both readers coded the same; white space and the order of themes mean nothing."""
        if self.kind == "theme":
            return _themes(self.first) == _themes(self.second)
        return self.first.split() == self.second.split()

    @property
    def verdict(self) -> str:
        """The adjudication without its reason."""
        return self.adjudication.partition(":")[0].strip()


def read_claims(key: str) -> list[Claim]:
    """The rows of a document. Raises FileNotFoundError where it was not read twice, ValueError where the columns are others."""
    with (FOLDER / f"{key}.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != COLUMNS:
            raise ValueError(f"{key}.csv has the columns {reader.fieldnames}; they must be {COLUMNS}.")
        return [_claim(row) for row in reader]


def _claim(row: dict[str, str]) -> Claim:
    told = {name: row[name] for name in ("claim", "kind", "ask", "first", "second", "adjudication")}
    return Claim(start=int(row["start"]), end=int(row["end"]), **told)


def share(claims: Sequence[Claim]) -> float:
    """The share of rows that both coded alike, 0 to 1."""
    return sum(one.is_equal for one in claims) / len(claims)


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa of two codings; None where chance alone would agree on everything."""
    count = len(pairs)
    firsts, seconds = Counter(one for one, _ in pairs), Counter(two for _, two in pairs)
    chance = sum(firsts[value] * seconds[value] for value in firsts) / count**2
    return None if chance == 1 else (sum(one == two for one, two in pairs) / count - chance) / (1 - chance)


def jaccard(pairs: Iterable[tuple[frozenset[str], frozenset[str]]]) -> float:
    """The mean over rows of the share of themes that both gave among those that either gave; two empty sets agree."""
    shares = [len(one & two) / len(one | two) if one | two else 1.0 for one, two in pairs]
    return sum(shares) / len(shares)


def measure(kind: str, claims: Sequence[Claim]) -> str:
    """The coefficient of a kind of coding, as the page prints it."""
    name, value = coefficient(kind, claims)
    return f"{ {'kappa': 'κ', 'jaccard': 'Jaccard'}[name] } {value:.2f}" if name else ""


def coefficient(kind: str, claims: Sequence[Claim]) -> tuple[str, float]:
    """Kappa of the values for what is coded (of a role the word before the body), mean Jaccard for themes; ("", 0) where there is none."""
    if kind == "theme":
        return "jaccard", jaccard([(_themes(one.first), _themes(one.second)) for one in claims])
    value = kappa([(_value(one.first), _value(one.second)) for one in claims]) if kind in CODED else None
    return ("", 0.0) if value is None else ("kappa", value)


def table() -> str:
    """The table data/agreement.csv, whole: by kind of coding, all documents together (no document) and each alone."""
    claims = {key: read_claims(key) for key in KEYS}
    every = {"": [one for rows in claims.values() for one in rows], **claims}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(TABLE_COLUMNS)
    for kind in sorted({one.kind for one in every[""]}):
        for document, rows in every.items():
            found = [one for one in rows if one.kind == kind]
            if found:
                name, value = coefficient(kind, found)
                alike = sum(one.is_equal for one in found)
                writer.writerow([kind, document, len(found), alike, name, f"{value:.4f}" if name else ""])
    return out.getvalue()


def _themes(coded: str) -> frozenset[str]:
    return frozenset(one.strip("();,") for one in coded.split() if "theme:" in one)


def _value(coded: str) -> str:
    return coded.split(maxsplit=1)[0].rstrip(":") if coded.split() else ""


def page() -> str:
    """The page docs/double-entry.md, whole."""
    claims = {key: read_claims(key) for key in KEYS}
    return "\n".join([*_HEAD.splitlines(), "", *_by_kind(claims), "", *_by_document(claims), "", *_verdicts(claims), ""])


def _by_kind(claims: dict[str, list[Claim]]) -> Iterator[str]:
    every = [one for rows in claims.values() for one in rows]
    yield from ("## By kind of coding", "", "| kind | claims | coded alike | |", "| --- | ---: | ---: | --- |")
    for kind, count in Counter(one.kind for one in every).most_common():
        rows = [one for one in every if one.kind == kind]
        yield f"| {kind} | {count} | {100 * share(rows):.1f} % | {measure(kind, rows)} |"
    yield f"| **all** | {len(every)} | {100 * share(every):.1f} % | |"


def _by_document(claims: dict[str, list[Claim]]) -> Iterator[str]:
    kinds = (*CODED, "theme")
    yield from ("## By document", "", f"| document | claims | coded alike | {' | '.join(kinds)} |", "| --- | ---: | ---: |" + " --- |" * 4)
    for key, rows in claims.items():
        cells = []
        for kind in kinds:
            found = [one for one in rows if one.kind == kind]
            cells.append(f"{len(found)}: {100 * share(found):.0f} % {measure(kind, found)}".strip() if found else "–")
        yield f"| `{key}` | {len(rows)} | {100 * share(rows):.1f} % | {' | '.join(cells)} |"


def _verdicts(claims: dict[str, list[Claim]]) -> Iterator[str]:
    yield from ("## What came of the differences", "", f"| document | {' | '.join(VERDICTS)} |", "| --- |" + " ---: |" * 4)
    for key, rows in claims.items():
        counts = Counter(one.verdict for one in rows)
        yield f"| `{key}` | {' | '.join(str(counts[one]) for one in VERDICTS)} |"


_HEAD = """\
# Double entry

Each document was read twice, independently ([how](encoding.md#double-entry)); the claims of the second reader stand in
`tests/double_entry/`, with the query that must hold for each. This page is made from them by `python -m tests.double_entry.agreement`;
a test holds it to them.

A claim is *coded alike* where both readings are the same before adjudication, the order of themes aside. κ is Cohen's kappa over the
coded value (of a role the role, not the body); Jaccard is the mean share of themes that both gave among those that either gave. What one
reader coded where the other saw nothing to code counts as a difference."""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    TABLE.write_text(table(), encoding="utf-8")
