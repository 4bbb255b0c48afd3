#!/usr/bin/env python3
"""A short form of `make torture`, for every run of the suite: kills, and what changed by itself."""
import os
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent),
                str(pathlib.Path(__file__).resolve().parents[1] / "e2e")]

import flips  # noqa: E402
import kills  # noqa: E402
from harness import Skip, has_console, has_failpoints, main, test  # noqa: E402

# A process that is watched by a sanitizer starts many times as slowly.
WATCHED = "ASAN_OPTIONS" in os.environ
KILLS, FLIPS = (60, 10) if WATCHED else (300, 60)


@test
def kills_at_every_step():
    if not has_failpoints():
        raise Skip("this build has no fail points (./configure --enable-failpoints)")
    tally = kills.torture(KILLS, 4711, deepest=0)
    assert tally.total() >= KILLS, tally.kills
    if os.getuid() == 0 and has_console():
        assert not tally.unpassed(), f"no stage comes by {tally.unpassed()}"


@test
def planted_changes_of_the_audit_table_are_named():
    assert flips.audit(FLIPS, 4711) == FLIPS


@test
def flipped_bits_never_lead_to_a_wrong_post():
    assert sum(flips.flips(FLIPS, 4711).values()) == FLIPS


main()
