"""Settings from the environment, and finding the product's folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from stratgraph.errors import LayoutError, SettingError
from stratgraph.settings import Layout, Settings


def test_defaults_hold_where_nothing_is_set() -> None:
    """An empty environment gives the defaults that docs/settings.md tells."""
    settings = Settings.from_environment({"PATH": "/bin"})
    assert (settings.host, settings.port, settings.query_timeout) == ("127.0.0.1", 8000, 30.0)


def test_values_are_parsed_to_their_type() -> None:
    """Numbers come as numbers."""
    settings = Settings.from_environment({"STRATGRAPH_PORT": "81", "STRATGRAPH_QUERY_TIMEOUT": "2.5", "STRATGRAPH_HOST": "::1"})
    assert (settings.port, settings.query_timeout, settings.host) == (81, 2.5, "::1")


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("STRATGRAPH_PORT", "eighty", "whole number"),
        ("STRATGRAPH_QUERY_TIMEOUT", "soon", "a number"),
        ("STRATGRAPH_WORKERS", "-1", "negative"),
        ("STRATGRAPH_PROT", "80", "STRATGRAPH_PORT"),
        ("STRATGRAPH_VALIDATOR", "rudof", "compiled, pyshacl"),
    ],
)
def test_a_bad_setting_is_named(name: str, value: str, part: str) -> None:
    """The message names the setting, and what is allowed or known."""
    with pytest.raises(SettingError, match=part) as caught:
        Settings.from_environment({name: value})
    assert name in str(caught.value)


def test_a_root_without_the_product_is_refused(tmp_path: Path) -> None:
    """The message lists the missing folders."""
    (tmp_path / "ontology").mkdir()
    with pytest.raises(LayoutError, match="shapes, data/ttl, queries"):
        Layout.find(tmp_path)


def test_the_checkout_is_found_from_within(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working directory is the root where it holds the product."""
    monkeypatch.chdir(layout.root)
    assert Layout.find().root == layout.root
