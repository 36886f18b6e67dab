"""The pipeline: load → validate → infer → validate → publish.

May import every stage. Each stage is a function from values to a frozen value; only `publish` writes, into a temporary
folder that is renamed when it is whole, so a build that fails or is stopped leaves the last good one as it was.
"""

from __future__ import annotations

import asyncio
import codecs
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from rdflib import RDF, Graph, URIRef

from stratgraph import RELEASE_DATE, __version__
from stratgraph.describe import (
    DESCRIPTIONS,
    LICENCE,
    TITLES,
    Described,
    DescribedQuestion,
    describe_release,
    write_datacite,
)
from stratgraph.dumps import write_dumps, write_graph_dumps, write_proofs_dump
from stratgraph.errors import NotConforming, SourceError
from stratgraph.evidence import FigureCheck, SpanCheck, check_figures, check_spans, find_source_texts, wanted_texts
from stratgraph.explain import proofs_graph, read_proofs, write_proofs
from stratgraph.infer import Inference, infer, load_rules
from stratgraph.ledger import FILE, MESSAGE, described_iris, read_ledger
from stratgraph.load import Sources, load_product, shown_path, source_files
from stratgraph.places import Place, Triple
from stratgraph.questions import Questions, QuestionService, check_examples, load_questions
from stratgraph.release import (
    PROOFS_FILE,
    Release,
    build_lock,
    built_from,
    current_release,
    fingerprint_of,
    install,
    level_graphs,
    to_nquads,
    write_release,
)
from stratgraph.settings import Layout, Settings
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.store.rdf import Dumps, nquads
from stratgraph.tables import Packaged, read_agreement, write_tables
from stratgraph.turtle import in_japanese
from stratgraph.validate import Finding, Report, load_shapes, shorten, validate
from stratgraph.validate.context import Context, Hit
from stratgraph.vocab import INFERRED_GRAPH, LEVELS, METADATA_GRAPH, ONTOLOGY_GRAPH, PROOFS_GRAPH, SHAPES_GRAPH

Progress = Callable[[str], None]
_REPEATED = {
    "ja": "同じ IRI のものが {first} にもある。別のものなら IRI を改め、同じものなら一か所にまとめる。",
    "en": "A thing with this IRI stands at {first} too. If this is another, give it another IRI; if it is the same, tell it in one place.",
}
_SAVED = {
    "byte-order-mark": {
        "ja": "ファイルの初めに BOM がある。`stratgraph fmt` で取り除く。",
        "en": "The file begins with a byte order mark. `stratgraph fmt` takes it out.",
    },
    "line-ends": {
        "ja": "行末が LF だけでない。`stratgraph fmt` でそろえる。",
        "en": "The lines do not all end in LF. `stratgraph fmt` puts them right.",
    },
}
# Far above what any example takes, on any machine: a query that runs away must end, not the build hang.
_EXAMPLE_SECONDS = 120.0
_ENGINES = ("rdflib", "owlrl", "pyshacl", "pyoxigraph", "pyarrow")


@dataclass(frozen=True)
class Engines:
    """Which engine closes the graph (compiled, owlrl) and which runs the shapes (compiled, pyshacl)."""

    reasoner: str = "compiled"
    validator: str = "compiled"


@dataclass(frozen=True)
class BuildResult:
    """What a build gave: the release, whether it was already there, and seconds per stage (empty where it was)."""

    release: Release
    unchanged: bool
    seconds: Mapping[str, float]


