"""The progress of long work, for those who display it: the command line, a notebook, a page."""

from fashion_assets.orchestration.progress import ProgressListener, TrackedWork, listening, spoken_time

__all__ = ["ProgressListener", "TrackedWork", "listening", "spoken_time"]
