#!/usr/bin/env python3
"""The life of a request where it is least straight: edits, answers, reruns, restored states, stops."""
import signal
import sqlite3

from harness import AUTO, desk, main, test, wait_for

CHANNEL_NAME = "help-sms-credit-pumping-memos"
DOUBLE_COST = {"sql": "UPDATE verify_attempts SET cost = cost * 2"}


def credit(d, look=1, **more):
    return d.sandbox.say(f"please credit {d.sandbox.look(look)}", **more)


def edit(d, ts, text):
    d.sandbox.call("/message/edit", {"channel": CHANNEL_NAME, "ts": ts, "text": text})


def state_of(d, ts):
    return d.request(ts)["state"]


def stored(d, sql, *values):
    with sqlite3.connect(f"file:{d.state}/creditbot.db?mode=ro", uri=True) as db:
        return db.execute(sql, values).fetchall()


def number_of(d, ts):
    return str(d.request(ts)["id"])


def approve(d, ts, *more):
    result = d.run("approve", number_of(d, ts), "--reason", "checked", *more)
    assert result.code == 0, result


def sound(d):
    result = d.run("state", "verify")
    assert result.code == 0, result


@test
def a_rerun_that_finds_the_same_keeps_the_approval_and_is_posted():
    with desk() as d:
        ts = credit(d)
        d.batch()
        approve(d, ts, "--no-wait")
        assert d.run("rerun", number_of(d, ts)).code == 0
        assert state_of(d, ts) == "approved" and d.request(ts)["approvals"] == 1, d.request(ts)
        d.batch()
        assert state_of(d, ts) == "posted" and len(d.sandbox.posts()) == 1
        sound(d)


@test
def a_rerun_that_fails_takes_the_approval_back():
    with desk({"posting": {"hold": "1h"}, "http": {"retries": "0"}}) as d:
        ts = credit(d)
        d.batch()
        approve(d, ts, "--no-wait")
        d.sandbox.fault(service="trino", match="v1/statement", times=0, kind="status", status=500)
        assert d.run("rerun", number_of(d, ts)).code != 0
        assert state_of(d, ts) == "pending", d.request(ts)
        d.sandbox.clear_faults()
        d.set({"posting": {"hold": "0s"}})
        d.batch()
        assert d.sandbox.posts() == []
        approve(d, ts)
        assert state_of(d, ts) == "posted" and len(d.sandbox.posts()) == 1
        sound(d)


@test
def a_rerun_of_a_request_that_never_had_sql():
    with desk({"retry": {"attempts": "1"}}) as d:
        ts = credit(d, 999999)
        d.batch(expect=1)
        assert state_of(d, ts) == "dead" and len(d.sandbox.posts()) == 1
        assert d.run("rerun", number_of(d, ts)).code == 1
        assert state_of(d, ts) == "dead", d.request(ts)
        d.sandbox.call("/look", {"id": "999999", "query_id": "9841"})
        assert d.run("rerun", number_of(d, ts)).code == 0
        assert state_of(d, ts) == "pending" and d.batch()["failed"] == 0
        assert len(d.sandbox.posts()) == 1
        sound(d)


@test
def parameters_of_ones_own_need_another_person():
    with desk(AUTO) as d:
        d.set({"general": {"dry_run": "true"}})
        ts = credit(d)
        d.batch()
        d.set({"general": {"dry_run": "false"}})
        result = d.run("rerun", number_of(d, ts), "--set", "min_clean_days=2")
        assert result.code == 0, result
        refused = d.run("approve", number_of(d, ts), "--reason", "mine")
        assert refused.code != 0 and "another person" in refused.err, refused
        d.batch()
        assert d.sandbox.posts() == [] and state_of(d, ts) == "pending"


@test
def a_restored_state_does_not_answer_again():
    with desk() as d:
        ts = credit(d)
        d.batch()
        approve(d, ts, "--no-wait")
        backup = d.root / "backup.db"
        assert d.run("state", "backup", str(backup)).code == 0
        d.batch()
        assert state_of(d, ts) == "posted"
        assert d.run("state", "restore", str(backup), "--yes").code == 0
        assert state_of(d, ts) == "approved"
        d.batch()
        assert state_of(d, ts) == "posted" and len(d.sandbox.posts()) == 1, d.sandbox.posts()
        sound(d)


