"""`stratgraph export-site` on the product in miniature: whole, linked, typed, resumed, and never more than what the service says."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import httpx
import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from stratgraph.build import build
from stratgraph.cli import main
from stratgraph.errors import InputError
from stratgraph.formats import by_name, negotiate, offered
from stratgraph.questions import load_questions
from stratgraph.release import current_release
from stratgraph.settings import Layout, Settings
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.web import create_app, export, hosting
from stratgraph.web.export import MARK, Wanted, export_site
from stratgraph.web.language import choose_language
from stratgraph.web.relink import Exported

from ..conftest import PRODUCT

URL = "https://example.org/graph"
RETIRED = "<old> <http://purl.org/dc/terms/isReplacedBy> <measure/2099/1> .\n<older> <http://www.w3.org/2002/07/owl#deprecated> true .\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export by the command, without a service."""
    folder = tmp_path_factory.mktemp("export")
    done = _export(folder)
    assert done.exit_code == 0, done.stderr
    return folder / "site"


def _export(folder: Path) -> Result:
    return CliRunner().invoke(
        main, ["--root", str(PRODUCT), "--build-dir", f"{folder}/build", "export-site", f"{folder}/site", "--url", URL]
    )


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C interrupts, also where the tests run in the background of a shell, which has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Links(HTMLParser):
    """The addresses that a page names."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by the parser."""
        if tag != "link" or ("rel", "canonical") not in attrs:
            self.found += [value for name, value in attrs if name in ("href", "src", "action") and value]


def test_every_link_of_every_page_is_a_file(site: Path) -> None:
    """Relative links only, each to a file that is there; no page asks a server for anything."""
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 40
    for page in pages:
        for link in Links(page.read_text(encoding="utf-8")).found:
            address = unquote(link.partition("#")[0])
            assert not address.startswith("/"), (page, link)
            if not re.match(r"(https?|mailto):", address):
                assert not address or (page.parent / address).resolve().is_file(), (page, link)


def test_pages_are_in_both_languages_and_documents_in_every_format(site: Path) -> None:
    """A thing, the ontology, the dataset, a graph: two pages and six documents, which say the same."""
    for path in ("id/measure/2099/1", "ontology", "dataset", "graph/reference"):
        for language, suffix in (("ja", ".html"), ("en", ".en.html")):
            assert f'<html lang="{language}">' in (site / f"{path}{suffix}").read_text(encoding="utf-8"), path
        sizes = set()
        for one in offered("graph", "dataset"):
            parser = next(form for form in _ENGINE if form.file_extension == one.suffix[1:])
            sizes.add(len({quad.triple for quad in ox.parse(path=site / f"{path}{one.suffix}", format=parser)}))
        assert len(sizes) == 1, path
    assert (site / "dumps" / "SHA256SUMS").is_file()
    assert (site / ".well-known" / "void.ttl").is_file()


_ENGINE = (
    *(ox.RdfFormat.TURTLE, ox.RdfFormat.N_TRIPLES, ox.RdfFormat.JSON_LD),
    *(ox.RdfFormat.RDF_XML, ox.RdfFormat.TRIG, ox.RdfFormat.N_QUADS),
)


def test_a_server_learns_types_negotiation_and_what_is_there(site: Path) -> None:
    """Every suffix in use has its type for Apache and nginx; the sitemap names every page; robots and w3id lead to the site."""
    apache, nginx = ((site / name).read_text(encoding="utf-8") for name in (".htaccess", "nginx.conf"))
    suffixes = {one.suffix for one in site.rglob("*") if one.is_file() and one.name not in (MARK, ".htaccess", ".nojekyll", "nginx.conf")}
    for suffix in suffixes - {"", ".md"}:
        assert re.search(rf'^AddType "[^"]+" {re.escape(suffix)}$', apache, re.M), suffix
        assert re.search(rf"^ +\S+/\S+ {re.escape(suffix[1:])};$", nginx, re.M), suffix
    locations = [
        one.text or "" for one in ET.parse(site / "sitemap.xml").getroot().iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    ]
    listed = {unquote(one.removeprefix(f"{URL}/")) for one in locations}
    assert listed == {str(one.relative_to(site)) for one in site.rglob("*.html")}
    assert f"Sitemap: {URL}/sitemap.xml" in (site / "robots.txt").read_text()
    assert f"RewriteRule ^(.*)$ {URL}/$1 [R=307,L]" in (site / "w3id" / "stratgraph" / ".htaccess").read_text()
    assert hosting.w3id("https://w3id.org/stratgraph") == {}