def build(
    layout: Layout, build_dir: Path, progress: Progress, force: bool = False, texts: Path | None = None, engines: Engines | None = None
) -> BuildResult:
    """Build the release of what `layout` holds, unless it is already the current one.

    `texts` is the folder of the source texts, where they are at hand: then every span is checked against them.
    `engines` are those of the closure and of the shapes; which validates changes nothing in the release.
    Raises SourceError (file and line), NotConforming (with its findings, also where an example of a question does not answer with its
    expected rows) or InferenceError; the last good release stays.
    """
    engines = engines or Engines()
    inputs = inputs_hash(layout) + ("" if engines.reasoner == "compiled" else f" {engines.reasoner}")
    # What was checked against the texts need not be built again where they are not at hand.
    enough = {f"{inputs} spans checked"} | (set() if texts else {inputs})
    inputs = f"{inputs} spans checked" if texts else inputs
    with build_lock(build_dir):
        current = current_release(build_dir)
        if current is not None and built_from(build_dir) in enough and not force:
            return BuildResult(current, True, {})
        seconds: dict[str, float] = {}
        with _stage("load", seconds, progress):
            sources, rules, questions = load_product(layout), load_rules(layout.rules), load_questions(layout.queries)
        with _stage("validate", seconds, progress):
            _require(validate_encoded(layout, sources, texts, progress, engines.validator), progress)
        with _stage("infer", seconds, progress):
            inference = infer(sources.triples(), rules, progress, engines.reasoner, sources.places, sources.prefixes)
        with _stage("validate inferred", seconds, progress):
            _require(validate_inferred(layout, sources, inference.triples, engines.validator), progress)
        with _stage("publish", seconds, progress):
            release = install(build_dir, inputs, lambda folder: _publish(folder, layout, (sources, inference, questions), progress))
    return BuildResult(release, False, seconds)


def check(layout: Layout, texts: Path | None, progress: Progress, validator: str = "compiled") -> Report:
    """The first two stages alone: is what is encoded well-formed? A file that is not Turtle is a finding too."""
    try:
        sources = load_product(layout)
    except SourceError as error:
        place = Place(error.path, error.line or 1, error.column)
        fault = error.message.removeprefix("not Turtle: ")
        message = {"ja": f"Turtle の構文を直す：{in_japanese(fault)}。", "en": f"Mend the Turtle here: {fault}."}
        return Report((Finding("violation", "turtle", error.path, None, None, message, place),))
    report = validate_encoded(layout, sources, texts, progress, validator)
    return Report((*report.findings, *check_files(layout)))


def check_files(layout: Layout) -> Iterator[Finding]:
    """A warning for each file that an editor has saved in a way of its own: with a byte order mark, or line ends other than LF."""
    for path, _ in source_files(layout):
        content = path.read_bytes()
        marks = {"byte-order-mark": 0 if content.startswith(codecs.BOM_UTF8) else -1, "line-ends": content.find(b"\r")}
        for name, offset in marks.items():
            if offset >= 0:
                shown = shown_path(path, layout)
                place = Place(shown, content.count(b"\n", 0, offset) + 1)
                yield Finding("warning", name, shown, None, None, _SAVED[name], place)


@contextmanager
def _stage(name: str, seconds: dict[str, float], progress: Progress) -> Iterator[None]:
    progress(f"{name} …")
    start = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - start


def validate_encoded(layout: Layout, sources: Sources, texts: Path | None, progress: Progress, validator: str = "compiled") -> Report:
    """Everything that is not inferred against `shapes/asserted` and the ledger of IRIs; spans and figures against `texts`.

    Raises SourceTextError where `texts` is given and lacks a text.
    """

    def further() -> Iterator[Finding]:
        yield from (*check_repeats(sources), *check_ledger(layout, sources), *check_texts(sources, texts, progress))

    return validate(sources.graphs, load_shapes(layout.shapes / "asserted"), sources.places, validator, sources.indexed, further)


def check_repeats(sources: Sources) -> Iterator[Finding]:
    """A finding for each thing of which two files say what it is: a second thing was given its IRI, or it was told twice."""
    for (thing, predicate, value), place in sorted(sources.repeats.items(), key=lambda item: item[1]):
        if predicate == RDF.type:
            first = str(sources.places[thing, predicate, value])
            message = {language: text.format(first=first) for language, text in _REPEATED.items()}
            labels = Context(sources.indexed, sources.places).labels(thing)
            yield Finding("violation", "repeated-thing", str(thing), shorten(str(predicate)), None, message, place, labels)


def check_ledger(layout: Layout, sources: Sources) -> Iterator[Finding]:
    """A finding for each published IRI that nothing describes any more. Raises SourceError where the ledger is not one."""
    ledger, shown = read_ledger(layout.ontology), shown_path(layout.ontology / FILE, layout)
    for iri in ledger.vanished(described_iris(sources.graphs)):
        message = {language: text.format(iri=iri) for language, text in MESSAGE.items()}
        yield Finding("violation", "ledger-vanished", iri, None, None, message, Place(shown, ledger.lines[iri]))


