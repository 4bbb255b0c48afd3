"""The ways of a request through the desk, and the works on its state, that the kill tests interrupt.

Each stage says how it begins, what is struck, how it is brought to its end without a kill, and what must be
true then. What it hands from one to the other is `it`: the ts of a request, or a folder.
"""
import json
import os
import pathlib
import pwd
import re
import shutil
import sqlite3
import subprocess

from harness import AUTO, CHANNEL, Result, Terminal, as_person, has_console, share, wait_for

PASSES = 6  # clean passes within which everything must have settled
MARA, JONAS = 61001, 61002
OLD_STATE = pathlib.Path(os.environ.get("CREDITBOT_TORTURE", "build/tests/torture")) / "old_state"


def identity(d, ts):
    return str(d.request(ts)["id"])


def sound(d, what=""):
    verify = d.run("state", "verify", env=d.secrets)
    assert verify.code == 0, f"{what}: {verify}"


class Stage:
    """A request that the rule approves; the pass is struck."""
    name, settings, persons, terminal = "a result, approved by rule", AUTO, False, False

    def open(self, d):
        """Once a desk."""
        d.secrets = share(d) if self.persons else None
        d.sandbox.call("/setting", {"slack_post_interval_ms": 0})

    def passes(self, d, env=None, expect=None):
        result = d.run("--batch", "--json", env={**(d.secrets or {}), **(env or {})})
        assert expect is None or result.code == expect, result
        return result

    def start(self, d):
        return d.sandbox.say(f"please credit {d.sandbox.look(1)}")

    def strike(self, d, it, env):
        del it
        return self.passes(d, env)

    def again(self, d, it, env):
        """What the second and third kill in a row hit."""
        del it
        return self.passes(d, env)

    def finish(self, d, it):
        for _ in range(PASSES):
            self.passes(d)
            if self.settled(d, it):
                return
        raise AssertionError(f"not settled after {PASSES} passes: {d.request(it)}")

    def settled(self, d, it):
        return d.request(it)["state"] == "posted"

    def posts(self, d, ts):
        return d.sandbox.posts(thread_ts=ts)

    def check(self, d, it):
        posts = self.posts(d, it)
        assert len(posts) == 1, f"{len(posts)} posts, not one: {posts}"


class Logged(Stage):
    name = "the same, with a log in a file"

    def open(self, d):
        super().open(d)
        d.set({"log": {"file": str(d.root / "creditbot.log"), "level": "warn"}})

    def start(self, d):
        ts = super().start(d)
        d.sandbox.fault(service="slack", match="chat.postMessage", times=1, kind="land_then_500")
        return ts

    def check(self, d, it):
        d.sandbox.clear_faults()
        super().check(d, it)


class Beginning(Stage):
    """Each time there is no state at all."""
    name = "a first pass, which makes the state"

    def start(self, d):
        shutil.rmtree(d.state, ignore_errors=True)
        self.earlier = {post["thread_ts"] for post in d.sandbox.posts()}
        return super().start(d)

    def finish(self, d, it):
        super().finish(d, it)
        sound(d, self.name)
        left = [file.name for file in d.state.iterdir() if re.search(r"\.new-.*-(wal|shm)$", file.name)]
        assert len(left) <= 6, left  # of the processes that were killed, and of no other

    def check(self, d, it):
        super().check(d, it)
        again = [post["thread_ts"] for post in d.sandbox.posts()]
        assert all(again.count(ts) == 1 for ts in self.earlier), "answered again by a state that was new"


class Approving(Stage):
    """The kill hits the decision; whatever came of it, deciding again leads to one post."""
    name, settings = "an approval on the command line", {}

    def start(self, d):
        ts = super().start(d)
        self.passes(d, expect=0)
        return ts

    def decide(self, d, ts, env=None, *more):
        return d.run("approve", identity(d, ts), "--reason", "checked", *more, env=env)

    def strike(self, d, it, env):
        return self.decide(d, it, env)

    def finish(self, d, it):
        if d.request(it)["state"] == "pending":
            self.decide(d, it, None, "--no-wait")
        super().finish(d, it)


class Approved(Approving):
    name = "the pass after an approval"

    def start(self, d):
        ts = super().start(d)
        result = self.decide(d, ts, None, "--no-wait")
        assert result.code == 0, result
        return ts

    strike = Stage.strike


class Unanswered(Approved):
    """Slack takes the post and its answer is lost: the thread is read back."""
    name = "a post whose answer was lost"

    def start(self, d):
        ts = super().start(d)
        d.sandbox.fault(service="slack", match="chat.postMessage", times=1, kind="land_then_reset")
        return ts

    def check(self, d, it):
        d.sandbox.clear_faults()
        super().check(d, it)


