"""The `stratgraph` command: what it does, and its exit codes. The only package that prints.

Exit codes: 0 done; 1 findings (the data breaks its shapes, a text is not covered, a file is not in its layout, a query
failed); 2 misuse (an unknown option, question or value, a missing folder).
"""

from __future__ import annotations

import logging
import os
from dataclasses import replace

import click

from stratgraph import __version__
from stratgraph.cli.asking import query
from stratgraph.cli.encoding import anchor, coverage, fmt, ledger
from stratgraph.cli.founding import import_rows, new_document
from stratgraph.cli.judging import candidates, review
from stratgraph.cli.making import build, serve, validate
from stratgraph.cli.proving import why
from stratgraph.cli.questions import ask, new_question, report
from stratgraph.cli.releasing import diff, export_site, release
from stratgraph.cli.session import Session
from stratgraph.cli.watching import watch
from stratgraph.errors import InputError
from stratgraph.settings import Settings


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="stratgraph")
@click.option("--root", metavar="DIR", help="Folder with ontology/, shapes/, data/ttl/, queries/. Default: here, else the packaged copy.")
@click.option("--build-dir", metavar="DIR", help="Folder that holds builds. Default: build/ under the root.")
@click.pass_context
def main(context: click.Context, root: str | None, build_dir: str | None) -> None:
    """Government strategy documents as a knowledge graph: build it, check it, ask it, serve it.

    \b
    stratgraph serve                                   build what changed and serve it
    stratgraph ask                                     list the saved questions
    stratgraph query 'SELECT * { ?s ?p ?o } LIMIT 3'   SPARQL over the built graph
    stratgraph validate                                check the encoded data, with file and line
    """  # noqa: D301 - click reads the control character before a paragraph that it is to leave as it is
    # rdflib logs a traceback for each ill-typed literal; validation tells of them with file and line.
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
    try:
        settings = Settings.from_environment(os.environ)
    except InputError as error:
        raise click.UsageError(str(error)) from error
    context.obj = Session(replace(settings, root=root or settings.root, build_dir=build_dir or settings.build_dir))


_COMMANDS = (
    *(build, validate, watch, serve, query, ask, report, new_question, why, fmt, anchor, coverage, ledger),
    *(new_document, import_rows, review, candidates, release, diff, export_site),
)
for one in _COMMANDS:
    main.add_command(one)
