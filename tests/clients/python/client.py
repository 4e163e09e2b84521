"""The checks of the client matrix for confluent-kafka (librdkafka).

Usage: client.py BOOTSTRAP PREFIX; prints "CHECK name ok|fail|none detail" lines; exit 0 when no check failed.
"""
import sys
import threading
import time
import traceback

import confluent_kafka as ck
from confluent_kafka.admin import AdminClient, NewTopic

COUNT = 2000
BOOTSTRAP, PREFIX = sys.argv[1:3]
failed = False


def value(i):
    """Every client of the matrix makes and expects the same bytes."""
    if i % 97 == 5:
        return b""
    size, x, out = (i * 37) % 1500 + 1, i + 1, bytearray()
    for k in range(size):
        if k % 16 == 0:
            x = (x * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        out.append((x >> 33) & 0xFF)
    return bytes(out)


def check(name, body):
    global failed
    try:
        body()
        print(f"CHECK {name} ok", flush=True)
    except BaseException as e:  # noqa: a check must never take the others with it
        traceback.print_exc()
        failed = True
        print(f"CHECK {name} fail {e!r}".replace("\n", " "), flush=True)


def create(topic, partitions):
    admin = AdminClient({"bootstrap.servers": BOOTSTRAP})
    for future in admin.create_topics([NewTopic(topic, partitions, 1)]).values():
        future.result(30)


def produce(topic, codec, start, count):
    errors = []
    producer = ck.Producer({"bootstrap.servers": BOOTSTRAP, "compression.type": codec, "linger.ms": 5,
                            "enable.idempotence": True})
    for i in range(start, start + count):
        producer.produce(topic, value(i), f"k{i}", headers={"i": str(i)}, timestamp=1700000000000 + i,
                         on_delivery=lambda e, m: e and errors.append(e))
        producer.poll(0)
    left = producer.flush(30)
    assert not left and not errors, (left, errors[:1])


def index(message):
    assert not message.error(), message.error()
    i = int(message.key()[1:])
    assert message.value() == value(i), f"record {i} has other bytes"
    assert dict(message.headers())["i"] == str(i).encode(), f"record {i} has other headers"
    assert message.timestamp() == (ck.TIMESTAMP_CREATE_TIME, 1700000000000 + i), f"record {i} has another timestamp"
    return i


def consumer(group):
    return ck.Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": group, "auto.offset.reset": "earliest",
                        "enable.auto.commit": False, "session.timeout.ms": 10000, "check.crcs": True})


def read_all(topic, expected):
    c = consumer(PREFIX + "-reader")
    partitions = c.list_topics(topic, 10).topics[topic].partitions
    c.assign([ck.TopicPartition(topic, p, 0) for p in partitions])
    seen, following, deadline = set(), {}, time.monotonic() + 30
    while len(seen) < expected and time.monotonic() < deadline:
        for m in c.consume(500, 0.5):
            i = index(m)
            assert m.offset() == following.get(m.partition(), 0), "a gap in the offsets"
            following[m.partition()] = m.offset() + 1
            assert i not in seen, f"record {i} came twice"
            seen.add(i)
    c.close()
    assert len(seen) == expected, f"{len(seen)} of {expected} records"


def codec_check(codec):
    topic = f"{PREFIX}-{codec}"
    if codec != "none":
        create(topic, 3)
    produce(topic, codec, 0, COUNT)
    read_all(topic, COUNT)


def resume():
    seen = set()
    for want in (COUNT // 2, COUNT):
        c = consumer(PREFIX + "-resume")
        c.subscribe([PREFIX + "-none"])
        deadline = time.monotonic() + 30
        while len(seen) < want and time.monotonic() < deadline:
            messages = c.consume(100, 0.5)
            for m in messages:
                i = index(m)
                assert i not in seen, f"record {i} came again after its offset was committed"
                seen.add(i)
            if messages:
                c.commit(asynchronous=False)
        c.close()
    assert len(seen) == COUNT, f"{len(seen)} of {COUNT} records"


def share():
    topic = PREFIX + "-share"
    create(topic, 4)
    seen, stop, errors = [set(), set()], threading.Event(), []

    def member(mine):
        try:
            c = consumer(topic)
            c.subscribe([topic])
            while not stop.is_set():
                messages = c.consume(100, 0.1)
                mine.update(index(m) for m in messages)
                if messages:
                    c.commit(asynchronous=False)
            c.close()
        except BaseException as e:  # noqa
            errors.append(e)
    threads = [threading.Thread(target=member, args=(s,)) for s in seen]
    for t in threads:
        t.start()
    sent, deadline = 0, time.monotonic() + 60
    while time.monotonic() < deadline and not errors:
        together = len(seen[0] | seen[1])
        if all(seen) and together == sent > 0:
            break
        if together == sent and sent < 20 * COUNT:
            produce(topic, "none", sent, 200)
            sent += 200
        time.sleep(0.02)
    stop.set()
    for t in threads:
        t.join()
    assert not errors, errors[0]
    assert len(seen[0] | seen[1]) == sent, f"{len(seen[0] | seen[1])} of {sent} records"
    assert all(seen), "one member got nothing"


check("create", lambda: create(PREFIX + "-none", 3))
for name in ("none", "gzip", "snappy", "lz4", "zstd"):
    check(name, lambda: codec_check(name))
check("resume", resume)
check("share", share)
sys.exit(1 if failed else 0)
