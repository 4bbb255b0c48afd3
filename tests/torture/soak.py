"""A day of passes in one process, with requests coming and going: nothing may grow but the data."""
import json
import os
import pathlib
import subprocess

from harness import AUTO, desk

SOAK = pathlib.Path(os.environ.get("CREDITBOT_TORTURE", "build/tests/torture")) / "soak_main"
LOOKS = [1, 2, 3, 4, 6, 7, 8, 12, 14, 17, 18, 20]
MINUTES = 15


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


# What may come on top between the half of the time, when all is warm, and its end.
LIMITS = {"memory KiB": 4096, "descriptors": 2, "threads": 0, "store bytes a request": 98304}


def growth(rows):
    """Of the second half; an assertion where it is more than the data explain."""
    warm, last = rows[len(rows) // 2], rows[-1]
    grown = {"memory KiB": last["private_kib"] - warm["private_kib"],
             "descriptors": last["descriptors"] - warm["descriptors"],
             "threads": last["threads"] - warm["threads"],
             "store bytes a request": (last["store"] - warm["store"]) // max(last["requests"] - warm["requests"], 1)}
    for name, limit in LIMITS.items():
        assert grown[name] <= limit, f"{name} grew by {grown[name]} from the half to the end, more than {limit}: {rows}"
    return grown
