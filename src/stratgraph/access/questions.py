"""Saved questions and SPARQL as pandas data frames, from a release on disk. Imports the store, questions and release.

The engine runs in processes of its own, driven by an event loop in a thread of its own, so that it works in a notebook too, whose
thread has a loop that is running.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from stratgraph.access.graph import find_release
from stratgraph.errors import BadParameter, InputError
from stratgraph.questions import Questions, QuestionService, Window, load_questions, with_language
from stratgraph.questions.answer import column_label, plain
from stratgraph.release import Release
from stratgraph.settings import Layout, Settings
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.store.results import select

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")
_TYPES: Final = {"integer": "Int64", "decimal": "Float64", "boolean": "boolean"}


def open_questions(source: str | Path, root: str | Path | None = None) -> OpenQuestions:
    """The saved questions over a release: of a release folder, or of a build folder's current release. Close it, or use `with`.

    `root` is the product whose questions are asked; by default the working directory's, else the packaged one. Raises InputError where
    there is no release, or where pandas is missing.
    """
    try:
        import pandas as _  # noqa: PLC0415, F401 - an extra
    except ImportError as error:
        raise InputError("Data frames need pandas: pip install 'stratgraph[frames]'.") from error
    return OpenQuestions(find_release(Path(source)), load_questions(Layout.find(root).queries))


class OpenQuestions:
    """The questions of one release, open. Make it with `open_questions`."""

    def __init__(self, release: Release, questions: Questions) -> None:
        self.release, self.questions = release, questions
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        try:
            self._store: EmbeddedStore = self._run(_open(release.graph_file))
        except BaseException:
            self._end()
            raise
        self._service = QuestionService(self._store, questions, release.id)

    def list(self, language: str = "en") -> pd.DataFrame:
        """All questions: name, what it asks, for whom, and its parameters. `language` is "ja" or "en"."""
        import pandas as pd  # noqa: PLC0415

        rows = [
            {
                "question": one.slug,
                "name": one.name.get(language),
                "audience": ", ".join(one.audience),
                "parameters": ", ".join(f"{each.name}{'' if each.required else '?'}" for each in one.parameters),
            }
            for one in self.questions.values()
        ]
        return pd.DataFrame(rows).set_index("question")

    def ask(self, question: str, /, *, entailment: str = "full", language: str = "en", **values: object) -> pd.DataFrame:
        """The answer to a saved question; `values` are its parameters, as one would type them (a list gives several).

        Columns are named as the question names them, whole numbers, decimals and truth values typed. `attrs` tells the question, release,
        parameters, scope (which documents were looked at, what is not encoded) and each column's label in both languages, which says of
        summaries that they are not the government's text. Raises UnknownQuestion, BadParameter or QueryError.
        """
        chosen = self.questions.get_question(question)
        if chosen.form != "SELECT":
            raise BadParameter("question", f"“{question}” answers with a graph, not with rows; take open_graph for that.")
        raw = {name: [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)] for name, value in values.items()}
        answer = self._run(self._ask(question, with_language(chosen, raw, language), entailment))
        told = answer.json()
        rows = {one.name: [plain(row.get(one.name), one) for row in answer.rows] for one in chosen.columns}
        frame = _frame(rows, {one.name: one.type for one in chosen.columns})
        labels = {one.name: column_label(one).mapping() for one in chosen.columns}
        frame.attrs = {name: told[name] for name in ("question", "release", "parameters", "scope", "complete")} | {"labels": labels}
        return frame

    def query(self, sparql: str, *, entailment: str = "full", timeout: float = 30.0) -> pd.DataFrame:
        """The rows of a SELECT, every value as text. `timeout` is in seconds. Raises QueryError."""
        names, rows = self._run(select(self._store, sparql, entailment, timeout))
        frame = _frame({name: [row[name].value if name in row else None for row in rows] for name in names}, {})
        frame.attrs = {"release": self.release.id}
        return frame

    def close(self) -> None:
        """End the engine. Safe to call twice."""
        if self._thread.is_alive():
            self._run(self._store.close())
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    async def _ask(self, question: str, raw: Mapping[str, Any], entailment: str) -> Any:
        chosen = self.questions.get_question(question)
        return await self._service.ask(chosen, await self._service.resolve(chosen, raw), Window(), entailment)

    def _run(self, task: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(task, self._loop).result()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _open(graph_file: Path) -> EmbeddedStore:
    return await EmbeddedStore.open(graph_file, replace(Settings(), workers=1))


def _frame(rows: Mapping[str, list[Any]], types: Mapping[str, str]) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415

    return pd.DataFrame({name: pd.Series(values, dtype=_TYPES.get(types.get(name, ""), "object")) for name, values in rows.items()})
