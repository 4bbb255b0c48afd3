#!/usr/bin/env python3
"""Every line of tests/hostile.txt from outside: through Slack, Looker, the warehouse, operators and log files,
and then what every command prints, what every export holds, and what Slack is sent."""
import csv
import json
import os
import pathlib
import re
import subprocess
import time
import unicodedata

from harness import AUTO, CREDITBOT, Console, desk, main, test, wait_for

SOURCE = pathlib.Path(os.environ.get("CREDITBOT_SRCDIR", "."))
INVISIBLE = {0xAD, 0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10),
             *range(0x180B, 0x1810), *range(0xE0000, 0xE1000)}
PICTOGRAPHS = range(0x1F000, 0x1FB00)


def unescape(text):
    """\\xNN is a byte, \\uNNNN and \\UNNNNNNNN are code points, \\\\ is itself."""
    def one(found):
        word = found[0]
        if word == b"\\\\":
            return b"\\"
        value = int(word[2:], 16)
        return bytes([value]) if word[1:2] == b"x" else chr(value).encode()
    return re.sub(rb"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|\\)", one, text)


def payloads():
    rows = (line.split(maxsplit=1) for line in (SOURCE / "tests/hostile.txt").read_bytes().splitlines()
            if line and not line.startswith(b"#"))
    table = {name.decode(): unescape(text) for name, text in rows}
    assert len(table) > 50
    return table


PAYLOADS = payloads()
# What a JSON text can carry.
TEXTS = {name: raw.decode(errors="replace") for name, raw in PAYLOADS.items()}
ALL = "\n".join(f"{name} {{{text}}}" for name, text in TEXTS.items())
ONE_LINE = re.sub(r"[\n\r\0]", " ", ALL)


def hidden(text, allowed="\n"):
    """The characters of a printed text that no terminal may get."""
    bad = []
    for i, c in enumerate(text):
        joins = ord(c) == 0x200D and 0 < i < len(text) - 1 and ord(text[i + 1]) in PICTOGRAPHS
        if c in allowed or joins:
            continue
        if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") or ord(c) in INVISIBLE \
                or ord(c) & 0xFFFE == 0xFFFE:
            bad.append(f"U+{ord(c):04X}")
    return bad


def assert_text(blob, what):
    text = blob.decode()  # not valid UTF-8: fails
    bad = hidden(text)
    assert not bad, (what, sorted(set(bad)), next(line for line in text.splitlines() if hidden(line))[:300])
    assert not re.search("[\u0300-\u036f]{9}", text), (what, "a flood of marks")


def assert_json(blob, what):
    for line in blob.decode().splitlines():
        bad = hidden(line)
        assert not bad, (what, sorted(set(bad)), line[:300])
        json.loads(line)


def run(d, *args, given=None):
    done = subprocess.run([CREDITBOT, "--config", str(d.conf), *args], cwd=d.root, env=d.environment(),
                          input=given or b"", capture_output=True, timeout=60)
    assert b"Sanitizer" not in done.stderr, done.stderr
    assert_text(done.stderr, (args, "stderr"))
    return done


def fill(d, few=False):
    """A message, a person, a look and rows for each kind of field that comes from outside."""
    d.sandbox.call("/person", {"id": "U0HOSTILE1", "name": ONE_LINE[:400]})
    d.sandbox.call("/look", {"id": "77", "title": ALL, "sql":
                   "SELECT day, country, prefix, attempts, conversions, cost, account_name FROM"
                   " hive.analytics.verify_attempts WHERE product = 'Authy' AND country LIKE 'Z9%' -- "
                   + ONE_LINE})
    rows = []
    for i, text in enumerate(list(TEXTS.values())[:60]):
        for day in range(1, 15):
            rows.append({"account_sid": "AC9", "account_name": "Z9 <!channel> =1+1 \u202e<@U00000001>", "day":
                         f"2026-09-{day:02}", "country": "Z9" + text, "prefix": text, "carrier": text,
                         "attempts": 1000 if 8 <= day <= 10 and i < 3 else 100, "conversions": 60,
                         "cost": 5 * (1000 if 8 <= day <= 10 and i < 3 else 100) / 100, "product": "Authy"})
    d.sandbox.call("/data", {"table": "verify_attempts", "rows": rows})
    stamps = [d.sandbox.say(f"{d.sandbox.look(77)} {ALL}", user="U0HOSTILE1"),
              d.sandbox.say(f"{d.sandbox.look(1)} fine")]
    for text in list(TEXTS.values())[:6 if few else None]:
        stamps.append(d.sandbox.say(f"{text} no link", user="U0HOSTILE1"))
    return stamps


SETTINGS = {"slack": {"ask_for_link": "never"}, "log": {"level": "trace"}, "retry": {"attempts": "1"}}


