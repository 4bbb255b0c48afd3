"""Disks that are full, that cannot be written, states that are taken away: nothing lost, nothing posted twice.

Each case has a request that is due; while its cause lasts the program says what is wrong and exits 5, nothing is
posted beyond what was on its way already; when the cause is gone everything goes on, and the request is posted
once.
"""
import contextlib
import os
import resource
import shutil
import sqlite3
import subprocess

from harness import AUTO, CREDITBOT, DEADLINE, Result, Skip, Terminal, as_person, desk, share, wait_for

MARA = 61001


def credit(d):
    return d.sandbox.say(f"please credit {d.sandbox.look(1)}")


def once(d, ts, env=None):
    def posted():
        d.batch(expect=None, env=env)
        return d.requests() and [row["state"] for row in d.requests() if row["ts"] == ts] == ["posted"]
    wait_for(posted, "the post once the cause is gone")
    d.batch(expect=None, env=env)
    posts = d.sandbox.posts(thread_ts=ts)
    assert len(posts) == 1, posts
    verify = d.run("state", "verify")
    assert verify.code == 0, verify


def refused(result, words):
    """Exit 5, and what is wrong is said, in no words of SQLite's own."""
    assert result.code == 5 and words in result.err, result
    assert "SQLITE" not in result.err and "database is locked" not in result.err, result
    return result.err.strip().splitlines()[-1].split("creditbot: ", 1)[-1]


def no_paths(text, d):
    return text.replace(str(d.root), "…")


@contextlib.contextmanager
def small_disk(folder, size):
    """A file system of its own, so small that it can be filled."""
    if os.getuid() != 0:
        raise Skip("needs root to mount a small disk")
    folder.mkdir(mode=0o700, exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(folder)],
                             capture_output=True, text=True, check=False)
    if mounted.returncode:
        raise Skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder):
    """All that is left of the disk."""
    file = folder / "filler"
    with open(file, "wb", buffering=0) as out:
        with contextlib.suppress(OSError):
            while out.write(b"x" * 4096):
                pass
    return file


def full(d):
    with small_disk(d.state, "3m"):
        d.batch()
        ts = credit(d)
        filler = fill(d.state)
        said = [refused(d.run("--batch"), "full") for _ in range(2)][0]
        assert not d.sandbox.posts()
        filler.unlink()
        once(d, ts)
    return no_paths(said, d)


def full_in_mid_post(d):
    """The disk fills while Slack has the post in hand: what was sent is found again in the thread."""
    with small_disk(d.state, "3m"):
        d.batch()
        ts = credit(d)
        d.sandbox.fault(service="slack", match="chat.postMessage", times=1, kind="latency_ms", ms=700)
        process = d.start("--batch", "--json")
        wait_for(lambda: d.requests() and d.request(ts)["state"] == "posting", "the post")
        filler = fill(d.state)
        out, err = process.communicate(timeout=DEADLINE)
        seen = Result(process.returncode, out, err)
        said = refused(seen, "full") if seen.code else "done: what was reserved sufficed"
        filler.unlink()
        once(d, ts)
    return no_paths(said, d)


