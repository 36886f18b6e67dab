"""Strict reading of a question's `#+` YAML header, with the line of everything. Imports errors and the model.

The header's own keys are grlc's, with grlc's plain types; ours stand under one `stratgraph:` key, since grlc overwrites
top-level `parameters`, `query`, `type` and `variables`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import yaml

from stratgraph.errors import SourceError
from stratgraph.questions.model import Text


class Fields:
    """A YAML mapping of which every key must be read: `with Fields(…) as fields` raises SourceError for one that is not known."""

    def __init__(self, node: yaml.Node, path: Path, what: str) -> None:
        self.path, self.what, self.line = path, what, node.start_mark.line + 1
        if not isinstance(node, yaml.MappingNode):
            raise SourceError(f"{what} must be a mapping of keys.", str(path), self.line)
        self._values: dict[str, yaml.Node] = {}
        self._lines: dict[str, int] = {}
        self._read: set[str] = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or key.value in self._values:
                raise SourceError(f"{what} has the key {getattr(key, 'value', '?')!r} twice or not as plain text.", str(path), line)
            self._values[key.value], self._lines[key.value] = value, line

    def __enter__(self) -> Fields:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        unknown = [key for key in self._values if key not in self._read]
        if error is None and unknown:
            known = ", ".join(sorted(self._read))
            raise SourceError(f"Unknown key {unknown[0]!r} in {self.what}; known: {known}.", str(self.path), self._lines[unknown[0]])

    def find(self, key: str) -> yaml.Node | None:
        """The node under `key`, None where there is none."""
        self._read.add(key)
        return self._values.get(key)

    def node(self, key: str) -> yaml.Node:
        """The node under `key`. Raises SourceError where it is missing."""
        found = self.find(key)
        if found is None:
            raise self.error(f"{self.what} lacks the key {key!r}.")
        return found

    def line_of(self, key: str) -> int:
        """The line of `key`, or of the whole where the key is not given."""
        return self._lines.get(key, self.line)

    def error(self, message: str, key: str | None = None) -> SourceError:
        """A SourceError at this mapping's (or key's) line."""
        return SourceError(message, str(self.path), self.line_of(key) if key else self.line)

    def text(self, key: str, default: str | None = None) -> str:
        """Plain text under `key`. Raises SourceError where it is missing (and has no default) or empty."""
        node = self.find(key)
        if node is None and default is not None:
            return default
        return scalar(self.node(key), self.path, f"{key!r} in {self.what}")

    def optional_text(self, key: str) -> str | None:
        """Plain text under `key`, or None."""
        node = self.find(key)
        return None if node is None else scalar(node, self.path, f"{key!r} in {self.what}")

    def flag(self, key: str) -> bool:
        """True or false under `key`; false where it is not given."""
        value = self.text(key, "false")
        if value not in ("true", "false"):
            raise self.error(f"{key!r} in {self.what} must be true or false, not {value!r}.", key)
        return value == "true"

    def choice(self, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        """One of `allowed` under `key`; `default` where it is not given."""
        value = self.text(key, default)
        if value not in allowed:
            raise self.error(f"{key!r} in {self.what} is {value!r}; allowed: {', '.join(allowed)}.", key)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of plain texts under `key`; empty where it is not given. One text counts as a list of one."""
        node = self.find(key)
        if node is None:
            return ()
        return scalars(node, self.path, f"{key!r} in {self.what}")

    def list_of_texts(self, key: str) -> tuple[str, ...]:
        """As `texts`, but one text alone is an error: grlc wants a list."""
        node = self.find(key)
        if node is not None and not isinstance(node, yaml.SequenceNode):
            raise self.error(f"{key!r} in {self.what} must be a list.", key)
        return self.texts(key)

    def both(self, key: str) -> Text:
        """A text in Japanese and English under `key`."""
        with Fields(self.node(key), self.path, f"{key!r} in {self.what}") as fields:
            return Text(fields.text("ja"), fields.text("en"))

    def items(self, key: str) -> list[Fields]:
        """A list of mappings under `key`; empty where it is not given."""
        node = self.find(key)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            raise self.error(f"{key!r} in {self.what} must be a list.", key)
        return [Fields(item, self.path, f"item {i} of {key!r}") for i, item in enumerate(node.value, 1)]


def scalar(node: yaml.Node, path: Path, what: str) -> str:
    """A YAML scalar's text as written, white space folded. Raises SourceError for an empty one and for anything else."""
    value = " ".join(node.value.split()) if isinstance(node, yaml.ScalarNode) else ""
    if not value:
        raise SourceError(f"{what} must be a text that is not empty.", str(path), node.start_mark.line + 1)
    return value


def scalars(node: yaml.Node, path: Path, what: str) -> tuple[str, ...]:
    """A YAML scalar or list of scalars as texts."""
    if isinstance(node, yaml.SequenceNode):
        return tuple(scalar(item, path, f"an item of {what}") for item in node.value)
    return (scalar(node, path, what),)


def read_header(text: str, path: Path) -> yaml.Node:
    """The YAML node of the `#+` lines at the top of a question file; its lines are the file's. Raises SourceError."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#+"):
            break
        lines.append(line[2:].removeprefix(" "))
    try:
        node = yaml.compose("\n".join(lines), Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, None)
        raise SourceError(f"The header is not YAML: {error.problem}.", str(path), *place) from error
    except yaml.YAMLError as error:
        raise SourceError(f"The header is not YAML: {error}.", str(path), 1) from error
    except RecursionError:
        raise SourceError("The header is not YAML that can be read: it is nested too deeply.", str(path), 1) from None
    if node is None:
        raise SourceError("The file must begin with a header of `#+` lines.", str(path), 1)
    return node
