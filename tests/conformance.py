#!/usr/bin/env python3
"""Holds a `bottleship` binary to the recorded facts of BuildKit, and to how many of them it already met.

    tests/conformance.py --suite DIR --bin FILE [--raise]

tests/conformance.json names, for each area, the cases that passed; a number below it fails, `--raise` writes higher ones.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

RATCHET = pathlib.Path(__file__).with_name("conformance.json")


def passes(suite, binary):
    """{area: passed cases}; prints what the suite's runner prints."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        command = [sys.executable, f"{suite}/run.py", "--bin", binary, "--json", report.name]
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        print(run.stdout, end="", flush=True)
        areas = json.load(open(report.name))["areas"]
    return {area: counts["cases"][0] for area, counts in areas.items()}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--suite", required=True)
    arguments.add_argument("--bin", required=True)
    arguments.add_argument("--raise", dest="higher", action="store_true", help="write higher numbers to the ratchet")
    options = arguments.parse_args()
    ratchet = json.loads(RATCHET.read_text())
    found = passes(options.suite, options.bin)
    lost = {area: (want, found.get(area, 0)) for area, want in ratchet.items() if found.get(area, 0) < want}
    if options.higher and not lost:
        RATCHET.write_text(json.dumps(dict(sorted(found.items())), indent=2) + "\n")
    for area, (want, got) in lost.items():
        print(f"conformance: {area} fell from {want} to {got}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
