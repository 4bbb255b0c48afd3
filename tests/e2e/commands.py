#!/usr/bin/env python3
"""The reading commands, their JSON, and the exit codes."""
import json
import os
import pathlib
import pty
import sqlite3
import subprocess

from harness import AUTO, CREDITBOT, Skip, desk, main, test

REQUEST_KEYS = {"id", "channel", "ts", "thread_ts", "state", "product", "amount", "currency", "requester",
                "received_at", "error"}
PASS_KEYS = {"pass", "found", "new", "ignored", "needs_link", "calculated", "pending", "posted", "failed",
             "dry_run", "duration_ms", "requests"}
CALC_KEYS = {"amount", "currency", "interval", "product", "calculator", "sql_sha256", "rows", "segments",
             "reasons"}
SEGMENT_KEYS = {"country", "day", "attempts", "conversions", "baseline", "attacked", "credit"}


@test
def shapes_of_json():
    with desk(AUTO) as d:
        ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        summary = d.batch()
        assert PASS_KEYS <= set(summary), summary
        assert {"id", "channel", "ts", "state", "product", "amount", "currency", "error"} <= set(
            summary["requests"][0])
        assert REQUEST_KEYS <= set(d.request(ts)), d.request(ts)
        number = str(d.request(ts)["id"])
        for command in (["show", number], ["stats"]):
            assert isinstance(d.run(*command, "--json").json(), dict), command
        for command in (["history"], ["logs"], ["list", "--state", "posted"]):
            rows = d.run(*command, "--json").lines()
            assert rows and all(isinstance(row, dict) for row in rows), command


@test
def one_calculation_stores_and_posts_nothing():
    with desk() as d:
        result = d.run("calc", "--looker", "https://looker.example.com/looks/1", "--json")
        assert result.code == 0, result
        body = result.json()
        assert CALC_KEYS <= set(body), body
        assert SEGMENT_KEYS <= set(body["segments"][0]), body["segments"][0]
        assert isinstance(body["amount"], str) and isinstance(body["interval"][0], str)
        assert d.requests() == [] and d.sandbox.posts() == []
        sql = d.root / "query.sql"
        sql.write_text("DELETE FROM verify_attempts")
        refused = d.run("calc", "--sql", str(sql))
        assert refused.code != 0 and refused.err, refused


@test
def usage_errors_are_exit_two():
    with desk() as d:
        for args in (["nosuch"], ["list", "--nosuch"], ["show"], ["show", "x"], ["--config", "/nonexistent", "list"]):
            result = d.run(*args)
            assert result.code == 2 and result.err, (args, result)
        near = d.run("aprove", "1")
        assert "approve" in near.err, near


@test
def every_command_has_help():
    with desk() as d:
        assert d.run("--version").out.startswith("creditbot ")
        text = d.run("--help").out
        for command in ("approve", "calc", "config", "doctor", "history", "list", "logs", "reject", "rerun",
                        "retry", "show", "state", "stats"):
            assert command in text, command
            result = d.run(command, "--help")
            assert result.code == 0 and "Usage" in result.out, (command, result)


@test
def config_show_prints_no_secret():
    with desk() as d:
        result = d.run("config", "show")
        assert result.code == 0 and d.sandbox.info["slack_token"] not in result.out, result
        assert d.sandbox.info["looker_client_secret"] not in result.out
        assert d.run("config", "check").code == 0
        d.conf.chmod(0o644)
        refused = d.run("list")
        assert refused.code == 2 and "chmod 600" in refused.err, refused


@test
def secrets_stand_in_no_log_and_no_state():
    with desk({**AUTO, "log": {"level": "trace"}}) as d:
        d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        result = d.run("--batch")
        secrets = [d.sandbox.info["slack_token"], d.sandbox.info["looker_client_secret"]]
        files = [path for path in d.state.rglob("*") if path.is_file()]
        blob = b"".join(path.read_bytes() for path in files) + (result.out + result.err).encode()
        for secret in secrets:
            assert secret.encode() not in blob, secret
        for path in files:
            assert path.stat().st_mode & 0o077 == 0, path


