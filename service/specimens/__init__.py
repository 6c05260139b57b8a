"""Specimens of the Chinese resident identity card: invented people, drawn cards, photograph-like pictures, faults.

For tests, measurements and the built-in sample person. Plainly marked SPECIMEN, with a schematic emblem; nothing here
is on the way of a verification. Every function is reproducible: randomness is a `numpy.random.Generator` argument.
"""
