#!/usr/bin/env python3
"""What is remembered: logs, history, copies of the state, the old file; what a dry run leaves; the one DM."""
import json
import os
import pathlib
import shutil
import signal
import subprocess

from harness import AUTO, Skip, desk, main, test, wait_for


def credit(d, look=1):
    return d.sandbox.say(f"please credit {d.sandbox.look(look)}")


def state_of(d, ts):
    return d.request(ts)["state"]


def number_of(d, ts):
    return str(d.request(ts)["id"])


@test
def lists_history_and_stats_choose():
    with desk(AUTO) as d:
        posted, ignored, waits = credit(d), credit(d, 90), d.sandbox.say("no link")
        d.batch()
        assert [row["ts"] for row in d.requests("--state", "posted")] == [posted]
        assert {row["ts"] for row in d.requests("--state", "posted,ignored")} == {posted, ignored}
        assert [row["ts"] for row in d.requests("--state", "open")] == [waits]
        assert d.run("list", "--state", "nosuch").code == 2
        assert {row["ts"] for row in d.run("history", "--json").lines()} == {posted, ignored}
        assert d.run("history", "--json", "--since", "2099-01-01").lines() == []
        assert posted in [row["ts"] for row in d.run("history", "--json", "--grep", "ACME-PAY").lines()]
        assert d.run("history", "--json", "--grep", "no such text").lines() == []
        assert d.run("stats", "--json").json()


@test
def logs_by_pass_run_level_and_word():
    with desk({**AUTO, "log": {"level": "debug"}}) as d:
        good, bad = credit(d), credit(d, 999999)
        number = d.batch(expect=1)["pass"]
        lines = d.run("logs", "--json", "--pass", str(number)).lines()
        assert lines and all(line["pass"] == number for line in lines), lines[:2]
        errors = d.run("logs", "--json", "--level", "error").lines()
        assert errors and all(line["level"] == "error" for line in errors)
        assert all("999999" in line["message"] for line in d.run("logs", "--json", "--grep", "999999").lines())
        assert d.run("logs", "--json", "--request", number_of(d, bad)).lines()
        runs = d.run("show", number_of(d, good), "--json").json()["runs"]
        assert d.run("logs", "--json", "--run", str(runs[0]["id"])).lines(), "no log of the run"
        follow = d.start("logs", "--json", "--follow")
        credit(d, 4)
        d.batch(expect=None)
        seen = []
        wait_for(lambda: seen.append(follow.stdout.readline()) or '"posted' in seen[-1] or "posted" in seen[-1],
                 "the line of the post")
        follow.send_signal(signal.SIGINT)
        follow.communicate(timeout=10)
        assert follow.returncode == 130, follow.returncode


@test
def export_and_import_carry_all_and_post_nothing_again():
    with desk(AUTO) as d:
        ts, waits = credit(d), d.sandbox.say("no link")
        d.batch()
        rows = d.requests()
        export = d.root / "all.jsonl"
        assert d.run("state", "export", str(export)).code == 0
        assert all("table" in json.loads(line) for line in export.read_text().splitlines())
        refused = d.run("state", "import", str(export))
        assert refused.code != 0 and "empty" in refused.err, refused
        for path in d.state.glob("creditbot.db*"):
            path.unlink()
        assert d.run("state", "import", str(export)).code == 0
        assert d.requests() == rows and d.run("state", "verify").code == 0
        assert d.batch()["posted"] == 0 and len(d.sandbox.posts()) == 2
        assert state_of(d, ts) == "posted" and state_of(d, waits) == "needs_link"
        pruned = d.run("state", "prune", "--before", "2099-01-01")
        assert pruned.code == 0 and d.requests() == rows, pruned
        assert d.run("logs", "--json").lines() == [] and d.run("state", "verify").code == 0


@test
def a_changed_row_of_the_audit_log_is_named():
    import sqlite3
    with desk(AUTO) as d:
        credit(d)
        d.batch()
        with sqlite3.connect(d.state / "creditbot.db") as db:
            db.execute("DROP TRIGGER events_stay_same")
            db.execute("UPDATE events SET actor = 'nobody' WHERE id = 2")
        result = d.run("state", "verify")
        assert result.code == 5 and "event 2" in result.out + result.err, result


