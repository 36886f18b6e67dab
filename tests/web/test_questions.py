"""Saved questions over HTTP: expected rows, formats, bad values, pages."""

from __future__ import annotations

import csv
import html
import io
import json
import random
import re
import zipfile
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import httpx
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stratgraph.questions import Example, Question, load_questions
from stratgraph.vocab import BASE
from stratgraph.web.language import choose_language
from stratgraph.web.messages import load_messages

QUESTIONS = load_questions(Path(__file__).parents[2] / "queries")
EXAMPLES = [(question, example) for question in QUESTIONS.values() for example in question.examples]
NAMES = [f"{question.slug}.{example.name}" for question, example in EXAMPLES]
REFLECTED = "/questions/where-is-a-recommendation-reflected"
HOSTILE = [
    "x> } ; DROP ALL #",
    '" . }',
    "\\u0022",
    "a\nb",
    "ja@<script>",
    "<script>alert(1)</script>",
    "' OR 1=1",
    "\x00",
    "\u202e",
]
MARK = {"ja": "要約（政府の公式見解ではない）", "en": "summary, not the government's text"}
ANSWER = {"question", "release", "parameters", "scope", "columns", "rows", "count", "complete"}


def fetch(client: httpx.Client, question: Question, example: Example) -> list[dict[str, str]]:
    """The rows of an example as CSV gives them, in Japanese."""
    params = {**{name: list(values) for name, values in example.parameters.items()}, "lang": "ja"}
    response = client.get(f"/questions/{question.slug}.csv", params=params)
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.text)))


@pytest.mark.parametrize(("question", "example"), EXAMPLES, ids=NAMES)
def test_the_rows_are_those_of_the_documents(question: Question, example: Example, client: httpx.Client) -> None:
    """Each example gives exactly the expected rows in their order over HTTP too; that they hold level by level, each build shows."""
    with example.expected.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        expected = list(reader)
        columns = list(reader.fieldnames or ())
    assert expected, "an expectation without rows proves nothing"
    assert [{name: row[name] for name in columns} for row in fetch(client, question, example)] == expected


def test_the_json_answer_has_its_shape(client: httpx.Client) -> None:
    """All members are there, rows hold typed values, the scope tells documents and completeness in both languages."""
    told = client.get(REFLECTED, params={"recommendation": "2-4"}).json()
    assert set(told) == ANSWER
    assert told["parameters"] == {"recommendation": f"{BASE}id/recommendation/2015/2-4", "language": "ja"}
    assert (told["count"], told["complete"], len(told["rows"])) == (6, True, 6)
    assert [one["name"] for one in told["columns"]] == list(told["rows"][0])
    assert {one["type"] for one in told["columns"]} == {"iri", "text", "concept", "summary"}
    assert all(set(one["label"]) == {"ja", "en"} for one in told["columns"])
    summary = next(one for one in told["columns"] if one["type"] == "summary")
    assert "要約（政府の公式見解ではない）" in summary["label"]["ja"]
    document = told["scope"]["documents"][0]
    assert document["iri"] == f"{BASE}id/document/2015-recommendation-response"
    assert document["completeness"][0]["completeness"] == f"{BASE}vocab/completeness/complete"
    assert set(told["scope"]["statement"]) == {"ja", "en"}
    counted = client.get("/questions/comments-per-chapter.json").json()["rows"]
    assert all(isinstance(row["printed"], int) for row in counted)
    general = client.get("/questions/recommendations-described-only-in-general.json").json()["rows"]
    assert all(row["alsoQuoted"] is True for row in general)


def test_an_empty_answer_tells_its_scope(client: httpx.Client) -> None:
    """Where nothing is found, the documents looked at are told all the same."""
    told = client.get("/questions/recommendations-by-theme", params={"theme": "finance"}).json()
    assert told["rows"] == []
    assert told["scope"]["documents"]
    assert "編者の解釈にもありません" in told["scope"]["statement"]["ja"]


