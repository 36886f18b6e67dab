"""`/basket`: answers collected for a meeting, and the files made of them. Imports questions, exports and the site.

The basket is its address: each `item=` is the address of an answer. Nothing is kept here; the script keeps the list in the browser.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import APIRouter, Request, Response

from stratgraph.errors import BadParameter, UnknownQuestion
from stratgraph.formats import DOCX, Format, by_name, negotiate, offered
from stratgraph.questions import with_language
from stratgraph.questions.model import RESERVED
from stratgraph.report import MINISTRIES
from stratgraph.report.words import word
from stratgraph.web.exports import Asked, basket_report, respond_report
from stratgraph.web.language import language_of
from stratgraph.web.links import file_name
from stratgraph.web.openapi import BASKET
from stratgraph.web.pages import BasketItem, BasketShown
from stratgraph.web.responses import VARY, cache_headers, entity_tag, is_current, not_modified
from stratgraph.web.site import Site, site_of

router = APIRouter(tags=["questions"])
MOST_ITEMS = 20
_ADDRESS = "an answer's permanent address"
LAYOUTS = ("question", "ministry")
_FILES = (*(one for one in offered("sheet") if one.name == "xlsx"), DOCX)


@dataclass(frozen=True)
class _Item:
    """An item as it was given: the question's name, its values, and the item without what belongs to the reader."""

    slug: str
    raw: dict[str, tuple[str, ...]]

    @property
    def text(self) -> str:
        """The item in its shortest form: name and query string."""
        query = urlencode([(name, value) for name, values in self.raw.items() for value in values])
        return f"{self.slug}?{query}" if query else self.slug


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
    asked = [await _resolve(site, one, language) for one in items]
    if is_current(request, tag):
        return not_modified(headers)
    return await _file(site, asked, (kind, layout, language), headers)


def read_items(request: Request) -> list[_Item]:
    """The items of a basket, each once; those that are empty are left out. Raises BadParameter for too many."""
    given = [one for one in request.query_params.getlist("item") if one.strip()]
    if len(given) > MOST_ITEMS:
        raise BadParameter(
            "item", f"{len(given)} answers are too many.", [f"up to {MOST_ITEMS} answers"], f"かごに入れられるのは{MOST_ITEMS}件までです。"
        )
    return list({one.text: one for one in map(_parse, given)}.values())


def _parse(text: str) -> _Item:
    """An answer's address, whole or from its question's name on. Raises BadParameter."""
    try:
        parts = urlsplit(text.strip()[:4000])
        fields = parse_qsl(parts.query, max_num_fields=200)
    except ValueError as error:
        message = f"“{text[:80]}” is not the address of an answer."
        raise BadParameter("item", message, [_ADDRESS], f"「{text[:80]}」は回答のアドレスではありません。") from error
    raw: dict[str, tuple[str, ...]] = {}
    for name, value in fields:
        if name not in RESERVED:
            raw[name] = (*raw.get(name, ()), value)
    return _Item(parts.path.rpartition("questions/")[2].strip("/").partition(".")[0], raw)


def _layout(request: Request) -> str:
    layout = request.query_params.get("layout", "question")
    if layout not in LAYOUTS:
        raise BadParameter("layout", f"“{layout[:40]}” is none.", LAYOUTS)
    return layout


async def _resolve(site: Site, item: _Item, language: str) -> Asked:
    """The question and the terms of an item. Raises BadParameter."""
    try:
        question = site.questions.get_question(item.slug)
    except UnknownQuestion as error:
        raise BadParameter(
            "item", f"“{item.slug[:80]}” is no saved question.", error.near, f"「{item.slug[:80]}」という質問はありません。"
        ) from error
    if question.form != "SELECT":
        raise BadParameter("item", f"“{item.slug}” answers with a graph, not a table.", ja="この質問の答えは表ではありません。")
    return question, await site.service.resolve(question, with_language(question, item.raw, language))


async def _file(site: Site, asked: list[Asked], wanted: tuple[Format, str, str], headers: dict[str, str]) -> Response:
    kind, layout, language = wanted
    if not asked and layout == "ministry":
        asked = [await _resolve(site, _Item(MINISTRIES, {}), language)]
    if not asked:
        raise BadParameter("item", "the basket is empty.", [_ADDRESS], "かごが空です。")
    report = await basket_report(site, asked, layout, language)
    told = word("ministries", language) if layout == "ministry" else report.title
    name = file_name(f"stratgraph-{'ministries' if layout == 'ministry' else 'answers'}", told, kind.suffix)
    return await respond_report(report, kind, {**headers, "Content-Disposition": f"attachment; {name}"})


async def _page(site: Site, items: list[_Item], language: str, headers: dict[str, str]) -> Response:
    shown = [await _shown(site, one, items, language) for one in items]
    broken = any(one.problem for one in shown)
    if broken:
        headers = {"Vary": VARY, "Cache-Control": "no-store", "Content-Language": language}
    page = site.pages.basket(language, BasketShown(shown, urlencode([("item", one.text) for one in items])))
    return Response(page, 422 if broken else 200, headers, "text/html")


async def _shown(site: Site, item: _Item, items: list[_Item], language: str) -> BasketItem:
    """An item as the page tells it: its question's name, what was asked, how many rows, or what is wrong with it."""
    rest = urlencode([("item", one.text) for one in items if one is not item])
    try:
        question, terms = await _resolve(site, item, language)
    except BadParameter as error:
        return BasketItem(item.text, item.slug, "", (), 0, rest, error)
    values = [term.value for one in terms.values() for term in one]
    labels = await site.labels([value for value in values if ":" in value])
    asked = [
        (one.label.get(language), [labels.get(term.value, {}).get(language, term.value) for term in terms[one.name]])
        for one in question.parameters
        if one.type != "language" and terms.get(one.name)
    ]
    count = await site.service.count(question, terms)
    return BasketItem(item.text, question.slug, question.name.get(language), asked, count, rest, None)
