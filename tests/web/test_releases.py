"""Kept releases over HTTP: the feed, queries over old ones, what changed; and the mirror script of the documentation, over ten nights."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from rdflib import Graph

from stratgraph.archive import keep_release, read_archive
from stratgraph.build import build
from stratgraph.changes import apply_patch, read_patch
from stratgraph.errors import StoreUnavailable
from stratgraph.questions import load_questions
from stratgraph.release import Release, fingerprint_of
from stratgraph.settings import Layout, Settings
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.web.limits import Clients
from stratgraph.web.old import OldReleases
from stratgraph.web.site import make_site

from ..conftest import PRODUCT, ROOT
from .conftest import Server, run

MEASURES = "data/ttl/document/2099-sample/measures.ttl"
COUNT = "PREFIX sg: <https://w3id.org/stratgraph/ontology#> SELECT (COUNT(?m) AS ?n) { ?m a sg:Measure }"
NIGHTS = 10


@dataclass(frozen=True)
class Nights:
    """Releases of as many nights, the product they were made from, and the archive that the server serves."""

    releases: tuple[Release, ...]
    layout: Layout
    archive: Path
    server: Server

    def publish(self, night: int) -> None:
        """Keep a night's release."""
        keep_release(self.archive, self.releases[night], f"2026-01-{night + 1:02}T00:00:00Z")


def another_measure(layout: Layout, number: int) -> None:
    """Add a measure to the product, and give the one before another label."""
    path = layout.root / MEASURES
    text = path.read_text(encoding="utf-8").replace(f'"第{number - 1}"', f'"改{number - 1}"')
    path.write_text(
        f'{text}\n<measure/2099/{number}> a sg:Measure ;\n  skos:prefLabel "第{number}"@ja , "No. {number}"@en .\n', encoding="utf-8"
    )


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    """Ten builds, of which the first three are published when the server starts; it serves the last."""
    folder = tmp_path_factory.mktemp("nights")
    shutil.copytree(PRODUCT, folder / "product")
    layout, archive, lines = Layout(folder / "product"), folder / "archive", list[str]()
    releases = []
    for night in range(NIGHTS):
        another_measure(layout, night + 2)
        releases.append(build(layout, folder / f"build-{night}", lines.append).release)
    for night in range(3):
        keep_release(archive, releases[night], f"2026-01-{night + 1:02}T00:00:00Z")
    settings = replace(Settings(), client_queries=0, workers=1, releases=str(archive))
    for server in run(releases[-1], layout, settings):
        yield Nights(tuple(releases), layout, archive, server)


@pytest.fixture
def client(nights: Nights) -> Iterator[httpx.Client]:
    """A client of that server."""
    with httpx.Client(base_url=nights.server.base, timeout=30, headers={"Accept": "*/*"}) as found:
        yield found


def test_the_feed_says_the_same_in_every_form(client: httpx.Client, nights: Nights) -> None:
    """JSON, Atom and page list the releases, newest first; an ETag each, and 304 while nothing is published."""
    told = client.get("/releases").json()["releases"]
    assert [one["id"] for one in told] == [one.id for one in reversed(nights.releases[:3])]
    assert told[0]["patch"] == {"from": told[1]["id"], "href": f"/releases/{told[1]['id']}/diff/{told[0]['id']}?format=patch"}
    atom = client.get("/releases", headers={"Accept": "application/atom+xml"})
    feed = ET.fromstring(atom.content)
    name = "{http://www.w3.org/2005/Atom}"
    assert [one.findtext(f"{name}title") for one in feed.iter(f"{name}entry")] == [f"Release {one['id']}" for one in told]
    assert atom.headers["content-type"] == "application/atom+xml"
    for language in ("ja", "en"):
        page = client.get("/releases", params={"lang": language}, headers={"Accept": "text/html"})
        assert all(one["id"] in page.text for one in told)
    for form in ("json", "atom", "html"):
        first = client.get("/releases", params={"format": form})
        again = client.get("/releases", params={"format": form}, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), form


def test_an_old_release_answers_as_it_did(client: httpx.Client, nights: Nights) -> None:
    """Each release counts its own measures, whichever was asked before, by GET and POST; what it does not know is 404 or 400."""
    for number in (0, 2, 0, 9):
        path = f"/releases/{nights.releases[number].id}/sparql"
        for answer in (client.get(path, params={"query": COUNT}), client.post(path, data={"query": COUNT})):
            assert answer.json()["results"]["bindings"][0]["n"]["value"] == str(3 + number + 1)
            assert answer.headers["stratgraph-release"] == nights.releases[number].id
    path = f"/releases/{nights.releases[0].id}/sparql"
    assert client.get(path, params={"query": "nonsense"}).status_code == 400
    page = client.get(path, params={"query": COUNT}, headers={"Accept": "text/html"}).text
    assert f'action="{path}"' in page
    assert "<td>4</td>" in page
    # The description of the service is that release's, with the limits of the server that answers.
    told = Graph().parse(data=client.get(path, headers={"Accept": "text/turtle"}).text, format="turtle")
    kept = Graph().parse(nights.releases[0].dumps / "stratgraph-metadata.ttl", format="turtle")
    assert set(kept) <= set(told)
    assert {str(subject) for subject, _, _ in set(told) - set(kept)} == {"https://w3id.org/stratgraph/sparql#service"}
    for identifier in ("0" * 16, "patches", "releases.json", "%2e%2e", nights.releases[5].id):
        assert client.get(f"/releases/{identifier}/sparql", params={"query": COUNT}).status_code == 404


