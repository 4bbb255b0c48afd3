#!/usr/bin/env python3
"""Where requests and rows come from: channels, pages, links in every form, three warehouses, hard data."""
import sqlite3
import time

from harness import AUTO, CHANNEL, desk, main, test

BASE = "https://looker.example.com"
SELECT = "SELECT day, country, prefix, attempts, conversions, cost FROM hive.analytics.verify_attempts"


def state_of(d, ts):
    return d.request(ts)["state"]


def put_look(d, number, sql):
    d.sandbox.call("/look", {"id": str(number), "title": f"look {number}", "sql": sql})


@test
def links_in_every_form():
    with desk() as d:
        section = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
            {"type": "text", "text": "see "}, {"type": "link", "url": f"{BASE}/looks/1"}]}]}
        listed = {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "bullet", "elements": [
            {"type": "rich_text_section", "elements": [{"type": "link", "url": f"{BASE}/looks/1", "text": "it"}]}]}]}
        button = {"type": "actions", "elements": [{"type": "button", "url": f"{BASE}/looks/1",
                                                   "text": {"type": "plain_text", "text": "open"}}]}
        messages = [
            {"text": f"<{BASE}/looks/1|the look>"}, {"text": f"bare {BASE}/looks/1 here"},
            {"text": f"<{BASE}/looks/1?a=1&amp;b=2>"}, {"text": f"<http://looker.example.com/looks/1>"},
            {"text": "<https://LOOKER.example.com:443/looks/1>"},
            {"text": f"<{BASE}/dashboards/313?Date=7+days&amp;x=y>"}, {"text": f"<{BASE}/sql/wonkaRunner7>"},
            {"text": "see", "blocks": [section]}, {"text": "see", "blocks": [listed]},
            {"text": "see", "blocks": [button]},
            {"text": "see", "attachments": [{"from_url": f"{BASE}/looks/1", "title_link": f"{BASE}/looks/1"}]},
            {"text": f"twice <{BASE}/looks/1> and <{BASE}/looks/1|again>"},
            {"text": f"{BASE}/looks/1", "subtype": "file_share", "files": [{"id": "F1", "name": "a.csv"}]},
            {"text": f"{BASE}/looks/1", "subtype": "me_message"},
        ]
        slugs = d.sandbox.call("/data", {"sql": "SELECT slug FROM query WHERE id = '9841'"})
        slug = slugs["rows"][0]["slug"]
        messages += [{"text": f"<{BASE}/x/{slug}>"},
                     {"text": f"<{BASE}/explore/messaging/verify_attempts?qid={slug}&amp;toggle=fil>"}]
        stamps = [d.sandbox.say(**message) for message in messages]
        d.batch(expect=None)
        for ts, message in zip(stamps, messages):
            assert state_of(d, ts) == "pending", (message, d.request(ts))


@test
def what_is_no_request():
    with desk() as d:
        parent = d.sandbox.say("no link")
        d.sandbox.say(f"{BASE}/looks/1", subtype="bot_message", bot_id="B0OTHER")
        d.sandbox.say(f"{BASE}/looks/1", subtype="channel_join")
        d.sandbox.say(f"{BASE}/looks/1", subtype="some_new_subtype")
        d.sandbox.say(f"thanks {BASE}/looks/99", thread_ts=parent, subtype="thread_broadcast")
        d.batch(expect=None)
        assert [row["ts"] for row in d.requests()] == [parent]


@test
def several_channels_private_ones_and_ids():
    with desk({"slack": {"channels": f"{CHANNEL};#help-verify-credit"}}) as d:
        one = d.sandbox.say(f"{d.sandbox.look(1)}")
        two = d.sandbox.say(f"{d.sandbox.look(4)}", channel="help-verify-credit")
        d.batch()
        assert state_of(d, one) == state_of(d, two) == "pending"
        d.set({"slack": {"channels": "C0PRIVATE2;#general;#help-sms-old;#finance-private"}})
        three = d.sandbox.say(f"{d.sandbox.look(8)}", channel="help-verify-credit")
        summary = d.batch(expect=1)
        assert state_of(d, three) == "pending" and len(summary["problems"]) == 3, summary
        d.set({"slack": {"channels": "#general;#finance-private"}})
        summary = d.batch(expect=None)
        assert any("invite" in problem for problem in summary["problems"]), summary


