"""A TCP proxy before every server of a cluster, to hold or cut what goes between two of its processes.

Parties are "1", "2", ... (brokers), "zookeeper", and "client" for everybody else. Who has opened a connection is read
from /proc, so that brokers need not know that they are watched. As with a network that loses packets, held bytes stay
where they are and connections stay open; and the two directions are held one by one.
"""
import asyncio
import os
import socket
import struct
import threading

CLIENT = "client"
PIECE = 1 << 16


def _inode_of(port):
    """The inode of the socket of this machine that is bound to this port of 127.0.0.1 and connected."""
    for name in ("tcp", "tcp6"):
        with open(f"/proc/net/{name}", encoding="ascii") as table:
            for line in list(table)[1:]:
                fields = line.split()
                if int(fields[1].rsplit(":", 1)[1], 16) == port and int(fields[2].rsplit(":", 1)[1], 16) != 0:
                    return fields[9]
    return None


def _names(folder):
    """What the descriptors stand for; those that are gone by now, or whose process is, are left out."""
    try:
        present = os.listdir(folder)
    except OSError:
        return
    for descriptor in present:
        try:
            yield os.readlink(f"{folder}/{descriptor}")
        except OSError:
            pass


def _has(pid, inode):
    return f"socket:[{inode}]" in _names(f"/proc/{pid}/fd")


def _abort(writer):
    """Closes with a reset, as the kernel does for a process that was killed."""
    if not writer.is_closing():
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()


class Connection:
    def __init__(self, proxy, source, target, down, up):
        self.proxy, self.source, self.target, self.down, self.up = proxy, source, target, down, up

    async def run(self):
        """Until either end closes."""
        pumps = [asyncio.ensure_future(self._pump(self.down[0], self.up[1], self.source, self.target)),
                 asyncio.ensure_future(self._pump(self.up[0], self.down[1], self.target, self.source))]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pumps:
            pump.cancel()
        ends = await asyncio.gather(*pumps, return_exceptions=True)
        for _, writer in (self.down, self.up):
            if any(isinstance(end, OSError) for end in ends):
                _abort(writer)
            writer.close()

    async def _pump(self, reader, writer, source, target):
        while data := await reader.read(PIECE):
            await self.proxy.pass_gate(source, target)
            writer.write(data)
            await writer.drain()
        # What says that the other end is gone is held like anything else.
        await self.proxy.pass_gate(source, target)

    def abort(self):
        _abort(self.down[1])
        _abort(self.up[1])


class Proxy:
    """Runs in a thread of its own. parties: a function that tells the process id of each broker."""

    def __init__(self):
        self.parties = dict
        self.servers = {}  # party -> (port here, port there, the listening server or None)
        self.held = set()  # (from, to)
        self.refused = set()  # (from, to): connections that `from` opens
        self.connections = set()
        self.loop = asyncio.new_event_loop()
        self.changed = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.changed = asyncio.Condition()
        self.loop.run_forever()

    def _do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    def stand_before(self, party, port):
        """The port to connect to instead of this one."""
        return self._do(self._listen(party, 0, port))

    def shut(self, party):
        """Its port refuses connections, and those there are are reset: nobody is behind it any more."""
        self._do(self._shut(party))

    def open(self, party):
        """Undoes shut()."""
        here, there, server = self.servers[party]
        if not server:
            self._do(self._listen(party, here, there))

    def hold(self, source, target):
        """From now on no byte goes from source to target."""
        self._do(self._change(self.held.add, (source, target)))

    def refuse(self, source, target):
        """Resets the connections that source has opened to target, and those that it tries to open from now on."""
        self._do(self._refuse(source, target))

    def heal(self):
        """Ends all that hold() and refuse() began; what was held goes on."""
        self._do(self._heal())

    async def pass_gate(self, source, target):
        async with self.changed:
            await self.changed.wait_for(lambda: (source, target) not in self.held)

    async def _change(self, change, *what):
        async with self.changed:
            change(*what)
            self.changed.notify_all()

    async def _heal(self):
        self.refused.clear()
        await self._change(self.held.clear)

    async def _refuse(self, source, target):
        self.refused.add((source, target))
        for connection in [c for c in self.connections if (c.source, c.target) == (source, target)]:
            connection.abort()

    async def _shut(self, party):
        here, there, server = self.servers[party]
        if server:
            server.close()
            self.servers[party] = here, there, None
        for connection in [c for c in self.connections if c.target == party]:
            connection.abort()

    async def _listen(self, party, here, there):
        async def accept(reader, writer):
            await self._accept(party, there, reader, writer)
        server = await asyncio.start_server(accept, "127.0.0.1", here, backlog=1024)
        here = server.sockets[0].getsockname()[1]
        self.servers[party] = here, there, server
        return here

    def _source_of(self, port):
        inode = _inode_of(port)
        return next((name for name, pid in self.parties().items() if pid and inode and _has(pid, inode)), CLIENT)

    async def _accept(self, party, port, reader, writer):
        source = self._source_of(writer.get_extra_info("peername")[1])
        try:
            up = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return _abort(writer)
        connection = Connection(self, source, party, (reader, writer), up)
        if (source, party) in self.refused or not self.servers[party][2]:
            return connection.abort()
        self.connections.add(connection)
        try:
            await connection.run()
        finally:
            self.connections.discard(connection)
