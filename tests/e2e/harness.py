"""The end-to-end harness: the real program against the sandbox, on loopback, in a folder of its own.

A test file calls test(function) for each case and main() at its end; the output is TAP. Everything that
is started is stopped by pid; nothing waits for a time, only for a condition with a deadline.
"""
import fcntl
import json
import os
import pathlib
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import traceback
import urllib.request

CREDITBOT = os.environ.get("CREDITBOT", "build/creditbot")
SANDBOX = os.environ.get("CREDITBOT_SANDBOX", "build/tests/sandbox/creditbot-sandbox")
DEADLINE = float(os.environ.get("CREDITBOT_TEST_DEADLINE", "60"))
CHANNEL = "#help-sms-credit-pumping-memos"


class Skip(Exception):
    """Raised by a test that cannot run here; the word is shown."""


def wait_for(condition, what, deadline=DEADLINE):
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {deadline:.0f} s in vain for {what}")


class Sandbox:
    """A sandbox process and its control door."""

    def __init__(self, folder, seed="empty"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            [SANDBOX, "--dir", str(self.folder), "--seed", seed, "--exit-with-stdin"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        assert line, "the sandbox did not start"
        self.info = json.loads(line)

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def call(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.info["control"] + path, data=data,
            headers={"Content-Type": "application/json"} if data is not None else {})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def say(self, text, channel="help-sms-credit-pumping-memos", **more):
        """A person's message; returns its ts."""
        return self.call("/message", {"channel": channel, "text": text, **more})["ts"]

    def look(self, look_id):
        return f"<https://looker.example.com/looks/{look_id}>"

    def fault(self, **spec):
        return self.call("/fault", spec)

    def clear_faults(self):
        return self.call("/faults/clear", {})

    def posts(self, **match):
        rows = self.call("/posts")
        rows = rows["posts"] if isinstance(rows, dict) else rows
        return [row for row in rows if all(row.get(k) == v for k, v in match.items())]

    def log(self):
        rows = self.call("/log")
        return rows["log"] if isinstance(rows, dict) else rows


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def json(self):
        return json.loads(self.out)

    def lines(self):
        return [json.loads(line) for line in self.out.splitlines() if line]

    def __repr__(self):
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class Desk:
    """A configuration, a state, and a sandbox: where the program works."""

    def __init__(self, seed="empty", settings=None):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="creditbot-e2e-"))
        self.sandbox = Sandbox(self.root / "sandbox", seed)
        self.state = self.root / "state"
        self.conf = self.root / "creditbot.conf"
        self.settings = {
            "general": {"dry_run": "false", "state_dir": str(self.state), "workers": "4"},
            "slack": {"base_url": self.sandbox.info["slack"], "token": self.sandbox.info["slack_token"],
                      "channels": CHANNEL, "error_user": "U00000001"},
            "looker": {"base_url": "https://looker.example.com",
                       "api_url": self.sandbox.info["looker"] + "/api/4.0",
                       "client_id": self.sandbox.info["looker_client_id"],
                       "client_secret": self.sandbox.info["looker_client_secret"]},
            "warehouse": {"driver": "trino", "url": self.sandbox.info["trino"],
                          "user": self.sandbox.info["trino_user"], "catalog": "hive",
                          "schema": "default"},
            "product.verify": {"match": "Authy", "calculator": "verify"},
            "product.psms": {"match": "Programmable", "action": "ignore"},
            "approval": {"mode": "required"},
            "posting": {"hold": "0s", "readback_grace": "100ms"},
            "retry": {"attempts": "3", "delay": "1s"},
            "http": {"retries": "2"},
        }
        password = self.sandbox.info.get("trino_password")
        if password:
            self.settings["warehouse"]["password"] = password
        self.set(settings or {})

    def set(self, settings):
        for section, keys in settings.items():
            self.settings.setdefault(section, {}).update(keys)
        text = "".join(f"[{name}]\n" + "".join(f"{k}={v}\n" for k, v in keys.items()) + "\n"
                       for name, keys in self.settings.items())
        self.conf.write_text(text)
        self.conf.chmod(0o600)

    def environment(self, more=None):
        env = {"PATH": os.environ["PATH"], "HOME": str(self.root), "TZ": "UTC", "LC_ALL": "C.UTF-8",
               "XDG_STATE_HOME": str(self.root / "xdg")}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "G_DEBUG"):
            if name in os.environ:
                env[name] = os.environ[name]
        env.update(more or {})
        return env

    def start(self, *args, env=None):
        return subprocess.Popen([CREDITBOT, "--config", str(self.conf), *args], cwd=self.root,
                                env=self.environment(env), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *args, env=None):
        process = self.start(*args, env=env)
        try:
            out, err = process.communicate(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"creditbot {' '.join(args)} did not end\n{out}\n{err}")
        result = Result(process.returncode, out, err)
        assert "Sanitizer" not in err and "runtime error:" not in err, result
        return result

    def batch(self, *args, expect=0, env=None):
        result = self.run("--batch", "--json", *args, env=env)
        assert expect is None or result.code == expect, result
        return result.json() if result.out.strip() else result

    def requests(self, *args):
        return self.run("list", "--json", *args).lines()

    def request(self, ts):
        found = [row for row in self.requests() if row["ts"] == ts]
        assert len(found) == 1, (ts, found)
        return found[0]

    def close(self):
        self.sandbox.stop()
        shutil.rmtree(self.root, ignore_errors=True)


