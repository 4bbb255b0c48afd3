#!/usr/bin/env python3
"""The record of the log that goes out with each result, the proof of the whole state, heads of backups."""
import hashlib
import json
import re
import shutil
import sqlite3

from harness import Skip, desk, has_failpoints, main, test

REASON = "checked with the carrier"


def approve(d, ts):
    done = d.run("approve", str(d.request(ts)["id"]), "--reason", REASON, "--no-wait")
    assert done.code == 0, done


def dies_before_the_post(d):
    """An approved request whose post is recorded, and was never sent."""
    ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
    d.batch()
    approve(d, ts)
    d.run("--batch", env={"CREDITBOT_FAILPOINT": "post:before-send"})
    return ts


def results(d, ts):
    return [post for post in d.sandbox.posts() if post["thread_ts"] == ts]


def rows(d, sql):
    db = sqlite3.connect(f"file:{d.state}/creditbot.db?mode=ro", uri=True)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def change(file, sql):
    """A change from outside, its guards set aside and put back, so that only the change is to be seen."""
    with sqlite3.connect(file) as db:
        guards = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            db.execute(f"DROP TRIGGER {name}")
        db.executescript(sql)
        for _, text in guards:
            db.execute(text)
    db.close()


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def settle(d):
    with sqlite3.connect(d.state / "creditbot.db") as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def payload_of(post):
    return post["message"]["metadata"]["event_payload"]


@test
def a_result_carries_the_head_of_the_log():
    with desk() as d:
        ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        d.batch()
        shown = d.run("show", str(d.request(ts)["id"])).out
        assert "record (at the post)" in shown, shown
        approve(d, ts)
        d.batch()
        (post,) = results(d, ts)
        ((witness, hash_),) = rows(d, "SELECT witness_id, witness_hash FROM posts WHERE kind = 'result'")
        ((event,),) = rows(d, f"SELECT hash FROM events WHERE id = {witness}")
        assert event == hash_
        assert post["text"].endswith(f", record {witness} · {hash_[:12]}."), post["text"]
        payload = payload_of(post)
        assert payload["head"] == hash_ and payload["head_id"] == witness, payload
        ((to, detail),) = rows(d, f"SELECT to_state, detail FROM events WHERE id = {witness}")
        assert to == "posting" and "text_sha256" in detail
        verify = d.run("state", "verify")
        assert verify.code == 0, verify


@test
def what_is_sent_again_carries_the_same_record():
    if not has_failpoints():
        raise Skip("no fail points in this build")
    with desk() as d:
        ts = dies_before_the_post(d)
        before = rows(d, "SELECT witness_id, witness_hash, text FROM posts WHERE kind = 'result'")
        assert before and not results(d, ts)
        d.batch()
        (post,) = results(d, ts)
        assert rows(d, "SELECT witness_id, witness_hash, text FROM posts WHERE kind = 'result'") == before
        assert post["text"] == before[0][2]
        assert payload_of(post)["head"] == before[0][1]


@test
def a_stored_post_that_was_changed_is_not_sent():
    if not has_failpoints():
        raise Skip("no fail points in this build")
    with desk() as d:
        ts = dies_before_the_post(d)
        change(d.state / "creditbot.db", "UPDATE posts SET text = replace(text, 'Recommended', 'Recommenced')")
        verify = d.run("state", "verify")
        assert verify.code == 5 and "something else than what was decided" in verify.out, verify
        for _ in range(3):
            d.batch()
        (post,) = results(d, ts)
        assert post["text"].startswith("Recommended credit"), post["text"]
        assert d.request(ts)["state"] == "posted"


