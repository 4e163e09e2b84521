"""The checks of the matrix (matrix/checks.toml) for clients in Python, over an adapter per library.

An adapter module has the functions and the class Consumer that are called here; what its library cannot do raises
Unsupported (alter_incrementally, delete_offset and delete_group may be missing: then the rest of their checks is
done). main(adapter) is the driver.
"""
import os
import sys
import threading
import time
import traceback

COUNT = 1000
TIMESTAMP = 1_700_000_000_000
SESSION_MS = 45_000  # Longer than any check waits: nothing may depend on a session that times out.
WAIT = 30.0
REPLICATION_FACTOR = int(os.environ.get("REPLICATION_FACTOR", "1"))

TOPIC_EXISTS, OFFSET_OUT_OF_RANGE, UNKNOWN_TOPIC, TOO_LARGE, INVALID_CONFIG = 36, 1, 3, 10, 40


class Unsupported(Exception):
    """The library has no such thing; the text says what."""


class KafkaError(Exception):
    """An error that the broker answered, with Kafka's number."""

    def __init__(self, code, text=""):
        super().__init__(f"error {code} {text}")
        self.code = code


class Record:
    def __init__(self, partition, offset, key, value, headers, timestamp):
        self.partition, self.offset, self.key, self.value = partition, offset, key, value
        self.headers, self.timestamp = headers, timestamp


def value(i):
    if i % 97 == 5:
        return b""
    size, x, out = (i * 37) % 1500 + 1, i + 1, bytearray()
    for k in range(size):
        if k % 16 == 0:
            x = (x * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        out.append((x >> 33) & 0xFF)
    return bytes(out)


def rows(start, count):
    """What producers send: (key, value, headers, timestamp)."""
    return [(f"k{i}".encode(), value(i), [("i", str(i).encode())], TIMESTAMP + i) for i in range(start, start + count)]


def index(record):
    i = int(record.key[1:])
    assert record.value == value(i), f"record {i} has other bytes"
    assert [tuple(h) for h in record.headers] == [("i", str(i).encode())], f"record {i}: headers {record.headers}"
    assert record.timestamp == TIMESTAMP + i, f"record {i}: timestamp {record.timestamp}"
    return i


def refused(code, body, *arguments):
    try:
        body(*arguments)
    except KafkaError as e:
        assert e.code == code, f"refused with {e}, expected error {code}"
        return
    raise AssertionError(f"not refused; expected error {code}")


def until(condition, what, seconds=WAIT):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.05)


class Member(threading.Thread):
    """A member of a group that polls and commits until stop()."""

    def __init__(self, adapter, topic, group, **options):
        super().__init__(daemon=True)
        self.consumer = adapter.Consumer(group=group, session_ms=SESSION_MS, **options)
        self.consumer.subscribe(topic)
        self.seen, self.error, self.ending = set(), None, False
        self.start()

    def run(self):
        try:
            while not self.ending:
                records = self.consumer.poll(0.2)
                self.seen.update(index(r) for r in records)
                if records:
                    self.consumer.commit()
        except BaseException as e:  # noqa: shown by the check
            traceback.print_exc()
            self.error = e

    def assignment(self):
        if self.error:
            raise self.error
        return set(self.consumer.assigned)

    def stop(self):
        self.ending = True
        self.join(WAIT)
        self.consumer.close()
        if self.error:
            raise self.error