@test
def every_command_prints_text_and_json_that_can_be_shown():
    with desk(SETTINGS) as d:
        stamps = fill(d)
        # An error text of the warehouse is theirs, too.
        d.sandbox.fault(service="trino", kind="error", message=ALL, times=1)
        for args in (["--batch"], ["--batch", "--json", "--verbose"], ["--batch", "--verbose"]):
            done = run(d, *args)
            (assert_json if "--json" in args else assert_text)(done.stdout, args)
        numbers = {row["ts"]: str(row["id"]) for row in d.requests()}
        first = numbers[stamps[0]]
        reason = ONE_LINE[:1500]
        for act in (["reject", numbers[stamps[3]], "--reason", reason], ["pause", reason], ["resume"],
                    ["override", first, "--amount", "5.00", "--reason", reason], ["rerun", first],
                    ["rerun", first, "--set", "window=" + reason], ["link", numbers[stamps[4]], reason],
                    ["approve", first, "--reason", reason, "--dry-run"], ["retry", numbers[stamps[5]]],
                    [reason[:100]], ["show", reason], ["list", "--" + reason], ["list", "--filter", reason],
                    ["list", "--state", reason], ["logs", "--level", reason], ["--config", reason, "list"],
                    ["calc", "--looker", reason], ["calc", "--sql", reason], ["--theme", reason, "list"],
                    ["calc", "--looker", d.sandbox.look(1)[1:-1], "--product", "a.b" + reason]):
            assert_text(run(d, *act).stdout, act[:2])
        reading = [["list"], ["list", "--all"], ["history"], ["history", "--all"], ["logs", "--all"], ["stats"],
                   ["doctor"], ["config", "show"], ["config", "check"], ["state", "verify"],
                   ["calc", "--looker", "https://looker.example.com/looks/77"], ["logs", "--filter", "a"]]
        reading += [["show", numbers[ts]] for ts in stamps[:8]]
        for args in reading:
            assert_text(run(d, *args).stdout, args)
            done = run(d, *args, "--json")
            if done.returncode != 2:
                assert_json(done.stdout, args)
        # A text that comes back from JSON is what Slack said.
        body = json.loads(run(d, "show", numbers[stamps[2]], "--json").stdout)
        assert body["text"].startswith(TEXTS["c0-start"]), body["text"]
        assert_json(run(d, "state", "export").stdout, "state export")
        whole = run(d, "state", "export", "--processed").stdout
        assert_text(whole, "state export --processed")
        json.loads(whole)
        for path in d.state.rglob("*"):
            if path.suffix in (".json", ".log", ".jsonl"):
                assert not hidden(path.read_text()), path


@test
def the_configuration_and_log_files_of_others_are_shown_safely():
    with desk(SETTINGS) as d:
        for name, raw in PAYLOADS.items():
            if re.search(rb"[\0\n\r]", raw):
                continue
            d.set({"general": {"environment": ""}})
            d.conf.write_bytes(d.conf.read_bytes().replace(b"environment=", b"environment=a" + raw))
            assert_text(run(d, "config", "show").stdout, ("config show", name))
            if name.startswith(("c0", "c1", "osc", "bidi")):
                assert_text(run(d, "config", "check").stdout, ("config check", name))
        d.set({"general": {"environment": "x"}})
        folder = os.fsencode(d.root)
        lines = b"\n".join(name.encode() + b" " + raw for name, raw in PAYLOADS.items())
        hostile = folder + b"/a\x1b]0;HOSTILETITLE\x07\xe2\x80\xae\x9b\xff.log"
        plain = folder + b"/b.log"
        for path in (hostile, plain):
            with open(path, "wb") as file:
                file.write(lines + b"\n{\"msg\":\"\\ud800\\u0000\\u001b[31m\\u202e\",\"level\":\"info\"}\n")
        for files in ([hostile], [hostile, plain], [hostile + b"none"], [b"-"]):
            given = lines if files == [b"-"] else b""
            assert_text(run(d, "logs", *files, given=given).stdout, files)
            assert_json(run(d, "logs", "--json", *files, given=given).stdout, files)
        for name in (hostile, folder + b"/none\x1b[31m\xff"):
            assert_text(run(d, "--theme", name, "list").stdout, name)
            assert_text(run(d, "state", "restore", name, "--yes").stdout, name)
            assert_text(run(d, "state", "backup", name + b"2").stdout, name)
            assert_text(run(d, "state", "import", name).stdout, name)
            assert_text(run(d, "calc", "--sql", name).stdout, name)


def texts_of(post):
    """Everything of a post that Slack shows as mrkdwn."""
    found = [post["text"]]
    blocks = post["message"].get("blocks") or []
    for block in blocks:
        found += [block["text"]["text"]]
    return found


BAIT = "see https://evil.example/a?b=1 www.evil.example evil.example/x #general @mara <mailto:a@evil.example> "


