"""The embedded default: a rendered catalog with known truth and small models trained on it; nothing else is needed.

`attributes.py` samples products, `render.py` paints them, `catalog.py` writes a whole catalog. `models.py` says where
the shipped weights lie, `train.py` makes them again, `evaluate.py` scores them.
"""
