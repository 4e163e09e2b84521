"""What each real client must be able to do. A judge takes a running server and returns what it saw, in a few words."""
import pathlib
import re
import shutil
import subprocess
import time
import xml.etree.ElementTree

from data_directory import directory, timestamps
from servers import CLEAN_ENVIRONMENT, HERE, Cluster, Ours, fetch, four_letters, tool, until

KAZOO = "2.10.0"
KAZOO_NEEDS = ["pytest", "objgraph", "pyopenssl", "pyjks"]
# The modules of kazoo's own suite that can use a server that is there already; what restarts servers itself, or wants
# TLS, SASL or reconfiguration, is left out.
KAZOO_MODULES = ["barrier", "cache", "client", "connection", "counter", "election", "interrupt", "lease", "lock",
                 "partitioner", "party", "queue", "retry", "security", "threading_handler", "watchers"]
# These fail on Apache ZooKeeper in the same way: they stop one server of three, or want a read-only one.
KAZOO_NEEDS_ENSEMBLE = {"TestClient::test_request_queuing_session_expired",
                        "TestClient::test_request_queuing_session_recovered", "TestReadOnlyMode::test_read_only"}
SHELL = "org.apache.zookeeper.ZooKeeperMainWithTlsSupportForKafka"
TOPICS = "org.apache.kafka.tools.TopicCommand"
PRODUCER = "kafka.tools.ConsoleProducer"
CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"


def expect(condition, text):
    if not condition:
        raise AssertionError(text)


def words(server):
    expect(four_letters(server, "ruok") == "imok", "ruok")
    expect(four_letters(server, "isro").strip() == "rw", "isro")
    facts = dict(line.split("\t", 1) for line in four_letters(server, "mntr").splitlines() if "\t" in line)
    expect(facts["zk_server_state"] == "standalone", "mntr")
    for word in ("srvr", "stat", "cons", "conf", "wchs", "dump", "envi"):
        expect(four_letters(server, word), word)
    return f"{len(facts)} lines of mntr"


def shell(server):
    def run(*command):
        return tool("kafka-3.9.1", SHELL, "-server", server.address, *command)
    run("create", "/shell", "one")
    run("create", "-s", "/shell/n-", "x")
    run("set", "/shell", "two")
    expect("two" in run("get", "/shell"), "get")
    expect("n-0000000000" in run("ls", "/shell"), "ls")
    expect(re.search(r"dataVersion = 1\b", run("stat", "/shell")), "stat")
    expect("'world,'anyone" in run("getAcl", "/shell"), "getAcl")
    expect("/shell/n-0000000000" in run("ls", "-R", "/shell"), "ls -R")
    run("sync", "/shell")
    # Its event thread may print that it is connected before the answer or after it.
    expect("1" in run("getAllChildrenNumber", "/shell").splitlines(), "getAllChildrenNumber")
    expect("ip" in run("whoami"), "whoami")
    run("deleteall", "/shell")
    expect("shell" not in run("ls", "/").split("[")[-1], "deleteall")
    return "create, set, get, ls, stat, getAcl, sync, whoami, deleteall"


