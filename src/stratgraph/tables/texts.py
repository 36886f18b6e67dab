"""Words of the codebook that the ontology does not have: columns that are made, properties of other vocabularies, how layers are coded.

Imports vocab only. Each text is a pair: Japanese, English.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rdflib import DCTERMS, SKOS

from stratgraph.vocab import OA, ORG, SCHEMA, SG

Text = tuple[str, str]

SUMMARY_MARK: Final[Text] = (
    "要約（政府の公式見解ではない）。私たちの言葉によるもので、原文ではない。",
    "Summary in our own words, not the government's text.",
)

# Columns that every table, or one of the tables about the tables, has: title and definition.
MADE: Final[Mapping[str, tuple[Text, Text]]] = {
    "iri": (("IRI", "IRI"), ("物事の IRI。ほかの表との結合の鍵でもある。", "The thing's IRI; it joins the tables.")),
    "class": (
        ("クラス", "class"),
        ("記述されたクラス（オントロジーの名）。", "The classes that are stated, by their names in the ontology."),
    ),
    "class_curated": (("クラス（解釈）", "class (curated)"), ("私たちの解釈によるクラス。", "The classes that are our interpretation.")),
    "class_inferred": (("クラス（推論）", "class (inferred)"), ("推論で得たクラス。", "The classes that follow by inference.")),
    "label_ja": (
        ("名称（日本語）", "label (Japanese)"),
        ("日本語の名称。原文のままかは label_ja_from が示す。", "The Japanese label; label_ja_from tells whether it is printed so."),
    ),
    "label_en": (
        ("名称（英語）", "label (English)"),
        ("英語の名称。原文にあるかは label_en_from が示す。", "The English label; label_en_from tells whether it is printed so."),
    ),
    "label_ja_from": (
        ("日本語名称の出所", "where the Japanese label is from"),
        ("stated は文書又は参照データ、curated は私たちが付けたもの。", "stated: document or reference data; curated: ours."),
    ),
    "label_en_from": (
        ("英語名称の出所", "where the English label is from"),
        ("stated は文書又は参照データ、curated は私たちが付けたもの。", "stated: document or reference data; curated: ours."),
    ),
    "our_summary_ja": (("要約（日本語）", "our summary (Japanese)"), SUMMARY_MARK),
    "our_summary_en": (("要約（英語）", "our summary (English)"), SUMMARY_MARK),
    "our_note_ja": (
        ("注記（日本語）", "our note (Japanese)"),
        ("編集者の注記。なぜそう記したか。", "Our editorial note: why it is put so."),
    ),
    "our_note_en": (("注記（英語）", "our note (English)"), ("編集者の注記。なぜそう記したか。", "Our editorial note: why it is put so.")),
    "subject": (("何についてのものか", "subject"), ("この関係を持つ物事（施策など）。", "What has this link, such as a measure.")),
    "source": (
        ("出典の鍵", "source"),
        (
            "記述された文書の鍵。reference は参照データ、across は文書間。",
            "The key of the document it is told in; reference is reference data, across is between documents.",
        ),
    ),
    "in_document": (("文書", "document"), ("属する政策文書。", "The policy documents it belongs to.")),
    "in_section": (("節", "section"), ("直接に属する節。", "The sections it stands in directly.")),
    "in_section_number": (("節番号", "section number"), ("その節の印刷どおりの番号。", "The number of that section as printed.")),
    "at_anchor": (
        ("最初の箇所", "first place"),
        (
            "根拠となる最初の箇所（anchors 表）。すべては evidence にある。",
            "The first place that supports it (table anchors); evidence has them all.",
        ),
    ),
    "at_page": (
        ("ページ", "page"),
        (
            "その箇所のページ（テキストの改ページから、先頭を1として数えた順序）。",
            "The page of that place, counted from 1 by the page breaks of the text.",
        ),
    ),
    "at_slide": (("スライド", "slide"), ("その箇所のスライド番号。", "The slide of that place.")),
    "at_printed_page": (("印刷ページ", "printed page"), ("その箇所に印刷されたページ番号。", "The page number printed at that place.")),
    "table": (("表", "table"), ("表の名。", "The name of the table.")),
    "property": (("性質", "property"), ("性質の IRI 又は短い名。", "The property's IRI or short name.")),
    "object": (("相手", "object"), ("関係の相手。", "What the link leads to.")),
    "layer": (
        ("層", "layer"),
        (
            "stated は文書又は参照データの記述、curated は私たちの解釈、inferred は推論、made は読み手のためにまとめたもの。",
            "stated: documents, reference data; curated: our interpretation; inferred: by inference; made: put together for the reader.",
        ),
    ),
    "variable": (("変数", "variable"), ("列の名。", "The name of the column.")),
    "title_ja": (("題（日本語）", "title (Japanese)"), ("列の題。", "The column's title.")),
    "title_en": (("題（英語）", "title (English)"), ("列の題。", "The column's title.")),
    "definition_ja": (("定義（日本語）", "definition (Japanese)"), ("意味。", "What it means.")),
    "definition_en": (("定義（英語）", "definition (English)"), ("意味。", "What it means.")),
    "type": (
        ("型", "type"),
        ("code は統制語の短い名（values 表）、iri は IRI。", "code is the short name of a concept (table values), iri an IRI."),
    ),
    "scheme": (("語彙", "scheme"), ("統制語彙の名（values 表）。", "The scheme of concepts (table values).")),
    "multiple": (("複数値", "multiple"), ("一つの欄に複数の値があり得るか。", "Whether a cell may hold several values.")),
    "separator": (("区切り", "separator"), ("複数の値の間の文字列。", "What stands between several values.")),
    "rule": (("規則", "rule"), ("推論のもとになる公理の要点（鎖）。", "Property chains from which it is inferred.")),
    "rows": (("行数", "rows"), ("表の行数。", "Rows of the table.")),
    "filled": (("値のある行", "filled"), ("値のある行の数。", "Rows with a value.")),
    "how_coded_ja": (("記述の仕方（日本語）", "how coded (Japanese)"), ("どのように記述したか。", "How it was coded.")),
    "how_coded_en": (("記述の仕方（英語）", "how coded (English)"), ("どのように記述したか。", "How it was coded.")),
    "kind": (("記述の種類", "kind of coding"), ("二重の読みで比べた種類。", "The kind of coding that the two readings were compared by.")),
    "reading": (
        ("比べた種類", "kind of coding"),
        ("二重の読みで比べた種類（agreement 表）。", "The kind of coding that the two readings were compared by (table agreement)."),
    ),
    "claims": (("比べた記述", "claims"), ("二人の読みを比べた記述の数。", "Claims in which the two readings were compared.")),
    "alike": (("一致した記述", "alike"), ("裁定の前に一致していた記述の数。", "Claims coded alike before adjudication.")),
    "share": (("一致率", "share alike"), ("一致した割合（0〜1）。", "Share coded alike, 0 to 1.")),
    "measure": (
        ("指標", "measure"),
        ("kappa は Cohen のカッパ、jaccard は平均 Jaccard 係数。", "kappa: Cohen's kappa; jaccard: mean Jaccard index."),
    ),
    "value": (("指標の値", "value"), ("その値。", "Its value.")),
    "document": (("文書", "document"), ("文書の鍵。空は全体。", "The key of the document; empty: all of them.")),
    "code": (("符号", "code"), ("表に現れる短い名。", "The short name as it stands in the tables.")),
}

# Properties of other vocabularies, in the words of their specifications told anew.
PROPERTIES: Final[Mapping[str, tuple[Text, Text]]] = {
    str(DCTERMS.identifier): (("識別子", "identifier"), ("文書に印刷された識別子。", "An identifier that the document prints.")),
    str(DCTERMS.type): (("種類", "type"), ("種類を示す統制語。", "Its kind, as a concept.")),
    str(SKOS.altLabel): (
        ("別名", "other label"),
        ("略称、別表記又は読み（ja-hira）。", "An abbreviation, a variant, or its reading (ja-hira)."),
    ),
    str(SKOS.broader): (("上位概念", "broader"), ("より広い概念。", "A broader concept.")),
    str(SKOS.definition): (("定義", "definition"), ("概念の意味。", "What the concept means.")),
    str(SKOS.inScheme): (("語彙", "scheme"), ("概念の属する語彙。", "The scheme that the concept belongs to.")),
    str(SKOS.notation): (("記号", "notation"), ("概念の記号。", "The notation of the concept.")),
    str(SKOS.scopeNote): (("適用範囲", "scope note"), ("概念の使い方の注記。", "A note on how the concept is used.")),
    str(SKOS.topConceptOf): (("最上位の語彙", "top concept of"), ("最上位にある語彙。", "The scheme at whose top it stands.")),
    str(OA.hasSource): (("源のテキスト", "source text"), ("箇所が指すテキスト。", "The text that the place is in.")),
    str(OA.start): (
        ("開始位置", "start"),
        ("テキストの先頭から数えた開始位置（符号位置、含む）。", "Where it starts in the text, in code points from 0, inclusive."),
    ),
    str(OA.end): (("終了位置", "end"), ("終了位置（符号位置、含まない）。", "Where it ends, in code points, exclusive.")),
    str(ORG.hasMember): (("構成機関", "member"), ("閉じた集まりの構成機関。", "A member of a closed group.")),
    str(ORG.organization): (("機関", "organization"), ("構成員の属する機関。", "The organization of the membership.")),
    str(ORG.postIn): (("所属機関", "post in"), ("役職の置かれる機関。", "The organization that has the post.")),
    str(ORG.unitOf): (("上位機関", "unit of"), ("部局の属する機関。", "The organization that it is a unit of.")),
    str(SCHEMA.unitText): (("単位", "unit"), ("印刷どおりの単位。", "The unit as printed.")),
    str(SCHEMA.value): (("値", "value"), ("数値。", "The number.")),
    "http://www.w3.org/2002/07/owl#deprecated": (("廃止", "deprecated"), ("廃止された IRI か。", "Whether the IRI is retired.")),
    "http://purl.org/dc/terms/isReplacedBy": (("後継", "replaced by"), ("代わりの IRI。", "The IRI that replaces it.")),
}

HOW_CODED: Final[Mapping[str, Text]] = {
    "stated": (
        "文書に記載のとおり、根拠の箇所とともに記述した（参照データは文書共通のもの）。",
        "As the document states it, with its place; reference data is common to all documents.",
    ),
    "curated": ("私たちの解釈又は編集であり、文書の記載ではない。", "Our interpretation or editing; the document does not state it."),
    "inferred": (
        "オントロジーの公理と規則から機械が推論した。文書の記載ではない。",
        "Inferred by machine from the axioms and rules of the ontology; the document does not state it.",
    ),
    "made": ("ほかの記述からこの表のためにまとめた。", "Put together for this table from other statements."),
}

TABLES: Final[Mapping[str, tuple[Text, Text]]] = {
    "things": (("すべての物事", "all things"), ("どの表にあるか、名称は何か。", "Each thing with its table and labels.")),
    "links": (("物事の間の関係", "links between things"), ("一行に一つの関係。縦長の形。", "One statement a row, in long form.")),
    "codebook": (("コードブック", "codebook"), ("すべての列の意味と記述の仕方。", "What each column means and how it was coded.")),
    "values": (("統制語", "values"), ("code の列に現れる語。", "The concepts that columns of codes use.")),
    "agreement": (
        ("二重の読みの一致", "agreement of two readings"),
        ("記述の種類と文書ごとの一致。", "By kind of coding and document, before adjudication."),
    ),
}

# Which kind of coding of the double entry a property belongs to.
READINGS: Final[Mapping[str, str]] = {
    str(SG[name]): kind
    for kind, names in {
        "attribution": "attributedIncident attributedTo claimedBy firmness",
        "body": "assignee",
        "date": "asOf date dueBy endDate startDate",
        "disposition": "disposition",
        "event": "mentionsEvent",
        "instrument": "mentionsInstrument usesInstrument",
        "reference": "citesPlanItem commentsOn correspondingSection hasCorrespondence reflectedIn",
        "role": "assignmentRole hasAssignment hasImplementingAssignment hasLeadAssignment hasNamedAssignment hasRelatedAssignment "
        "implementingAgency leadAgency namedAgency relatedAgency",
        "status": "assertionStatus",
        "strength": "strength",
        "structure": "isDirectPartOf sectionNumber statedIn",
        "target-group": "targetGroup",
        "theme": "hasThemeLink linkedTheme theme",
        "threat": "addressesThreat hasThreatResponse mentionsThreat respondsToThreat",
    }.items()
    for name in names.split()
} | {str(SCHEMA.value): "number"}
