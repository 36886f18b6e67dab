"""The encoded documents against their texts: what an independent pass over a text counts, the graph holds.

The texts are not part of the repository; STRATGRAPH_SOURCES names their folder, and CI requires it.
"""
