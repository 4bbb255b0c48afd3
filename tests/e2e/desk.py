#!/usr/bin/env python3
"""The desk, end to end: messages become requests, requests become credits, posted once."""
import sqlite3

from harness import AUTO, desk, main, test, wait_for


@test
def a_request_becomes_a_pending_credit():
    with desk() as d:
        ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        summary = d.batch()
        row = d.request(ts)
        assert row["state"] == "pending" and float(row["amount"]) > 0, row
        assert row["product"] == "verify" and row["currency"] == "USD", row
        assert summary["found"] == 1 and summary["new"] == 1 and summary["calculated"] == 1, summary
        assert summary["pending"] == 1 and summary["posted"] == 0, summary
        assert d.sandbox.posts() == []


@test
def auto_mode_posts_in_the_same_pass_and_never_again():
    with desk(AUTO) as d:
        ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        assert d.batch()["posted"] == 1
        row = d.request(ts)
        posts = d.sandbox.posts()
        assert row["state"] == "posted" and len(posts) == 1, (row, posts)
        assert posts[0]["thread_ts"] == ts and row["amount"] in posts[0]["text"], posts
        assert row["currency"] in posts[0]["text"], posts
        again = d.batch()
        assert again["posted"] == 0 and again["new"] == 0, again
        assert len(d.sandbox.posts()) == 1


@test
def a_dry_run_posts_nothing_and_loses_nothing():
    with desk({**AUTO, "general": {"dry_run": "true"}}) as d:
        ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        d.sandbox.say("no link at all")
        summary = d.batch()
        assert summary["dry_run"] is True and summary["posted"] == 0, summary
        assert d.sandbox.posts() == [] and d.request(ts)["state"] == "pending"
        d.set({"general": {"dry_run": "false"}})
        assert d.batch()["posted"] == 1
        assert len(d.sandbox.posts()) == 2


@test
def a_message_without_a_link_is_asked_once_and_answered_in_the_thread():
    with desk() as d:
        ts = d.sandbox.say("we were pumped, please help")
        d.batch()
        d.batch()
        asks = d.sandbox.posts()
        assert len(asks) == 1 and "Please provide a Looker link" in asks[0]["text"], asks
        assert asks[0]["thread_ts"] == ts and d.request(ts)["state"] == "needs_link"
        d.sandbox.say(f"sorry: {d.sandbox.look(1)}", thread_ts=ts)
        d.batch()
        assert d.request(ts)["state"] == "pending"
        assert len(d.sandbox.posts()) == 1


@test
def ask_for_link_never_keeps_silent():
    with desk({"slack": {"ask_for_link": "never"}}) as d:
        ts = d.sandbox.say("hello there")
        d.batch()
        assert d.sandbox.posts() == [] and d.request(ts)["state"] == "needs_link"


@test
def links_that_do_not_count():
    with desk({"slack": {"ask_for_link": "never"}}) as d:
        texts = [
            "<https://acme.zendesk.example.com/tickets/5512>",
            "<https://looker.example.com.evil.example/looks/1>",
            "<https://looker.example.com@evil.example/looks/1>",
            "<https://evil.example/?u=https://looker.example.com/looks/1>",
            "<https://evil.example/|https://looker.example.com/looks/1>",
            f"{d.sandbox.look(1)} and {d.sandbox.look(2)}",
        ]
        stamps = [d.sandbox.say(text) for text in texts]
        d.batch()
        for ts, text in zip(stamps, texts):
            assert d.request(ts)["state"] == "needs_link", text


@test
def an_edit_that_adds_a_link_makes_a_request():
    with desk() as d:
        ts = d.sandbox.say("link follows")
        d.batch()
        assert d.request(ts)["state"] == "needs_link"
        d.sandbox.call("/message/edit", {"channel": "help-sms-credit-pumping-memos", "ts": ts,
                                         "text": f"here: {d.sandbox.look(1)}"})
        d.batch()
        assert d.request(ts)["state"] == "pending"


@test
def other_products_are_ignored_without_a_word():
    with desk(AUTO) as d:
        look = d.sandbox.info.get("psms_look", 90)
        ts = d.sandbox.say(f"for messaging {d.sandbox.look(look)}")
        summary = d.batch()
        assert d.request(ts)["state"] == "ignored" and summary["ignored"] == 1, d.request(ts)
        assert d.sandbox.posts() == []


