"""The built-in demo: a rendered catalog with known truth, and small models trained on it.

`vocabulary.py` lists the values that can be drawn, `attributes.py` samples products, `render.py` paints them,
`catalog.py` writes a whole catalog. `models.py` locates the shipped weights; the code that trained them is not part of
the package.
"""
