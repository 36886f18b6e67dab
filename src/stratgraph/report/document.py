"""Writes tables as DOCX: a heading and a table each, and what they rest on. Imports the standard library and this package's tables.

Source: ECMA-376, Office Open XML, part 1, WordprocessingML; the few parts that a reader needs, written out.
"""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from stratgraph.report.file import Report
from stratgraph.report.table import Cell, Head, Table
from stratgraph.report.words import word

_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_W: Final = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
# A4 on its side, in twentieths of a point: 297 × 210 mm, margins of 15 mm.
_PAGE: Final = (
    '<w:sectPr><w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>'
    '<w:pgMar w:top="850" w:right="850" w:bottom="850" w:left="850" w:header="450" w:footer="450" w:gutter="0"/></w:sectPr>'
)
_WIDTH: Final = 15138
_SHARES: Final = {"summary": 5, "label": 3, "text": 2, "blank": 3, "number": 1, "iri": 3}
_SIDES: Final = ("top", "left", "bottom", "right", "insideH", "insideV")
_FONTS: Final = '<w:rFonts w:ascii="Yu Gothic" w:hAnsi="Yu Gothic" w:eastAsia="Yu Gothic" w:cs="Yu Gothic"/>'
_STYLES: Final = (
    f"{_XML}<w:styles {_W}><w:docDefaults><w:rPrDefault><w:rPr>{_FONTS}"
    '<w:sz w:val="19"/><w:lang w:val="en-US" w:eastAsia="ja-JP"/></w:rPr></w:rPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
    '<w:pPr><w:spacing w:after="40"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="Normal"/>'
    '<w:pPr><w:spacing w:after="160"/></w:pPr><w:rPr><w:b/><w:sz w:val="34"/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Under"><w:name w:val="Under a table"/><w:basedOn w:val="Normal"/>'
    '<w:pPr><w:spacing w:before="160"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Normal"/>'
    '<w:pPr><w:keepNext/><w:spacing w:before="240" w:after="100"/><w:outlineLvl w:val="0"/></w:pPr>'
    '<w:rPr><w:b/><w:sz w:val="26"/></w:rPr></w:style></w:styles>'
)
_TYPES: Final = (
    f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_MAIN}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{_MAIN}.styles+xml"/>'
    '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
)
_ROOT_RELATIONS: Final = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="d" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    f'<Relationship Id="c" Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>'
)
_RELATIONS: Final = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="s" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
)


def document(report: Report) -> bytes:
    """A DOCX file. IRI columns are left out: their labels stand beside them; every table tells under itself what it rests on."""
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _ROOT_RELATIONS,
        "word/_rels/document.xml.rels": _RELATIONS,
        "word/styles.xml": _STYLES,
        "word/document.xml": f"{_XML}<w:document {_W}><w:body>{''.join(_body(report))}{_PAGE}</w:body></w:document>",
        "docProps/core.xml": _properties(report),
    }
    year, month, day = map(int, report.date.split("-"))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (year, month, day, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, content.encode("utf-8"))
    return out.getvalue()


def _properties(report: Report) -> str:
    moment = f"{report.date}T00:00:00Z"
    return (
        f'{_XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{_clean(report.title)}</dc:title><dc:creator>StratGraph</dc:creator><dc:language>{report.language}</dc:language>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{moment}</dcterms:created></cp:coreProperties>'
    )


def _body(report: Report) -> Iterator[str]:
    yield _paragraph(report.title, "Title")
    for i, table in enumerate(report.tables):
        yield _paragraph(table.title, "Heading1", page=i > 0 and bool(table.preface))
        yield from (_paragraph(line) for line in table.preface[1:])
        yield _table(table) if table.rows else _paragraph(word("none", report.language))
        yield from (_paragraph(f"{name}: {text}", "Under" if j == 0 else "Normal", small=True) for j, (name, text) in enumerate(table.told))
    yield _paragraph(word("about", report.language), "Heading1")
    yield from (_paragraph(f"{name}: {text}") for name, text in report.about)


def _clean(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))


def _paragraph(text: str, style: str = "Normal", *, page: bool = False, small: bool = False, bold: bool = False) -> str:
    properties = f"<w:pStyle w:val={quoteattr(style)}/>{'<w:pageBreakBefore/>' if page else ''}"
    look = ("<w:b/>" if bold else "") + ('<w:sz w:val="16"/>' if small else "")
    runs = '</w:t><w:br/><w:t xml:space="preserve">'.join(_clean(line) for line in text.split("\n"))
    return f'<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{runs}</w:t></w:r></w:p>'


def _table(table: Table) -> str:
    kept = [i for i, head in enumerate(table.heads) if head.kind != "iri"] or list(range(len(table.heads)))
    heads = [table.heads[i] for i in kept]
    total = sum(_SHARES[head.kind] for head in heads)
    widths = [_WIDTH * _SHARES[head.kind] // total for head in heads]
    sides = "".join(f'<w:{side} w:val="single" w:sz="4" w:color="A8B3C1"/>' for side in _SIDES)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    head_row = _row([_told(head) for head in heads], widths, head=True)
    rows = "".join(_row([_shown(row[i]) for i in kept], widths) for row in table.rows)
    layout = f'<w:tblPr><w:tblW w:w="{_WIDTH}" w:type="dxa"/><w:tblBorders>{sides}</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>'
    return f"<w:tbl>{layout}<w:tblGrid>{grid}</w:tblGrid>{head_row}{rows}</w:tbl>"


def _told(head: Head) -> str:
    return re.sub(r" \(\w+\)$", "", head.heading)


def _shown(value: Cell) -> str:
    if isinstance(value, bool):
        return "○" if value else "–"
    return value.isoformat() if isinstance(value, datetime.date) else "" if value is None else str(value)


def _row(texts: Sequence[str], widths: Sequence[int], *, head: bool = False) -> str:
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="E7ECF3"/>' if head else ""
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>{_paragraph(text, small=True, bold=head)}</w:tc>'
        for text, width in zip(texts, widths, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if head else ''}</w:trPr>{cells}</w:tr>"
