"""Keeps `items:ID` with gevent workers over psycopg2 and a dogpile.cache region in Redis: a queue, an event at a time.

usage: gevent_dogpile.py CONNINFO REDIS_SOCKET [WORKERS]

No retries, no fence, no metrics.
"""
import sys

import gevent
import redis
from dogpile.cache import make_region
from gevent.queue import JoinableQueue

from green import connect, payloads

ONE = "SELECT to_json(q)::text FROM (SELECT id, name, price, tags, updated_at FROM items WHERE id = %s::int) q"


def work(conninfo, region, publisher, events):
    cursor = connect(conninfo).cursor()
    while True:
        key = events.get()
        cursor.execute(ONE, (key,))
        row = cursor.fetchone()
        if row:
            region.set(key, row[0])
            publisher.publish("items", key)
        events.task_done()


def main(conninfo, socket, workers=5):
    region = make_region(key_mangler=lambda key: "items:" + key).configure(
        "dogpile.cache.redis",
        arguments={"url": "unix://" + socket, "redis_expiration_time": 3600, "distributed_lock": False})
    publisher = redis.Redis(unix_socket_path=socket)
    events = JoinableQueue()
    for _ in range(int(workers)):
        gevent.spawn(work, conninfo, region, publisher, events)
    for payload in payloads(connect(conninfo), "items"):
        events.put(payload)


main(*sys.argv[1:])