@pytest.mark.parametrize(
    ("path", "values", "keys"),
    [
        ("who-leads-a-theme", {}, 5),
        ("who-leads-a-theme", {"document": "document/2017-interim-review"}, ["2017-interim-review"]),
        (
            "who-leads-a-theme",
            {"document": ["document/2017-interim-review", "document/2015-recommendation-response"]},
            ["2015-recommendation-response", "2017-interim-review"],
        ),
    ],
)
def test_the_scope_is_that_of_the_documents_asked_about(
    path: str, values: dict[str, str], keys: int | list[str], client: httpx.Client
) -> None:
    """Who asks about one document is not told that the others do not mention it."""
    told = client.get(f"/questions/{path}.json", params={"theme": "finance", **values}).json()["scope"]
    found = [one["iri"].rpartition("/")[2] for one in told["documents"]]
    assert keys in (found, len(found))
    assert ("2018" in told["statement"]["en"].partition("What is not here")[0]) == (keys == 5)


@pytest.mark.parametrize(("values", "count"), [({"theme": "digital-identity"}, 2), ({"theme": "finance"}, 0)])
def test_every_format_tells_the_scope(values: dict[str, str], count: int, client: httpx.Client) -> None:
    """A full and an empty answer say in each format what was looked at, what is not mentioned and what lies outside the corpus."""
    path = "/questions/recommendations-by-theme"
    told = client.get(f"{path}.json", params=values).json()
    sentences = [text["ja"] for text in told["scope"]["sentences"].values()]
    assert (told["count"], len(sentences) >= 4) == (count, True)
    page = html.unescape(client.get(path, params={**values, "lang": "ja"}, headers={"Accept": "text/html"}).text)
    assert all(sentence in page for sentence in sentences[1:])
    sheet = client.get(path, params={**values, "lang": "ja", "format": "excel-csv"}).content.decode("utf-8-sig")
    table, _, notes = sheet.partition("\r\n\r\n")
    assert len(list(csv.reader(io.StringIO(table)))) == count + 1
    assert all(sentence in [cells[1] for cells in csv.reader(io.StringIO(notes))] for sentence in sentences)
    workbook = openpyxl.load_workbook(io.BytesIO(client.get(f"{path}.xlsx", params={**values, "lang": "ja"}).content))
    assert set(sentences) <= {row[1] for row in workbook["about"].iter_rows(values_only=True)}
    package = zipfile.ZipFile(io.BytesIO(client.get(f"{path}.docx", params={**values, "lang": "ja"}).content))
    document = html.unescape(package.read("word/document.xml").decode())
    assert all(sentence in document for sentence in sentences)
    for suffix in ("csv", "tsv", "srj", "srx"):
        response = client.get(f"{path}.{suffix}", params=values)
        assert (response.headers["StratGraph-Count"], "documents=" in response.headers["StratGraph-Scope"]) == (str(count), True)
        about = re.match(r'<([^>]*)>; rel="describedby"; type="application/csvm\+json"', response.headers["Link"])
        assert about
        found = client.get(about[1])
        assert (found.status_code, found.headers["content-type"]) == (200, "application/csvm+json")
        assert {one["@value"] for one in found.json()["rdfs:comment"]} == set(told["scope"]["statement"].values())


def test_the_document_about_a_csv_fits_it(client: httpx.Client) -> None:
    """It names the CSV as it was asked for, its columns in their order with the marks of summaries, count, release and citation."""
    asked = f"{REFLECTED}.csv?recommendation=2-4&lang=ja&limit=3"
    response = client.get(asked)
    about = re.match("<([^>]*)>", response.headers["Link"])
    assert about
    told = client.get(about[1]).json()
    assert str(httpx.URL(about[1]).join(told["url"])) == asked
    columns = told["tableSchema"]["columns"]
    assert [one["titles"] for one in columns] == next(csv.reader(io.StringIO(response.text)))
    assert {one["datatype"] for one in columns if "datatype" in one} == {"string", "anyURI"}
    assert [one for one in columns if MARK["ja"] in str(one["dc:title"])]
    assert [(one["count"], one["rows"], one["complete"]) for one in told["notes"]] == [(6, 3, False)]
    release = response.headers["StratGraph-Release"]
    assert release in told["dc:bibliographicCitation"]
    assert told["dc:isPartOf"] == {"@id": f"{BASE}releases/{release}"}