class Checks:
    def __init__(self, adapter, prefix):
        self.adapter, self.prefix = adapter, prefix

    def topic(self, name, partitions=3):
        topic = f"{self.prefix}-{name}"
        self.adapter.create(topic, partitions)
        return topic

    def read(self, topic, starts, expected):
        """Reads `expected` records from the given offsets, demanding offsets without a gap; their indexes."""
        consumer = self.adapter.Consumer(group=None)
        seen, following, deadline = [], dict(starts), time.monotonic() + WAIT
        try:
            consumer.assign(topic, starts)
            while len(seen) < expected and time.monotonic() < deadline:
                for r in consumer.poll(0.5):
                    assert r.offset == following[r.partition], f"offset {r.offset}, not {following[r.partition]}"
                    following[r.partition] += 1
                    seen.append(index(r))
        finally:
            consumer.close()
        assert len(seen) == len(set(seen)), "records came twice"
        assert len(seen) == expected, f"{len(seen)} of {expected} records"
        return seen

    def codec(self, name):
        topic = self.topic(name)
        self.adapter.produce(topic, rows(0, COUNT), codec=name)
        self.read(topic, {0: 0, 1: 0, 2: 0}, COUNT)

    def admin(self):
        topic = self.topic("admin")
        until(lambda: self.adapter.partitions(topic) == 3, "the new topic")
        refused(TOPIC_EXISTS, self.adapter.create, topic, 3)
        self.adapter.grow(topic, 5)
        until(lambda: self.adapter.partitions(topic) == 5, "five partitions")
        self.adapter.delete(topic)
        until(lambda: topic not in self.adapter.topics(), "the deletion")

    def times(self):
        topic = self.topic("times")
        self.adapter.produce(topic, rows(0, 300), partition=0)
        consumer = self.adapter.Consumer(group=None)
        try:
            for asked, expected in [(TIMESTAMP - 5, 0), (TIMESTAMP + 123, 123), (TIMESTAMP + 300, None)]:
                got = consumer.offset_for_time(topic, 0, asked)
                assert got == expected, f"offset {got} for a time, expected {expected}"
            assert consumer.first_and_last(topic, 0) == (0, 300), consumer.first_and_last(topic, 0)
            assert consumer.first_and_last(topic, 1) == (0, 0), consumer.first_and_last(topic, 1)
        finally:
            consumer.close()

    def resume(self):
        topic, seen = self.topic("resume"), set()
        self.adapter.produce(topic, rows(0, COUNT))
        for want in (COUNT // 2, COUNT):
            consumer = self.adapter.Consumer(group=topic, session_ms=SESSION_MS)
            try:
                consumer.subscribe(topic)
                deadline = time.monotonic() + WAIT
                while len(seen) < want and time.monotonic() < deadline:
                    records = consumer.poll(0.5, 100)
                    for i in map(index, records):
                        assert i not in seen, f"record {i} came again after its offset was committed"
                        seen.add(i)
                    if records:
                        consumer.commit()
            finally:
                consumer.close()
        assert len(seen) == COUNT, f"{len(seen)} of {COUNT} records"

    def two(self, topic, partitions, first, second):
        """Two members that have divided the topic."""
        members = [Member(self.adapter, topic, topic, **first)]
        try:
            until(lambda: len(members[0].assignment()) == partitions, "the first member's assignment")
            members.append(Member(self.adapter, topic, topic, **second))
            until(lambda: divided(members, partitions), "a divided assignment")
        except BaseException:
            stop_all(members)
            raise
        return members

    def share(self):
        topic = self.topic("share")
        members = self.two(topic, 3, {}, {})
        try:
            self.adapter.produce(topic, rows(0, COUNT))
            until(lambda: len(members[0].seen | members[1].seen) == COUNT, "all records")
            assert members[0].seen and members[1].seen, "one member got nothing"
        finally:
            stop_all(members)

    def leave(self):
        topic = self.topic("leave")
        members = self.two(topic, 3, {}, {})
        try:
            self.adapter.produce(topic, rows(0, 300))
            until(lambda: len(members[0].seen | members[1].seen) == 300, "all records")
            members.pop().stop()
            self.adapter.produce(topic, rows(300, 300))
            until(lambda: members[0].seen >= set(range(300, 600)), "the records after one left", SESSION_MS / 2000)
            assert len(members[0].assignment()) == 3, members[0].assignment()
        finally:
            stop_all(members)

    def static(self):
        topic = self.topic("static", 4)
        members = self.two(topic, 4, {"instance": "one"}, {"instance": "two"})
        try:
            before, changes = members[1].assignment(), members[0].consumer.rebalances
            members.pop().stop()
            members.append(Member(self.adapter, topic, topic, instance="two"))
            until(lambda: members[1].assignment() == before, "the same partitions again")
            self.adapter.produce(topic, rows(0, 300))
            until(lambda: len(members[0].seen | members[1].seen) == 300, "all records")
            assert members[0].consumer.rebalances == changes, "the other member saw a rebalance"
        finally:
            stop_all(members)

    def coop(self):
        topic = self.topic("coop", 4)
        members = self.two(topic, 4, {"cooperative": True}, {"cooperative": True})
        try:
            self.adapter.produce(topic, rows(0, 300))
            until(lambda: len(members[0].seen | members[1].seen) == 300, "all records")
            revoked = set(members[0].consumer.revoked)
            assert revoked == members[1].assignment(), f"revoked {revoked}, moved {members[1].assignment()}"
        finally:
            stop_all(members)

    def idemp(self):
        topic = self.topic("idemp", 1)
        self.adapter.produce(topic, rows(0, COUNT), idempotent=True, partition=0)
        assert self.read(topic, {0: 0}, COUNT) == list(range(COUNT)), "not in order"

    def configs(self):
        topic = self.topic("configs")
        assert self.adapter.topic_config(topic)["retention.ms"] == "604800000"
        self.adapter.alter(topic, {"retention.ms": "86400000", "max.message.bytes": "50000"})
        until(lambda: self.adapter.topic_config(topic)["retention.ms"] == "86400000", "the altered value")
        refused(INVALID_CONFIG, self.adapter.alter, topic, {"retention.ms": "soon"})
        if hasattr(self.adapter, "alter_incrementally"):
            self.adapter.alter_incrementally(topic, {"max.message.bytes": "60000"}, ["retention.ms"])
            until(lambda: self.adapter.topic_config(topic)["max.message.bytes"] == "60000", "the incremental value")
            assert self.adapter.topic_config(topic)["retention.ms"] == "604800000", "the deleted value is still there"
            refused(INVALID_CONFIG, self.adapter.alter_incrementally, topic, {"retention.ms": "soon"}, [])
        assert self.adapter.broker_config()["num.partitions"] == "3"

    def delrec(self):
        topic = self.topic("delrec", 1)
        self.adapter.produce(topic, rows(0, 300), partition=0)
        assert self.adapter.delete_records(topic, 0, 100) == 100
        consumer = self.adapter.Consumer(group=None)
        try:
            until(lambda: consumer.first_and_last(topic, 0) == (100, 300), "the new first offset")
        finally:
            consumer.close()
        assert self.read(topic, {0: 100}, 200) == list(range(100, 300))

    def groups(self):
        topic = self.topic("groups")
        self.adapter.produce(topic, rows(0, 300), partition=0)
        self.adapter.produce(topic, rows(300, 10), partition=1)  # A group without members and offsets is gone at once.
        member = Member(self.adapter, topic, topic)
        try:
            until(lambda: len(member.seen) == 310, "all records")
            until(lambda: topic in self.adapter.groups(), "the group in the list")
            assert self.adapter.describe_group(topic) == ("Stable", 1), self.adapter.describe_group(topic)
        finally:
            member.stop()
        until(lambda: self.adapter.describe_group(topic) == ("Empty", 0), "the empty group")
        assert self.adapter.group_offset(topic, topic, 0) == 300, self.adapter.group_offset(topic, topic, 0)
        if hasattr(self.adapter, "delete_offset"):
            self.adapter.delete_offset(topic, topic, 0)
            assert self.adapter.group_offset(topic, topic, 0) is None, "the offset is still there"
        if hasattr(self.adapter, "delete_group"):
            self.adapter.delete_group(topic)
            until(lambda: topic not in self.adapter.groups(), "the deletion")

    def large(self):
        topic = self.topic("large")
        big = (b"k", b"x" * 1_500_000, [], TIMESTAMP)
        refused(TOO_LARGE, lambda: self.adapter.produce(topic, [big], partition=0))
        self.adapter.produce(topic, rows(0, 10), partition=0)
        self.read(topic, {0: 0}, 10)

    def range(self):
        topic = self.topic("range", 1)
        self.adapter.produce(topic, rows(0, 10), partition=0)
        consumer = self.adapter.Consumer(group=None, reset="error")
        try:
            consumer.assign(topic, {0: 5000})
            refused(OFFSET_OUT_OF_RANGE, poll_until_something, consumer)
        finally:
            consumer.close()
        consumer = self.adapter.Consumer(group=None, reset="earliest")
        try:
            consumer.assign(topic, {0: 5000})
            assert poll_until_something(consumer)[0].offset == 0, "not reset to the first record"
        finally:
            consumer.close()

    def unknown(self):
        topic = f"{self.prefix}-unknown"
        refused(UNKNOWN_TOPIC, self.adapter.delete, topic)
        refused(UNKNOWN_TOPIC, self.adapter.grow, topic, 5)


def divided(members, partitions):
    a, b = (m.assignment() for m in members)
    return a and b and not a & b and len(a | b) == partitions


def stop_all(members):
    for member in members:
        member.ending = True
    for member in members:
        member.stop()


def poll_until_something(consumer):
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        records = consumer.poll(0.5)
        if records:
            return records
    raise AssertionError("neither a record nor an error")


def main(adapter):
    adapter.bootstrap(sys.argv[1])
    checks, failed = Checks(adapter, sys.argv[2]), False
    for name in sys.argv[3:]:
        codec = name in ("plain", "gzip", "snappy", "lz4", "zstd")
        try:
            checks.codec(name) if codec else getattr(checks, name)()
            result = "ok"
        except Unsupported as e:
            result = f"none {e}"
        except BaseException as e:  # noqa: a check must not take the others with it
            traceback.print_exc()
            failed, result = True, f"fail {type(e).__name__}: {e}"
        print(f"CHECK {name} {result}".replace("\n", " "), flush=True)
    adapter.close()
    sys.exit(1 if failed else 0)
