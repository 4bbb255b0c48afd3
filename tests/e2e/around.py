#!/usr/bin/env python3
"""Around every face: what must not be posted is not posted by any way in, and each says why.

root works at the desk and tries; the others are Unix users without a name (uid-61002 …)."""
import grp
import sqlite3
import subprocess
import time

from harness import CREDITBOT, Console, Skip, as_person, desk, main, share, test, wait_for

ROOT, SECOND, SENIOR = "root", 61002, 61003
NAMES = {SECOND: "uid-61002", SENIOR: "uid-61003"}
FAKE = {"USER": NAMES[SECOND], "LOGNAME": NAMES[SECOND], "USERNAME": NAMES[SECOND]}


def asked(d, env, look=1):
    ts = d.sandbox.say(f"please credit {d.sandbox.look(look)}")
    assert d.run("--batch", env=env).code == 0
    row = d.request(ts)
    assert row["state"] == "pending", row
    return ts, str(row["id"])


def change(d, settings):
    """The others read the same file."""
    d.set(settings)
    d.conf.chmod(0o644)


def approve(d, env, number, *more):
    return d.run("approve", number, "--reason", "fine", *more, env=env)


def shown(d, number, env=None):
    return d.run("show", number, "--json", env=env).json()


def tables(d):
    return sqlite3.connect(d.state / "creditbot.db", timeout=10)


# -- the ways in --

def plainly(d, env, number):
    return [approve(d, env, number), approve(d, env, number, "--no-wait"),
            approve(d, env, number, "--json")]


def of_every_run(d, env, number):
    return [approve(d, env, number, "--run", str(run["run"])) for run in shown(d, number, env)["runs"]]


def under_another_name(d, env, number):
    return [approve(d, {**env, **FAKE}, number), approve(d, {**env, **FAKE}, number, "--no-wait")]


def twice_at_once(d, env, number):
    both = [d.start("approve", number, "--reason", "fine", env=env) for _ in range(2)]
    outputs = [process.communicate(timeout=60) for process in both]
    assert all(process.returncode != 0 or "somebody else" in out
               for process, (out, _) in zip(both, outputs)), outputs
    return []


def by_a_pass(d, env, number):
    d.run("--batch", env=env)
    d.run("trigger", env=env)
    return []


def by_the_rule(d, env, number):
    before = dict(d.settings["approval"])
    change(d, {"approval": {"mode": "auto", "auto_limit": "100000000", "hold_unusual": "false"}})
    d.run("--batch", env=env)
    d.settings["approval"] = before
    change(d, {})
    return []


def by_retry(d, env, number):
    return [d.run("retry", number, env=env)]


def by_link(d, env, number):
    return [d.run("link", number, "https://looker.example.com/looks/4", env=env)]


def by_correction(d, env, number):
    return [d.run("correct", number, "--reason", "to post it", env=env)]


def by_a_signature(d, env, number):
    (d.root / "forged.sig").write_text("-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n")
    return [approve(d, env, number, "--signature", str(d.root / "forged.sig"))]


def through_the_glass(d, env, number):
    return [approve(d, env, number, "--break-glass", "--reason", "there is nobody else awake")]


def from_the_console(d, env, number):
    with Console(d, env) as console:
        for keys in (b":approve tried from here\r", b"\r", b"y", b"A\r", b"y\r"):
            at = len(console.drain())
            console.press(keys)
            try:
                wait_for(lambda: len(console.drain()) > at, "an answer", deadline=0.7)
            except AssertionError:
                pass  # a key that means nothing here changes nothing on the screen
    return []


def by_rerun(d, env, number):
    d.run("rerun", number, env=env)
    return [approve(d, env, number, "--no-wait")]


def by_hand(d, env, number):
    """A small amount of their own: whoever sets it cannot approve it."""
    assert d.run("override", number, "--amount", "0.02", "--reason", "small", env=env).code == 0
    return [approve(d, env, number), approve(d, env, number, "--no-wait")]


WAYS = [plainly, of_every_run, under_another_name, twice_at_once, by_a_pass, by_retry, by_link, by_correction,
        by_a_signature, through_the_glass, from_the_console, by_the_rule, by_rerun, by_hand]


