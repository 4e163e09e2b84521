"""A data directory that goes from Barnabas to Apache Kafka 3.9.1 and back, and to Kafka once more."""
import json
import os
import re
import shutil
import signal
import subprocess
import tarfile
import threading

from local_broker import LocalBroker, barnabas, kcat
from servers import HERE, Java, free_port, tool, until

TOPICS = "org.apache.kafka.tools.TopicCommand"
GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"
PERFORMANCE = "org.apache.kafka.tools.ProducerPerformance"
DUMP = "kafka.tools.DumpLogSegments"
SLOW = 600  # Seconds.
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
PLAIN = [f"codec-{codec}" for codec in CODECS] + ["idempotent"]
# Small segments and index intervals; nothing may go by age, and compaction must run at once.
SMALL = ["num.partitions=2", "log.segment.bytes=60000", "log.index.interval.bytes=1000", "log.retention.ms=-1",
         "offsets.topic.num.partitions=2", "offsets.topic.replication.factor=1",
         "transaction.state.log.replication.factor=1", "transaction.state.log.min.isr=1",
         "transaction.state.log.num.partitions=2"]
NO_CLEANER = "log.cleaner.enable=false"  # So that what is read stays comparable.


def expect(condition, text):
    if not condition:
        raise AssertionError(text)


class Kafka:
    """One broker of Apache Kafka on a directory that is there already."""

    def __init__(self, server, data):
        self.home, self.data, self.zookeeper = server.home, data, server.address
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"

    def __enter__(self):
        settings = ["broker.id=0", f"listeners=PLAINTEXT://{self.address}", f"log.dirs={self.data}",
                    f"zookeeper.connect={self.zookeeper}", "group.initial.rebalance.delay.ms=0", NO_CLEANER, *SMALL, ""]
        (self.home / "server.properties").write_text("\n".join(settings))
        self.java = Java(self.home, "kafka", "kafka-3.9.1", "kafka.Kafka", self.home / "server.properties")
        self.java.wait_for(self.port)
        until("leaders of all partitions", self.leads_all)
        return self

    def leads_all(self):
        there = sum(path.is_dir() and "-" in path.name for path in self.data.iterdir())
        topics = json.loads(kcat("-b", self.address, "-L", "-J"))["topics"]
        return sum(partition["leader"] == 0 for topic in topics for partition in topic["partitions"]) >= there

    def __exit__(self, *_):
        self.java.end(signal.SIGTERM)

    def log(self):
        return self.java.log_path.read_text(errors="replace")


