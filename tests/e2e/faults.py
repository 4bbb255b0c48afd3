#!/usr/bin/env python3
"""Faults of the services: what may be repeated is, what may not is read back, nothing is posted twice."""
import signal
import time

from harness import AUTO, desk, main, test, wait_for

POST = {"service": "slack", "match": "chat.postMessage"}


def credit(d, look=1):
    return d.sandbox.say(f"please credit {d.sandbox.look(look)}")


def posted_once(d, ts):
    def is_posted():
        d.batch(expect=None)
        return d.request(ts)["state"] == "posted"
    wait_for(is_posted, "the request to be posted")
    d.batch(expect=None)
    assert len(d.sandbox.posts(thread_ts=ts)) == 1, d.sandbox.posts()


@test
def unclear_posts_are_read_back_and_never_doubled():
    kinds = [{"kind": "land_then_reset"}, {"kind": "land_then_500"}, {"kind": "reset_before"},
             {"kind": "status", "status": 500}, {"kind": "status", "status": 503},
             {"kind": "error", "error": "internal_error"}, {"kind": "error", "error": "fatal_error"},
             {"kind": "malformed"}, {"kind": "reset_mid"}]
    with desk(AUTO) as d:
        for kind in kinds:
            d.sandbox.fault(**POST, times=1, **kind)
            posted_once(d, credit(d))
            d.sandbox.clear_faults()


@test
def a_thread_that_cannot_be_read_is_unconfirmed_not_guessed():
    with desk(AUTO) as d:
        ts = credit(d)
        d.sandbox.fault(**POST, times=1, kind="land_then_reset")
        d.sandbox.fault(service="slack", match="conversations.replies", times=100, kind="status", status=503)
        d.batch(expect=1)
        assert d.request(ts)["state"] == "unconfirmed", d.request(ts)
        d.sandbox.clear_faults()
        posted_once(d, ts)


@test
def rate_limits_are_waited_out():
    with desk(AUTO) as d:
        d.sandbox.fault(**POST, times=1, kind="status", status=429, retry_after=1)
        d.sandbox.fault(service="slack", match="conversations.history", times=1, kind="status", status=429,
                        retry_after=1)
        ts = credit(d)
        d.batch()
        assert d.request(ts)["state"] == "posted" and len(d.sandbox.posts()) == 1


@test
def passing_failures_of_reading_calls_are_repeated():
    calls = [("slack", "conversations.history"), ("looker", "login"), ("looker", "run/sql"),
             ("trino", "v1/statement")]
    with desk(AUTO) as d:
        for service, match in calls:
            for kind in ({"kind": "status", "status": 503}, {"kind": "reset_before"}):
                d.sandbox.fault(service=service, match=match, times=1, **kind)
                ts = credit(d)
                d.batch()
                assert d.request(ts)["state"] == "posted", (service, match, kind, d.request(ts))
                d.sandbox.clear_faults()


@test
def hostile_bodies_fail_the_request_and_nothing_else():
    with desk({**AUTO, "http": {"retries": "0", "max_body": "1048576"}}) as d:
        for kind in ({"kind": "malformed"}, {"kind": "huge"}, {"kind": "deep"}, {"kind": "wrong_type"}):
            d.sandbox.fault(service="trino", match="v1/statement", times=1, **kind)
            ts = credit(d)
            d.batch(expect=None)
            assert d.request(ts)["state"] in ("failed", "posted"), (kind, d.request(ts))
            d.sandbox.clear_faults()
            wait_for(lambda: d.batch(expect=None) and d.request(ts)["state"] == "posted", f"{kind}")


@test
def one_broken_request_does_not_hold_up_the_others():
    with desk(AUTO) as d:
        broken = d.sandbox.say(f"credit {d.sandbox.look(999999)}")
        good = credit(d)
        d.batch(expect=1)
        assert d.request(good)["state"] == "posted" and d.request(broken)["state"] == "failed"


