"""Eight passes, four consoles and people at the command line on one state, all at once, for a while.

One pass at a time, no update lost (what happened agrees with what was recorded), nobody waits for ever, nobody
hears that the state is busy, and each post is made once.
"""
import collections
import contextlib
import random
import re
import sqlite3
import threading
import time

from harness import DEADLINE, Terminal, desk, has_console, wait_for

PASSES, CONSOLES, PEOPLE = 8, 4, 2
LOOKS = [1, 2, 3, 4, 6, 7, 8, 12, 14, 17, 18, 20]
SETTINGS = {"posting": {"hold": "0s", "readback_grace": "50ms"}, "approval": {"mode": "required"},
            "http": {"retries": "1"}, "retry": {"attempts": "100", "delay": "1s"}}
BUSY = re.compile(rb"SQLITE_|database is locked|database table is locked|is busy")


class Crew:
    """Threads that work until the time is over; what one of them finds wrong is told in the end."""

    def __init__(self, d, seconds, seed):
        self.d, self.until, self.seed = d, time.monotonic() + seconds, seed
        self.results, self.wrong, self.threads = [], [], []

    def add(self, work, number):
        def run():
            chance = random.Random(f"{self.seed} {work.__name__} {number}")
            try:
                while time.monotonic() < self.until:
                    work(chance)
            except Exception as error:  # any: it is told, and the others go on
                self.wrong.append(f"{work.__name__} {number}: {error!r}")
        self.threads.append(threading.Thread(target=run))

    def work(self):
        for thread in self.threads:
            thread.start()
        for thread in self.threads:
            thread.join(max(self.until - time.monotonic(), 0) + 3 * DEADLINE)
            assert not thread.is_alive(), "somebody waits for ever"
        assert not self.wrong, self.wrong

    def run(self, *args):
        result = self.d.run(*args)
        self.results.append((args[0], result))

    def a_pass(self, chance):
        del chance
        self.run("--batch")

    def ids(self, *states):
        return [str(row["id"]) for row in self.d.requests() if row["state"] in states]

    def a_person(self, chance):
        rows = self.ids("pending", "approved", "failed")
        if not rows:
            return time.sleep(0.05)
        number = chance.choice(rows)
        return self.run(*chance.choice([
            ["approve", number, "--reason", "checked"], ["approve", number, "--reason", "checked", "--no-wait"],
            ["reject", number, "--reason", "no"], ["rerun", number], ["rerun", number, "--dry-run"],
            ["override", number, "--amount", "1.23", "--reason", "agreed"], ["retry", number], ["show", number]]))

    def somebody_asks(self, chance):
        self.d.sandbox.say(f"please credit {self.d.sandbox.look(chance.choice(LOOKS))}")
        time.sleep(chance.uniform(0.1, 0.4))


def at_a_console(crew, terminal):
    def a_console(chance):
        terminal.press(chance.choice([b"g", b"G", b"j", b"k", b"2", b"1", b"p"]))
        terminal.press(chance.choice([b"a", b"a", b"x", b"r"]))
        end = time.monotonic() + 0.5
        seen = len(terminal.drain())
        while b"[ Enter ]" not in terminal.drain()[seen:] and time.monotonic() < end:
            time.sleep(0.01)
        terminal.press(b"checked\r" if b"[ Enter ]" in terminal.seen[seen:] else b"\x1b")
        end = time.monotonic() + chance.uniform(0, 0.3)
        while time.monotonic() < end:
            terminal.drain()
        assert terminal.process.poll() is None, f"a console ended: {terminal.process.poll()}: {terminal.seen[-500:]}"
    return a_console


def answers_still(terminal):
    """Each console still draws what is asked of it, and ends when it is told to."""
    terminal.press(b"\x1b\x1b")
    seen = len(terminal.drain())
    terminal.press(b"?")
    wait_for(lambda: len(terminal.drain()) > seen + 200, "a console to answer a key", 15)
    begun = time.monotonic()
    terminal.stop(deadline=15)
    assert time.monotonic() - begun < 5, "a console did not end within 5 s"
    assert not BUSY.search(terminal.seen), BUSY.search(terminal.seen)


