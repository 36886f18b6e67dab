"""What is wrong with Turtle, for someone who writes it: rdflib's messages told plainly, and all in Japanese. Imports nothing."""

from __future__ import annotations

import re
from typing import Final

# What rdflib says, and what we say in its place.
_PLAINER: Final = (
    (r"EOF.*|.*found end\.", "the file ends within a statement"),
    (r'Prefix "(.*:)" not bound', r"prefix \1 is not declared above"),
    (r"objectList expected", "expected an object after the predicate"),
    (r"newline found in string literal", "the string has no end on its line; close it with a quotation mark"),
    (
        r"bad escape|bad string literal hex escape: .*",
        r"""after a backslash only t b n r f u U " ' and \\ may stand; write \\\\ for the backslash itself""",
    ),
    (r"unterminated URI reference", "the IRI that begins here has no end; close it with >"),
    (r"Bad language code syntax.*", "after @ a language tag must stand, such as @ja or @en"),
)
_JAPANESE: Final = (
    (
        r"expected a predicate after ';', an object after ',' or a full stop",
        "述語の前には「;」、目的語の前には「,」、文の終わりには「.」が必要である",
    ),
    (r"the line ends without ';', ',' or a full stop", "行末に「;」「,」「.」のどれもない"),
    (r"the file ends within a statement; its full stop is missing", "文の途中でファイルが終わっている。文の終わりに「.」を付ける"),
    (r"the file ends within .*", "文の途中でファイルが終わっている"),
    (r"prefix (.*:) is not declared above", r"接頭辞 \1 が宣言されていない。つづりを確かめるか、ファイルの初めに @prefix を加える"),
    (r"expected an object after the predicate", "述語の後に目的語がない"),
    (r"a subject without a predicate", "主語だけで、述語がない"),
    (r"the string has no end on its line.*", "文字列が行の中で閉じていない。引用符で閉じる"),
    (r"the string that begins here has no end", "ここで始まる文字列が閉じていない"),
    (r"after a backslash .*", r"""「\\」の後に置けるのは t b n r f u U " ' \\ だけである。「\\」そのものは「\\\\」と書く"""),
    (r"a \\u needs .*", r"「\\u」の後には十六進数字が四つ、「\\U」の後には八つ必要である"),
    (r"a merge conflict is left open here.*", "マージの衝突が解消されていない。一方を残し、印を削る"),
    (r"the IRI that begins here has no end.*", "ここで始まる IRI が閉じていない。「>」で閉じる"),
    (r"after @ a language tag .*", "「@」の後には @ja、@en などの言語タグが必要である"),
    (r"<(.*)> is relative, but no @base stands above it", r"<\1> は相対 IRI だが、その前に @base がない"),
    (r"<(.*)> is no IRI: it holds (.*)", r"<\1> は IRI でない。\2 を含んでいる"),
    (r"a literal has a language or a datatype, not both", "リテラルに言語タグと型の両方は付けられない"),
    (r"a string holds half of a surrogate pair.*", "文字列がサロゲートの片方だけを含む。文字そのものを書く"),
    (r"a literal cannot be a subject", "リテラルは主語になれない"),
    (r"a predicate must be an IRI", "述語は IRI でなければならない"),
    (r"is not UTF-8.*", "UTF-8 でない。UTF-8 で保存し直す"),
    (r"what begins here cannot be read.*", "ここから始まるものを読み取れない"),
)


def plainer(why: str) -> str:
    """What rdflib says, in plain words; what is not known here as it is."""
    for pattern, told in _PLAINER:
        if found := re.fullmatch(pattern, why, re.DOTALL):
            return found.expand(told)
    return why


def in_japanese(fault: str) -> str:
    """A fault of Turtle in Japanese, without a full stop; one that is not known here as it is, in English."""
    fault = fault.removeprefix("not Turtle: ")
    for pattern, told in _JAPANESE:
        if found := re.fullmatch(pattern, fault, re.DOTALL):
            return found.expand(told)
    return fault
