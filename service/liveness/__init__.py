"""Selfie and face -> is a live person shown."""
