#!/usr/bin/env python3
"""The metrics page, as Prometheus' own client library reads it (python3-prometheus-client)."""
import math
import re
import socket
import struct
import sys
import unittest
import urllib.request

from local_broker import PATIENCE, LocalBroker, kcat

sys.path.append("/usr/lib/python3/dist-packages")  # Debian's, whichever python3 this is.
from prometheus_client.parser import text_string_to_metric_families  # noqa: E402

OFFSET_COMMIT, FIND_COORDINATOR = 8, 10


def text(value):
    return struct.pack(">h", len(value)) + value


def ask(broker, key, version, body):
    """The response without its correlation id."""
    request = struct.pack(">hhi", key, version, 1) + text(b"test") + body
    with socket.create_connection((broker.host, broker.port), PATIENCE) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        answer = connection.makefile("rb")
        return answer.read(struct.unpack(">i", answer.read(4))[0])[4:]


def commit(broker, group, topic, offset):
    """OffsetCommit v2 of a group without members, for partition 0, as soon as there is a coordinator."""
    while ask(broker, FIND_COORDINATOR, 0, text(group))[:2] != bytes(2):
        pass
    body = text(group) + struct.pack(">i", -1) + text(b"") + struct.pack(">q", -1)
    body += struct.pack(">i", 1) + text(topic) + struct.pack(">iiq", 1, 0, offset) + text(b"")
    loading = struct.pack(">h", 14)
    while (error := ask(broker, OFFSET_COMMIT, 2, body)[-2:]) == loading:
        pass
    if error != bytes(2):
        raise AssertionError(f"no commit for {group}: {error}")


def page_of(broker):
    address = re.search(r"metrics at (http://\S+)", broker.log()).group(1)
    with urllib.request.urlopen(address, timeout=PATIENCE) as response:
        return response.headers, response.read()


class MetricsPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = LocalBroker("metrics.port=0", options=["--log-level", "info"])
        cls.broker.__enter__()
        cls.addClassCleanup(cls.broker.__exit__)
        kcat("-b", cls.broker.address, "-P", "-t", "orders", text=b"a\nb\nc\n")
        kcat("-b", cls.broker.address, "-C", "-t", "orders", "-e", "-q")
        # What a group may be called is up to clients.
        cls.groups = [b"readers", b'a "quoted" \\ group\nof two lines', "größer".encode(), b"not \xff UTF-8 \xc3"]
        for group in cls.groups:
            commit(cls.broker, group, b"orders", 1)
        cls.headers, cls.page = page_of(cls.broker)
        cls.families = list(text_string_to_metric_families(cls.page.decode()))
        cls.samples = [sample for family in cls.families for sample in family.samples]

    def samples_of(self, name):
        return {tuple(sorted(s.labels.items())): s.value for s in self.samples if s.name == name}

    def test_every_line_is_a_sample_a_type_or_a_help(self):
        lines = self.page.decode().splitlines()
        self.assertEqual(len([line for line in lines if not line.startswith("#")]), len(self.samples))
        self.assertEqual(len([line for line in lines if line.startswith("# TYPE ")]), len(self.families))
        self.assertEqual(len([line for line in lines if line.startswith("# HELP ")]), len(self.families))

    def test_content_type_names_the_format(self):
        self.assertEqual(self.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")

    def test_no_name_and_no_series_comes_twice(self):
        names = [family.name for family in self.families]
        self.assertEqual(sorted(names), sorted(set(names)))
        series = [(sample.name, tuple(sorted(sample.labels.items()))) for sample in self.samples]
        self.assertEqual(sorted(series), sorted(set(series)))

    def test_every_family_has_a_type_a_help_and_finite_values(self):
        for family in self.families:
            self.assertIn(family.type, ("counter", "gauge", "summary"), family.name)
            self.assertTrue(family.documentation, family.name)
            for sample in family.samples:
                self.assertTrue(math.isfinite(sample.value), sample)

    def test_figures_are_those_of_what_clients_did(self):
        self.assertEqual(self.samples_of("kafka_server_brokertopicmetrics_messagesin_total")[(("topic", "orders"),)], 3)
        end = self.samples_of("kafka_log_log_logendoffset")
        self.assertEqual(end[(("partition", "0"), ("topic", "orders"))], 3)
        produce = self.samples_of("kafka_network_requestmetrics_totaltimems_count")
        self.assertGreaterEqual(produce[(("request", "Produce"),)], 1)

    def test_groups_are_shown_whatever_they_are_called(self):
        lag = self.samples_of("kafka_consumergroup_lag")
        for group in self.groups:
            name = group.decode(errors="replace")
            self.assertEqual(lag[(("consumergroup", name), ("partition", "0"), ("topic", "orders"))], 2, name)


if __name__ == "__main__":
    unittest.main()
