"""The demo vision-language model: its architecture, its training batches, and the stages of its training."""