def c_client(server):
    """Debian's cli_mt, from the package's file when it is not installed."""
    program = pathlib.Path("/usr/lib/zookeeper/bin/cli_mt")
    if not program.exists():
        subprocess.run([fetch.ROOT / "tools" / "install-packages", "zookeeper-bin"], check=True)
    script = ["create /cli", "set /cli hello", "get /cli", "ls2 /", "stat /cli", "getacl /cli", "sync /cli",
              "wexists /cli", "delete /cli", "wexists /cli", "quit"]
    process = subprocess.Popen([program, server.address], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    # It prints what it hears while it waits for the next line, and drops what comes after quit.
    for line in script:
        process.stdin.write(line + "\n")
        process.stdin.flush()
        time.sleep(0.2)
    output = process.communicate(timeout=20)[0]
    expect("CONNECTED_STATE" in output, output[-1000:])
    expect("hello" in output and "rc = 0" in output, output[-1000:])
    return "create, set, get, ls2, getacl, sync, watches, delete"


def kazoo_source():
    home = fetch.CACHE / "kazoo" / f"kazoo-{KAZOO}"

    def make():
        python = fetch.venv("kazoo-env", f"kazoo=={KAZOO}", *KAZOO_NEEDS)
        fetch.run([python, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", f"kazoo=={KAZOO}", "-d",
                   home], attempts=3)
        for archive in home.glob("*.tar.gz"):
            shutil.unpack_archive(archive, home)
    return fetch.once(home, "done", make) / f"kazoo-{KAZOO}"


def kazoo(server):
    source = kazoo_source()
    python = fetch.venv("kazoo-env", f"kazoo=={KAZOO}", *KAZOO_NEEDS)
    modules = [f"kazoo/tests/test_{name}.py" for name in KAZOO_MODULES]
    report = server.home / "kazoo.xml"
    subprocess.run([python, "-m", "pytest", "-p", "kazoo_plugin", "-p", "no:cacheprovider", "-o", "log_cli=false", "-q",
                    "-k", "not Reconfig and not SSL", f"--junitxml={report}", *modules],
                   cwd=source, env={**CLEAN_ENVIRONMENT, "ZK_ADDRESS": server.address, "PYTHONPATH": str(HERE)},
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=900, check=False)
    cases = list(xml.etree.ElementTree.parse(report).iter("testcase"))
    failed = {f"{case.get('classname').split('.')[-1]}::{case.get('name')}" for case in cases
              if case.find("failure") is not None or case.find("error") is not None}
    expect(len(cases) > 250, f"only {len(cases)} tests ran")
    expect(failed <= KAZOO_NEEDS_ENSEMBLE, f"failed: {', '.join(sorted(failed - KAZOO_NEEDS_ENSEMBLE))}")
    return f"{len(cases) - len(failed)} of {len(cases)} tests; {len(failed)} need an ensemble"


def kafka(server):
    cluster = Cluster(server)
    try:
        cluster.start(0, 1, 2)
        tool("kafka-3.9.1", TOPICS, "--bootstrap-server", ",".join(cluster.addresses), "--create", "--topic", "t",
             "--partitions", "6", "--replication-factor", "3")
        produce(cluster, range(0, 1000))
        for round_number in range(2):
            victim = controller(server)
            cluster.kill(victim)
            until("another controller", lambda: controller(server) not in (None, victim))
            until("leaders on the living", lambda: leaders(cluster) <= {0, 1, 2} - {victim} and leaders(cluster))
            produce(cluster, range(1000 * (round_number + 1), 1000 * (round_number + 2)))
            cluster.start(victim)
            until("all in sync", lambda: in_sync(cluster) == 18)
            if isinstance(server, Ours) and round_number == 0:
                server.kill()
                server.start()
        consumed = tool("kafka-3.9.1", CONSUMER, "--bootstrap-server", ",".join(cluster.addresses), "--topic", "t",
                        "--group", "g", "--from-beginning", "--max-messages", "3000", "--timeout-ms", "60000")
        expect(sorted(map(int, consumed.split())) == list(range(3000)), f"{len(consumed.split())} records of 3000")
        return "3 brokers; controller killed twice, ZooKeeper once; 3000 of 3000 records"
    finally:
        cluster.stop()


def shell_get(server, path):
    return tool("kafka-3.9.1", SHELL, "-server", server.address, "get", path, must=False)


def controller(server):
    found = re.search(r'"brokerid":(\d+)', shell_get(server, "/controller"))
    return int(found[1]) if found else None


def describe(cluster):
    return tool("kafka-3.9.1", TOPICS, "--bootstrap-server", ",".join(cluster.addresses), "--describe", "--topic", "t")


def leaders(cluster):
    return {int(n) if n.isdigit() else -1 for n in re.findall(r"Leader: (\S+)", describe(cluster))}


def in_sync(cluster):
    return sum(len(isr.split(",")) for isr in re.findall(r"Isr: (\S+)", describe(cluster)))


def produce(cluster, numbers):
    tool("kafka-3.9.1", PRODUCER, "--bootstrap-server", ",".join(cluster.addresses), "--topic", "t",
         "--producer-property", "acks=all", text="".join(f"{n}\n" for n in numbers))


def old_tools(server):
    """Kafka 0.10.2.2's tools that talk to ZooKeeper themselves, with one broker of 3.9.1."""
    cluster = Cluster(server)
    old = "kafka-0.10.2.2"
    try:
        cluster.start(0)
        tool(old, "kafka.admin.TopicCommand", "--zookeeper", server.address, "--create", "--topic", "old",
             "--partitions", "3", "--replication-factor", "1", "--config", "min.insync.replicas=1")
        expect("PartitionCount:3" in tool(old, "kafka.admin.TopicCommand", "--zookeeper", server.address, "--describe",
                                          "--topic", "old"), "describe")
        tool("kafka-3.9.1", PRODUCER, "--bootstrap-server", cluster.addresses[0], "--topic", "old",
             text="".join(f"{n}\n" for n in range(100)))
        consumed = tool(old, "kafka.tools.ConsoleConsumer", "--zookeeper", server.address, "--topic", "old",
                        "--from-beginning", "--max-messages", "100")
        expect(sorted(map(int, consumed.split())) == list(range(100)), f"{consumed!r}")
        return "kafka-topics --zookeeper, ZooKeeper-based consumer"
    finally:
        cluster.stop()


JUDGES = {"words": words, "shell": shell, "c": c_client, "kazoo": kazoo, "old-tools": old_tools, "kafka": kafka,
          "directory": directory, "timestamps": timestamps}
