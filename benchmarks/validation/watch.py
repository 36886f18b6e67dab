"""Seconds by the clock from the save of a Turtle file to its findings under `stratgraph watch`, and of a cold `stratgraph validate`.

    python benchmarks/validation/watch.py --times 4 --sources DIR

The product is copied, its documents repeated (`grow`), and one file after the other saved with a line that says too much: a
status that nothing has. The time runs from the save until the line that names the file is printed.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grow import grow

from stratgraph.load import load_product
from stratgraph.settings import Layout

_COMMAND = (sys.executable, "-u", "-c", "from stratgraph.cli import main; main()")
_DAMAGE = "\n<measure/2099/benchmark> <https://w3id.org/stratgraph/ontology#assertionStatus> <no-status> .\n"


def cold(layout: Layout, sources: Path) -> float:
    """A validation by a process of its own, start and imports included; best of three."""
    command = [*_COMMAND, "--root", str(layout.root), "validate", "--sources", str(sources)]
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        taken.append(time.perf_counter() - start)
    return min(taken)


def saves(layout: Layout, sources: Path, count: int) -> list[float]:
    """The time from save to finding, for several files in turn; each is put back, which is not timed."""
    command = [*_COMMAND, "--root", str(layout.root), "watch"]
    environment = {"STRATGRAPH_SOURCES": str(sources), "PYTHONPATH": ":".join(sys.path)}
    files = sorted(layout.data.rglob("*.ttl"), key=lambda path: -path.stat().st_size)
    taken = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment) as process:
        assert process.stdout is not None
        _until(process, "Ctrl-C stops")
        for path in files[:count]:
            whole = path.read_text(encoding="utf-8")
            start = time.perf_counter()
            path.write_text(whole + _DAMAGE, encoding="utf-8")
            _until(process, f"{path.relative_to(layout.root)}:{whole.count(chr(10)) + 2}: violation")
            taken.append(time.perf_counter() - start)
            _until(process, "Validated in")
            path.write_text(whole, encoding="utf-8")
            _until(process, "Validated in")
        process.terminate()
    return taken


def _until(process: subprocess.Popen[str], part: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if part in line:
            return
    raise SystemExit(f"the watch ended without “{part}”")


def main() -> None:
    """Run the benchmark and print a row of its table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--times", type=int, nargs="+", default=[1, 4], help="how many times each document is there")
    options.add_argument("--sources", type=Path, required=True, help="folder of the source texts")
    options.add_argument("--saves", type=int, default=10, help="how many files to save, the largest first")
    asked = options.parse_args()
    print("| documents | triples | save to finding, s: median | longest | cold validate, s |")
    print("| --- | --- | --- | --- | --- |")
    for times in asked.times:
        with tempfile.TemporaryDirectory() as folder:
            layout = grow(Layout(Path(__file__).resolve().parent.parent.parent), Path(folder) / "grown", times)
            size, whole = len(load_product(layout).triples()), cold(layout, asked.sources)
            taken = saves(layout, asked.sources, asked.saves)
            print(f"| {times} × | {size} | {statistics.median(taken):.2f} | {max(taken):.2f} | {whole:.2f} |", flush=True)


if __name__ == "__main__":
    main()
