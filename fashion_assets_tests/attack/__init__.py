"""Attacks: hostile inputs of every kind, each taken in a process of its own with limits; `make attack` runs them long.

What a kind of input is and what takes it is in `kinds.py`, where a new kind is one entry; the inputs are dictionaries
in `factories/hostile_*.py` and `inputs.py`, where a new input is one line. `mutations.py` makes more of them from a
seed, `confinement.py` holds the limits, `soak.py` runs them.
"""
