"""The numbers and dates that a text holds, in one form whatever the notation. Imports nothing of ours.

One form for full width, thousands separators, 万/億/兆, kanji numerals, 和暦 and 西暦, and the dates of English prose. Years are
Gregorian; a number is the shortest decimal notation of its value ("35万", "350,000" and "三十五万" are all "350000").
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

Day = tuple[int | None, int | None, int | None]
"""Year, month and day of a date; None for what is not printed."""

# The Gregorian year before each era's first.
_ERAS: Final = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_DIGITS: Final = {mark: value for value, mark in enumerate("〇一二三四五六七八九")} | {"零": 0}
_SMALL: Final = {"十": 10, "百": 100, "千": 1000}
_LARGE: Final = {"万": 10**4, "億": 10**8, "兆": 10**12}
_ENGLISH: Final = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_MONTHS: Final = {name: number for number, name in enumerate(calendar.month_name) if name}

_KANJI: Final = "[〇零一二三四五六七八九十百千]"
_UNITS: Final = "[十百千万億兆]"
# 4.2.1 is a section's number, whole; one point makes a fraction.
_ARABIC: Final = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|(?<![\d.])\d+\.\d+(?![.\d])|\d+)"
_NUMBER: Final = re.compile(
    rf"(?P<section>\d+(?:\.\d+){{2,}})|(?P<arabic>{_ARABIC}(?:{_UNITS}+(?:{_ARABIC}{_UNITS}+)*(?:{_ARABIC})?)?)(?:\s(?P<scale>{'|'.join(_ENGLISH)})\b)?"
    rf"|(?P<kanji>{_KANJI}(?:{_KANJI}|[万億兆])*)"
)
_TOKENS: Final = re.compile(rf"{_ARABIC}|{_KANJI}|[万億兆]")
# One kanji numeral is a number before these counters; 一層, 第三者 and 十分 are words.
_COUNTED: Final = re.compile(r"年|月|日|件|社|項目|種類|分野|[か箇カヶ]国")

_FEW: Final = r"(?:元|\d{1,2}|[一二三四五六七八九十]{1,3})"
_ERA_YEAR: Final = rf"(?:{'|'.join(_ERAS)})\s*{_FEW}\s*年"
_FULL_YEAR: Final = r"(?:\d{4}|[一二][〇零一二三四五六七八九]{3})"
_JAPANESE: Final = re.compile(
    # The same year may follow in the other reckoning: 令和3年(2021)年12月, 2021年(令和3年)12月.
    rf"(?:(?P<year>{_ERA_YEAR}|{_FULL_YEAR}\s*年|{_FULL_YEAR}(?=\s*\({_ERA_YEAR}\)))(?:\s*\((?:{_ERA_YEAR}|\d{{4}}\s*年?)\)(?:\s*年)?)?"
    rf"(?P<fiscal>度)?)?\s*(?:(?P<month>{_FEW})\s*月(?:\s*(?P<day>{_FEW})\s*日)?)?(?P<end>末|中|内|まで)?"
)
_ENGLISH_DATE: Final = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})\s+)?(?P<month>{'|'.join(_MONTHS)})\b(?:\s+(?P<late>\d{{1,2}})(?!\d))?(?:,?\s+(?P<year>\d{{4}})\b)?"
)
# The era is printed once in a range: 令和3年度～6年度.
_RANGE: Final = re.compile(rf"(?P<first>(?P<era>{'|'.join(_ERAS)})\s*{_FEW}\s*年度?)(?P<to>\s*(?:~|〜|-|から|・|、)\s*)(?={_FEW}\s*年)")
_RAISED: Final = re.compile("[⁰¹²³⁴-⁹₀-₉]+")
# A share in tenths may be told in per cent.
_TENTHS: Final = re.compile(r"(\d+(?:\.\d+)?)\s*割(?:\s*(\d)\s*分)?")
_PLAIN_DATE: Final = re.compile(r"(?<!\d)(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)")


@dataclass(frozen=True)
class Figures:
    """Numbers and dates of a text. `starts` and `ends` are the first and last days of the periods it names (2022年中, 2018年度末)."""

    numbers: frozenset[str] = frozenset()
    dates: frozenset[Day] = frozenset()
    ends: frozenset[Day] = frozenset()
    starts: frozenset[Day] = frozenset()

    def and_also(self, other: Figures) -> Figures:
        """What either holds."""
        return Figures(self.numbers | other.numbers, self.dates | other.dates, self.ends | other.ends, self.starts | other.starts)

    def has_date(self, day: Day) -> bool:
        """Whether a printed date agrees with all that `day` tells."""
        return any(all(want in (None, given) for want, given in zip(day, one, strict=True)) for one in self.dates)


@lru_cache(maxsize=1 << 16)
def plain(text: str) -> str:
    """The text in NFKC, with circled and raised numbers apart from their neighbours and section numbers without inner blanks."""
    apart = _RAISED.sub(r" \g<0> ", text)
    apart = "".join(f" {mark} " if unicodedata.category(mark) == "No" and not _RAISED.match(mark) else mark for mark in apart)
    return re.sub(r"(?<=\d\.) +(?=\d{1,2}(?!\d))", "", unicodedata.normalize("NFKC", apart))


@lru_cache(maxsize=1 << 16)  # who watches asks for the same texts again at every save
def figures(text: str, printed: bool = False) -> Figures:
    """All numbers and dates of a text. Where it is `printed` (the source's own words), whatever may be a number is one.

    In our own words a kanji numeral counts where it is sure to be a number: two characters and more, or before a counter.
    """
    flat = plain(text)
    whole, ranges = _RANGE.subn(r"\g<first>\g<to>\g<era>", flat)
    found = _read(whole, printed)
    # What is printed may be told as it stands, too: 6年度.
    return found.and_also(_read(flat, printed)) if ranges and printed else found


def _read(rest: str, printed: bool) -> Figures:
    dates, starts, ends, numbers = set[Day](), set[Day](), set[Day](), set[str]()
    for pattern, read in ((_PLAIN_DATE, _numeric), (_ENGLISH_DATE, _english), (_JAPANESE, _japanese)):
        last: Day = (None, None, None)
        kept, after = [], 0
        for found in pattern.finditer(rest):
            day = read(found)
            if day is None:
                continue
            day = _carried(day, last, printed)
            if day[0] is None and day[2] is None:  # a month alone is no date
                continue
            last = day
            kept += [rest[after : found.start()], " "]
            after = found.end()
            if day[1] is not None:
                dates.add(day)
            numbers |= {str(part) for part in (day if printed else day[:1]) if part is not None}
            starts |= set(_start(found, day))
            ends |= set(_end(found, day))
        rest = "".join([*kept, rest[after:]])
    numbers |= set(_numbers(rest, printed)) | (set(_per_cent(rest)) if printed else set())
    return Figures(frozenset(numbers), frozenset(dates), frozenset(ends), frozenset(starts))


def _carried(day: Day, before: Day, printed: bool) -> Day:
    """A printed day without year has the year of the date before it, or the next where the month is earlier (12月～1月)."""
    if not printed or day[0] is not None or before[0] is None or day[1] is None:
        return day
    return (before[0] + (1 if day[1] < (before[1] or 0) else 0), day[1], day[2])


def _numeric(found: re.Match[str]) -> Day | None:
    month, day = int(found["month"]), int(found["day"])
    return (int(found["year"]), month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None


def _english(found: re.Match[str]) -> Day | None:
    day = found["day"] or found["late"]
    # "May" alone is mostly a verb, and a month alone is no figure.
    if day is None and found["year"] is None:
        return None
    return (int(found["year"]) if found["year"] else None, _MONTHS[found["month"]], int(day) if day else None)


def _japanese(found: re.Match[str]) -> Day | None:
    if found["year"] is None and found["month"] is None:
        return None
    month, day = (_small(found[name]) if found[name] else None for name in ("month", "day"))
    return (_year(found["year"]) if found["year"] else None, month, day)


def _year(printed: str) -> int:
    era = printed[:2]
    number = re.sub(r"[年\s]", "", printed)
    return _ERAS[era] + _small(number[2:].strip()) if era in _ERAS else _small(number)


def _small(text: str) -> int:
    return 1 if text == "元" else int(_value(text))


def _start(found: re.Match[str], day: Day) -> Iterator[Day]:
    year, month, _ = day
    if year is not None and day[2] is None and (month is None or 1 <= month <= 12):
        yield (year, 4 if found.groupdict().get("fiscal") and month is None else month or 1, 1)


def _end(found: re.Match[str], day: Day) -> Iterator[Day]:
    year, month, _ = day
    groups = found.groupdict()
    if year is None or day[2] is not None or "end" not in groups:
        return
    if groups["fiscal"]:
        yield (year + 1, 3, 31)
    elif groups["end"] and month is None:
        yield (year, 12, 31)
    elif groups["end"] and month is not None and 1 <= month <= 12:
        yield (year, month, calendar.monthrange(year, month)[1])


def _numbers(text: str, printed: bool) -> Iterator[str]:
    for found in _NUMBER.finditer(text):
        kanji = found["kanji"]
        if found["section"]:
            yield found["section"]
        elif kanji is None:
            yield _shortest(_value(found["arabic"]) * _ENGLISH.get(found["scale"] or "", 1))
        elif printed or len(kanji) > 1 or (_COUNTED.match(text, found.end()) and kanji != "一" and text[: found.start()][-1:] != "第"):
            yield _shortest(_value(kanji))


def _per_cent(text: str) -> Iterator[str]:
    """The per cent that printed tenths are: 9割 is 90, 3割5分 is 35."""
    for found in _TENTHS.finditer(text):
        yield _shortest(Decimal(found[1]) * 10 + Decimal(found[2] or 0))


def _value(text: str) -> Decimal:
    total, group, current = Decimal(0), Decimal(0), None
    for token in _TOKENS.findall(text):
        if token in _DIGITS:
            current = (current or Decimal(0)) * 10 + _DIGITS[token]
        elif token in _SMALL:
            group, current = group + (Decimal(1) if current is None else current) * _SMALL[token], None
        elif token in _LARGE:
            group += current or Decimal(0)
            total, group, current = total + (group or Decimal(1)) * _LARGE[token], Decimal(0), None
        else:
            current = Decimal(token.replace(",", ""))
    return total + group + (current or Decimal(0))


def _shortest(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
