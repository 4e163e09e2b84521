#!/usr/bin/env python3
"""The sim commands, as a person or a script meets them: the result line, exit codes, and messages for what is wrong.

Usage: command_test.py BARNABAS_SIM SCENARIO
"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import unittest

BINARY, SCENARIO = sys.argv[1:3]
RESULT = re.compile(r"^seed=(\d+) result=(\w+) events=(\d+) virtual_s=([\d.]+) wall_s=[\d.]+ hash=([0-9a-f]{16})$")
PATIENCE = 120


def sim(*words):
    return subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True, timeout=PATIENCE)


class SimCommand(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="barnabas-test-")
        self.home = pathlib.Path(self.directory.name)
        self.addCleanup(self.directory.cleanup)

    def expect_usage_error(self, words, *named):
        done = sim(*words)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        for name in named:
            self.assertIn(name, done.stderr)

    def test_a_run_that_dies_says_how_far_it_came(self):
        trace = self.home / "trace"
        os.mkfifo(trace)
        with subprocess.Popen([BINARY, "run", SCENARIO, "--seed", "5", "--trace", trace], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True) as process:
            # Nobody reads on, so the run stands still once the pipe is full.
            with open(trace, encoding="utf-8") as lines:
                lines.readline()
                process.send_signal(signal.SIGABRT)
                out, _ = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 12)
        found = RESULT.match(out.strip().splitlines()[-1])
        self.assertEqual((found[1], found[2]), ("5", "crash"))
        self.assertGreater(int(found[3]), 0)
        self.assertNotEqual(found[5], "0" * 16)

    def test_a_file_that_is_no_scenario_is_named(self):
        empty = self.home / "empty.toml"
        empty.touch()
        self.expect_usage_error(["run", empty], str(empty), "why", "is missing")
        self.expect_usage_error(["run", self.home / "none.toml"], "none.toml", "No such file")
        self.expect_usage_error(["explore", self.home, "--seeds", "1..2"], str(self.home), "Is a directory")

    def test_seeds_that_are_none_are_named(self):
        self.expect_usage_error(["run", SCENARIO, "--seed", "-1"], "--seed", "-1")
        self.expect_usage_error(["explore", SCENARIO, "--seeds", "5..1"], "--seeds", "5..1")

    def test_an_unknown_key_names_the_nearest_known_one(self):
        self.expect_usage_error(["run", SCENARIO, "--set", "cluster.broker=1"], "brokers")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