def records(address, topic):
    """(partition, offset, timestamp, key, value) of all that a reader of committed records is given."""
    out = kcat("-b", address, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-f", "%p %o %T %K %S %k %s\\n")
    return sorted(out.splitlines(), key=lambda line: tuple(map(int, line.split()[:2])))


def everything(address, topics):
    return {topic: records(address, topic) for topic in topics}


def committed(address):
    out = tool("kafka-3.9.1", GROUPS, "--bootstrap-server", address, "--describe", "--group", "readers", limit=SLOW)
    return sorted(tuple(line.split()[1:4]) for line in out.splitlines() if line.startswith("readers"))


def write_everywhere(address, name, count):
    """Some records more in each topic."""
    for topic in PLAIN:
        codec = topic.removeprefix("codec-") if topic.startswith("codec-") else "none"
        lines = "".join(f"{name}-{topic}-{i} {'x' * (i % 90)}\n" for i in range(count))
        kcat("-b", address, "-P", "-t", topic, "-z", codec, "-X", "enable.idempotence=true", "-X",
             "batch.num.messages=20", text=lines.encode())
    lines = "".join(f"key-{i % 37}:{name}-{i} {'y' * (i % 50)}\n" for i in range(3 * count))
    kcat("-b", address, "-P", "-t", "compacted", "-K:", "-z", "lz4", "-X", "batch.num.messages=10", text=lines.encode())


def dump(data):
    """kafka-dump-log over every file of every partition; what it complains of."""
    files = sorted(path for path in data.glob("*-*/*") if path.suffix in {".log", ".index", ".timeindex", ".txnindex"}
                   or path.suffix == ".snapshot")
    out = tool("kafka-3.9.1", DUMP, "--deep-iteration", "--files", ",".join(map(str, files)), limit=SLOW)
    batches = len(re.findall(r"isvalid: true", out))
    wrong = [line for line in out.splitlines()
             if "isvalid: false" in line or re.search(r"mismatch|invalid|corrupt|not found|exception", line, re.I)
             and "isvalid: true" not in line]
    expect(not wrong, f"kafka-dump-log complains: {wrong[:3]}")
    expect(batches > 100, f"kafka-dump-log saw {batches} batches")
    return len(files), batches


def create_compacted(address):
    tool("kafka-3.9.1", TOPICS, "--bootstrap-server", address, "--create", "--topic", "compacted", "--partitions", "1",
         "--config", "cleanup.policy=compact", "--config", "min.cleanable.dirty.ratio=0.01", "--config",
         "segment.bytes=3000", "--config", "delete.retention.ms=100", limit=SLOW)


def produce_while_killed(broker):
    """kill -9 among appends that nobody waits for."""
    words = ["kcat", "-b", broker.address, "-P", "-t", "codec-none", "-X", "message.timeout.ms=3000"]
    producer = subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    killer = threading.Timer(1.0, broker.kill)
    killer.start()
    try:
        for i in range(2_000_000):
            if killer.finished.is_set():
                break
            producer.stdin.write(f"unanswered-{i}\n".encode())
        producer.stdin.close()
    except BrokenPipeError:
        pass
    killer.join()
    producer.kill()
    producer.wait()


def adopt(data, zookeeper=None):
    words = [barnabas(), "adopt", str(data), "--set", "compacted:cleanup.policy=compact"]
    done = subprocess.run(words + (["--zookeeper", zookeeper] if zookeeper else []), capture_output=True, text=True,
                          timeout=90, check=False)
    expect(done.returncode == 0, f"adopt: {done.stderr}")


def made_by_barnabas(broker):
    """Codecs, idempotence, compaction, a group's offsets, kills. What it holds at the end; killed, not stopped."""
    broker.start()
    create_compacted(broker.address)
    for round_number in range(3):
        write_everywhere(broker.address, f"barnabas{round_number}", 300)
        broker.kill()
        broker.start()
    until("compaction", lambda: len(records(broker.address, "compacted")) < 2700)
    kcat("-b", broker.address, "-G", "readers", "-e", "-q", "-X", "auto.offset.reset=earliest", "codec-zstd",
         "compacted")
    produce_while_killed(broker)
    broker.settings.append(NO_CLEANER)
    broker.start()
    held = everything(broker.address, PLAIN + ["compacted"])
    offsets = committed(broker.address)
    broker.kill()
    return held, offsets


def same(there, held, where):
    for topic, lines in held.items():
        expect(there[topic] == lines, f"{where}: {topic} has {len(there[topic])} records of {len(lines)}, or others")


def write_transactions(address):
    for i, duration in enumerate((20, 500)):
        tool("kafka-3.9.1", PERFORMANCE, "--topic", "idempotent", "--num-records", "500", "--record-size", "50",
             "--throughput", "-1", "--producer-props", f"bootstrap.servers={address}", "--transactional-id", f"t{i}",
             "--transaction-duration-ms", duration, limit=SLOW)


def directory(server):
    broker = LocalBroker("broker.id=0", *SMALL, "log.cleaner.backoff.ms=100")
    try:
        held, offsets = made_by_barnabas(broker)
        compacted = len(held["compacted"])
        expect(compacted < 2700, f"nothing was compacted: {compacted} records")
        files, batches = dump(broker.data)
        adopt(broker.data, server.address)
        shutil.move(broker.data / "zookeeper", broker.home / "zookeeper-1")
        with Kafka(server, broker.data) as kafka:
            same(everything(kafka.address, held), held, "Kafka")
            expect(committed(kafka.address) == offsets, "Kafka: the group's offsets differ")
            write_everywhere(kafka.address, "kafka", 100)
            write_transactions(kafka.address)
            held, offsets = everything(kafka.address, held), committed(kafka.address)
        adopt(broker.data)
        broker.start()
        same(everything(broker.address, held), held, "Barnabas again")
        expect(committed(broker.address) == offsets, "Barnabas again: the group's offsets differ")
        write_everywhere(broker.address, "back", 100)
        held = everything(broker.address, held)
        expect(broker.stop() == 0, "the broker did not stop cleanly")
        shutil.move(broker.data / "zookeeper", broker.home / "zookeeper-2")
        dump(broker.data)
        with Kafka(server, broker.data) as kafka:
            same(everything(kafka.address, held), held, "Kafka again")
        total = sum(map(len, held.values()))
        return (f"{files} files with {batches} batches without complaint; compacted 2700 to {compacted}; "
                f"{total} records equal at the end of Barnabas -> Kafka -> Barnabas -> Kafka")
    finally:
        broker.__exit__()


def offset_at(address, timestamp):
    out = kcat("-b", address, "-Q", "-t", f"compacted:0:{timestamp}").decode()
    return int(re.search(r"offset (-?\d+)", out)[1])


def timestamps(server):
    """Why Kafka finds no record by its timestamp behind a segment that compaction has emptied: the largest timestamp of
    such a segment is the time at which its file was last written, and no other segment is looked into."""
    data = server.home / "clean"
    data.mkdir()
    with tarfile.open(HERE.parent.parent / "log" / "data" / "clean.tar.gz") as archive:
        archive.extractall(data)
    adopt(data, server.address)
    shutil.rmtree(data / "zookeeper", ignore_errors=True)
    asked = (1700000050000, 1700000200000)
    with Kafka(server, data) as kafka:
        as_it_is = [offset_at(kafka.address, at) for at in asked]
    emptied = [path for path in (data / "compacted-0").glob("*.log") if path.stat().st_size == 0]
    expect(emptied, "no segment is empty")
    for path in emptied:
        os.utime(path, (1, 1))
    with Kafka(server, data) as kafka:
        with_old_files = [offset_at(kafka.address, at) for at in asked]
    expect(as_it_is == [-1, -1] and with_old_files == [125, 204], f"{as_it_is}, then {with_old_files}")
    return f"at {asked}: {as_it_is}, and once the empty segment's file is from 1970 {with_old_files}, as Barnabas says"