@test
def the_lines_of_the_old_runbook_still_work():
    if not shutil.which("jq"):
        raise Skip("no jq here")
    with desk(AUTO) as d:
        old = d.root / "processed_messages.json"
        old.write_text(json.dumps({"processed_messages": [
            {"message_id": "1512085950.000216", "timestamp": "2026-01-14T15:30:45", "extra": 1}]}))
        assert d.run("state", "import", str(old)).code == 0
        ts = credit(d)
        d.batch()
        file = str(d.state / "processed_messages.json")

        def jq(text):
            return subprocess.run(["jq", text, file], check=True, capture_output=True, text=True).stdout
        assert jq(".processed_messages | length").strip() == "2"
        assert jq('[.processed_messages[] | select(.timestamp > "2026-01-07")] | length').strip() == "2"
        assert json.loads(jq(f'.processed_messages[] | select(.message_id=="{ts}")'))["message_id"] == ts
        assert json.loads(jq('.processed_messages[] | select(.message_id=="1512085950.000216")'))["extra"] == 1


@test
def a_dry_run_leaves_no_trace_in_slack_and_no_decision():
    with desk({**AUTO, "retry": {"attempts": "1"}}) as d:
        d.set({"general": {"dry_run": "true"}})
        ts, dead = credit(d), credit(d, 999999)
        d.sandbox.say("no link")
        d.batch(expect=1)
        number = number_of(d, ts)
        for args in (["approve", number, "--reason", "x"], ["reject", number, "--reason", "x", "--notify"],
                     ["rerun", number], ["retry", number_of(d, dead)]):
            d.run(*args)
        assert d.sandbox.posts() == [] and state_of(d, ts) == "pending" and state_of(d, dead) == "dead"
        shown = d.run("show", number, "--json").json()
        assert shown["approvals"] in ([], 0), shown["approvals"]
        for text in (d.run("--batch").out, d.run("--batch").err, d.run("approve", number, "--reason", "x").out):
            assert "dry run" in text.lower(), text
        d.set({"general": {"dry_run": "false"}})
        assert d.batch("--dry-run", expect=None)["dry_run"] and d.sandbox.posts() == []
        d.batch()
        said = sorted(bool(post["thread_ts"]) for post in d.sandbox.posts())
        assert said == [False, True, True], d.sandbox.posts()
        d.batch()
        assert len(d.sandbox.posts()) == 3


@test
def the_dm_about_a_dead_request_is_sent_once_and_none_before():
    with desk({"retry": {"attempts": "3", "delay": "1s"}}) as d:
        ts = credit(d, 999999)
        d.sandbox.fault(service="slack", match="chat.postMessage", times=1, kind="land_then_reset")

        def dead():
            d.batch(expect=None)
            row = d.request(ts)
            assert row["state"] == "dead" or d.sandbox.posts() == [], row
            return row["state"] == "dead"
        wait_for(dead, "the request to be dead")
        row = d.request(ts)
        assert row["attempts"] == 3 and row["next_attempt_at"] is None, row
        for _ in range(2):
            d.batch(expect=None)
        posts = d.sandbox.posts()
        assert len(posts) == 1 and not posts[0]["thread_ts"] and row["channel_name"] in posts[0]["text"], posts


@test
def secrets_are_in_no_place():
    with desk({**AUTO, "log": {"level": "trace"}}) as d:
        log = d.root / "bot.log"
        d.set({"log": {"file": str(log)}})
        info = d.sandbox.info
        secrets = [info["slack_token"], info["looker_client_secret"], info.get("trino_password")]
        credit(d)
        credit(d, 999999)
        d.sandbox.fault(service="looker", match="login", times=1, kind="malformed",
                        body=f'{{"x":"{info["looker_client_secret"]}"')
        outputs = [d.run("--batch"), d.run("doctor"), d.run("config", "show"), d.run("logs", "--json"),
                   d.run("state", "export"), d.run("list", "--json"), d.run("show", "1", "--json")]
        assert d.run("state", "backup", str(d.root / "b.db")).code == 0
        blob = "".join(result.out + result.err for result in outputs).encode()
        blob += b"".join(path.read_bytes() for path in [log, d.root / "b.db", *d.state.rglob("*")] if path.is_file())
        for secret in filter(None, secrets):
            assert secret.encode() not in blob, secret


@test
def nobody_looks_into_the_process():
    with desk(AUTO) as d:
        credit(d)
        d.sandbox.fault(service="trino", match="v1/statement", times=0, kind="latency_ms", ms=3000)
        process = d.start("--batch")
        wait_for(lambda: d.requests(), "the pass")
        proc = pathlib.Path(f"/proc/{process.pid}")
        if b"__asan" not in pathlib.Path(os.readlink(proc / "exe")).read_bytes():
            assert "Max core file size        0" in (proc / "limits").read_text()
        assert d.sandbox.info["slack_token"].encode() not in (proc / "cmdline").read_bytes()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
        assert process.returncode == 143


main()
