"""The pilot: 100 products asked about first, and from them a verdict on prompts and model, and a forecast.

`sample.py` draws the products, `grounding.py` shows the model wrong and empty photos, `verdict.py` decides,
`outlook.py` forecasts the full catalog, `compare.py` sets two prompt sets side by side; `run.py` is their order.
The records, and the rule that no full backfill runs without a PROCEED, are in `extraction/pilot_guard.py`.
"""