def rows_of(d, sql):
    with contextlib.closing(sqlite3.connect(f"file:{d.state / 'creditbot.db'}?mode=ro", uri=True)) as db:
        return db.execute(sql).fetchall()


def nothing_lost(d):
    """What happened, as the events tell it, agrees with what there is."""
    states = {}
    for number, request, before, after in rows_of(d, "SELECT id, request_id, from_state, to_state FROM events"
                                                     " WHERE to_state IS NOT NULL ORDER BY id"):
        assert states.get(request) == before or before is None, f"event {number}: {states.get(request)}, not {before}"
        states[request] = after
    assert states == dict(rows_of(d, "SELECT id, state FROM requests")), "a state without its event"
    kinds = collections.Counter(kind for (kind,) in rows_of(d, "SELECT kind FROM events"))
    # A run that found the same evidence takes its approvals over, as rows of its own.
    count = rows_of(d, "SELECT count(*) FROM (SELECT DISTINCT request_id, uid, digest, at FROM approvals)")[0][0]
    assert kinds["approve"] == count, f"{kinds['approve']} approvals happened, {count} are kept"
    passes = rows_of(d, "SELECT id, started_at, finished_at FROM passes WHERE finished_at > 0 ORDER BY started_at")
    for (one, _, end), (other, begin, _) in zip(passes, passes[1:]):
        assert begin >= end, f"pass {other} began before pass {one} ended"
    return sum(kinds.values()), len(passes)


def settle(d):
    def settled():
        d.batch(expect=None)
        return not [row for row in d.requests() if row["state"] in
                    ("approved", "posting", "unconfirmed", "calculating", "new", "resolved", "failed")]
    wait_for(settled, "everything to be settled")
    posted = sorted(row["ts"] for row in d.requests() if row["state"] == "posted")
    threads = sorted(post["thread_ts"] for post in d.sandbox.posts() if post["thread_ts"])
    assert posted == threads, (len(posted), len(threads), len(set(threads)))
    verify = d.run("state", "verify")
    assert verify.code == 0, verify
    return len(posted)


def hammer(seconds, seed, consoles=CONSOLES):
    """Words about what was done; an assertion when a promise broke."""
    consoles = consoles if has_console() else 0
    with desk(SETTINGS) as d, contextlib.ExitStack() as stack:
        d.sandbox.call("/setting", {"slack_post_interval_ms": 0})
        for after, kind in ((2, {"kind": "land_then_500"}), (6, {"kind": "status", "status": 500}),
                            (9, {"kind": "land_then_reset"})):
            d.sandbox.fault(service="slack", match="chat.postMessage", times=2, after=after, **kind)
        for look in LOOKS[:6]:
            d.sandbox.say(f"please credit {d.sandbox.look(look)}")
        d.batch(expect=None)
        terminals = [stack.enter_context(Terminal(d)) for _ in range(consoles)]
        for terminal in terminals:
            wait_for(lambda terminal=terminal: terminal.shows(b"Attack"), "a queue")
        crew = Crew(d, seconds, seed)
        for number, terminal in enumerate(terminals):
            crew.add(at_a_console(crew, terminal), number)
        for number in range(PASSES):
            crew.add(crew.a_pass, number)
        for number in range(PEOPLE):
            crew.add(crew.a_person, number)
        crew.add(crew.somebody_asks, 0)
        crew.work()
        for terminal in terminals:
            answers_still(terminal)
        d.sandbox.clear_faults()
        codes = collections.Counter((name, result.code) for name, result in crew.results)
        for name, result in crew.results:
            assert result.code in (0, 1, 4), (name, result)
            assert not BUSY.search(result.err.encode()) and "CRITICAL" not in result.err, (name, result)
        assert any(code == 0 and name == "--batch" for name, code in codes), codes
        posted = settle(d)
        events, passes = nothing_lost(d)
        turned_away = codes["--batch", 4]
        return (f"{seconds} s: {PASSES} processes that made passes ({passes} passes, {turned_away} times another one "
                f"ran), {consoles} consoles, {PEOPLE} people at the command line; {events} events, {posted} results, "
                "each posted once.")