ACCEPTED = (
    *("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/turtle", "TEXT/TURTLE", "application/json", "text/xml"),
    *(
        "text/html;q=0.2,text/turtle;q=0.9",
        "text/html; q=0.2 , application/ld+json ; q=0.9",
        "application/rdf+xml;q=0.9, text/turtle;q=0.5",
    ),
    *("text/turtle;charset=utf-8;q=0.4,application/rdf+xml;q=0.6", "application/trig;q=0.05", "text/html;q=0, application/n-triples;q=0.1"),
    "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,text/turtle;q=0.8,text/html;q=0.2,application/xhtml+xml;q=0.18",
)
SPOKEN = (
    "ja",
    "en",
    "en-US,en;q=0.9",
    "en, ja;q=0.5",
    "ja,en-US;q=0.9,en;q=0.8",
    "de,en;q=0.7,ja;q=0.3",
    "ja-JP",
    "en;q=0.4,ja;q=0.8",
    "EN",
)


def test_servers_of_files_weigh_as_the_service_does() -> None:
    """Patterns stand for q-values: what matches first is what the service would choose."""
    formats = offered("graph", "dataset", "page")
    for accept in ACCEPTED:
        assert by_name(_first(hosting.types_asked(formats), accept), formats) == negotiate(accept, formats), accept
    for accept in SPOKEN:
        assert _first(hosting.LANGUAGES_ASKED, accept) == choose_language(None, accept), accept


def _first(patterns: Sequence[str], header: str) -> str:
    return next(match[1].lower() for one in patterns if (match := re.search(one, header, re.I)))


