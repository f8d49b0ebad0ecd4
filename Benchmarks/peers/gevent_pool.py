"""Runs every query of a list at each notification of `items`, by a pool of gevent workers, and keeps `items:NAME`.

usage: gevent_pool.py CONNINFO REDIS_SOCKET QUERIES WORKERS rows|text

QUERIES is a JSON file, from names to SQL. With `rows` a worker fetches rows and makes the JSON itself; with `text`
Postgres makes it by json_agg, and the worker passes it on. No retries, no fence, no metrics.
"""
import json
import sys

import gevent
import redis
from gevent.queue import JoinableQueue

from green import connect, payloads


def as_rows(cursor, sql):
    cursor.execute(sql)
    names = [column.name for column in cursor.description]
    return json.dumps([dict(zip(names, row)) for row in cursor.fetchall()], default=str)


def as_text(cursor, sql):
    cursor.execute(f"SELECT coalesce(json_agg(q)::text, '[]') FROM ({sql}) q")
    return cursor.fetchone()[0]


def work(connection, read, cache, tasks):
    cursor = connection.cursor()
    while True:
        name, sql = tasks.get()
        cache.set("items:" + name, read(cursor, sql), ex=3600)
        tasks.task_done()


def main(conninfo, socket, queries, workers, form):
    with open(queries) as file:
        queries = json.load(file)
    cache = redis.Redis(unix_socket_path=socket)
    tasks = JoinableQueue()
    for _ in range(int(workers)):
        gevent.spawn(work, connect(conninfo), as_rows if form == "rows" else as_text, cache, tasks)
    for _ in payloads(connect(conninfo), "items"):
        for query in queries.items():
            tasks.put(query)


main(*sys.argv[1:])
