"""The embedded default: a rendered catalog with known truth and small models trained on it; nothing else is needed.

`vocabulary.py` lists the values that can be drawn, `attributes.py` samples products, `render.py` paints them,
`catalog.py` writes a whole catalog. `models.py` says where the shipped weights lie; the code that trained them is not
part of the package.
"""
