"""SIGKILL at every step between two durable effects: what was promised still holds after a restart.

A path is one way of a request through the desk, with the command that is killed. A kill is counted only
when the process really died of it. After one, two or three of them in a row the path is brought to its end
without any, and then the sandbox is asked what people would have seen.
"""
import concurrent.futures
import pathlib
import random
import re
import threading

from harness import AUTO, desk

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "core"
DEEPEST = 40  # how often one point is tried within one command: store:before-commit@1, @2 …
AT_ONCE = 4   # desks at the same time; most of a pass is waiting
PASSES = 6    # clean passes within which everything must have settled


def points():
    """The fail points that the source has, so that a new one is tortured without a word here."""
    found = set()
    for file in SOURCES.rglob("*.c"):
        found |= set(re.findall(r'failpoint\("([^"]+)"\)', file.read_text(encoding="utf-8")))
    assert found, f"no fail points below {SOURCES}"
    return sorted(found)


class Path:
    """name; settings of its desk; start() makes a request and returns what finish() needs."""
    name, settings, point_filter = "", AUTO, None

    def start(self, d):
        raise NotImplementedError

    def command(self, d, ts):
        del d, ts
        return ["--batch", "--json"]

    def finish(self, d, ts):
        for _ in range(PASSES):
            d.batch(expect=None)
            if self.settled(d, ts):
                return
        raise AssertionError(f"not settled after {PASSES} passes: {d.request(ts)}")

    def settled(self, d, ts):
        return d.request(ts)["state"] == "posted"

    def posts(self, d, ts):
        return d.sandbox.posts(thread_ts=ts)

    def check(self, d, ts):
        posts = self.posts(d, ts)
        assert len(posts) == 1, f"{len(posts)} posts, not one: {posts}"


def identity(d, ts):
    return str(d.request(ts)["id"])


class Automatic(Path):
    name = "a result, approved by rule"

    def start(self, d):
        return d.sandbox.say(f"please credit {d.sandbox.look(1)}")


class Approving(Path):
    """The kill hits the decision; whatever came of it, deciding again leads to one post."""
    name = "an approval on the command line"
    settings = {}

    def start(self, d):
        ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        d.batch()
        return ts

    def command(self, d, ts):
        return ["approve", identity(d, ts), "--reason", "checked"]

    def finish(self, d, ts):
        if d.request(ts)["state"] == "pending":
            d.run("approve", identity(d, ts), "--reason", "checked", "--no-wait")
        super().finish(d, ts)


class Approved(Approving):
    name = "the pass after an approval"

    def start(self, d):
        ts = super().start(d)
        result = d.run("approve", identity(d, ts), "--reason", "checked", "--no-wait")
        assert result.code == 0, result
        return ts

    command = Path.command


class Rejecting(Path):
    name = "a rejection with a word in the thread"
    settings = {"approval": {"mode": "required", "notify_rejection": "true"}}

    def start(self, d):
        ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        d.batch()
        return ts

    def command(self, d, ts):
        return ["reject", identity(d, ts), "--reason", "not fraud"]

    def finish(self, d, ts):
        if d.request(ts)["state"] == "pending":
            d.run("reject", identity(d, ts), "--reason", "not fraud")
        super().finish(d, ts)

    def settled(self, d, ts):
        return d.request(ts)["state"] == "rejected" and len(self.posts(d, ts)) > 0


class Asking(Path):
    name = "the word that asks for a link"

    def start(self, d):
        return d.sandbox.say("please credit us, there was fraud")

    def settled(self, d, ts):
        return d.request(ts)["state"] == "needs_link" and len(self.posts(d, ts)) > 0


class Linked(Path):
    name = "a link given later in the thread"

    def start(self, d):
        ts = d.sandbox.say("please credit us, there was fraud")
        d.batch()
        d.sandbox.say(d.sandbox.look(1), thread_ts=ts)
        return ts

    def check(self, d, ts):
        texts = [post["text"] for post in self.posts(d, ts)]
        assert len(texts) == 2 and len([t for t in texts if "Looker link" in t]) == 1, texts


