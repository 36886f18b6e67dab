"""The command that gives reasons: why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from stratgraph.cli.session import FINDINGS, Session, with_session
from stratgraph.cli.store import with_store

if TYPE_CHECKING:
    from stratgraph.explain import Explanation
    from stratgraph.release import Release
    from stratgraph.store.interface import Store

_KINDS = {
    "asserted": {"ja": "文書・参照", "en": "asserted"},
    "curated": {"ja": "編者", "en": "curated"},
    "inferred": {"ja": "推論", "en": "inferred"},
    "absent": {"ja": "記述なし", "en": "absent"},
}


@click.command(epilog="Example: stratgraph why comment/2022/18 sg:effectiveResponse response/2022/6")
@click.argument("subject")
@click.argument("predicate")
@click.argument("value", metavar="OBJECT")
@click.option("--lang", type=click.Choice(["en", "ja"]), default="en", show_default=True, help="Language of the rules' sentences.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print it.")
@with_session
def why(session: Session, subject: str, predicate: str, value: str, lang: str, form: str) -> None:
    """Tell why a triple holds: the rule and its premises, down to what documents state, with the place of each.

    Terms are IRIs, N-Triples terms, prefixed names or paths of things. A triple that does not hold exits with 1 and what is near.
    """
    found = with_store(session, lambda store, release: _explain(store, session, release, (subject, predicate, value)))
    if form == "json":
        click.echo(json.dumps(found.json(), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_lines(found, lang)))
    if found.kind == "absent":
        raise SystemExit(FINDINGS)


async def _explain(store: Store, session: Session, release: Release, terms: tuple[str, str, str]) -> Explanation:
    from stratgraph.explain import explain, parse_term, read_proofs
    from stratgraph.load import load_prefixes

    prefixes = load_prefixes(session.layout)
    triple = (parse_term("s", terms[0], prefixes), parse_term("p", terms[1], prefixes), parse_term("o", terms[2], prefixes))
    return await explain(triple, read_proofs(release.proofs), store, session.settings.query_timeout)


def _lines(found: Explanation, language: str, depth: int = 0) -> Iterator[str]:
    pad = "  " * depth
    yield f"{pad}{' '.join(_short(term) for term in found.triple)}  [{_KINDS[found.kind][language]}]"
    if found.rule:
        yield f"{pad}  {found.rule.name}: {found.rule.text[language]}"
    for premise in found.premises:
        yield from _lines(premise, language, depth + 1)
    for one in found.evidence:
        place = one.locator.get(language, "")
        yield f"{pad}  {_short(f'<{one.document}>')} {one.start}-{one.end} {place} (SHA-256 {one.sha256[:12]}…)".rstrip()
    for near in found.near:
        yield f"{pad}  {'近い記述' if language == 'ja' else 'near'}: {' '.join(_short(term) for term in near)}"


def _short(term: str) -> str:
    base = "<https://w3id.org/stratgraph/"
    for start, shown in ((f"{base}id/", ""), (f"{base}ontology#", "sg:"), (base, "")):
        if term.startswith(start):
            return f"{shown}{term.removeprefix(start).removesuffix('>')}"
    return term.removeprefix("_:") if term.startswith("_:") else term
