"""CLIP zero-shot: the taxonomy's values scored against a photo's vector; a back end, and the second opinion."""
