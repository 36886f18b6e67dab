"""Bring pip into an environment that was made without it: one wheel, checked against the hash below.

Run by `.ci/setup` with the new environment's Python; imports the standard library only.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

WHEEL = "pip-26.3-py3-none-any.whl"
SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"


def main() -> int:
    """Download, check, install."""
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/") + "/pip/"
    with urllib.request.urlopen(index, timeout=60) as answer:
        page = answer.read().decode("utf-8")
    link = re.search(rf'href="([^"]*{re.escape(WHEEL)}[^"]*)"', page)
    if link is None:
        sys.exit(f"The package index has no {WHEEL}. Install pip for this Python by hand, then run make again.")
    with urllib.request.urlopen(urllib.parse.urljoin(index, link.group(1)), timeout=120) as answer:
        content = answer.read()
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        sys.exit(f"{WHEEL} has SHA-256 {found}, not {SHA256}; nothing was installed.")
    with tempfile.TemporaryDirectory() as folder:
        wheel = Path(folder) / WHEEL
        wheel.write_bytes(content)
        return subprocess.call([sys.executable, f"{wheel}/pip", "install", "--quiet", "--no-index", str(wheel)])


if __name__ == "__main__":
    sys.exit(main())
