"""What a web server needs to serve an export rightly: types, negotiation, retired IRIs, sitemap, robots, the w3id redirect.

Texts only, made from the format table and the list of files; `export` writes them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote
from xml.sax.saxutils import escape

from stratgraph.dumps import COMPRESSIONS, MEDIA_TYPES
from stratgraph.formats import Format, offered

_DOCUMENTS: Final = offered("graph", "dataset", "page")
_OTHERS: Final = {
    **MEDIA_TYPES,
    ".csv": "text/csv; charset=utf-8",
    ".atom": "application/atom+xml",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}
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


def _asked(formats: Sequence[Format]) -> list[tuple[str, str]]:
    """Patterns of an Accept header with the suffix each asks for: pages first, as browsers name other types beside."""
    order = sorted(formats, key=lambda one: one.name != "html")
    return [("|".join(re.escape(name) for name in (one.media_type, *one.aliases[:1])), one.suffix) for one in order]


def htaccess(formats: Sequence[Format], gone: Gone, types: Mapping[str, str]) -> str:
    """The .htaccess for Apache (AllowOverride FileInfo Indexes Options). `gone` maps retired paths to what stands for them now.

    `types` are media types of further suffixes.
    """
    lines = ["# Types and content negotiation for Apache 2.4; made by `stratgraph export-site`.", "Options -MultiViews -Indexes"]
    lines += ["DirectorySlash Off", "DirectoryIndex index.html", "AddDefaultCharset Off", "FileETag MTime Size"]
    lines += [f'AddType "{kind}" {suffix}' for suffix, kind in _types(types).items()]
    lines += ["RemoveEncoding .gz .zst", "RemoveLanguage .en .ja", "<IfModule mod_headers.c>"]
    lines += ['  Header set Access-Control-Allow-Origin "*"', '  Header set X-Content-Type-Options "nosniff"']
    lines += ['  Header append Vary "Accept, Accept-Language"', "</IfModule>", "RewriteEngine On", "RewriteOptions AllowNoSlash"]
    for path, successor in gone.items():
        pattern = rf"^{re.escape(path.lstrip('/'))}(\.[a-z]+)?$"
        lines.append(f"RewriteRule {pattern} {successor} [R=301,L]" if successor else f"RewriteRule {pattern} - [G,L]")
    english = ["RewriteCond %{HTTP:Accept-Language} .", "RewriteCond %{HTTP:Accept-Language} !(^|[,\\s])ja [NC]"]
    negotiated = "RewriteCond %{REQUEST_FILENAME}.html -f"
    for pattern, suffix in _asked(formats):
        if suffix == ".html":
            choose = ["RewriteCond %{HTTP_ACCEPT} (" + pattern + ") [NC]", negotiated]
            lines += [*english, *choose, "RewriteRule ^ %{REQUEST_URI}.en.html [R=303,L]"]
            lines += [*choose, "RewriteRule ^ %{REQUEST_URI}.html [R=303,L]"]
            lines += [*english, "RewriteRule ^$ index.en.html [L]"]
        else:
            lines += ["RewriteCond %{HTTP_ACCEPT} (" + pattern + ") [NC]", "RewriteCond %{REQUEST_FILENAME}" + suffix + " -f"]
            lines += ["RewriteRule ^ %{REQUEST_URI}" + suffix + " [R=303,L]"]
    # Whoever says nothing in particular gets data where there are some, as from the service; a page elsewhere.
    for suffix in (formats[0].suffix, ".html"):
        lines += ["RewriteCond %{REQUEST_FILENAME}" + suffix + " -f", "RewriteRule ^ %{REQUEST_URI}" + suffix + " [R=303,L]"]
    return "\n".join([*lines, ""])


def nginx(formats: Sequence[Format], gone: Gone, types: Mapping[str, str]) -> str:
    """A file for nginx: two maps for the http block (a file in conf.d is one), and a server block to adapt."""
    lines = [
        "# Types and content negotiation for nginx; made by `stratgraph export-site`. Set server_name and root.",
        "map $http_accept $sg_suffix {",
    ]
    lines += [f"  default {formats[0].suffix};", *(f'  "~*({pattern})" {suffix};' for pattern, suffix in _asked(formats)), "}"]
    lines += ["map $http_accept_language $sg_language {", '  default "";', '  "~*(^|[, ])ja" "";', '  "~." ".en";', "}"]
    lines += ["map $sg_suffix $sg_document {", "  default $sg_suffix;", "  .html $sg_language.html;", "}"]
    lines += ["map $uri $sg_gone {", '  default "";']
    lines += [f'  "~^{re.escape(path)}(\\.[a-z]+)?$" "{successor or "-"}";' for path, successor in gone.items()]
    lines += ["}", "server {", "  listen 80;", "  server_name stratgraph.example;", "  root /var/www/stratgraph;", "  charset utf-8;"]
    lines += ["  default_type application/octet-stream;", "  types {"]
    lines += [f"    {kind.partition(';')[0]} {suffix[1:]};" for suffix, kind in _types(types).items()]
    lines += ["  }", "  charset_types text/plain text/csv text/turtle text/css text/javascript;"]
    lines += ['  add_header Access-Control-Allow-Origin "*" always;', '  add_header X-Content-Type-Options "nosniff" always;']
    lines += ['  add_header Vary "Accept, Accept-Language" always;', "  location / {", '    if ($sg_gone = "-") { return 410; }']
    lines += ["    if ($sg_gone) { return 301 $sg_gone; }", "    set $sg_found $uri$sg_document;"]
    lines += ["    if (-f $document_root$uri$sg_document) { return 303 $sg_found; }"]
    lines += ["    if (-f $document_root$uri.html) { return 303 $uri$sg_language.html; }"]
    return "\n".join([*lines, "    index index$sg_language.html index.html;", "    try_files $uri $uri/index.html =404;", "  }", "}", ""])


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
    """The folder to submit to w3id.org (github.com/perma-id/w3id.org): redirects of all canonical IRIs to this site, and who keeps them."""
    redirect = f"""# https://w3id.org/stratgraph/ -> {url}/
# StratGraph: government strategy documents as a knowledge graph. The server at the target negotiates formats and languages.
Options -MultiViews
RewriteEngine on
RewriteRule ^$ {url}/ [R=307,L]
RewriteRule ^(.*)$ {url}/$1 [R=307,L]
"""
    readme = f"""# /stratgraph

Permanent identifiers of StratGraph, government strategy documents as a knowledge graph: things (`/stratgraph/id/…`), concepts
(`/stratgraph/vocab/…`), the ontology (`/stratgraph/ontology#…`), graphs, saved questions, releases and downloads.

All of them lead to {url}/, where the same path is answered by content negotiation (HTML, Turtle, JSON-LD, RDF/XML …).

## Contact

The StratGraph founders. GitHub: @GITHUB-ACCOUNT (fill in before submitting)
"""
    return {"w3id/stratgraph/.htaccess": redirect, "w3id/stratgraph/README.md": readme}
