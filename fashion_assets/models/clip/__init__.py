"""The CLIP model, part of the rim: photos and texts to vectors, for every slice that compares or scores them."""