def test_results_link_to_the_document_about_them(client: httpx.Client) -> None:
    """SPARQL results in JSON and XML have it in their head, and are what their standards want; an odd query string is encoded."""
    odd = client.get(f"{REFLECTED}.srj?recommendation=2-4&lang=ja&%E3%81%82=%3E").status_code
    json_ = client.get(f"{REFLECTED}.srj", params={"recommendation": "2-4"})
    xml = ElementTree.fromstring(client.get(f"{REFLECTED}.srx", params={"recommendation": "2-4"}).content)
    wanted = f"{BASE}questions/where-is-a-recommendation-reflected.csv-metadata.json?recommendation=2-4"
    names = {"s": "http://www.w3.org/2005/sparql-results#"}
    assert odd == 422
    assert json_.json()["head"]["link"] == [wanted]
    assert [one.get("href") for one in xml.findall("s:head/s:link", names)] == [wanted]
    assert len(xml.findall("s:results/s:result", names)) == len(json_.json()["results"]["bindings"]) == 6


@pytest.mark.parametrize(
    ("suffix", "content_type"),
    [
        (".json", "application/json"),
        (".srj", "application/sparql-results+json"),
        (".srx", "application/sparql-results+xml"),
        (".csv", "text/csv; charset=utf-8"),
        (".tsv", "text/tab-separated-values; charset=utf-8"),
        (".html", "text/html; charset=utf-8"),
    ],
)
def test_every_result_format_is_there_by_suffix_accept_and_name(suffix: str, content_type: str, client: httpx.Client) -> None:
    """The same answer by suffix, Accept and `format=`, without redirect."""
    params = {"recommendation": "2-4"}
    ways = [
        client.get(REFLECTED + suffix, params=params),
        client.get(REFLECTED, params=params, headers={"Accept": content_type.split(";", maxsplit=1)[0]}),
        client.get(REFLECTED, params={**params, "format": suffix[1:]}, headers={"Accept": "image/png"}),
    ]
    assert [(way.status_code, way.headers["content-type"]) for way in ways] == [(200, content_type)] * 3


def test_what_is_asked_decides_between_form_answer_and_description(client: httpx.Client) -> None:
    """Without parameters: `*/*` and RDF lead to the description, HTML is the form, JSON is 422; with them `*/*` is JSON."""
    for accept in ("*/*", "text/turtle"):
        response = client.get(REFLECTED, headers={"Accept": accept})
        assert (response.status_code, response.headers["location"]) == (303, f"{REFLECTED}.ttl")
    assert "SPARQLSelectExecutable" in client.get(f"{REFLECTED}.ttl").text
    form = client.get(REFLECTED, headers={"Accept": "text/html"})
    assert (form.status_code, "<form" in form.text) == (200, True)
    missing = client.get(REFLECTED, headers={"Accept": "application/json"})
    assert (missing.status_code, missing.json()["parameter"]) == (422, "recommendation")
    assert client.get(REFLECTED, params={"recommendation": "2-4"}).headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "value",
    ["2-4", "recommendation/2015/2-4", f"{BASE}id/recommendation/2015/2-4", "２－４"],
)
def test_a_thing_may_be_named_in_many_ways(value: str, client: httpx.Client) -> None:
    """Number, path and full IRI mean the same recommendation, in either width."""
    assert client.get(REFLECTED, params={"recommendation": value}).json()["count"] == 6


def test_a_body_may_be_named_in_either_language(client: httpx.Client) -> None:
    """Labels and abbreviations in Japanese and English are understood."""
    for name in ("IPA", "ipa", "情報処理推進機構", "ＩＰＡ"):
        told = client.get("/questions/bodies-named-in-comments-and-replies", params={"body": name}).json()
        assert told.get("count") == 3, (name, told)


BAD = [
    (REFLECTED, {"recommendation": "9-9"}, "recommendation"),
    (REFLECTED, {"recommendation": "https://w3id.org/stratgraph/id/comment/2022/6"}, "recommendation"),
    (REFLECTED, {"recommendation": ["1-1", "1-2"]}, "recommendation"),
    (REFLECTED, {"recommendation": "1-1", "language": "fr"}, "language"),
    (REFLECTED, {"recommendation": "1-1", "limit": "0"}, "limit"),
    (REFLECTED, {"recommendation": "1-1", "offset": "-1"}, "offset"),
    (REFLECTED, {"recommendation": "1-1", "entailment": "x"}, "entailment"),
    (REFLECTED, {"recomendation": "1-1"}, "recomendation"),
    ("/questions/comments-per-chapter", {"comment": "1"}, "comment"),
    ("/questions/recommendations-by-theme", {"theme": "role/lead"}, "theme"),
]


