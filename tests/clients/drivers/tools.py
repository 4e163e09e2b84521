"""Kafka's own command-line tools for the matrix: the checks "tools" of matrix/checks.toml.

Usage: tools.py VERSION CLASSPATH BOOTSTRAP PREFIX CHECK...
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

VERSION, CLASS_PATH, ADDRESS, PREFIX = sys.argv[1:5]
OLD = VERSION.startswith("0.")
NEW = VERSION.startswith("4.")
SECONDS = 90
REPLICAS = int(os.environ.get("REPLICATION_FACTOR", "1"))
# tool -> main class: in 0.10, in 3.9, in 4.x. None: asks ZooKeeper, or did not exist.
MAIN = {
    "topics": (None, "org.apache.kafka.tools.TopicCommand", "org.apache.kafka.tools.TopicCommand"),
    "configs": (None, "kafka.admin.ConfigCommand", "kafka.admin.ConfigCommand"),
    "console-producer": ("kafka.tools.ConsoleProducer", "kafka.tools.ConsoleProducer",
                         "org.apache.kafka.tools.ConsoleProducer"),
    "console-consumer": ("kafka.tools.ConsoleConsumer", "org.apache.kafka.tools.consumer.ConsoleConsumer",
                         "org.apache.kafka.tools.consumer.ConsoleConsumer"),
    "consumer-groups": ("kafka.admin.ConsumerGroupCommand",
                        "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
                        "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"),
    "get-offsets": ("kafka.tools.GetOffsetShell", "org.apache.kafka.tools.GetOffsetShell",
                    "org.apache.kafka.tools.GetOffsetShell"),
    "delete-records": (None, "org.apache.kafka.tools.DeleteRecordsCommand",
                       "org.apache.kafka.tools.DeleteRecordsCommand"),
    "log-dirs": (None, "org.apache.kafka.tools.LogDirsCommand", "org.apache.kafka.tools.LogDirsCommand"),
    "broker-api-versions": ("kafka.admin.BrokerApiVersionsCommand", "kafka.admin.BrokerApiVersionsCommand",
                            "org.apache.kafka.tools.BrokerApiVersionsCommand"),
    "reassign-partitions": (None,) + ("org.apache.kafka.tools.reassign.ReassignPartitionsCommand",) * 2,
    "leader-election": (None,) + ("org.apache.kafka.tools.LeaderElectionCommand",) * 2,
    "producer-perf-test": ("org.apache.kafka.tools.ProducerPerformance",) * 3,
    "consumer-perf-test": ("kafka.tools.ConsumerPerformance", "org.apache.kafka.tools.ConsumerPerformance",
                           "org.apache.kafka.tools.ConsumerPerformance"),
    "verifiable-producer": ("org.apache.kafka.tools.VerifiableProducer",) * 3,
    "verifiable-consumer": ("org.apache.kafka.tools.VerifiableConsumer",) * 3,
}
SERVER = ["--bootstrap-server", ADDRESS]


class Unsupported(Exception):
    """This release's tool does not speak Kafka's protocol for it, or is not there."""


def java(tool):
    main = MAIN[tool][0 if OLD else 2 if NEW else 1]
    if not main:
        raise Unsupported(f"kafka-{tool} of {VERSION} asks ZooKeeper, or did not exist")
    return ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m", "-cp", CLASS_PATH, main]


def run(tool, *arguments, text=None, fails=False):
    """What the tool printed; it must succeed, or fail where that is wanted."""
    done = subprocess.run([*java(tool), *map(str, arguments)], input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False)
    lines = [line for line in done.stdout.splitlines() if "SLF4J" not in line and "StatusLogger" not in line]
    if fails != (done.returncode != 0):
        raise AssertionError(f"kafka-{tool} {' '.join(map(str, arguments))}: exit {done.returncode}: {lines[-6:]}")
    return "\n".join(lines)


def expect(pattern, text):
    assert re.search(pattern, text, re.M), f"no {pattern!r} in: {text[-600:]}"


def until(pattern, ask):
    """Asks again, for a while, as metadata takes its time to spread."""
    deadline = time.monotonic() + 20
    while not re.search(pattern, text := ask(), re.M):
        assert time.monotonic() < deadline, f"no {pattern!r} in: {text[-600:]}"


def topic(name, partitions=3):
    name = f"{PREFIX}-{name}"
    if not OLD:  # The old tools' topics are made by the broker when they are first asked for.
        run("topics", *SERVER, "--create", "--topic", name, "--partitions", partitions, "--replication-factor", REPLICAS)
    return name


def fill(name, count):
    """Lines to the topic by the console producer."""
    broker = ["--broker-list", ADDRESS] if OLD else SERVER
    run("console-producer", *broker, "--topic", name, "--property", "parse.key=true", "--property", "key.separator=:",
        text="".join(f"k{i}:line {i}\n" for i in range(count)))


def drain(name, count, *options):
    told = run("console-consumer", *SERVER, "--topic", name, "--from-beginning", "--max-messages", count,
               "--timeout-ms", 30000, "--property", "print.key=true", "--property", "key.separator=:", *options)
    return [line for line in told.splitlines() if re.fullmatch(r"k\d+:line \d+", line)]


def console():
    name = topic("console")
    fill(name, 500)
    assert sorted(drain(name, 500)) == sorted(f"k{i}:line {i}" for i in range(500)), "other lines came out"


def topics():
    name = topic("topics")
    expect(f"^{re.escape(name)}$", run("topics", *SERVER, "--list"))
    expect(rf"PartitionCount:\s*3\s+ReplicationFactor:\s*{REPLICAS}", run("topics", *SERVER, "--describe", "--topic", name))
    expect("already exists", run("topics", *SERVER, "--create", "--topic", name, fails=True))
    run("topics", *SERVER, "--alter", "--topic", name, "--partitions", 5)
    until(r"PartitionCount:\s*5", lambda: run("topics", *SERVER, "--describe", "--topic", name))
    run("topics", *SERVER, "--delete", "--topic", name)
    expect("does not exist", run("topics", *SERVER, "--describe", "--topic", name, fails=True))


def configs():
    name = topic("configs")
    entity = [*SERVER, "--entity-type", "topics", "--entity-name", name]
    run("configs", *entity, "--alter", "--add-config", "retention.ms=12345,cleanup.policy=compact")
    until("retention.ms=12345 sensitive=false", lambda: run("configs", *entity, "--describe"))
    expect("", run("configs", *entity, "--alter", "--add-config", "retention.ms=soon", fails=True))
    run("configs", *entity, "--alter", "--delete-config", "retention.ms")
    told = run("configs", *entity, "--describe")
    assert "cleanup.policy=compact" in told and "retention.ms" not in told, told
    broker = re.search(r"id: (\d+) rack", run("broker-api-versions", *SERVER))[1]
    told = run("configs", *SERVER, "--entity-type", "brokers", "--entity-name", broker, "--describe", "--all")
    expect("num.partitions=3", told)


def groups():
    name = topic("groups")
    fill(name, 100)
    group = ["--group", name]
    drain(name, 60, *(["--consumer-property", f"group.id={name}"] if OLD else group))
    ask = ["--new-consumer", *SERVER] if OLD else SERVER
    expect(f"^{re.escape(name)}$", run("consumer-groups", *ask, "--list"))
    told = run("consumer-groups", *ask, "--describe", *group)
    if OLD:
        expect("no active members|rebalancing|" + re.escape(name), told)
        return
    lags = [int(line.split()[5]) for line in told.splitlines() if line.startswith(name)]
    assert sum(lags) == 40, told
    run("consumer-groups", *SERVER, *group, "--topic", name, "--reset-offsets", "--to-earliest", "--execute")
    told = run("consumer-groups", *SERVER, "--describe", *group)
    assert sum(int(line.split()[5]) for line in told.splitlines() if line.startswith(name)) == 100, told
    expect(r"Empty", run("consumer-groups", *SERVER, "--describe", "--state", *group))
    told = run("consumer-groups", *SERVER, "--delete-offsets", *group, "--topic", f"{name}:0")
    expect("Request succeed(ed)? for deleting offsets", told)  # It exits with 0 when it does not, too.
    expect("was successful", run("consumer-groups", *SERVER, "--delete", *group))
    assert name not in run("consumer-groups", *SERVER, "--list").splitlines(), "the group is still there"


def offsets():
    name = topic("offsets")
    fill(name, 100)
    broker = ["--broker-list", ADDRESS] if OLD else SERVER
    for when, total in ((-1, 100), (-2, 0)):
        told = run("get-offsets", *broker, "--topic", name, "--time", when)
        found = [int(n) for n in re.findall(rf"^{re.escape(name)}:\d+:(\d+)", told, re.M)]
        assert len(found) == 3 and sum(found) == total, told


def delrec():
    name = topic("delrec", 1)
    if not OLD:
        fill(name, 100)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"version": 1, "partitions": [{"topic": name, "partition": 0, "offset": 30}]}, file)
        file.flush()
        expect(r"low_watermark: 30$", run("delete-records", *SERVER, "--offset-json-file", file.name))
    expect(rf"^{re.escape(name)}:0:30$", run("get-offsets", *SERVER, "--topic", name, "--time", -2))


def log_dirs():
    name = topic("logdirs")
    if not OLD:
        fill(name, 100)
    told = run("log-dirs", *SERVER, "--describe", "--topic-list", name)
    found = json.loads(told[told.index('{"'):].splitlines()[0])
    partitions = [p for b in found["brokers"] for d in b["logDirs"] for p in d["partitions"]]
    assert sorted(p["partition"] for p in partitions) == [f"{name}-{i}" for i in range(3) for _ in range(REPLICAS)], told
    assert sum(p["size"] for p in partitions) > 0, told


def versions():
    told = run("broker-api-versions", *SERVER)
    expect(r"Produce\(0\): \d+ to \d+ \[usable: \d+\]", told)
    expect(r"OffsetCommit\(8\): 0 to \d+", told)


def replicas_of(name):
    """{partition: [brokers, the preferred leader first]}, and the leaders."""
    told = run("topics", *SERVER, "--describe", "--topic", name)
    rows = re.findall(r"Partition: (\d+)\s+Leader: (\S+)\s+Replicas: ([\d,]+)", told)
    return {int(p): [int(b) for b in r.split(",")] for p, _, r in rows}, {int(p): int(leader) for p, leader, _ in rows}


def move(name, plan, *options):
    """Executes a plan {partition: brokers} and waits until it is done."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"version": 1, "partitions": [{"topic": name, "partition": p, "replicas": brokers}
                                                for p, brokers in plan.items()]}, file)
        file.flush()
        words = [*SERVER, "--reassignment-json-file", file.name]
        expect("Successfully started partition reassignment", run("reassign-partitions", *words, "--execute", *options))
        until(rf"(is completed[\s\S]*){{{len(plan)}}}", lambda: run("reassign-partitions", *words, "--verify"))
    assert replicas_of(name)[0] == plan, f"{replicas_of(name)} after {plan}"


