"""Each kind of damage to the real data is caught by its check, at the right file and line; docs/validation.md lists them."""

from __future__ import annotations

import gc
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import _lru_cache_wrapper, cache
from pathlib import Path
from random import Random

import pytest

from stratgraph.build import check, check_texts, validate_encoded, validate_inferred
from stratgraph.errors import InferenceError
from stratgraph.expression import is_structure
from stratgraph.infer import Contradiction, infer, load_rules
from stratgraph.load import forget as forget_files
from stratgraph.load import load_product
from stratgraph.places import Place
from stratgraph.settings import Layout
from stratgraph.validate import Report, Shapes, load_shapes, validate
from stratgraph.vocab import ONTOLOGY_GRAPH
from tests.mutations.corpus import Corpus, Damage, Damaged, apart
from tests.mutations.files import FILE_KINDS, FileKind
from tests.mutations.kinds import CONTRADICTION, KINDS, Kind

ROOT = Path(__file__).parent.parent
SOURCES = os.environ.get("STRATGRAPH_SOURCES")
SAMPLES = 2
# What is kept between tests (the parsed corpus, what a batch of damages gives) is kept by one process.
pytestmark = pytest.mark.xdist_group("mutations")
BY_NAME = {kind.name: kind for kind in KINDS}
needs_texts = pytest.mark.skipif(not SOURCES, reason="left out: damage that only the texts show (set STRATGRAPH_SOURCES)")


@cache
def corpus() -> Corpus:
    """The data as it is."""
    return Corpus.read(Layout(ROOT))


@cache
def shapes() -> Shapes:
    """All shapes and checks on what is encoded."""
    return load_shapes(ROOT / "shapes" / "asserted")


def of_text(kind: Kind) -> bool:
    """Whether the source texts are needed to see the damage."""
    return kind.caught_by.startswith(("span-", "figure-"))


@cache
def damages(kind: Kind) -> list[Damage]:
    """Different damages of a kind, always the same ones; fewer where the data has no more places for it."""
    found: dict[object, Damage] = {}
    for seed in range(20):
        damage = kind.make(corpus(), Random(f"{kind.name} {seed}"))
        found.setdefault((frozenset(damage.removed), frozenset(damage.added)), damage)
        if len(found) == SAMPLES:
            break
    return list(found.values())


@cache
def batches() -> list[list[Damage]]:
    """The samples of all kinds that are seen before inference, in as few copies of the data as keep them apart."""
    return apart((damage for kind in KINDS if is_tried(kind) for damage in damages(kind)), least=SAMPLES)


def is_tried(kind: Kind) -> bool:
    """Whether a kind is seen before inference and, if its texts are needed, these are at hand."""
    return not kind.inferred and (SOURCES is not None or not of_text(kind))


Told = tuple[str, Place | None]


@cache
def told_of_batch(number: int) -> tuple[frozenset[Told], list[Damaged]]:
    """What all checks find in the data with a batch of damages in it at once, and where each of them is."""
    damaged = corpus().damaged_together(batches()[number])
    return frozenset(told_before_inference(damaged[0])), damaged


def told_before_inference(damaged: Damaged) -> list[Told]:
    """What all checks of what is encoded, and of its texts where they are at hand, find: name and line of each finding."""
    texts = Path(SOURCES) if SOURCES else None
    return [(one.shape, one.place) for one in validate_encoded(Layout(ROOT), damaged.sources, texts, lambda _line: None).findings]


def told_after_inference(damaged: Damaged) -> list[Told]:
    """The same of damage that only inference shows: the lines of all that contradicts itself, else what the closed graph breaks."""
    places = damaged.sources.places
    try:
        inference = infer(damaged.sources.triples(), load_rules(Layout(ROOT).rules), places=places)
    except InferenceError as error:
        leaves = {leaf for one in error.contradictions if isinstance(one, Contradiction) for leaf in one.leaves()}
        # What only spells out an anonymous class is told as one, where that class is declared.
        assert all(str(places[leaf]) in str(error) for leaf in leaves if leaf in places and not is_structure(leaf))
        return [(CONTRADICTION, places.get(leaf)) for leaf in leaves]
    report = validate_inferred(Layout(ROOT), damaged.sources, inference.triples)
    return [(one.shape, one.place) for one in report.findings]


