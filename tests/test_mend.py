"""Mending what is mechanical: the anchor comes back to where its hash says, and nothing else moves."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from stratgraph.cli import main
from stratgraph.errors import SourceError
from stratgraph.evidence import SourceTextFile, mend_files
from stratgraph.load import load_prefixes
from stratgraph.settings import Layout

CASES = Path(__file__).parent / "cases"
PREFIXES = load_prefixes(Layout(Path(__file__).parent.parent))
GOOD = (CASES / "evidence" / "lighthouse.ttl").read_text(encoding="utf-8")
TEXT = (CASES / "evidence" / "lighthouse.txt").read_bytes()
FILE = SourceTextFile("lighthouse", CASES, hashlib.sha256(TEXT).hexdigest(), len(TEXT), TEXT.decode())


def mend(text: str) -> tuple[str, tuple[str, ...]]:
    """The text mended, beside its source text, and what was done; the same text and nothing where nothing is."""
    mended = mend_files({"x.ttl": text}, PREFIXES, {"lighthouse": FILE}).get("x.ttl")
    return (mended.text, mended.changes) if mended else (text, ())


def test_good_data_is_left_alone() -> None:
    """No file is named where nothing is to be mended."""
    assert mend_files({"x.ttl": mend(GOOD)[0]}, PREFIXES, {"lighthouse": FILE}) == {}


@pytest.mark.parametrize(
    ("good", "damaged"),
    [
        ("/85-126", "/86-126"),
        ("/85-126", "/80-121"),
        ("oa:end 126", "oa:end 0126"),
        ('"灯台に毛布を置く。 Pu"', '"灯台に"'),
        ('" lighthouse."', '"Lighthouse."'),
    ],
)
def test_the_damage_is_undone(good: str, damaged: str) -> None:
    """A wrong IRI (wherever the anchor is named), cue or number becomes what it was, byte for byte, and each change is told."""
    before = mend(GOOD)[0]
    assert good in before
    text, changes = mend(before.replace(good, damaged))
    assert text == before
    assert changes


def test_shifted_offsets_follow_the_hash() -> None:
    """Offsets and IRI that are off by some characters are led back by the hash of a span that stands once in the text."""
    before = mend(GOOD)[0]
    shifted = before.replace("/85-126", "/88-129").replace("oa:end 126", "oa:end 129").replace("oa:start 85 ", "oa:start 88 ")
    assert shifted.count("88") > 2
    assert mend(shifted)[0] == before


def test_a_hash_that_is_in_several_places_decides_nothing() -> None:
    """The characters 番号 stand twice: which is meant is for a person to say."""
    before = mend(GOOD)[0]
    unclear = before.replace("/64-66", "/65-67").replace("oa:end 66", "oa:end 67").replace("oa:start 64", "oa:start 65")
    assert mend(unclear) == (unclear, ())


def test_a_hash_that_is_nowhere_changes_nothing() -> None:
    """Where the hash itself is wrong, no place can be told."""
    before = mend(GOOD)[0]
    wrong = before.replace("ec1a58e4", "00000000").replace('" lighthouse."', '"Lighthouse."')
    assert mend(wrong) == (wrong, ())


def test_text_that_looks_like_a_number_stays() -> None:
    """Only integers and truth values have a canonical form; a string of digits, a date and a broken number are as they were."""
    head = "@base <https://w3id.org/stratgraph/id/> .\n@prefix sg: <https://w3id.org/stratgraph/ontology#> .\n"
    head += "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n\n"
    text, _ = mend(f'{head}<a/1> sg:ordinal 007 , "007" , "7x"^^xsd:integer ;\n  sg:isClosedGroup "1"^^xsd:boolean , "1" .\n')
    for part in ('"007"', '"7x"^^xsd:integer', "true", '"1"', "sg:ordinal 7"):
        assert part in text


def test_what_cannot_be_laid_out_stops_before_anything_is_written() -> None:
    """A comment within a file would be lost: the error names it, and no file is given back."""
    with pytest.raises(SourceError, match="comment"):
        mend(GOOD + "# lost\n<a/1> <b> <c> .\n")


def test_validate_fix_says_what_it_changed(tmp_path: Path) -> None:
    """The command rewrites the file, names the change, and a second run changes nothing."""
    root = tmp_path / "product"
    shutil.copytree(CASES / "product", root)
    path = root / "data/ttl/document/2099-sample/measures.ttl"
    fix = ["--root", str(root), "validate", "--fix"]
    CliRunner().invoke(main, fix, env={"STRATGRAPH_SOURCES": None})
    tidy = path.read_text(encoding="utf-8")
    path.write_text(tidy.replace("\n  ", "\n      "), encoding="utf-8")
    again = CliRunner().invoke(main, fix, env={"STRATGRAPH_SOURCES": None})
    assert "measures.ttl: put into the one layout" in again.stderr
    assert path.read_text(encoding="utf-8") == tidy
    assert "layout" not in CliRunner().invoke(main, fix, env={"STRATGRAPH_SOURCES": None}).stderr