def go_around(d, env, number, why, without=()):
    """Every way in: nothing is posted, every refusal is an answer, one of them says why."""
    words = []
    for way in WAYS:
        if way in without:
            continue
        for result in way(d, env, number):
            assert result.code != 0 or "somebody else" in result.out, (way.__name__, result)
            words.append(result.err + result.out)
        for _ in range(2):
            d.run("--batch", env=env)
        row = shown(d, number, env)
        words.append(str(row["note"]) + str(row["preview"] and row["preview"]["refusal"]))
        assert d.sandbox.posts() == [], (way.__name__, d.sandbox.posts())
        assert row["state"] != "posted", (way.__name__, row)
    assert any(why in text for text in words), (why, words)


# -- what must not be posted --

@test
def what_one_person_approved_and_two_must():
    with desk({"approval": {"tiers": "0.01:2"}}) as d:
        env = share(d)
        _, number = asked(d, env)
        first = approve(d, env, number)
        assert first.code == 0 and "somebody else" in first.out, first
        go_around(d, env, number, "another person")
        assert as_person(d, SECOND, "approve", number, "--reason", "agreed", "--no-wait", env=env).code == 0


@test
def what_nobody_of_the_group_approved():
    with desk({"approval": {"tiers": "0.01:2:seniors"}, "group.seniors": {"members": NAMES[SENIOR]}}) as d:
        env = share(d)
        _, number = asked(d, env)
        assert approve(d, env, number).code == 0
        other = as_person(d, SECOND, "approve", number, "--reason", "agreed", "--no-wait", env=env)
        assert other.code != 0 and "seniors" in other.err and NAMES[SENIOR] in other.err, other
        go_around(d, env, number, "another person", without=(by_hand,))
        senior = as_person(d, SENIOR, "approve", number, "--reason", "agreed", "--no-wait", env=env)
        assert senior.code == 0, senior
        d.run("--batch", env=env)
        assert len(d.sandbox.posts()) == 1


@test
def what_the_requester_approves():
    with desk({"approval": {"tiers": "0.01:2"}}) as d:
        env = share(d)
        ts, number = asked(d, env)
        change(d, {"approval": {"slack_users": f"{ROOT}={d.request(ts)['requester']}"}})
        go_around(d, env, number, "asked for this credit")


@test
def what_a_second_login_of_one_human_approves():
    with desk({"approval": {"tiers": "0.01:2", "slack_users": f"{ROOT}=U0000AAAA;{NAMES[SECOND]}=U0000AAAA"}}) as d:
        env = share(d)
        _, number = asked(d, env)
        assert approve(d, env, number).code == 0
        again = as_person(d, SECOND, "approve", number, "--reason", "me again", "--no-wait", env=env)
        assert again.code != 0 and "another person" in again.err, again
        d.run("--batch", env=env)
        assert d.sandbox.posts() == []


@test
def what_who_set_the_amount_approves():
    with desk({"approval": {"run_max_age": "1d"}}) as d:
        env = share(d)
        _, number = asked(d, env)
        assert d.run("override", number, "--amount", "77.00", "--reason", "as agreed", env=env).code == 0
        go_around(d, env, number, "set this amount by hand", without=(by_rerun,))


@test
def what_is_stale():
    with desk({"approval": {"run_max_age": "1s"}}) as d:
        env = share(d)
        _, number = asked(d, env)
        wait_for(lambda: shown(d, number, env)["preview"]["stale"], "the run to be too old")
        # The console's key runs it anew, and what comes of that is fresh.
        go_around(d, env, number, "rerun it first", without=(by_rerun, from_the_console))
        change(d, {"approval": {"run_max_age": "1h"}})
        assert d.run("rerun", number, env=env).code == 0
        assert approve(d, env, number).code == 0 and len(d.sandbox.posts()) == 1


