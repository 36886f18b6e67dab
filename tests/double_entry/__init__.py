"""Each document read a second time, independently: one CSV per document, compared with the graph and with the first reading."""