@pytest.mark.parametrize(("path", "params", "named"), BAD)
def test_a_bad_value_names_the_parameter_and_what_is_allowed(
    path: str, params: dict[str, str | list[str]], named: str, client: httpx.Client
) -> None:
    """422 with the parameter and allowed values; in HTML the form with the message."""
    response = client.get(path, params=params)
    told = response.json()
    assert (response.status_code, told["parameter"]) == (422, named)
    assert told["allowed"]
    page = client.get(path, params=params, headers={"Accept": "text/html"})
    assert page.status_code == 422
    assert "<h1>" in page.text


@pytest.mark.long
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_300_values_of_each_question_give_an_answer_or_a_422(client: httpx.Client, question: Question) -> None:
    """Random and hostile values of its parameters, whole names bent out of shape among them; the server is well afterwards."""
    draw = random.Random(question.slug)
    names = [one.name for one in question.parameters] or ["none"]
    known = [value for one in question.examples for values in one.parameters.values() for value in values] or ["総務省"]
    for _ in range(300):
        given = {name: _odd(draw, known) for name in draw.sample(names, draw.randint(1, len(names)))}
        form = draw.choice(["json", "csv", "html", "srx"])
        response = client.get(f"/questions/{question.slug}", params={**given, "format": form})
        # A value that no request line holds is refused as one.
        assert response.status_code in (200, 422) or (response.status_code in (400, 414) and "\x00" in str(given)), (given, response.text)
        assert "Traceback" not in response.text
    assert client.get("/health").json()["status"] == "ok"


def _odd(draw: random.Random, known: list[str]) -> str:
    """A hostile value, a random text, or a known one with characters changed."""
    kind = draw.random()
    if kind < 0.3:
        return draw.choice(HOSTILE)
    if kind < 0.5:
        return draw.choice(known)
    text = list(draw.choice(known)) if kind < 0.75 else []
    ranges = [(0x20, 0x7E), (0x3040, 0x30FF), (0x4E00, 0x9FFF), (0x00, 0x1F), (0x1F300, 0x1FAFF), (0x202A, 0x202E)]
    for _ in range(draw.randint(1, 12)):
        text.insert(draw.randint(0, len(text)), chr(draw.randint(*draw.choice(ranges))))
    return "".join(text)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=st.sampled_from(list(QUESTIONS.values())), value=st.text(max_size=50), data=st.data())
def test_random_values_give_an_answer_or_a_422(client: httpx.Client, question: Question, value: str, data: st.DataObject) -> None:
    """No value of any parameter does anything but answer or be refused."""
    names = [one.name for one in question.parameters] or ["none"]
    encoded = value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    response = client.get(f"/questions/{question.slug}.json", params={data.draw(st.sampled_from(names)): encoded})
    assert response.status_code in (200, 422), response.text


@pytest.mark.parametrize("value", [*HOSTILE, "a" * 50_000])
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_hostile_values_are_refused(question: Question, value: str, client: httpx.Client) -> None:
    """Hostile values of every parameter are 422 (or too long for a request line; a text is looked for), and the graph is unharmed."""
    for parameter in question.parameters:
        response = client.get(f"/questions/{question.slug}", params={parameter.name: value}, headers={"Accept": "text/html"})
        # What a text looks for is anybody's: such a value is no more than that, and found nowhere.
        assert response.status_code in ((200, 400, 422) if parameter.type == "text" else (400, 422))
        assert "<script>" not in response.text


def test_paging_tells_that_it_is_incomplete(client: httpx.Client) -> None:
    """A window of rows comes with the full count and `complete` false, in CSV as fewer lines."""
    params = {"recommendation": "2-4", "limit": "2", "offset": "1"}
    told = client.get(REFLECTED, params=params).json()
    assert (len(told["rows"]), told["count"], told["complete"]) == (2, 6, False)
    lines = client.get(f"{REFLECTED}.csv", params=params).text.splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == [row["section"] for row in told["rows"]]


def test_the_list_is_json_and_a_page(client: httpx.Client) -> None:
    """All questions are listed with parameters and columns."""
    told = client.get("/questions").json()
    assert [one["slug"] for one in told["questions"]] == list(QUESTIONS)
    page = client.get("/questions", headers={"Accept": "text/html"}).text
    for question in QUESTIONS.values():
        assert f'href="/questions/{question.slug}?lang=ja"' in page


