"""The CLIP model: photos and texts to vectors, for every slice that compares or scores them."""