@test
def what_became_stale_after_the_approval():
    with desk() as d:
        env = share(d)
        _, number = asked(d, env)
        assert approve(d, env, number, "--no-wait").code == 0
        change(d, {"approval": {"data_max_age": "1s"}})
        d.run("--batch", env=env)
        row = shown(d, number, env)
        assert d.sandbox.posts() == [] and row["state"] == "pending" and "rerun it first" in row["note"], row


def half_more(row):
    return f"{float(row['amount']) * 1.5:.2f}"


@test
def what_was_split_in_two():
    with desk() as d:
        env = share(d)
        ts, number = asked(d, env)
        change(d, {"approval": {"tiers": half_more(d.request(ts)) + ":2"}})
        other, _ = asked(d, env)
        assert "split requests" in d.request(other)["unusual"], d.request(other)
        first = approve(d, env, number)
        assert first.code == 0 and "split requests" in first.out and "somebody else" in first.out, first
        go_around(d, env, number, "another person", without=(by_rerun,))


@test
def what_was_approved_before_the_second_half_came():
    with desk({"posting": {"hold": "1h"}}) as d:
        env = share(d)
        ts, number = asked(d, env)
        change(d, {"approval": {"tiers": half_more(d.request(ts)) + ":2"}})
        assert approve(d, env, number, "--no-wait").code == 0 and d.request(ts)["state"] == "approved"
        asked(d, env)
        d.run("--batch", env=env)
        row = d.request(ts)
        assert row["state"] == "pending" and "split requests" in row["note"], row
        assert d.sandbox.posts() == []


@test
def what_is_not_what_was_approved():
    with desk() as d:
        env = share(d)
        ts, number = asked(d, env)
        assert approve(d, env, number, "--no-wait").code == 0
        with tables(d) as db:
            db.execute("UPDATE request_texts SET text = 'please credit us tenfold' WHERE id = ?",
                       (int(number),))
        go_around(d, env, number, "evidence", without=(by_rerun,))
        assert d.request(ts)["state"] == "pending"


# -- what changes between the approval and the post --

CHANGES = [
    ({"approval": {"tiers": "0.01:3:seniors"}}, "no longer suffices"),
    ({"group.seniors": {"members": "juri"}}, "no longer suffices"),
    ({"approval": {"approvers": f"{NAMES[SENIOR]};juri"}}, "not among [approval] approvers"),
    ({"approval": {"slack_users": "ROOT=REQUESTER"}}, "asked for this credit"),
    ({"approval": {"slack_users": f"{ROOT}=U0000AAAA;{NAMES[SENIOR]}=U0000AAAA"}}, "once only"),
    ({"approval": {"run_max_age": "1ms"}}, "rerun it first"),
]


@test
def what_a_change_of_the_configuration_forbids():
    for settings, why in CHANGES:
        with desk({"approval": {"tiers": "0.01:2:seniors"}, "group.seniors": {"members": NAMES[SENIOR]}}) as d:
            env = share(d)
            ts, number = asked(d, env)
            assert approve(d, env, number, "--no-wait").code == 0
            assert as_person(d, SENIOR, "approve", number, "--reason", "agreed", "--no-wait", env=env).code == 0
            assert d.request(ts)["state"] == "approved"
            users = settings.get("approval", {}).get("slack_users", "")
            if "REQUESTER" in users:
                settings = {"approval": {"slack_users": f"{ROOT}={d.request(ts)['requester']}"}}
            change(d, settings)
            d.run("--batch", env=env)
            row = d.request(ts)
            assert d.sandbox.posts() == [] and row["state"] == "pending" and why in row["note"], (settings, row)


@test
def a_configuration_that_can_never_be_met_stops_everything():
    with desk() as d:
        env = share(d)
        ts, number = asked(d, env)
        assert approve(d, env, number, "--no-wait").code == 0
        change(d, {"approval": {"tiers": "5:2:nobody"}})
        for command in (["--batch"], ["config", "check"], ["doctor"], ["approve", number, "--reason", "x"]):
            result = d.run(*command, env=env)
            assert result.code == 2 and "[approval] tiers" in result.err + result.out, (command, result)
            assert ":" in result.err + result.out and "nobody" in result.err + result.out, result
        assert d.sandbox.posts() == []


# -- rows that nobody gave --

