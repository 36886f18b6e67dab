"""A release on disk: its files, its identifier, and how a new one takes the place of the old.

    <build_dir>/current → releases/<id>/      swapped in one rename
    <build_dir>/releases/<id>/graph.nq        every named graph, canonical N-Quads
                             /release.json    identifier, date, counts
                             /dumps/          downloads and SHA256SUMS
    <build_dir>/inputs                        hash of what `current` was built from

May import the store's serialisers and the layers below.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rdflib import BNode, Literal
from rdflib.term import Node

from stratgraph.dumps import DumpFile, write_sums
from stratgraph.errors import InputError
from stratgraph.places import Triple
from stratgraph.store.interface import Statement, Term
from stratgraph.store.rdf import canonical_nquads, nquads
from stratgraph.vocab import CURATED_GRAPHS, INFERRED_GRAPH, METADATA_GRAPH

_KEPT_RELEASES = 3
_STAGING = "staging-"
PROOFS_FILE = "proofs.jsonl"


@dataclass(frozen=True)
class Release:
    """A published release. `triples` counts by level (asserted, curated, inferred, full, metadata), `graphs` by graph IRI.

    `fingerprint` is that of its content (`fingerprint_of`), empty for a release made before there were any.
    """

    id: str
    date: str
    version: str
    triples: Mapping[str, int]
    graphs: Mapping[str, int]
    folder: Path = field(compare=False)
    fingerprint: str = ""

    @property
    def graph_file(self) -> Path:
        """Every named graph as canonical N-Quads."""
        return self.folder / "graph.nq"

    @property
    def proofs(self) -> Path:
        """The proofs of what was inferred (`explain.read_proofs`); absent where the engine kept none."""
        return self.folder / PROOFS_FILE

    @property
    def dumps(self) -> Path:
        """The folder of downloads."""
        return self.folder / "dumps"


def level_graphs(graphs: Sequence[str]) -> dict[str, list[str]]:
    """The named graphs of each dump; asserted, curated and full are cumulative and leave metadata out."""
    content = [iri for iri in graphs if iri != METADATA_GRAPH]
    encoded = [iri for iri in content if iri != INFERRED_GRAPH]
    return {
        "asserted": [iri for iri in encoded if not iri.startswith(CURATED_GRAPHS)],
        "curated": encoded,
        "inferred": [iri for iri in content if iri == INFERRED_GRAPH],
        "full": content,
        "metadata": [iri for iri in graphs if iri == METADATA_GRAPH],
    }


def to_nquads(graphs: Mapping[str, frozenset[Triple]]) -> bytes:
    """Named graphs as canonical N-Quads: RDFC-1.0 blank node labels, sorted lines, UTF-8."""
    known: dict[Node, Term] = {}

    def term(node: Node) -> Term:
        found = known.get(node)
        if found is None:
            found = known[node] = _term(node)
        return found

    statements = (
        Statement(term(subject), str(predicate), term(value), iri)
        for iri, triples in graphs.items()
        for subject, predicate, value in triples
    )
    return canonical_nquads(nquads(statements))


def fingerprint_of(content: bytes) -> str:
    """SHA-256 (hex) of a dataset in canonical N-Quads (RDFC-1.0): equal for two datasets exactly if they are isomorphic.

    Source: W3C RDF Dataset Canonicalization, section 4.4.3 and its use of the hash of the serialized canonical form.
    """
    return hashlib.sha256(content).hexdigest()


def _term(node: Node) -> Term:
    if isinstance(node, Literal):
        return Term("literal", str(node), node.language, str(node.datatype) if node.datatype else None)
    return Term("blank" if isinstance(node, BNode) else "iri", str(node))


def write_release(folder: Path, release: Release, content: bytes, dumps: Sequence[DumpFile]) -> None:
    """Write the files of a release beside its dumps."""
    (folder / "graph.nq").write_bytes(content)
    told = {name: value for name, value in asdict(release).items() if name != "folder"}
    (folder / "release.json").write_text(json.dumps(told, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    write_sums(folder / "dumps", dumps)


def read_release(folder: Path) -> Release:
    """The release in `folder`. Raises InputError where there is none."""
    try:
        told = json.loads((folder / "release.json").read_text(encoding="utf-8"))
        return Release(**told, folder=folder)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{folder} holds no release: {error}. Run `stratgraph build`.") from error


def current_release(build_dir: Path) -> Release | None:
    """The release in use, or None before the first build."""
    current = build_dir / "current"
    return read_release(current.resolve()) if current.exists() else None


def built_from(build_dir: Path) -> str | None:
    """The hash of the inputs that the current release was built from, or None."""
    path = build_dir / "inputs"
    return path.read_text(encoding="utf-8").strip() if path.is_file() and (build_dir / "current").exists() else None


@contextmanager
def build_lock(build_dir: Path) -> Iterator[None]:
    """Only one build at a time writes into a folder; a second waits. What killed builds have left half-written is removed.

    The system frees the lock of a process that ends, however it ends: whoever holds it knows that no other build is alive here.
    """
    build_dir.mkdir(parents=True, exist_ok=True)
    with (build_dir / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        for left in build_dir.glob(f"{_STAGING}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def install(build_dir: Path, inputs: str, write: Callable[[Path], Release]) -> Release:
    """Let `write` fill a temporary folder, then put it in place of the current release.

    Whatever fails, `current` still points at the last good release. Raises InputError where the disk refuses.
    """
    releases = build_dir / "releases"
    staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=build_dir))
    try:
        release = write(staging)
        releases.mkdir(exist_ok=True)
        final = releases / release.id
        if not final.exists():
            staging.chmod(0o755)
            staging.rename(final)
        _point(build_dir / "current", Path("releases") / release.id)
        _replace_text(build_dir / "inputs", f"{inputs}\n")
    except OSError as error:
        raise InputError(f"The build could not be written to {build_dir}: {error.strerror}. The last good build is untouched.") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    _forget_old(releases, final)
    return read_release(final)


def _point(link: Path, target: Path) -> None:
    fresh = link.with_name(f"{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


def _replace_text(path: Path, text: str) -> None:
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def _forget_old(releases: Path, current: Path) -> None:
    others = sorted((one for one in releases.iterdir() if one != current), key=os.path.getmtime, reverse=True)
    for old in others[_KEPT_RELEASES - 1 :]:
        shutil.rmtree(old, ignore_errors=True)
