"""Bytes of the state that changed by themselves, or by somebody: seen, or harmless, never a wrong post."""
import random
import re
import shutil
import sqlite3

from harness import desk

REASON = "checked with the carrier"


def settled_copy(d):
    """The state as one file, nothing left in a log beside it."""
    with sqlite3.connect(d.state / "creditbot.db") as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = d.root / "sound.db"
    shutil.copyfile(d.state / "creditbot.db", copy)
    return copy


def prepare(d):
    """One request posted, one approved and due, one pending: what a flip could turn into a wrong post."""
    stamps = []
    for look in (1, 4, 8):
        stamps.append(d.sandbox.say(f"please credit {d.sandbox.look(look)}"))
        d.batch()
    for ts in stamps[:2]:
        result = d.run("approve", str(d.request(ts)["id"]), "--reason", REASON, "--no-wait")
        assert result.code == 0, result
        if ts == stamps[0]:
            d.batch()
    assert [d.request(ts)["state"] for ts in stamps] == ["posted", "approved", "pending"]
    return stamps


def put_back(d, copy):
    for old in d.state.glob("creditbot.db*"):
        old.unlink()
    shutil.copyfile(copy, d.state / "creditbot.db")
    (d.state / "creditbot.db").chmod(0o600)


def posts_of(d, stamps):
    """Without the record of the log, which tells one intent from another."""
    return [(post["thread_ts"], re.sub(r", record \d+ · [0-9a-f]{12}\.$", ".", post["text"]))
            for post in d.sandbox.posts() if post["thread_ts"] in stamps]


def flip_a_byte(file, chance, size):
    where = chance.randrange(size)
    with open(file, "r+b") as f:
        f.seek(where)
        old = f.read(1)[0]
        f.seek(where)
        f.write(bytes([old ^ (1 << chance.randrange(8))]))
    return where


def one_flip(d, copy, stamps, chance, right):
    put_back(d, copy)
    where = flip_a_byte(d.state / "creditbot.db", chance, copy.stat().st_size)
    verify = d.run("state", "verify")
    assert verify.code in (0, 5), f"byte {where}: {verify}"
    before = len(posts_of(d, stamps))
    done = d.run("--batch", "--json")
    assert done.code in (0, 1, 3, 5), f"byte {where}: {done}"
    said = posts_of(d, stamps)[before:]
    for post in said:
        assert post == right, f"byte {where}: a wrong post: {post}"
    assert len(said) <= 1, f"byte {where}: {len(said)} posts"
    if verify.code == 5:
        return "found by state verify"
    if not said:
        return "found by the pass, which did not post"
    return "harmless: the right post, once"


def flips(count, seed, say=lambda text: None):
    """{outcome: how many}."""
    chance = random.Random(seed)
    seen = {}
    with desk({"slack": {"lookback": "7d"}}) as d:
        d.sandbox.call("/setting", {"slack_post_interval_ms": 0})
        stamps = prepare(d)
        copy = settled_copy(d)
        d.batch()
        right = posts_of(d, stamps)[-1]
        assert right[0] == stamps[1], right
        for i in range(count):
            outcome = one_flip(d, copy, stamps, chance, right)
            seen[outcome] = seen.get(outcome, 0) + 1
            if i % 100 == 99:
                say(f"{i + 1} flips")
    return seen


# -- the audit table: any byte of it --

COLUMNS = ["request_id", "at", "actor", "kind", "from_state", "to_state", "detail", "hash"]


def planted(value, chance):
    """The value with one byte or one unit changed."""
    if value is None:
        return "x"
    if isinstance(value, int):
        return value ^ (1 << chance.randrange(8))
    text = bytearray(value.encode())
    if not text:
        return "x"
    where = chance.randrange(len(text))
    text[where] = ord("a") if text[where] != ord("a") else ord("b")
    return text.decode("utf-8", "replace")


def plant(file, event, column, chance):
    """FALSE when the table itself refuses the value (a CHECK)."""
    with sqlite3.connect(file) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"
                                  " AND tbl_name = 'events'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        value = db.execute(f"SELECT {column} FROM events WHERE id = ?", (event,)).fetchone()[0]
        try:
            db.execute(f"UPDATE events SET {column} = ? WHERE id = ?", (planted(value, chance), event))
        except sqlite3.IntegrityError:
            return False
    db.close()
    return True


def audit(rounds, seed, say=lambda text: None):
    """How many planted changes of the audit table were made; every one is named by state verify."""
    chance = random.Random(seed)
    made = 0
    with desk() as d:
        prepare(d)
        copy = settled_copy(d)
        with sqlite3.connect(copy) as db:
            events = [row[0] for row in db.execute("SELECT id FROM events")]
        while made < rounds:
            event, column = chance.choice(events), chance.choice(COLUMNS)
            put_back(d, copy)
            if not plant(d.state / "creditbot.db", event, column, chance):
                continue
            made += 1
            verify = d.run("state", "verify")
            assert verify.code == 5, f"event {event}, {column}: not seen: {verify}"
            assert f"event {event}" in verify.out + verify.err, f"event {event}, {column}: not named: {verify}"
            if made % 100 == 0:
                say(f"{made} planted")
    return made


