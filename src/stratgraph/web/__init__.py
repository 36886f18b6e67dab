"""The HTTP side: routes, pages, and the one table from errors to statuses. May import everything but the command line."""

from stratgraph.web.app import create_app

__all__ = ["create_app"]
