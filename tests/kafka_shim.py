"""Stand between a Kafka client of 2022 and a broker of today: ``python tests/kafka_shim.py PORT PORT_OF_THE_BROKER``

librdkafka 1.9, which Milvus 2.3 is built with, asks for the versions that a broker speaks in the third form of that
question, and misreads an answer that has optional fields, as the broker's has. It is told here that only the first form
is known, asks in that one, and all else passes as it is. The broker must advertise the port of this program.
"""

import asyncio
import struct
import sys
from contextlib import suppress

_VERSIONS, _UNSUPPORTED = 18, 35  # the question for versions, and the answer that its form is not known


async def main(port: int, broker: int) -> None:
    """Pass on what comes at a port of this machine, until ended."""

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_broker, to_broker = await asyncio.open_connection("127.0.0.1", broker)
        async with asyncio.TaskGroup() as both:
            both.create_task(_questions(reader, to_broker, writer))
            both.create_task(_answers(from_broker, writer))

    async with await asyncio.start_server(met, "127.0.0.1", port) as server:
        await server.serve_forever()


async def _questions(reader: asyncio.StreamReader, broker: asyncio.StreamWriter, client: asyncio.StreamWriter) -> None:
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            length = await reader.readexactly(4)
            asked = await reader.readexactly(int.from_bytes(length))
            kind, version, number = struct.unpack(">hhi", asked[:8])
            if kind == _VERSIONS and version > 0:
                answer = struct.pack(">ihihhh", number, _UNSUPPORTED, 1, _VERSIONS, 0, 0)
                client.write(len(answer).to_bytes(4) + answer)
                await client.drain()
            else:
                broker.write(length + asked)
                await broker.drain()
    broker.close()


async def _answers(reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await reader.read(1 << 16):
            client.write(piece)
            await client.drain()
    client.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