@test
def a_damaged_or_newer_state_is_exit_five_before_anything_is_posted():
    with desk(AUTO) as d:
        d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        d.set({"general": {"dry_run": "true"}})
        d.batch()
        d.set({"general": {"dry_run": "false"}})
        database = d.state / "creditbot.db"
        whole = database.read_bytes()
        for damage in (b"this is no database" * 100, whole[:100] + b"\xff" * 3000 + whole[3100:]):
            for path in d.state.glob("creditbot.db-*"):
                path.unlink()
            database.write_bytes(damage)
            result = d.run("--batch")
            assert result.code == 5, result
            assert d.sandbox.posts() == []


@test
def state_verify_is_well_and_backup_restores():
    with desk(AUTO) as d:
        ts = d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        d.batch()
        assert d.run("state", "verify").code == 0
        copy = d.root / "copy.db"
        assert d.run("state", "backup", str(copy)).code == 0
        d.sandbox.say(f"another {d.sandbox.look(2)}")
        d.batch()
        assert len(d.requests()) == 2
        assert d.run("state", "restore", str(copy), "--yes").code == 0
        assert [row["ts"] for row in d.requests()] == [ts]
        d.batch()
        assert len(d.sandbox.posts()) == 2, d.sandbox.posts()


@test
def text_output_is_safe_for_a_terminal():
    with desk() as d:
        ts = d.sandbox.say(f"evil \u001b]0;title\u0007\u202e {d.sandbox.look(1)}")
        d.batch()
        number = str(d.request(ts)["id"])
        for args in (["list"], ["show", number], ["history"], ["logs"]):
            out = d.run(*args).out
            bad = [c for c in out if (ord(c) < 32 and c not in "\n") or c in "\u202e\u009b\u007f"]
            assert not bad, (args, bad)


def on_a_terminal(d, *args):
    """What the program prints when its output is a terminal."""
    leader, follower = pty.openpty()
    with subprocess.Popen([CREDITBOT, "--config", str(d.conf), *args], env=d.environment({"TERM": "dumb"}),
                          stdin=subprocess.DEVNULL, stdout=follower) as process:
        os.close(follower)
        text = b""
        try:
            while part := os.read(leader, 65536):
                text += part
        except OSError:  # the other end is closed
            pass
        os.close(leader)
        assert process.wait() == 0, text
    return text.decode().replace("\r\n", "\n")


@test
def a_long_list_is_whole_in_a_pipe_and_ends_with_a_word_on_a_terminal():
    with desk() as d:
        d.batch()
        with sqlite3.connect(d.state / "creditbot.db") as state:
            state.executemany(
                "INSERT INTO requests (version, channel, ts, state, resume, attempts, next_attempt_at,"
                " received_at, state_at, hold_until, posted_at) VALUES (1, 'C1', ?, 'new', 'new', 0, 0, ?, 1, 0, 0)",
                ((f"{i}.000000", i * 1000000) for i in range(1, 602)))
        state.close()
        piped = d.run("list").out.splitlines()
        assert len(piped) == 602 and piped[1].split()[0] == "1" and piped[-1].split()[0] == "601", piped[-1]
        seen = on_a_terminal(d, "list").splitlines()
        assert len(seen) == 502 and seen[1].split()[0] == "102" and "--all" in seen[-1], (len(seen), seen[-1])
        assert len(on_a_terminal(d, "list", "--all").splitlines()) == 602
        assert len(d.run("list", "--limit", "3").out.splitlines()) == 4


@test
def without_libcurl_the_state_is_read_and_the_rest_says_why():
    with desk() as d:
        d.batch()
        broken = d.root / "libcurl.so.4"
        broken.write_text("no library")
        env = {"LD_LIBRARY_PATH": str(d.root)}
        if d.run("--version", env=env).code != 0:
            raise Skip("libcurl is linked")
        assert d.run("list", env=env).code == 0
        refused = d.run("--batch", env=env)
        assert refused.code == 2 and "libcurl" in refused.err, refused


@test
def no_colour_off_a_terminal():
    with desk() as d:
        d.sandbox.say(f"please credit {d.sandbox.look(1)}")
        assert "\u001b" not in d.run("--batch").err
        assert os.access(CREDITBOT, os.X_OK) and pathlib.Path(CREDITBOT).exists()
        assert json.dumps(d.requests())


main()
