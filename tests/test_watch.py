"""Watching: a save is answered with its findings, and a running server takes over the build that follows."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue

import httpx
import pytest

from stratgraph.build import build
from stratgraph.cli.watching import saves
from stratgraph.settings import Layout

PRODUCT = Path(__file__).parent / "cases" / "product"
MEASURES = "data/ttl/document/2099-sample/measures.ttl"
BROKEN = "\n<measure/2099/2> a sg:Measure .\n"
MORE = '\n<measure/2099/2> a sg:Measure ;\n  skos:prefLabel "二"@ja , "Two"@en .\n'
# Where the tests run in the background of a shell, Ctrl-C is ignored, which a process hands down.
START = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from stratgraph.cli import main; main()"
COUNT = "PREFIX sg: <https://w3id.org/stratgraph/ontology#> SELECT (COUNT(?m) AS ?n) { ?m a sg:Measure }"


@pytest.fixture
def product(tmp_path: Path) -> Layout:
    """A copy of the product in miniature, free to be changed."""
    shutil.copytree(PRODUCT, tmp_path / "product")
    return Layout(tmp_path / "product")


@contextmanager
def running(product: Layout, *arguments: str) -> Iterator[Queue[str]]:
    """A command in a process of its own, and the lines it prints; interrupted at the end, as by Ctrl-C."""
    command = [sys.executable, "-u", "-c", START, "--root", str(product.root), *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STRATGRAPH_")}
    environment["STRATGRAPH_CLIENT_QUERIES"] = "0"
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment) as process:
        lines: Queue[str] = Queue()
        assert process.stdout is not None
        reader = threading.Thread(target=_pass_on, args=(process.stdout, lines))
        reader.start()
        try:
            yield lines
        finally:
            process.send_signal(signal.SIGINT)
            reader.join(30)


def _pass_on(printed: Iterable[str], lines: Queue[str]) -> None:
    for line in printed:
        lines.put(line)


def wait_for(lines: Queue[str], part: str, seconds: float) -> str:
    """The first line with this in it. Fails, with all that was printed, where it does not come in time."""
    return read_until(lines, part, seconds).rpartition("\n")[2]


def read_until(lines: Queue[str], part: str, seconds: float) -> str:
    """All lines up to the first with this in it. Fails, with all that was printed, where it does not come in time."""
    deadline, seen = time.monotonic() + seconds, ""
    while part not in seen.rpartition("\n")[2]:
        try:
            seen += "\n" + lines.get(timeout=max(0.01, deadline - time.monotonic())).rstrip()
        except Empty:
            pytest.fail(f"no “{part}” within {seconds} s; there was:{seen}")
    return seen


def append(product: Layout, text: str) -> None:
    """Save the measures with something more."""
    path = product.root / MEASURES
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


# Seconds, ten times what is measured (docs/benchmarks.md): a watch that lives answers by then, however busy the machine.
MINIATURE, REAL = 4, 20


def test_a_save_gives_its_findings_in_time(product: Layout) -> None:
    """The finding names the line that was just written; mended, it is gone; Turtle that is none does not end the watch."""
    with running(product, "watch") as lines:
        wait_for(lines, "Ctrl-C stops", 60)
        good = (product.root / MEASURES).read_text(encoding="utf-8")
        append(product, BROKEN)
        wait_for(lines, f"{MEASURES}:18: violation", MINIATURE)
        append(product, "\nnonsense")
        wait_for(lines, "Mend the Turtle", MINIATURE)
        (product.root / MEASURES).write_text(good, encoding="utf-8")
        wait_for(lines, "no findings", MINIATURE)


def test_a_save_of_the_real_data_gives_its_findings_in_time(tmp_path: Path) -> None:
    """The largest file of anchors, with one more line; then as it was."""
    root = Path(__file__).parent.parent
    for part in ("ontology", "shapes", "data", "queries"):
        shutil.copytree(root / part, tmp_path / part)
    path = max(tmp_path.rglob("anchors.ttl"), key=lambda one: one.stat().st_size)
    good = path.read_text(encoding="utf-8")
    with running(Layout(tmp_path), "watch") as lines:
        wait_for(lines, "Ctrl-C stops", 60)
        path.write_text(good + "\n<measure/2099/1> <https://w3id.org/stratgraph/ontology#ordnal> 1 .\n", encoding="utf-8")
        wait_for(lines, f"{path.relative_to(tmp_path)}:{good.count(chr(10)) + 2}: violation", REAL)
        wait_for(lines, "Validated in", REAL)
        path.write_text(good, encoding="utf-8")
        assert ": violation" not in read_until(lines, "Validated in", REAL)


def test_saves_tells_what_was_written_made_and_deleted(product: Layout) -> None:
    """One look for all files that changed since the last; a look without changes gives nothing."""
    new, old = product.shapes / "asserted" / "new.ttl", product.root / MEASURES

    def write() -> None:
        new.write_text("", encoding="utf-8")
        append(product, "\n")

    steps: list[Callable[[], None]] = [lambda: None, write, lambda: None, new.unlink]

    def pause() -> None:
        steps.pop(0)()

    found = saves(product, pause)
    assert next(found) == sorted([new, old])
    assert len(steps) == 2
    assert next(found) == [new]


def test_a_new_build_is_taken_over_without_dropping_a_request(product: Layout) -> None:
    """Four clients ask without pause while two builds replace the one that is served: every answer is whole, and in the end new."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told: list[str] = []
    build(product, product.root / "build", told.append)
    with running(product, "serve", "--watch", "--port", str(port)) as lines:
        wait_for(lines, "Ctrl-C stops", 60)
        base = f"http://127.0.0.1:{port}"
        until(lambda: httpx.get(base).status_code == 200)
        with clients(base) as answers:
            for text, measures in ((MORE, "4"), (MORE.replace("2099/2", "2099/3"), "5")):
                append(product, text)
                release = build(product, product.root / "build", told.append).release
                wait_for(lines, f"Serving release {release.id} now", 30)
                told_by = httpx.get(f"{base}/sparql", params={"query": COUNT}, headers={"Accept": "text/csv"})
                assert told_by.text.split() == ["n", measures]
                assert told_by.headers["StratGraph-Release"] == release.id
    assert len(answers) > 50
    assert [one for one in answers if not one.startswith("200")] == []
    assert {number for one in answers for number in re.findall(r"n (\d)$", one)} == {"3", "4", "5"}


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; a refused connection is a no."""
    deadline = time.monotonic() + 60
    while True:
        try:
            if holds():
                return
        except httpx.TransportError:
            assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.05)


@contextmanager
def clients(base: str) -> Iterator[list[str]]:
    """Four clients that ask without pause; status and, of queries, the answer, or the failure's name."""
    answers: list[str] = []
    stop = threading.Event()

    def ask(path: str) -> None:
        with httpx.Client(
            base_url=base, timeout=30, follow_redirects=True, headers={"Accept": "text/csv" if "sparql" in path else "*/*"}
        ) as client:
            while not stop.is_set():
                try:
                    given = client.get(path, params={"query": f"{COUNT} # {len(answers)}"} if "sparql" in path else None)
                    answers.append(f"{given.status_code} {' '.join(given.text.split()) if 'sparql' in path else ''}")
                except httpx.HTTPError as error:
                    answers.append(repr(error))

    threads = [threading.Thread(target=ask, args=(path,)) for path in ("/", "/sparql", "/sparql", "/id/measure/2099/1")]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
