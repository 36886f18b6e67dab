"""Reports as SARIF 2.1.0: what the specification requires of a log, its rules, results and locations."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from stratgraph.places import Place
from stratgraph.validate import Finding, Report, load_shapes, to_sarif
from stratgraph.vocab import ID

ROOT = Path(__file__).parent.parent
MESSAGE = {"ja": "{値} を直す。", "en": "Mend {value}."}
FINDINGS = (
    Finding("violation", "turtle", "data/ttl/reference/x.ttl", None, None, MESSAGE, Place("data/ttl/reference/x y.ttl", 3)),
    Finding("warning", "BodyReading-kana", f"{ID}body/a", "skos:altLabel", None, MESSAGE, Place("data/ttl/a.ttl", 7), {"ja": "甲"}),
    Finding("info", "Anchors-iri", f"{ID}anchor/a", None, "“x”", MESSAGE),
)


def run(findings: tuple[Finding, ...] = FINDINGS, language: str = "en") -> dict[str, Any]:
    """The one run of a log of these findings."""
    log = json.loads(to_sarif(Report(findings), load_shapes(ROOT / "shapes" / "asserted").worded(), "1.2.3", language))
    assert log["version"] == "2.1.0"  # §3.13.2
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    [only] = log["runs"]  # §3.13.4
    assert isinstance(only, dict)
    return only


def test_a_run_names_its_tool_and_rules() -> None:
    """§3.14.6, §3.19: a driver with a name and rules whose ids are unique; each says itself in both languages."""
    driver = run()["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("StratGraph", "1.2.3")
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(ids) == len(set(ids)) > 150
    for rule in driver["rules"]:
        assert set(rule["messageStrings"]) == {"ja", "en"}
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")


def test_a_result_refers_to_its_rule_and_line() -> None:
    """§3.27: ruleId and ruleIndex agree, the level is one of SARIF's, the place is a URI under ROOT and a line from 1."""
    told = run()
    for result in told["results"]:
        assert told["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert len(result["locations"]) == 1
    assert [one["level"] for one in told["results"]] == ["error", "warning", "note"]
    first, second, third = (one["locations"][0] for one in told["results"])
    assert first["physicalLocation"]["artifactLocation"] == {"uri": "data/ttl/reference/x%20y.ttl", "uriBaseId": "ROOT"}
    assert set(told["originalUriBaseIds"]) == {"ROOT"}
    assert second["physicalLocation"]["region"] == {"startLine": 7}
    assert third == {"logicalLocations": [{"fullyQualifiedName": f"{ID}anchor/a"}]}


def test_braces_are_no_placeholders() -> None:
    """§3.11.5: a literal brace is doubled in every message string."""
    told = run()
    assert told["results"][0]["message"]["text"] == "Mend {{value}}."
    texts = [text["text"] for rule in told["tool"]["driver"]["rules"] for text in rule["messageStrings"].values()]
    assert [text for text in texts if re.search(r"[{}]", text.replace("{{", "").replace("}}", ""))] == []
    assert any("{{?value}}" in text for text in texts)


def test_messages_follow_the_language() -> None:
    """§3.14.7: the run names its language, and messages are in it."""
    told = run(language="ja")
    assert told["language"] == "ja"
    assert told["results"][0]["message"]["text"] == "{{値}} を直す。"


def test_a_fingerprint_survives_a_move() -> None:
    """§3.27.17: the same breach on another line keeps its fingerprint; another breach has another."""
    one, other = FINDINGS[:2]
    moved = Finding(one.severity, one.shape, one.focus, one.path, one.value, one.message, Place("data/ttl/z.ttl", 90))
    prints = [result["partialFingerprints"]["stratgraph/v1"] for result in run((one, moved, other))["results"]]
    assert prints[0] == prints[1] != prints[2]


def test_no_findings_is_an_empty_list() -> None:
    """§3.14.23: results is present and empty where nothing was found, not absent."""
    assert run(())["results"] == []
