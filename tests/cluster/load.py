"""Clients that run while things go wrong, and write down what they sent and were told: the history.

A history is a file of JSON lines for `barnabas sim check-history` (tools/barnabas/sim/check_history.hpp has its keys).
"""
import json
import random
import threading
import time

import nodes  # noqa: F401  (so that the next is found)
from librdkafka import PARTITION_EOF, Consumer, Producer

DEFINITE_COMMIT_ERRORS = {"ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID", "REBALANCE_IN_PROGRESS", "FENCED_INSTANCE_ID",
                          "_NO_OFFSET", "_STATE"}


class Load(threading.Thread):
    """Runs until stop(); an exception in it is raised again there."""

    def __init__(self, name):
        super().__init__(name=name, daemon=True)
        self.ending = threading.Event()
        self.problem = None

    def run(self):
        try:
            self.work()
        except Exception as problem:  # noqa: told to who stops it
            self.problem = problem

    def stop(self):
        self.ending.set()
        self.join()
        if self.problem:
            raise AssertionError(f"{self.name} failed: {self.problem!r}") from self.problem


class RecordingProducer(Producer):
    def __init__(self, topic, load, **settings):
        self.load = load
        super().__init__(topic, **settings)

    def reported(self, message, surely_not_written):
        self.load.reported(message, surely_not_written, self.name_of(message.error))


class ProducerLoad(Load):
    """Values that nobody else sends, `rate` a second, to all partitions in turn."""

    def __init__(self, name, bootstrap, topic, partitions, rate=300, patience=None, **settings):
        super().__init__(name)
        self.topic, self.partitions, self.rate, self.patience = topic, partitions, rate, patience
        self.records = {}  # value -> [partition, state, offset], in the order in which they were sent
        self.acknowledged = [0] * partitions
        self.refusals = {}  # name of the error -> how often
        self.idempotent = settings.get("enable_idempotence") == "true"
        self.producer = RecordingProducer(topic, self, bootstrap_servers=bootstrap, acks="all", log_level=0, **settings)

    def reported(self, message, surely_not_written, error):
        record = self.records[message.value().decode()]
        if message.error == 0:
            record[1:] = "acknowledged", max(message.offset, -1)
            self.acknowledged[record[0]] += 1
            return
        self.refusals[error] = self.refusals.get(error, 0) + 1
        if surely_not_written:
            record[1] = "rejected"

    def work(self):
        draw, started, sent = random.Random(self.name), time.monotonic(), 0
        while not self.ending.is_set():
            due = int((time.monotonic() - started) * self.rate)
            while sent < due:
                value = f"{self.name}/{sent}/" + "x" * draw.randrange(200)
                self.records[value] = [sent % self.partitions, "sent", -1]
                while not self.producer.produce(value.encode(), sent % self.partitions):
                    self.producer.poll(10)
                sent += 1
            self.producer.poll(5)
        if not self.producer.flush(int(1000 * (self.patience or 120))):
            self.problem = AssertionError("records were neither acknowledged nor refused")
        self.producer.close()
        # What librdkafka cannot go on from. That brokers go and come is no error.
        fatal = [f"{name}: {text}" for name, text in self.producer.errors if text.startswith("fatal")]
        if fatal:
            self.problem = AssertionError("; ".join(fatal))

    def lines(self):
        for value, (partition, state, offset) in self.records.items():
            yield {"type": "produced", "producer": self.name, "topic": self.topic, "partition": partition, "value": value,
                   "state": state, "offset": offset, "idempotent": self.idempotent}


