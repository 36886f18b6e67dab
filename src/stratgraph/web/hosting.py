"""What a web server needs to serve an export rightly: types, negotiation, retired IRIs, sitemap, robots, the w3id redirect.

Texts only, made from the format table and the list of files; `export` writes them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape

from stratgraph.dumps import COMPRESSIONS, MEDIA_TYPES, SUMS
from stratgraph.formats import Format, offered
from stratgraph.vocab import BASE

_DOCUMENTS: Final = offered("graph", "dataset", "page")
_OTHERS: Final = {
    **MEDIA_TYPES,
    ".csv": "text/csv; charset=utf-8",
    ".atom": "application/atom+xml",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}
OVERRIDE: Final = "AllowOverride FileInfo Indexes Options=Indexes,MultiViews"
SITEMAP_MOST: Final = 40_000
Gone = Mapping[str, str | None]


def _types(further: Mapping[str, str]) -> dict[str, str]:
    return {
        **further,
        **{one.suffix: one.content_type for one in _DOCUMENTS},
        **_OTHERS,
        **COMPRESSIONS,
        ".txt": "text/plain; charset=utf-8",
    }


def _weighed(names: str, more: str = "") -> list[str]:
    """Patterns of a header that weighs what it names (RFC 9110, section 12.4.2), the highest weight first. The name is the first group.

    `more` may follow it. Weights count to a tenth, and q=0 matches nothing; of names that weigh the same, the first in the header matches.
    """
    weights = [
        r"(?:;\s*q=1(?:\.0*)?\s*)?(?:,|$)",
        *(rf";\s*q=0?\.{tenth}\d*\s*(?:,|$)" for tenth in range(9, 0, -1)),
        r";\s*q=0?\.0\d*[1-9]",
    ]
    return [rf"(?:^|,)\s*({names}){more}\s*(?:;(?!\s*q=)[^,;]*)*{weight}" for weight in weights]


def types_asked(formats: Sequence[Format]) -> list[str]:
    """Patterns of an Accept header, the highest weight first; the first group is the media type."""
    return _weighed("|".join(re.escape(name) for one in formats for name in (one.media_type, *one.aliases)))


LANGUAGES_ASKED: Final = _weighed("ja|en", "(?:-[a-z0-9-]+)?")


def htaccess(formats: Sequence[Format], gone: Gone, types: Mapping[str, str]) -> str:
    """The .htaccess for Apache (AllowOverride All, or what its head says). `gone` maps retired paths to what stands for them now.

    `types` are media types of further suffixes.
    """
    lines = ["# Types and content negotiation for Apache 2.4; made by `stratgraph export-site`.", f"# Needs {OVERRIDE} (or All),"]
    lines += ["# and the modules mime, dir, setenvif and rewrite; headers for reading from other sites.", "Options -MultiViews -Indexes"]
    lines += ["DirectorySlash Off", "DirectoryIndex index.html", "AddDefaultCharset Off", "FileETag MTime Size"]
    lines += [f'AddType "{kind}" {suffix}' for suffix, kind in _types(types).items()]
    lines += ["RemoveEncoding .gz .zst", "RemoveLanguage .en .ja", "<IfModule mod_headers.c>"]
    # Always: on redirects too, which a page of another site may only follow so.
    lines += ['  Header always set Access-Control-Allow-Origin "*"', '  Header always set X-Content-Type-Options "nosniff"']
    lines += ['  Header always merge Vary "Accept, Accept-Language"', "</IfModule>"]
    lines += ["# What is asked for with the highest weight: of several lines that match, the last counts."]
    lines += [f'SetEnvIfNoCase Accept "{one}" SG_TYPE=$1' for one in reversed(types_asked(formats))]
    lines += ["SetEnvIf Request_URI ^ SG_LANGUAGE=ja", "SetEnvIf Accept-Language . SG_LANGUAGE=en"]
    lines += [r'SetEnvIf Accept-Language "\*" SG_LANGUAGE=ja']
    lines += [f'SetEnvIfNoCase Accept-Language "{one}" SG_LANGUAGE=$1' for one in reversed(LANGUAGES_ASKED)]
    lines += [f"<Files {SUMS}>", '  ForceType "text/plain; charset=utf-8"', "</Files>", "RewriteEngine On", "RewriteOptions AllowNoSlash"]
    for path, successor in gone.items():
        pattern = rf"^{re.escape(path.lstrip('/'))}(\.[a-z]+)?$"
        lines.append(f"RewriteRule {pattern} {successor} [R=301,L]" if successor else f"RewriteRule {pattern} - [G,L]")
    lines += ["RewriteCond %{ENV:SG_LANGUAGE} ^en$ [NC]", "RewriteCond %{REQUEST_FILENAME}index.en.html -f"]
    lines += ["RewriteRule ^(.*/)?$ $1index.en.html [L]"]
    # Links within a page are relative: a folder's page needs its slash.
    lines += ["RewriteCond %{REQUEST_FILENAME}/index.html -f", "RewriteRule [^/]$ %{REQUEST_URI}/ [R=301,L]"]
    for one in formats:
        names = "|".join(re.escape(name) for name in (one.media_type, *one.aliases))
        lines += _redirect(one.suffix, f"RewriteCond %{{ENV:SG_TYPE}} ^({names})$ [NC]")
    # Whoever says nothing in particular gets data where there are some, as from the service; a page elsewhere.
    lines += [*_redirect(formats[0].suffix), *_redirect(".html")]
    lines += ["RewriteCond %{REQUEST_FILENAME} -d", "RewriteCond %{REQUEST_FILENAME}/index.html !-f", "RewriteRule ^ - [R=404,L]"]
    return "\n".join([*lines, ""])


def _redirect(suffix: str, *conditions: str) -> list[str]:
    """Apache's rules that lead to the file with a suffix, a page's in the language asked for, where there is one."""
    lines = [*conditions, "RewriteCond %{REQUEST_FILENAME}" + suffix + " -f", "RewriteRule ^ %{REQUEST_URI}" + suffix + " [R=303,L]"]
    if suffix != ".html":
        return lines
    english = [*conditions, "RewriteCond %{ENV:SG_LANGUAGE} ^en$ [NC]", "RewriteCond %{REQUEST_FILENAME}.en.html -f"]
    return [*english, "RewriteRule ^ %{REQUEST_URI}.en.html [R=303,L]", *lines]


def nginx(formats: Sequence[Format], gone: Gone, types: Mapping[str, str]) -> str:
    """A file for nginx: maps for the http block (a file in conf.d is one), and a server block to adapt."""
    lines = ["# Types and content negotiation for nginx; made by `stratgraph export-site`. Set server_name and root."]
    lines += _map("$http_accept $sg_type", "", [(f"~*{_named(one, 'sg_t')}", "$sg_t") for one in types_asked(formats)])
    suffixes = [(name, one.suffix) for one in formats for name in (one.media_type, *one.aliases)]
    lines += _map("$sg_type $sg_suffix", formats[0].suffix, suffixes)
    languages = [("", "ja"), *((f"~*{_named(one, 'sg_l')}", "$sg_l") for one in LANGUAGES_ASKED), (r"~\*", "ja")]
    lines += _map("$http_accept_language $sg_asked", "en", languages)
    lines += _map("$sg_asked $sg_language", ".en", [("ja", "")])
    lines += _map("$sg_suffix $sg_document", "$sg_suffix", [(".html", "$sg_language.html")])
    # As it was asked for: $uri is decoded, and no header may hold that.
    lines += _map("$request_uri $sg_path", "/", [("~^/+(?<sg_p>[^?]*)", "/$sg_p")])
    lines += _map("$uri $sg_folder", "", [("~[^/]$", "$uri/index.html")])
    lines += _map("$uri $sg_gone", "", [(rf"~^{re.escape(path)}(\.[a-z]+)?$", successor or "-") for path, successor in gone.items()])
    lines += ["server {", "  listen 80;", "  server_name stratgraph.example;", "  root /var/www/stratgraph;", "  charset utf-8;"]
    lines += ["  absolute_redirect off;", "  default_type application/octet-stream;", "  types {"]
    lines += [f"    {kind.partition(';')[0]} {suffix[1:]};" for suffix, kind in _types(types).items()]
    lines += ["  }", "  charset_types text/plain text/csv text/turtle text/css text/javascript;"]
    lines += ['  add_header Access-Control-Allow-Origin "*" always;', '  add_header X-Content-Type-Options "nosniff" always;']
    lines += ['  add_header Vary "Accept, Accept-Language" always;', "  location / {", '    if ($sg_gone = "-") { return 410; }']
    lines += ["    if ($sg_gone) { return 301 $sg_gone; }"]
    lines += ["    if (-f $document_root$uri$sg_document) { return 303 $sg_path$sg_document; }"]
    lines += ["    if (-f $document_root$uri.html) { return 303 $sg_path$sg_language.html; }"]
    # Links within a page are relative: a folder's page needs its slash.
    lines += ["    if (-f $document_root$sg_folder) { return 301 $sg_path/; }"]
    lines += ["    try_files $uri ${uri}index$sg_language.html ${uri}index.html =404;", "  }"]
    return "\n".join([*lines, f"  location = /dumps/{SUMS} {{ default_type text/plain; }}", "}", ""])


def _map(variables: str, default: str, entries: Sequence[tuple[str, str]]) -> list[str]:
    return [f"map {variables} {{", f'  default "{default}";', *(f'  "{key}" "{value}";' for key, value in entries), "}"]


def _named(pattern: str, name: str) -> str:
    """A pattern of `_weighed` whose first group has a name."""
    return pattern.replace("*(", f"*(?<{name}>", 1)


def sitemaps(url: str, pages: Sequence[str]) -> dict[str, str]:
    """sitemap.xml for these files (sitemaps.org 0.9); an index and parts where they are more than one may hold."""
    parts = [pages[start : start + SITEMAP_MOST] for start in range(0, len(pages), SITEMAP_MOST)]
    if len(parts) <= 1:
        return {"sitemap.xml": _urls("urlset", "url", [_address(url, page) for page in pages])}
    made = {f"sitemap-{number}.xml": _urls("urlset", "url", [_address(url, page) for page in part]) for number, part in enumerate(parts, 1)}
    return {**made, "sitemap.xml": _urls("sitemapindex", "sitemap", [_address(url, name) for name in made])}


def _address(url: str, file: str) -> str:
    return f"{url}/{quote(file, safe='/:@!$&()*+,;=~-._')}"


def _urls(root: str, entry: str, addresses: Sequence[str]) -> str:
    lines = [f"  <{entry}><loc>{escape(one)}</loc></{entry}>" for one in addresses]
    head = ['<?xml version="1.0" encoding="utf-8"?>', f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">']
    return "\n".join([*head, *lines, f"</{root}>", ""])


def robots(url: str) -> str:
    """robots.txt: everything may be read; where the sitemap is."""
    return f"User-agent: *\nAllow: /\nSitemap: {url}/sitemap.xml\n"


def w3id(url: str) -> dict[str, str]:
    """The folder to submit to w3id.org (github.com/perma-id/w3id.org): redirects of all canonical IRIs to this site, and who keeps them.

    None for a site at the canonical address: it would lead to itself.
    """
    if urlsplit(url).netloc == urlsplit(BASE).netloc:
        return {}
    redirect = f"""# {BASE} -> {url}/
# StratGraph: government strategy documents as a knowledge graph. The server at the target negotiates formats and languages.
# Contact: see README.md
Options -MultiViews
<IfModule mod_headers.c>
  Header always set Access-Control-Allow-Origin "*"
</IfModule>
RewriteEngine on
RewriteRule ^(.*)$ {url}/$1 [R=307,L]
"""
    readme = f"""# /stratgraph

Permanent identifiers of StratGraph, government strategy documents as a knowledge graph: things (`/stratgraph/id/…`), concepts
(`/stratgraph/vocab/…`), the ontology (`/stratgraph/ontology#…`), graphs, saved questions, releases and downloads.

- {BASE}
- {BASE}ontology
- {BASE}dataset

All of them lead to {url}/, where the same path is answered by content negotiation (HTML, Turtle, JSON-LD, RDF/XML …).

## Contact

The StratGraph founders. GitHub: @GITHUB-ACCOUNT (fill in before submitting)
"""
    return {"w3id/stratgraph/.htaccess": redirect, "w3id/stratgraph/README.md": readme}