class Dying(Path):
    """Dead at the first failure: one message to the error user, never two."""
    name = "a request that dies, and its message"
    settings = {**AUTO, "retry": {"attempts": "1", "delay": "1s"}}

    def start(self, d):
        self.before = len(self.messages(d))
        return d.sandbox.say(f"please credit {d.sandbox.look(999999)}")

    def messages(self, d):
        return [post for post in d.sandbox.posts() if post.get("im_user") == "U00000001"]

    def settled(self, d, ts):
        return d.request(ts)["state"] == "dead" and len(self.messages(d)) > self.before

    def check(self, d, ts):
        told = len(self.messages(d)) - self.before
        assert told == 1 and not self.posts(d, ts), f"told {told} times"


class Rerunning(Approving):
    name = "a rerun"

    def command(self, d, ts):
        return ["rerun", identity(d, ts)]

    def finish(self, d, ts):
        for _ in range(PASSES):
            if d.request(ts)["state"] == "pending":
                break
            d.batch(expect=None)
        super().finish(d, ts)


PATHS = [Automatic, Approving, Approved, Rejecting, Asking, Linked, Dying, Rerunning]


class Tally:
    """What happened, by path and point, for the table and the sum."""

    def __init__(self):
        self.kills, self.rounds, self.desks = {}, 0, 0
        self.lock = threading.Lock()

    def add(self, path, point):
        key = (path, point.split("@")[0])
        with self.lock:
            self.kills[key] = self.kills.get(key, 0) + 1

    def round_ended(self):
        with self.lock:
            self.rounds += 1

    def desk_used(self):
        with self.lock:
            self.desks += 1

    def total(self):
        with self.lock:
            return sum(self.kills.values())


def kill(d, path, ts, chain, tally):
    """Runs the command once for each point; returns how many of them killed it."""
    died = 0
    for i, point in enumerate(chain):
        args = path.command(d, ts) if i == 0 else Path.command(path, d, ts)
        result = d.run(*args, env={"CREDITBOT_FAILPOINT": point})
        assert result.code in (-9, 0, 1), result
        if result.code == -9:
            tally.add(path.name, point)
            died += 1
    return died


def one_round(d, path, chain, tally):
    """FALSE when the first point was not on the way: nothing died, and nothing is proven."""
    ts = path.start(d)
    died = kill(d, path, ts, chain, tally)
    try:
        path.finish(d, ts)
        path.check(d, ts)
    except AssertionError as error:
        raise AssertionError(f"{path.name}, killed at {', '.join(chain)}: {error}") from error
    tally.round_ended()
    return died > 0


def sound(d, what):
    verify = d.run("state", "verify")
    assert verify.code == 0, f"{what}: {verify}"


def every_point(path, tally, deepest):
    """Each point of the source, at its first, second … passing, until the command does not reach it."""
    with desk(path.settings) as d:
        tally.desk_used()
        for point in points():
            for nth in range(1, deepest + 1):
                if not one_round(d, path, [f"{point}@{nth}"], tally):
                    break
        sound(d, path.name)


def some_chains(tally, goal, seed):
    """One desk: a path drawn by chance, and chains of one to three kills on it."""
    chance = random.Random(seed)
    names = points()
    path = chance.choice(PATHS)()
    with desk(path.settings) as d:
        tally.desk_used()
        for _ in range(12):
            chain = [f"{chance.choice(names)}@{chance.randint(1, 4)}" for _ in range(chance.randint(1, 3))]
            one_round(d, path, chain, tally)
            if tally.total() >= goal:
                break
        sound(d, path.name)


def torture(goal, seed, deepest=DEEPEST, say=lambda text: None):
    """Every point of every path, then chains by chance until so many processes were killed."""
    tally = Tally()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(lambda make: every_point(make(), tally, deepest), PATHS):
            say(f"{tally.total()} kills, each point in its turn")
        while tally.total() < goal:
            seeds = range(seed, seed + 4 * AT_ONCE)
            seed += 4 * AT_ONCE
            for _ in pool.map(lambda s: some_chains(tally, goal, s), seeds):
                pass
            say(f"{tally.total()} of {goal} kills")
    return tally


def table(tally):
    """Rows: points; columns: paths; cells: kills. All of them ended in what was promised."""
    names = sorted({point for _, point in tally.kills})
    paths = [make.name for make in PATHS]
    yield ["killed at", *paths, "kills"]
    for point in names:
        row = [tally.kills.get((path, point), 0) for path in paths]
        yield [point, *row, sum(row)]
    totals = [sum(v for (p, _), v in tally.kills.items() if p == path) for path in paths]
    yield ["all", *totals, tally.total()]