def check_texts(sources: Sources, texts: Path | None, progress: Progress) -> tuple[Finding, ...]:
    """What the source texts in `texts` show: spans that do not fit, and figures that their spans do not print."""
    union = sources.indexed
    found = find_source_texts(texts, wanted_texts(union)) if texts else {}
    spans, numbers = check_spans(union, found), check_figures(sources.graphs, union, found)
    progress(f"{spans.checked} spans checked against the source texts, {spans.not_checked} not (their texts are not at hand)")
    progress(f"{numbers.checked} statements with numbers or dates checked against their spans")
    return (*_span_findings(spans, sources), *_figure_findings(numbers, sources))


def _span_findings(check: SpanCheck, sources: Sources) -> Iterator[Finding]:
    context = Context(sources.indexed, sources.places)
    for problem in check.problems:
        thing = URIRef(problem.iri)
        told = None if problem.at is None else context.place(Hit(*problem.at))
        path = None if problem.at is None else shorten(str(problem.at[1]))
        place = told or context.place(Hit(thing))
        yield Finding("violation", f"span-{problem.kind}", problem.iri, path, None, problem.message, place)


def _figure_findings(check: FigureCheck, sources: Sources) -> Iterator[Finding]:
    for problem in check.problems:
        thing, predicate, value = problem.triple
        place, told = sources.places.get(problem.triple), problem.message
        yield Finding("violation", f"figure-{problem.kind}", str(thing), shorten(str(predicate)), str(value), told, place)


def validate_inferred(layout: Layout, sources: Sources, inferred: frozenset[Triple], validator: str = "compiled") -> Report:
    """The closed graph against `shapes/inferred`."""
    graphs = {**sources.graphs, INFERRED_GRAPH: inferred}
    return validate(graphs, load_shapes(layout.shapes / "inferred"), sources.places, validator)


def _require(report: Report, progress: Progress) -> None:
    if not report.conforms:
        raise NotConforming("The graph breaks its shapes.", report.to_text("en").splitlines())
    if report.findings:  # none stops a build, but none is hidden either
        counts = ", ".join(f"{count} of severity {severity}" for severity, count in report.counts.items())
        progress(f"{counts}; `stratgraph validate` shows them")


def _publish(folder: Path, layout: Layout, made: tuple[Sources, Inference, Questions], progress: Progress) -> Release:
    """Write a release into `folder`; meanwhile the examples of the questions are answered from the same graphs."""
    sources, inference, questions = made
    graphs = {**sources.graphs, INFERRED_GRAPH: inference.triples}
    content, proofs = to_nquads(graphs), _write_proofs(folder, sources, inference)
    if not proofs:
        progress("examples of questions are not compared: this engine keeps no proofs")
        return _write_all(folder, layout, made, (content, proofs))
    file = folder / "examples.nq"
    file.write_bytes(content + proofs)
    with ThreadPoolExecutor(1) as beside:
        checking = beside.submit(_check_examples, file, questions)
        release = _write_all(folder, layout, made, (content, proofs))
        problems = checking.result()
    file.unlink()
    if problems:
        raise NotConforming("Examples of saved questions do not answer with their expected rows.", [str(one) for one in problems])
    count = sum(len(one.examples) for one in questions.values())
    progress(f"{count} examples of {len(questions)} questions compared with their expected rows, on the {', '.join(LEVELS)} graph")
    return release


def _check_examples(graph_file: Path, questions: Questions) -> list[SourceError]:
    """What the examples answer otherwise than expected, by the engine that serves them. The release's metadata is not there yet."""

    async def run() -> list[SourceError]:
        async with await EmbeddedStore.open(graph_file, replace(Settings(), workers=2)) as store:
            return await check_examples(QuestionService(store, questions, "", _EXAMPLE_SECONDS), questions.values())

    return asyncio.run(run())


