#!/usr/bin/env python3
"""Law 2: same seed, same run.

Runs each seed of each scenario in a process of its own per command (the same binary twice, or one of each compiler) and
compares the last line of each: result, number of events, virtual time and the hash over every event.

Usage: same_hash.py FIRST_BINARY SECOND_BINARY SEEDS SCENARIO...     SEEDS: 1..20
"""
import os
import re
import subprocess
import sys


def last_line(binary, scenario, seed, environment):
    done = subprocess.run([binary, "run", scenario, "--seed", str(seed)], capture_output=True, text=True,
                          env={**os.environ, **environment})
    lines = done.stdout.strip().splitlines()
    if not lines or not lines[-1].startswith("seed="):
        sys.exit(f"{binary} run {scenario} --seed {seed} printed no result (exit {done.returncode}):\n"
                 f"{done.stdout}{done.stderr}")
    return re.sub(r"wall_s=\S+ ?", "", lines[-1]), done.returncode


def main(first, second, seeds, scenarios):
    low, high = map(int, seeds.split(".."))
    different, failed, runs = [], [], 0
    for scenario in scenarios:
        for seed in range(low, high + 1):
            # Another fill byte for fresh memory, so that a value read before it was written shows.
            a, code = last_line(first, scenario, seed, {"MALLOC_PERTURB_": "0"})
            b, _ = last_line(second, scenario, seed, {"MALLOC_PERTURB_": "165"})
            runs += 1
            if a != b:
                different.append(f"{scenario}\n  {a}\n  {b}")
            if code != 0:
                failed.append(f"{scenario}: {a}")
    for line in different + failed:
        print(line)
    print(f"{runs} seeds run twice, {len(different)} different, {len(failed)} not ok")
    return 1 if different or failed or runs == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]))
