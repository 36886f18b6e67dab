"""A report as SARIF 2.1.0, which editors and code hosts show beside the lines. Imports this package's values only.

Specification: https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import quote

from stratgraph.validate.context import Rule
from stratgraph.validate.report import LANGUAGES, Finding, Report
from stratgraph.vocab import SHAPES

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {"violation": "error", "warning": "warning", "info": "note"}
_ROOT: Final = "ROOT"


def to_sarif(report: Report, rules: Iterable[Rule], version: str, language: str = "en") -> str:
    """The findings as one SARIF run; messages in `language`, and each rule's in both. `version` is the program's.

    Paths are relative to ROOT, the product's folder, as code hosts want them.
    """
    known = {rule.name: rule for rule in rules}
    for finding in report.findings:  # what no shape declares: Turtle that cannot be read, spans that do not fit
        known.setdefault(finding.shape, Rule(finding.shape, finding.severity, finding.message))
    names = sorted(known)
    driver = {
        "name": "StratGraph",
        "version": version,
        "informationUri": "https://w3id.org/stratgraph/",
        "rules": [_rule(known[name], language) for name in names],
    }
    run = {
        "tool": {"driver": driver},
        "language": language,
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder with ontology/, shapes/, data/ttl/ and queries/."}}},
        "results": [_result(finding, names.index(finding.shape), language) for finding in report.findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _rule(rule: Rule, language: str) -> dict[str, Any]:
    return {
        "id": rule.name,
        "helpUri": f"{SHAPES}{rule.name}",
        "shortDescription": {"text": _literal(rule.message[language])},
        "messageStrings": {one: {"text": _literal(rule.message[one])} for one in LANGUAGES},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(finding: Finding, index: int, language: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "ruleId": finding.shape,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": _literal(finding.message[language])},
        "locations": [_location(finding)],
        "partialFingerprints": {"stratgraph/v1": _fingerprint(finding)},
        "properties": {"message": dict(finding.message), "label": dict(finding.label)},
    }
    return told


def _location(finding: Finding) -> dict[str, Any]:
    named: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": finding.focus}]}
    if finding.place is None:
        return named
    path = PurePosixPath(finding.place.path)
    artifact = {"uri": path.as_uri()} if path.is_absolute() else {"uri": quote(str(path)), "uriBaseId": _ROOT}
    column = {} if finding.place.column is None else {"startColumn": finding.place.column}
    return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": finding.place.line, **column}}, **named}


def _fingerprint(finding: Finding) -> str:
    """The same for the same breach on another line, so that hosts recognise it."""
    parts: Mapping[str, str | None] = {"shape": finding.shape, "focus": finding.focus, "path": finding.path, "value": finding.value}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def _literal(text: str) -> str:
    """Braces doubled: in SARIF a single one begins a placeholder."""
    return text.replace("{", "{{").replace("}", "}}")