def assert_told(kind: Kind) -> None:
    """The kind's check names the damaged line itself, or, where a line is missing, the line of the thing that lacks it."""
    for number, batch in enumerate(batches()):
        for place, damage in enumerate(batch):
            if not any(damage is one for one in damages(kind)):
                continue
            found, beside = told_of_batch(number)
            if not names(kind, beside[place], found):  # what is done beside it may hide it: it is tried alone
                alone = corpus().damaged(damage)
                found = frozenset(told_before_inference(alone))
                assert names(kind, alone, found), (found, alone.lines)


def names(kind: Kind, damaged: Damaged, found: Iterable[Told]) -> bool:
    """Whether one of the findings is the kind's, at the line."""
    return any(name == kind.caught_by and place in damaged.lines for name, place in found)


@pytest.mark.parametrize("name", [kind.name for kind in KINDS if not of_text(kind) and not kind.inferred])
def test_damage_is_caught_by_its_check_at_its_line(name: str) -> None:
    """Every sample gives a finding of the kind's check, and it names the line."""
    assert_told(BY_NAME[name])


@needs_texts
@pytest.mark.parametrize("name", [kind.name for kind in KINDS if of_text(kind)])
def test_damage_that_the_texts_show_is_caught_at_its_line(name: str) -> None:
    """The same for what only the source text can tell."""
    assert_told(BY_NAME[name])


@pytest.mark.parametrize("name", [kind.name for kind in KINDS if kind.inferred])
def test_damage_that_inference_shows_is_caught_at_its_line(name: str) -> None:
    """The same for what only what follows can tell; both samples at once, each with its finding."""
    [*both] = corpus().damaged_together(damages(BY_NAME[name]))
    found = told_after_inference(both[0])
    assert all(names(BY_NAME[name], damaged, found) for damaged in both), (found, [one.lines for one in both])


def test_every_sample_is_in_a_batch() -> None:
    """The two samples of each kind are tried, and a copy of the data holds many of them."""
    members = [damage for batch in batches() for damage in batch]
    assert len(members) == sum(len(damages(kind)) for kind in KINDS if is_tried(kind))
    assert len(batches()) < len(members) / 5


@needs_texts
def test_data_without_damage_give_no_finding() -> None:
    """What the tool writes and reads where nothing is damaged is the data: it conforms, and no check speaks."""
    untouched = corpus().damaged(Damage({}, {corpus().ordered[0]: corpus().data[corpus().ordered[0]]}))
    encoded = load_product(Layout(ROOT)).graphs
    assert {name: untouched.sources.graphs[name] for name in encoded if name != ONTOLOGY_GRAPH} == {
        name: triples for name, triples in encoded.items() if name != ONTOLOGY_GRAPH
    }
    assert validate(untouched.sources.graphs, shapes(), untouched.sources.places).conforms
    assert SOURCES is not None
    assert check_texts(untouched.sources, Path(SOURCES), lambda _line: None) == ()


