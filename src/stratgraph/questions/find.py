"""Which saved questions a reader looks for: by words, audience and tag. Imports the model and the folding of names."""

from __future__ import annotations

from dataclasses import dataclass

from stratgraph.questions.model import Question, Questions
from stratgraph.questions.resolve import fold


@dataclass(frozen=True)
class Wanted:
    """Words (all must be found), an audience, a tag; empty means any."""

    words: str = ""
    audience: str = ""
    tag: str = ""

    def __bool__(self) -> bool:
        return bool(self.words or self.audience or self.tag)

    def of(self, questions: Questions) -> list[Question]:
        """The questions wanted, in their order; those whose name holds all the words first."""
        words = [fold(word) for word in self.words.split()]
        found = [one for one in questions.values() if self._fits(one)]
        return sorted(found, key=lambda one: not all(word in fold(f"{one.name.ja} {one.name.en}") for word in words))

    def _fits(self, question: Question) -> bool:
        if self.audience and self.audience not in question.audience:
            return False
        if self.tag and self.tag not in question.tags:
            return False
        text = _text(question)
        return all(fold(word) in text for word in self.words.split())


def _text(question: Question) -> str:
    """All that a question says of itself, folded."""
    texts = [question.name, question.description, *(one.label for one in question.columns)]
    texts += [text for one in question.parameters for text in (one.label, one.help)]
    return fold(" ".join([question.slug, *question.tags, *(words for text in texts for words in (text.ja, text.en))]))
