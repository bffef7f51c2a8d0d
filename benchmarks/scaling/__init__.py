"""The parts of `benchmarks/scale.py`: a catalog of any size, models that cost nothing, and the stages between them."""
