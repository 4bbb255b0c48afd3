#!/usr/bin/env python3
"""Commands from start to exit beside `curl --version`, in turn: list and show on 10,000 requests, help, version."""
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
        state_of = ["--config", str(conf)]
        ours = {
            "list_10000": ([*state_of, "list"], 1.5),
            "list_10000_json": ([*state_of, "list", "--json"], None),
            "show": ([*state_of, "show", "5000"], 1.0),
            "help": (["--help"], 1.0),
            "version": (["--version"], 1.0),
        }
        rounds = []
        for _ in range(ROUNDS):
            row = {name: once([CREDITBOT, *words], env) for name, (words, _) in ours.items()}
            row["curl"] = once(["curl", "--version"], env)
            rounds.append(row)
        rounds = rounds[1:]
        print(f"curl_version {statistics.median(row['curl'] for row in rounds):.2f} ms")
        for name, (_, target) in ours.items():
            print(f"{name} {statistics.median(row[name] for row in rounds):.2f} ms")
            ratio = statistics.median(row[name] / row["curl"] for row in rounds)
            print(f"{name}_ratio {ratio:.2f}" + (f" target {target:.2f}" if target else ""))


main()