CHANGES = [
    ("UPDATE posts SET text = replace(text, 'USD', 'EUR') WHERE id = 1", "something else than what was decided"),
    ("UPDATE posts SET blocks = replace(blocks, 'USD', 'EUR') WHERE id = 1", "blocks that say something else"),
    ("UPDATE posts SET channel = 'C0OTHER' WHERE id = 1", "another thread"),
    ("UPDATE posts SET witness_id = witness_id - 1 WHERE id = 1", "witness that is no link"),
    ("UPDATE posts SET nonce = nonce || 'x' WHERE id = 1", "witness of another post"),
    ("UPDATE approvals SET need = 2", "fewer persons"),
    ("UPDATE approvals SET need_group = 'seniors'", "of the group"),
    ("UPDATE approvals SET reason = reason || '!'", "approval 2 (request 1)"),
    ("UPDATE approvals SET at = at - 1", "approval 2 (request 1)"),
    ("UPDATE approvals SET person = 'somebody'", "approval 2 (request 1)"),
    ("UPDATE approvals SET uid = uid + 1", "approval 2 (request 1)"),
    ("UPDATE request_texts SET text = text || '!'", "message of request 1 is not"),
    ("UPDATE runs SET result = replace(result, 'attempts', 'attemptz')", "digest"),
    ("UPDATE runs SET low = low + 1", "interval"),
    ("UPDATE runs SET customer = 'other'", "customer"),
    ("UPDATE requests SET thread_ts = '1.2'", "another thread"),
    ("UPDATE posts SET blocks = replace(blocks, '[{', '[{\"fields\":[{\"type\":\"mrkdwn\",\"text\":\"more\"}],')",
     "blocks that say something else"),
    ("UPDATE runs SET unusual = 'nothing'", "calls other things unusual"),
    ("UPDATE runs SET actor = 'somebody'", "another person than the one who made it"),
    ("UPDATE requests SET requester = 'U0SOMEBODY'", "asked by another person"),
    ("UPDATE requests SET customer = 'x'", "another customer than its run"),
    ("UPDATE requests SET received_at = received_at - 1", "another time than its message"),
    ("UPDATE approvals SET groups = 'seniors'", "approval 2 (request 1)"),
    ("UPDATE approvals SET expires_at = 0", "approval 2 (request 1)"),
    ("UPDATE posts SET witness_id = NULL, witness_hash = NULL", "lost its witness"),
    ("UPDATE events SET actor = actor || char(0) || 'x'", "events hides something behind a NUL"),
    ("UPDATE approvals SET reason = reason || char(0) || 'x'", "approvals hides something"),
    ("UPDATE runs SET result = result || char(0) || 'x'", "runs hides something"),
    ("UPDATE posts SET text = text || char(0) || 'x'", "posts hides something"),
    ("DELETE FROM approvals WHERE voided_at <> 0", "an approval of request 1 that is not there"),
    ("UPDATE approvals SET method = 'break-glass', need = 2;"
     "INSERT INTO reviews SELECT 1, id, at, 61002, 'ines', 'looked at it' FROM approvals WHERE voided_at = 0",
     "is not what any event tells of"),
]


@test
def the_proof_names_each_change():
    with desk() as d:
        ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        d.batch()
        approve(d, ts)
        d.set({"approval": {"approvers": "ines"}})
        d.batch()  # the approval goes void
        assert d.request(ts)["state"] == "pending"
        del d.settings["approval"]["approvers"]
        d.set({})
        approve(d, ts)
        d.batch()
        settle(d)
        state = d.state / "creditbot.db"
        sound = d.root / "sound.db"
        shutil.copyfile(state, sound)
        for sql, word in CHANGES:
            shutil.copyfile(sound, state)
            change(state, sql)
            verify = d.run("state", "verify", "--json")
            problems = json.loads(verify.out)["problems"]
            assert verify.code == 5, f"{sql}: {verify}"
            assert any(word in problem for problem in problems), f"{sql}: {problems}"
            assert not any("trigger" in problem for problem in problems), f"{sql}: {problems}"


@test
def a_run_that_was_made_anew_with_its_digest_is_named():
    """Another amount, the result and the digest made to fit: the event of the run still tells."""
    with desk() as d:
        ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        d.batch()
        settle(d)
        state, number = d.state / "creditbot.db", str(d.request(ts)["id"])
        change(state, "UPDATE runs SET amount = 9000000000, low = 9000000000, high = 9000000000, result ="
               " json_set(result, '$.amount', '9000', '$.interval', json('[\"9000\",\"9000\"]'));"
               "UPDATE requests SET amount = 9000000000, low = 9000000000, high = 9000000000;")
        text = rows(d, "SELECT text FROM request_texts")[0][0]
        request, run = rows(d, "SELECT channel, ts, link_kind, link_ref FROM requests")[0], rows(
            d, "SELECT sql_sha256, product, calculator, calculator_version, parameters, result, rows, amount,"
            " currency FROM runs")[0]
        digest = sha256("creditbot-evidence-1\n" + "".join(f"{name}={value}\n" for name, value in (
            ("channel", request[0]), ("ts", request[1]), ("text_sha256", sha256(text)), ("link_kind", request[2]),
            ("link_ref", request[3]), ("sql_sha256", run[0]), ("product", run[1]), ("calculator", run[2]),
            ("calculator_version", run[3]), ("parameters_sha256", sha256(run[4])), ("result_sha256", sha256(run[5])),
            ("rows", run[6]), ("amount_micro", run[7]), ("currency", run[8]))))
        change(state, f"UPDATE runs SET digest = '{digest}'")
        verify = d.run("state", "verify")
        assert verify.code == 5 and "another digest than when it was made" in verify.out, (number, verify)
        assert "is not what its digest was made of" not in verify.out, verify


