#!/usr/bin/env python3
"""Runs the libFuzzer targets of a build folder one after the other (`make fuzz FUZZ_SECONDS=3600`), each from its seeds
and from what earlier runs found; tells executions, coverage and findings, and with --write puts the table into
docs/reliability.md. Exit 1 when a target found something: the input lies in FOLDER/findings."""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parent
PAGE = SOURCE.parent.parent / "docs" / "reliability.md"
LIMITS = ["-rss_limit_mb=1024", "-timeout=10", "-print_final_stats=1"]


def run(name, options):
    """One target for so many seconds."""
    base = options.folder / name
    corpus, findings = base / "corpus", base / "findings"
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    seeds = SOURCE / "seeds" / name
    before = set(findings.iterdir())
    start = time.monotonic()
    with open(base / "log", "w+", encoding="utf-8", errors="replace") as log:
        done = subprocess.run([f"tests/fuzz/fuzz_{name}", f"-max_total_time={options.seconds}", *LIMITS,
                               f"-artifact_prefix={findings}/", corpus, *([seeds] if seeds.is_dir() else [])],
                              stdout=log, stderr=subprocess.STDOUT, check=False,
                              env={**os.environ, "G_DEBUG": "fatal-criticals"})
        log.seek(0)
        text = log.read()
    executed = re.findall(r"stat::number_of_executed_units: *(\d+)", text)
    covered = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", text)
    result = {"name": name, "seconds": round(time.monotonic() - start), "executions": int(executed[-1]) if executed else 0,
              "edges": 0, "features": 0, "corpus": 0, "good": done.returncode == 0 and bool(executed),
              "found": sorted(str(path) for path in set(findings.iterdir()) - before)}
    if covered:
        result.update(zip(("edges", "features", "corpus"), map(int, covered[-1])))
    word = "ok" if result["good"] else "FOUND"
    print(f"{word:5} {name}: {result['executions']:,} executions in {result['seconds']} s, {result['edges']:,} edges,"
          f" {result['features']:,} features {' '.join(result['found'])}", flush=True)
    if not result["good"]:
        words = re.compile(r"ERROR|runtime error|SUMMARY|Base64|^ +#[0-9]+ .* tests/|^ +#[0-9]+ .*/(core|tui)/")
        print("\n".join([line for line in text.splitlines() if words.search(line)][-25:]), flush=True)
    return result


def table(results):
    """What the page shows: of each target its longest run."""
    lines = ["| target | seconds | executions | edges | features | inputs kept | open findings |",
             "|---|---|---|---|---|---|---|"]
    for one in sorted(results, key=lambda one: one["name"]):
        lines.append(f"| {one['name']} | {one['seconds']} | {one['executions']:,} | {one['edges']:,} |"
                     f" {one['features']:,} | {one['corpus']:,} | {0 if one['good'] else len(one['found']) or 1} |")
    return "\n".join(lines)


def remember(results, path):
    """Keeps the longest run of each target; a finding replaces any."""
    known = {one["name"]: one for one in json.loads(path.read_text())} if path.exists() else {}
    for one in results:
        old = known.get(one["name"])
        if not old or not old["good"] or not one["good"] or one["seconds"] >= old["seconds"]:
            known[one["name"]] = one
    path.write_text(json.dumps(list(known.values()), indent=1))
    return list(known.values())


def write(results):
    """Between its markers, nothing else."""
    page = PAGE.read_text()
    new = re.sub(r"(<!-- fuzz -->\n).*?(<!-- end -->)", lambda m: m[1] + table(results) + "\n" + m[2], page, flags=re.S)
    if "<!-- fuzz -->" not in page:
        sys.exit(f"{PAGE} has no <!-- fuzz --> to write to")
    PAGE.write_text(new)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="of each target")
    parser.add_argument("--jobs", type=int, default=1, help="targets at a time")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("fuzz"), help="what is found and kept")
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    parser.add_argument("names", nargs="*", help="targets; all unless told")
    options = parser.parse_args()
    options.folder = options.folder.absolute()
    names = options.names or sorted(path.stem[5:] for path in SOURCE.glob("fuzz_*.c"))
    names = [name for name in names if os.access(f"tests/fuzz/fuzz_{name}", os.X_OK)] or sys.exit("no target was built")
    options.folder.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(lambda name: run(name, options), names))
    kept = remember(results, options.folder / "runs.json")
    if options.write:
        write(kept)
    return 0 if all(one["good"] for one in results) else 1


sys.exit(main())
