"""Saved questions: SPARQL files with a header that says what they ask, take and answer.

May import the store, formats, settings, vocab and errors. `load_questions` reads the files, `QuestionService` answers them.
"""

from stratgraph.questions.answer import QuestionAnswer, Window
from stratgraph.questions.bind import Term, bind
from stratgraph.questions.check import check_examples
from stratgraph.questions.load import load_questions
from stratgraph.questions.model import Column, Example, Parameter, Question, Questions, Text
from stratgraph.questions.own import draft_question, load_own, load_served
from stratgraph.questions.service import QuestionService, with_language

__all__ = [
    "Column",
    "Example",
    "Parameter",
    "Question",
    "QuestionAnswer",
    "QuestionService",
    "Questions",
    "Term",
    "Text",
    "Window",
    "bind",
    "check_examples",
    "draft_question",
    "load_own",
    "load_questions",
    "load_served",
    "with_language",
]
