#!/usr/bin/env python3
"""tools/cluster: what it says, what it starts, and that nothing is left of it."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import unittest

from nodes import PATIENCE, ROOT, accepts, free_port, until
from librdkafka import Admin, Error

TOOL = [sys.executable, ROOT / "tools" / "cluster"]


class Started:
    """The tool, ready; stderr is a file."""

    def __init__(self, *words):
        self.told = tempfile.TemporaryFile("w+")
        self.popen = subprocess.Popen([*TOOL, *words], stdout=subprocess.PIPE, stderr=self.told, text=True)
        self.line = self.popen.stdout.readline()
        if not self.line.startswith("ready "):
            self.popen.wait()
            raise AssertionError(f"{self.line!r}\n{self.text()}")
        self.addresses = self.line.split()[1].split(",")
        self.processes = [int(pid) for pid in re.findall(r" is process (\d+)", self.text())]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.popen.poll() is None:
            self.stop()
        self.popen.stdout.close()
        self.told.close()

    def text(self):
        self.told.seek(0)
        return self.told.read()

    def stop(self, how=signal.SIGTERM):
        self.popen.send_signal(how)
        return self.popen.wait(PATIENCE)

    def left(self):
        return [pid for pid in self.processes if os.path.exists(f"/proc/{pid}")]


def partition_of(addresses, topic):
    told = subprocess.run(["kcat", "-b", addresses, "-L", "-t", topic], stdout=subprocess.PIPE, text=True, check=True)
    return re.search(r"partition 0, leader \d+, replicas: ([\d,]+), isrs: ([\d,]+)", told.stdout)


class Tool(unittest.TestCase):
    def test_three_brokers_replicate_three_times_and_nothing_is_left_after_sigterm(self):
        with Started("3", "--set", "min.replication.factor=2") as tool:
            self.assertEqual(len(tool.addresses), 3)
            self.assertEqual(len(tool.processes), 4)
            admin = Admin(bootstrap_servers=",".join(tool.addresses), log_level=0)
            admin.create_topic("t", 1, -1)
            with self.assertRaisesRegex(Error, "min.replication.factor"):
                admin.create_topic("alone", 1, 1)
            admin.close()
            found = until("the topic", lambda: partition_of(tool.line.split()[1], "t"))
            self.assertEqual(len(found[1].split(",")), 3)
            home = pathlib.Path(re.search(r"log (\S+)/zookeeper.log", tool.text())[1])
            self.assertTrue(home.exists())
            self.assertEqual(tool.stop(), 0)
            self.assertEqual(tool.left(), [])
            self.assertFalse(home.exists())

    def test_one_broker_on_a_port_and_with_a_place_that_are_given(self):
        port = free_port()
        with tempfile.TemporaryDirectory() as home:
            with Started("1", "--base-port", str(port), "--data-dir", home) as tool:
                self.assertEqual(tool.line, f"ready 127.0.0.1:{port}\n")
                self.assertEqual(tool.stop(), 0)
            self.assertTrue((pathlib.Path(home) / "data-1" / "meta.properties").exists())
            self.assertFalse(accepts(port))

    def test_a_killed_tool_takes_its_processes_along(self):
        with Started("1") as tool:
            tool.stop(signal.SIGKILL)
            until("they have ended", lambda: not tool.left())

    def test_what_cannot_start_is_said_and_leaves_nothing(self):
        done = subprocess.run([*TOOL, "2", "--set", "num.partitions=none"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("num.partitions", done.stderr)
        self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