class desk:
    """with desk(settings) as d: …"""

    def __init__(self, settings=None, seed="empty"):
        self.settings, self.seed = settings, seed

    def __enter__(self):
        self.desk = Desk(self.seed, self.settings)
        return self.desk

    def __exit__(self, *exc):
        self.desk.close()


class Terminal:
    """The program on a terminal of its own; what it writes is read, so that it never waits for that."""

    def __init__(self, d, env=None, args=()):
        if not has_console():
            raise Skip("this build has no console")
        self.leader, follower = pty.openpty()
        self.rows, self.redraw_at = 30, time.monotonic() + 2
        self.size()
        self.process = subprocess.Popen([CREDITBOT, "--config", str(d.conf), *args], cwd=d.root, stdin=follower,
                                        stdout=follower, stderr=follower,
                                        env=d.environment({"TERM": "xterm-256color", **(env or {})}),
                                        start_new_session=True)
        os.close(follower)
        self.seen = b""

    def size(self):
        fcntl.ioctl(self.leader, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, 100, 0, 0))

    def shows(self, text):
        """Seen since the start. Only what changes is drawn, so that a word may come in parts: after a while
        the terminal gets another size, and all is drawn anew."""
        if text not in self.drain() and time.monotonic() > self.redraw_at and self.process.poll() is None:
            self.rows, self.redraw_at = 61 - self.rows, time.monotonic() + 2
            self.size()
            self.process.send_signal(signal.SIGWINCH)  # it is no controlling terminal
        return text in self.seen

    def drain(self):
        try:
            while select.select([self.leader], [], [], 0.02)[0]:
                self.seen += os.read(self.leader, 65536)
        except OSError:  # it is gone
            pass
        return self.seen

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def press(self, keys):
        try:
            os.write(self.leader, keys)
        except OSError:  # it is gone
            pass

    def stop(self, how=signal.SIGTERM, deadline=DEADLINE):
        """Asks it to end; the exit code, negative: the signal that killed it."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        wait_for(lambda: self.drain() is not None and self.process.poll() is not None, "the end", deadline)
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.leader)


class Console(Terminal):
    """The console, when its queue is shown."""

    def __init__(self, d, env=None):
        super().__init__(d, env)
        wait_for(lambda: b"waiting" in self.drain(), "the queue")


def share(d):
    """Lets several persons of one host work on the desk; returns the environment with its secrets."""
    if os.getuid() != 0:
        raise Skip("needs root to act as several persons")
    for section, key in (("slack", "token"), ("looker", "client_id"), ("looker", "client_secret"),
                         ("warehouse", "password")):
        d.settings[section].pop(key, None)
    info = d.sandbox.info
    secrets = {"SLACK_BOT_TOKEN": info["slack_token"], "LOOKER_CLIENT_ID": info["looker_client_id"],
               "LOOKER_CLIENT_SECRET": info["looker_client_secret"]}
    if info.get("trino_password"):
        secrets["PRESTO_PASSWORD"] = info["trino_password"]
    d.set({"store": {"group": "users"}})
    d.conf.chmod(0o644)
    d.root.chmod(0o755)
    return secrets


def as_person(d, uid, *args, env=None):
    """The same program as another Unix user; the state is shared by a group."""
    command = ["setpriv", f"--reuid={uid}", "--regid=users", "--clear-groups", CREDITBOT, "--config",
               str(d.conf), *args]
    environment = d.environment({"SLACK_BOT_TOKEN": d.sandbox.info["slack_token"], **(env or {})})
    done = subprocess.run(command, cwd="/", env=environment, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=DEADLINE)
    return Result(done.returncode, done.stdout, done.stderr)


AUTO = {"approval": {"mode": "auto", "auto_limit": "100000000", "hold_unusual": "false"}}


def has_console():
    program = pathlib.Path(CREDITBOT).read_bytes()
    return b"libtinfo" in program or b"libncurses" in program  # under which name it is linked depends on the system


def has_failpoints():
    return b"CREDITBOT_FAILPOINT" in pathlib.Path(CREDITBOT).read_bytes()


CASES = []


def test(function):
    CASES.append(function)
    return function


def main():
    only = sys.argv[1:]
    cases = [case for case in CASES if not only or case.__name__ in only]
    failed = False
    print(f"1..{len(cases)}", flush=True)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, case in enumerate(cases, 1):
        name = case.__name__.replace("_", " ")
        try:
            case()
            print(f"ok {number} - {name}", flush=True)
        except Skip as skip:
            print(f"ok {number} - {name} # SKIP {skip}", flush=True)
        except Exception:  # a test may fail in any way; each is shown
            failed = True
            for line in traceback.format_exc().splitlines():
                print(f"# {line}")
            print(f"not ok {number} - {name}", flush=True)
    sys.exit(1 if failed else 0)
