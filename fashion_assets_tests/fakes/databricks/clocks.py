"""Clocks for the SDK and for us, on which waiting takes next to no time."""

from time import sleep

from databricks.sdk.clock import Clock

from fashion_assets.compute.resources import DatabricksCompute
from fashion_assets.compute.workspace import open_workspace


class FastClock(Clock):
    """Sleeping takes no time and moves the clock on."""

    def __init__(self):
        self.now = 0.0

    def time(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class BriskClock(Clock):
    """A second of sleep takes a few milliseconds, and moves the clock on by a second."""

    def __init__(self):
        self.now = 0.0

    def time(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        sleep(min(seconds / 40, 0.05))


class BriskCompute(DatabricksCompute):
    """The real thing with a brisk clock."""

    def client(self):
        return open_workspace(BriskClock())