@test
def a_state_begun_anew_knows_its_answers():
    with desk(AUTO) as d:
        ts = credit(d)
        d.batch()
        for path in d.state.glob("creditbot.db*"):
            path.unlink()
        d.batch()
        assert [row for row in d.requests() if row["ts"] == ts] == [] and len(d.sandbox.posts()) == 1


@test
def an_unclear_post_in_one_process_is_left_alone_by_another():
    with desk({"posting": {"readback_grace": "2s"}}) as d:
        ts = credit(d)
        d.batch()
        d.sandbox.fault(service="slack", match="chat.postMessage", times=1, kind="status", status=500)
        first = d.start("approve", number_of(d, ts), "--reason", "checked")
        wait_for(lambda: stored(d, "SELECT 1 FROM posts WHERE status = 'unclear'"), "the lost answer")
        d.batch(expect=None)
        out, err = first.communicate(timeout=60)
        assert first.returncode == 0, (out, err)
        d.batch()
        assert state_of(d, ts) == "posted" and len(d.sandbox.posts()) == 1, d.sandbox.posts()
        sound(d)


@test
def a_stop_while_posts_wait_their_turn_loses_none():
    with desk(AUTO) as d:
        stamps = [credit(d, look) for look in (1, 4, 8, 12)]
        process = d.start("--batch")
        wait_for(d.sandbox.posts, "the first post")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
        assert process.returncode == 143
        left = {row["state"] for row in d.requests()}
        assert not left & {"failed", "dead", "posting", "calculating"}, left
        d.batch()
        assert {state_of(d, ts) for ts in stamps} == {"posted"}, d.requests()
        assert sorted(post["thread_ts"] for post in d.sandbox.posts()) == sorted(stamps)
        sound(d)


@test
def max_is_not_used_up_by_what_only_waits():
    with desk({**AUTO, "approval": {"mode": "auto", "auto_limit": "0.01"}}) as d:
        stamps = [d.sandbox.say("no link", age_s=40), credit(d, 1, age_s=30), credit(d, 4, age_s=20),
                  credit(d, 8, age_s=10)]
        for _ in stamps:
            assert d.batch("--max", "1")["calculated"] <= 1
        assert [state_of(d, ts) for ts in stamps] == ["needs_link"] + ["pending"] * 3, d.requests()


@test
def an_answer_that_is_there_before_the_first_pass_is_no_reason_to_ask():
    with desk() as d:
        ts = d.sandbox.say("we were pumped")
        d.sandbox.say(f"the link: {d.sandbox.look(1)}", thread_ts=ts)
        d.batch()
        assert state_of(d, ts) == "pending" and d.sandbox.posts() == []


@test
def edits_in_every_state():
    with desk({"posting": {"hold": "1h"}, "slack": {"ask_for_link": "never"}}) as d:
        pending, approved, dead, two = [credit(d, look) for look in (1, 4, 999999, 8)]
        d.set({"retry": {"attempts": "1"}})
        d.batch(expect=1)
        assert state_of(d, dead) == "dead"
        amount = d.request(approved)["amount"]
        approve(d, approved, "--no-wait")
        edit(d, pending, f"another: {d.sandbox.look(6)}")
        edit(d, approved, f"another: {d.sandbox.look(6)}")
        edit(d, dead, f"sorry: {d.sandbox.look(12)}")
        edit(d, two, f"{d.sandbox.look(8)} {d.sandbox.look(9)}")
        d.batch()
        assert [state_of(d, ts) for ts in (pending, approved, dead, two)] == ["pending"] * 4
        assert d.request(approved)["amount"] != amount and d.request(approved)["approvals"] == 0
        assert d.request(two)["link_later"], d.request(two)
        refused = d.run("approve", number_of(d, two), "--reason", "still")
        assert refused.code != 0 and "rerun" in refused.err, refused
        d.set({"posting": {"hold": "0s"}})
        approve(d, pending)
        edit(d, pending, f"no, this: {d.sandbox.look(1)}")
        d.batch()
        row = d.request(pending)
        assert row["state"] == "posted" and "looks/1" in row["link_later"], row
        assert [post["thread_ts"] for post in d.sandbox.posts() if post["thread_ts"]] == [pending]
        sound(d)


