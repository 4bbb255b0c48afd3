#!/usr/bin/env python3
"""Acting: amounts set by hand, corrections after the post, links given, pauses, claims."""
import time

from harness import as_person, desk, main, share, test, wait_for

MARA, JONAS = 61001, 61002


def pending(d, env=None, look=1):
    ts = d.sandbox.say(f"please credit {d.sandbox.look(look)}")
    assert d.run("--batch", env=env).code == 0
    row = d.request(ts)
    assert row["state"] == "pending", row
    return ts, str(row["id"])


def shown(d, number):
    return d.run("show", number, "--json").json()


def posted(d, env, number, person=JONAS):
    result = as_person(d, person, "approve", number, "--reason", "agreed", "--no-wait", env=env)
    assert result.code == 0, result
    assert d.run("--batch", env=env).code == 0
    assert shown(d, number)["state"] == "posted", shown(d, number)


@test
def an_amount_set_by_hand_is_posted_after_another_person_approved_it():
    with desk() as d:
        env = share(d)
        ts, number = pending(d, env)
        before = d.request(ts)["amount"]
        result = as_person(d, MARA, "override", number, "--amount", "12.34", "--reason", "as agreed")
        assert result.code == 0 and "12.34 USD" in result.out and "by hand" in result.out, result
        own = as_person(d, MARA, "approve", number, "--reason", "mine", "--no-wait")
        assert own.code != 0 and "another person" in own.err, own
        posted(d, env, number)
        post, = d.sandbox.posts()
        assert "12.34 USD" in post["text"] and "set by hand" in post["text"], post
        assert "as agreed" not in post["text"] and before not in post["text"], post
        row = shown(d, number)
        assert row["runs"][-1]["by_hand"] and "as agreed" in row["runs"][-1]["by_hand"], row["runs"]
        assert "as agreed" in row["unusual"][0], row["unusual"]
        assert "as agreed" in d.run("show", number).out
        assert d.run("state", "verify").code == 0


@test
def an_override_wants_an_amount_and_a_reason_and_a_dry_run_records_nothing():
    with desk() as d:
        ts, number = pending(d)
        assert d.run("override", number, "--reason", "why").code == 2
        assert d.run("override", number, "--amount", "-1", "--reason", "why").code == 2
        assert d.run("override", number, "--amount", "1.5 USD", "--reason", "why").code == 2
        assert d.run("override", number, "--amount", "1.50").code == 2
        dry = d.run("override", number, "--amount", "1.50", "--reason", "why", "--dry-run")
        assert dry.code == 0 and "1.50 USD" in dry.out and "DRY RUN" in dry.out, dry
        assert len(shown(d, number)["runs"]) == 1
        assert d.request(ts)["amount"] != "1.50"


@test
def the_rule_posts_no_amount_set_by_hand():
    with desk() as d:
        ts, number = pending(d)
        assert d.run("override", number, "--amount", "1.50", "--reason", "why").code == 0
        d.set({"approval": {"mode": "auto", "auto_limit": "1000000", "hold_unusual": "false"}})
        d.batch()
        assert d.request(ts)["state"] == "pending" and d.sandbox.posts() == []


@test
def a_correction_is_posted_into_the_same_thread_and_the_original_stays():
    with desk() as d:
        env = share(d)
        ts, number = pending(d, env)
        before = d.request(ts)["amount"]
        posted(d, env, number, MARA)
        result = as_person(d, MARA, "correct", number, "--amount", "5.00", "--reason", "wrong month",
                           "--json")
        assert result.code == 0, result
        row = result.json()
        correction = str(row["id"])
        assert row["corrects"] == int(number) and row["state"] == "pending", row
        own = as_person(d, MARA, "approve", correction, "--reason", "mine", "--no-wait")
        assert own.code != 0, own
        posted(d, env, correction)
        first, second = d.sandbox.posts()
        assert second["thread_ts"] == ts and second["text"].startswith("Correction: "), second
        assert "5.00 USD" in second["text"] and "instead of" in second["text"], second
        assert before in second["text"].replace(",", ""), second
        assert first["message"]["metadata"]["event_payload"]["kind"] == "result", first
        assert second["message"]["metadata"]["event_payload"]["kind"] == "correction", second
        original = shown(d, number)
        assert original["state"] == "posted" and original["corrected_by"] == int(correction), original
        again = d.run("correct", number, "--reason", "again")
        assert again.code != 0 and correction in again.err, again
        d.run("--batch", env=env)
        assert len(d.sandbox.posts()) == 2
        assert d.run("state", "verify").code == 0


@test
def a_correction_without_an_amount_is_worked_out_anew():
    with desk() as d:
        ts, number = pending(d)
        assert d.run("approve", number, "--reason", "fine").code == 0
        d.sandbox.call("/data", {"sql": "UPDATE verify_attempts SET cost = cost * 2"})
        row = d.run("correct", number, "--reason", "prices were wrong", "--json").json()
        d.batch()
        correction = shown(d, str(row["id"]))
        assert correction["state"] == "pending", correction
        assert correction["amount"] != shown(d, number)["amount"]
        assert "credited before" not in correction["unusual"], correction["unusual"]
        assert "asked twice" not in correction["unusual"], correction["unusual"]
        assert d.run("approve", str(row["id"]), "--reason", "right now").code == 0
        assert len(d.sandbox.posts(thread_ts=ts)) == 2


