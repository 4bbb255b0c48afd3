#!/usr/bin/env python3
"""Planted secrets, given by the configuration, by .env or by the environment: no artefact of a full run holds one,
no child gets one, and the memory that holds them is nobody else's."""
import base64
import os
import re
import signal
import subprocess
import time
import urllib.parse

from harness import AUTO, CREDITBOT, Console, Skip, desk, has_failpoints, main, test, wait_for

NAMES = {"SLACK_BOT_TOKEN": ("slack", "token"), "LOOKER_CLIENT_SECRET": ("looker", "client_secret"),
         "PRESTO_PASSWORD": ("warehouse", "password")}


def forms(secret):
    """A secret as it is, in a URL, in Base64 at each of the three offsets, in hexadecimal."""
    raw = secret.encode()
    found = {raw, urllib.parse.quote(secret, safe="").encode(), raw.hex().encode()}
    for shift in range(3):
        whole = base64.b64encode(b"x" * shift + raw)
        found.add(whole[4 if shift else 0:-4])
    return found


def secrets_of(d):
    info = d.sandbox.info
    return [info["slack_token"], info["looker_client_secret"], d.settings["warehouse"].get("password")
            or d.planted["PRESTO_PASSWORD"]]


def assert_clean(d, blob, what):
    for secret in secrets_of(d):
        for form in forms(secret):
            assert form not in blob, (what, secret, blob[max(0, blob.find(form) - 300):][:700])


def plant(d, way):
    """The secrets stand in the configuration, in a .env beside it, or in the environment (which comes back)."""
    info = d.sandbox.info
    d.planted = {"SLACK_BOT_TOKEN": info["slack_token"], "LOOKER_CLIENT_SECRET": info["looker_client_secret"],
                 "PRESTO_PASSWORD": info.get("trino_password") or "planted/pass word+1%"}
    if way == "config":
        d.set({"warehouse": {"password": d.planted["PRESTO_PASSWORD"]}})
        return {}
    for section, key in NAMES.values():
        d.settings[section].pop(key, None)
    d.set({})
    if way == "environment":
        return d.planted
    env = d.root / ".env"
    env.write_text("".join(f"{name}='{value}'\n" for name, value in d.planted.items()))
    env.chmod(0o600)
    return {}


def everything(d, env):
    """A full run at the finest log level: works, fails, and prints; what it said."""
    d.set({"log": {"level": "trace", "file": str(d.root / "run.log")}, "retry": {"attempts": "1"}})
    said = []

    def run(*args):
        result = d.run(*args, env=env)
        assert_clean(d, (result.out + result.err).encode(), args)
        said.append(result)
        return result
    one = d.sandbox.say(f"credit {d.sandbox.look(1)}")
    d.sandbox.say("no link here")
    run("--batch", "--verbose")
    number = str(d.request(one)["id"])
    run("approve", number, "--reason", "fine", "--no-wait", "--verbose")
    run("--batch", "--json", "--verbose")
    # Services that repeat what they were sent, and refuse it.
    for service in ("slack", "looker", "trino"):
        echo = " ".join(d.planted.values())
        d.sandbox.fault(service=service, kind="error", error=echo, message=echo, status=400, times=2)
        d.sandbox.fault(service=service, kind="malformed", body=f'{{"ok":false,"error":"{echo}",'
                        f'"message":"{echo}","needed":"{echo}"}}', times=2)
        d.sandbox.fault(service=service, kind="status", status=401, times=1)
        d.sandbox.say(f"again {d.sandbox.look(2)}")
        run("--batch", "--verbose")
        run("doctor", "--verbose")
        d.sandbox.clear_faults()
    for args in (["list"], ["show", number], ["history"], ["logs", "--all"], ["stats"], ["doctor"], ["config", "show"],
                 ["config", "check"], ["config", "keys"], ["state", "verify"], ["state", "export"],
                 ["state", "export", "--processed"]):
        run(*args)
        run(*args, "--json")
    run("state", "backup", str(d.root / "copy.db"))
    return said


def artefacts(d):
    for folder, _, names in os.walk(d.root):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.join(str(d.root), "sandbox") in folder or path in (str(d.conf), str(d.root / ".env")):
                continue
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    yield path, file.read()


