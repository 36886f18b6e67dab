"""A release or a dump as an rdflib Dataset. Imports release, the store's parser and rdflib."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import zstandard
from rdflib import XSD, BNode, Dataset, Graph, Literal, URIRef
from rdflib.term import Node

from stratgraph.dumps import COMPRESSIONS
from stratgraph.errors import InputError
from stratgraph.formats import by_suffix, offered
from stratgraph.release import Release, current_release, read_release
from stratgraph.store.interface import Statement, Term
from stratgraph.store.rdf import read_statements

LEVELS: Final = ("asserted", "curated", "full", "inferred", "metadata")


def open_graph(source: str | Path, level: str = "full") -> Dataset:
    """The graph of a release as an rdflib Dataset, one named graph for each of the release's; a query sees their union.

    `source` is a release folder, a build folder (its current release), or a dump, plain, `.gz` or `.zst`. `level` is asserted (documents,
    reference data, ontology), curated (with our interpretation), full (with inference), inferred or metadata; a dump has its own.
    Nothing is fetched from the network. Raises InputError where there is no release or dump there, SourceError where it is damaged.
    """
    if level not in LEVELS:
        raise InputError(f"There is no level “{level}”. There are: {', '.join(LEVELS)}.")
    path = Path(source)
    if path.is_dir():
        path = find_release(path).dumps / f"stratgraph-{level}.nq"
    content = _read(path)
    dataset = Dataset(default_union=True)
    _, kind = by_suffix(path.name.removesuffix(path.suffix) if path.suffix in COMPRESSIONS else path.name, offered("graph", "dataset"))
    if kind is None:
        raise InputError(f"{path} is no dump: its name ends in none of {', '.join(one.suffix for one in offered('graph', 'dataset'))}.")
    # Several times as fast as rdflib's parsers, and the same for every format.
    dataset.addN(_quads(read_statements(content, kind.name), dataset))
    return dataset


def find_release(folder: Path) -> Release:
    """The release in a release folder, or the current one of a build folder. Raises InputError."""
    if (folder / "release.json").is_file():
        return read_release(folder)
    found = current_release(folder)
    if found is None:
        raise InputError(f"{folder} holds no release. Give the folder of a release, or of builds; `stratgraph build` makes one.")
    return found


def _read(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            return gzip.decompress(content)
        return zstandard.decompress(content) if path.suffix == ".zst" else content
    except (OSError, EOFError, zstandard.ZstdError) as error:
        raise InputError(f"{path} cannot be read: {error}. Give a release folder, a build folder or a dump.") from error


def _quads(statements: Iterable[Statement], dataset: Dataset) -> Iterator[tuple[Node, Node, Node, Graph]]:
    known: dict[Term, Node] = {}
    graphs: dict[str, Graph] = {}
    for one in statements:
        subject, value = (known.get(term) or known.setdefault(term, _node(term)) for term in (one.subject, one.object))
        if one.graph not in graphs:
            graphs[one.graph] = dataset.graph(URIRef(one.graph)) if one.graph else dataset.default_graph
        yield subject, URIRef(one.predicate), value, graphs[one.graph]


def _node(term: Term) -> Node:
    if term.kind == "iri":
        return URIRef(term.value)
    if term.kind == "blank":
        return BNode(term.value)
    # A plain string has no datatype in rdflib, as its own parsers have it.
    typed = term.datatype is not None and not term.language and term.datatype != str(XSD.string)
    return Literal(term.value, lang=term.language, datatype=URIRef(str(term.datatype)) if typed else None, normalize=False)
