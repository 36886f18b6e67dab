"""What validation found, as values. Imports rdflib's namespaces and the layers below only.

Non-conformance is data: a Report, never an exception.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, XSD

from stratgraph.places import Place
from stratgraph.vocab import ID, OA, ORG, SG, SHAPES, VOCAB

SEVERITIES: Final = ("violation", "warning", "info")
LANGUAGES: Final = ("ja", "en")

_SHORT: Final = (
    (str(ID), "<{}>"),
    (str(VOCAB), "vocab/{}"),
    (str(SG), "sg:{}"),
    (str(SHAPES), "shape:{}"),
    (str(OA), "oa:{}"),
    (str(ORG), "org:{}"),
    (str(DCTERMS), "dcterms:{}"),
    (str(OWL), "owl:{}"),
    (str(RDF), "rdf:{}"),
    (str(RDFS), "rdfs:{}"),
    (str(SKOS), "skos:{}"),
    (str(XSD), "xsd:{}"),
)
_WORDS: Final = {
    "en": {"violation": "violation", "warning": "warning", "info": "note", "value": "value", "property": "property", "none": "no findings"},
    "ja": {"violation": "違反", "warning": "警告", "info": "注意", "value": "値", "property": "プロパティ", "none": "指摘なし"},
}


@dataclass(frozen=True)
class Finding:
    """One breach of one shape.

    `severity` is one of SEVERITIES; `shape` the local name of the shape, property shape or constraint; `focus` the full IRI
    of the thing that breaks it; `path` and `value` as text, None where the breach is not about one; `message` and `label`
    map "ja" and "en" to text (`label` may be empty); `place` is where to mend it, None for what stands in no file.
    """

    severity: str
    shape: str
    focus: str
    path: str | None
    value: str | None
    message: Mapping[str, str]
    place: Place | None = None
    label: Mapping[str, str] = field(default_factory=dict)

    @property
    def sort_key(self) -> tuple[object, ...]:
        """Severity first, then file and line, then the rest: the same graph always gives the same order."""
        place = (self.place.path, self.place.line) if self.place else ("\U0010ffff", 0)
        return (SEVERITIES.index(self.severity), *place, self.focus, self.shape, self.path or "", self.value or "")

    def to_text(self, language: str = "en") -> str:
        """Two lines for a terminal: file:line, severity, message; then thing, shape, property and value."""
        words = _WORDS[language]
        label = self.label.get(language) or next(iter(self.label.values()), "")
        about = [f"{shorten(self.focus)} {label}".rstrip(), f"shape:{self.shape}"]
        if self.path is not None:
            about.append(f"{words['property']} {self.path}")
        if self.value is not None:
            about.append(f"{words['value']} {self.value}")
        where = f"{self.place}: " if self.place else ""
        return f"{where}{words[self.severity]}: {self.message[language]}\n    {' · '.join(about)}"

    def to_value(self) -> dict[str, object]:
        """The finding as plain JSON values; `place` is {"path", "line"}, with "column" where it is known, or null."""
        place: dict[str, object] | None = {"path": self.place.path, "line": self.place.line} if self.place else None
        if place is not None and self.place is not None and self.place.column is not None:
            place["column"] = self.place.column
        return {
            "severity": self.severity,
            "shape": f"{SHAPES}{self.shape}",
            "focus": self.focus,
            "path": self.path,
            "value": self.value,
            "message": dict(self.message),
            "label": dict(self.label),
            "place": place,
        }


@dataclass(frozen=True)
class Report:
    """All findings of one validation, in order."""

    findings: tuple[Finding, ...]

    @property
    def conforms(self) -> bool:
        """True where nothing is a violation; warnings and notes do not stop a build."""
        return all(finding.severity != "violation" for finding in self.findings)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many findings of each severity, in the order of SEVERITIES; severities without any are left out."""
        found = Counter(finding.severity for finding in self.findings)
        return {severity: found[severity] for severity in SEVERITIES if found[severity]}

    def to_text(self, language: str = "en") -> str:
        """The findings for a terminal, in "ja" or "en", with their counts as the last line."""
        words = _WORDS[language]
        if not self.findings:
            return words["none"]
        counts = ", ".join(f"{words[severity]}: {count}" for severity, count in self.counts.items())
        return "\n".join([*(finding.to_text(language) for finding in self.findings), counts])

    def to_json(self) -> str:
        """The report as JSON: {"conforms", "counts", "findings"}, in both languages."""
        value = {"conforms": self.conforms, "counts": self.counts, "findings": [finding.to_value() for finding in self.findings]}
        return json.dumps(value, ensure_ascii=False, indent=2)


def shorten(iri: str) -> str:
    """An IRI as messages show it: `<section/…>` for our things, prefixed for our terms and the usual ones, else in full."""
    for namespace, form in _SHORT:
        if iri.startswith(namespace):
            return form.format(iri.removeprefix(namespace))
    return f"<{iri}>"
