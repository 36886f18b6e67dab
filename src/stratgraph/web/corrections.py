"""`/corrections`: how to report an error, with its text prepared, and what was corrected. Imports settings and the site.

Nothing is stored here: the report goes to the tracker or mail address that STRATGRAPH_CORRECTIONS names, by the reader's own hand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from stratgraph.errors import BadParameter, LayoutError
from stratgraph.settings import Layout
from stratgraph.vocab import BASE
from stratgraph.web.language import language_of
from stratgraph.web.links import short_name
from stratgraph.web.messages import say
from stratgraph.web.openapi import CORRECTIONS
from stratgraph.web.pages import Correction, ReportShown
from stratgraph.web.responses import cache_headers, entity_tag, is_current, not_modified
from stratgraph.web.site import site_of

router = APIRouter(tags=["service"])
_LONGEST: Final = 2000
_MOST_ANCHORS: Final = 10
_CELLS: Final = 6
_TO: Final = re.compile(r"(https?://|mailto:)[^\s<>\"]+")


@dataclass(frozen=True)
class _About:
    """What a report is about: the IRI of a thing or answer, anchors of its places, a statement in words; each may be empty."""

    iri: str
    anchors: tuple[str, ...]
    statement: str

    @property
    def query(self) -> str:
        """As a query string."""
        fields = [("iri", self.iri), *(("anchor", one) for one in self.anchors), ("statement", self.statement)]
        return urlencode([(name, value) for name, value in fields if value])


@router.get("/corrections", openapi_extra=CORRECTIONS, response_class=Response)
async def corrections(request: Request) -> Response:
    """A report of an error, prepared (`iri=`, `anchor=`, `statement=`), where it goes, and the corrections made so far."""
    site, language = site_of(request), language_of(request)
    about = _about(request)
    made = await run_in_threadpool(read_corrections, _file(site.settings.root))
    tag = entity_tag(site.release.id, "corrections", about, site.settings.corrections, made, language)
    headers = cache_headers(tag, language)
    if is_current(request, tag):
        return not_modified(headers)
    title, body = _report(about, (site.release.id, site.release.date), language)
    to = address(site.settings.corrections, title, body)
    shown = ReportShown(about.query, about.iri, title, body, to, made)
    return Response(site.pages.corrections(language, shown), headers=headers, media_type="text/html")


def _about(request: Request) -> _About:
    iri, statement = (request.query_params.get(name, "").strip() for name in ("iri", "statement"))
    anchors = tuple(dict.fromkeys(one.strip() for one in request.query_params.getlist("anchor") if one.strip()))
    for name, values in (("iri", [iri] if iri else []), ("anchor", anchors)):
        if any(len(one) > _LONGEST or not one.startswith(BASE) or re.search(r"[\s<>\"]", one) for one in values):
            raise BadParameter(name, "is no IRI of this graph.", [f"an IRI that begins with {BASE}"], "このグラフのIRIではありません。")
    if len(statement) > _LONGEST or len(anchors) > _MOST_ANCHORS:
        name = "statement" if len(statement) > _LONGEST else "anchor"
        raise BadParameter(name, "is too long.", [f"up to {_LONGEST} characters, {_MOST_ANCHORS} anchors"], "長すぎます。")
    return _About(iri, anchors, statement)


def _report(about: _About, release: tuple[str, str], language: str) -> tuple[str, str]:
    """Title and text of the report."""
    told = [("correction_about", about.iri), ("correction_statement", about.statement)]
    told += [("correction_anchor", one) for one in about.anchors]
    told.append(("correction_release", f"{release[0]} ({release[1]})"))
    lines = [f"{say(key, language)}: {value}" for key, value in told if value]
    title = say("correction_title", language, about=short_name(about.iri) if about.iri else "StratGraph")
    return title, "\n".join([*lines, "", say("correction_wrong", language), "", "", say("correction_right", language), "", ""])


def address(setting: str, title: str, body: str) -> str:
    """The address that opens a prepared report; empty where none is configured.

    `{title}` and `{body}` in the setting are filled; without them a mail gets subject and body, a tracker title and body.
    """
    if not _TO.fullmatch(setting):
        return ""
    if "{body}" in setting:
        return setting.replace("{title}", quote(title, safe="")).replace("{body}", quote(body, safe=""))
    names = ("subject", "body") if setting.startswith("mailto:") else ("title", "body")
    fields = "&".join(f"{name}={quote(text, safe='')}" for name, text in zip(names, (title, body), strict=True))
    return f"{setting}{'&' if '?' in setting else '?'}{fields}"


def _file(root: str) -> Path | None:
    try:
        return Layout.find(root or None).root / "CORRECTIONS.md"
    except LayoutError:
        return None


def read_corrections(path: Path | None) -> Sequence[Correction]:
    """The rows of CORRECTIONS.md; none where there is no such file."""
    if path is None or not path.is_file():
        return ()
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in path.read_text(encoding="utf-8").splitlines()]
    told = [row for row in rows if len(row) == _CELLS and re.match(r"\d{4}-\d{2}-\d{2}$", row[0])]
    return tuple(Correction(date, release, about.strip("<>`"), {"ja": ja, "en": en}, by) for date, release, about, ja, en, by in told)
