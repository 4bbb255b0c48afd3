#!/usr/bin/env python3
"""Disks that are full or may not be written: once, or not at all (more of it: tests/torture)."""
import os
import resource
import subprocess

from harness import AUTO, CREDITBOT, DEADLINE, Result, Skip, desk, main, test, wait_for

ATTACKED = [1, 2, 3, 4, 6, 7, 8, 12, 14, 17, 18, 20]  # looks whose credit is not zero


def credit(d, look):
    return d.sandbox.say(f"please credit {d.sandbox.look(look)}")


def sound(d):
    result = d.run("state", "verify")
    assert result.code == 0, result


def posted_once(d, stamps):
    """All of them, one result each, whatever else was said."""
    threads = [post["thread_ts"] for post in d.sandbox.posts() if post["thread_ts"]]
    assert sorted(threads) == sorted(stamps), (len(threads), len(set(threads)), len(stamps))
    states = {row["ts"]: row["state"] for row in d.requests()}
    assert all(states[ts] == "posted" for ts in stamps), states


def settle(d, stamps):
    def left():
        d.batch(expect=None)
        rows = {row["ts"]: row for row in d.requests()}
        return [rows.get(ts) for ts in stamps if ts not in rows or rows[ts]["state"] != "posted"]
    try:
        wait_for(lambda: not left(), "all to be posted", 20)
    except AssertionError:
        raise AssertionError(left()) from None


def limited(d, bytes_max, *args):
    """The program with files no longer than that, the way a full disk looks."""
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, bytes_max))
    done = subprocess.run([CREDITBOT, "--config", str(d.conf), *args], cwd=d.root, env=d.environment(),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE,
                          preexec_fn=limit)
    return Result(done.returncode, done.stdout, done.stderr)


@test
def a_full_disk_stops_everything_before_a_post():
    with desk() as d:
        stamps = [credit(d, look) for look in (1, 4)]
        d.batch()
        for ts in stamps:
            number = str(d.request(ts)["id"])
            assert d.run("approve", number, "--reason", "checked", "--no-wait").code == 0
        size = (d.state / "creditbot.db").stat().st_size
        for limit in (0, 4096, size // 2, size):
            result = limited(d, limit, "--batch", "--json")
            assert result.code == 5, (limit, result)
            assert result.err and d.sandbox.posts() == [], (limit, result)
        d.batch()
        posted_once(d, stamps)
        sound(d)


@test
def a_disk_that_fills_in_mid_pass_posts_nothing_twice():
    with desk(AUTO) as d:
        d.sandbox.call("/setting", {"slack_post_interval_ms": 0})
        d.batch()
        stamps = []
        base = (d.state / "creditbot.db").stat().st_size
        for i in range(6):
            stamps.append(credit(d, ATTACKED[i]))
            result = limited(d, base + 40000 * (i + 1), "--batch")
            assert result.code in (0, 1, 5), result
        settle(d, stamps)
        posted_once(d, stamps)
        sound(d)


@test
def a_state_that_cannot_be_written_is_exit_five():
    if os.getuid() == 0:
        raise Skip("root may write everything")
    with desk(AUTO) as d:
        credit(d, 1)
        d.set({"general": {"dry_run": "true"}})
        d.batch()
        d.set({"general": {"dry_run": "false"}})
        (d.state / "creditbot.db").chmod(0o400)
        assert d.run("--batch").code == 5 and d.sandbox.posts() == []


main()