@test
def a_pass_is_stopped_cleanly_by_a_signal():
    with desk(AUTO) as d:
        ts = credit(d)
        d.sandbox.fault(service="trino", match="v1/statement/executing", times=1000, kind="latency_ms", ms=2000)
        process = d.start("--batch", "--json")
        wait_for(lambda: d.request(ts)["state"] == "calculating" if d.requests() else False, "the query")
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=15)
        assert time.monotonic() - begun < 5 and process.returncode == 143, process.returncode
        d.sandbox.clear_faults()
        posted_once(d, ts)


@test
def a_second_pass_says_who_holds_the_lease():
    with desk() as d:
        ts = credit(d)
        d.sandbox.fault(service="trino", match="v1/statement/executing", times=1000, kind="latency_ms", ms=1500)
        first = d.start("--batch", "--json")
        wait_for(lambda: d.request(ts)["state"] == "calculating" if d.requests() else False, "the query")
        second = d.run("--batch")
        assert second.code == 4 and str(first.pid) in second.err, second
        d.sandbox.clear_faults()
        first.communicate(timeout=60)
        assert first.returncode == 0


@test
def an_expired_looker_token_is_renewed():
    with desk(AUTO) as d:
        d.sandbox.fault(service="looker", match="looks", times=1, kind="expire_tokens")
        ts = credit(d)
        d.batch()
        assert d.request(ts)["state"] == "posted"


@test
def services_that_do_not_answer_in_time_end_in_exit_three():
    with desk({"http": {"retries": "0", "timeout": "1s"}, "looker": {"timeout": "1s"},
               "retry": {"attempts": "10", "delay": "1s"}}) as d:
        ts = credit(d)
        for service in ("slack", "looker"):
            d.sandbox.fault(service=service, match="", times=0, kind="latency_ms", ms=3000)
            result = d.run("--batch")
            assert result.code == 3 and "out of reach" in result.err, (service, result)
            d.sandbox.clear_faults()
        wait_for(lambda: d.batch(expect=None) and d.request(ts)["state"] == "pending", "the request to go on")


@test
def what_was_read_is_worked_on_without_slack_and_nothing_is_used_up():
    with desk({**AUTO, "retry": {"attempts": "2", "delay": "1s"}, "http": {"retries": "0"}}) as d:
        d.sandbox.fault(service="looker", match="looks", times=1, kind="status", status=503)
        ts = credit(d)
        d.batch(expect=3)
        assert d.request(ts)["state"] == "failed", d.request(ts)
        for how in ({"kind": "status", "status": 503}, {"kind": "error", "error": "invalid_auth"},
                    {"kind": "reset_before"}):
            d.sandbox.fault(service="slack", match="", times=0, **how)
            wait_for(lambda: d.batch(expect=None) and d.request(ts)["state"] == "approved", "the calculation")
            for _ in range(3):
                assert d.batch(expect=3)["failed"] == 0
            assert d.request(ts)["state"] == "approved" and d.sandbox.posts() == [], d.request(ts)
            d.sandbox.clear_faults()
        posted_once(d, ts)


@test
def a_death_without_slack_is_told_when_it_is_back():
    with desk({**AUTO, "retry": {"attempts": "2", "delay": "1s"}, "http": {"retries": "0"}}) as d:
        ts = d.sandbox.say(f"credit {d.sandbox.look(999999)}")
        d.batch(expect=1)
        d.sandbox.fault(service="slack", match="auth.test", times=0, kind="status", status=503)
        wait_for(lambda: d.batch(expect=None) and d.request(ts)["state"] == "dead", "its death")
        assert d.sandbox.posts() == []
        d.sandbox.clear_faults()
        for _ in range(2):
            d.batch(expect=0)
        told = [post for post in d.sandbox.posts() if post.get("im_user") == "U00000001"]
        assert len(told) == 1, told


@test
def unreachable_services_end_in_exit_three():
    with desk() as d:
        credit(d)
        d.set({"slack": {"base_url": "http://127.0.0.1:1/api"}, "http": {"retries": "0"}})
        result = d.run("--batch")
        assert result.code == 3, result


main()
