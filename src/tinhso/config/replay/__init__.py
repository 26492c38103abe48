"""A province's months lived again through the real actions, at the shape of a real year."""
