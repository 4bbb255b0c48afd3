"""Clocks that are wrong and clocks that jump: nothing is lost, nothing is posted twice.

The program runs with a library before the system's (skew.c) that adds the seconds of a file to the time of day;
the file changes between two commands, or while one runs. Slack's clock is right all the while.
"""
import os
import pathlib
import subprocess
import time

from harness import AUTO, Skip, desk, has_failpoints, wait_for

SKEW = pathlib.Path(os.environ.get("CREDITBOT_TORTURE", "build/tests/torture")) / "skew.so"
HOUR, DAY = 3600, 86400
HELD = {"posting": {"hold": "1h"}}


class Clock:
    """What the desk's processes take for the time."""

    def __init__(self, d):
        self.file = d.root / "skew"
        self.env = {"LD_PRELOAD": str(SKEW.resolve()), "CREDITBOT_SKEW": str(self.file)}
        self.is_wrong_by(0)

    def is_wrong_by(self, seconds):
        fresh = self.file.with_suffix(".new")
        fresh.write_text(str(seconds), encoding="ascii")
        fresh.rename(self.file)


def need_skew():
    if "ASAN_OPTIONS" in os.environ or not SKEW.exists():
        raise Skip("no library can be preloaded here")


def credit(d):
    return d.sandbox.say(f"please credit {d.sandbox.look(1)}")


def state(d, ts):
    rows = [row["state"] for row in d.requests() if row["ts"] == ts]
    return rows[0] if rows else "not read yet"


def batch(d, clock, expect=(0,), **env):
    result = d.run("--batch", "--json", env={**clock.env, **env})
    assert result.code in expect, result
    return result


def approve(d, clock, ts):
    result = d.run("approve", str(d.request(ts)["id"]), "--reason", "checked", "--no-wait", env=clock.env)
    assert result.code == 0, result


def once(d, clock, ts):
    """With a clock that is right: posted, once, and the whole state sound."""
    clock.is_wrong_by(0)

    def posted():
        batch(d, clock, (0, 1))
        return state(d, ts) == "posted"
    wait_for(posted, "the post once the clock is right")
    batch(d, clock)
    posts = d.sandbox.posts(thread_ts=ts)
    assert len(posts) == 1, posts
    verify = d.run("state", "verify", env=clock.env)
    assert verify.code == 0, verify


def lost_answer(before, after):
    """The clock is wrong at the intent, the process dies with the answer, and the clock is another one then."""
    def run(d, clock):
        clock.is_wrong_by(before)
        ts = credit(d)
        if before < 0:  # what is from the future by our clock is read when that time has come
            clock.is_wrong_by(0)
            d.set({"approval": {"mode": "required"}})
            batch(d, clock)
            clock.is_wrong_by(before)
            approve(d, clock, ts)
        if has_failpoints():
            batch(d, clock, (-9,), CREDITBOT_FAILPOINT="post:after-send")
        else:
            d.sandbox.fault(service="slack", match="chat.postMessage", times=1, kind="land_then_reset")
            d.sandbox.fault(service="slack", match="conversations.replies", times=1000, kind="status", status=503)
            batch(d, clock, (1,))
            d.sandbox.clear_faults()
        assert len(d.sandbox.posts(thread_ts=ts)) == 1
        clock.is_wrong_by(after)
        batch(d, clock, (0, 1))
        seen = state(d, ts)
        once(d, clock, ts)
        return f"the thread was read back: {seen}, posted once"
    return run


def jump_in_a_pass(seconds):
    def run(d, clock):
        ts = credit(d)
        d.sandbox.fault(service="trino", match="v1/statement/executing", times=1, kind="latency_ms", ms=400)
        process = d.start("--batch", "--json", env=clock.env)
        wait_for(lambda: d.requests() and state(d, ts) == "calculating", "the query")
        clock.is_wrong_by(seconds)
        process.communicate(timeout=60)
        assert process.returncode in (0, 1), process.returncode
        seen = state(d, ts)
        once(d, clock, ts)
        return f"{seen}, exit {process.returncode}; posted once"
    return run


def lease(seconds):
    """A pass holds the lease while the clock of the second one says that it is long dead."""
    def run(d, clock):
        ts = credit(d)
        d.sandbox.fault(service="trino", match="v1/statement/executing", times=1, kind="latency_ms", ms=1500)
        first = d.start("--batch", "--json")
        wait_for(lambda: d.requests() and state(d, ts) == "calculating", "the query")
        clock.is_wrong_by(seconds)
        second = d.run("--batch", env=clock.env)
        assert second.code == 4 and str(first.pid) in second.err, second
        first.communicate(timeout=60)
        assert first.returncode == 0
        once(d, clock, ts)
        return "exit 4 while the first one lives; posted once"
    return run