@test
def pages_a_rate_limit_in_the_middle_and_an_empty_page():
    with desk({"slack": {"ask_for_link": "never", "page_size": "50"}, "http": {"retries": "3"}}) as d:
        d.sandbox.call("/setting", {"slack_page_cap": 40, "slack_empty_first_page": 1})
        stamps = [d.sandbox.say(f"message {i} without a link", age_s=300 - i) for i in range(250)]
        d.sandbox.fault(service="slack", match="conversations.history", after=3, times=1, kind="status",
                        status=429, retry_after=1)
        summary = d.batch()
        assert summary["new"] == 250 and summary["needs_link"] == 250, summary["new"]
        assert {row["ts"] for row in d.requests()} == set(stamps)
        assert d.batch()["new"] == 0


@test
def a_page_that_fails_loses_nothing():
    with desk({"slack": {"ask_for_link": "never", "page_size": "50"}, "http": {"retries": "0"}}) as d:
        stamps = [d.sandbox.say(f"message {i}", age_s=300 - i) for i in range(120)]
        d.sandbox.fault(service="slack", match="conversations.history", after=1, times=1, kind="malformed")
        d.batch(expect=None)
        d.batch()
        assert {row["ts"] for row in d.requests()} == set(stamps)


def set_cursor(d, at):
    with sqlite3.connect(d.state / "creditbot.db") as db:
        db.execute("UPDATE \"values\" SET value = ? WHERE key LIKE 'cursor:%'", (f"{at:.6f}",))
        assert db.total_changes == 1


@test
def an_outage_longer_than_the_look_back():
    with desk({"slack": {"lookback": "1h", "ask_for_link": "never"}}) as d:
        d.batch()
        set_cursor(d, time.time() - 5 * 86400)
        ts = d.sandbox.say(f"{d.sandbox.look(1)}", age_s=4 * 86400)
        d.batch()
        assert state_of(d, ts) == "pending"


@test
def an_answer_or_an_edit_after_weeks():
    with desk({"slack": {"lookback": "1h", "ask_for_link": "never"}}) as d:
        stamps = [d.sandbox.say("no link", age_s=20 * 86400 - i) for i in range(3)]
        d.batch()
        set_cursor(d, time.time() - 30 * 86400)
        d.batch()
        set_cursor(d, time.time())
        assert {state_of(d, ts) for ts in stamps} == {"needs_link"}
        d.sandbox.say(f"here {d.sandbox.look(1)}", thread_ts=stamps[0])
        d.sandbox.call("/message/edit", {"channel": CHANNEL[1:], "ts": stamps[1], "text": d.sandbox.look(4)})
        d.batch()
        assert [state_of(d, ts) for ts in stamps] == ["pending", "pending", "needs_link"]


@test
def expired_and_limited_tokens_are_exit_three():
    for token in ({"state": "expired"}, {"state": "revoked"}, {"state": "inactive"},
                  {"scopes": "chat:write,users:read"}):
        with desk() as d:
            d.sandbox.say(f"{d.sandbox.look(1)}")
            d.sandbox.call("/token", {"service": "slack", **token})
            result = d.run("--batch")
            assert result.code == 3, (token, result)
            assert d.run("doctor").code == 3


@test
def looker_and_the_warehouse_out_of_reach():
    for broken in ({"looker": {"client_secret": "wrong"}}, {"warehouse": {"url": "http://127.0.0.1:1"}},
                   {"looker": {"api_url": "http://127.0.0.1:1/api/4.0"}}):
        with desk({**broken, "http": {"retries": "0"}}) as d:
            ts = d.sandbox.say(f"{d.sandbox.look(1)}")
            assert d.run("--batch").code == 3, broken
            assert state_of(d, ts) == "failed" and d.sandbox.posts() == []


def service_log(d, service):
    return [row for row in d.sandbox.log() if row["service"] == service]


@test
def presto():
    with desk(AUTO) as d:
        d.set({"warehouse": {"driver": "presto", "url": d.sandbox.info["presto"]}})
        ts = d.sandbox.say(f"{d.sandbox.look(1)}")
        d.batch()
        assert state_of(d, ts) == "posted" and service_log(d, "presto") and not service_log(d, "trino")


