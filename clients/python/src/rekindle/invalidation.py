"""Invalidation of a region that every process sees."""
import time

from dogpile.cache.region import RegionInvalidationStrategy

# Raises one field to the time of Redis or to that of the caller, whichever is later, and never lowers it.
_RAISE = """
local now = redis.call('TIME')
local text = string.format('%d.%06d', now[1], now[2])
if tonumber(ARGV[2]) > tonumber(text) then text = ARGV[2] end
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held and tonumber(held) >= tonumber(text) then return held end
redis.call('HSET', KEYS[1], ARGV[1], text)
return text
"""


class RekindleInvalidation(RegionInvalidationStrategy):
    """Keeps in Redis when a region was invalidated, so that ``region.invalidate()`` means all processes.

    The hash ``rekindle:invalidated:<prefix>`` has the fields ``hard`` and ``soft``: Unix seconds as decimal text. A
    value that was made before ``hard`` is missing, one made before ``soft`` is expired.

    The time is that of Redis, or of the caller's host where that is ahead: values that this host has stored bear its
    own time, and none of them may outlive the invalidation.

    :param client: a ``redis.Redis`` of the server that holds the region.
    :param prefix: what every key of the region begins with; it names the region.
    :param max_age: for how many seconds what was read may be used again. 0 asks Redis each time: once a ``get``, twice
     a ``get_or_create``.
    :param expires: False for a region whose ``expiration_time`` is None. dogpile.cache knows no soft invalidation of
     such a region and would raise, so a soft one counts as a hard one.
    """

    def __init__(self, client, prefix, max_age=0.0, expires=True):
        self.client = client
        self.key = "rekindle:invalidated:" + prefix
        self.max_age = max_age
        self.expires = expires
        self._known = (0.0, 0.0)
        self._known_until = float("-inf")

    def invalidate(self, hard=True):
        """Invalidates the region for every process."""
        self.client.eval(_RAISE, 1, self.key, "hard" if hard else "soft", "%.6f" % time.time())
        self._known_until = float("-inf")

    def is_invalidated(self, timestamp):
        """Whether a value of that time is missing or expired."""
        return timestamp < max(self._times())

    def is_hard_invalidated(self, timestamp):
        """Whether a value of that time is missing."""
        return timestamp < self._times()[0]

    def is_soft_invalidated(self, timestamp):
        """Whether a value of that time is expired."""
        hard, soft = self._times()
        return hard <= timestamp < soft

    def was_hard_invalidated(self):
        """Whether the last invalidation was a hard one."""
        hard, soft = self._times()
        return hard > 0 and hard >= soft

    def was_soft_invalidated(self):
        """Whether the last invalidation was a soft one."""
        hard, soft = self._times()
        return soft > hard

    def _times(self):
        """The times of the last hard and the last soft invalidation; 0 where there was none."""
        if self.max_age > 0 and time.monotonic() < self._known_until:
            return self._known
        hard, soft = (_seconds(text) for text in self.client.hmget(self.key, "hard", "soft"))
        if not self.expires:
            hard, soft = max(hard, soft), 0.0
        # In this order, for threads share it: what is known is never younger than it says.
        self._known_until = float("-inf")
        self._known = (hard, soft)
        self._known_until = time.monotonic() + self.max_age
        return hard, soft


def _seconds(text):
    """A field's time; text that is none counts as no invalidation, for a reader must not fail by it."""
    try:
        return float(text or 0)
    except ValueError:
        return 0.0
