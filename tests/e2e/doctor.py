#!/usr/bin/env python3
"""The doctor names what is wrong, with the fix."""
from harness import desk, main, test


def sick(d, name, *words):
    result = d.run("doctor", "--json")
    assert result.code == 3, result
    checks = result.lines()
    if len(checks) == 1 and "checks" in checks[0]:
        checks = checks[0]["checks"]
    bad = [check for check in checks if check["status"] == "fail"]
    assert any(check["name"].startswith(name) and check["fix"] for check in bad), (name, checks)
    text = d.run("doctor").out.lower()
    for word in words:
        assert word in text, (word, text)


@test
def all_is_well():
    with desk() as d:
        result = d.run("doctor")
        assert result.code == 0, result


@test
def a_revoked_token():
    with desk() as d:
        d.sandbox.call("/token", {"service": "slack", "status": "revoked"})
        sick(d, "slack", "token_revoked")


@test
def a_bot_that_is_not_in_the_channel():
    with desk() as d:
        d.sandbox.call("/channel", {"name": "help-sms-credit-pumping-memos", "member": False})
        sick(d, "slack #help", "invite")


@test
def bad_looker_credentials():
    with desk({"looker": {"client_secret": "wrong-secret"}}) as d:
        sick(d, "looker", "looker_client_id")


@test
def an_unreachable_warehouse():
    with desk({"warehouse": {"url": "http://127.0.0.1:1"}, "http": {"retries": "0"}}) as d:
        sick(d, "warehouse", "[warehouse] url")


@test
def a_configuration_with_an_unknown_key():
    with desk({"general": {"dry_rnu": "true"}}) as d:
        result = d.run("doctor")
        assert result.code == 2 and "dry_run" in result.out + result.err, result


main()
