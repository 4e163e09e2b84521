"""A pytest plugin: kazoo's own tests use the server at ZK_ADDRESS instead of starting three."""
import os

import kazoo.testing.harness


class Running:
    """One server that is there already, and that its tests cannot stop."""
    running = True

    def __init__(self, address):
        self.address = self.secure_address = address

    def run(self):
        pass

    stop = destroy = run


class Cluster(list):
    def start(self):
        pass

    stop = terminate = reset = start

    def get_logs(self):
        return []


CLUSTER = Cluster([Running(os.environ["ZK_ADDRESS"])])
os.environ.setdefault("ZOOKEEPER_VERSION", "3.8.4")
kazoo.testing.harness.get_global_cluster = lambda: CLUSTER
