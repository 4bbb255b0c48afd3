"""Each fault of a service at each of its calls: what the request shows, and that it ends in one post.

One request a cell: while the fault lasts the pass may fail in any honest way (a state with an error, an exit
code of the contract), then the fault goes and the request must be posted, once. The table in
docs/reliability.md is what was seen.
"""
import concurrent.futures
import contextlib
import pathlib
import ssl
import subprocess
import tempfile
import threading
import http.server

from harness import AUTO, Skip, desk, wait_for

AT_ONCE = 4  # desks at the same time; most of it is waiting


def credit(d):
    return d.sandbox.say(f"please credit {d.sandbox.look(1)}")


def answered(d):
    """A request without a link, and a link in its thread: the pass has to read the thread."""
    ts = d.sandbox.say("please credit us, there was fraud")
    d.batch()
    d.sandbox.say(d.sandbox.look(1), thread_ts=ts)
    return ts


def unsure(d):
    """A post whose answer was lost while the thread could not be read."""
    ts = credit(d)
    d.sandbox.fault(service="slack", match="chat.postMessage", times=1, kind="land_then_reset")
    d.sandbox.fault(service="slack", match="conversations.replies", times=1000, kind="status", status=503)
    d.batch(expect=1)
    d.sandbox.clear_faults()
    assert d.request(ts)["state"] == "unconfirmed", d.request(ts)
    return ts


# What is called, how its request begins, service, and the call that is struck.
CALLS = [
    ("Slack, who we are", credit, "slack", "auth.test"),
    ("Slack, reading the channel", credit, "slack", "conversations.history"),
    ("Slack, an answer in a thread", answered, "slack", "conversations.replies"),
    ("Slack, the post", credit, "slack", "chat.postMessage"),
    ("Slack, reading a post back", unsure, "slack", "conversations.replies"),
    ("Looker, login", credit, "looker", "login"),
    ("Looker, the look", credit, "looker", "looks"),
    ("Looker, its SQL", credit, "looker", "run/sql"),
    ("warehouse, the statement", credit, "trino", "v1/statement"),
    ("warehouse, a page", credit, "trino", "v1/statement/executing"),
]

REFUSED = {"slack": {"kind": "error", "error": "token_expired"}, "looker": {"kind": "status", "status": 401},
           "trino": {"kind": "status", "status": 401}}

FAULTS = [
    ("429 with Retry-After", {"kind": "status", "status": 429, "retry_after": 1}),
    ("429 that asks for an hour", {"kind": "status", "status": 429, "retry_after": 3600}),
    ("500", {"kind": "status", "status": 500}),
    ("502", {"kind": "status", "status": 502}),
    ("503", {"kind": "status", "status": 503}),
    ("the token has expired", REFUSED),
    ("a redirect", {"kind": "redirect"}),
    ("reset before the answer", {"kind": "reset_before"}),
    ("reset in the body", {"kind": "reset_mid"}),
    ("answer lost after it landed", {"kind": "land_then_reset"}),
    ("500 after it landed", {"kind": "land_then_500"}),
    ("slow drip", {"kind": "slow_drip"}),
    ("100 MB body", {"kind": "huge", "mb": 100}),
    ("endless JSON nesting", {"kind": "deep", "depth": 100000}),
    ("wrong content type", {"kind": "wrong_type"}),
    ("JSON of the wrong shape", {"kind": "wrong_shape"}),
    ("broken JSON", {"kind": "malformed"}),
    ("an answer of HTTP/1.0", {"kind": "http10"}),
    ("broken chunks", {"kind": "bad_chunks"}),
    ("a length that is too long", {"kind": "long_length"}),
    ("a length that is too short", {"kind": "short_length"}),
    ("compressed, unasked", {"kind": "gzip"}),
    ("a header of 1 MB", {"kind": "big_header"}),
    ("no HTTP at all", {"kind": "not_http"}),
    ("no answer in time", {"kind": "latency_ms", "ms": 8000}),
]

# Short limits, so that a table of so many cells is made in minutes; nothing else is changed.
SETTINGS = {**AUTO, "http": {"retries": "1", "timeout": "3s", "max_body": "8388608"},
            "looker": {"timeout": "3s"}, "retry": {"attempts": "100", "delay": "1s"}}

HONEST_STATES = {"new", "resolved", "needs_link", "pending", "approved", "posting", "posted", "unconfirmed", "failed"}


def seen_during(d, ts):
    """State and exit code of one pass under the fault."""
    result = d.run("--batch", "--json")
    assert result.code in (0, 1, 3), result
    rows = [row for row in d.requests() if row["ts"] == ts]
    state = rows[0]["state"] if rows else "not read yet"
    assert state in HONEST_STATES or state == "not read yet", rows
    said = state != "failed" or rows[0]["error"]
    assert said, f"failed without a word: {rows}"
    assert result.code == 0 or result.err.strip() or result.json().get("failed"), result
    assert state == "posted" or result.code != 0, f"nothing was said: {result}"
    return state, result.code


def results(d, ts):
    """What was posted, without the word that asks for a link."""
    return [post for post in d.sandbox.posts(thread_ts=ts) if "provide a Looker link" not in post["text"]]


def posted_once(d, ts):
    def is_posted():
        d.batch(expect=None)
        return d.request(ts)["state"] == "posted"
    wait_for(is_posted, "the request to be posted after the fault")
    d.batch(expect=None)
    posts = results(d, ts)
    assert len(posts) == 1, f"{len(posts)} posts: {posts}"


def cell(d, call, fault, times):
    _, begin, service, match = call
    ts = begin(d)
    d.sandbox.fault(service=service, match=match, times=times, **fault.get(service, fault))
    state, code = seen_during(d, ts)
    d.sandbox.clear_faults()
    posted_once(d, ts)
    return f"{state}, exit {code}"


