#!/usr/bin/env python3
"""A backlog of 200 requests with 20 ms a call on every service, beside the bound that calls and workers set."""
import collections
import concurrent.futures
import http.client
import pathlib
import statistics
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from harness import Desk  # noqa: E402  (the path is set above)

REQUESTS = 200
LATENCY = 0.020
WORKERS = 8


def call_time(url):
    """Seconds a call of one of as many clients takes, without our program."""
    parts = urllib.parse.urlsplit(url)

    def ask(_):
        client = http.client.HTTPConnection(parts.hostname, parts.port)
        begun = time.monotonic()
        for _ in range(25):
            client.request("POST", parts.path + "/auth.test")
            client.getresponse().read()
        client.close()
        return (time.monotonic() - begun) / 25

    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        return statistics.median(pool.map(ask, range(WORKERS)))


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
        call = call_time(desk.sandbox.info["slack"])
        print(f"backlog_slack_calls {calls['slack']} calls")
        print(f"backlog_looker_calls {calls['looker']} calls")
        print(f"backlog_trino_calls {calls['trino']} calls")
        print(f"backlog {took:.2f} s")
        print(f"backlog_bound {bound:.2f} s")
        print(f"backlog_ratio {took / bound:.2f} target 1.50")
        # What a call takes in truth, beside the latency asked for: the sandbox's own share.
        print(f"backlog_bare_call {call * 1000:.1f} ms")
        print(f"backlog_bare_call_ratio {call / LATENCY:.2f}")
    finally:
        desk.close()


main()