class Console(Approving):
    """Somebody approves in the console, on a terminal."""
    name, terminal = "an approval in the console", True
    steps = [(b"Attack", b"a"), (b"[ Enter ]", b"checked"), (b"checked", b"\r")]

    def strike(self, d, it, env):
        with Terminal(d, env) as terminal:
            steps = list(self.steps)

            def ended():
                if steps and terminal.shows(steps[0][0]):
                    terminal.press(steps.pop(0)[1])
                terminal.drain()
                return terminal.process.poll() is not None or (not steps and self.decided(d, it))
            try:
                wait_for(ended, self.name)
            except AssertionError as error:
                raise AssertionError(f"{error}: {steps} left, and seen was {terminal.seen[-3000:]}") from error
            return Result(terminal.stop(), "", "")

    def decided(self, d, it):
        with sqlite3.connect(f"file:{d.state / 'creditbot.db'}?mode=ro", uri=True) as db:
            state = db.execute("SELECT state FROM requests WHERE ts = ?", (it,)).fetchone()[0]
        db.close()
        return state == "posted"


class ConsoleRejecting(Console):
    name = "a rejection in the console"
    steps = [(b"Attack", b"x"), (b"[ Enter ]", b"no fraud"), (b"no fraud", b"\r")]

    def decided(self, d, it):
        return d.request(it)["state"] == "rejected"

    def finish(self, d, it):
        if d.request(it)["state"] == "pending":
            assert d.run("reject", identity(d, it), "--reason", "no").code == 0
        self.passes(d)

    def check(self, d, it):
        assert d.request(it)["state"] == "rejected" and not self.posts(d, it), d.request(it)


class Rejecting(Approving):
    name = "a rejection with a word in the thread"
    settings = {"approval": {"mode": "required", "notify_rejection": "true"}}

    def decide(self, d, ts, env=None, *more):
        return d.run("reject", identity(d, ts), "--reason", "not fraud", env=env)

    def settled(self, d, it):
        return d.request(it)["state"] == "rejected" and len(self.posts(d, it)) > 0


class Asking(Stage):
    name = "the word that asks for a link"

    def start(self, d):
        return d.sandbox.say("please credit us, there was fraud")

    def settled(self, d, it):
        return d.request(it)["state"] == "needs_link" and len(self.posts(d, it)) > 0


class Linked(Asking):
    name = "a link given later in the thread"

    def start(self, d):
        ts = super().start(d)
        self.passes(d)
        d.sandbox.say(d.sandbox.look(1), thread_ts=ts)
        return ts

    settled = Stage.settled

    def check(self, d, it):
        texts = [post["text"] for post in self.posts(d, it)]
        assert len(texts) == 2 and len([t for t in texts if "Looker link" in t]) == 1, texts


class LinkGiven(Linked):
    name = "a link given by an operator"

    def start(self, d):
        ts = Asking.start(self, d)
        self.passes(d)
        return ts

    def strike(self, d, it, env):
        return d.run("link", identity(d, it), "https://looker.example.com/looks/1", env=env)

    def finish(self, d, it):
        if d.request(it)["state"] == "needs_link":
            assert self.strike(d, it, None).code == 0
        super().finish(d, it)


class Dying(Stage):
    """Dead at the first failure: one message to the error user, never two."""
    name = "a request that dies, and its message"
    settings = {**AUTO, "retry": {"attempts": "1", "delay": "1s"}}

    def start(self, d):
        self.before = len(self.messages(d))
        return d.sandbox.say(f"please credit {d.sandbox.look(999999)}")

    def messages(self, d):
        return [post for post in d.sandbox.posts() if post.get("im_user") == "U00000001"]

    def settled(self, d, it):
        return d.request(it)["state"] == "dead" and len(self.messages(d)) > self.before

    def check(self, d, it):
        told = len(self.messages(d)) - self.before
        assert told == 1 and not self.posts(d, it), f"told {told} times"


class Retrying(Dying):
    name = "a retry of what was dead"

    def start(self, d):
        ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        d.sandbox.fault(service="looker", match="looks", times=0, kind="status", status=404)
        self.passes(d)
        d.sandbox.clear_faults()
        assert d.request(ts)["state"] == "dead", d.request(ts)
        return ts

    def strike(self, d, it, env):
        return d.run("retry", identity(d, it), env=env)

    def finish(self, d, it):
        if d.request(it)["state"] == "dead":
            assert self.strike(d, it, None).code == 0
        Stage.finish(self, d, it)

    settled, check = Stage.settled, Stage.check


