"""Configurations with many queries, channels and regions."""

SERVICE = """
[service]
name = "many"
# Nothing but the events is to be counted, and no key is to fold into a resync.
heartbeat = "60s"
queue_bytes = "4GiB"
[postgres]
url = "postgresql:///postgres?host={dir}/pg&user=postgres"
workers = 1
statement_timeout = "10m"
[redis]
url = "unix://{dir}/redis.sock"
[health]
socket = "{dir}/health.sock"
"""
REGION = """
[regions.r{number}]
prefix = "{number}:"
ttl = "1h"
"""
QUERY = """
[queries.q{number}]
region = "r{region}"
key = "{number}:{{id}}"
params = ["id"]
sql = "SELECT id, name, price, tags, updated_at FROM items WHERE id = $1::int"
"""
CHANNEL = """
[channels.c{number}]
payload = "csv"
refresh = [{{ query = "q{first}", params = {{ id = 0 }} }}, {{ query = "q{second}", params = {{ id = 1 }} }}]
"""


def configuration(directory, queries):
    """So many queries, two a channel and four a region; one query stands for both of its channel."""
    text = SERVICE.format(dir=directory)
    text += "".join(REGION.format(number=number) for number in range(-(-queries // 4)))
    text += "".join(QUERY.format(number=number, region=number // 4) for number in range(queries))
    for number in range(max(1, queries // 2)):
        second = 2 * number + 1 if queries > 1 else 0
        text += CHANNEL.format(number=number, first=2 * number, second=second)
    return text
