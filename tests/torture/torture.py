#!/usr/bin/env python3
"""The long run: kills, faults, wrong clocks, disks, flipped bytes, many at once, stops, a day of passes.

torture.py [--kills N] [--flips N] [--planted N] [--stops N] [--hammer SECONDS] [--hours N] [--seed N]
           [--at-once N] [--only PART]… [--write]

--write puts the tables into docs/reliability.md. What breaks a promise is told, the other parts are still made, and
the run ends with exit 1.
"""
import argparse
import os
import pathlib
import sys
import tempfile
import time
import traceback

HERE = pathlib.Path(__file__).resolve()
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "e2e")]

import clock  # noqa: E402
import disk  # noqa: E402
import fault_table  # noqa: E402
import flips  # noqa: E402
import hammer  # noqa: E402
import kills  # noqa: E402
import soak  # noqa: E402
import stops  # noqa: E402
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
    tally = kills.torture(options.kills, options.seed, say=say, at_once=options.at_once)
    assert not tally.unpassed(), f"no stage comes by {tally.unpassed()}"
    words = (f"{tally.total()} kills in {sum(tally.rounds.values())} rounds on {tally.desks} desks: every request "
             "ended as promised, nothing was said twice, every state verified.")
    return {"kills": [words, "", *markdown(list(kills.stage_table(tally))), "",
                      *markdown(list(kills.point_table(tally)))]}


def part_faults(options):
    way = fault_table.way(say)
    seen = fault_table.services(say=say, at_once=options.at_once)
    return {"faults": [f"{len(seen)} cells; after each the request was posted, once.", "",
                       *markdown(list(fault_table.table(seen)))],
            "way": list(markdown([["what stands in the way", *fault_table.ADDRESSES], *way]))}


def part_flips(options):
    planted = flips.audit(options.planted, options.seed, say)
    seen = flips.flips(options.flips, options.seed, say)
    rows = [["what came of a flipped bit", "copies"], *sorted(seen.items()), ["all", sum(seen.values())]]
    return {"flips": list(markdown(rows)),
            "planted": [f"{planted} planted changes of one value in the table of events: {planted} found, each "
                        "by the number of its event."]}


def part_stops(options):
    seen = stops.stops(options.stops, options.seed, say)
    many = ", ".join(f"{count} {what}" for what, count in sorted(seen.items()))
    return {"stops": [f"{sum(seen.values())} processes stopped at random moments ({many}), by SIGTERM, SIGINT, SIGHUP "
                      "and a third of them by SIGKILL: each ended within 5 s, and every request was posted once."]}


def part_soak(options):
    rows = soak.soak(options.hours, say)
    table = [["in the last quarter of the time", "growth", "limit"],
             *([name, grown, soak.LIMITS[name]] for name, grown in soak.growth(rows).items())]
    return {"soak": [f"{len(rows)} passes of one process, {options.hours} hours by its clock, "
                     f"{rows[-1]['requests']} requests, each posted once.", "", *markdown(table)]}


def part_clocks(options):
    del options
    return {"clocks": list(markdown([["the clock", "what was seen"], *clock.clocks(say)]))}


def part_disks(options):
    del options
    return {"disks": list(markdown([["the cause", "what was said"], *disk.disks(say)]))}


def part_hammer(options):
    return {"hammer": [hammer.hammer(options.hammer, options.seed)]}


PARTS = {"kills": part_kills, "faults": part_faults, "clocks": part_clocks, "disks": part_disks, "flips": part_flips,
         "hammer": part_hammer, "stops": part_stops, "soak": part_soak}


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
    parser.add_argument("--hammer", type=int, default=120)
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--hours", type=int, default=48)
    parser.add_argument("--seed", type=int, default=4711)
    parser.add_argument("--only", choices=sorted(PARTS), action="append")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    # No power is cut here, so nothing is gained by a disk: memory outlives a killed process as well.
    if os.access("/dev/shm", os.W_OK) and "TMPDIR" not in os.environ:
        tempfile.tempdir = "/dev/shm"
    broken = []
    for name in options.only or PARTS:
        print(f"== {name}", flush=True)
        try:
            found = PARTS[name](options)
        except Exception:  # any: a broken promise, or what kept us from looking
            traceback.print_exc(file=sys.stdout)
            broken.append(name)
            continue
        for part, lines in found.items():
            print("\n".join(lines), flush=True)
            if options.write:
                write({part: lines})
    done = f"{len(options.only or PARTS)} parts ({time.monotonic() - BEGUN:.0f} s)"
    if broken:
        sys.exit(f"torture: {done}, broken: {', '.join(broken)}")
    print(f"torture: {done}, nothing lost, nothing twice, nothing silent")


if __name__ == "__main__":
    main()
