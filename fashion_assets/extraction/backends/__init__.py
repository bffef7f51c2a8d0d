"""The back ends: each is a folder with its declaration in `backend.py`; `registry.py` lists them.

A new one is a module with a `VisionLanguageModel`, its `VlmResource` and a `Backend`, and either a line in
`registry.SHIPPED` or, from another package, an entry point of the group `fashion_assets.vlm_backends`.
"""
