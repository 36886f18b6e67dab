"""Releases that are kept: a folder of release folders, and the order in which they were published. Imports release and changes.

<archive>/releases.json          the releases in their order, each with the time it was published
         /<id>/                  a release as the build made it
         /patches/<a>-<b>.rdfp   the patch from each release to the next
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from stratgraph.changes import Patch, make_patch, write_patch
from stratgraph.errors import InputError
from stratgraph.release import Release, build_lock, read_release

_INDEX: Final = "releases.json"
_CONTENT: Final = "stratgraph-full.nq"


@dataclass(frozen=True)
class Published:
    """A release in the order of publication: its identifier, date, fingerprint, and when it was published (UTC, ISO 8601)."""

    id: str
    date: str
    fingerprint: str
    published: str


def read_archive(folder: Path) -> tuple[Published, ...]:
    """The releases of an archive, oldest first; none where there is no archive yet. Raises InputError."""
    path = folder / _INDEX
    if not path.is_file():
        return ()
    try:
        return tuple(Published(**one) for one in json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{path} does not list releases: {error}.") from error


def find_release(folder: Path, identifier: str) -> Release | None:
    """The archived release of this identifier, if there is one. Raises InputError where its files are broken."""
    return read_release(folder / identifier) if any(one.id == identifier for one in read_archive(folder)) else None


def content_of(release: Release) -> bytes:
    """What the release's levels say, as N-Quads with canonical labels: all but metadata and proofs. Raises InputError."""
    try:
        return (release.dumps / _CONTENT).read_bytes()
    except OSError as error:
        raise InputError(f"Release {release.id} has no {_CONTENT}: {error.strerror}.") from error


def patch_between(old: Release, new: Release) -> Patch:
    """The patch from one release to another. Raises InputError."""
    return make_patch(old.id, new.id, content_of(old), content_of(new))


def keep_release(folder: Path, release: Release, published: str) -> Published | None:
    """Add a release to the archive as its newest, with the patch from the one before; None where it is the newest already.

    The list is written last, so an archive that was stopped halfway lists only whole releases. Raises InputError.
    """
    try:
        with build_lock(folder):
            kept = read_archive(folder)
            if kept and kept[-1].id == release.id:
                return None
            entry = Published(release.id, release.date, release.fingerprint, published)
            _copy(release.folder, folder / release.id)
            if kept:
                _write_patch(folder, read_release(folder / kept[-1].id), release)
            _write(folder / _INDEX, json.dumps([asdict(one) for one in (*kept, entry)], indent=2).encode() + b"\n")
    except OSError as error:
        raise InputError(f"The release could not be kept in {folder}: {error.strerror}. Its list is as it was.") from error
    return entry


def stored_patch(folder: Path, old: str, new: str) -> Path | None:
    """The file of the patch between two releases, where they follow one another."""
    path = folder / "patches" / f"{old}-{new}.rdfp"
    return path if path.is_file() else None


def _write_patch(folder: Path, old: Release, new: Release) -> None:
    (folder / "patches").mkdir(exist_ok=True)
    _write(folder / "patches" / f"{old.id}-{new.id}.rdfp", write_patch(patch_between(old, new)))


def _copy(source: Path, target: Path) -> None:
    if target.exists():
        return
    staging = Path(tempfile.mkdtemp(prefix=".staging-", dir=target.parent))
    try:
        shutil.copytree(source, staging / "release", copy_function=_link_or_copy)
        (staging / "release").rename(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _link_or_copy(source: str, target: str) -> str:
    """A second name of the same bytes, which no build ever changes; a copy where the archive is on another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(content)
    fresh.replace(path)
