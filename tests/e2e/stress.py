#!/usr/bin/env python3
"""Stops at any moment, many processes on one state, disks that are full: once, or not at all."""
import os
import random
import resource
import signal
import subprocess
import threading
import time

from harness import AUTO, CREDITBOT, DEADLINE, Result, Skip, desk, main, test, wait_for

KILLS = int(os.environ.get("CREDITBOT_TEST_KILLS", "30"))
ATTACKED = [1, 2, 3, 4, 6, 7, 8, 12, 14, 17, 18, 20]  # looks whose credit is not zero
STRESS_S = float(os.environ.get("CREDITBOT_TEST_STRESS", "8"))


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


@test
def sigterm_at_any_moment():
    rng = random.Random(4711)
    with desk({**AUTO, "posting": {"readback_grace": "50ms"}}) as d:
        d.sandbox.call("/setting", {"slack_post_interval_ms": 0})
        begun = time.monotonic()
        credit(d, 1)
        d.batch()
        whole = time.monotonic() - begun + 1
        stamps = [d.sandbox.posts()[0]["thread_ts"]]
        for i in range(KILLS):
            if i % 2 == 0:
                stamps.append(credit(d, ATTACKED[i % len(ATTACKED)]))
            process = d.start("--batch", "--json")
            try:
                process.wait(rng.uniform(0, whole))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL if i % 3 == 2 else signal.SIGTERM)
            stopped = time.monotonic()
            out, err = process.communicate(timeout=10)
            assert time.monotonic() - stopped < 5.5, (i, out, err)
            assert process.returncode in (0, 1, 143, -signal.SIGKILL, -signal.SIGTERM), (i, out, err)
        settle(d, stamps)
        posted_once(d, stamps)
        sound(d)


def worker(d, command, until, codes):
    """Runs one command after the other; what it may answer is checked at the end."""
    while time.monotonic() < until:
        args = command()
        if args is None:
            time.sleep(0.02)
            continue
        result = d.run(*args)
        codes.append((args[0], result))


@test
def many_processes_on_one_state():
    rng = random.Random(4712)
    with desk({**AUTO, "posting": {"hold": "0s", "readback_grace": "50ms"},
               "approval": {"mode": "required"}, "http": {"retries": "1"}}) as d:
        d.sandbox.call("/setting", {"slack_post_interval_ms": 0})
        d.sandbox.fault(service="slack", match="chat.postMessage", times=3, after=2, kind="land_then_500")
        d.sandbox.fault(service="slack", match="chat.postMessage", times=3, after=6, kind="status", status=500)
        for look in range(1, 17):
            credit(d, look)
        d.batch(expect=None)
        until = time.monotonic() + STRESS_S
        results = []

        def ids(*states):
            return [str(row["id"]) for row in d.requests() if row["state"] in states]

        def decide():
            rows = ids("pending", "approved")
            if not rows:
                return None
            number = rng.choice(rows)
            return rng.choice([["approve", number, "--reason", "checked"],
                               ["approve", number, "--reason", "checked", "--no-wait"],
                               ["rerun", number], ["rerun", number, "--dry-run"],
                               ["reject", number, "--reason", "no"]] if rng.random() < 0.6 else
                              [["rerun", number], ["show", number], ["list"]])

        threads = [threading.Thread(target=worker, args=(d, command, until, results))
                   for command in (lambda: ["--batch"], lambda: ["--batch"], decide, decide)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for name, result in results:
            assert result.code in (0, 1, 4), (name, result)
            assert "assert" not in result.err.lower() and "critical" not in result.err.lower(), result
        for number in ids("pending", "approved", "failed", "resolved", "calculating"):
            d.run("approve", number, "--reason", "the rest")

        def settled():
            d.batch(expect=None)
            return not ids("approved", "posting", "unconfirmed", "calculating", "new", "resolved", "failed")
        wait_for(settled, "everything to be settled")
        posted = sorted(row["ts"] for row in d.requests() if row["state"] == "posted")
        threads = sorted(post["thread_ts"] for post in d.sandbox.posts() if post["thread_ts"])
        assert posted == threads and posted, (posted, threads)
        sound(d)


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
