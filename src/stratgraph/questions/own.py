"""A reader's own questions, beside ours: read file by file, so that an error in one never takes the others down. Imports the loader.

They keep every rule that ours keep, but for the expected rows of examples, which may be left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from stratgraph.errors import InputError, SourceError
from stratgraph.questions.load import load_question, load_questions
from stratgraph.questions.model import Question, Questions

_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def load_served(ours: Path, own: Path | None, tell: Callable[[str], None]) -> Questions:
    """All questions to be served: ours, and those of the folder `own` that keep the rules; `tell` hears what is wrong with the others.

    Raises SourceError for one of ours, InputError where there is no such folder.
    """
    saved = load_questions(ours)
    if own is None:
        return saved
    found, problems = load_own(own, saved)
    for one in problems:
        tell(f"This question is left out. {one}")
    return Questions({**saved, **found})


def load_own(folder: Path, saved: Questions) -> tuple[dict[str, Question], list[SourceError]]:
    """The questions of a folder by slug, and what is wrong with those that cannot be served. Raises InputError."""
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder of questions.")
    found: dict[str, Question] = {}
    problems: list[SourceError] = []
    for path in sorted(folder.glob("*.rq")):
        try:
            if path.stem in saved:
                raise SourceError("There is a question of this name already: give the file another.", str(path), 1)
            found[path.stem] = load_question(path, expected=False)
        except SourceError as error:
            problems.append(error)
        except OSError as error:
            problems.append(SourceError(f"The file cannot be read: {error.strerror}.", str(path)))
    return found, problems


def draft_question(slug: str, kind: str, prefixes: str) -> str:
    """The text of a new question: all things of a class (a prefixed name such as `sg:Measure`), with their labels. Raises InputError."""
    if not _SLUG.fullmatch(slug):
        raise InputError(f"{slug!r}: a question's name is a phrase of small letters, digits and hyphens.")
    if not re.fullmatch(r"[a-z]+:[A-Za-z]\w*", kind, re.ASCII):
        raise InputError(f"{kind!r} is no prefixed name of a class, such as sg:Measure.")
    return _DRAFT.format(name=slug.replace("-", " ").capitalize(), kind=kind, prefixes=prefixes)


_DRAFT: Final = """\
#+ summary: {name}?
#+ description: Say here what the answer holds and what it rests on.
#+ tags:
#+   - measure
#+ method: GET
#+ stratgraph:
#+   name:
#+     ja: {name}（質問の名前）
#+     en: {name}?
#+   description:
#+     ja: 答えに何が含まれ、何に基づくかを書く。
#+     en: Say here what the answer holds and what it rests on.
#+   audience:
#+     - researcher
#+   parameters:
#+     - name: thing
#+       type: iri
#+       class: {kind}
#+       label:
#+         ja: 対象
#+         en: Thing
#+       help:
#+         ja: 名称。空欄ならすべて
#+         en: Its name; empty for all
#+     - name: language
#+       type: language
#+       label:
#+         ja: 表示言語
#+         en: Language
#+       help:
#+         ja: 題名や要約の言語（ja または en）
#+         en: Language of titles and summaries (ja or en)
#+       default: ja
#+   columns:
#+     - name: thing
#+       type: iri
#+       label:
#+         ja: 対象
#+         en: Thing
#+     - name: title
#+       type: text
#+       label:
#+         ja: 名称
#+         en: Name
#+   examples:
#+     - name: all

{prefixes}
SELECT DISTINCT ?thing ?title
WHERE {{
  VALUES ?thing {{ UNDEF }}
  VALUES ?language {{ "ja" }}
  ?thing a {kind} .
  OPTIONAL {{ ?thing skos:prefLabel ?title FILTER (LANG(?title) = ?language) }}
}}
ORDER BY ?thing
"""
