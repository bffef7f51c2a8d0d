"""The demo CLIP: its architecture, the captions that it learns to read, and the stages of its training."""