class ReaderLoad(Load):
    """Reads all partitions from their beginning, and when it is stopped, to their ends."""

    def __init__(self, name, bootstrap, topic, partitions, ends=None):
        super().__init__(name)
        self.bootstrap, self.topic, self.partitions = bootstrap, topic, partitions
        self.ends = ends  # {partition: offset} to stop at, for who reads what does not grow any more.
        self.records = []  # (partition, offset, value)
        self.refusals = {}
        self.consumer = Consumer(bootstrap_servers=bootstrap, group_id=f"{name}-unused", log_level=0, check_crcs="true",
                                 enable_auto_commit="false", auto_offset_reset="error", fetch_wait_max_ms=100)
        self.consumer.assign({(topic, p): 0 for p in range(partitions)})

    def work(self):
        left = dict(self.ends or {})
        while not self.ending.is_set() and (self.ends is None or any(left.values())):
            got = self.consumer.poll(100)
            if got and got[0] == 0:
                self.records.append((got[2], got[3], got[4].decode()))
                if left.get(got[2]) == got[3] + 1:
                    left[got[2]] = 0
            elif got and got[0] != PARTITION_EOF:
                name = self.consumer.name_of(got[0])
                self.refusals[name] = self.refusals.get(name, 0) + 1
        self.consumer.close()

    def lines(self):
        for partition, offset, value in self.records:
            yield {"type": "final_read" if self.ends else "read", "reader": self.name, "topic": self.topic,
                   "partition": partition, "offset": offset, "value": value}


class GroupLoad(Load):
    """A member of a group that commits what it has read, and waits for each answer."""

    def __init__(self, name, bootstrap, topic, group):
        super().__init__(name)
        self.topic, self.group = topic, group
        self.commits = {}  # partition -> [acknowledged, lowest that was not answered, highest sent]
        self.done, self.refusals = 0, {}
        self.consumer = Consumer(bootstrap_servers=bootstrap, group_id=group, log_level=0, enable_auto_commit="false",
                                 auto_offset_reset="earliest", session_timeout_ms=10_000, fetch_wait_max_ms=100)
        self.consumer.subscribe(topic)

    def work(self):
        pending = {}
        while not self.ending.is_set():
            got = self.consumer.poll(100)
            if got and got[0] == 0:
                pending[got[2]] = got[3] + 1
            if pending and (not got or got[3] % 100 == 99):
                self.commit(pending)
                pending = {}
        self.consumer.close()

    def commit(self, offsets):
        for partition, offset in offsets.items():
            known = self.commits.setdefault(partition, [-1, None, -1])
            known[2] = max(known[2], offset)
        error = self.consumer.commit({(self.topic, p): offset for p, offset in offsets.items()})
        name = self.consumer.name_of(error)
        for partition, offset in offsets.items():
            known = self.commits[partition]
            if error == 0:
                known[0] = offset
            elif name not in DEFINITE_COMMIT_ERRORS:
                known[1] = min(offset, known[1]) if known[1] is not None else offset
        if error == 0:
            self.done += 1
        else:
            self.refusals[name] = self.refusals.get(name, 0) + 1

    def lines(self):
        for partition, (acknowledged, unknown, sent) in sorted(self.commits.items()):
            yield {"type": "committed", "group": self.group, "topic": self.topic, "partition": partition,
                   "acknowledged": acknowledged, "lowest_unknown": unknown, "highest_sent": sent}


def read_all(bootstrap, topic, partitions):
    """A reader that was given everything there is; the topic is at rest."""
    ends_of = Consumer(bootstrap_servers=bootstrap, group_id="ends-unused", log_level=0)
    ends = {p: ends_of.end_offset(topic, p) for p in range(partitions)}
    ends_of.close()
    reader = ReaderLoad("final", bootstrap, topic, partitions, ends=ends)
    reader.start()
    reader.join(120)
    if reader.is_alive():
        reader.ending.set()
        raise AssertionError(f"not read to the ends {ends} within 120 s: {len(reader.records)} records, "
                             f"errors {reader.refusals}")
    return reader


def final_offsets(bootstrap, group, topic, partitions):
    consumer = Consumer(bootstrap_servers=bootstrap, group_id=group, log_level=0)
    try:
        for (_, partition), offset in consumer.committed([(topic, p) for p in range(partitions)]).items():
            yield {"type": "final_offset", "group": group, "topic": topic, "partition": partition, "offset": offset}
    finally:
        consumer.close()


def write_history(path, *sources):
    with open(path, "w", encoding="utf-8") as file:
        for source in sources:
            for line in source:
                file.write(json.dumps(line) + "\n")
