"""Keeps `items:ID` with asyncpg and redis-py: pending events are a set, taken by one statement and one pipeline.

usage: asyncpg_set.py CONNINFO REDIS_SOCKET

What somebody writes in Python who cares for speed: an event that waits already costs nothing, a statement answers up to
1024 keys, and one pipeline stores and publishes them. No retries, no fence, no metrics.
"""
import asyncio
import sys

import asyncpg
import redis.asyncio

MOST = 1024
MANY = """
SELECT q.id::text, to_json(q)::text
FROM (SELECT id, name, price, tags, updated_at FROM items WHERE id = ANY($1::int[])) q
"""


async def refresh(statement, cache, keys):
    pipeline = cache.pipeline(transaction=False)
    for key, value in await statement.fetch(keys):
        pipeline.set("items:" + key, value, ex=3600)
        pipeline.publish("items", key)
    await pipeline.execute()


async def main(conninfo, socket):
    words = dict(word.split("=") for word in conninfo.split())
    place = {"host": words["host"], "user": words["user"], "database": words["dbname"]}
    listener, reader = await asyncpg.connect(**place), await asyncpg.connect(**place)
    cache = redis.asyncio.Redis(unix_socket_path=socket)
    statement = await reader.prepare(MANY)
    pending, some = set(), asyncio.Event()

    def heard(connection, process, channel, payload):
        pending.add(int(payload))
        some.set()

    await listener.add_listener("items", heard)
    print("ready", flush=True)
    while True:
        await some.wait()
        some.clear()
        while pending:
            await refresh(statement, cache, [pending.pop() for _ in range(min(MOST, len(pending)))])


asyncio.run(main(*sys.argv[1:]))
