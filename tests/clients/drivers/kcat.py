"""The checks of the matrix (matrix/checks.toml) that kcat can do. Its records are lines of text, with the time
of their sending."""
import os
import re
import subprocess
import sys
import tempfile
import time

ADDRESS, PREFIX = sys.argv[1:3]
COUNT = 1000
WAIT = 60
NOT_THERE = {**dict.fromkeys(["admin", "configs", "delrec", "groups"], "no admin interface"),
             **dict.fromkeys(["static", "coop"], "does not show who is assigned what")}


def kcat(*arguments, text=None, fails=False):
    """Its stdout; with fails, what it printed on stderr when it failed."""
    done = subprocess.run(["kcat", "-b", ADDRESS, *map(str, arguments)], input=text, capture_output=True,
                          timeout=2 * WAIT, check=False)
    if fails != (done.returncode != 0):
        raise AssertionError(f"kcat {' '.join(map(str, arguments))}: exit {done.returncode}, {done.stderr.decode()}")
    return done.stderr.decode() if fails else done.stdout.decode()


def lines(start, count):
    return [f"k{i}:value {i} {'x' * (i * 37 % 900)}" for i in range(start, start + count)]


def send(topic, start, count, *options):
    kcat("-P", "-t", topic, "-K:", "-X", "acks=all", *options, text=("\n".join(lines(start, count)) + "\n").encode())


def read(topic, *options):
    return kcat("-C", "-t", topic, "-e", "-q", "-K:", "-X", "check.crcs=true", *(options or ("-o", "beginning")))


def same(got, expected):
    assert sorted(got) == sorted(expected), f"{len(got)} lines, {len(set(got) & set(expected))} of {len(expected)}"


def codec(name):
    topic = f"{PREFIX}-{name}"
    send(topic, 0, COUNT, "-z", "none" if name == "plain" else name, "-H", "name=text")
    same(read(topic).splitlines(), lines(0, COUNT))
    got = kcat("-C", "-t", topic, "-e", "-q", "-o", "beginning", "-f", "%p %o %h\n").split("\n")[:-1]
    following = {}
    for partition, offset, header in (g.split() for g in got):
        assert header == "name=text", f"header {header}"
        assert int(offset) == following.get(partition, 0), f"offset {offset} after {following.get(partition, 0)}"
        following[partition] = int(offset) + 1


def times():
    topic = f"{PREFIX}-times"
    before = int(time.time() * 1000) - 1000
    send(topic, 0, 100, "-p", "0")
    after = int(time.time() * 1000) + 100_000
    for asked, expected in ((before, 0), (after, 100)):
        got = kcat("-Q", "-t", f"{topic}:0:{asked}").strip()
        assert re.search(rf"\[0\] offset ({expected}|{-1 if expected else 0})$", got), got
    same(read(topic, "-p", "0", "-o", f"s@{before}", "-o", f"e@{after}").splitlines(), lines(0, 100))


def resume():
    topic, got = f"{PREFIX}-resume", []
    send(topic, 0, COUNT)
    for size in (400, COUNT - 400):
        got += kcat("-q", "-c", size, "-K:", "-X", "auto.offset.reset=earliest", "-G", topic, topic).splitlines()
    same(got, lines(0, COUNT))


class Member:
    def __init__(self, topic):
        self.out = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            ["kcat", "-b", ADDRESS, "-q", "-u", "-K:", "-X", "auto.offset.reset=earliest", "-X",
             "session.timeout.ms=45000", "-G", topic, topic], stdout=self.out, stderr=subprocess.DEVNULL)

    def lines(self):
        return os.pread(self.out.fileno(), 1 << 28, 0).decode().splitlines()

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def feed_until(topic, sent, enough):
    """Sends 200 records at a time to partitions of their own choice until enough(sent)."""
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        send(topic, sent, 200, "-p", "-1")
        sent += 200
        for _ in range(20):
            if enough(sent):
                return sent
            time.sleep(0.1)
    raise AssertionError(f"not within {WAIT} s, {sent} records sent")


def divided(topic, body):
    """Runs the body with two members that both got records of the topic, and the number sent."""
    send(topic, 0, 200)  # kcat gives up on a topic that is not there yet.
    members = [Member(topic) for _ in range(2)]
    try:
        sent = feed_until(topic, 200, lambda n: all(m.lines() for m in members)
                          and len(set(members[0].lines()) | set(members[1].lines())) >= n)
        body(members, sent)
    finally:
        for m in members:
            m.stop()


def share():
    divided(f"{PREFIX}-share", lambda members, sent: same(set(members[0].lines()) | set(members[1].lines()),
                                                          lines(0, sent)))


def leave():
    topic = f"{PREFIX}-leave"

    def body(members, sent):
        members[1].stop()
        start = time.monotonic()
        send(topic, sent, 300, "-p", "-1")
        while not set(lines(sent, 300)) <= set(members[0].lines()):
            assert time.monotonic() - start < 20, "the other member did not get all within 20 s"
            time.sleep(0.1)
    divided(topic, body)


def idemp():
    topic = f"{PREFIX}-idemp"
    send(topic, 0, COUNT, "-p", "0", "-X", "enable.idempotence=true")
    assert read(topic, "-p", "0", "-o", "beginning").splitlines() == lines(0, COUNT), "not once each, in order"


def large():
    topic = f"{PREFIX}-large"
    said = kcat("-P", "-t", topic, "-p", "0", "-X", "message.max.bytes=3000000", text=b"x" * 1_500_000, fails=True)
    assert "Message size too large" in said, said
    send(topic, 0, 10, "-p", "0")
    same(read(topic, "-p", "0", "-o", "beginning").splitlines(), lines(0, 10))


def range_():
    topic = f"{PREFIX}-range"
    send(topic, 0, 10, "-p", "0")
    said = kcat("-C", "-t", topic, "-p", "0", "-o", "5000", "-c", "1", "-X", "topic.auto.offset.reset=error",
                fails=True)
    assert "out of range" in said.lower(), said
    got = kcat("-C", "-t", topic, "-p", "0", "-o", "5000", "-c", "10", "-q", "-K:", "-X",
               "topic.auto.offset.reset=earliest")
    same(got.splitlines(), lines(0, 10))


def unknown():
    topic = f"{PREFIX}-unknown"
    said = kcat("-C", "-t", topic, "-p", "0", "-e", "-X", "allow.auto.create.topics=false", fails=True)
    assert "Unknown topic" in said, said


def main():
    failed = False
    for name in sys.argv[3:]:
        body = {"range": range_}.get(name) or globals().get(name) or (lambda n=name: codec(n))
        try:
            if name in NOT_THERE:
                print(f"CHECK {name} none {NOT_THERE[name]}", flush=True)
                continue
            body()
            print(f"CHECK {name} ok", flush=True)
        except Exception as e:  # noqa: a check must not take the others with it
            failed = True
            print(f"CHECK {name} fail {e}".replace("\n", " "), flush=True)
    sys.exit(1 if failed else 0)


main()