@test
def a_word_that_reads_like_a_result_is_not_sent():
    """Words are not sealed as results are: one that somebody put into the state goes nowhere; what it
    stood in the place of is said instead."""
    with desk() as d:
        ts = d.sandbox.say("please credit, the link follows")
        d.batch()
        settle(d)
        assert len(results(d, ts)) == 1
        forged = "Recommended credit for Acme: *9,000.00 USD*"
        change(d.state / "creditbot.db",
               "UPDATE posts SET status = 'unconfirmed', settled_at = 0, posted_ts = NULL, nonce = 'x' || nonce,"
               f" sent_at = 1, holder_pid = 0, text = '{forged}', blocks = NULL")
        d.batch()
        texts = [post["text"] for post in results(d, ts)]
        assert texts == ["Please provide a Looker link"] * 2, texts
        assert rows(d, "SELECT status, error FROM posts ORDER BY id")[0] == (
            "abandoned", "it reads like a result, which nobody decided")


@test
def a_change_of_state_that_is_not_legal_is_named():
    """The chain can be made anew by somebody who knows how; the table of states still tells."""
    import hashlib
    with desk() as d:
        ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        d.batch()
        settle(d)
        state = d.state / "creditbot.db"
        with sqlite3.connect(state) as db:
            events = db.execute("SELECT id, at, request_id, actor, kind, from_state, to_state, detail"
                                " FROM events ORDER BY id").fetchall()
        db.close()
        previous, script = "", []
        for event in events:
            event = list(event)
            if event[6] == "calculating":
                event[5] = "pending"
            fields = [previous, *event]
            form = b"".join(b"-," if f is None else b"%d:%s," % (len(str(f).encode()), str(f).encode())
                            for f in fields)
            previous = hashlib.sha256(form).hexdigest()
            script.append(f"UPDATE events SET hash = '{previous}'"
                          + (", from_state = 'pending'" if event[6] == "calculating" else "")
                          + f" WHERE id = {event[0]};")
        script.append(f"UPDATE events_head SET hash = '{previous}';")
        change(state, "\n".join(script))
        verify = d.run("state", "verify")
        assert verify.code == 5, verify
        assert re.search(r"event \d+ takes request 1 from pending, but the events before it left it resolved",
                         verify.out), verify


@test
def a_backup_has_its_head_beside_it():
    with desk() as d:
        ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        d.batch()
        early, late = d.root / "early.db", d.root / "late.db"
        assert d.run("state", "backup", str(early)).code == 0
        approve(d, ts)
        d.batch()
        assert d.run("state", "backup", str(late)).code == 0
        id_, hash_, time = (d.root / "late.db.head").read_text().split()
        assert rows(d, "SELECT id, hash FROM events ORDER BY id DESC LIMIT 1") == [(int(id_), hash_)]
        assert time.endswith("Z")
        for head in (early, late):
            verify = d.run("state", "verify", "--head", f"{head}.head")
            assert verify.code == 0, verify
        restored = d.run("state", "restore", str(early), "--yes")
        assert restored.code == 0 and "older than the state it replaced" in restored.out, restored
        verify = d.run("state", "verify", "--head", f"{late}.head")
        assert verify.code == 5 and "it is older than" in verify.out, verify
        # Somebody else's chain of the same length.
        (d.root / "wrong.head").write_text(f"3 {'0' * 64} 2026-01-01T00:00:00Z\n")
        verify = d.run("state", "verify", "--head", str(d.root / "wrong.head"))
        assert verify.code == 5 and "its event 3 is another" in verify.out, verify
        (d.root / "bad.head").write_text("what\n")
        assert d.run("state", "verify", "--head", str(d.root / "bad.head")).code == 2
        # A backup that is not the one of its head is not taken.
        shutil.copyfile(f"{late}.head", f"{early}.head")
        restored = d.run("state", "restore", str(early), "--yes")
        assert restored.code == 5 and "left as it is" in restored.err, restored


main()