def one_fault(named, calls, times):
    name, fault = named
    seen = {}
    with desk(SETTINGS) as d:
        d.sandbox.call("/setting", {"slack_post_interval_ms": 0})
        if fault.get("kind") == "redirect":
            fault = {**fault, "to": d.sandbox.info["slack"] + "/redirected"}
        for call in calls:
            try:
                seen[name, call[0]] = cell(d, call, fault, times)
            except AssertionError as error:
                raise AssertionError(f"{name} at {call[0]}: {error}") from error
        followed = [row for row in d.sandbox.log() if "redirected" in row["path"]]
        assert not followed, f"a redirect was followed: {followed}"
        verify = d.run("state", "verify")
        assert verify.code == 0, verify
    return seen


def services(faults=None, calls=None, times=1000, say=lambda text: None, at_once=AT_ONCE):
    """{(fault, call): what was seen}; an assertion when a promise broke."""
    seen = {}
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        for rows in pool.map(lambda named: one_fault(named, calls or CALLS, times), faults or FAULTS):
            seen.update(rows)
            say(f"{len(seen)} cells")
    return seen


# -- TLS, DNS, time: faults of the way --

def openssl(*args):
    try:
        subprocess.run(["openssl", *args], check=True, capture_output=True)
    except FileNotFoundError:
        raise Skip("openssl makes the certificates, and is not installed") from None


class Authority:
    """A certificate authority of our own, in a folder that goes with it."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.certificate = self.folder / "ca.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test authority",
                "-keyout", str(self.folder / "ca.key"), "-out", str(self.certificate))

    def issue(self, name, subject_alt, days=2):
        """Files of a key and a certificate; days below zero: expired."""
        key, request, out = (self.folder / f"{name}.{end}" for end in ("key", "csr", "pem"))
        extension = self.folder / f"{name}.ext"
        extension.write_text(f"subjectAltName={subject_alt}\n")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", str(key), "-out",
                str(request))
        openssl("x509", "-req", "-in", str(request), "-CA", str(self.certificate), "-CAkey",
                str(self.folder / "ca.key"), "-CAcreateserial", "-days", str(days), "-extfile", str(extension),
                "-out", str(out))
        return key, out


class Answer(http.server.BaseHTTPRequestHandler):
    """auth.test that is well, and nothing else: to be reached only when the certificate is good."""

    def do_GET(self):
        self.server.reached += 1
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b'{"ok":true,"user_id":"U0BOT00001","bot_id":"B0BOT00001","team_id":"T1","url":"https://x.example.com/"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *args):
        del args


@contextlib.contextmanager
def tls_server(key, certificate, most=None):
    """A TLS server on loopback; yields it with .port and .reached."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if most:
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = most
        context.set_ciphers("ALL:@SECLEVEL=0")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.handle_error = lambda *args: None
    server.reached, server.port = 0, server.server_address[1]
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# How an address is given to each service; what `doctor` calls it is the section.
ADDRESSES = {"slack": ("base_url", "/api"), "looker": ("api_url", "/api/4.0"), "warehouse": ("url", "")}


def doctor_on(service, origin, authority):
    """What `doctor` says about the service at that address."""
    key, path = ADDRESSES[service]
    with desk({service: {key: origin + path}, "http": {"retries": "0", "ca_file": str(authority.certificate)}}) as d:
        rows = d.run("doctor", "--json").json()["checks"]
        found = [row for row in rows if row["name"] == service]
        assert len(found) == 1, rows
        return found[0]


def cases_of(folder):
    """[(name, key and certificate, the authority that is trusted, highest TLS, whether it is well)]"""
    authority = Authority(folder)
    other = pathlib.Path(folder, "other")
    other.mkdir()
    good = authority.issue("good", "IP:127.0.0.1,DNS:localhost")
    return [
        ("a good certificate", good, authority, None, True),
        ("a certificate for another name", authority.issue("wrong", "DNS:slack.example.net"), authority, None, False),
        ("an expired certificate", authority.issue("expired", "IP:127.0.0.1", days=-1), authority, None, False),
        ("a certificate of an unknown authority", good, Authority(other), None, False),
        ("TLS 1.1 at most", good, authority, ssl.TLSVersion.TLSv1_1, False),
    ]


def way_to(service, case):
    """Whether anything was said to a server that stands in the way, and what was seen."""
    name, (key, certificate), trusted, most, well = case
    with tls_server(key, certificate, most) as server:
        row = doctor_on(service, f"https://127.0.0.1:{server.port}", trusted)
        assert (server.reached > 0) == well, f"{name}, {service}: asked {server.reached} times: {row}"
    assert well or row["status"] == "fail", f"{name}, {service}: {row}"
    return "accepted" if well else row["found"].split("; ")[0].split(": ", 2)[-1]


def way(say=lambda text: None):
    """[(fault, what was seen at each service)] of TLS and DNS."""
    seen = []
    with tempfile.TemporaryDirectory(prefix="creditbot-tls-") as folder:
        cases = cases_of(folder)
        for case in cases:
            seen.append((case[0], *(way_to(service, case) for service in ADDRESSES)))
            say(case[0])
        rows = [doctor_on(service, "https://no-such-host.invalid", cases[0][2]) for service in ADDRESSES]
        assert all(row["status"] == "fail" for row in rows), rows
        seen.append(("a name that does not resolve", *(row["found"].split("; ")[0].split(": ", 2)[-1] for row in rows)))
    return seen


def table(seen, calls=None):
    calls = [call[0] for call in calls or CALLS]
    names = list(dict.fromkeys(fault for fault, _ in seen))
    yield ["fault", *calls]
    for name in names:
        yield [name, *(seen[name, call] for call in calls)]