class Rerunning(Approving):
    name = "a rerun"

    def strike(self, d, it, env):
        return d.run("rerun", identity(d, it), env=env)

    def finish(self, d, it):
        for _ in range(PASSES):
            if d.request(it)["state"] == "pending":
                break
            self.passes(d)
        super().finish(d, it)


class SecondApproval(Approving):
    """Two persons of one host; the second one's process is struck."""
    name, settings, persons = "the second approval of two", {"approval": {"second_above": "0.01"}}, True
    person = JONAS

    def decide(self, d, ts, env=None, *more):
        return as_person(d, self.person, "approve", identity(d, ts), "--reason", "checked", *more,
                         env={**d.secrets, **(env or {})})

    def start(self, d):
        ts = super().start(d)
        first = as_person(d, MARA, "approve", identity(d, ts), "--reason", "first", "--no-wait", env=d.secrets)
        assert first.code == 0, first
        return ts

    def check(self, d, it):
        super().check(d, it)
        with sqlite3.connect(f"file:{d.state / 'creditbot.db'}?mode=ro", uri=True) as db:
            given = db.execute("SELECT count(DISTINCT uid) FROM approvals WHERE request_id = ? AND voided_at = 0",
                               (identity(d, it),)).fetchone()[0]
        db.close()
        assert given == 2, given


class BreakGlass(Approving):
    """One person alone, in an emergency, where two are needed; looked at afterwards."""
    name = "an approval that breaks the glass"
    settings = {"approval": {"second_above": "0.01", "break_glass": pwd.getpwuid(os.getuid()).pw_name}}

    def decide(self, d, ts, env=None, *more):
        return d.run("approve", identity(d, ts), "--break-glass", "--reason", "the second one cannot be reached",
                     *more, env=env)

    def looks(self, d, it):
        """The looks at it that are open and that were made."""
        rows = [row for row in d.run("review", "--all", "--json").lines() if str(row["id"]) == identity(d, it)]
        return [len([1 for row in rows if bool(row["reviewed_at"]) == made]) for made in (False, True)]

    def check(self, d, it):
        super().check(d, it)
        assert self.looks(d, it) == [1, 0], self.looks(d, it)


class Reviewing(BreakGlass):
    name, persons = "the look at a glass that was broken", True

    def start(self, d):
        ts = super().start(d)
        assert self.decide(d, ts, None, "--no-wait").code == 0
        self.passes(d, expect=0)
        return ts

    def strike(self, d, it, env):
        return as_person(d, MARA, "review", identity(d, it), "--reason", "looked at",
                         env={**d.secrets, **(env or {})})

    def finish(self, d, it):
        if self.looks(d, it) == [1, 0]:
            done = self.strike(d, it, None)
            assert done.code == 0, done
        Stage.finish(self, d, it)

    def check(self, d, it):
        Stage.check(self, d, it)
        assert self.looks(d, it) == [0, 1], self.looks(d, it)


class Signed(Approving):
    """By a signature that was made on another machine."""
    name = "an approval by signature"

    def open(self, d):
        super().open(d)
        key = d.root / "ines"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ines", "-f", key], check=True)
        signers = d.root / "signers"
        signers.write_text(f"ines@example.com {key.with_suffix('.pub').read_text(encoding='ascii')}", encoding="ascii")
        signers.chmod(0o600)
        d.set({"approval": {"allowed_signers": str(signers)}})

    def decide(self, d, ts, env=None, *more):
        if d.request(ts)["state"] == "pending":
            text = d.run("show", identity(d, ts), "--to-sign").out
            made = subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", "creditbot", "-f", d.root / "ines"],
                                  input=text.encode(), capture_output=True, check=True)
            (d.root / "signature").write_bytes(made.stdout)
        return d.run("approve", identity(d, ts), "--signature", str(d.root / "signature"), "--reason", "by mail",
                     *more, env=env)


class Overriding(SecondApproval):
    name, settings = "an amount set by hand, approved by another", {}
    hand = "12.34"

    def start(self, d):
        return Approving.start(self, d)

    def strike(self, d, it, env):
        return as_person(d, MARA, "override", identity(d, it), "--amount", self.hand, "--reason", "agreed",
                         env={**d.secrets, **env})

    def finish(self, d, it):
        if d.request(it)["amount"] != self.hand:
            assert self.strike(d, it, {}).code == 0
        super().finish(d, it)

    def check(self, d, it):
        Stage.check(self, d, it)
        text = self.posts(d, it)[0]["text"]
        assert f"{self.hand} USD" in text and "set by hand" in text, text


