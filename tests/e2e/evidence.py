#!/usr/bin/env python3
"""Evidence made by hand, approvals by signature, and what Slack's threads testify of the state."""
import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess

from harness import AUTO, CREDITBOT, DEADLINE, Skip, desk, main, test, wait_for

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "architecture.md"
CHANNEL = "help-sms-credit-pumping-memos"


def pending(d, look=1):
    ts = d.sandbox.say(f"please credit {d.sandbox.look(look)}")
    d.batch()
    row = d.request(ts)
    assert row["state"] == "pending", row
    return ts, str(row["id"])


def posted(d, look=1):
    ts, number = pending(d, look)
    result = d.run("approve", number, "--reason", "checked")
    assert result.code == 0 and d.request(ts)["state"] == "posted", result
    return ts, number


def verify(d, number, code, *words):
    result = d.run("show", number, "--verify")
    assert result.code == code, result
    for word in words:
        assert word in result.out, (word, result)
    assert ("BAD" in result.out) == (code == 5), result
    return result


@contextlib.contextmanager
def changed(d):
    """The state without its guards, as somebody with a copy of SQLite can have it; put back afterwards
    with the guards, so that only the rows are other ones."""
    path = d.state / "creditbot.db"
    db = sqlite3.connect(path)
    guards = db.execute("SELECT name, sql FROM sqlite_master WHERE type='trigger'").fetchall()
    for name, _ in guards:
        db.execute(f"DROP TRIGGER {name}")
    yield db
    for _, sql in guards:
        db.execute(sql)
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


@contextlib.contextmanager
def kept(d):
    """What is done to the state inside is undone."""
    with sqlite3.connect(d.state / "creditbot.db") as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    shutil.copy(d.state / "creditbot.db", d.root / "kept.db")
    yield
    for path in d.state.glob("creditbot.db*"):
        path.unlink()
    shutil.copy(d.root / "kept.db", d.state / "creditbot.db")


def section(name):
    """The shell lines that the document gives under a heading."""
    text = DOCUMENT.read_text().split(f"\n## {name}\n", 1)[1].split("\n## ", 1)[0]
    blocks = re.findall(r"```sh\n(.*?)```", text, re.S)
    assert len(blocks) == 1, blocks
    return blocks[0]


