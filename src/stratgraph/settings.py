"""Settings as one frozen value, and where the product's folders are. Imports errors only.

Settings are read from the environment once, by the caller (`Settings.from_environment(os.environ)`); nothing here looks at
the environment by itself, so tests need not set it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from stratgraph.errors import LayoutError, SettingError

_PARTS = ("ontology", "shapes", "data/ttl", "queries")


@dataclass(frozen=True)
class Layout:
    """The folders of one checkout (or of the copy inside the installed package). `root` is absolute."""

    root: Path

    @property
    def ontology(self) -> Path:
        """Ontology, alignments, prefixes (`*.ttl`) and rules (`rules/*.rq`)."""
        return self.root / "ontology"

    @property
    def rules(self) -> Path:
        """SPARQL CONSTRUCT rules beyond OWL 2 RL."""
        return self.ontology / "rules"

    @property
    def shapes(self) -> Path:
        """SHACL shapes: `asserted/` for what is encoded, `inferred/` for the closure."""
        return self.root / "shapes"

    @property
    def data(self) -> Path:
        """Turtle; the folder names the graph."""
        return self.root / "data" / "ttl"

    @property
    def agreement(self) -> Path:
        """How far two readers of the documents agreed (`tables.read_agreement`); a product may have none."""
        return self.root / "data" / "agreement.csv"

    @property
    def queries(self) -> Path:
        """Saved questions (`*.rq`) and their expected rows."""
        return self.root / "queries"

    @classmethod
    def find(cls, root: str | Path | None = None) -> Layout:
        """The layout at `root`, else at the working directory, else the one shipped in the package.

        Raises LayoutError where a part is missing at a root that was asked for, or where none is complete.
        """
        if root is not None:
            return cls(_require(Path(root).resolve()))
        for candidate in (Path.cwd(), Path(__file__).parent / "product"):
            if all((candidate / part).is_dir() for part in _PARTS):
                return cls(candidate)
        raise LayoutError(
            f"No StratGraph product here: {Path.cwd()} lacks {', '.join(_PARTS)}. Give the folder with --root DIR or STRATGRAPH_ROOT."
        )


def _require(root: Path) -> Path:
    missing = [part for part in _PARTS if not (root / part).is_dir()]
    if missing:
        raise LayoutError(f"{root} is not a StratGraph product: it lacks {', '.join(missing)}.")
    return root


def _setting(default: Any, help_text: str, choices: tuple[str, ...] = ()) -> Any:
    return field(default=default, metadata={"help": help_text, "choices": choices})


@dataclass(frozen=True)
class Settings:
    """What can be set. Each field is `STRATGRAPH_<NAME>` in the environment; its help text feeds docs and `--help`."""

    root: str = _setting("", "folder with ontology/, shapes/, data/ttl/ and queries/; empty: the working directory, else the packaged copy")
    build_dir: str = _setting("", "folder that holds builds; empty: build/ under the root")
    sources: str = _setting("", "folder with the source texts; empty: spans are not checked against the texts")
    reasoner: str = _setting(
        "compiled", "engine of the closure: compiled (fast, keeps proofs) or owlrl (the reference)", ("compiled", "owlrl")
    )
    validator: str = _setting("compiled", "engine for the shapes: compiled, or pyshacl, the slow reference", ("compiled", "pyshacl"))
    host: str = _setting("127.0.0.1", "address to listen on")
    port: int = _setting(8000, "port to listen on")
    workers: int = _setting(2, "query worker processes")
    query_timeout: float = _setting(30.0, "seconds a query may run")
    worker_memory: int = _setting(512, "MiB a query may use beyond the loaded graph")
    worker_queries: int = _setting(10_000, "queries after which a worker is replaced")
    queue_length: int = _setting(64, "queries that may wait for a worker")
    query_bytes: int = _setting(1024 * 1024, "bytes a query (a request body) may have")
    response_bytes: int = _setting(256 * 1024 * 1024, "bytes an answer may have")
    answer_rows: int = _setting(1_000_000, "rows an answer may have")
    partial_bytes: int = _setting(16 * 1024 * 1024, "bytes that `partial=allow` gives of an answer that meets a limit")
    service_allow: str = _setting("", "comma-separated IRIs that SERVICE may ask; empty: queries have no network at all")
    kept_bytes: int = _setting(64 * 1024 * 1024, "bytes of answers kept for the next who asks the same; 0: none")
    client_queries: int = _setting(2, "queries one client may have running or waiting at once; 0: no limit")
    releases: str = _setting("", "folder of kept releases (`stratgraph release`), which `serve` serves too; empty: none")
    questions: str = _setting("", "folder of saved questions of your own (`*.rq`), served beside ours; empty: none")
    old_releases: int = _setting(1, "kept releases that are open for queries at once, beside the current one; 0: none")
    corrections: str = _setting(
        "",
        "where errors are reported: a tracker's address for new issues, or mailto:…; {title}, {body} in it are filled; empty: nowhere",
    )
    trusted_proxies: str = _setting("", "comma-separated addresses whose X-Forwarded-For is believed")

    @property
    def own_questions(self) -> Path | None:
        """The folder of the reader's own questions, if any."""
        return Path(self.questions) if self.questions else None

    @property
    def services(self) -> tuple[str, ...]:
        """The IRIs that SERVICE may ask."""
        return tuple(part.strip() for part in self.service_allow.split(",") if part.strip())

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Settings from `STRATGRAPH_*` variables. Raises SettingError for an unknown name or a wrong type."""
        known = {f"STRATGRAPH_{one.name.upper()}": one for one in fields(cls)}
        unknown = sorted(name for name in environment if name.startswith("STRATGRAPH_") and name not in known)
        if unknown:
            raise SettingError(f"Unknown setting {unknown[0]}. Known: {', '.join(sorted(known))}.")
        given = {one.name: _parse_value(name, environment[name], type(one.default)) for name, one in known.items() if name in environment}
        for name, one in known.items():
            choices = one.metadata["choices"]
            if choices and given.get(one.name, one.default) not in choices:
                raise SettingError(f"{name} must be one of {', '.join(choices)}, not {given[one.name]!r}.")
        return cls(**given)


def _parse_value(name: str, text: str, kind: type) -> Any:
    if kind is str:
        return text
    try:
        value = kind(text)
    except ValueError as error:
        raise SettingError(f"{name} must be {'a whole number' if kind is int else 'a number'}, not {text!r}.") from error
    if value < 0:
        raise SettingError(f"{name} must not be negative, but is {text}.")
    return value