class Correcting(SecondApproval):
    """What was posted is corrected by hand; another person approves it."""
    name, settings, amount = "a correction of what was posted", {}, "5.00"

    def start(self, d):
        ts = Approving.start(self, d)
        self.number = identity(d, ts)
        assert self.decide(d, ts, None, "--no-wait").code == 0
        self.passes(d, expect=0)
        assert d.request(ts)["state"] == "posted", d.request(ts)
        return ts

    def open_ones(self, d):
        rows = [row for row in d.requests() if row.get("corrects") == int(self.number)]
        assert len(rows) <= 1, f"two corrections of one request: {rows}"
        return rows

    def correct(self, d, env):
        return as_person(d, MARA, "correct", self.number, "--amount", self.amount, "--reason", "wrong month",
                         env={**d.secrets, **env})

    def strike(self, d, it, env):
        return self.correct(d, env)

    def approve(self, d, env=None, *more):
        return as_person(d, JONAS, "approve", str(self.open_ones(d)[0]["id"]), "--reason", "agreed", *more,
                         env={**d.secrets, **(env or {})})

    def prepare(self, d):
        """The correction with its amount, approved."""
        if not self.open_ones(d):
            assert self.correct(d, {}).code == 0
        row = self.open_ones(d)[0]
        if row["state"] != "posted" and row["amount"] != self.amount:
            done = as_person(d, MARA, "override", str(row["id"]), "--amount", self.amount, "--reason", "again",
                             env=d.secrets)
            assert done.code == 0, done
        if self.open_ones(d)[0]["state"] == "pending":
            done = self.approve(d, None, "--no-wait")
            assert done.code == 0, done

    def finish(self, d, it):
        for _ in range(PASSES):
            self.prepare(d)
            self.passes(d)
            if self.open_ones(d)[0]["state"] == "posted":
                return
        raise AssertionError(f"not corrected after {PASSES} passes: {self.open_ones(d)}")

    def check(self, d, it):
        texts = [post["text"] for post in self.posts(d, it)]
        assert len(texts) == 2 and len([t for t in texts if t.startswith("Correction: ")]) == 1, texts


class CorrectionPosted(Correcting):
    name = "a correction on its way to the thread"

    def start(self, d):
        ts = super().start(d)
        self.prepare(d)
        return ts

    strike = Stage.strike


# -- works on the state itself: the request beside it must still be answered once --

class Keeping(Approved):
    """A command on the whole state, with an approved request in it."""
    command = ()

    def strike(self, d, it, env):
        return d.run(*self.command, env=env)

    def again(self, d, it, env):
        return self.strike(d, it, env)

    def finish(self, d, it):
        done = self.strike(d, it, None)
        assert done.code == 0, done
        super().finish(d, it)
        sound(d, self.name)


class Pausing(Keeping):
    name, command = "a pause", ("pause", "--reason", "maintenance")

    def finish(self, d, it):
        assert d.run(*self.command).code == 0
        self.passes(d)
        assert d.request(it)["state"] == "approved" and not self.posts(d, it), "a pass ran in a pause"
        assert d.run("resume").code == 0
        Approved.finish(self, d, it)


class Resuming(Keeping):
    name, command = "the end of a pause", ("resume",)

    def start(self, d):
        ts = super().start(d)
        assert d.run("pause", "--reason", "maintenance").code == 0
        return ts

    def again(self, d, it, env):
        return self.passes(d, env)


class Pruning(Keeping):
    name, command = "a prune", ("state", "prune", "--before", "1s")


class Copying(Keeping):
    """A copy is whole or is not there."""
    name, verb = "a backup", "backup"

    @property
    def command(self):
        return ("state", self.verb, str(self.copy))

    def start(self, d):
        ts = super().start(d)
        self.copy = d.root / f"copy-{ts}"
        return ts

    def strike(self, d, it, env):
        done = super().strike(d, it, env)
        if self.copy.exists():
            self.is_whole(d)
        return done

    def is_whole(self, d):
        with sqlite3.connect(self.copy) as db:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            assert db.execute("SELECT count(*) FROM requests").fetchone()[0] == len(d.requests())
        db.close()


class Exporting(Copying):
    name, verb = "an export", "export"

    def is_whole(self, d):
        lines = [json.loads(line) for line in self.copy.read_text(encoding="utf-8").splitlines()]
        assert len([1 for line in lines if line.get("table") == "requests"]) == len(d.requests())