def test_the_page_answers_without_script(client: httpx.Client) -> None:
    """The form's own request gives a table whose cells link to pages, the scope, and the query behind it."""
    page = client.get(REFLECTED, params={"recommendation": "recommendation/2015/2-4", "lang": "en"}, headers={"Accept": "text/html"}).text
    assert '<option value="recommendation/2015/2-4" selected>' in page
    assert 'href="/id/section/2015-strategy/5.1.2-3?lang=en"' in page
    assert "What was looked at" in page
    assert "PREFIX sg:" in page
    assert re.findall(r"<script[^>]*>", page) == [f'<script src="/static/{name}.js" defer>' for name in ("basket", "answers", "suggest")]
    assert "style=" not in page
    assert client.get("/static/answers.js").headers["content-type"].startswith("text/javascript")


def test_the_answer_s_language_is_chosen(client: httpx.Client) -> None:
    """`lang=` beats Accept-Language; a question's own language parameter beats both."""
    params = {"section": "4.2"}
    path = "/questions/comments-about-a-section"
    assert client.get(path, params=params).json()["parameters"]["language"] == "ja"
    assert client.get(path, params=params, headers={"Accept-Language": "en"}).json()["parameters"]["language"] == "en"
    both = client.get(path, params={**params, "lang": "ja"}, headers={"Accept-Language": "en"})
    assert both.json()["parameters"]["language"] == "ja"
    assert client.get(path, params={**params, "lang": "ja", "language": "en"}).json()["parameters"]["language"] == "en"
    assert "accept-language" in both.headers["vary"].lower()


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("en-GB, ja;q=0.5", "en"),
        ("ja-JP, en;q=0.8", "ja"),
        ("en-US,en;q=0.9,ja;q=0.8", "en"),
        ("*", "ja"),
        ("*;q=0.5, ja;q=0.1", "en"),
        ("ja;q=0, *", "en"),
        ("fr", "en"),
        ("", "ja"),
    ],
)
def test_a_region_s_language_is_its_language(accepted: str, language: str) -> None:
    """British English wants English more than a Japanese of half its weight (RFC 4647); other languages get English, nothing Japanese."""
    assert choose_language(None, accepted) == language


def test_an_answer_has_an_etag(client: httpx.Client) -> None:
    """Same question, same values: 304. Other values, another tag."""
    first = client.get(REFLECTED, params={"recommendation": "2-4"})
    again = client.get(REFLECTED, params={"recommendation": "recommendation/2015/2-4"}, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert client.get(REFLECTED, params={"recommendation": "2-5"}).headers["etag"] != first.headers["etag"]


def test_the_openapi_document_names_the_routes(client: httpx.Client) -> None:
    """OpenAPI 3.1 without the QUERY method, with our problem shape."""
    told = json.loads(client.get("/openapi.json").text)
    assert told["openapi"].startswith("3.1")
    assert {"/sparql", "/questions/{name}", "/id/{path}", "/dumps/{name}", "/health"} <= set(told["paths"])
    assert set(told["paths"]["/sparql"]) == {"get", "post"}
    assert "Problem" in told["components"]["schemas"]


def test_the_scope_tells_each_kind_of_silence(client: httpx.Client) -> None:
    """Not mentioned, never named, not encoded and outside are sentences of their own, in JSON in both languages.

    Where our interpretation was looked at as well, silence is not told of the documents alone.
    """
    told = client.get("/questions/recommendations-by-theme", params={"theme": "finance"}).json()["scope"]["sentences"]
    assert set(told) == {"documents", "notMentioned", "neverNamed", "notEncoded", "outside"}
    assert told["notMentioned"]["en"] == (
        "What is not here is, as far as this question asks, neither stated in these documents nor said of them by our interpretation."
    )
    stated = client.get("/questions/dated-plans-laws-and-events.json").json()["scope"]["sentences"]
    assert stated["notMentioned"]["en"] == "What is not here is, as far as this question asks, not mentioned in these documents."
    assert "主担当の機関" in told["neverNamed"]["ja"]
    assert told["outside"] == {"ja": "2022年より後の文書は収録の範囲外です。", "en": "Documents after 2022 are outside the corpus."}
    page = client.get(
        "/questions/recommendations-by-theme", params={"theme": "finance", "lang": "ja"}, headers={"Accept": "text/html"}
    ).text
    assert all(one["ja"] in page for name, one in told.items() if name != "documents")


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".srj", ".srx", ".json"])
def test_what_a_format_has_no_place_for_stands_in_headers(suffix: str, client: httpx.Client) -> None:
    """Count, completeness, scope and a file name in the reader's language come with every format."""
    found = client.get(REFLECTED + suffix, params={"recommendation": "2-4", "lang": "ja"})
    assert (found.headers["stratgraph-count"], found.headers["stratgraph-complete"]) == ("6", "true")
    assert found.headers["stratgraph-scope"] == (
        'documents=("2015-recommendation-response"), not-encoded=(), from=2015, to=2015, corpus-to=2022'
    )
    way, plain, told = found.headers["content-disposition"].split("; ")
    assert way == ("attachment" if suffix in (".csv", ".tsv") else "inline")
    assert plain == f'filename="where-is-a-recommendation-reflected{suffix}"'
    assert unquote(told.removeprefix("filename*=UTF-8''")) == f"提言は戦略のどこに反映されたか{suffix}"
    english = client.get(REFLECTED + suffix, params={"recommendation": "2-4", "lang": "en"}).headers["content-disposition"]
    assert unquote(english).endswith(f"Where is a recommendation reflected in the strategy_{suffix}")