def hold(d, clock):
    """An hour's hold, given by a clock a day ahead; then the clock is right; then the hold is over."""
    ts = credit(d)
    batch(d, clock)
    clock.is_wrong_by(DAY)
    approve(d, clock, ts)
    clock.is_wrong_by(0)
    batch(d, clock)
    assert state(d, ts) == "approved" and not d.sandbox.posts(), state(d, ts)
    clock.is_wrong_by(-DAY)
    batch(d, clock)
    assert not d.sandbox.posts()
    clock.is_wrong_by(DAY + 2 * HOUR)
    batch(d, clock)
    assert state(d, ts) == "posted" and len(d.sandbox.posts()) == 1, state(d, ts)
    once(d, clock, ts)
    return "held until its time has come, posted once"


def expiry(d, clock):
    """An approval that is a day old by a clock that jumped is void; it is given again."""
    ts = credit(d)
    batch(d, clock)
    approve(d, clock, ts)
    clock.is_wrong_by(2 * DAY)
    batch(d, clock)
    assert state(d, ts) == "pending" and not d.sandbox.posts(), state(d, ts)
    clock.is_wrong_by(0)
    batch(d, clock)
    assert not d.sandbox.posts(), "what had expired came back"
    d.set({"posting": {"hold": "0s"}})
    approve(d, clock, ts)
    once(d, clock, ts)
    return "expired, and stays so when the clock is right again; approved again, posted once"


def behind(d, clock):
    """Messages from the future are none; they are read when the clock is right."""
    clock.is_wrong_by(-2 * HOUR)
    ts = credit(d)
    batch(d, clock)
    seen = state(d, ts)
    assert seen == "not read yet", seen
    once(d, clock, ts)
    return "a message of the future is left until its time; posted once"


def ahead(d, clock):
    """The walk of a clock ten days ahead goes no further than what Slack has."""
    clock.is_wrong_by(10 * DAY)
    batch(d, clock)
    ts = credit(d)
    clock.is_wrong_by(0)
    once(d, clock, ts)
    return "nothing is passed over; posted once"


def pause(d, clock):
    ts = credit(d)
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + HOUR))
    done = d.run("pause", "--reason", "maintenance", "--until", until, env=clock.env)
    assert done.code == 0, done
    clock.is_wrong_by(-DAY)
    refused = d.run("--batch", env=clock.env)
    assert refused.code != 0 and "paused" in refused.err, refused
    clock.is_wrong_by(2 * HOUR)
    batch(d, clock)
    assert state(d, ts) == "posted", state(d, ts)
    once(d, clock, ts)
    return "goes on by itself when its time is over, not before; posted once"


CASES = [
    ("a day ahead at the intent, right at the read-back", AUTO, lost_answer(DAY, 0)),
    ("right at the intent, a day ahead at the read-back", AUTO, lost_answer(0, DAY)),
    ("right at the intent, set back a day before the read-back", AUTO, lost_answer(0, -DAY)),
    ("set back a day at the intent, right at the read-back", AUTO, lost_answer(-DAY, 0)),
    ("a jump of a day forwards in mid-pass", AUTO, jump_in_a_pass(DAY)),
    ("a jump of a day back in mid-pass", AUTO, jump_in_a_pass(-DAY)),
    ("a second pass whose clock is a day ahead", AUTO, lease(DAY)),
    ("a second pass whose clock is a day behind", AUTO, lease(-DAY)),
    ("a hold across jumps", HELD, hold),
    ("an approval across a jump", {}, expiry),
    ("a clock that is behind Slack's", AUTO, behind),
    ("a clock that was far ahead", AUTO, ahead),
    ("a pause across jumps", AUTO, pause),
]


def clocks(say=lambda text: None):
    """[(case, what was seen)]"""
    need_skew()
    seen = []
    for name, settings, run in CASES:
        with desk(settings or None) as d:
            d.sandbox.call("/setting", {"slack_post_interval_ms": 0})
            try:
                seen.append((name, run(d, Clock(d))))
            except (AssertionError, subprocess.TimeoutExpired) as error:
                raise AssertionError(f"{name}: {error}") from error
            say(name)
    return seen
