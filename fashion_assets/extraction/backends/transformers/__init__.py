"""The in-process back end: a SmolVLM or Idefics3 model through transformers, decoded under a grammar."""
