#!/usr/bin/env python3
"""kill -9 at full produce load: nothing acknowledged is gone, offsets are contiguous, again and again.

Usage: kill_test.py [ROUNDS]
"""
import sys
import time

from librdkafka import Producer
from local_broker import PATIENCE, LocalBroker, kcat, note

PER_ROUND = 20_000
CODECS = ["none", "lz4", "zstd", "snappy", "gzip"]


def load_until_killed(broker, round_number):
    """What was acknowledged when the broker died under full load: offset -> payload."""
    producer = Producer("t", bootstrap_servers=broker.address, acks=["all", "1"][round_number % 2], retries=0,
                        compression_codec=CODECS[round_number % len(CODECS)], linger_ms=1,
                        topic_metadata_refresh_interval_ms=100)
    deadline = time.monotonic() + PATIENCE
    sent = 0
    while len(producer.acknowledged) < PER_ROUND and time.monotonic() < deadline:
        if producer.produce(b"%d-%d-%s" % (round_number, sent, b"x" * (sent % 200))):
            sent += 1
            if sent % 1000 == 0:
                producer.poll()
        else:
            producer.poll(10)
    # What is acknowledged while it dies counts as well.
    broker.kill()
    producer.poll(100)
    producer.close()
    if len(producer.acknowledged) < PER_ROUND:
        raise AssertionError(f"{len(producer.acknowledged)} of {PER_ROUND} were acknowledged within {PATIENCE} s, "
                             f"{producer.failed} failed\n{broker.log()}")
    return dict(producer.acknowledged)


def check(broker, acknowledged):
    got = kcat("-b", broker.address, "-C", "-t", "t", "-p", "0", "-o", "beginning", "-e", "-q", "-X", "check.crcs=true",
               "-f", "%o %s\n").split(b"\n")[:-1]
    payloads = []
    for expected, line in enumerate(got):
        offset, payload = line.split(b" ", 1)
        if int(offset) != expected:
            raise AssertionError(f"after offset {expected - 1} comes {int(offset)}")
        payloads.append(payload)
    if len(set(payloads)) != len(payloads):
        raise AssertionError(f"{len(payloads) - len(set(payloads))} records are there twice")
    lost = [offset for offset, payload in acknowledged.items() if offset >= len(got) or payloads[offset] != payload]
    if lost:
        raise AssertionError(f"{len(lost)} acknowledged records are gone, the first at offset {min(lost)}; "
                             f"the log ends at {len(got)}")
    return len(got)


def main(rounds):
    acknowledged = {}
    with LocalBroker("num.partitions=1", "log.segment.bytes=4194304") as broker:
        kcat("-b", broker.address, "-L", "-t", "t")
        for number in range(rounds):
            acknowledged.update(load_until_killed(broker, number))
            broker.start()
            end = check(broker, acknowledged)
            note(f"round {number + 1} of {rounds}: {len(acknowledged)} acknowledged, {end} in the log")
        if broker.stop() != 0:
            raise AssertionError(broker.log())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