def short_files(d):
    """RLIMIT_FSIZE, at sizes around that of the state."""
    d.batch()
    ts = credit(d)
    size = (d.state / "creditbot.db").stat().st_size
    for limit in (0, 4096, size // 2, size):
        def limited(limit=limit):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        done = subprocess.run([CREDITBOT, "--config", str(d.conf), "--batch"], cwd=d.root, env=d.environment(),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE, check=False,
                              preexec_fn=limited)
        said = refused(Result(done.returncode, done.stdout, done.stderr), "")
        assert not d.sandbox.posts(), limit
    once(d, ts)
    return no_paths(said, d)


def read_only_disk(d):
    with small_disk(d.state, "8m"):
        d.batch()
        ts = credit(d)
        subprocess.run(["mount", "-o", "remount,ro", str(d.state)], check=True)
        said = refused(d.run("--batch"), "read")
        listed = d.run("list")
        assert listed.code == 0, listed  # what is there can be read
        subprocess.run(["mount", "-o", "remount,rw", str(d.state)], check=True)
        once(d, ts)
    return no_paths(said, d)


def permission_lost(d):
    """The file is closed to the person whose pass runs, and to the next one."""
    env = share(d)
    d.set({"approval": AUTO["approval"]})
    d.conf.chmod(0o644)
    d.batch(env=env)
    file = d.state / "creditbot.db"
    ts = credit(d)
    file.chmod(0o440)
    said = refused(as_person(d, MARA, "--batch", env=env), "")
    assert not d.sandbox.posts()
    file.chmod(0o660)
    once(d, ts, env)
    return no_paths(said, d)


def newer(d):
    d.batch()
    ts = credit(d)

    def version(number=None):
        with sqlite3.connect(d.state / "creditbot.db") as db:
            was = db.execute("PRAGMA user_version").fetchone()[0]
            if number:
                db.execute(f"PRAGMA user_version = {number}")
        db.close()
        return was
    own = version(99)
    said = refused(d.run("--batch"), "newer")
    refused(d.run("list"), "newer")
    with Terminal(d) as terminal:
        wait_for(lambda: terminal.shows(b"newer") and terminal.process.poll() is not None, "the console's refusal")
        assert terminal.process.returncode == 5, terminal.process.returncode
    assert not d.sandbox.posts()
    version(own)
    once(d, ts)
    return no_paths(said, d)


def taken_away(put_back):
    """The file is renamed while a pass is between Looker and its post; another may take its place."""
    def run(d):
        d.batch()
        copy = d.root / "copy.db"
        assert d.run("state", "backup", str(copy)).code == 0
        ts = credit(d)
        d.sandbox.fault(service="trino", match="v1/statement/executing", times=1, kind="latency_ms", ms=700)
        process = d.start("--batch", "--json")
        wait_for(lambda: d.requests() and d.request(ts)["state"] == "calculating", "the query")
        aside = d.root / "aside"
        aside.mkdir()
        for file in d.state.glob("creditbot.db*"):
            file.rename(aside / file.name)
        if put_back:
            shutil.copyfile(copy, d.state / "creditbot.db")
            (d.state / "creditbot.db").chmod(0o600)
        out, err = process.communicate(timeout=DEADLINE)
        said = refused(Result(process.returncode, out, err), "replaced or removed")
        assert not d.sandbox.posts()
        if not put_back:
            for file in aside.iterdir():
                file.rename(d.state / file.name)
        once(d, ts)
        return no_paths(said, d)
    return run


def console_loses_it(d):
    """The console has the state open that another takes the place of: it decides nothing more."""
    d.set({"approval": {"mode": "required"}})
    ts = credit(d)
    d.batch()
    with Terminal(d) as terminal:
        wait_for(lambda: terminal.shows(b"Attack"), "the queue")
        copy = d.root / "copy.db"
        assert d.run("state", "backup", str(copy)).code == 0
        copy.rename(d.state / "creditbot.db")
        terminal.press(b"a")
        wait_for(lambda: terminal.shows(b"[ Enter ]"), "the dialog")
        terminal.press(b"checked")
        wait_for(lambda: terminal.shows(b"checked"), "the reason")
        terminal.press(b"\r")
        wait_for(lambda: terminal.shows(b"replaced or removed"), "what went wrong")
        assert terminal.stop() in (0, 143)
    assert not d.sandbox.posts()
    for side in ("-wal", "-shm"):
        (d.state / f"creditbot.db{side}").unlink(missing_ok=True)
    assert d.request(ts)["state"] == "pending", d.request(ts)
    assert d.run("approve", str(d.request(ts)["id"]), "--reason", "checked", "--no-wait").code == 0
    once(d, ts)
    return "said on the screen, nothing recorded"


def left_over(d):
    """The log of a process that was killed lies beside the state, and that of another state."""
    ts = credit(d)
    process = d.start("--batch")
    wait_for(lambda: (d.state / "creditbot.db-wal").exists() and d.requests(), "a pass at work")
    process.kill()
    process.communicate()
    (d.state / "creditbot.db-shm").write_bytes(b"\xff" * 32768)
    once(d, ts)
    return "recovered"


CASES = [
    ("a disk that is full", AUTO, full),
    ("a disk that fills while a post is sent", AUTO, full_in_mid_post),
    ("files that may not grow", AUTO, short_files),
    ("a disk that is read-only", AUTO, read_only_disk),
    ("the right to write is lost", {}, permission_lost),
    ("a state of a newer version", AUTO, newer),
    ("the state is removed while a pass runs", AUTO, taken_away(False)),
    ("another state takes its place while a pass runs", AUTO, taken_away(True)),
    ("another state takes its place under a console", {}, console_loses_it),
    ("what a killed process left beside the state", AUTO, left_over),
]


def disks(say=lambda text: None):
    """[(case, what was seen)]; what cannot be made here says why."""
    seen = []
    for name, settings, run in CASES:
        with desk(settings or None) as d:
            try:
                seen.append((name, run(d)))
            except Skip as skip:
                seen.append((name, f"not tried: {skip}"))
            except AssertionError as error:
                raise AssertionError(f"{name}: {error}") from error
            say(name)
    return seen
