"""The tree of failures."""

from __future__ import annotations

from stratgraph import errors


def test_every_error_is_drawn_in_the_tree() -> None:
    """The module's drawing names each class, so a reader sees the whole tree at its top."""
    classes = [name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, errors.StratgraphError)]
    assert len(classes) > 15
    assert [name for name in classes if name not in (errors.__doc__ or "")] == []


def test_messages_tell_place_and_help() -> None:
    """A place reads path:line:column; an unknown name offers near ones."""
    assert str(errors.SourceError("is odd", "a.ttl", 3, 7)) == "a.ttl:3:7: is odd"
    assert str(errors.SourceError("is odd", "a.ttl")) == "a.ttl: is odd"
    assert "where-is-it" in str(errors.UnknownQuestion("where-it", ["where-is-it"]))
    assert str(errors.BadParameter("year", "must be a number")) == "Parameter “year”: must be a number"
    assert "0.5 s" in str(errors.QueryTimeout(0.5))