def _write_all(folder: Path, layout: Layout, made: tuple[Sources, Inference, Questions], nquads_and_proofs: tuple[bytes, bytes]) -> Release:
    sources, inference, questions = made
    content, proofs = nquads_and_proofs
    prefixes = sources.prefixes
    graphs = {**sources.graphs, INFERRED_GRAPH: inference.triples}
    identifier = release_id(content, layout)
    levels = level_graphs(list(graphs))
    del levels["metadata"]
    whole = Dumps(content, prefixes=prefixes)
    dumps = write_dumps(folder / "dumps", whole, levels, prefixes)
    dumps += write_graph_dumps(folder / "dumps", whole, [iri for iri in graphs if iri != INFERRED_GRAPH], prefixes)
    del whole
    aside = {PROOFS_GRAPH: proofs.count(b"\n")} if proofs else {}
    dumps += write_proofs_dump(folder / "dumps", proofs) if proofs else ()
    dumps += write_dumps(folder / "dumps", _shapes_nquads(layout), {"shapes": [SHAPES_GRAPH]}, prefixes)
    packaged = Packaged(identifier, __version__, RELEASE_DATE, TITLES, DESCRIPTIONS, str(LICENCE))
    dumps += write_tables(folder / "dumps", graphs, prefixes, read_agreement(layout.agreement), packaged)
    fingerprint = fingerprint_of(content)
    described = Described(identifier, fingerprint, input_files(layout))
    dumps += write_datacite(folder / "dumps", described, graphs, dumps)
    told = [DescribedQuestion(one.slug, one.names, one.descriptions, one.sparql) for one in questions.values()]
    metadata = to_nquads({METADATA_GRAPH: (stated := describe_release(described, graphs, dumps, told, prefixes, aside))})
    # It has no blank nodes, so their labels in the content stay.
    dumps += write_dumps(folder / "dumps", metadata, {"metadata": [METADATA_GRAPH]}, prefixes)
    release = Release(
        identifier, RELEASE_DATE, __version__, _counts(graphs, stated), {**_sizes(graphs, stated), **aside}, folder, fingerprint
    )
    write_release(folder, release, b"".join(sorted((content + metadata + proofs).splitlines(keepends=True))), dumps)
    return release


def _shapes_nquads(layout: Layout) -> bytes:
    """All shapes as N-Quads; they are no graph of the store, since they speak of data and not of the world."""
    merged = frozenset[Triple]().union(*(load_shapes(layout.shapes / part).graph for part in ("asserted", "inferred")))
    return to_nquads({SHAPES_GRAPH: merged})


def _write_proofs(folder: Path, sources: Sources, inference: Inference) -> bytes:
    """Keep the proofs beside the release; gives the proofs graph as N-Quads, nothing where the engine keeps no proofs."""
    if not inference.keeps_proofs:
        return b""
    path = folder / PROOFS_FILE
    ontology = Graph()
    for triple in sources.graphs[ONTOLOGY_GRAPH]:
        ontology.add(triple)
    write_proofs(path, inference.proofs(sorted(inference.triples)), ontology, sources.prefixes)
    return nquads(proofs_graph(read_proofs(path), sources.graphs))


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
    """The release's identifier: 16 hex digits over the canonical graphs (metadata aside), questions, shapes, agreement and code."""
    digest = hashlib.sha256(nquads)
    for path in (*_files(layout.queries), *_files(layout.shapes), *_agreement(layout), *_code()):
        digest.update(_fingerprint(path))
    return digest.hexdigest()[:16]


def inputs_hash(layout: Layout) -> str:
    """A hash over all that a build depends on: the product's files, our code, and the engines' versions."""
    digest = hashlib.sha256()
    for path in _inputs(layout):
        digest.update(str(path.relative_to(layout.root)).encode())
        digest.update(_fingerprint(path))
    for path in _code():
        digest.update(_fingerprint(path))
    for engine in _ENGINES:
        digest.update(f"{engine} {version(engine)}".encode())
    return digest.hexdigest()


def input_files(layout: Layout) -> dict[str, str]:
    """The product's files with their SHA-256 (hex), by path from its root."""
    return {path.relative_to(layout.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in _inputs(layout)}


def _inputs(layout: Layout) -> Sequence[Path]:
    folders = (layout.ontology, layout.shapes, layout.data, layout.queries)
    return [*(path for folder in folders for path in _files(folder)), *_agreement(layout)]


def _agreement(layout: Layout) -> Sequence[Path]:
    return [layout.agreement] if layout.agreement.is_file() else []


def _files(folder: Path) -> Sequence[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _code() -> Sequence[Path]:
    package = Path(__file__).parent
    return [path for path in sorted(package.rglob("*.py")) if "product" not in path.relative_to(package).parts]


def _fingerprint(path: Path) -> bytes:
    return hashlib.sha256(path.name.encode() + b"\0" + path.read_bytes()).digest()
