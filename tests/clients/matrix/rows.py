"""The rows of the matrix: each a client and how to get its driver."""
import sys

import fetch
import kafka

NEWEST = "4.4.0"
NEWEST_TOOLS = "4.3.1"  # The newest whose kafka-tools jar is on Maven Central. jars.lock has the jars of all these.
CONFLUENT_KAFKA, KAFKA_PYTHON, AIOKAFKA = "2.16.1", "3.0.12", "0.14.0"
JAVA = {"0.9.0.1": [], "0.10.0.1": [], "0.10.2.2": [], "1.1.1": ["Since11"], "2.8.2": ["Since11", "Since28"],
        "3.9.1": ["Since11", "Since28"], NEWEST: ["Since11", "Since28"]}


class Row:
    """One client: `prepare` fetches what is missing and returns the driver's command. In CI only some."""

    def __init__(self, name, prepare, in_ci=False, checks="clients"):
        self.name, self.prepare, self.in_ci, self.checks = name, prepare, in_ci, checks


def kcat():
    fetch.debian(kcat="kcat")
    return [sys.executable, fetch.DRIVERS / "kcat.py"]


def confluent():
    return [fetch.venv("confluent", f"confluent-kafka=={CONFLUENT_KAFKA}"), fetch.DRIVERS / "python" / "confluent.py"]


def debian_confluent():
    """Debian's own package sees only Debian's own python."""
    fetch.run([fetch.ROOT / "tools" / "install-packages", "python3-confluent-kafka"])
    return ["/usr/bin/python3", fetch.DRIVERS / "python" / "confluent.py"]


def pure_python(driver, name, version):
    # cramjam brings snappy, and zstandard and lz4 the others.
    packages = [f"{name}=={version}", "cramjam", "lz4", "zstandard", "python-snappy"]
    return [fetch.venv(name, *packages), fetch.DRIVERS / "python" / driver]


def java(version):
    jars = fetch.jars(f"clients-{version}")
    names = ["Client", "Admin", "Member", "Late", *JAVA[version]]
    sources = [fetch.DRIVERS / "java" / f"{name}.java" for name in names]
    fetch.run(["javac", "-nowarn", "-Xlint:none", "-cp", f"{jars}/*", "-d", jars, *sources])
    return ["java", "-XX:+UseSerialGC", "-cp", f"{jars}/*:{jars}", "Client"]


def tools(version):
    return [sys.executable, fetch.DRIVERS / "tools.py", version, kafka.class_path(fetch.jars(f"kafka-{version}"))]


ROWS = [
    Row("kcat", kcat, in_ci=True),
    Row(f"confluent-kafka {CONFLUENT_KAFKA}", confluent, in_ci=True),
    Row("confluent-kafka 1.7.0 (Debian)", debian_confluent),
    *(Row(f"Java {v}", lambda v=v: java(v), in_ci=v in ("0.10.2.2", "3.9.1")) for v in JAVA),
    Row("franz-go", lambda: [fetch.go_program("franz")], in_ci=True),
    Row("sarama", lambda: [fetch.go_program("sarama")]),
    Row("segmentio/kafka-go", lambda: [fetch.go_program("segmentio")]),
    Row(f"kafka-python {KAFKA_PYTHON}", lambda: pure_python("kafka_python.py", "kafka-python", KAFKA_PYTHON)),
    Row(f"aiokafka {AIOKAFKA}", lambda: pure_python("aio.py", "aiokafka", AIOKAFKA)),
    Row("kafkajs", lambda: ["node", fetch.node_folder() / "client.js"]),
    Row("rskafka", lambda: [fetch.rust_program()]),
    *(Row(f"Kafka's tools {v}", lambda v=v: tools(v), checks="tools")
      for v in ("0.10.2.2", kafka.VERSION, NEWEST_TOOLS)),
]
