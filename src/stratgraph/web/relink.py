"""Addresses of the service → files of its export, and pages whose links lead to files. Imports formats.

A page's file is `<path>.html` in Japanese and `<path>.en.html` in English (`index` for a folder); a document's is `<path><suffix>`. Links
are made relative, so that a site works under any address, and from a disk.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape, unescape
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

LANGUAGES: Final = ("ja", "en")
_LINK: Final = re.compile(r'<(\w+)\b[^>]*?\s(?:href|src|action)="([/?][^"]*)"[^>]*>')
_ADDRESS: Final = re.compile(r'\s(href|src|action)="([/?][^"]*)"')
_LINKS_KEPT: Final = 65_536
_SAFE: Final = "/:@!$&'()*+,;=~-._"


def page_file(path: str, language: str) -> str:
    """The file of a page: `/id/x`, en → `id/x.en.html`."""
    stem = f"{path}index" if path.endswith("/") else path
    return f"{stem.lstrip('/')}{'' if language == 'ja' else '.en'}.html"


class Exported:
    """What an export holds: paths with pages, further files by address (with its query). `service` is asked for the rest ("": none)."""

    def __init__(self, pages: Iterable[str], files: Mapping[str, str], service: str = "") -> None:
        self.pages, self.files, self.service = frozenset(pages), files, service.rstrip("/")
        # Head and foot are the same on every page, and neighbours name each other.
        self._links = lru_cache(_LINKS_KEPT)(self._link)

    def find(self, address: str, language: str) -> str | None:
        """The file for an address of the service, None where the export has none."""
        parts = urlsplit(address)
        path, query = unquote(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True))
        language = query.pop("lang", language)
        if query or language not in LANGUAGES:
            return self.files.get(f"{path}?{parts.query}")
        page = path.removesuffix(".html")
        if page in self.pages:
            return page_file(page, language)
        return self.files.get(path)

    def link(self, address: str, file: str, language: str) -> str | None:
        """The address from one file of the export to another, the service's where it has none, None where there is no service."""
        return self._links(address, posixpath.dirname(file), language)

    def _link(self, address: str, folder: str, language: str) -> str | None:
        target, fragment = self.find(address, language), urlsplit(address).fragment
        if target is None:
            return f"{self.service}{address}" if self.service else None
        path = quote(_relative(target, folder), safe=_SAFE)
        path = f"./{path}" if ":" in path.partition("/")[0] else path  # else what stands before the colon is read as a scheme
        return f"{path}#{fragment}" if fragment else path

    def relink(self, page: str, path: str, language: str) -> str:
        """The page of a path, with links that lead to the export's files. What needs a server and has none is no link, or is hidden."""
        file = page_file(path, language)

        def element(match: re.Match[str]) -> str:
            name = match[1]

            def attribute(found: re.Match[str]) -> str:
                address = unescape(found[2])
                link = self.link(f"{path}{address}" if address.startswith("?") else address, file, language)
                if link is None:
                    return " hidden" if name in ("form", "link") else ""
                return f' {found[1]}="{escape(link)}"'

            return _ADDRESS.sub(attribute, match[0])

        return _LINK.sub(element, page)


def _relative(target: str, folder: str) -> str:
    """The way from a folder of the export to a file of it. Not posixpath.relpath, which asks for the working directory each time."""
    there, here = target.split("/"), folder.split("/") if folder else []
    shared = 0
    while shared < min(len(there) - 1, len(here)) and there[shared] == here[shared]:
        shared += 1
    return "/".join([*[".."] * (len(here) - shared), *there[shared:]])
