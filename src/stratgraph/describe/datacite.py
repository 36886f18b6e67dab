"""The DataCite record of a release, as JSON and XML, ready to be registered with a DOI. Imports the metadata graph's words.

It names no person and no identifier that is not there: the DOI is `:tba` (to be assigned), DataCite's own word for one that a registration
agency gives. Source: DataCite Metadata Schema 4.6 (2024), with its Appendix 3 on unknown values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

from rdflib import RDF, Literal

from stratgraph import RELEASE_DATE, __version__
from stratgraph.describe.metadata import DESCRIPTIONS, LICENCE, TITLES, Described
from stratgraph.dumps import DumpFile, write_file
from stratgraph.places import Triple
from stratgraph.vocab import BASE, SG

_KERNEL: Final = "http://datacite.org/schema/kernel-4"
_SCHEMA: Final = f"{_KERNEL} https://schema.datacite.org/meta/kernel-4.6/metadata.xsd"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_TITLES: Final = {"ja": "DataCite の記録（DOI 登録用）", "en": "DataCite record, ready for a DOI"}
_FOUNDERS: Final = "The StratGraph founders"
_SUBJECTS: Final = ("linked data", "cybersecurity strategy", "Japan", "OWL 2 RL", "SHACL", "SPARQL")


@dataclass(frozen=True)
class _Told:
    """What a record tells of a release: its number of triples, the media types of its files, and the documents it is derived from."""

    release: Described
    triples: int
    formats: Sequence[str]
    documents: Sequence[str]


def write_datacite(
    dumps: Path, release: Described, graphs: Mapping[str, frozenset[Triple]], files: Sequence[DumpFile]
) -> tuple[DumpFile, ...]:
    """Write the record beside the downloads, as JSON and XML; `files` are the others. Raises OSError.

    The JSON has no `doi`, so that the registration gives one; the XML, which must have one, says `(:tba)`.
    """
    types, within = RDF.type, SG.inCorpus
    full: frozenset[Triple] = frozenset().union(*graphs.values())
    documents = {subject for subject, predicate, value in full if predicate == types and value == SG.PolicyDocument}
    derived = sorted(str(one) for one in documents if (one, within, Literal(True)) in full)
    told = _Told(release, len(full), sorted({one.media_type for one in files}), derived)
    return tuple(
        write_file(dumps, DumpFile(f"datacite.{suffix}", f"application/{suffix}", titles=_TITLES, conforms_to=_KERNEL), content)
        for suffix, content in (("json", _json(_record(told))), ("xml", _xml(_record(told))))
    )


def _json(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False, indent=1).encode() + b"\n"


def _record(told: _Told) -> dict[str, Any]:
    return {
        "schemaVersion": _KERNEL,
        "url": f"{BASE}releases/{told.release.id}",
        "creators": [{"name": _FOUNDERS, "nameType": "Organizational"}],
        "titles": [{"title": title, "lang": language} for language, title in TITLES.items()],
        "publisher": {"name": _FOUNDERS},
        "publicationYear": RELEASE_DATE[:4],
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "RDF knowledge graph"},
        "subjects": [{"subject": subject, "lang": "en"} for subject in _SUBJECTS],
        "dates": [{"date": RELEASE_DATE, "dateType": "Issued"}],
        "language": "ja",
        "alternateIdentifiers": [
            {"alternateIdentifier": told.release.id, "alternateIdentifierType": "StratGraph release"},
            {"alternateIdentifier": told.release.fingerprint, "alternateIdentifierType": "SHA-256 of the RDFC-1.0 canonical N-Quads"},
        ],
        "relatedIdentifiers": [
            {"relatedIdentifier": iri, "relatedIdentifierType": "URL", "relationType": relation}
            for relation, iri in (
                ("IsVersionOf", f"{BASE}dataset"),
                ("IsDocumentedBy", f"{BASE}ontology"),
                ("HasMetadata", f"{BASE}.well-known/void"),
                *(("IsDerivedFrom", iri) for iri in told.documents),
            )
        ],
        "sizes": [f"{told.triples} triples"],
        "formats": list(told.formats),
        "version": __version__,
        "rightsList": [
            {
                "rights": "Creative Commons Attribution 4.0 International",
                "rightsUri": str(LICENCE),
                "rightsIdentifier": "CC-BY-4.0",
                "rightsIdentifierScheme": "SPDX",
                "schemeUri": "https://spdx.org/licenses/",
            }
        ],
        "descriptions": [{"description": text, "descriptionType": "Abstract", "lang": language} for language, text in DESCRIPTIONS.items()],
    }


def _xml(record: Mapping[str, Any]) -> bytes:
    root = ET.Element("resource", {"xmlns": _KERNEL, "xmlns:xsi": _XSI, "xsi:schemaLocation": _SCHEMA})
    _add(root, "identifier", "(:tba)", identifierType="DOI")
    creator = ET.SubElement(ET.SubElement(root, "creators"), "creator")
    _add(creator, "creatorName", _FOUNDERS, nameType="Organizational")
    _add_all(root, "titles", "title", record["titles"])
    _add(root, "publisher", _FOUNDERS)
    _add(root, "publicationYear", record["publicationYear"])
    _add(root, "resourceType", record["types"]["resourceType"], resourceTypeGeneral="Dataset")
    _add_all(root, "subjects", "subject", record["subjects"])
    _add_all(root, "dates", "date", record["dates"])
    _add(root, "language", record["language"])
    _add_all(root, "alternateIdentifiers", "alternateIdentifier", record["alternateIdentifiers"])
    _add_all(root, "relatedIdentifiers", "relatedIdentifier", record["relatedIdentifiers"])
    for plural, singular in (("sizes", "size"), ("formats", "format")):
        _add_all(root, plural, singular, [{singular: one} for one in record[plural]])
    _add(root, "version", record["version"])
    _add_all(
        root, "rightsList", "rights", [{key.replace("Uri", "URI"): value for key, value in one.items()} for one in record["rightsList"]]
    )
    _add_all(root, "descriptions", "description", record["descriptions"])
    ET.indent(root)
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _add_all(root: ET.Element, plural: str, singular: str, values: Sequence[Mapping[str, str]]) -> None:
    parent = ET.SubElement(root, plural)
    for one in values:
        _add(parent, singular, one[singular], **{name: value for name, value in one.items() if name != singular})


def _add(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, name, {_LANG if key == "lang" else key: value for key, value in attributes.items()}).text = text
