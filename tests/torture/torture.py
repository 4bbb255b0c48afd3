#!/usr/bin/env python3
"""The long run: kills, faults, flipped bytes, stops, a day of passes; ends with the sums.

torture.py [--kills N] [--flips N] [--planted N] [--stops N] [--hours N] [--seed N] [--only PART] [--write]

--write puts the tables into docs/reliability.md. Nothing is judged by time; what breaks a promise ends the
run with what was done and what came of it, exit 1.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve()
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "e2e")]

import fault_table  # noqa: E402
import flips  # noqa: E402
import kills  # noqa: E402
import soak  # noqa: E402
from harness import has_failpoints  # noqa: E402

DOC = HERE.parents[2] / "docs" / "reliability.md"
BEGUN = time.monotonic()


def say(text):
    print(f"  {time.monotonic() - BEGUN:6.0f} s  {text}", flush=True)


def markdown(rows):
    rows = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    yield "| " + " | ".join(rows[0]) + " |"
    yield "|" + "---|" * len(rows[0])
    for row in rows[1:]:
        yield "| " + " | ".join(row) + " |"


def part_kills(options):
    if not has_failpoints():
        raise SystemExit("torture: this build has no fail points (./configure --enable-failpoints)")
    tally = kills.torture(options.kills, options.seed, say=say)
    assert not tally.unpassed(), f"no stage comes by {tally.unpassed()}"
    words = (f"{tally.total()} kills in {sum(tally.rounds.values())} rounds on {tally.desks} desks: every request "
             "ended as promised, nothing was said twice, every state verified.")
    return {"kills": [words, "", *markdown(list(kills.stage_table(tally))), "",
                      *markdown(list(kills.point_table(tally)))]}


def part_faults(options):
    del options
    way = fault_table.way(say)
    seen = fault_table.services(say=say)
    return {"faults": [f"{len(seen)} cells; after each the request was posted, once.", "",
                       *markdown(list(fault_table.table(seen)))],
            "way": list(markdown([["what stands in the way", "what was seen"], *way]))}


def part_flips(options):
    planted = flips.audit(options.planted, options.seed, say)
    seen = flips.flips(options.flips, options.seed, say)
    rows = [["what came of a flipped bit", "copies"], *sorted(seen.items()), ["all", sum(seen.values())]]
    return {"flips": list(markdown(rows)),
            "planted": [f"{planted} planted changes of one value in the table of events: {planted} found, each "
                        "by the number of its event."]}


def part_stops(options):
    """The stress test of the suite, at length: SIGTERM and SIGKILL at random moments."""
    test = HERE.parents[1] / "e2e" / "stress.py"
    env = {**os.environ, "CREDITBOT_TEST_KILLS": str(options.stops)}
    done = subprocess.run([sys.executable, str(test), "sigterm_at_any_moment"], env=env, check=False,
                          capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(done.stdout + done.stderr)
    return {"stops": [f"{options.stops} passes stopped at random moments, a third of them by SIGKILL: each ended "
                      "within 5 s, and every request was posted once."]}


def part_soak(options):
    rows = soak.soak(options.hours, say)
    table = [["from a quarter of the time to the end", "growth"], *soak.growth(rows).items()]
    return {"soak": [f"{len(rows)} passes of one process, {options.hours} hours by its clock, "
                     f"{rows[-1]['requests']} requests, each posted once.", "", *markdown(table)]}


PARTS = {"kills": part_kills, "faults": part_faults, "flips": part_flips, "stops": part_stops,
         "soak": part_soak}


def write(found):
    """Replaces what stands between <!-- NAME --> and <!-- end --> for each table that was made."""
    text = DOC.read_text(encoding="utf-8")
    for name, lines in found.items():
        head, begin, rest = text.partition(f"<!-- {name} -->\n")
        if not begin:
            raise SystemExit(f"torture: {DOC} has no place for '{name}'")
        _, end, tail = rest.partition("<!-- end -->")
        text = head + begin + "\n".join(lines) + "\n" + end + tail
    DOC.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=10000)
    parser.add_argument("--flips", type=int, default=1000)
    parser.add_argument("--planted", type=int, default=1000)
    parser.add_argument("--stops", type=int, default=500)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--seed", type=int, default=4711)
    parser.add_argument("--only", choices=sorted(PARTS), action="append")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    found = {}
    for name in options.only or PARTS:
        print(f"== {name}", flush=True)
        for part, lines in PARTS[name](options).items():
            found[part] = lines
            print("\n".join(lines), flush=True)
            if options.write:
                write({part: lines})
    print(f"torture: {len(options.only or PARTS)} parts, nothing lost, nothing twice, nothing silent "
          f"({time.monotonic() - BEGUN:.0f} s)")


if __name__ == "__main__":
    main()