@pytest.fixture
def nginx(site: Path, tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of an nginx that serves the export by its own configuration."""
    program = shutil.which("nginx")
    if program is None:
        pytest.skip("there is no nginx")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = (
        (site / "nginx.conf").read_text(encoding="utf-8").replace("/var/www/stratgraph", str(site)).replace("listen 80;", f"listen {port};")
    )
    folders = "".join(f"{one}_temp_path {tmp_path}/{one};" for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    told = f"daemon off; master_process off; pid {tmp_path}/pid; events {{}}\nhttp {{ access_log off; {folders}\n{own}\n}}"
    (tmp_path / "nginx.conf").write_text(told, encoding="utf-8")
    with subprocess.Popen([program, "-e", f"{tmp_path}/log", "-c", f"{tmp_path}/nginx.conf"], stderr=subprocess.DEVNULL) as server:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                _wait_for(port)
                yield client
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("nginx did not start")


def test_nginx_serves_types_formats_and_languages(nginx: httpx.Client) -> None:
    """A thing leads to the document asked for, kanji as they were asked for; files have their types; what is not there is 404."""
    formats = offered("graph", "dataset", "page")
    for accept in ACCEPTED:
        found = nginx.get("/id/measure/2099/1", headers={"Accept": accept, "Accept-Language": "ja"})
        assert (found.status_code, found.headers["location"]) == (303, f"/id/measure/2099/1{negotiate(accept, formats).suffix}"), accept
        assert found.headers["vary"] == "Accept, Accept-Language"
    for accept in SPOKEN:
        suffix = ".html" if choose_language(None, accept) == "ja" else ".en.html"
        found = nginx.get("/id/measure/2099/1", headers={"Accept": "text/html", "Accept-Language": accept})
        assert found.headers["location"] == f"/id/measure/2099/1{suffix}", accept
    for one in formats:
        assert nginx.get(f"/id/measure/2099/1{one.suffix}").headers["content-type"] == one.content_type
    assert '<html lang="en">' in nginx.get("/", headers={"Accept-Language": "en"}).text
    assert [nginx.get(path).status_code for path in ("/id/none", "/id", "/dumps", "/dumps/")] == [404, 404, 301, 200]


def test_files_hold_what_the_server_sends(site: Path) -> None:
    """A running server gives the same bytes for documents, whatever was asked for before; and the same pages, links aside."""
    release = current_release(site.parent / "build")
    assert release is not None

    async def compare() -> None:
        async with await EmbeddedStore.open(release.graph_file, Settings()) as store:
            app = create_app(Settings(), store, release, load_questions(Layout(PRODUCT).queries))
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://server.example") as client:
                for one in reversed(offered("graph", "dataset")):
                    for file in sorted((site / "id").rglob(f"*{one.suffix}")):
                        sent = await client.get(f"/{file.relative_to(site)}")
                        assert (sent.headers["content-type"], sent.content) == (one.content_type, file.read_bytes()), file
                for file in sorted((site / "id").rglob("*.html")):
                    path = str(file.relative_to(site)).replace(".en.html", ".html")
                    sent = await client.get(f"/{path}", params={"lang": "en" if ".en." in file.name else "ja"})
                    assert _without_links(sent.text) == _without_links(file.read_text(encoding="utf-8")), file

    asyncio.run(compare())


def _without_links(page: str) -> str:
    return re.sub(r' (href|src|action)="[^"]*"| hidden', "", page)


def test_the_same_export_again_is_there_already_unless_files_are_missing(site: Path) -> None:
    """Nothing is asked for nor written; a file that was lost comes back."""
    mark, page = site / MARK, site / "id/measure/2099/1.html"
    before = mark.stat().st_ino
    again = _export(site.parent)
    assert (again.exit_code, mark.stat().st_ino) == (0, before)
    assert "already" in again.stderr
    content = page.read_bytes()
    page.unlink()
    assert _export(site.parent).exit_code == 0
    assert page.read_bytes() == content
    assert mark.stat().st_ino != before


def test_a_full_disk_leaves_the_old_site(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One message that says what to do, exit code 2; the same command then goes on."""
    (site / "robots.txt").unlink()  # else there is nothing to do
    real = export._write

    def write(path: Path, content: bytes) -> None:
        if path.name == "index.en.html":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(path, content)

    monkeypatch.setattr(export, "_write", write)
    failed = _export(site.parent)
    assert (failed.exit_code, "No space left on device" in failed.stderr, "Traceback" in failed.stderr) == (2, True, False)
    assert (site / "index.en.html").is_file()
    monkeypatch.undo()
    assert _export(site.parent).exit_code == 0
    assert (site / "robots.txt").is_file()


@pytest.mark.usefixtures("interruptible")
def test_a_broken_off_export_goes_on_and_replaces_the_old_one_whole(
    product: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until all is there the old site stands; what is written already is not asked for again; retired IRIs are told to the server."""
    path = product.root / "data/ttl/reference/bodies.ttl"
    path.write_text(path.read_text(encoding="utf-8") + RETIRED, encoding="utf-8")
    release = build(product, tmp_path / "build", lambda _: None).release
    wanted = Wanted(tmp_path / "site", service="https://service.example", formats=(by_name("turtle", offered("graph")),))
    settings = replace(Settings(), workers=1)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / MARK).write_text("an older export")
    asked: list[str] = []
    real = export.ask

    async def ask(app: object, address: str, language: str | None) -> tuple[int, bytes]:
        asked.append(address)
        if len(asked) == 50:
            signal.raise_signal(signal.SIGINT)
            await asyncio.sleep(60)
        return await real(app, address, language)  # type: ignore[arg-type]

    monkeypatch.setattr(export, "ask", ask)
    with pytest.raises(KeyboardInterrupt):
        export_site(product, release, settings, wanted, lambda _: None)
    assert (tmp_path / "site" / MARK).read_text() == "an older export"
    first = len(asked)
    export_site(product, release, settings, wanted, lambda _: None)
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(asked) - first < len(pages) + len(list((tmp_path / "site").rglob("*.ttl"))) - 30
    assert sorted(one.name for one in tmp_path.iterdir() if one.name.startswith(".")) == []
    apache = (tmp_path / "site" / ".htaccess").read_text(encoding="utf-8")
    assert "RewriteRule ^id/older(\\.[a-z]+)?$ - [G,L]" in apache
    assert "RewriteRule ^id/old(\\.[a-z]+)?$ https://w3id.org/stratgraph/id/measure/2099/1 [R=301,L]" in apache
    assert not (tmp_path / "site/id/older.html").exists()
    assert 'href="https://service.example/sparql?lang=ja"' in (tmp_path / "site/index.html").read_text(encoding="utf-8")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    with pytest.raises(InputError, match="no export"):
        export_site(product, release, settings, replace(wanted, folder=tmp_path / "other"), lambda _: None)
    with pytest.raises(InputError, match="no address"):
        export_site(product, release, settings, replace(wanted, url="example.org"), lambda _: None)


def test_links_in_pages_lead_to_files() -> None:
    """Relative, in the page's language unless they name one, with fragments, kanji encoded; the rest is the service's or no link."""
    exported = Exported(["/", "/id/機関", "/dumps/"], {"/id/機関.ttl": "id/機関.ttl", "/releases?format=json": "releases.json"})
    page = '<a href="/id/%E6%A9%9F%E9%96%A2?lang=en#x">1</a><a href="/dumps/">2</a><a class="c" href="/why?s=1&amp;lang=ja">3</a>'
    page += '<form method="get" action="/search"><link rel="alternate" href="/id/機関.ttl"><a href="/releases?format=json">4</a>'
    told = exported.relink(page, "/id/x/y", "ja")
    assert told == (
        '<a href="../%E6%A9%9F%E9%96%A2.en.html#x">1</a><a href="../../dumps/index.html">2</a><a class="c">3</a>'
        '<form method="get" hidden><link rel="alternate" href="../%E6%A9%9F%E9%96%A2.ttl"><a href="../../releases.json">4</a>'
    )
    served = Exported(["/"], {}, "https://s.example/").relink(page, "/", "ja")
    assert 'href="https://s.example/why?s=1&amp;lang=ja"' in served
    assert 'action="https://s.example/search"' in served