def test_pages_of_rows_link_to_one_another(client: httpx.Client) -> None:
    """Following `next` from the first page gives every row once, and `prev` leads back; without a limit there are no pages."""
    address: str | None = f"{REFLECTED}.csv?recommendation=2-4&lang=ja&limit=4"
    rows: list[str] = []
    last = {}
    while address:
        found = client.get(address)
        assert found.headers["stratgraph-complete"] == "false"
        rows += found.text.splitlines()[1:]
        last = {one["rel"]: one["url"] for one in found.links.values()}
        address = last.get("next")
    assert rows == client.get(f"{REFLECTED}.csv?recommendation=2-4&lang=ja").text.splitlines()[1:]
    assert "offset=0" in last["prev"]
    assert "offset=4" in last["last"]
    assert set(client.get(f"{REFLECTED}.json?recommendation=2-4").links) == {"describedby"}
    page = client.get(f"{REFLECTED}?recommendation=2-4&limit=4&lang=ja", headers={"Accept": "text/html"}).text
    assert "6 件中 4 件を表示" in page
    assert re.search(r'<a rel="next" href="[^"]*limit=4&amp;offset=4"', page)


def test_each_row_shows_its_grounds(client: httpx.Client) -> None:
    """A row tells the relation it rests on, with the way to its proof, and the place in the document."""
    page = client.get(f"{REFLECTED}?recommendation=2-4&lang=ja", headers={"Accept": "text/html"}).text
    rows = re.findall(r"<tr [^>]*>(.*?)</tr>", page.split("<tbody")[1], re.DOTALL)
    assert len(rows) == 6
    for row in rows:
        why = re.search(r'href="(/why\?[^"]*)"', row)
        assert why
        assert client.get(why[1].replace("&amp;", "&"), headers={"Accept": "application/json"}).json()["kind"] == "inferred"
        assert "対応状況" in row
        assert "枚目" in row


def test_the_list_is_searched_and_filtered(client: httpx.Client) -> None:
    """Words in either language, an audience and a tag narrow the list, as page and as JSON; nonsense is told."""

    def slugs(**params: str) -> list[str]:
        return [one["slug"] for one in client.get("/questions", params=params).json()["questions"]]

    assert slugs(q="提言 反映 戦略のどこ") == ["where-is-a-recommendation-reflected"]
    assert "replies-by-cross-reference" in slugs(q="REPLIES", tag="comment")
    assert all("curator" in QUESTIONS[slug].audience for slug in slugs(audience="curator"))
    assert slugs(q="そのような質問はない") == []
    page = client.get("/questions", params={"q": "そのような質問はない", "lang": "ja"}, headers={"Accept": "text/html"}).text
    assert "該当する質問はありません" in page
    assert client.get("/questions", params={"tag": "nope"}).status_code == 422
    assert client.get("/questions", params={"audience": "nope"}).json()["allowed"] == ["policy", "researcher", "engineer", "curator"]
    assert client.get("/questions", params={"q": "x" * 201}).status_code == 422


