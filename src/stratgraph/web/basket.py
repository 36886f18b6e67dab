"""`/basket`: answers collected for a meeting, and the files made of them. Imports questions, exports and the site.

The basket is its address: each `item=` is the address of an answer. Nothing is kept here; the script keeps the list in the browser.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from stratgraph.errors import BadParameter
from stratgraph.formats import DOCX, Format, by_name, negotiate, offered
from stratgraph.report import Collector, Item, parse_item
from stratgraph.report.collect import ADDRESS
from stratgraph.web.language import language_of
from stratgraph.web.links import file_name
from stratgraph.web.openapi import BASKET
from stratgraph.web.pages import BasketItem, BasketShown
from stratgraph.web.responses import VARY, cache_headers, entity_tag, is_current, not_modified
from stratgraph.web.sheets import respond_report
from stratgraph.web.site import Site, site_of

router = APIRouter(tags=["questions"])
MOST_ITEMS = 20
LAYOUTS = ("question", "ministry")
_FILES = (*(one for one in offered("sheet") if one.name == "xlsx"), DOCX)


@router.get("/basket", openapi_extra=BASKET, response_class=Response)
async def basket(request: Request) -> Response:
    """Collected answers: a page, or one workbook or document of them, a part for each question or for each ministry."""
    site, language = site_of(request), language_of(request)
    items, layout = read_items(request), _layout(request)
    name = request.query_params.get("format")
    candidates = (*offered("page"), *_FILES)
    kind = by_name(name, candidates) if name else negotiate(request.headers.get("accept"), candidates)
    tag = entity_tag(site.release.id, "basket", [one.text for one in items], layout, kind.name, language)
    headers = cache_headers(tag, language, {"StratGraph-Release": site.release.id})
    if kind.name == "html":
        return await _page(site, items, language, headers)
    if is_current(request, tag):
        return not_modified(headers)
    return await _file(Collector(site.service, site.release, language), items, (kind, layout), headers)


def read_items(request: Request) -> list[Item]:
    """The items of a basket, each once; those that are empty are left out. Raises BadParameter for too many."""
    given = [one for one in request.query_params.getlist("item") if one.strip()]
    if len(given) > MOST_ITEMS:
        raise BadParameter(
            "item", f"{len(given)} answers are too many.", [f"up to {MOST_ITEMS} answers"], f"かごに入れられるのは{MOST_ITEMS}件までです。"
        )
    return list({one.text: one for one in map(parse_item, given)}.values())


def _layout(request: Request) -> str:
    layout = request.query_params.get("layout", "question")
    if layout not in LAYOUTS:
        raise BadParameter("layout", f"“{layout[:40]}” is none.", LAYOUTS)
    return layout


async def _file(collector: Collector, items: Sequence[Item], wanted: tuple[Format, str], headers: dict[str, str]) -> Response:
    kind, layout = wanted
    if not items and layout != "ministry":
        raise BadParameter("item", "the basket is empty.", [ADDRESS], "かごが空です。")
    report = await collector.several([await collector.resolve(one) for one in items], layout)
    name = file_name(f"stratgraph-{'ministries' if layout == 'ministry' else 'answers'}", report.title, kind.suffix)
    return await respond_report(report, kind, {**headers, "Content-Disposition": f"attachment; {name}"})


async def _page(site: Site, items: list[Item], language: str, headers: dict[str, str]) -> Response:
    shown = [await _shown(site, one, items, language) for one in items]
    broken = any(one.problem for one in shown)
    if broken:
        headers = {"Vary": VARY, "Cache-Control": "no-store", "Content-Language": language}
    page = site.pages.basket(language, BasketShown(shown, urlencode([("item", one.text) for one in items])))
    return Response(page, 422 if broken else 200, headers, "text/html")


async def _shown(site: Site, item: Item, items: list[Item], language: str) -> BasketItem:
    """An item as the page tells it: its question's name, what was asked, how many rows, or what is wrong with it."""
    rest = urlencode([("item", one.text) for one in items if one is not item])
    try:
        question, terms = await Collector(site.service, site.release, language).resolve(item)
    except BadParameter as error:
        return BasketItem(item.text, item.slug, "", (), 0, rest, error)
    values = [term.value for one in terms.values() for term in one]
    labels = await site.labels([value for value in values if ":" in value])
    asked = []
    for one in question.parameters:
        choices = await site.service.choices(question, one)
        known = choices.by_iri if choices else {}
        values = [
            known[term.value].placed(language) if term.value in known else labels.get(term.value, {}).get(language, term.value)
            for term in terms.get(one.name, ())
        ]
        if values and one.type != "language":
            asked.append((one.label.get(language), values))
    count = await site.service.count(question, terms)
    return BasketItem(item.text, question.slug, question.name.get(language), asked, count, rest, None)
