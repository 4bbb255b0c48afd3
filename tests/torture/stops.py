"""Stops at random moments: passes, approvals that wait out their hold, consoles; each ends within 5 s.

A third is killed outright. Afterwards every request is posted once, and the state is sound.
"""
import concurrent.futures
import random
import signal
import subprocess
import time

from harness import AUTO, Terminal, desk, has_console, wait_for

AT_ONCE = 2
ROUNDS = 25  # of a desk
WITHIN = 5
LOOKS = [1, 2, 3, 4, 6, 7, 8, 12, 14, 17, 18, 20]
SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGKILL, signal.SIGKILL]


def hear_all():
    """What this process ignores (a job in the background), its children would ignore, too."""
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def stop_a_command(d, args, moment, how):
    process = d.start(*args)
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        process.send_signal(how)
    begun = time.monotonic()
    out, err = process.communicate(timeout=3 * WITHIN)
    assert time.monotonic() - begun < WITHIN, f"{args} took {time.monotonic() - begun:.1f} s to stop: {err}"
    codes = (0, 1, 128 + how, -how)
    assert process.returncode in codes, (args, how, process.returncode, out, err)


def stop_a_console(d, keys, moment, how):
    with Terminal(d) as terminal:
        end = time.monotonic() + moment
        steps = list(keys)
        while time.monotonic() < end:
            if steps and terminal.shows(steps[0][0]):
                terminal.press(steps.pop(0)[1])
        begun = time.monotonic()
        code = terminal.stop(how, 3 * WITHIN)
        assert time.monotonic() - begun < WITHIN, f"a console took {time.monotonic() - begun:.1f} s to stop"
        assert code in (0, 128 + how, -how), (how, code, terminal.seen[-500:])


APPROVE = [(b"Attack", b"a"), (b"[ Enter ]", b"checked"), (b"checked", b"\r")]


def one_stop(d, chance, whole):
    """A process of some kind, stopped at some moment of its way."""
    how = chance.choice(SIGNALS)
    moment = chance.uniform(0, whole)
    kind = chance.random()
    waiting = [str(row["id"]) for row in d.requests() if row["state"] == "pending"]
    if kind < 0.45 or not waiting:
        stop_a_command(d, ["--batch", "--json"], moment, how)
        return "passes"
    if kind < 0.75 or not has_console():
        stop_a_command(d, ["approve", chance.choice(waiting), "--reason", "checked"], moment, how)
        return "approvals"
    stop_a_console(d, APPROVE, chance.uniform(0, 2 * whole + 0.5), how)
    return "consoles"


def posted_once(d, stamps):
    d.set({"approval": AUTO["approval"]})

    def settled():
        d.batch(expect=None)
        states = {row["ts"]: row["state"] for row in d.requests()}
        return all(states.get(ts) == "posted" for ts in stamps)
    wait_for(settled, "all to be posted")
    threads = sorted(post["thread_ts"] for post in d.sandbox.posts() if post["thread_ts"])
    assert threads == sorted(stamps), (len(threads), len(set(threads)), len(stamps))
    verify = d.run("state", "verify")
    assert verify.code == 0, verify


def on_a_desk(count, seed):
    chance = random.Random(seed)
    seen = {}
    mode = {} if chance.random() < 0.5 else AUTO
    with desk({**mode, "posting": {"hold": "300ms" if not mode else "0s", "readback_grace": "50ms"}}) as d:
        d.sandbox.call("/setting", {"slack_post_interval_ms": 0})
        begun = time.monotonic()
        stamps = [d.sandbox.say(f"please credit {d.sandbox.look(1)}")]
        d.batch()
        whole = 1.5 * (time.monotonic() - begun)
        for number in range(count):
            if number % 2 == 0:
                stamps.append(d.sandbox.say(f"please credit {d.sandbox.look(chance.choice(LOOKS))}"))
            what = one_stop(d, chance, whole)
            seen[what] = seen.get(what, 0) + 1
        posted_once(d, stamps)
    return seen


def stops(count, seed, say=lambda text: None, at_once=AT_ONCE):
    """{what was stopped: how often}"""
    hear_all()
    jobs = [(min(ROUNDS, count - begin), seed + begin) for begin in range(0, count, ROUNDS)]
    total = {}
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        for seen in pool.map(lambda job: on_a_desk(*job), jobs):
            for what, many in seen.items():
                total[what] = total.get(what, 0) + many
            say(f"{sum(total.values())} stops")
    return total
