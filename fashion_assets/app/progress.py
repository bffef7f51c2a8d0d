"""Progress of long work, for whoever shows it: the command line's bars, a notebook's, a page's."""

from fashion_assets.orchestration.progress import ProgressListener, TrackedWork, listening, spoken_time

__all__ = ["ProgressListener", "TrackedWork", "listening", "spoken_time"]