@test
def an_exported_file():
    with desk(AUTO) as d:
        path = d.root / "export.db"
        with sqlite3.connect(path) as db, sqlite3.connect(d.root / "sandbox" / "sandbox.db") as source:
            db.execute("CREATE TABLE verify_attempts (day, country, prefix, product, attempts, conversions, cost)")
            db.executemany("INSERT INTO verify_attempts VALUES (?,?,?,?,?,?,?)", source.execute(
                "SELECT day, country, prefix, product, attempts, conversions, cost FROM verify_attempts "
                "WHERE account_name = 'acme-payments' AND product = 'Authy'"))
        before = path.read_bytes()
        put_look(d, 500, "SELECT day, country, attempts, conversions, cost FROM verify_attempts WHERE product = 'Authy'")
        trino = d.sandbox.say(f"{d.sandbox.look(1)}")
        d.set({"general": {"dry_run": "true"}})
        d.batch()
        d.set({"warehouse": {"driver": "sqlite", "path": str(path)}, "general": {"dry_run": "false"}})
        d.settings["warehouse"].pop("url")
        d.set({})
        ts = d.sandbox.say(f"{d.sandbox.look(500)}")
        d.batch()
        assert state_of(d, ts) == "posted", d.request(ts)
        assert path.read_bytes() == before
        assert float(d.request(ts)["amount"]) > 0 and state_of(d, trino) == "posted"


@test
def hard_data_fails_clearly():
    looks = {
        701: (SELECT.replace("conversions", "conversions AS x") + " WHERE product = 'Authy'", ["conversions", "x"]),
        702: ("DELETE FROM hive.analytics.verify_attempts WHERE product = 'Authy'", ["SELECT"]),
        703: ("SELECT 'Authy' AS day; SELECT 2", ["one"]),
        704: (SELECT + " WHERE product = 'Authy' AND no_such_column = 1", ["no_such_column"]),
        705: ("SELECT '2026-01-01' AS day, 'US' AS country, 'Authy' AS p, 9007199254740993 AS attempts, "
              "1 AS conversions, 99999999999999.99 AS cost FROM hive.analytics.verify_attempts LIMIT 3", []),
    }
    with desk() as d:
        stamps = {}
        for number, (sql, _) in looks.items():
            put_look(d, number, sql)
            stamps[number] = d.sandbox.say(d.sandbox.look(number))
        good = d.sandbox.say(d.sandbox.look(1))
        d.batch(expect=1)
        assert state_of(d, good) == "pending"
        for number, (_, words) in looks.items():
            row = d.request(stamps[number])
            assert row["state"] in ("failed", "pending"), row
            for word in words:
                assert row["state"] == "failed" and word.lower() in row["error"].lower(), row
        assert d.sandbox.posts() == []


@test
def a_look_that_was_mended_is_fetched_anew_by_the_retry():
    with desk() as d:
        put_look(d, 710, SELECT.replace("conversions", "conversions AS x") + " WHERE product = 'Authy'")
        ts = d.sandbox.say(d.sandbox.look(710))
        d.batch(expect=1)
        put_look(d, 710, SELECT + " WHERE product = 'Authy' AND account_name = 'acme-payments'")
        assert d.run("retry", str(d.request(ts)["id"])).code == 0
        assert state_of(d, ts) == "pending" and d.request(ts)["error"] is None, d.request(ts)


@test
def more_rows_than_max_rows_is_no_smaller_credit():
    with desk({"warehouse": {"max_rows": "10"}}) as d:
        ts = d.sandbox.say(d.sandbox.look(1))
        d.batch(expect=1)
        row = d.request(ts)
        assert row["state"] == "failed" and "max_rows" in row["error"] and row["amount"] is None, row


@test
def a_result_that_is_cut_is_no_smaller_credit():
    with desk({"http": {"retries": "0"}}) as d:
        for kind in ("reset_mid", "malformed", "wrong_shape"):
            d.sandbox.call("/setting", {"trino_page_rows": 5})
            d.sandbox.fault(service="trino", match="v1/statement/executing", after=6, times=0, kind=kind)
            ts = d.sandbox.say(d.sandbox.look(1))
            d.batch(expect=None)
            assert d.request(ts)["state"] == "failed" and d.request(ts)["amount"] is None, (kind, d.request(ts))
            d.sandbox.clear_faults()


@test
def other_currencies():
    with desk({**AUTO, "calculator.verify": {"currency": "EUR"}}) as d:
        ts = d.sandbox.say(d.sandbox.look(1))
        d.batch()
        assert d.request(ts)["currency"] == "EUR" and "EUR" in d.sandbox.posts()[0]["text"]


@test
def calc_of_a_file():
    with desk() as d:
        path = d.root / "q.sql"
        path.write_text(SELECT + " WHERE product = 'Authy' AND account_name = 'acme-payments';\n")
        result = d.run("calc", "--sql", str(path), "--json")
        assert result.code == 0 and float(result.json()["amount"]) > 0, result
        text = d.run("calc", "--sql", str(path))
        assert text.code == 0 and result.json()["currency"] in text.out, text
        assert not (d.state / "creditbot.db").exists() or d.requests() == []


main()
