"""The service as files: every page in both languages, every document, every download. Imports `create_app` and the embedded store.

The application itself is asked, in this process, for each address; nothing is rendered a second time. Files are written beside the
target and put in its place when all are there, so that a site is whole or absent; an export that was broken off goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from fastapi import FastAPI
from starlette.types import Message

from stratgraph.archive import read_archive
from stratgraph.dumps import SUMS
from stratgraph.errors import InputError, StoreUnavailable
from stratgraph.formats import Format, offered
from stratgraph.questions import load_questions
from stratgraph.release import Release
from stratgraph.settings import Layout, Settings
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.store.results import select
from stratgraph.vocab import BASE, PROOFS_GRAPH
from stratgraph.web import hosting
from stratgraph.web.app import create_app
from stratgraph.web.dumps import list_downloads
from stratgraph.web.relink import LANGUAGES, Exported, page_file
from stratgraph.web.resources import retired

MARK: Final = ".stratgraph-export.json"
TOLD_EACH: Final = 1000
_AT_ONCE: Final = 4
_PATIENCE: Final = 300.0  # seconds; the largest graph takes some
_PAGES: Final = ("/", "/questions", "/ontology", "/function", "/shapes", "/catalog", "/dumps/", "/releases", "/corrections", "/api")
_DOCUMENTS: Final = ("/ontology", "/function", "/shapes", "/catalog", "/.well-known/void", "/dataset")
_FILES: Final = {
    "/context.jsonld": "context.jsonld",
    "/openapi.json": "openapi.json",
    "/static/style.css": "static/style.css",
    "/static/answers.js": "static/answers.js",
    "/static/icon.svg": "static/icon.svg",
    "/releases?format=json": "releases.json",
    "/releases?format=atom": "releases.atom",
}
_SUBJECTS: Final = f'SELECT DISTINCT ?iri {{ ?iri ?p ?o FILTER (ISIRI(?iri) && STRSTARTS(STR(?iri), "{BASE}")) }}'
_RETIRED: Final = """
SELECT DISTINCT ?iri { { ?iri <http://www.w3.org/2002/07/owl#deprecated> true } UNION { ?iri <http://purl.org/dc/terms/isReplacedBy> ?o } }
"""
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """An export: its folder, the address it will have (for sitemap and w3id), the service that answers queries ("": none), RDF formats."""

    folder: Path
    url: str = BASE.rstrip("/")
    service: str = ""
    formats: tuple[Format, ...] = field(default_factory=lambda: offered("graph", "dataset"))


@dataclass(frozen=True)
class Task:
    """One file to write: the address that gives it, and for a page its language."""

    file: str
    address: str
    language: str | None = None


@dataclass(frozen=True)
class Written:
    """An export that is done: how many files it has; `unchanged`: they were all there."""

    files: int
    unchanged: bool = False


def export_site(layout: Layout, release: Release, settings: Settings, wanted: Wanted, tell: Tell) -> Written:
    """Write a release as a site. Progress is told every thousand files. A folder that holds this very export already is left as it is.

    Raises InputError for a folder that holds something else, for an address that is none, and where the disk refuses.
    """
    for address in filter(None, (wanted.url, wanted.service)):
        if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).netloc:
            raise InputError(f"“{address}” is no address. Give one such as https://example.org/stratgraph.")
    told = _told(release, settings, wanted)
    try:
        before = _read_mark(wanted.folder)
        if before is None and wanted.folder.exists() and any(wanted.folder.iterdir()):
            raise InputError(f"{wanted.folder} holds something that is no export. Name another folder, or empty it.")
        if before == {**told, "files": _count_files(wanted.folder)}:
            return Written(before["files"], unchanged=True)
        staging = _staging(wanted, told)
        asyncio.run(_export(layout, release, settings, replace(wanted, folder=staging), tell))
        count = _count_files(staging)
        _write(staging / MARK, json.dumps({**told, "files": count}).encode())
        _install(staging, wanted.folder)
    except OSError as error:
        raise InputError(
            f"The site could not be written to {wanted.folder}: {error.strerror or error}. What was there is as it was; "
            "make room or name another folder, and the same command goes on from here."
        ) from error
    return Written(count)


def _told(release: Release, settings: Settings, wanted: Wanted) -> dict[str, Any]:
    """All that the bytes of an export depend on."""
    package = Path(__file__).parent
    digest = hashlib.sha256(repr(settings).encode())
    for path in sorted(
        one for one in package.rglob("*") if one.is_file() and one.suffix not in (".py", ".pyc")
    ):  # code is in the release's id
        digest.update(path.name.encode() + path.read_bytes())
    kept = read_archive(Path(settings.releases)) if settings.releases else ()
    digest.update(repr(kept).encode())
    formats = [one.name for one in wanted.formats]
    return {"release": release.id, "url": wanted.url, "service": wanted.service, "formats": formats, "made_by": digest.hexdigest()}


def _read_mark(folder: Path) -> dict[str, Any] | None:
    """What an export tells of itself; None where the folder holds none."""
    mark = folder / MARK
    if not mark.is_file():
        return None
    try:
        told = json.loads(mark.read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _count_files(folder: Path) -> int:
    return sum(len(files) for _, _, files in os.walk(folder))


def _staging(wanted: Wanted, told: Mapping[str, Any]) -> Path:
    """The folder beside the target: what is there of the same export already is kept."""
    folder = wanted.folder.absolute()
    staging = folder.with_name(f".{folder.name}.part")
    if _read_mark(staging) != told:
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        (staging / MARK).write_text(json.dumps(told), encoding="utf-8")
    return staging


def _install(staging: Path, folder: Path) -> None:
    old = folder.absolute().with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    staging.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


async def _export(layout: Layout, release: Release, settings: Settings, wanted: Wanted, tell: Tell) -> None:
    # Only our own queries are asked, so a worker need not be replaced: a fresh one is slow until it has read the graph once.
    quiet = replace(settings, client_queries=0, kept_bytes=0, worker_queries=sys.maxsize)
    async with await EmbeddedStore.open(release.graph_file, quiet) as store:
        app = create_app(quiet, store, release, load_questions(layout.queries))
        plan = await _plan(app, wanted)
        await _write_all(_Writer(app, wanted, plan), plan, tell)
    _copy_downloads(release, wanted.folder)
    pages = sorted(page_file(path, language) for path in plan.exported.pages for language in LANGUAGES)
    types = {Path(one.name).suffix: one.media_type for one in list_downloads(release)}
    texts = {
        ".htaccess": hosting.htaccess((*wanted.formats, *offered("page")), plan.gone, types),
        "nginx.conf": hosting.nginx((*wanted.formats, *offered("page")), plan.gone, types),
        "robots.txt": hosting.robots(wanted.url),
        ".nojekyll": "",
        **hosting.sitemaps(wanted.url, pages),
        **hosting.w3id(wanted.url),
    }
    for name, text in texts.items():
        _write(wanted.folder / name, text.encode())


@dataclass(frozen=True)
class _Plan:
    """All files to write, those of one thing together, what links may lead to, and retired paths with what stands for them now."""

    groups: Sequence[Sequence[Task]]
    exported: Exported
    gone: hosting.Gone


async def _plan(app: FastAPI, wanted: Wanted) -> _Plan:
    site = app.state.site
    _, rows = await select(site.store, _SUBJECTS, timeout=site.settings.query_timeout)
    things = sorted({"/" + row["iri"].value.removeprefix(BASE).partition("#")[0] for row in rows})
    things = [path for path in things if path.startswith(("/id/", "/vocab/"))]
    gone: dict[str, str | None] = {}
    _, rows = await select(site.store, _RETIRED, timeout=site.settings.query_timeout)
    for path in sorted({"/" + row["iri"].value.removeprefix(BASE) for row in rows} & set(things)):
        successors = retired(await site.describe(BASE + path[1:]))
        if successors is not None:
            moved = successors[0] if len(successors) == 1 and successors[0].startswith(BASE) else None
            gone[path] = f"{wanted.url}/{quote(moved.removeprefix(BASE))}" if moved else None
    graphs = ["/" + iri.removeprefix(BASE) for iri in site.store.graph_names() if iri.startswith(BASE)]
    documents = [*_DOCUMENTS, *(path for path in things if path not in gone), *(one for one in graphs if BASE + one[1:] != PROOFS_GRAPH)]
    versions = [one.object.value for one in (await site.describe(f"{BASE}ontology")).outgoing if one.predicate.endswith("#versionIRI")]
    documents += ["/" + one.removeprefix(BASE) for one in versions if one.startswith(f"{BASE}ontology/")]
    questions = [f"/questions/{slug}" for slug in site.questions]
    described = [f"/questions/{slug}" for slug, question in site.questions.items() if question.form == "SELECT"]
    releases = [f"/releases/{one.id}" for one in app.state.old_releases.listed()] or [f"/releases/{site.release.id}"]
    pages = [*dict.fromkeys([*_PAGES, *questions, *releases, *graphs, *(one for one in documents if one != "/.well-known/void")])]
    files = {f"{path}{one.suffix}": f"{path[1:]}{one.suffix}" for path in (*documents, *described) for one in wanted.formats}
    files |= _FILES
    groups: dict[str, list[Task]] = {}
    for path in pages:
        groups.setdefault(path, []).extend(Task(page_file(path, language), path, language) for language in LANGUAGES)
    for address, file in files.items():
        groups.setdefault(os.path.splitext(address)[0], []).append(Task(file, address))  # noqa: PTH122 (no path)
    downloads = [*(one.name for one in list_downloads(site.release)), SUMS]
    copied = {f"{start}/dumps/{name}": f"dumps/{name}" for name in downloads for start in ("", f"/releases/{site.release.id}")}
    return _Plan(list(groups.values()), Exported(pages, {**files, **copied}, wanted.service), gone)


class _Writer:
    """Asks the application for files and writes them."""

    def __init__(self, app: FastAPI, wanted: Wanted, plan: _Plan) -> None:
        self.app, self.folder, self.exported = app, wanted.folder, plan.exported

    async def write(self, task: Task) -> None:
        """Write a file, unless it is there from before. Raises StoreUnavailable where the application does not give it."""
        path = self.folder / task.file
        if path.is_file():
            return
        try:
            async with asyncio.timeout(_PATIENCE):
                status, body = await ask(self.app, task.address, task.language)
        except TimeoutError:
            raise StoreUnavailable(
                f"{task.address} did not come in {_PATIENCE:g} s; call again, and the export goes on from here.", 1
            ) from None
        if status != 200:
            raise StoreUnavailable(f"{task.address} gave status {status}; the export goes on from here when it is called again.", 1)
        if task.language:
            body = self.exported.relink(body.decode(), task.address, task.language).encode()
        _write(path, body)  # here: a thread takes longer


async def _write_all(writer: _Writer, plan: _Plan, tell: Tell) -> None:
    done, total = 0, sum(map(len, plan.groups))
    todo = iter(plan.groups)

    async def work() -> None:
        nonlocal done
        for group in todo:
            for task in group:  # one after the other: what the first needs of the store, the others find ready
                await writer.write(task)
                done += 1
                if done % TOLD_EACH == 0:
                    tell(f"{done} of {total} files")

    workers = [asyncio.ensure_future(work()) for _ in range(_AT_ONCE)]
    try:
        await asyncio.gather(*workers)
    finally:
        for one in workers:
            one.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


async def ask(app: FastAPI, address: str, language: str | None) -> tuple[int, bytes]:
    """Status and body of a GET to the application: a page in a language, or whatever the address names."""
    parts = urlsplit(address)
    accept = b"text/html" if language else b"*/*"
    headers = [(b"host", b"localhost"), (b"accept", accept), (b"accept-language", (language or "ja").encode())]
    query = parts.query + ("&" if parts.query else "") + (f"lang={language}&format=html" if language else "")
    path = parts.path + (".html" if language and _is_document(parts.path) else "")
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
    }
    scope |= {"raw_path": quote(path).encode(), "query_string": query.encode(), "root_path": "", "headers": headers}
    scope |= {"server": ("localhost", 80), "client": ("127.0.0.1", 1), "state": {}}
    status, body, ended = 0, bytearray(), asyncio.Event()

    first = True

    async def receive() -> Message:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": b"", "more_body": False}
        await ended.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        body.extend(message.get("body", b""))

    try:
        await app(scope, receive, send)
    finally:
        ended.set()
    return status, bytes(body)


def _is_document(path: str) -> bool:
    return path.startswith(("/id/", "/vocab/", "/graph/", "/ontology/")) or path in _DOCUMENTS


def _copy_downloads(release: Release, folder: Path) -> None:
    names: Iterable[str] = [*(one.name for one in list_downloads(release)), SUMS]
    for name in names:
        target = folder / "dumps" / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            fresh = target.with_name(f".{target.name}.new")
            fresh.unlink(missing_ok=True)
            try:
                os.link(release.dumps / name, fresh)
            except OSError:  # another disk
                shutil.copyfile(release.dumps / name, fresh)
            fresh.replace(target)


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_bytes(content)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(content)
    fresh.replace(path)