@test
def no_artefact_of_a_full_run_holds_a_secret():
    for way in ("config", ".env", "environment"):
        with desk() as d:
            env = plant(d, way)
            said = everything(d, env)
            assert any("posted" in result.out + result.err for result in said), said[2]
            seen = 0
            for path, blob in artefacts(d):
                seen += 1
                assert_clean(d, blob, (way, path))
            assert seen >= 3, seen


def tattler(d, name):
    """A program that writes down its arguments and its environment, and those of /proc."""
    path = d.root / name
    path.write_text(f"#!/bin/sh\n(printf '%s\\n' \"$@\"; cat /proc/$$/cmdline /proc/$$/environ; echo; cat \"$@\""
                    f" 2>/dev/null) > '{d.root}/{name}.tmp'\nmv '{d.root}/{name}.tmp' '{d.root}/{name}.told'\n")
    path.chmod(0o755)
    return path


@test
def no_child_gets_a_secret():
    for way in ("environment", ".env"):
        with desk() as d:
            env = plant(d, way)
            d.sandbox.say(f"credit {d.sandbox.look(1)}")
            d.run("--batch", env=env)
            pager, opener = tattler(d, "pager"), tattler(d, "xdg-open")
            console = Console(d, {**env, "PAGER": str(pager), "DISPLAY": ":77",
                                  "PATH": f"{d.root}:{os.environ['PATH']}"})
            try:
                wait_for(lambda: b"pending" in console.drain(), "a row")
                for keys, name in ((b":pager sql\r", pager), (b":browse\r", opener)):
                    console.press(keys)
                    told = d.root / (name.name + ".told")
                    wait_for(lambda told=told: console.drain() and told.exists(), told)
                    blob = told.read_bytes()
                    assert b"PATH=" in blob, blob
                    assert_clean(d, blob, (way, name.name))
                    for variable in NAMES:
                        assert variable.encode() not in blob, (way, name.name, variable)
                assert_clean(d, console.drain(), "the console's terminal")
            finally:
                console.close()


def limits(pid):
    with open(f"/proc/{pid}/limits", encoding="ascii") as file:
        return next(line.split() for line in file if line.startswith("Max core file size"))


@test
def memory_is_not_dumped_and_a_crash_tells_nothing():
    with open(CREDITBOT, "rb") as program:
        if b"__asan_init" in program.read():
            raise Skip("a sanitiser needs to look into its own process")
    with desk() as d:
        env = plant(d, "environment")
        d.sandbox.say(f"credit {d.sandbox.look(1)}")
        console = Console(d, env)
        try:
            pid = console.process.pid
            assert limits(pid)[4:6] == ["0", "0"], limits(pid)
            for name in ("mem", "environ", "maps"):
                assert os.stat(f"/proc/{pid}/{name}").st_uid == 0, name
            os.kill(pid, signal.SIGABRT)
            wait_for(lambda: console.drain() is not None and console.process.poll() is not None, "its end")
            assert_clean(d, console.drain(), "what a crash says")
            assert not list(d.root.rglob("core*"))
            for path, blob in artefacts(d):
                assert_clean(d, blob, path)
        finally:
            console.close()


OTHER = ["setpriv", "--reuid=61001", "--regid=61001", "--clear-groups"]


def environment_as_other(pid):
    """What a process of that user reads of another of the same user."""
    return subprocess.run([*OTHER, "cat", f"/proc/{pid}/environ"], capture_output=True, check=False).stdout


@test
def not_even_the_same_user_reads_its_memory():
    if os.getuid() != 0:
        raise Skip("needs root to act as another person")
    with open(CREDITBOT, "rb") as program:
        if b"__asan_init" in program.read():
            raise Skip("a sanitiser needs to look into its own process")
    with desk() as d:
        home = d.root / "home"
        home.mkdir()
        os.chown(home, 61001, 61001)
        d.root.chmod(0o755)
        env = {**d.environment(plant(d, "environment")), "HOME": str(home), "XDG_STATE_HOME": str(home)}
        for command, readable in (["sleep", "60"], True), ([CREDITBOT, "logs", "--follow", "-"], False):
            with subprocess.Popen([*OTHER, *command], cwd=home, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  env=env) as process:
                try:
                    if readable:
                        wait_for(lambda pid=process.pid: b"SLACK_BOT_TOKEN=" in environment_as_other(pid), "sleep")
                    else:
                        process.stdin.write(b"a line\n")
                        process.stdin.flush()
                        assert process.stdout.readline() == b"a line\n"
                        assert environment_as_other(process.pid) == b"" and process.poll() is None
                        assert os.stat(f"/proc/{process.pid}/mem").st_uid == 0
                        assert limits(process.pid)[4:6] == ["0", "0"], limits(process.pid)
                finally:
                    process.kill()


