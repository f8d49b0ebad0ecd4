import subprocess
import sys
import time
import unittest
from unittest import mock

from dogpile.cache import make_region
from dogpile.cache.api import NO_VALUE

from rekindle import RekindleInvalidation, region_arguments
from server import Server

HASH = "rekindle:invalidated:items:"


class InvalidationTests(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.stop)
        self.redis = self.server.client()
        self.addCleanup(self.redis.close)

    def region(self, expiration_time=60, **options):
        """A region as another process would have it."""
        client = self.server.client()
        self.addCleanup(client.close)
        region = make_region(**region_arguments(prefix="items:")).configure(
            "dogpile.cache.redis", expiration_time=expiration_time,
            region_invalidator=RekindleInvalidation(client, "items:", **options),
            arguments={"url": "unix://" + self.server.path})
        self.addCleanup(region.backend.writer_client.close)
        return region

    def test_a_hard_invalidation_means_every_process(self):
        mine, other = self.region(), self.region()
        mine.set("1", "old")
        self.assertEqual(other.get("1"), "old")
        self.assertFalse(other.region_invalidator.was_hard_invalidated())
        mine.invalidate()
        self.assertIs(other.get("1"), NO_VALUE)
        self.assertEqual(other.get_multi(["1"]), [NO_VALUE])
        self.assertTrue(other.region_invalidator.was_hard_invalidated())
        self.assertEqual(other.get_or_create("1", lambda: "new"), "new")
        self.assertEqual(mine.get("1"), "new")
        self.assertEqual(mine.get_multi(["1"]), ["new"])

    def test_a_soft_invalidation_expires_what_there_is(self):
        mine, other = self.region(), self.region()
        mine.set("1", "old")
        mine.invalidate(hard=False)
        self.assertTrue(other.region_invalidator.was_soft_invalidated())
        self.assertIs(other.get("1"), NO_VALUE)
        self.assertEqual(other.get("1", ignore_expiration=True), "old")
        seen = []

        def creator():
            # While one computes, others get the old value.
            seen.append(mine.get_or_create("1", lambda: self.fail("two compute")))
            return "new"

        other.region_invalidator.invalidate(hard=False)
        mutex = other._mutex("items:1")
        with mock.patch.object(mine, "_mutex", lambda key: mutex):
            self.assertEqual(other.get_or_create("1", creator), "new")
        self.assertEqual(seen, ["old"])
        self.assertEqual(mine.get("1"), "new")

    def test_each_kind_counts_for_what_was_there_before_it(self):
        region = self.region()
        strategy = region.region_invalidator
        self.redis.hset(HASH, mapping={"hard": "1000.5", "soft": "2000.25"})
        self.assertTrue(strategy.is_hard_invalidated(1000.4) and strategy.is_invalidated(1000.4))
        self.assertFalse(strategy.is_soft_invalidated(1000.4))
        self.assertTrue(strategy.is_soft_invalidated(1000.5) and strategy.is_invalidated(1000.5))
        self.assertFalse(strategy.is_hard_invalidated(1000.5))
        self.assertFalse(strategy.is_invalidated(2000.25))
        self.assertTrue(strategy.was_soft_invalidated())
        self.redis.hset(HASH, "hard", "2001")
        self.assertTrue(strategy.was_hard_invalidated() and not strategy.was_soft_invalidated())

    def test_another_process_invalidates(self):
        region = self.region()
        region.set("1", "old")
        program = (
            "import redis, sys; from rekindle import RekindleInvalidation;"
            "RekindleInvalidation(redis.Redis(unix_socket_path=sys.argv[1]), 'items:').invalidate()")
        subprocess.run([sys.executable, "-c", program, self.server.path], check=True)
        self.assertIs(region.get("1"), NO_VALUE)

    def test_the_later_of_two_clocks_counts_and_time_never_goes_back(self):
        strategy = self.region().region_invalidator
        with mock.patch("rekindle.invalidation.time.time", lambda: 1.0):
            strategy.invalidate()
        behind = float(self.redis.hget(HASH, "hard"))
        self.assertLess(abs(behind - time.time()), 60)
        with mock.patch("rekindle.invalidation.time.time", lambda: behind + 100):
            strategy.invalidate()
        ahead = float(self.redis.hget(HASH, "hard"))
        self.assertAlmostEqual(ahead, behind + 100, places=3)
        strategy.invalidate()
        self.assertEqual(float(self.redis.hget(HASH, "hard")), ahead)

    def test_what_was_read_is_used_again_for_as_long_as_allowed(self):
        def reads():
            return self.redis.info("commandstats").get("cmdstat_hmget", {"calls": 0})["calls"]

        strategy = self.region(max_age=60).region_invalidator
        for _ in range(5):
            self.assertFalse(strategy.is_invalidated(1))
        self.assertEqual(reads(), 1)
        # One's own invalidation is seen at once.
        strategy.invalidate()
        self.assertTrue(strategy.is_invalidated(1))
        fresh = self.region().region_invalidator
        for _ in range(3):
            self.assertTrue(fresh.is_invalidated(1))
        self.assertEqual(reads(), 5)

    def test_a_region_that_never_expires_takes_soft_for_hard(self):
        region = self.region(expiration_time=None, expires=False)
        region.set("1", "old")
        region.invalidate(hard=False)
        self.assertIs(region.get("1"), NO_VALUE)
        self.assertEqual(region.get_or_create("1", lambda: "new"), "new")

    def test_a_field_that_is_no_time_is_no_invalidation(self):
        region = self.region()
        self.redis.hset(HASH, mapping={"hard": "soon", "soft": ""})
        region.set("1", "value")
        self.assertEqual(region.get("1"), "value")


if __name__ == "__main__":
    unittest.main()
