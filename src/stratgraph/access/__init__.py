"""A release from Python: its graph as an rdflib Dataset, its saved questions as pandas data frames.

    graph       open_graph: a release folder, a build folder or a dump → Dataset
    questions   open_questions: the saved questions and SPARQL, answered as data frames

May import everything below the commands and the web. pandas is an extra (`pip install 'stratgraph[frames]'`), imported where it is used.
"""

from stratgraph.access.graph import open_graph
from stratgraph.access.questions import OpenQuestions, open_questions

__all__ = ["OpenQuestions", "open_graph", "open_questions"]
