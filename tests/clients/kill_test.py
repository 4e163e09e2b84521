#!/usr/bin/env python3
"""kill -9 at full produce load: nothing acknowledged is gone, offsets are contiguous, again and again.

Usage: kill_test.py [ROUNDS]
"""
import sys
import time

from librdkafka import Producer
from local_broker import PATIENCE, LocalBroker, kcat, note

PER_ROUND = 20_000
BURST = 5_500  # Produced without a look at the answers.
CODECS = ["none", "lz4", "zstd", "snappy", "gzip"]


def load_until_killed(broker, round_number):
    """(offset -> payload of what was acknowledged, number of those under way when the broker died)"""
    producer = Producer("t", bootstrap_servers=broker.address, acks=["all", "1"][round_number % 2], retries=0,
                        compression_codec=CODECS[round_number % len(CODECS)], linger_ms=1, log_level=0,
                        queue_buffering_max_messages=1_000_000, topic_metadata_refresh_interval_ms=100)
    deadline = time.monotonic() + PATIENCE
    sent = kill_at = 0
    while time.monotonic() < deadline:
        if producer.produce(b"%d-%d-%s" % (round_number, sent, b"x" * (sent % 200))):
            sent += 1
        if sent % 1000 == 0 and not kill_at:
            producer.poll()
        if not kill_at and len(producer.acknowledged) >= PER_ROUND:
            kill_at = sent + BURST
        if sent == kill_at:
            # In the middle of a burst, which librdkafka's own thread sends.
            broker.kill()
            break
    # What was acknowledged while it died counts as well.
    producer.poll(100)
    producer.close()
    if len(producer.acknowledged) < PER_ROUND:
        raise AssertionError(f"{len(producer.acknowledged)} of {PER_ROUND} were acknowledged within {PATIENCE} s, "
                             f"{producer.failed} failed\n{broker.log()}")
    return dict(producer.acknowledged), producer.failed


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
    under_way = 0
    with LocalBroker("num.partitions=1", "log.segment.bytes=4194304") as broker:
        kcat("-b", broker.address, "-L", "-t", "t")
        for number in range(rounds):
            added, failed = load_until_killed(broker, number)
            acknowledged.update(added)
            under_way += failed
            broker.start()
            end = check(broker, acknowledged)
            note(f"round {number + 1} of {rounds}: {len(acknowledged)} acknowledged, {end} in the log, {failed} were under way")
        if broker.stop() != 0:
            raise AssertionError(broker.log())
    if under_way == 0:
        raise AssertionError("nothing was ever under way when the broker died: this tested no load")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
