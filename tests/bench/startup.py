#!/usr/bin/env python3
"""`creditbot list` on 10,000 requests from start to exit, beside `curl --version`, in turn."""
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

CREDITBOT = os.environ.get("CREDITBOT", "build/creditbot")
FILL = sys.argv[1]
ROUNDS = 41


def once(command, env):
    begun = time.perf_counter()
    subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - begun) * 1000


def main():
    with tempfile.TemporaryDirectory(prefix="creditbot-bench-") as folder:
        root = pathlib.Path(folder)
        state = root / "state"
        state.mkdir(mode=0o700)
        subprocess.run([FILL, str(state / "creditbot.db"), "10000"], check=True)
        conf = root / "creditbot.conf"
        conf.write_text(f"[general]\nstate_dir={state}\n")
        conf.chmod(0o600)
        env = {"PATH": os.environ["PATH"], "HOME": folder, "LC_ALL": "C.UTF-8"}
        ours = [CREDITBOT, "--config", str(conf), "list"]
        peer = ["curl", "--version"]
        pairs = []
        for _ in range(ROUNDS):
            pairs.append((once(ours, env), once(peer, env)))
        pairs = pairs[1:]
        mine = statistics.median(a for a, _ in pairs)
        theirs = statistics.median(b for _, b in pairs)
        ratio = statistics.median(a / b for a, b in pairs)
        print(f"list_10000_ms {mine:.2f} ms")
        print(f"curl_version_ms {theirs:.2f} ms")
        print(f"list_ratio {ratio:.2f} target 1.50")


main()
