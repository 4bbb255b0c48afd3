#!/usr/bin/env python3
"""A short form of `make torture`, for every run of the suite: faults, clocks, disks, many at once, stops."""
import os
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent),
                str(pathlib.Path(__file__).resolve().parents[1] / "e2e")]

import clock  # noqa: E402
import disk  # noqa: E402
import fault_table  # noqa: E402
import hammer  # noqa: E402
import stops  # noqa: E402
from harness import main, test  # noqa: E402

WATCHED = "ASAN_OPTIONS" in os.environ
SLOW = ("latency_ms", "slow_drip", "huge")


@test
def a_certificate_is_trusted_or_nothing_is_sent():
    seen = fault_table.way()
    assert len(seen) == 6 and all(len(row) == 4 for row in seen), seen


@test
def faults_at_the_post_and_at_the_statement():
    chosen = [call for call in fault_table.CALLS if call[3] in ("chat.postMessage", "v1/statement")]
    quick = [row for row in fault_table.FAULTS if row[1].get("kind") not in SLOW]
    seen = fault_table.services(quick, chosen)
    assert len(seen) == len(chosen) * len(quick)


@test
def wrong_clocks_and_jumps_lose_nothing():
    assert len(clock.clocks()) == len(clock.CASES)


@test
def disks_and_states_that_fail_lose_nothing():
    assert len(disk.disks()) == len(disk.CASES)


@test
def passes_consoles_and_people_at_once():
    hammer.hammer(10 if WATCHED else 6, 4711, consoles=2 if WATCHED else 4)


@test
def stops_at_any_moment():
    count = 10 if WATCHED else 40
    assert sum(stops.stops(count, 4711).values()) == count


main()
