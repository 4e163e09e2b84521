"""What goes wrong, each a generator: it does harm, yields for how many seconds, and undoes it.

Named for whom they hit. `c` is the cluster, with a proxy before every port; `draw` is the run's random.Random.
"""
from proxy import CLIENT

SESSION_MS = 6000  # Of the brokers in ZooKeeper; pauses and cuts are drawn below and above it.


def _below_or_above_session(draw):
    return draw.choice([draw.uniform(0.5, 4), SESSION_MS / 1000 + draw.uniform(1, 6)])


def _any_broker(c, draw):
    return draw.choice(sorted(c.brokers))


def _leader(c, draw):
    return c.leader(c.topic, draw.choice([p["partition"] for p in c.partitions(c.topic)] or [0]))


def _two(c, draw):
    return draw.sample(sorted(c.brokers), 2)


def _kill(c, draw, *ids):
    c.kill(*ids)
    yield draw.choice([0, draw.uniform(0.2, 3), SESSION_MS / 1000 + draw.uniform(0, 4)])
    c.start_brokers(*ids)


def kill_leader(c, draw):
    yield from _kill(c, draw, _leader(c, draw))


def kill_controller(c, draw):
    yield from _kill(c, draw, c.controller())


def kill_two(c, draw):
    yield from _kill(c, draw, *_two(c, draw))


def kill_all(c, draw):
    yield from _kill(c, draw, *sorted(c.brokers))


def kill_one_after_the_other(c, draw):
    """Each is back, but not in sync for long, when the next one goes."""
    for i in draw.sample(sorted(c.brokers), len(c.brokers)):
        c.kill(i)
        yield draw.uniform(0, 2)
        c.start_brokers(i)


def come_back_without_the_last(c, draw):
    """One goes on alone, then it goes as well, and only those that missed what it did come back for a while."""
    last, *others = draw.sample(sorted(c.brokers), len(c.brokers))
    c.kill(*others)
    yield SESSION_MS / 1000 + draw.uniform(2, 5)
    c.kill(last)
    c.start_brokers(*others)
    yield draw.uniform(1, 5)
    c.start_brokers(last)


def stop_leader(c, draw):
    """A controlled shutdown."""
    victim = _leader(c, draw)
    code = c.brokers[victim].stop()
    c.kill(victim)
    if code not in c.clean_exits:
        raise AssertionError(f"broker {victim} ended with {code}:\n{c.brokers[victim].log()[-3000:]}")
    yield draw.uniform(0, 3)
    c.start_brokers(victim)


def _pause(process, seconds):
    process.pause()
    yield seconds
    process.resume()


def pause_leader(c, draw):
    yield from _pause(c.brokers[_leader(c, draw)], _below_or_above_session(draw))


def pause_controller(c, draw):
    yield from _pause(c.brokers[c.controller()], _below_or_above_session(draw))


def pause_zookeeper(c, draw):
    yield from _pause(c.zookeeper, _below_or_above_session(draw))


def restart_zookeeper(c, draw):
    c.zookeeper.kill()
    c.proxy.shut("zookeeper")
    yield draw.uniform(0, 4)
    c.zookeeper.start()
    c.proxy.open("zookeeper")


def hold_one_way(c, draw):
    """One broker's bytes do not reach another; the other's do."""
    a, b = _two(c, draw)
    c.proxy.hold(str(a), str(b))
    yield _below_or_above_session(draw)
    c.proxy.heal()


def hold_leader_from_others(c, draw):
    """Brokers, ZooKeeper included, and a leader do not hear each other; clients reach all."""
    victim = _leader(c, draw)
    for other in [*c.brokers, "zookeeper"]:
        c.proxy.hold(str(victim), str(other))
        c.proxy.hold(str(other), str(victim))
    yield _below_or_above_session(draw)
    c.proxy.heal()


def refuse_between_brokers(c, draw):
    """Refused connections are taken for a death, though both sides live."""
    a, b = _two(c, draw)
    c.proxy.refuse(str(a), str(b))
    c.proxy.refuse(str(b), str(a))
    yield _below_or_above_session(draw)
    c.proxy.heal()


def refuse_from_controller(c, draw):
    """The controller, and it alone, cannot connect to a leader."""
    c.proxy.refuse(str(c.controller()), str(_leader(c, draw)))
    yield _below_or_above_session(draw)
    c.proxy.heal()


def refuse_to_controller(c, draw):
    """Nobody but clients can connect to the controller, which lives and holds its session."""
    controller = c.controller()
    for other in c.brokers:
        c.proxy.refuse(str(other), str(controller))
    yield _below_or_above_session(draw)
    c.proxy.heal()


def cut_zookeeper(c, draw):
    """A leader loses its session, if it takes that long; nobody else notices anything."""
    victim = str(_leader(c, draw))
    c.proxy.hold(victim, "zookeeper")
    c.proxy.hold("zookeeper", victim)
    yield _below_or_above_session(draw)
    c.proxy.heal()


def cut_clients(c, draw):
    victim = str(_any_broker(c, draw))
    c.proxy.refuse(CLIENT, victim)
    yield draw.uniform(0.5, 5)
    c.proxy.heal()


def drop_answers(c, draw):
    """What clients are answered by a leader is lost with the connection: they must ask again."""
    victim = str(_leader(c, draw))
    c.proxy.hold(victim, CLIENT)
    yield draw.uniform(0.2, 2)
    c.proxy.refuse(CLIENT, victim)
    c.proxy.heal()


ALL = {f.__name__: f for f in (
    kill_leader, kill_controller, kill_two, kill_all, kill_one_after_the_other,
    come_back_without_the_last, stop_leader, pause_leader,
    pause_controller, pause_zookeeper, restart_zookeeper, hold_one_way, hold_leader_from_others, refuse_between_brokers,
    refuse_from_controller, refuse_to_controller, cut_zookeeper, cut_clients, drop_answers)}
SHORT = ["drop_answers", "kill_leader", "pause_controller", "restart_zookeeper", "kill_controller", "hold_one_way",
         "stop_leader", "refuse_to_controller"]
