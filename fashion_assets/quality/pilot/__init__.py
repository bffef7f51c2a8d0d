"""The pilot: inference over about 100 products, a verdict on prompts and model, and a forecast for the catalog.

`sample.py` draws the products, `grounding.py` shows the model wrong and empty photos, `verdict.py` decides,
`forecast.py` forecasts the full catalog, `compare.py` compares two prompt sets, and `run.py` runs the steps in order.
The records, and the rule that no full backfill runs without PROCEED, are in `extraction/pilot_guard.py`.
"""
