"""A day of passes in one process, with requests coming and going: nothing may grow but the data."""
import json
import os
import pathlib
import subprocess

from harness import AUTO, desk

SOAK = pathlib.Path(os.environ.get("CREDITBOT_TORTURE", "build/tests/torture")) / "soak_main"
LOOKS = [1, 2, 3, 4, 6, 7, 8, 12, 14, 17, 18, 20]
MINUTES = 15
DAY = 24 * 60 // MINUTES  # passes
WARM = 2 * DAY  # from then on the 8 MiB of the page cache are full, and memory is held to its limit


def size(folder):
    return sum(file.stat().st_size for file in pathlib.Path(folder).rglob("*") if file.is_file())


def say_something(d, number):
    """What comes between two passes: credits, one without a link, one of the other product, a dead look."""
    stamps = [d.sandbox.say(f"please credit {d.sandbox.look(LOOKS[(number + i) % len(LOOKS)])}")
              for i in range(number % 3 + 1)]
    if number % 5 == 0:
        d.sandbox.say("credit please, no link")
    if number % 7 == 0:
        d.sandbox.say(f"credit {d.sandbox.look(90)}")
    if number % 11 == 0:
        d.sandbox.say(f"credit {d.sandbox.look(999999)}")
    return stamps


def soak(hours, say=lambda text: None):
    """[{after each pass: private_kib, descriptors, threads, store}], and how many requests were posted."""
    rows, stamps = [], []
    with desk({**AUTO, "retry": {"attempts": "2", "delay": "1s"}}) as d:
        d.sandbox.call("/setting", {"slack_post_interval_ms": 0})
        process = subprocess.Popen([SOAK, str(d.conf), str(MINUTES)], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True, env=d.environment())
        for number in range(hours * 60 // MINUTES):
            stamps += say_something(d, number)
            process.stdin.write("pass\n")
            process.stdin.flush()
            line = process.stdout.readline()
            assert line, f"the process ended in pass {number + 1}: {process.poll()}"
            rows.append({**json.loads(line), "store": size(d.state), "requests": len(stamps)})
            if number % 20 == 19:
                say(f"{number + 1} passes: {rows[-1]}")
        process.stdin.close()
        assert process.wait(30) == 0
        process.stdout.close()
        threads = [post["thread_ts"] for post in d.sandbox.posts() if post["thread_ts"] in set(stamps)]
        assert sorted(threads) == sorted(stamps), (len(threads), len(stamps))
        assert d.run("state", "verify").code == 0
    return rows


# What may come on top in the last quarter.
LIMITS = {"memory KiB": 1024, "descriptors": 0, "threads": 0, "store bytes a request": 98304}
WINDOW = 8  # passes; the least of them, since a thread of a pool may just live on for a moment


def least(rows, name):
    return min(row[name] for row in rows)


def growth(rows):
    """Of the last quarter; an assertion where two whole days' is more than the data explain."""
    begin = len(rows) - len(rows) // 4
    warm, last = rows[max(begin - WINDOW, 0):begin], rows[-WINDOW:]
    asked = max(last[-1]["requests"] - warm[-1]["requests"], 1)
    grown = {"memory KiB": least(last, "private_kib") - least(warm, "private_kib"),
             "descriptors": least(last, "descriptors") - least(warm, "descriptors"),
             "threads": least(last, "threads") - least(warm, "threads"),
             "store bytes a request": (last[-1]["store"] - warm[-1]["store"]) // asked}
    over = [name for name, limit in LIMITS.items() if grown[name] > limit]
    assert not over or len(rows) < WARM, f"{over} grew in the last quarter: {grown}"
    return grown
