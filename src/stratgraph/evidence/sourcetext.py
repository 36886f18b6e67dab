"""Source texts on disk, recognised by their hash whatever their names. Imports errors and vocab."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stratgraph.errors import SourceTextError
from stratgraph.indexed import ReadableGraph
from stratgraph.vocab import ID, SG


@dataclass(frozen=True)
class SourceTextFile:
    """A source text as it is on disk: `text` is its UTF-8 content with its own line breaks, `size` counts bytes."""

    key: str
    path: Path = field(compare=False)
    sha256: str
    size: int
    text: str = field(repr=False)


def wanted_texts(graph: ReadableGraph) -> dict[str, str]:
    """The SHA-256 (64 hex digits) of each source text that the graph names, by document key."""
    prefix = str(ID["source-text/"])
    hashes = ((str(subject), str(value)) for subject, value in graph.subject_objects(SG.sha256))
    return {iri.removeprefix(prefix): value for iri, value in sorted(hashes) if iri.startswith(prefix)}


def find_source_texts(folder: Path, wanted: Mapping[str, str], allow_missing: bool = False) -> dict[str, SourceTextFile]:
    """The files in `folder` (not below it) whose content has a wanted hash. `wanted` maps document key → SHA-256.

    Raises SourceTextError where the folder cannot be read, a text is not UTF-8, or, unless `allow_missing`, one is missing.
    """
    found: dict[str, SourceTextFile] = {}
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file())
        contents = [(path, path.read_bytes()) for path in files]
    except OSError as error:
        raise SourceTextError(
            f"The source texts' folder {folder} cannot be read: {error.strerror}. Name the one that holds them."
        ) from error
    for path, content in contents:
        digest = hashlib.sha256(content).hexdigest()
        for key in (key for key, wish in wanted.items() if wish == digest and key not in found):
            found[key] = SourceTextFile(key, path, digest, len(content), _decoded(content, path))
    missing = [f"{key} (SHA-256 {digest})" for key, digest in sorted(wanted.items()) if key not in found]
    if missing and not allow_missing:
        raise SourceTextError(
            f"None of the {len(files)} files in {folder} is the source text of {', '.join(missing)}. "
            "File names do not matter, the content must be byte for byte the one that was encoded."
        )
    return found


def _decoded(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceTextError(f"The source text {path} is not UTF-8: byte {error.start} cannot be read.") from error