def by_hand(d, name, number):
    """Runs the lines of the document, with creditbot as its reader has it."""
    folder = d.root / "by-hand"
    folder.mkdir(exist_ok=True)
    tools = d.root / "bin"
    tools.mkdir(exist_ok=True)
    wrapper = tools / "creditbot"
    wrapper.write_text(f'#!/bin/sh\nexec "{os.path.abspath(CREDITBOT)}" --config "{d.conf}" "$@"\n')
    wrapper.chmod(0o755)
    env = d.environment({"ID": number})
    env["PATH"] = f"{tools}:{env['PATH']}"
    done = subprocess.run(["sh", "-eux", "-c", section(name)], cwd=folder, env=env, text=True,
                          capture_output=True, timeout=DEADLINE, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done


def key(folder, name, kind="ed25519"):
    if not shutil.which("ssh-keygen"):
        raise Skip("there is no ssh-keygen here")
    folder.mkdir(exist_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", name, "-f", folder / name], check=True)
    return (folder / f"{name}.pub").read_text()


def sign(d, number, folder, name):
    """The signature of the present text, in a file."""
    text = d.run("show", number, "--to-sign")
    assert text.code == 0 and text.out.startswith("creditbot-approval-1\n"), text
    done = subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", "creditbot", "-f", folder / name],
                          input=text.out, text=True, capture_output=True, check=True)
    path = folder / f"{number}.sig"
    path.write_text(done.stdout)
    return str(path)


@contextlib.contextmanager
def signed_desk(settings=None):
    with desk(settings) as d:
        folder = d.root / "keys"
        line = f"ines@example.com {key(folder, 'ines')}"
        (folder / "signers").write_text(line)
        (folder / "signers").chmod(0o644)
        d.set({"approval": {"allowed_signers": str(folder / "signers"), **d.settings["approval"]}})
        yield d, folder


# -- evidence --

@test
def the_digest_is_made_by_hand_as_the_document_says():
    with desk() as d:
        _, number = posted(d)
        by_hand(d, "Evidence", number)
        for path in (d.root / "by-hand" / "proof").iterdir():
            assert path.stat().st_mode & 0o777 == 0o600, path
        again = d.run("show", number, "--evidence", "--files", str(d.root / "by-hand" / "proof"))
        assert again.code != 0 and "is there already" in again.err, again


@test
def evidence_of_each_run_is_found_and_json_says_the_same():
    with desk() as d:
        _, number = pending(d)
        d.sandbox.call("/data", {"sql": "UPDATE verify_attempts SET cost = cost * 2"})
        assert d.run("rerun", number).code == 0
        shown = d.run("show", number, "--json").json()
        for run in shown["runs"]:
            result = d.run("show", number, "--evidence", "--run", str(run["run"]))
            assert hashlib.sha256(result.out.encode()).hexdigest() == run["digest"], (run, result)
            assert run["digest"] in result.err, result
            json = d.run("show", number, "--evidence", "--run", str(run["run"]), "--json").json()
            assert json["evidence"] == result.out and json["ok"] and json["digest"] == run["digest"], json
        assert d.run("show", number, "--evidence", "--run", "9").code == 1
        assert d.run("show", number, "--evidence", "--verify").code == 2
        assert d.run("show", number, "--files", "x").code == 2
        checks = d.run("show", number, "--verify", "--json").json()
        assert checks["ok"] and {c["result"] for c in checks["checks"]} == {"ok"}, checks


@test
def an_edit_after_the_post_leaves_the_evidence_as_it_was():
    with desk() as d:
        ts, number = posted(d)
        before = d.run("show", number, "--evidence").out
        d.sandbox.call("/message", {"edit": ts, "text": f"something else {d.sandbox.look(2)}"})
        d.batch()
        assert "something else" in d.run("show", number).out
        assert d.run("show", number, "--evidence").out == before
        verify(d, number, 0, "run 1: its evidence has the digest")
        assert d.run("state", "verify").code == 0


@test
def every_changed_part_is_found_and_named():
    with desk() as d:
        _, number = posted(d)
        verify(d, number, 0)
        changes = [
            ("UPDATE request_texts SET text = text || '!'", "the request's text is not what run 1 was made from"),
            ("UPDATE runs SET amount = amount + 1000000", "its amount is not what the digest was made from"),
            ("UPDATE runs SET currency = 'EUR'", "its currency is not"),
            ("UPDATE runs SET rows = rows + 1", "its number of rows is not"),
            ("UPDATE runs SET sql_sha256 = lower(hex(randomblob(32)))", "its hash of the SQL is not"),
            ("UPDATE runs SET result = replace(result, '\"country\"', '\"countri\"')", "is not what the digest was"),
            ("UPDATE requests SET link_ref = '2'", "text or link"),
            ("UPDATE runs SET digest = lower(hex(randomblob(32)))", "the event log says that it had the digest"),
            ("UPDATE approvals SET digest = lower(hex(randomblob(32)))", "it was given to"),
            ("UPDATE approvals SET need = 2", "only 1 of 2 approved"),
            ("UPDATE posts SET text = replace(text, 'USD', 'EUR')", "its text does not say"),
            ("UPDATE posts SET text = replace(text, 'Attack', 'No attack')", "it says something else than what was"),
            ("UPDATE posts SET witness_hash = lower(hex(randomblob(32)))", "the record of its witness"),
            ("UPDATE posts SET thread_ts = '1.000001'", "another thread"),
            ("UPDATE requests SET state = 'rejected'", "its last event says posted"),
            ("UPDATE events SET detail = '{}' WHERE kind = 'approve'", "it was changed: its hash"),
            ("UPDATE events SET actor = 'somebody' WHERE kind = 'approve'", "it was changed: its hash"),
        ]
        for statement, words in changes:
            with kept(d):
                with changed(d) as db:
                    db.execute("PRAGMA ignore_check_constraints = ON")
                    assert db.execute(statement).rowcount > 0, statement
                verify(d, number, 5, words)
        verify(d, number, 0)


# -- signatures --

@test
def a_signature_approves_as_the_document_says():
    with desk() as d:
        folder = d.root / "by-hand"
        key(folder, "ines")
        d.set({"approval": {"allowed_signers": str(folder / "signers")}})
        ts, number = pending(d)
        by_hand(d, "Signatures", number)
        row = d.request(ts)
        assert row["state"] == "approved", row
        given = d.run("show", number, "--json").json()["approvals_given"]
        assert [g["principal"] for g in given] == ["ines@example.com"], given
        assert given[0]["method"] == "signature" and "SSH SIGNATURE" in given[0]["signature"], given
        d.batch()
        assert d.request(ts)["state"] == "posted"
        verify(d, number, 0, "its signature is that of ines@example.com")


@test
def a_login_and_a_signature_are_two_persons_and_one_signature_twice_is_not():
    with signed_desk({"approval": {"mode": "required", "second_above": "0"}}) as (d, folder):
        ts, number = pending(d)
        path = sign(d, number, folder, "ines")
        first = d.run("approve", number, "--signature", path, "--reason", "by mail", "--no-wait")
        assert first.code == 0 and d.request(ts)["state"] == "pending", first
        again = d.run("approve", number, "--signature", path, "--reason", "by mail", "--no-wait")
        assert again.code == 1 and d.request(ts)["state"] == "pending", again
        assert d.run("approve", number, "--reason", "here", "--no-wait").code == 0
        assert d.request(ts)["state"] == "approved"
        d.batch()
        assert d.request(ts)["state"] == "posted" and len(d.sandbox.posts()) == 1
        verify(d, number, 0, "2 of 2 approved")


@test
def a_signature_of_another_run_or_request_is_refused():
    with signed_desk() as (d, folder):
        ts, number = pending(d)
        other, second = pending(d, 2)
        path = sign(d, number, folder, "ines")
        result = d.run("approve", second, "--signature", path, "--reason", "r", "--no-wait")
        assert result.code == 1 and "signed another text" in result.err, result
        d.sandbox.call("/data", {"sql": "UPDATE verify_attempts SET cost = cost * 2"})
        assert d.run("rerun", number).code == 0
        result = d.run("approve", number, "--signature", path, "--reason", "r", "--no-wait")
        assert result.code == 1 and "signed another text" in result.err, result
        assert d.request(ts)["state"] == "pending" and d.request(other)["state"] == "pending"


@test
def a_signature_of_an_approval_that_was_taken_back_never_counts_again():
    with signed_desk({"posting": {"hold": "1h"}}) as (d, folder):
        ts, number = pending(d)
        path = sign(d, number, folder, "ines")
        process = d.start("approve", number, "--signature", path, "--reason", "by mail")
        wait_for(lambda: d.request(ts)["state"] == "approved", "the approval")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
        assert d.request(ts)["state"] == "pending"
        again = d.run("approve", number, "--signature", path, "--reason", "again", "--no-wait")
        assert again.code == 1 and "taken back" in again.err, again
        assert "voided=1" in d.run("show", number, "--to-sign").out
        fresh = sign(d, number, folder, "ines")
        assert d.run("approve", number, "--signature", fresh, "--reason", "anew", "--no-wait").code == 0
        verify(d, number, 0, "its signature is that of ines@example.com")


@test
def who_left_is_found_and_who_is_dated_is_not():
    with signed_desk() as (d, folder):
        _, number = pending(d)
        path = sign(d, number, folder, "ines")
        assert d.run("approve", number, "--signature", path, "--reason", "r").code == 0
        signers = folder / "signers"
        line = signers.read_text()
        signers.write_text(line.replace("ines@example.com ", 'ines@example.com valid-before="22000101" '))
        verify(d, number, 0)
        signers.write_text(line.replace("ines@example.com", "mara@example.com"))
        verify(d, number, 5, "that of mara@example.com, not of ines@example.com")
        signers.write_text("# nobody\n")
        verify(d, number, 5, "nobody who may approve")
        signers.chmod(0o666)
        result = d.run("show", number, "--verify")
        assert "could not be checked" in result.out and f"chmod go-w {signers}" in result.out, result


@test
def a_bad_file_is_a_clear_error():
    with signed_desk() as (d, folder):
        ts, number = pending(d)
        for content, words in ((b"garbage", "no signature"), (b"\0" * 100, "no signature"),
                               (b"A" * 70000, "larger than")):
            (folder / "bad").write_bytes(content)
            result = d.run("approve", number, "--signature", str(folder / "bad"), "--reason", "r")
            assert result.code == 1 and words in result.err, result
        assert d.run("approve", number, "--signature", "nowhere", "--reason", "r").code == 2
        assert d.request(ts)["state"] == "pending"


# -- against Slack --

def against_slack(d, code, *words, more=()):
    result = d.run("state", "verify", "--against-slack", *more)
    assert result.code == code, result
    for word in words:
        assert word in result.out + result.err, (word, result)
    return result


@test
def slack_testifies_a_sound_state():
    with desk(AUTO) as d:
        for look in (1, 2):
            d.sandbox.say(f"please credit {d.sandbox.look(look)}")
        d.batch()
        assert len(d.sandbox.posts()) == 2
        against_slack(d, 0, "The state is sound", "2 results")
        said = d.run("state", "verify", "--against-slack", "--json").json()
        assert said["ok"] and said["slack"]["results"] == 2 and said["slack"]["records"] == 2, said
        assert against_slack(d, 0, "0 results", more=("--since", "2030-01-01"))


@test
def pages_and_rate_limits_are_waited_out():
    with desk({**AUTO, "slack": {"page_size": "2"}}) as d:
        for look in (1, 2, 1):
            ts = d.sandbox.say(f"please credit {d.sandbox.look(look)}")
            for n in range(4):
                d.sandbox.say(f"thanks {n}", thread_ts=ts)
        d.batch()
        d.sandbox.fault(service="slack", match="conversations.replies", times=2, kind="status", status=429,
                        retry_after=1)
        against_slack(d, 0, "3 results")


@test
def without_slack_nothing_is_proven():
    with desk(AUTO) as d:
        d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        d.batch()
        d.set({"slack": {"base_url": "http://127.0.0.1:1/api"}})
        against_slack(d, 3)
        with changed(d) as db:
            db.execute("UPDATE events SET actor = 'somebody' WHERE id = 2")
        against_slack(d, 5, "event 2", "Slack was not asked")


@test
def an_edited_post_is_found():
    with desk(AUTO) as d:
        d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        d.batch()
        post = d.sandbox.posts()[0]
        d.sandbox.call("/message", {"edit": post["ts"], "text": post["text"].replace("USD", "EUR")})
        against_slack(d, 5, f"message {post['ts']} of request 1 was edited in Slack")


@test
def a_deleted_post_is_found():
    with desk(AUTO) as d:
        d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        d.batch()
        post = d.sandbox.posts()[0]
        d.sandbox.call("/message", {"delete": post["ts"]})
        against_slack(d, 5, post["ts"], "deleted in Slack")


@test
def another_text_in_the_state_is_found():
    with desk(AUTO) as d:
        d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        d.batch()
        with changed(d) as db:
            db.execute("UPDATE posts SET text = text || ' more'")
        against_slack(d, 5, "says something else in Slack")


def copy_of(post, **more):
    """A message with the metadata of a post of ours."""
    return {"thread_ts": post["thread_ts"], "metadata": post["message"]["metadata"], **more}


@test
def a_foreign_message_with_our_nonce_is_found():
    with desk(AUTO) as d:
        d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        d.batch()
        post = d.sandbox.posts()[0]
        forged = d.sandbox.say("give them more", **copy_of(post, user="U0MARA0001", bot_id="B0FORGED01"))
        against_slack(d, 5, f"message {forged}", "is not ours", "carries the nonce of a result of ours")


@test
def a_result_of_ours_that_nobody_recorded_is_found():
    with desk(AUTO) as d:
        d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        d.batch()
        post = d.sandbox.posts()[0]
        ours = {"user": post["message"]["user"], "bot_id": post["message"]["bot_id"]}
        twice = d.sandbox.say(post["text"], **copy_of(post, **ours))
        against_slack(d, 5, f"message {twice}", "posted twice or copied")
        d.sandbox.call("/message", {"delete": twice})
        against_slack(d, 0)
        # In a thread of a message that this state never saw.
        payload = {**post["message"]["metadata"]["event_payload"], "nonce": "11111111-2222-3333-4444-555555555555"}
        lone = d.sandbox.say("by the way")
        stray = d.sandbox.say(post["text"], thread_ts=lone, **ours,
                              metadata={"event_type": "creditbot_post", "event_payload": payload})
        against_slack(d, 5, f"message {stray}", "that this state does not know")
        d.sandbox.call("/message", {"delete": stray})
        other = d.sandbox.say(post["text"], thread_ts=lone, **ours, metadata={
            "event_type": "creditbot_post", "event_payload": {**payload, "kind": "ask_link"}})
        against_slack(d, 5, f"message {other}", "says of itself that it is none (ask_link)")
        d.sandbox.call("/message", {"delete": other})
        bare = d.sandbox.say(post["text"], thread_ts=lone, **ours)
        against_slack(d, 5, f"message {bare}", "in our name without a record")


# docs/state.md: nine fields, each LENGTH:BYTES, and NULL as "-,"
def field(value):
    if value is None:
        return b"-,"
    data = str(value).encode()
    return b"%d:%s," % (len(data), data)


def rewrite(db):
    """The whole chain anew, as whoever knows its form can make it."""
    previous, last = "", 0
    hashes = {}
    rows = db.execute("SELECT id, at, request_id, actor, kind, from_state, to_state, detail FROM events"
                      " ORDER BY id").fetchall()
    for row in rows:
        previous = hashlib.sha256(field(previous) + b"".join(field(value) for value in row)).hexdigest()
        last = row[0]
        hashes[last] = previous
        db.execute("UPDATE events SET hash = ? WHERE id = ?", (previous, last))
    db.execute("UPDATE events_head SET id = ?, hash = ?", (last, previous))
    for post, witness, hash in db.execute("SELECT id, witness_id, witness_hash FROM posts"
                                          " WHERE witness_id > 0").fetchall():
        # The text shows the first digits of the record.
        db.execute("UPDATE posts SET witness_hash = ?1, text = replace(text, ?2, ?3),"
                   " blocks = replace(blocks, ?2, ?3) WHERE id = ?4",
                   (hashes[witness], hash[:12], hashes[witness][:12], post))


def check_chain(db):
    before = db.execute("SELECT id, hash FROM events").fetchall()
    rewrite(db)
    assert before == db.execute("SELECT id, hash FROM events").fetchall()


@test
def a_state_written_anew_with_all_its_hashes_is_found_by_slack_alone():
    with desk() as d:
        posted(d)
        posted(d, 2)
        against_slack(d, 0, "2 results")
        with changed(d) as db:
            check_chain(db)
            first = db.execute("SELECT min(id) FROM events WHERE kind = 'approve'").fetchone()[0]
            witness = db.execute("SELECT min(witness_id) FROM posts").fetchone()[0]
            assert witness >= first, (witness, first)
            # Somebody else is to have approved it.
            told = {**json.loads(db.execute("SELECT detail FROM events WHERE id = ?", (first,)).fetchone()[0]),
                    "person": "nobody"}
            assert db.execute("UPDATE events SET actor = 'nobody', detail = ? WHERE id = ?",
                              (json.dumps(told), first)).rowcount == 1
            db.execute("UPDATE approvals SET actor = 'nobody', person = 'nobody' WHERE id = 1")
            rewrite(db)
        result = d.run("state", "verify")
        assert result.code == 0, result
        verify(d, "1", 0)
        found = against_slack(d, 5, f"record {witness}")
        first_line = found.out.splitlines()[0]
        assert f"record {witness}" in first_line, found


@test
def a_log_that_was_cut_is_found_by_slack():
    with desk() as d:
        posted(d)
        shutil.copy(d.state / "creditbot.db", d.root / "early.db")
        backup = d.root / "backup.db"
        assert d.run("state", "backup", str(backup)).code == 0
        ts, _ = posted(d, 2)
        assert d.run("state", "restore", str(backup), "--yes").code == 0
        assert d.run("state", "verify").code == 0
        post = d.sandbox.posts(thread_ts=ts)[0]
        against_slack(d, 5, f"message {post['ts']}", "that this state does not know", "restored from a backup")


if __name__ == "__main__":
    main()
