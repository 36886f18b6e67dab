"""The words that stand in files, in both languages. Imports the questions' Text alone."""

from __future__ import annotations

from typing import Final

from stratgraph.questions import Text

WORDS: Final = {
    "about": Text("出典と範囲", "about"),
    "question": Text("質問", "Question"),
    "description": Text("説明", "Description"),
    "rows": Text("件数", "Rows"),
    "mark": Text("要約について", "Summaries"),
    "note": Text("注意", "Note"),
    "source": Text("出典", "Source"),
    "release": Text("リリース", "Release"),
    "date": Text("日付", "Date"),
    "licence": Text("ライセンス", "Licence"),
    "citation": Text("引用", "Citation"),
    "query": Text("クエリ", "Query"),
    "documents": Text("調べた文書", "Documents looked at"),
    "notMentioned": Text("言及のないもの", "Not mentioned"),
    "neverNamed": Text("この種の文書が挙げないもの", "Never named by such documents"),
    "notEncoded": Text("まだ記述されていないもの", "Not encoded"),
    "outside": Text("収録の範囲外", "Outside the corpus"),
    "folded": Text("畳んだ列", "Folded columns"),
    "foldedNote": Text(
        "個々の事柄のアドレス（IRI）の列は畳んであります。列の上の［＋］で開きます。",
        "Columns of IRIs, the addresses of things, are folded; open them by [+] above the columns.",
    ),
    "none": Text("該当する行はありません。", "There is no such row."),
    "official": Text(
        "政府の公式見解ではありません。要約・分類は編者によるものです。",
        "Not a government publication. Summaries and classifications are the curators’ own.",
    ),
    "answers": Text("質問の答え", "Answers to questions"),
    "ministries": Text("府省庁別照会票", "Items by ministry, to be replied to"),
    "inquiry": Text("照会票", "Request for a reply"),
    "inquiryLead": Text(
        "下記は、収録文書がこの機関（その内部組織を含む）を挙げている項目です。回答欄にご記入ください。",
        "Items in which the documents name this body or a unit of it. Please fill in the reply columns.",
    ),
    "number": Text("番号", "No."),
    "document": Text("文書", "Document"),
    "section": Text("節", "Section"),
    "item": Text("項目", "Item"),
    "role": Text("役割", "Role"),
    "named": Text("挙げられている名称", "Named as"),
    "itemIri": Text("項目のIRI", "IRI of the item"),
    "replyState": Text("【回答】取組状況", "Reply: state of work"),
    "replyNext": Text("【回答】今後の予定", "Reply: next steps"),
    "replyUnit": Text("【回答】担当課室・連絡先", "Reply: unit in charge, contact"),
}


def word(key: str, language: str) -> str:
    """A word in a language ("ja" or "en")."""
    return WORDS[key].get(language)
