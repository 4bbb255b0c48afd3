#!/usr/bin/env python3
"""Approval: sealed to a run, two persons above the line, rejections, reruns, expiry, take-back."""
import signal

from harness import AUTO, as_person, desk, main, share, test, wait_for


def pending(d, look=1, **settings):
    ts = d.sandbox.say(f"please credit {d.sandbox.look(look)}")
    d.batch()
    row = d.request(ts)
    assert row["state"] == "pending", row
    return ts, str(row["id"])


@test
def approve_posts_once_and_the_amount_is_the_listed_one():
    with desk() as d:
        ts, number = pending(d)
        result = d.run("approve", number, "--reason", "checked with the customer")
        assert result.code == 0, result
        row, posts = d.request(ts), d.sandbox.posts()
        assert row["state"] == "posted" and len(posts) == 1, (row, posts, result)
        assert row["amount"] in posts[0]["text"] and posts[0]["thread_ts"] == ts, posts
        again = d.run("approve", number, "--reason", "twice")
        assert again.code != 0 and "posted" in again.err, again
        assert d.batch()["posted"] == 0 and len(d.sandbox.posts()) == 1


@test
def an_approval_needs_a_reason():
    with desk() as d:
        ts, number = pending(d)
        assert d.run("approve", number).code == 2
        assert d.run("approve", number, "--reason", "  ").code == 2
        assert d.request(ts)["state"] == "pending"


@test
def no_wait_leaves_the_post_to_the_next_pass_after_the_hold():
    with desk({"posting": {"hold": "1h"}}) as d:
        ts, number = pending(d)
        assert d.run("approve", number, "--reason", "fine", "--no-wait").code == 0
        assert d.request(ts)["state"] == "approved"
        d.batch()
        assert d.sandbox.posts() == [] and d.request(ts)["state"] == "approved"


@test
def no_hold_and_no_wait_is_posted_by_the_next_pass():
    with desk() as d:
        ts, number = pending(d)
        assert d.run("approve", number, "--reason", "fine", "--no-wait").code == 0
        assert d.batch()["posted"] == 1 and d.request(ts)["state"] == "posted"


@test
def interrupting_the_hold_takes_the_approval_back():
    with desk({"posting": {"hold": "1h"}}) as d:
        ts, number = pending(d)
        process = d.start("approve", number, "--reason", "fine")
        wait_for(lambda: d.request(ts)["state"] == "approved", "the approval")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
        assert process.returncode == 130, process.returncode
        assert d.request(ts)["state"] == "pending" and d.sandbox.posts() == []


@test
def reject_keeps_the_reason_and_says_nothing_unless_asked():
    with desk() as d:
        ts, number = pending(d)
        assert d.run("reject", number).code == 2
        assert d.run("reject", number, "--reason", "not fraud").code == 0
        assert d.request(ts)["state"] == "rejected" and d.sandbox.posts() == []
        assert "not fraud" in d.run("show", number).out
        ts, number = pending(d, 2)
        assert d.run("reject", number, "--reason", "not <!channel> fraud", "--notify").code == 0
        posts = d.sandbox.posts()
        assert len(posts) == 1 and posts[0]["thread_ts"] == ts, posts
        assert "<!channel>" not in posts[0]["text"], posts


@test
def a_rerun_with_another_amount_voids_the_approval():
    with desk({"posting": {"hold": "1h"}}) as d:
        ts, number = pending(d)
        before = d.request(ts)["amount"]
        assert d.run("approve", number, "--reason", "fine", "--no-wait").code == 0
        d.sandbox.call("/data", {"sql": "UPDATE verify_attempts SET cost = cost * 2"})
        assert d.run("rerun", number).code == 0
        row = d.request(ts)
        assert row["amount"] != before and row["state"] == "pending", row
        d.set({"posting": {"hold": "0s"}})
        assert d.batch()["posted"] == 0 and d.sandbox.posts() == []


@test
def a_dry_rerun_leaves_the_request_alone():
    with desk() as d:
        ts, number = pending(d)
        before = d.request(ts)
        d.sandbox.call("/data", {"sql": "UPDATE verify_attempts SET cost = cost * 2"})
        assert d.run("rerun", number, "--dry-run").code == 0
        after = d.request(ts)
        assert after["amount"] == before["amount"] and after["state"] == "pending", after


@test
def auto_mode_holds_what_is_above_its_limit():
    with desk({**AUTO, "approval": {"mode": "auto", "auto_limit": "0.01"}}) as d:
        ts, _ = pending(d)
        assert d.sandbox.posts() == [] and d.request(ts)["state"] == "pending"


@test
def dry_run_approvals_record_nothing():
    with desk() as d:
        ts, number = pending(d)
        d.set({"general": {"dry_run": "true"}})
        result = d.run("approve", number, "--reason", "fine")
        assert "dry run" in (result.out + result.err).lower(), result
        assert d.request(ts)["state"] == "pending" and d.sandbox.posts() == []


@test
def approvals_expire():
    with desk({"approval": {"expires": "1s"}, "posting": {"hold": "0s"}}) as d:
        ts, number = pending(d)
        assert d.run("approve", number, "--reason", "fine", "--no-wait").code == 0

        def is_back():
            d.set({"general": {"dry_run": "true"}})
            d.batch()
            return d.request(ts)["state"] == "pending"
        wait_for(is_back, "the approval to expire")
        d.set({"general": {"dry_run": "false"}})
        d.batch()
        assert d.sandbox.posts() == []


@test
def two_persons_above_the_line():
    with desk({"approval": {"second_above": "0.01"}}) as d:
        secrets = share(d)
        ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        assert d.run("--batch", env=secrets).code == 0
        number = str(d.request(ts)["id"])
        first = as_person(d, 61001, "approve", number, "--reason", "first", "--no-wait")
        assert first.code == 0 and d.request(ts)["state"] == "pending", first
        again = as_person(d, 61001, "approve", number, "--reason", "again", "--no-wait")
        assert again.code != 0 and "another person" in again.err, again
        d.run("--batch", env=secrets)
        assert d.sandbox.posts() == []
        second = as_person(d, 61002, "approve", number, "--reason", "second", "--no-wait")
        assert second.code == 0, second
        assert d.run("--batch", env=secrets).code == 0
        assert d.request(ts)["state"] == "posted" and len(d.sandbox.posts()) == 1


main()
