#!/usr/bin/env python3
"""A backlog of 200 requests with 20 ms a call on every service, beside the bound that calls and workers set."""
import collections
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from harness import Desk  # noqa: E402  (the path is set above)

REQUESTS = 200
LATENCY = 0.020
WORKERS = 8


def main():
    desk = Desk(settings={"general": {"workers": str(WORKERS)}})
    try:
        for i in range(REQUESTS):
            desk.sandbox.say(f"please credit {desk.sandbox.look(i % 20 + 1)}")
        for service in ("slack", "looker", "trino"):
            desk.sandbox.fault(service=service, match="", times=0, kind="latency_ms", ms=int(LATENCY * 1000))
        seen = len(desk.sandbox.log())
        begun = time.monotonic()
        summary = desk.batch()
        took = time.monotonic() - begun
        assert summary["calculated"] == REQUESTS, summary
        calls = collections.Counter(row["service"] for row in desk.sandbox.log()[seen:])
        # Slack is read before the work begins, one call after the other; the rest is shared by workers.
        bound = LATENCY * (calls["slack"] + (calls["looker"] + calls["trino"]) / WORKERS)
        print(f"backlog_calls slack {calls['slack']} looker {calls['looker']} trino {calls['trino']}")
        print(f"backlog_s {took:.2f} s")
        print(f"backlog_bound_s {bound:.2f} s")
        print(f"backlog_ratio {took / bound:.2f} target 1.50")
    finally:
        desk.close()


main()