def reassign():
    name = topic("reassign")
    fill(name, 300)
    before, _ = replicas_of(name)
    brokers = sorted({b for row in before.values() for b in row})
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"version": 1, "topics": [{"topic": name}]}, file)
        file.flush()
        told = run("reassign-partitions", *SERVER, "--topics-to-move-json-file", file.name, "--broker-list",
                   ",".join(map(str, brokers)), "--generate")
        expect("Proposed partition reassignment configuration", told)
    # Away from one of its brokers, then back to it, the second time with a bound on the bandwidth.
    move(name, {p: row[1:] for p, row in before.items()})
    move(name, before, "--throttle", 10_000_000)
    expect("No partition reassignments found", run("reassign-partitions", *SERVER, "--list"))
    told = run("configs", *SERVER, "--entity-type", "topics", "--entity-name", name, "--describe")
    assert "throttled" not in told, f"--verify has left the throttle there: {told}"
    assert sorted(drain(name, 300)) == sorted(f"k{i}:line {i}" for i in range(300)), "other lines came out"


def election():
    name = topic("election")
    replicas, leaders = replicas_of(name)
    move(name, {p: row[1:] + row[:1] for p, row in replicas.items()})
    assert replicas_of(name)[1] == leaders, "a leader moved without an election"
    run("leader-election", *SERVER, "--election-type", "preferred", "--topic", name, "--partition", 0)
    run("leader-election", *SERVER, "--election-type", "preferred", "--all-topic-partitions")
    deadline = time.monotonic() + 20
    while any(leader != replicas_of(name)[0][p][0] for p, leader in replicas_of(name)[1].items()):
        assert time.monotonic() < deadline, f"not the preferred leaders: {replicas_of(name)}"