def forge(d, number, person, uid):
    with tables(d) as db:
        run, digest = db.execute("SELECT r.run_id, n.digest FROM requests r JOIN runs n ON n.id = r.run_id "
                                 "WHERE r.id = ?", (int(number),)).fetchone()
        now = int(time.time() * 1e6)
        db.execute("INSERT INTO approvals (request_id, run_id, digest, uid, actor, reason, at, hold_until, "
                   "expires_at, voided_at, person, method, self, need) "
                   "VALUES (?, ?, ?, ?, ?, 'fine', ?, 0, ?, 0, ?, 'login', 0, 1)",
                   (int(number), run, digest, uid, person, now, now + 10**10, person))


@test
def an_approval_that_stands_in_the_table_only():
    with desk({"approval": {"tiers": "0.01:2"}}) as d:
        env = share(d)
        _, number = asked(d, env)
        assert approve(d, env, number).code == 0
        forge(d, number, NAMES[SECOND], SECOND)
        go_around(d, env, number, "no event tells", without=(by_hand,))
        third = as_person(d, SENIOR, "approve", number, "--reason", "agreed", "--no-wait", env=env)
        assert third.code == 0, third
        d.run("--batch", env=env)
        row = shown(d, number, env)
        assert d.sandbox.posts() == [] and row["state"] == "pending" and row["approvals"] == 1, row


@test
def a_state_that_was_set_by_hand():
    with desk({"approval": {"tiers": "0.01:2"}}) as d:
        env = share(d)
        ts, number = asked(d, env)
        for forged in (False, True):
            if forged:
                forge(d, number, NAMES[SECOND], SECOND)
                forge(d, number, NAMES[SENIOR], SENIOR)
            with tables(d) as db:
                db.execute("UPDATE requests SET state = 'approved' WHERE id = ?", (int(number),))
            d.run("--batch", env=env)
            row = d.request(ts)
            assert d.sandbox.posts() == [] and row["state"] == "pending" and row["note"], row


@test
def an_approval_that_was_taken_back_and_put_there_again():
    with desk({"posting": {"hold": "1h"}}) as d:
        env = share(d)
        ts, number = asked(d, env)
        process = d.start("approve", number, "--reason", "fine", env=env)
        wait_for(lambda: d.request(ts)["state"] == "approved", "the approval")
        process.terminate()
        process.communicate(timeout=20)
        assert d.request(ts)["state"] == "pending"
        with tables(d) as db:
            db.execute("INSERT INTO approvals SELECT id + 1, request_id, run_id, digest, uid, actor, reason, at, 0, "
                       "expires_at, 0, NULL, person, method, principal, signature, slack, self, need, need_group, "
                       "groups FROM approvals")
            db.execute("UPDATE requests SET state = 'approved', hold_until = 0")
        d.run("--batch", env=env)
        assert d.sandbox.posts() == [] and d.request(ts)["state"] == "pending", d.request(ts)


# -- the hold --

@test
def a_pass_between_does_not_post_what_the_console_holds():
    with desk({"posting": {"hold": "1h"}}) as d:
        ts, _ = asked(d, None)
        with Console(d) as console:
            console.press(b":approve checked\r")
            for keys in (b"\r", b"y", b"\r"):
                if d.request(ts)["state"] == "approved":
                    break
                time.sleep(0.3)
                console.press(keys)
            wait_for(lambda: d.request(ts)["state"] == "approved", "the approval")
            for _ in range(3):
                d.batch()
            assert d.sandbox.posts() == [] and d.request(ts)["state"] == "approved", d.request(ts)


# -- the emergency --

