"""Runs the drivers: against a broker of ours for each row, or against Apache Kafka."""
import os
import pathlib
import re
import subprocess
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[n] / name) for n, name in ((1, ""), (2, "cluster"))]

import nodes  # noqa: E402
from kafka import ApacheKafka  # noqa: E402
from local_broker import LocalBroker  # noqa: E402

# As small as they may be, to be quick; and the settings that the checks name.
SETTINGS = ["num.partitions=3", "group.initial.rebalance.delay.ms=0", "offsets.topic.num.partitions=5"]
DRIVER_SECONDS = 900


class Several:
    """A cluster with the interface of LocalBroker."""

    def __init__(self, kind, brokers):
        self.cluster = kind(brokers, dict(s.split("=", 1) for s in SETTINGS))

    def start(self):
        self.cluster.start()
        self.address = self.cluster.bootstrap.split(",")[0]  # Drivers take one.

    def is_alive(self):
        return all(broker.is_alive() for broker in self.cluster.brokers.values())

    def stop(self):
        """0 when all ended cleanly."""
        return max(0 if code in self.cluster.clean_exits else 1 for code in self.cluster.stop_brokers().values())

    def log(self):
        return self.cluster.logs()

    def __exit__(self, *_):
        self.cluster.__exit__()


def drive(command, address, row, checks, replicas=1):
    """Runs the driver; yields (check, word, detail) for each check asked for."""
    prefix = re.sub(r"[^a-z0-9.]+", "-", row.name.lower()) + f"-{int(time.time())}"
    words = [*map(str, command), address, prefix, *checks]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=DRIVER_SECONDS, check=False,
                              env={**os.environ, "REPLICATION_FACTOR": str(replicas)})
        out, err = done.stdout, done.stderr
    except subprocess.TimeoutExpired as e:
        out, err = ((part or b"").decode(errors="replace") for part in (e.stdout, e.stderr))
    lines = re.findall(r"^CHECK (\S+) (ok|none|fail) ?(.*)$", out, re.M)
    found = {name: (word, detail) for name, word, detail in lines}
    for check in checks:
        word, detail = found.get(check, ("fail", "the driver did not come to it: " + err[-300:].replace("\n", " ")))
        yield check, word, detail[:600]


def settle(outcomes, on_kafka):
    """The outcomes, with what fails on Apache Kafka as well excused for the reason given there."""
    there = {check: detail for check, word, detail in on_kafka if word == "fail"}
    return [(check, "kafka", there[check]) if word == "fail" and check in there else (check, word, detail)
            for check, word, detail in outcomes]


class Peer:
    """Apache Kafka, started when it is first needed."""

    def __init__(self, brokers):
        self.brokers, self.broker = brokers, None

    def address(self):
        if not self.broker:
            print("starting Apache Kafka to compare with", flush=True)
            self.broker = ApacheKafka(*SETTINGS) if self.brokers == 1 else Several(nodes.Kafka, self.brokers)
            self.broker.start()
        return self.broker.address

    def stop(self):
        if self.broker:
            self.broker.stop()
            self.broker.__exit__()


def run_row(row, options, peer, results, asked):
    """All checks of a row. Returns what went wrong beside them."""
    command, problem = row.prepare(), None
    started, replicas = time.monotonic(), min(3, options.brokers)
    if options.bootstrap or options.against == "kafka":
        outcomes = list(drive(command, options.bootstrap or peer.address(), row, asked, replicas))
    else:
        broker = LocalBroker(*SETTINGS) if options.brokers == 1 else Several(nodes.Barnabas, options.brokers)
        broker.start()
        try:
            outcomes = list(drive(command, broker.address, row, asked, replicas))
            if not broker.is_alive() or broker.stop() != 0:
                problem = f"{row.name}: the broker did not stop cleanly:\n{broker.log()[-2000:]}"
        finally:
            broker.__exit__()
        failed = [check for check, word, _ in outcomes if word == "fail"]
        if failed and options.compare:
            outcomes = settle(outcomes, drive(command, peer.address(), row, failed, replicas))
    for check, word, detail in outcomes:
        results.add(row.checks, row.name, check, word, detail)
        print(f"{row.name}: {check}: {word} {detail}".rstrip(), flush=True)
    print(f"{row.name}: {time.monotonic() - started:.0f} s", flush=True)
    return problem