def perf():
    name = topic("perf")
    told = run("producer-perf-test", "--topic", name, "--num-records", 20000, "--record-size", 200, "--throughput", -1,
               "--producer-props", f"bootstrap.servers={ADDRESS}", "acks=all")
    expect(r"20000 records sent", told)
    old = ["--new-consumer", "--broker-list", ADDRESS]
    told = run("consumer-perf-test", *(old if OLD else SERVER), "--topic", name, "--messages", 20000)
    rows = [line.split(", ") for line in told.splitlines() if re.match(r"\d{4}-", line)]
    assert rows and int(float(rows[-1][4])) >= 20000, told


def verifiable():
    name = topic("verifiable")
    broker = ["--broker-list", ADDRESS] if OLD else SERVER
    told = run("verifiable-producer", *broker, "--topic", name, "--max-messages", 2000, "--acks", -1)
    expect(r'"sent":2000,"acked":2000|"acked":2000', told)
    words = [*java("verifiable-consumer"), *broker, "--topic", name, "--group-id", name, "--max-messages", "2000",
             "--reset-policy", "earliest"]
    # The one of 0.10 does not end by itself, so that it is ended here when it has all.
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as tool:
        stop = threading.Timer(SECONDS, tool.kill)
        stop.start()
        consumed, committed = 0, 0
        for line in tool.stdout:
            event = json.loads(line) if line.startswith("{") else {"name": "noise"}
            if event["name"] == "records_consumed":
                consumed += event["count"]
            if event["name"] == "offsets_committed":
                assert event["success"], line
                committed = consumed
            if committed == 2000:
                tool.terminate()
        stop.cancel()
    assert committed == 2000, f"{consumed} records consumed, {committed} committed"


def main():
    bodies = {"topics": topics, "configs": configs, "console": console, "groups": groups, "offsets": offsets,
              "delrec": delrec, "log-dirs": log_dirs, "versions": versions, "perf": perf, "reassign": reassign, "election": election, "verifiable": verifiable}
    failed = False
    for name in sys.argv[5:]:
        try:
            bodies[name]()
            result = "ok"
        except Unsupported as e:
            result = f"none {e}"
        except Exception as e:  # noqa: a check must not take the others with it
            failed, result = True, f"fail {type(e).__name__}: {e}"
        print(f"CHECK {name} {result}".replace("\n", " "), flush=True)
    sys.exit(1 if failed else 0)


main()
