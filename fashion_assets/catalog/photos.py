"""Moved to `fashion_assets.photos`."""

from fashion_assets.photos import PhotoProblem, letterbox, open_photo  # noqa: F401