@test
def every_file_is_its_owners_alone_whatever_the_umask():
    for mask in (0o000, 0o077, 0o777):
        before = os.umask(0o077)
        try:
            with desk() as d:
                env = plant(d, "environment")
                state = d.state / "deep" / "down"
                d.set({"general": {"state_dir": str(state)}, "log": {"file": str(d.root / "log")}})
                d.sandbox.say(f"credit {d.sandbox.look(1)}")
                os.umask(mask)
                for args in (["--batch"], ["list"], ["state", "backup", str(state / "copy.db")],
                             ["state", "export", str(state / "all.jsonl")],
                             ["state", "restore", str(state / "copy.db"), "--yes"]):
                    result = d.run(*args, env=env)
                    assert result.code == 0, (args, result)
                seen = 0
                for path in [state, d.root / "log", *state.rglob("*")]:
                    mode, seen = path.lstat().st_mode & 0o7777, seen + 1
                    assert mode == (0o700 if path.is_dir() else 0o600), (oct(mask), path, oct(mode))
                assert seen >= 5, seen
                os.umask(0o077)
        finally:
            os.umask(before)


# What the program may be told by the environment under its own name, each documented.
NAMED = {"CREDITBOT_CONFIG", "CREDITBOT_THEMES", "CREDITBOT_SANDBOX", "CREDITBOT_DEMO_NOW"}


@test
def debug_features_are_not_in_a_normal_build():
    if has_failpoints():
        raise Skip("a build with fail points")
    with open(CREDITBOT, "rb") as program:
        names = {name.decode() for name in re.findall(rb"CREDITBOT_[A-Z_]+(?=\0)", program.read())}
    assert names == NAMED, names
    with desk(AUTO) as d:
        marks = {name: str(d.root / "mark") for name in ("CREDITBOT_FAILPOINT", "CREDITBOT_FAILPOINT_TRACE")}
        stamp = d.sandbox.say(f"credit {d.sandbox.look(1)}")
        result = d.run("--batch", "--json", env={
            **marks, "CREDITBOT_TEST_NOW": "0", "CREDITBOT_DEMO_NOW": "0", "CREDITBOT_DEMO": "1",
            "CREDITBOT_SANDBOX": "/nowhere", "CREDITBOT_DRY_RUN": "1", "CREDITBOT_DEBUG": "1"})
        assert result.code == 0 and not (d.root / "mark").exists(), result
        assert len(d.sandbox.posts()) == 1, d.sandbox.posts()
        assert abs(time.time() - float(d.sandbox.posts()[0]["ts"])) < 300 and d.request(stamp)["state"] == "posted"


@test
def a_file_of_secrets_that_others_can_read_is_refused():
    with desk() as d:
        plant(d, ".env")
        (d.root / ".env").chmod(0o644)
        refused = d.run("--batch")
        assert refused.code == 2 and "chmod 600" in refused.err, refused
        assert_clean(d, refused.err.encode(), "the refusal")
    with desk() as d:
        plant(d, "config")
        for mode, good in ((0o644, False), (0o640, False), (0o602, False), (0o600, True)):
            d.conf.chmod(mode)
            result = d.run("config", "check")
            assert (result.code == 0) == good, (oct(mode), result)
            assert good or "chmod 600" in result.err, result
            assert_clean(d, result.err.encode(), "the refusal")
    with desk() as d:  # a configuration without a secret is nobody's secret, but nobody else's to write
        env = {**plant(d, "environment"), "LOOKER_CLIENT_ID": d.settings["looker"].pop("client_id")}
        d.set({})
        for mode, good in ((0o644, True), (0o666, False)):
            d.conf.chmod(mode)
            assert (d.run("config", "check", env=env).code == 0) == good, oct(mode)


main()