def test_a_saved_question_is_asked_of_an_old_release(client: httpx.Client, nights: Nights) -> None:
    """Today's question over an old release: its own answer, told with its identifier; pages are for the current release."""
    old, new = nights.releases[0], nights.releases[2]
    path = "questions/parts-of-a-measure.json"
    for release in (old, new):
        told = client.get(f"/releases/{release.id}/{path}", params={"measure": "measure/2099/1"})
        assert (told.status_code, told.json()["release"], told.headers["stratgraph-release"]) == (200, release.id, release.id)
        rows = client.get(f"/releases/{release.id}/{path.replace('json', 'csv')}", params={"measure": "measure/2099/1"})
        assert rows.headers["content-type"].startswith("text/csv")
    address = f"/releases/{old.id}/questions/parts-of-a-measure"
    assert client.get(address, headers={"Accept": "text/html"}).status_code == 406
    assert client.get(f"/releases/{old.id}/questions/nothing").status_code == 404
    assert client.get(f"/releases/{'0' * 16}/{path}").status_code == 404


def test_an_old_release_has_its_page_metadata_and_downloads(client: httpx.Client, nights: Nights) -> None:
    """What it was, byte for byte."""
    old = nights.releases[1]
    facts = client.get(f"/releases/{old.id}").json()
    assert (facts["id"], facts["fingerprint"], facts["triples"]) == (old.id, old.fingerprint, dict(old.triples))
    name = "stratgraph-full.ttl"
    assert client.get(f"/releases/{old.id}/dumps/{name}").content == (old.dumps / name).read_bytes()
    turtle = client.get(f"/releases/{old.id}", headers={"Accept": "text/turtle"})
    assert turtle.content == (old.dumps / "stratgraph-metadata.ttl").read_bytes()
    for language in ("ja", "en"):
        assert old.fingerprint in client.get(f"/releases/{old.id}", params={"lang": language, "format": "html"}).text


def test_what_changed_is_told_in_people_s_terms_and_as_a_patch(client: httpx.Client, nights: Nights) -> None:
    """From one release to another, either way and over several nights: names in both languages, and statements that fit."""
    first, last = nights.releases[0], nights.releases[2]
    path = f"/releases/{first.id}/diff/{last.id}"
    told = client.get(path).json()["told"]
    assert {one["names"]["ja"] for one in told if one["how"] == "added"} == {"改3", "第4"}
    (changed,) = (one for one in told if one["how"] == "changed" and one["property"].endswith("prefLabel"))
    assert (changed["before"], changed["after"]) == ([{"ja": "第2"}], [{"ja": "改2"}])
    japanese, english = (client.get(path, params={"lang": one, "format": "html"}).text for one in ("ja", "en"))
    assert "<del>第2</del>" in japanese
    assert "No. 4" in english
    patch = read_patch(client.get(path, params={"format": "patch"}).content)
    content = (first.dumps / "stratgraph-full.nq").read_bytes()
    assert fingerprint_of(apply_patch(content, patch)) == last.fingerprint
    back = read_patch(client.get(f"/releases/{last.id}/diff/{first.id}", headers={"Accept": "application/rdf-patch"}).content)
    assert (back.additions, back.deletions) == (patch.deletions, patch.additions)
    assert client.get(f"/releases/{first.id}/diff/nothing").status_code == 404


def test_releases_are_opened_on_demand_few_at_a_time_and_closed_when_idle(nights: Nights) -> None:
    """One place: the next release takes it from one that is not in use, never from one that is; it is free after a while."""

    async def scenario() -> None:
        settings, current, saved = replace(Settings(), workers=1), nights.releases[-1], load_questions(nights.layout.queries)
        async with await EmbeddedStore.open(current.graph_file, settings) as store:
            site = make_site(settings, store, current, saved, Clients(0, ""))
            old = OldReleases(nights.archive, 1, idle=0.3)
            one, two = (old.find(release.id, current) for release in nights.releases[:2])
            with (await old.site(one, site)).held():
                with pytest.raises(StoreUnavailable, match="No more than 1"):
                    await old.site(two, site)
                await asyncio.sleep(0.8)
                assert list(old.opened) == [one.id]
            await old.site(two, site)
            assert list(old.opened) == [two.id]
            await asyncio.sleep(1.0)
            assert not old.opened
            await old.site(one, site)
            await old.close()
            assert not old.opened

    asyncio.run(scenario())


def test_the_mirror_of_the_documentation_stays_in_step_over_ten_nights(nights: Nights, tmp_path: Path) -> None:
    """docs/mirror.py, run on some nights only: its copy is the release; on a quiet night it writes nothing."""
    copy = tmp_path / "copy.nq"

    def mirror() -> None:
        subprocess.run([sys.executable, ROOT / "docs" / "mirror.py", nights.server.base, copy], check=True)
        assert fingerprint_of(copy.read_bytes()) == read_archive(nights.archive)[-1].fingerprint

    for night in range(NIGHTS):
        nights.publish(night) if night > 2 else None
        if night in (2, 3, 6, 9):
            mirror()
            assert json.loads(copy.with_suffix(".json").read_text())["id"] == nights.releases[night].id
            written = copy.stat().st_mtime_ns
            mirror()
            assert copy.stat().st_mtime_ns == written
    whole = (nights.releases[-1].dumps / "stratgraph-full.nq").read_bytes()
    assert copy.read_bytes() == b"".join(sorted(whole.splitlines(keepends=True)))
    script = (ROOT / "docs" / "mirror.py").read_text(encoding="utf-8").splitlines()
    assert len([line for line in script if line and not line.startswith(("import", '"""'))]) <= 30
