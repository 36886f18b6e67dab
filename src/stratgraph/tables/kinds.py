"""Which kinds of things get a table, and which properties lead to the nodes that stand between two things. Imports vocab only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rdflib import SKOS, URIRef

from stratgraph.vocab import OA, ORG, SG


@dataclass(frozen=True)
class Kind:
    """A table: all things of a class but those of some others.

    `of` are the properties that lead to such a thing from what it is about; that becomes the column `subject`.
    """

    name: str
    kind: URIRef
    but: tuple[URIRef, ...] = ()
    of: tuple[URIRef, ...] = ()


def _kind(name: str, kind: str, *of: str) -> Kind:
    return Kind(name, SG[kind], of=tuple(SG[one] for one in of))


_ROLES: Final = ("hasLeadAssignment", "hasRelatedAssignment", "hasImplementingAssignment", "hasNamedAssignment")

KINDS: Final[tuple[Kind, ...]] = (
    _kind("documents", "PolicyDocument"),
    _kind("sections", "Section"),
    _kind("objectives", "Objective"),
    _kind("principles", "Principle"),
    _kind("viewpoints", "Viewpoint"),
    _kind("directions", "Direction"),
    _kind("measures", "Measure"),
    _kind("assignments", "Assignment", *_ROLES),
    _kind("plan-items", "PlanItem"),
    _kind("progress-reports", "ProgressReport", "hasProgressReport"),
    _kind("targets", "Target", "hasTarget", "dueBy"),
    _kind("figures", "Quantity", "hasQuantity"),
    _kind("recommendations", "Recommendation"),
    _kind("correspondences", "Correspondence", "hasCorrespondence"),
    _kind("consultations", "Consultation"),
    _kind("comments", "PublicComment"),
    _kind("comment-categories", "CommentCategory"),
    _kind("responses", "GovernmentResponse", "hasResponse"),
    _kind("threats", "Threat"),
    _kind("threat-responses", "ThreatResponse", "hasThreatResponse"),
    _kind("threat-actors", "ThreatActor"),
    _kind("incidents", "Incident"),
    _kind("attribution-claims", "AttributionClaim"),
    Kind("bodies", ORG.Organization, but=(SG.AgencyGroup,)),
    _kind("groups", "AgencyGroup"),
    Kind("posts", ORG.Post),
    Kind("memberships", ORG.Membership),
    _kind("organizational-relations", "OrganizationalRelation"),
    _kind("instruments", "Instrument"),
    _kind("events", "Event"),
    _kind("dialogues", "InternationalDialogue"),
    _kind("foreign-policies", "ForeignPolicy"),
    _kind("context-statements", "ContextStatement"),
    _kind("overview-items", "OverviewItem"),
    _kind("footnotes", "Footnote"),
    _kind("definitions", "GlossaryDefinition"),
    _kind("stated-changes", "StatedChange"),
    _kind("themes", "Theme"),
    _kind("theme-links", "ThemeLink", "hasThemeLink"),
    _kind("objective-links", "ObjectiveLink", "hasObjectiveLink"),
    _kind("alignments", "AlignmentLink", "hasAlignment"),
    _kind("continuations", "MeasureContinuation", "hasContinuation"),
    _kind("source-issues", "SourceIssue"),
    _kind("completeness", "CompletenessStatement"),
    _kind("source-texts", "SourceText"),
    Kind("anchors", SG.TextAnchor, but=(SG.ExcludedSpan,)),
    _kind("excluded-spans", "ExcludedSpan"),
)

# Things without a table: selectors are columns of the anchors; concepts are the values of coded columns (values.csv).
ELSEWHERE: Final = (OA.TextPositionSelector, SKOS.Concept, SKOS.ConceptScheme)

# Classes of others, which the ontology uses without telling them anew.
CLASS_LABELS: Final[Mapping[URIRef, tuple[str, str]]] = {
    ORG.Organization: ("機関", "body"),
    ORG.Post: ("役職", "post"),
    ORG.Membership: ("構成員の地位", "membership"),
}