def test_there_are_kinds_and_samples_enough() -> None:
    """No kind is listed twice, and each is tried in two places."""
    assert len(KINDS) == len(BY_NAME) >= 50
    assert [kind.name for kind in KINDS if len(damages(kind)) < SAMPLES] == []


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A copy of the product on disk, to be damaged and put back."""
    root = tmp_path_factory.mktemp("copy")
    for part in ("ontology", "shapes", "data", "queries"):
        shutil.copytree(ROOT / part, root / part)
    return Layout(root)


@contextmanager
def written(texts: Mapping[str, str | bytes], layout: Layout) -> Iterator[None]:
    """The product with some files written anew; they are put back in the end."""
    paths = {layout.root / path: text for path, text in texts.items()}
    kept = {path: path.read_bytes() if path.exists() else None for path in paths}
    try:
        for path, text in paths.items():
            path.write_bytes(text.encode() if isinstance(text, str) else text)
        yield
    finally:
        for path, content in kept.items():
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content)


def checked(layout: Layout) -> Report:
    """All that `stratgraph validate` and `watch` check, with the texts where they are at hand."""
    return check(layout, Path(SOURCES) if SOURCES else None, lambda _line: None)


def forget() -> None:
    """Empty every cache of the program, so that what follows is as in a process of its own."""
    forget_files()
    for one in gc.get_objects():
        if isinstance(one, _lru_cache_wrapper) and str(one.__module__).startswith("stratgraph"):
            one.cache_clear()


@cache
def whole_report(layout: Layout) -> Report:
    """What is told of the data as they are."""
    return checked(layout)


def assert_warm_is_cold(kind: Kind, layout: Layout) -> None:
    """Damage, seen by a process that has checked before, gives the findings that a new process gives; and so does mending it.

    Both samples at once, unless they touch the same thing.
    """
    assert whole_report(layout).conforms
    for batch in apart(damages(kind), least=1):
        beside = corpus().damaged_together(batch)
        warm = warm_as_cold(beside[0], layout)
        if is_tried(kind):
            found = [(one.shape, one.place) for one in warm.findings]
            assert all(names(kind, damaged, found) for damaged in beside), warm.to_text()
            assert not warm.conforms
        assert checked(layout) == whole_report(layout)


def warm_as_cold(damaged: Damaged, layout: Layout) -> Report:
    """What a process that has checked before finds in damaged data, which must be what a new process finds."""
    with written(damaged.texts, layout):
        warm = checked(layout)
        forget()
        assert checked(layout) == warm
    return warm


def test_damage_of_all_kinds_is_found_by_a_warm_check_as_by_a_cold_one(copy: Layout) -> None:
    """What `watch` keeps between saves changes no finding; each kind alone in what takes longer."""
    whole = checked(copy)
    assert whole.conforms
    damaged = corpus().damaged_together(max(batches(), key=len))
    assert len({one.shape for one in warm_as_cold(damaged[0], copy).findings}) > 20
    assert checked(copy) == whole


# Minutes of work: for two processes.
ALONE = [pytest.param(name, marks=pytest.mark.xdist_group(f"warm {number % 2}")) for number, name in enumerate(BY_NAME)]


@pytest.mark.long
@pytest.mark.parametrize("name", ALONE)
def test_damage_is_found_by_a_warm_check_as_by_a_cold_one(name: str, copy: Layout) -> None:
    """With all checks run, as a build does, the kind's finding is there and stops it; from one damage to the next, warm as cold."""
    assert_warm_is_cold(BY_NAME[name], copy)


@pytest.mark.parametrize("kind", FILE_KINDS, ids=lambda kind: kind.name)
def test_damage_to_a_file_is_caught_at_its_line(kind: FileKind, copy: Layout, product: Layout) -> None:
    """A file that cannot be read as it should is told with line, column where one is known, and what to do, in both languages."""
    # What stops no reading is told beside all other findings, so everything is checked: the miniature shows it as well.
    layout = copy if kind.caught_by == "turtle" else product
    for seed in range(SAMPLES):
        path, content, line = kind.make(layout, Random(f"{kind.name} {seed}"))
        with written({path: content}, layout):
            report = check(layout, None, lambda _line: None)
            [finding] = (one for one in report.findings if one.severity == "violation" or one.shape == kind.caught_by)
        assert (finding.shape, finding.place) == (kind.caught_by, Place(path, line)), finding.to_text()
        assert finding.place is not None
        assert (finding.place.column is not None) == kind.column
        assert kind.remedy in finding.message["en"]
        assert re.search("[ぁ-ん]", finding.message["ja"])
        assert finding.message["ja"] != finding.message["en"]


def points_to(kind: Kind) -> str:
    """What of the table's last column holds of a kind."""
    return "the line" if all(damage.added for damage in damages(kind)) else "the thing (the line is missing)"


def table() -> str:
    """The rows of docs/validation.md, from the kinds."""
    rows = [f"| {kind.what} | {caught(kind)} | {points_to(kind)} |" for kind in KINDS]
    rows += [f"| {kind.what} | `{kind.caught_by}` | the line{', with the column' if kind.column else ''} |" for kind in FILE_KINDS]
    return "\n".join(["| damage | caught by | points to |", "| --- | --- | --- |", *rows])


def caught(kind: Kind) -> str:
    """The check in the table, and whether only a build runs it."""
    name = "a contradiction" if kind.caught_by == CONTRADICTION else f"`{kind.caught_by}`"
    return f"{name}, when building" if kind.inferred else name


def test_the_documentation_lists_the_kinds() -> None:
    """docs/validation.md holds the table as the kinds make it; paste what the failure shows."""
    text = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    assert table() in text, table()
