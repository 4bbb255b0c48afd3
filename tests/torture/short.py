#!/usr/bin/env python3
"""A short form of `make torture`, for every run of the suite."""
import os
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent),
                str(pathlib.Path(__file__).resolve().parents[1] / "e2e")]

import fault_table  # noqa: E402
import flips  # noqa: E402
import kills  # noqa: E402
from harness import Skip, has_failpoints, main, test  # noqa: E402

# A process that is watched by a sanitizer starts many times as slowly.
WATCHED = "ASAN_OPTIONS" in os.environ
KILLS = 60 if WATCHED else 300


@test
def kills_at_every_step():
    if not has_failpoints():
        raise Skip("this build has no fail points (./configure --enable-failpoints)")
    tally = kills.torture(KILLS, 4711, deepest=0)
    assert tally.total() >= KILLS, tally.kills
    if os.getuid() == 0:
        assert not tally.unpassed(), f"no stage comes by {tally.unpassed()}"


@test
def a_certificate_is_trusted_or_nothing_is_sent():
    seen = dict(fault_table.way())
    assert len(seen) == 6, seen


@test
def faults_at_the_post_and_at_the_statement():
    chosen = [call for call in fault_table.CALLS if call[3] in ("chat.postMessage", "v1/statement")]
    quick = [row for row in fault_table.FAULTS if row[1]["kind"] not in ("latency_ms", "slow_drip")]
    seen = fault_table.services(quick, chosen)
    assert len(seen) == len(chosen) * len(quick)


@test
def planted_changes_of_the_audit_table_are_named():
    assert flips.audit(40, 4711) == 40


@test
def flipped_bits_never_lead_to_a_wrong_post():
    assert sum(flips.flips(60, 4711).values()) == 60


main()