def test_a_form_takes_what_it_suggests(client: httpx.Client) -> None:
    """Each suggestion of a type-ahead, sent as it stands, is understood; the values asked for stay in the form."""
    path = "/questions/bodies-named-in-comments-and-replies"
    page = client.get(path, params={"lang": "en"}, headers={"Accept": "text/html"}).text
    suggestions = re.findall(r'<option value="([^"]+)">', page)
    assert {"IPA", "独立行政法人情報処理推進機構"} <= set(suggestions)
    for name in suggestions[::7]:
        assert client.get(f"{path}.json", params={"body": name.replace("&#39;", "'").replace("&amp;", "&")}).status_code == 200, name
    both = client.get(path, params={"body": ["IPA", "NISC"], "lang": "ja"}, headers={"Accept": "text/html"}).text
    assert 'value="独立行政法人情報処理推進機構"' in both


def test_a_chart_is_drawn_where_the_question_hints_at_one(client: httpx.Client) -> None:
    """A bar for each row, with a title, and the table beside it."""
    page = client.get("/questions/comments-per-chapter?lang=en", headers={"Accept": "text/html"}).text
    count = client.get("/questions/comments-per-chapter.json").json()["count"]
    svg = page.split("<svg")[1].split("</svg>")[0]
    assert svg.count("<rect") == count
    assert '<title id="chart-title">How many comments does each chapter have?' in svg
    assert "<table" in page
    assert "<svg" not in client.get(f"{REFLECTED}?recommendation=2-4", headers={"Accept": "text/html"}).text


def test_summaries_are_marked_on_the_page(client: httpx.Client) -> None:
    """An answer with summaries says that they are not the government's."""
    page = client.get(f"{REFLECTED}?recommendation=2-4&lang=ja", headers={"Accept": "text/html"}).text
    assert '<p class="marked">要約（政府の公式見解ではない）</p>' in page


SUMMARISED = [question for question in QUESTIONS.values() if any(one.type == "summary" for one in question.columns)]


@pytest.mark.parametrize("question", SUMMARISED, ids=lambda question: question.slug)
def test_summaries_are_marked_in_every_format(question: Question, client: httpx.Client) -> None:
    """CSV, TSV, SRJ and SRX have a column more for each summary: the mark wherever there is one, in the reader's language."""
    params = {name: list(values) for name, values in question.examples[0].parameters.items()}
    for language, mark in MARK.items():
        response = client.get(f"/questions/{question.slug}.csv", params={**params, "lang": language})
        rows = list(csv.DictReader(io.StringIO(response.text)))
        assert rows
        assert {(bool(row["unofficialSummary"]), row["unofficialSummary_note"]) for row in rows} <= {(True, mark), (False, "")}
    for suffix in (".tsv", ".srj", ".srx", ".json"):
        assert MARK["ja"] in client.get(f"/questions/{question.slug}{suffix}", params={**params, "lang": "ja"}).text


def test_every_tag_has_words_in_both_languages() -> None:
    """The list's filter and the questions' pages show them."""
    tags = {tag for question in QUESTIONS.values() for tag in question.tags}
    assert [tag for tag in sorted(tags) if set(load_messages().get(f"tag_{tag}", {})) != {"ja", "en"}] == []


@pytest.mark.parametrize(
    ("q", "lang", "label"),
    [("NISC", "ja", "内閣サイバーセキュリティセンター"), ("総務", "en", "Ministry of Internal Affairs and Communications")],
)
def test_choices_are_found_by_any_of_their_names(q: str, lang: str, label: str, client: httpx.Client) -> None:
    """Of all things a parameter may be, those called so in either language; what is typed for one means it alone."""
    path = "/questions/everything-that-involves-a-body"
    told = client.get(f"{path}/choices", params={"parameter": "body", "q": q, "lang": lang}).json()
    found = next(one for one in told["choices"] if one["label"] == label)
    assert told["count"] >= len(told["choices"]) > 0
    asked = client.get(f"{path}.json", params={"body": found["value"]}).json()
    assert asked["parameters"]["body"] == found["iri"]


