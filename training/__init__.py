"""Training and evaluation of the demo models, on the products that `fashion_assets.demo` renders. Not in the wheel.

`vlm/` and `clip/` train the two models, `evaluation/` scores them. `python -m training.train` writes new weights,
`python -m training.evaluate` prints the scores of any.
"""
