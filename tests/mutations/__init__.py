"""Damage to the encoded data, in kinds, each with the check that must catch it. `tests/test_mutations.py` runs it."""
