#!/usr/bin/env python3
"""barnabas dump-log and adopt, on a data directory that Apache Kafka 3.9.1 wrote."""
import gzip
import json
import pathlib
import re
import shutil
import subprocess
import tarfile
import unittest

from local_broker import PATIENCE, LocalBroker, barnabas, kcat

DATA = pathlib.Path(__file__).resolve().parent.parent / "log" / "data"
CUT = 397  # The expectations' lines are cut there.
RECORD_OF_GROUP = re.compile(r"(.*) key: (\{.*\}) payload: (\{.*\})$")


def run(*words, cwd=None):
    return subprocess.run([barnabas(), *map(str, words)], cwd=cwd, capture_output=True, timeout=PATIENCE)


def comparable(line):
    """JSON apart from the order of its keys, and cut lines as far as both go."""
    found = RECORD_OF_GROUP.match(line)
    if found and len(line) < CUT:
        return found.group(1), json.loads(found.group(2)), json.loads(found.group(3))
    return line.split(" key: {")[0][:CUT]


class DataDirectory(unittest.TestCase):
    def setUp(self):
        self.broker = LocalBroker("offsets.topic.num.partitions=4", "log.retention.ms=-1")
        self.addCleanup(self.broker.__exit__)
        with tarfile.open(DATA / "clean.tar.gz") as archive:
            archive.extractall(self.broker.data)
        self.broker.settings.append("broker.id=0")

    def test_dump_says_what_kafkas_says(self):
        expected = json.loads(gzip.open(DATA / "clean-dump.json.gz").read())
        self.assertGreater(len(expected), 150)
        for name, lines in expected.items():
            with self.subTest(file=name):
                done = run("dump-log", name, cwd=self.broker.data)
                self.assertEqual(done.returncode, 0, done.stderr)
                wanted = [comparable(line) for line in lines if not line.startswith("SLF4J")]
                got = [comparable(line) for line in done.stdout.decode().split("\n")[:-1]]
                # Kafka prints the gaps that compaction left in no order.
                if "compacted" in name:
                    wanted, got = sorted(map(str, wanted)), sorted(map(str, got))
                self.assertEqual(got, wanted)

    def test_json_is_one_object_a_line(self):
        files = sorted(path for path in self.broker.data.glob("*/0*") if path.suffix != ".md")
        done = run("dump-log", "--json", *files)
        self.assertEqual(done.returncode, 0, done.stderr)
        objects = [json.loads(line) for line in done.stdout.decode().splitlines()]
        kinds = {"batch", "record", "offsetIndexEntry", "timeIndexEntry", "abortedTransaction", "producer"}
        self.assertEqual({one["type"] for one in objects}, kinds)
        committed = [one for one in objects if one["type"] == "record" and "__consumer_offsets" in one["file"]]
        self.assertIn(220, [one["value"]["data"].get("offset") for one in committed if one.get("value")])

    def test_damage_is_told_and_fails(self):
        path = next(self.broker.data.glob("idem-0/*.log"))
        content = bytearray(path.read_bytes())
        content[100] ^= 1
        path.write_bytes(content[:-3])
        done = run("dump-log", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"isvalid: false", done.stdout)
        self.assertIn(b"invalid bytes at the end", done.stdout)
        missing = run("dump-log", self.broker.data / "no-such.log")
        self.assertEqual(missing.returncode, 1)
        self.assertIn(b"no-such.log", missing.stderr)

    def records(self, topic):
        out = kcat("-b", self.broker.address, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-f", "%p %o %T\\n")
        return sorted(tuple(map(int, line.split())) for line in out.splitlines())

    def test_adopted_directory_is_served_whole(self):
        view = json.loads(gzip.open(DATA / "clean-view.json.gz").read())["topics"]
        for _ in range(2):  # The second time changes nothing.
            done = run("adopt", self.broker.data, "--set", "idem:max.message.bytes=2000000")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(b"adopted 17 topics with 27 partitions for broker 0", done.stdout)
        self.broker.start()
        for topic, description in view.items():
            if topic.startswith("__"):
                continue
            # kcat leaves out aborted transactions, as clients of librdkafka do.
            wanted = sorted((int(partition), one[0], one[1]) for partition, content in
                            description["partitions"].items()
                            for one in content.get("read_committed", content["read_uncommitted"]))
            self.assertEqual(self.records(topic), wanted, topic)
        # A producer id that Kafka gave out before must not come again: its records would look like repetitions.
        kcat("-b", self.broker.address, "-P", "-t", "idem", "-X", "enable.idempotence=true", text=b"one\ntwo\n")
        self.assertEqual(len(self.records("idem")),
                         len(view["idem"]["partitions"]["0"]["read_uncommitted"]) + 2)
        self.assertEqual(self.broker.stop(), 0)

    def test_adoption_that_could_not_serve_everything_is_refused(self):
        shutil.rmtree(self.broker.data / "txn-0")
        done = run("adopt", self.broker.data)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"partition 0 of topic txn is not here", done.stderr)
        self.assertFalse((self.broker.data / "zookeeper").exists())
        done = run("adopt", self.broker.home / "nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"meta.properties", done.stderr)

    def test_topics_are_written_to_another_zookeeper(self):
        server = subprocess.Popen([barnabas(), "zookeeper", "--data-dir", self.broker.home / "zk", "--host", "localhost",
                                   "--port", "0"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        address = server.stdout.readline().split()[1]
        for _ in range(2):
            done = run("adopt", self.broker.data, "--zookeeper", address)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertFalse((self.broker.data / "zookeeper").exists())

    def test_offline_directory_takes_only_its_own_partitions_along(self):
        one, two = self.broker.home / "one", self.broker.home / "two"
        self.broker.data = f"{one},{two}"
        self.broker.settings.append("num.partitions=6")
        self.broker.start()
        for partition in range(6):
            kcat("-b", self.broker.address, "-P", "-t", "spread", "-p", partition, text=b"before\n")
        self.assertEqual(len(list(one.glob("spread-*"))), 3)
        there = int(next(two.glob("spread-*")).name.split("-")[1])
        here = int(next(one.glob("spread-*")).name.split("-")[1])
        self.assertEqual(self.broker.stop(), 0)
        (two / "meta.properties").write_text("nonsense\n")
        self.broker.start()
        self.assertIn("in this directory are offline", self.broker.log())
        kcat("-b", self.broker.address, "-P", "-t", "spread", "-p", here, text=b"after\n")
        with self.assertRaisesRegex(AssertionError, "(?i)disk error|storage|delivery failed"):
            kcat("-b", self.broker.address, "-P", "-t", "spread", "-p", there, "-X", "message.timeout.ms=2000",
                 text=b"lost\n")
        kcat("-b", self.broker.address, "-P", "-t", "fresh", "-p", 0, text=b"new topic\n")
        self.assertFalse(list(two.glob("fresh-*")))
        self.assertEqual(self.broker.stop(), 0)


if __name__ == "__main__":
    unittest.main()
