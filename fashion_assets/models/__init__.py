"""What models need, whichever they are: a device, weights, photos, and the CLIP encoder."""
