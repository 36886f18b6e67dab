"""The pipeline: load → validate → infer → validate → publish.

May import every stage. Each stage is a function from values to a frozen value; only `publish` writes, into a temporary
folder that is renamed when it is whole, so a build that fails or is stopped leaves the last good one as it was.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from stratgraph import RELEASE_DATE, __version__
from stratgraph.describe import DescribedQuestion, describe_release
from stratgraph.errors import NotConforming, SourceError
from stratgraph.evidence import SpanCheck, check_spans, find_source_texts, wanted_texts
from stratgraph.infer import infer, load_rules
from stratgraph.load import Sources, load_product
from stratgraph.places import Place, Triple
from stratgraph.questions import load_questions
from stratgraph.release import (
    Release,
    build_lock,
    built_from,
    current_release,
    install,
    level_graphs,
    to_nquads,
    write_dumps,
    write_release,
)
from stratgraph.settings import Layout
from stratgraph.validate import Finding, Report, load_shapes, validate
from stratgraph.vocab import INFERRED_GRAPH, METADATA_GRAPH

Progress = Callable[[str], None]
_ENGINES = ("rdflib", "owlrl", "pyshacl", "pyoxigraph")


@dataclass(frozen=True)
class BuildResult:
    """What a build gave: the release, whether it was already there, and seconds per stage (empty where it was)."""

    release: Release
    unchanged: bool
    seconds: Mapping[str, float]


def build(
    layout: Layout, build_dir: Path, progress: Progress, force: bool = False, texts: Path | None = None, validator: str = "compiled"
) -> BuildResult:
    """Build the release of what `layout` holds, unless it is already the current one.

    `texts` is the folder of the source texts, where they are at hand: then every span is checked against them.
    `validator` is the engine for the shapes (`Settings.validator`); it changes nothing in the release.
    Raises SourceError (file and line), NotConforming (with its findings) or InferenceError; the last good release stays.
    """
    inputs = inputs_hash(layout) + (" spans checked" if texts else "")
    with build_lock(build_dir):
        current = current_release(build_dir)
        if current is not None and built_from(build_dir) == inputs and not force:
            return BuildResult(current, True, {})
        seconds: dict[str, float] = {}
        with _stage("load", seconds, progress):
            sources, rules, questions = load_product(layout), load_rules(layout.rules), load_questions(layout.queries)
        with _stage("validate", seconds, progress):
            _require(validate_encoded(layout, sources, texts, progress, validator))
        with _stage("infer", seconds, progress):
            inferred = infer(sources.union(), rules, progress)
        with _stage("validate inferred", seconds, progress):
            _require(validate_inferred(layout, sources, inferred, validator))
        with _stage("publish", seconds, progress):
            graphs = {**sources.graphs, INFERRED_GRAPH: inferred}
            told = (sources.prefixes, [DescribedQuestion(one.slug, one.names, one.descriptions, one.sparql) for one in questions.values()])
            release = install(build_dir, inputs, lambda folder: _publish(folder, layout, graphs, told))
    return BuildResult(release, False, seconds)


def check(layout: Layout, texts: Path | None, progress: Progress, validator: str = "compiled") -> Report:
    """The first two stages alone: is what is encoded well-formed? A file that is not Turtle is a finding too."""
    try:
        sources = load_product(layout)
    except SourceError as error:
        place = Place(error.path, error.line or 1)
        message = {"ja": f"Turtle の構文を直す（{error.message}）。", "en": f"Mend the Turtle here: {error.message}."}
        return Report((Finding("violation", "turtle", error.path, None, None, message, place),))
    return validate_encoded(layout, sources, texts, progress, validator)


@contextmanager
def _stage(name: str, seconds: dict[str, float], progress: Progress) -> Iterator[None]:
    progress(f"{name} …")
    start = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - start


def validate_encoded(layout: Layout, sources: Sources, texts: Path | None, progress: Progress, validator: str = "compiled") -> Report:
    """Everything that is not inferred against `shapes/asserted`, and the spans against the source texts in `texts`.

    Raises SourceTextError where `texts` is given and lacks a text.
    """
    report = validate(sources.graphs, load_shapes(layout.shapes / "asserted"), sources.places, validator)
    union = sources.union()
    check = check_spans(union, find_source_texts(texts, wanted_texts(union)) if texts else {})
    progress(f"{check.checked} spans checked against the source texts, {check.not_checked} not (their texts are not at hand)")
    return Report((*report.findings, *_span_findings(check, sources)))


def _span_findings(check: SpanCheck, sources: Sources) -> Iterator[Finding]:
    first: dict[str, Place] = {}
    for triple, place in sources.places.items():
        first[str(triple[0])] = min(place, first.get(str(triple[0]), place))
    for problem in check.problems:
        yield Finding("violation", f"span-{problem.kind}", problem.iri, None, None, problem.message, first.get(problem.iri))


def validate_inferred(layout: Layout, sources: Sources, inferred: frozenset[Triple], validator: str = "compiled") -> Report:
    """The closed graph against `shapes/inferred`."""
    graphs = {**sources.graphs, INFERRED_GRAPH: inferred}
    return validate(graphs, load_shapes(layout.shapes / "inferred"), sources.places, validator)


def _require(report: Report) -> None:
    if not report.conforms:
        raise NotConforming("The graph breaks its shapes.", report.to_text("en").splitlines())


def _publish(
    folder: Path, layout: Layout, graphs: Mapping[str, frozenset[Triple]], told: tuple[Mapping[str, str], Sequence[DescribedQuestion]]
) -> Release:
    prefixes, questions = told
    content = to_nquads(graphs)
    identifier = release_id(content, layout)
    levels = level_graphs(list(graphs))
    del levels["metadata"]
    dumps = write_dumps(folder / "dumps", content, levels, prefixes)
    metadata = describe_release(identifier, graphs, dumps, questions, prefixes)
    whole = to_nquads({**graphs, METADATA_GRAPH: metadata})
    dumps += write_dumps(folder / "dumps", whole, {"metadata": [METADATA_GRAPH]}, prefixes)
    release = Release(identifier, RELEASE_DATE, __version__, _counts(graphs, metadata), _sizes(graphs, metadata), folder)
    write_release(folder, release, whole, dumps)
    return release


def _sizes(graphs: Mapping[str, frozenset[Triple]], metadata: frozenset[Triple]) -> dict[str, int]:
    return {iri: len(triples) for iri, triples in {**graphs, METADATA_GRAPH: metadata}.items()}


def _counts(graphs: Mapping[str, frozenset[Triple]], metadata: frozenset[Triple]) -> dict[str, int]:
    merged = {
        level: frozenset[Triple]().union(*(graphs[iri] for iri in members))
        for level, members in level_graphs(list(graphs)).items()
        if level != "metadata"
    }
    return {**{level: len(triples) for level, triples in merged.items()}, "metadata": len(metadata)}


def release_id(nquads: bytes, layout: Layout) -> str:
    """The release's identifier: 16 hex digits over the canonical graphs (metadata aside), questions, shapes and code."""
    digest = hashlib.sha256(nquads)
    for path in (*_files(layout.queries), *_files(layout.shapes), *_code()):
        digest.update(_fingerprint(path))
    return digest.hexdigest()[:16]


def inputs_hash(layout: Layout) -> str:
    """A hash over all that a build depends on: the product's files, our code, and the engines' versions."""
    digest = hashlib.sha256()
    for folder in (layout.ontology, layout.shapes, layout.data, layout.queries):
        for path in _files(folder):
            digest.update(str(path.relative_to(layout.root)).encode())
            digest.update(_fingerprint(path))
    for path in _code():
        digest.update(_fingerprint(path))
    for engine in _ENGINES:
        digest.update(f"{engine} {version(engine)}".encode())
    return digest.hexdigest()


def _files(folder: Path) -> Sequence[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _code() -> Sequence[Path]:
    package = Path(__file__).parent
    return [path for path in sorted(package.rglob("*.py")) if "product" not in path.relative_to(package).parts]


def _fingerprint(path: Path) -> bytes:
    return hashlib.sha256(path.name.encode() + b"\0" + path.read_bytes()).digest()