@test
def a_dashboard_with_several_tiles_is_asked_about_once_with_the_list():
    with desk() as d:
        ts = d.sandbox.say("<https://looker.example.com/dashboards/311>")
        d.batch()
        d.batch()
        posts = d.sandbox.posts()
        assert state_of(d, ts) == "needs_link" and len(posts) == 1, posts
        assert "tiles" in posts[0]["text"] and posts[0]["thread_ts"] == ts
        d.sandbox.say("that one <https://looker.example.com/dashboards/310?x=1&amp;y=2>", thread_ts=ts)
        d.batch()
        assert state_of(d, ts) == "pending" and len(d.sandbox.posts()) == 1


@test
def the_operator_gives_the_link():
    with desk() as d:
        ts = d.sandbox.say(f"{d.sandbox.look(1)} or {d.sandbox.look(4)}")
        d.batch()
        assert state_of(d, ts) == "needs_link" and "several" in d.request(ts)["note"]
        bad = d.run("retry", number_of(d, ts), "--link", "https://looker.example.org/looks/1")
        assert bad.code != 0 and state_of(d, ts) == "needs_link", bad
        good = d.run("retry", number_of(d, ts), "--link", "https://looker.example.com/looks/4")
        assert good.code == 0 and state_of(d, ts) == "pending", good


@test
def a_message_that_is_gone_is_not_credited():
    with desk({"retry": {"attempts": "1"}}) as d:
        ts = credit(d)
        d.batch()
        d.sandbox.call("/message/delete", {"channel": CHANNEL_NAME, "ts": ts})
        result = d.run("approve", number_of(d, ts), "--reason", "checked")
        assert result.code == 1 and state_of(d, ts) == "dead", (result, d.request(ts))
        assert d.sandbox.posts(thread_ts=ts) == [] and len(d.sandbox.posts()) == 1
        sound(d)


@test
def a_word_that_slack_refuses_is_not_tried_for_ever():
    with desk({"retry": {"attempts": "2"}}) as d:
        d.sandbox.fault(service="slack", match="chat.postMessage", times=0, kind="error",
                        error="restricted_action")
        d.sandbox.say("no link here")
        assert [d.batch(expect=None) and None for _ in range(3)]
        tries = [row for row in d.sandbox.log() if "chat.postMessage" in row["path"]]
        assert len(tries) == 2, tries
        d.batch()


@test
def rejection_is_told_when_the_configuration_says_so():
    with desk({"approval": {"notify_rejection": "true"}}) as d:
        ts = credit(d)
        d.batch()
        assert d.run("reject", number_of(d, ts), "--reason", "not <!here> fraud").code == 0
        posts = d.sandbox.posts()
        assert len(posts) == 1 and posts[0]["thread_ts"] == ts and "<!here>" not in posts[0]["text"]
        assert d.run("retry", number_of(d, ts)).code != 0 and state_of(d, ts) == "rejected"
        d.set({"general": {"dry_run": "true"}})
        other = credit(d, 4)
        d.batch()
        d.run("reject", number_of(d, other), "--reason", "no", "--notify")
        assert state_of(d, other) == "pending" and len(d.sandbox.posts()) == 1


@test
def a_zero_and_an_unusual_credit_wait_for_a_person():
    with desk({"approval": {"mode": "auto", "auto_limit": "100000000", "hold_unusual": "true"}}) as d:
        zero, first = credit(d, 5), credit(d, 1)
        d.batch()
        assert state_of(d, zero) == "pending" and float(d.request(zero)["amount"]) == 0, d.request(zero)
        twice = credit(d, 1)
        d.batch()
        row = d.request(twice)
        assert row["state"] == "pending" and row["unusual"], row
        assert {post["thread_ts"] for post in d.sandbox.posts()} <= {first}


@test
def an_automatic_approval_outlives_a_crash_between_its_steps():
    with desk(AUTO) as d:
        d.set({"general": {"dry_run": "true"}})
        ts = credit(d)
        d.batch()
        assert stored(d, "SELECT count(*) FROM approvals") == [(0,)]
        d.set({"general": {"dry_run": "false"}})
        assert d.batch()["posted"] == 1
        assert stored(d, "SELECT count(*) FROM approvals") == [(1,)]
        events = stored(d, "SELECT from_state, to_state FROM events WHERE kind = 'approve'")
        assert events == [("pending", "approved")], events
        assert state_of(d, ts) == "posted"


main()
