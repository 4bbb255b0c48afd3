#!/usr/bin/env python3
"""Exactly once, under SIGKILL at every step: each request is posted once, none is lost."""
import itertools

from harness import AUTO, Skip, desk, has_failpoints, main, test

# Every place between two durable effects on the way of a request (core/base/failpoint.h).
POINTS = ["pass:before-read", "pass:after-read", "calc:running", "calc:before-store", "calc:after-store",
          "post:before-intent", "post:after-intent", "post:before-send", "post:after-send",
          "post:before-settle", "post:after-settle", "store:before-commit", "store:after-commit",
          "store:before-commit@3", "store:after-commit@3", "store:before-commit@6",
          "store:after-commit@6", "store:before-commit@9", "store:after-commit@9"]
WORD_POINTS = ["word:before-intent", "word:after-intent", "post:before-send", "post:after-send",
               "post:before-settle", "post:after-settle"]


def need_failpoints():
    if not has_failpoints():
        raise Skip("this build has no fail points (./configure --enable-failpoints)")


def survive(d, ts, points, state):
    for i, point in enumerate(points):
        result = d.run("--batch", env={"CREDITBOT_FAILPOINT": point})
        # The first step is always reached; a later one only when the first left it to be done.
        assert result.code == -9 or (i > 0 and result.code in (0, 1)), (point, result)
    for _ in range(3):
        d.batch(expect=None)
    assert d.request(ts)["state"] == state, (points, d.request(ts))
    posts = d.sandbox.posts(thread_ts=ts)
    assert len(posts) == 1, (points, posts)
    verify = d.run("state", "verify")
    assert verify.code == 0, (points, verify)


@test
def a_result_is_posted_once_whatever_step_the_process_dies_at():
    need_failpoints()
    with desk(AUTO) as d:
        for point in POINTS:
            ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
            survive(d, ts, [point], "posted")
        assert len(d.sandbox.posts()) == len(POINTS)


@test
def two_kills_in_a_row():
    need_failpoints()
    pairs = list(itertools.product(["calc:after-store", "post:after-intent", "post:after-send"],
                                   ["post:before-send", "post:after-send", "post:before-settle"]))
    with desk(AUTO) as d:
        for pair in pairs:
            ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
            survive(d, ts, pair, "posted")
        assert len(d.sandbox.posts()) == len(pairs)


@test
def the_word_asking_for_a_link_is_said_once():
    need_failpoints()
    with desk() as d:
        for point in WORD_POINTS:
            ts = d.sandbox.say("no link here")
            survive(d, ts, [point], "needs_link")


@test
def a_rejection_and_its_word_are_one_step():
    need_failpoints()
    with desk({"approval": {"mode": "required", "notify_rejection": "true"}}) as d:
        for point in ("store:before-commit", "store:after-commit", "post:before-send", "post:after-send"):
            ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
            d.batch()
            reject = ["reject", str(d.request(ts)["id"]), "--reason", "not fraud"]
            killed = d.run(*reject, env={"CREDITBOT_FAILPOINT": point})
            assert killed.code == -9, (point, killed)
            if d.request(ts)["state"] == "pending":
                assert d.run(*reject).code == 0
            d.batch(expect=None)
            d.batch(expect=None)
            assert d.request(ts)["state"] == "rejected", d.request(ts)
            assert len(d.sandbox.posts(thread_ts=ts)) == 1, (point, d.sandbox.posts(thread_ts=ts))


CORRECTION_POINTS = ["store:before-commit", "store:after-commit", "post:before-intent",
                     "post:after-intent", "post:before-send", "post:after-send",
                     "post:before-settle", "post:after-settle"]


@test
def a_correction_is_posted_once_whatever_step_the_process_dies_at():
    need_failpoints()
    with desk(AUTO) as d:
        for point in CORRECTION_POINTS:
            ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
            d.batch()
            number = str(d.request(ts)["id"])
            d.sandbox.call("/data", {"sql": "UPDATE verify_attempts SET cost = cost + 0.01"})
            d.run("correct", number, "--reason", "prices", env={"CREDITBOT_FAILPOINT": point})
            made = [row for row in d.requests() if row["corrects"] == int(number)]
            if not made:
                made = [d.run("correct", number, "--reason", "prices", "--json").json()]
            correction = str(made[0]["id"])
            d.batch()
            for env in ({"CREDITBOT_FAILPOINT": point}, {}, {}):
                d.run("approve", correction, "--reason", "fine", "--no-wait", env=env)
                d.run("--batch", env=env)
                d.batch(expect=None)
            row = d.run("show", correction, "--json").json()
            assert row["state"] == "posted", (point, row["state"], row["error"])
            texts = [post["text"] for post in d.sandbox.posts(thread_ts=ts)]
            assert len(texts) == 2 and texts[1].startswith("Correction: "), (point, texts)
            assert d.run("state", "verify").code == 0, point
        assert len(d.sandbox.posts()) == 2 * len(CORRECTION_POINTS)


@test
def an_override_is_whole_or_not_at_all():
    need_failpoints()
    with desk() as d:
        for point in ("override:before-commit", "store:before-commit", "store:after-commit"):
            ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
            d.batch()
            number = str(d.request(ts)["id"])
            killed = d.run("override", number, "--amount", "1.50", "--reason", "why",
                           env={"CREDITBOT_FAILPOINT": point})
            assert killed.code == -9, (point, killed)
            row = d.run("show", number, "--json").json()
            assert (row["amount"] == "1.50") == (len(row["runs"]) == 2), (point, row)
            assert row["state"] == "pending" and d.run("state", "verify").code == 0, (point, row)


@test
def the_lease_of_a_dead_pass_is_taken_over():
    need_failpoints()
    with desk() as d:
        d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        killed = d.run("--batch", env={"CREDITBOT_FAILPOINT": "pass:after-read"})
        assert killed.code == -9, killed
        assert d.batch()["calculated"] == 1


main()