class ConsoleExporting(Copying):
    """A list, written by the console: the file is whole or is not there."""
    name, terminal = "an export in the console", True

    def strike(self, d, it, env):
        with Terminal(d, env) as terminal:
            asked = False

            def ended():
                nonlocal asked
                if not asked and terminal.shows(b"Attack"):
                    asked = True
                    terminal.press(f":export {self.copy.name}.csv\r".encode())
                return terminal.drain() and (terminal.process.poll() is not None or self.file.exists())
            self.file.unlink(missing_ok=True)
            wait_for(ended, self.name)
            code = terminal.stop()
        assert not self.file.exists() or self.file.read_bytes().endswith(b"\n"), self.file.read_bytes()
        return Result(code, "", "")

    @property
    def file(self):
        return self.copy.with_suffix(self.copy.suffix + ".csv")

    def finish(self, d, it):
        assert self.strike(d, it, None).code in (0, 143) and self.file.exists()
        Approved.finish(self, d, it)


class Importing(Keeping):
    """An export into an empty state: all of it, or nothing and again."""
    name = "an import"

    def start(self, d):
        shutil.rmtree(d.state, ignore_errors=True)
        ts = super().start(d)
        self.file = d.root / f"export-{ts}"
        assert d.run("state", "export", str(self.file)).code == 0
        shutil.rmtree(d.state)
        return ts

    def strike(self, d, it, env):
        return d.run("state", "import", str(self.file), env=env)

    def finish(self, d, it):
        done = self.strike(d, it, None)
        assert done.code == 0 or (d.requests() and "empty" in done.err), done
        Approved.finish(self, d, it)
        sound(d, self.name)


class Restoring(Keeping):
    """A backup from before the post: what was posted since is found in the thread, not posted again."""
    name = "a restore"

    def start(self, d):
        ts = super().start(d)
        self.copy = d.root / f"copy-{ts}"
        assert d.run("state", "backup", str(self.copy)).code == 0
        self.passes(d, expect=0)
        assert d.request(ts)["state"] == "posted", d.request(ts)
        return ts

    @property
    def command(self):
        return ("state", "restore", str(self.copy), "--yes")


class Migrating(Stage):
    """A state of the first version, whose entries the new one must still know."""
    name = "a migration"

    def start(self, d):
        shutil.rmtree(d.state, ignore_errors=True)
        d.state.mkdir(mode=0o700)
        said = d.sandbox.call("/message", {"channel": CHANNEL[1:], "text": f"please credit {d.sandbox.look(1)}"})
        made = subprocess.run([OLD_STATE, str(d.state / "creditbot.db"), "1"], check=False, capture_output=True)
        assert made.returncode == 0, made
        with sqlite3.connect(d.state / "creditbot.db") as db:
            db.execute("INSERT INTO processed VALUES (?, ?, 1, 1, '{}')", (said["ts"], said["channel"]))
        db.close()
        self.known = said["ts"]
        return super().start(d)

    def finish(self, d, it):
        super().finish(d, it)
        sound(d, self.name)
        assert (d.state / "creditbot.db.v1.bak").exists()

    def check(self, d, it):
        super().check(d, it)
        assert not self.posts(d, self.known), "what the old version handled was answered again"


STAGES = [Stage, Logged, Beginning, Approving, Approved, Unanswered, Console, ConsoleRejecting, Rejecting, Asking,
          Linked, LinkGiven, Dying, Retrying, Rerunning, SecondApproval, BreakGlass, Reviewing, Signed, Overriding,
          Correcting, CorrectionPosted,
          Pausing, Resuming, Pruning, Copying, Exporting, ConsoleExporting, Importing, Restoring, Migrating]


def here():
    """Those that can be played: several persons need root, an old state the program that makes one, a signature
    OpenSSH, a console a build that has one."""
    return [stage for stage in STAGES if (not stage.persons or os.getuid() == 0)
            and (not stage.terminal or has_console())
            and (stage is not Migrating or OLD_STATE.exists())
            and (stage is not Signed or shutil.which("ssh-keygen"))]


SOURCES = pathlib.Path(__file__).resolve().parents[2] / "core"


def points():
    """The fail points that the source has, so that a new one is tortured without a word here."""
    found = set()
    for file in SOURCES.rglob("*.c"):
        found |= set(re.findall(r'failpoint\("([^"]+)"\)', file.read_text(encoding="utf-8")))
    assert found, f"no fail points below {SOURCES}"
    return found