@test
def a_rejected_correction_says_nothing_and_leaves_what_is_posted():
    with desk({"approval": {"notify_rejection": "true"}}) as d:
        ts, number = pending(d)
        assert d.run("approve", number, "--reason", "fine").code == 0
        row = d.run("correct", number, "--amount", "5.00", "--reason", "hm", "--json").json()
        assert d.run("reject", str(row["id"]), "--reason", "it was right").code == 0
        assert len(d.sandbox.posts(thread_ts=ts)) == 1
        original = shown(d, number)
        assert original["state"] == "posted" and original["corrected_by"] is None, original
        assert d.run("correct", number, "--amount", "6.00", "--reason", "really").code == 0


@test
def a_restored_state_posts_no_second_correction_over_one_that_it_does_not_know():
    with desk() as d:
        ts, number = pending(d)
        assert d.run("approve", number, "--reason", "fine").code == 0
        backup = d.root / "backup.db"
        assert d.run("state", "backup", str(backup)).code == 0

        def correct():
            d.sandbox.call("/data", {"sql": "UPDATE verify_attempts SET cost = cost * 2"})
            row = d.run("correct", number, "--reason", "prices were wrong", "--json").json()
            d.batch()
            return row, d.run("approve", str(row["id"]), "--reason", "right now")
        assert correct()[1].code == 0 and len(d.sandbox.posts(thread_ts=ts)) == 2
        assert d.run("state", "restore", str(backup), "--yes").code == 0
        row, done = correct()
        assert done.code != 0 and "does not know of" in done.err, done
        assert len(d.sandbox.posts(thread_ts=ts)) == 2
        assert shown(d, str(row["id"]))["state"] == "failed"
        assert d.run("reject", str(row["id"]), "--reason", "it is corrected already").code == 0


@test
def only_what_is_posted_is_corrected():
    with desk() as d:
        _, number = pending(d)
        early = d.run("correct", number, "--amount", "5.00", "--reason", "why")
        assert early.code != 0 and "posted" in early.err, early
        late = d.run("override", "4711", "--amount", "5.00", "--reason", "why")
        assert late.code != 0, late


@test
def the_walk_takes_an_edit_for_the_original_alone():
    with desk() as d:
        ts, number = pending(d)
        assert d.run("approve", number, "--reason", "fine").code == 0
        row = d.run("correct", number, "--amount", "5.00", "--reason", "hm", "--json").json()
        d.sandbox.say(f"rather {d.sandbox.look(2)}", edit=ts)
        d.batch()
        assert shown(d, number)["link_later"] is not None
        correction = shown(d, str(row["id"]))
        assert correction["state"] == "pending" and correction["link_later"] is None, correction


@test
def a_link_is_given_or_refused_with_why():
    with desk() as d:
        ts = d.sandbox.say("no link here")
        d.batch()
        number = str(d.request(ts)["id"])
        bad = d.run("link", number, "https://looker.example.org/looks/1")
        assert bad.code != 0 and "does not count" in bad.err, bad
        assert d.run("link", number).code == 2
        good = d.run("link", number, "https://looker.example.com/looks/1")
        assert good.code == 0 and d.request(ts)["state"] == "pending", good


@test
def a_pause_for_a_time_ends_by_itself():
    with desk() as d:
        assert d.run("pause", "--reason", "disk", "--for", "2h", "--until", "2030-01-01").code == 2
        assert d.run("pause", "--reason", "disk", "--until", "2020-01-01").code == 2
        result = d.run("pause", "--reason", "disk", "--for", "1h", "--json").json()
        assert result["paused"] and result["until"] and "disk" in result["who"], result
        paused = d.run("--batch", "--json")
        assert paused.code != 0 and "paused" in paused.err, paused
        assert d.run("pause", "--reason", "short", "--for", "1ms").code == 0
        assert d.run("--batch", "--json").code == 0


@test
def another_process_stops_even_the_statement_that_asks_for_the_columns():
    with desk() as d:
        ts, number = pending(d)
        for dry in ([], ["--dry-run"]):
            d.sandbox.fault(service="trino", match="v1/statement", times=1, kind="latency_ms", ms=30000)
            begun = time.monotonic()
            process = d.start("rerun", number, *dry)
            wait_for(lambda: d.run("cancel", number).code == 0, "a query to be stopped")
            _, err = process.communicate(timeout=20)
            assert process.returncode != 0 and time.monotonic() - begun < 20, (process.returncode, err)
            assert d.request(ts)["state"] == "pending", d.request(ts)
            d.sandbox.clear_faults()


@test
def releasing_what_nobody_claims_is_said():
    with desk() as d:
        _, number = pending(d)
        result = d.run("release", number)
        assert result.code != 0 and number in result.err, result


main()