@test
def a_look_that_does_not_exist_ends_dead_with_one_dm():
    with desk({"retry": {"attempts": "2", "delay": "1s"}}) as d:
        ts = d.sandbox.say(f"credit {d.sandbox.look(999999)}")
        d.batch(expect=1)
        row = d.request(ts)
        assert row["state"] == "failed" and row["error"], row
        assert d.sandbox.posts() == []
        d.run("retry", str(row["id"]))
        from harness import wait_for

        def is_dead():
            d.batch(expect=None)
            return d.request(ts)["state"] == "dead"
        wait_for(is_dead, "the request to be dead")
        d.batch(expect=None)
        dms = d.sandbox.posts()
        assert len(dms) == 1 and not dms[0].get("thread_ts"), dms


@test
def an_outage_of_days_misses_nothing():
    with desk({"slack": {"lookback": "1d"}}) as d:
        import time
        day = 86400
        stamps = [d.sandbox.say(f"old {d.sandbox.look(1)}", ts=f"{int(time.time()) - i * 3600}.00000{i}")
                  for i in range(1, 4)]
        d.batch()
        assert len(d.requests()) == len(stamps)
        assert day > 0 and d.batch()["new"] == 0


@test
def the_old_bots_messages_are_not_handled_again():
    with desk(AUTO) as d:
        import json
        ts = d.sandbox.say(f"done long ago {d.sandbox.look(1)}")
        old = d.root / "processed_messages.json"
        old.write_text(json.dumps({"processed_messages": [
            {"message_id": ts, "timestamp": "2026-01-14T15:30:45"}]}))
        assert d.run("state", "import", str(old)).code == 0
        d.batch()
        assert d.sandbox.posts() == []
        exported = json.loads((d.state / "processed_messages.json").read_text())
        assert ts in [row["message_id"] for row in exported["processed_messages"]], exported


@test
def many_channels_and_one_that_is_closed():
    with desk({"slack": {"channels": "#help-sms-credit-pumping-memos;#no-such-channel"}}) as d:
        ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        summary = d.batch(expect=1)
        assert d.request(ts)["state"] == "pending"
        assert any("no-such-channel" in problem for problem in summary["problems"]), summary


def rows(d, statement):
    with sqlite3.connect(f"file:{d.state / 'creditbot.db'}?mode=ro", uri=True, timeout=10) as state:
        found = state.execute(statement).fetchall()
    state.close()
    return found


@test
def who_calculates_is_seen_from_the_first_moment_and_never_after():
    with desk() as d:
        d.batch()
        ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        d.sandbox.fault(service="trino", match="", times=1, kind="latency_ms", ms=1500)
        process = d.start("--batch", "--json")
        both = ("SELECT r.state, g.stage, g.pid FROM requests r LEFT JOIN progress g ON g.request_id = r.id"
                " WHERE r.state = 'calculating'")
        seen = wait_for(lambda: rows(d, both), "a request in calculating")
        assert seen == [("calculating", "query", process.pid)], seen
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, (out, err)
        assert d.request(ts)["state"] == "pending" and rows(d, "SELECT * FROM progress") == []


@test
def a_message_that_cannot_be_kept_holds_up_no_other():
    with desk() as d:
        d.batch()
        first = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        bad = d.sandbox.say(f"please credit {d.sandbox.look(2)}")
        last = d.sandbox.say(f"please credit {d.sandbox.look(3)}")
        with sqlite3.connect(d.state / "creditbot.db", timeout=10) as state:
            state.execute(f"CREATE TRIGGER refuse BEFORE INSERT ON requests WHEN NEW.ts = '{bad}'"
                          " BEGIN SELECT raise(ABORT, 'not this one'); END")
        state.close()
        d.batch(expect=None)
        kept = {row["ts"] for row in d.requests()}
        assert bad not in kept and kept & {first, last}, kept
        with sqlite3.connect(d.state / "creditbot.db", timeout=10) as state:
            state.execute("DROP TRIGGER refuse")
        state.close()
        d.batch()
        assert {row["ts"] for row in d.requests()} == {first, bad, last}
        assert rows(d, "SELECT count(*) FROM events WHERE kind = 'found'") == [(3,)]


main()