@test
def broken_glass_is_posted_told_listed_and_reviewed():
    with desk({"approval": {"tiers": "0.01:2", "break_glass": ROOT}}) as d:
        env = share(d)
        ts, number = asked(d, env)
        short = d.run("approve", number, "--break-glass", "--reason", "hurry", env=env)
        assert short.code == 2 and "15" in short.err, short
        why = "nobody awake <!channel> & it burns"
        result = d.run("approve", number, "--break-glass", "--reason", why, env=env)
        assert result.code == 0, result
        row = d.request(ts)
        assert row["state"] == "posted" and row["break_glass"] is True and "break-glass by root" in row["note"], row
        direct = [post for post in d.sandbox.posts() if post["thread_ts"] != ts]
        result_post, = [post for post in d.sandbox.posts() if post["thread_ts"] == ts]
        assert "pproved alone by root (break-glass): nobody awake" in result_post["text"], result_post
        assert "<!channel>" not in result_post["text"] and "&lt;!channel&gt;" in result_post["text"], result_post
        assert len(direct) == 1 and f"review {number}" in direct[0]["text"], direct
        assert "alone (break-glass)" in d.run("show", number, env=env).out
        assert [e for e in shown(d, number, env)["events"] if e["kind"] == "break-glass"], "the event"
        assert "ALONE" in d.run("logs", "--level", "warn", env=env).out
        assert [row["id"] for row in d.run("list", "--json", "--filter", "note:break-glass", env=env).lines()] == \
            [int(number)]
        assert d.run("stats", "--json", env=env).json()["break_glass_open"] == 1
        assert "not reviewed" in d.run("doctor", env=env).out
        listed = d.run("review", env=env)
        assert listed.code == 0 and "nobody awake" in listed.out, listed
        own = d.run("review", number, "--reason", "mine was right", env=env)
        assert own.code != 0 and "another person" in own.err, own
        other = as_person(d, SECOND, "review", number, "--reason", "it was right", env=env)
        assert other.code == 0, other
        assert d.run("review", "--json", env=env).out == ""
        done, = d.run("review", "--all", "--json", env=env).lines()
        assert done["reviewed_by"] == NAMES[SECOND] and done["review"] == "it was right", done
        assert d.run("stats", "--json", env=env).json()["break_glass_open"] == 0
        for _ in range(2):
            d.run("--batch", env=env)
        assert len(d.sandbox.posts()) == 2
        assert d.run("state", "verify", env=env).code == 0


@test
def a_day_has_its_limit():
    with desk({"approval": {"split_window": "0s"}}) as d:
        env = share(d)
        ts, number = asked(d, env)
        change(d, {"approval": {"daily_limit": half_more(d.request(ts))}})
        assert approve(d, env, number).code == 0 and len(d.sandbox.posts()) == 1
        _, second = asked(d, env)
        result = approve(d, env, second)
        assert result.code != 0 and "daily_limit" in result.err and "another person" in result.err, result
        assert len(d.sandbox.posts()) == 1
        other = as_person(d, SECOND, "approve", second, "--reason", "agreed", "--no-wait", env=env)
        assert other.code == 0, other


@test
def a_uid_of_a_namespace_is_nobody_in_particular():
    """Any user can have any uid within a user namespace: where one person decides it is written down."""
    group = grp.getgrnam("users").gr_gid
    inside = ["setpriv", f"--reuid={SECOND}", "--regid=users", "--clear-groups", "unshare", "--user",
              f"--map-user={SENIOR}", f"--map-group={group}"]
    if subprocess.run([*inside, CREDITBOT, "--version"], cwd="/", capture_output=True).returncode != 0:
        raise Skip("there are no user namespaces here, or the program lies where others cannot run it")
    with desk({"approval": {"second_above": "1"}}) as d:
        env = share(d)
        _, number = asked(d, env)
        assert as_person(d, SECOND, "approve", number, "--reason", "agreed", "--no-wait", env=env).code == 0
        again = [*inside, CREDITBOT, "--config", str(d.conf), "approve", number, "--reason", "me again", "--no-wait"]

        def once_more():
            return subprocess.run(again, env=d.environment(env), cwd="/", capture_output=True, text=True, timeout=60)

        def given():
            return [event["detail"].get("uid_map") for event in shown(d, number, env)["events"]
                    if event["kind"] == "approve"]

        refused = once_more()
        assert refused.returncode == 1 and "chose its uid by itself" in refused.stderr, refused
        assert given() == [None]
        change(d, {"approval": {"second_above": "1000000"}})
        once_more()
        assert given() == [None, f"{SENIOR} {SECOND} 1"], given()


main()