def test_choices_of_one_name_tell_their_documents(client: httpx.Client) -> None:
    """Where measures of two documents have one name, what is typed tells the document, and means that one; the name alone is refused."""
    path = "/questions/what-became-of-a-measure"
    told = client.get(f"{path}/choices", params={"parameter": "measure", "q": "", "lang": "ja"}).json()
    assert all(one["document"] for one in told["choices"])
    page = client.get(path, params={"lang": "ja"}, headers={"Accept": "text/html"}).text
    typed = [html.unescape(value) for value in re.findall(r'<option value="([^"]*)"', page)]
    placed = next(value for value in typed if value.endswith("（次期サイバーセキュリティ戦略の骨子について、2021年）"))
    answer = client.get(f"{path}.json", params={"measure": placed, "lang": "ja"})
    assert "/measure/2021-strategy-outline/" in answer.json()["parameters"]["measure"]
    assert client.get(f"{path}.json", params={"measure": placed.rpartition("（")[0], "lang": "ja"}).status_code == 422


def test_no_question_for_policy_staff_asks_for_an_iri_alone() -> None:
    """What a field takes is told by names; an IRI is named only with what it is."""
    for question in QUESTIONS.values():
        if "policy" in question.audience:
            for one in question.parameters:
                assert "IRI" not in one.help.ja.replace("IRI（個々の事柄のアドレス", ""), (question.slug, one.name)
                assert "IRI" not in one.help.en.replace("IRI (the address of a thing", ""), (question.slug, one.name)


@pytest.mark.parametrize("params", [{}, {"parameter": "language"}, {"parameter": "none"}, {"parameter": "body", "q": "x" * 201}])
def test_choices_of_nothing_are_refused(params: dict[str, str], client: httpx.Client) -> None:
    """422 naming the parameter; an unknown question is 404."""
    assert client.get("/questions/everything-that-involves-a-body/choices", params=params).status_code == 422
    assert client.get("/questions/nothing/choices", params=params).status_code == 404


@pytest.mark.parametrize(
    ("lang", "said"), [("ja", "「9-9」は、選べる40件の中にありません。"), ("en", "“9-9” is none of the 40 values allowed.")]
)
def test_a_refusal_is_told_in_the_reader_s_language_with_what_is_near(lang: str, said: str, client: httpx.Client) -> None:
    """The page names the field and the reason; what is near is a link that asks for it."""
    page = client.get(REFLECTED, params={"recommendation": "9-9", "lang": lang}, headers={"Accept": "text/html"}).text
    assert said in page
    near = re.search(r'<li><a href="(/questions/[^"]+recommendation=[^"]+)">', page)
    assert near
    assert client.get(near[1].replace("&amp;", "&"), headers={"Accept": "text/html"}).status_code == 200


def test_each_question_is_an_operation_of_the_interface(client: httpx.Client) -> None:
    """Typed parameters with examples that answer, the answer's columns, and a 422 that names the parameter."""
    paths = client.get("/openapi.json").json()["paths"]
    for question in QUESTIONS.values():
        operation = paths[f"/questions/{question.slug}"]["get"]
        told = {one["name"]: one for one in operation["parameters"]}
        assert {one.name for one in question.parameters} <= set(told)
        assert all(told[one.name]["required"] == one.required for one in question.parameters)
        rows = operation["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["rows"]
        assert list(rows["items"]["properties"]) == [one.name for one in question.columns]
        assert {"ETag", "Link", "StratGraph-Scope"} <= set(operation["responses"]["200"]["headers"])
        assert "304" in operation["responses"]
        problem = operation["responses"]["422"]["content"]["application/problem+json"]
        assert not question.parameters or problem["example"]["parameter"] == question.parameters[0].name
    theme = next(one for one in paths["/questions/who-leads-a-theme"]["get"]["parameters"] if one["name"] == "theme")
    assert theme["examples"]["cybercrime"]["value"] == "vocab/theme/cybercrime"


def test_a_word_that_no_question_holds_finds_what_can_be_asked_about_it(client: httpx.Client) -> None:
    """The list offers questions about the things of that name, each with the address that asks."""
    page = client.get("/questions", params={"q": "NISC", "lang": "en"}, headers={"Accept": "text/html"}).text
    (address,) = re.findall(r'<a href="(/questions/everything-that-involves-a-body\?body=body%2Fnisc[^"]*)">', page)
    assert client.get(address.replace("&amp;", "&"), headers={"Accept": "text/html"}).status_code == 200
    assert "<script>" not in client.get("/questions", params={"q": "<script>"}, headers={"Accept": "text/html"}).text
