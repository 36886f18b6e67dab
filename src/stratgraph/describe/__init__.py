"""What a release says of itself.

metadata   the metadata graph: DCAT, VoID, PROV, service description, questions
links      VoID linksets and examples
datacite   the DataCite record, ready for a DOI
"""

from stratgraph.describe.datacite import write_datacite
from stratgraph.describe.metadata import (
    CATALOG,
    DATASET,
    DESCRIPTIONS,
    ENDPOINT,
    LICENCE,
    RL_REGIME,
    TITLES,
    Described,
    DescribedQuestion,
    describe_release,
)

__all__ = [
    "CATALOG",
    "DATASET",
    "DESCRIPTIONS",
    "ENDPOINT",
    "LICENCE",
    "RL_REGIME",
    "TITLES",
    "Described",
    "DescribedQuestion",
    "describe_release",
    "write_datacite",
]
