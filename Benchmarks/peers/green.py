"""psycopg2 under gevent: a connection that waits lets the other workers run."""
import psycopg2
from gevent.socket import wait_read, wait_write
from psycopg2 import extensions


def wait(connection):
    while (state := connection.poll()) != extensions.POLL_OK:
        (wait_read if state == extensions.POLL_READ else wait_write)(connection.fileno())


def connect(conninfo):
    extensions.set_wait_callback(wait)
    connection = psycopg2.connect(conninfo)
    connection.autocommit = True
    return connection


def payloads(connection, channel):
    """The payloads of a channel's notifications, as they come; says that it listens."""
    connection.cursor().execute(f'LISTEN "{channel}"')
    print("ready", flush=True)
    while True:
        wait_read(connection.fileno())
        connection.poll()
        for event in connection.notifies:
            yield event.payload
        connection.notifies.clear()