@test
def what_slack_is_sent_calls_nobody_and_links_nowhere():
    with desk({**AUTO, "retry": {"attempts": "1", "delay": "1s"}, "product.verify": {
            "match": "Authy", "calculator": "verify", "title": "<!here> Verify \u202e &"}}) as d:
        stamps = fill(d, few=True)
        d.sandbox.call("/look", {"id": "78", "title": "x", "sql": "SELECT 'Authy' -- " + ONE_LINE})
        d.sandbox.call("/dashboard", {"id": "377", "title": ALL, "elements": [
            {"title": text, "kind": "query", "ref": "9841"} for text in (ALL[:1500], ALL[1500:3000])]})
        stamps.append(d.sandbox.say("https://looker.example.com/dashboards/377"))
        d.sandbox.fault(service="looker", match="looks/78", kind="error", status=500, message=ALL, times=5)
        d.sandbox.say(f"{d.sandbox.look(78)} dead")
        d.batch(expect=None)
        rows = {row["ts"]: row for row in d.requests()}
        reason = "{" + ONE_LINE
        for i, stamp in enumerate(stamps[2:2 + len(reason) // 900 + 1]):
            done = run(d, "reject", str(rows[stamp]["id"]), "--notify", "--reason",
                       reason[i * 900:i * 900 + 900])
            assert done.returncode == 0, done
        first = rows[stamps[0]]
        if first["state"] == "pending":
            run(d, "approve", str(first["id"]), "--reason", "x", "--no-wait")
        done = run(d, "reject", str(rows[stamps[-2]]["id"]), "--notify", "--reason", BAIT)
        assert done.returncode == 0, done
        d.batch(expect=None)
        posts = d.sandbox.posts()
        for words in ("Recommended credit for Z9", "gave up", "Please provide", "No credit is recommended"):
            assert any(words in post["text"] for post in posts), (words, [post["text"] for post in posts])
        # The sandbox does to plain text what Slack does unless it is told not to.
        bait = [text for post in posts for text in texts_of(post) if "evil.example/x #general" in text]
        assert bait, [post["text"] for post in posts]
        for text in (text for post in posts for text in texts_of(post)):
            assert "<" not in text and ">" not in text, text
            assert not re.search(r"&(?!amp;|lt;|gt;)", text), text
            assert not re.search(r"@(here|channel|everyone)\b", text), text
            assert not hidden(text.replace("@\u2060", "@")), (hidden(text), text)


def cells(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.reader(file, strict=True))


def export(console, folder, name):
    """What the console writes by its own command."""
    path = folder / name

    def written():
        if path.exists() and len(path.read_bytes().splitlines()) > len(TEXTS):
            return True
        path.unlink(missing_ok=True)  # the list was not whole yet
        console.press(f":export {name}\r".encode())
        for _ in range(10):
            console.drain()
        return False
    wait_for(written, name)
    return path.read_bytes()


@test
def a_table_for_a_spreadsheet_runs_nothing():
    with desk(SETTINGS) as d:
        fill(d)
        d.batch(expect=None)
        with Console(d) as console:
            raw, lines = (export(console, d.root, name) for name in ("all.csv", "all.jsonl"))
        assert not hidden(raw.decode(), "\r\n"), hidden(raw.decode(), "\r\n")
        rows = cells(d.root / "all.csv")
        assert {len(row) for row in rows} == {len(rows[0])}, [row for row in rows if len(row) != len(rows[0])]
        for cell in (cell for row in rows[1:] for cell in row):
            number = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell)
            assert number or not re.match(r"[\s]*[=+\-@\t\r|%]", cell), cell
        assert_json(lines, "all.jsonl")


@test
def what_a_pager_is_given_steers_no_terminal():
    with desk(SETTINGS) as d:
        number = fill(d, few=True)[0]
        d.batch(expect=None)
        number = d.request(number)["id"]
        told = d.root / "told"
        pager = d.root / "pager"
        pager.write_text(f"#!/bin/sh\ncat \"$1\" > '{told}.tmp'\nmv '{told}.tmp' '{told}'\n")
        pager.chmod(0o755)
        with Console(d, {"PAGER": str(pager)}) as console:
            console.press(f"/id:{number}\r".encode())
            wait_for(lambda: f"{number}  ".encode() in console.drain(), "the row")
            for part in ("message", "sql", "result", "events", "log"):
                console.press(f":pager {part}\r".encode())
                wait_for(lambda: console.drain() and told.exists(), part)
                assert len(told.read_bytes()) > 20, part
                assert_text(told.read_bytes(), part)
                told.unlink()


@test
def what_no_text_can_hold_comes_in_escapes_of_json():
    with desk(SETTINGS) as d:
        escapes = "\\ud800 \\udfff\\ud83d \\u0000 \\u001b[31m \\u202e \\u2028 \\udb40\\udc01 \\u009b"
        stamp = f"{time.time() - 60:.6f}"
        d.sandbox.fault(service="slack", match="conversations.history", kind="malformed", times=1, body=
                        '{"ok":true,"has_more":false,"messages":[{"type":"message","user":"U0MARA0001","ts":"'
                        + stamp + '","text":"before ' + escapes + ' behind"}]}')
        d.batch(expect=None)
        number = str(d.request(stamp)["id"])
        for args in (["list"], ["show", number], ["logs", "--all"], ["state", "export"]):
            (assert_json if args[0] == "state" else assert_text)(run(d, *args).stdout, args)
            assert_json(run(d, *args, "--json").stdout, args)
        text = json.loads(run(d, "show", number, "--json").stdout)["text"]
        assert text.startswith("before \ufffd") and text.endswith(" behind") and "\u202e" in text, text


main()
