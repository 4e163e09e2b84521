"""Asks `barnabas sim check-history` what it thinks of a history, and whether it would have noticed."""
import json
import random
import shutil
import subprocess

from nodes import barnabas, note

SAFETY = 10


def check_history(history, cluster, data=None):
    """(exit code, what it said)"""
    words = [barnabas(), "sim", "check-history", str(history)]
    for i in cluster.brokers:
        words += ["--logs", str((data or {}).get(i, cluster.data(i)))]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def judge(history, cluster):
    """All brokers have been stopped."""
    code, said = check_history(history, cluster)
    note(said.strip())
    if code != 0:
        raise AssertionError(f"this is not what was promised:\n{said}")


def _first(lines, wanted):
    return next(i for i, line in enumerate(lines) if all(line.get(key) == value for key, value in wanted.items()))


def _change(lines, wanted, **to):
    i = _first(lines, wanted)
    return [*lines[:i], {**lines[i], **to}, *lines[i + 1:]]


ACKNOWLEDGED = {"type": "produced", "state": "acknowledged", "idempotent": True}
# name of the check -> a history that it must not pass
LIES = {
    "no_acked_loss": lambda lines: _change(lines, ACKNOWLEDGED, value="never sent"),
    "rejected_stay_out": lambda lines: _change(lines, ACKNOWLEDGED, state="rejected"),
    "producer_order": lambda lines: [line for line in lines if line["type"] != "produced"] +
                                    [line for line in reversed(lines) if line["type"] == "produced"],
    "consumed_equals_log": lambda lines: _change(lines, {"type": "read"}, value="never sent"),
    "committed_offsets_survive": lambda lines: _change(lines, {"type": "final_offset"}, offset=0),
    "replicas_equal": lambda lines: _change(lines, {"type": "topic"}, replication=7),
}


def would_notice(history, cluster):
    """That this very history, with one thing changed, or with a replica that lost its last byte, is not passed."""
    lines = [json.loads(line) for line in history.read_text().splitlines()]
    lie = history.with_name("lie.jsonl")
    for check, change in LIES.items():
        lie.write_text("".join(json.dumps(line) + "\n" for line in change(lines)))
        code, said = check_history(lie, cluster)
        if code != SAFETY or f"{check}: " not in said:
            raise AssertionError(f"the check {check} does not see what it is for: exit {code}\n{said}")
    lie.unlink()
    victim = random.choice(sorted(cluster.brokers))
    copy = history.with_name("short")
    topic = next(line["name"] for line in lines if line["type"] == "topic")
    shutil.copytree(cluster.data(victim), copy)
    segment = max(copy.glob(f"{topic}-0/*.log"))
    segment.write_bytes(segment.read_bytes()[:-1])
    code, said = check_history(history, cluster, {victim: copy})
    shutil.rmtree(copy)
    if code != SAFETY or "replicas_equal: " not in said:
        raise AssertionError(f"a replica that is too short is not seen: exit {code}\n{said}")
