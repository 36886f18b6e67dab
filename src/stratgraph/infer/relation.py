"""The facts of one property or class, with codes and indexes. Imports clause only."""

from __future__ import annotations

from collections.abc import Iterator

from stratgraph.infer.clause import MASK, SHIFT, Pattern


class Relation:
    """A property's pairs (subject << SHIFT | object) or a class's members.

    `why` maps each to its code, `delta` those that the last round found, `fresh` those that this round finds. `forward` and
    `backward` index pairs by subject and by object once something has asked for them.
    """

    __slots__ = ("_backward", "_forward", "delta", "fresh", "readers", "unary", "why")

    def __init__(self, unary: bool) -> None:
        self.unary = unary
        self.why: dict[int, int] = {}
        self.fresh: dict[int, int] = {}
        self.delta: dict[int, int] = {}
        self.readers: list[tuple[int, int]] = []  # clause number and position of each atom that reads this relation
        self._forward: dict[int, list[int]] | None = None
        self._backward: dict[int, list[int]] | None = None

    @property
    def forward(self) -> dict[int, list[int]]:
        """Objects by subject."""
        if self._forward is None:
            self._forward = {}
            _index_forward(self._forward, self.why)
        return self._forward

    @property
    def backward(self) -> dict[int, list[int]]:
        """Subjects by object."""
        if self._backward is None:
            self._backward = {}
            _index_backward(self._backward, self.why)
        return self._backward

    def objects(self, subject: int) -> list[int]:
        """The objects of a subject."""
        return self.forward.get(subject, [])

    def pairs(self) -> Iterator[tuple[int, int]]:
        """All pairs."""
        for pair in list(self.why):
            yield pair >> SHIFT, pair & MASK

    def merge(self) -> bool:
        """Make what is fresh the delta; False where nothing was."""
        self.delta = fresh = self.fresh
        if not fresh:
            return False
        self.fresh = {}
        if self.why:
            self.why.update(fresh)
        else:
            self.why = dict(fresh)
        if self._forward is not None:
            _index_forward(self._forward, fresh)
        if self._backward is not None:
            _index_backward(self._backward, fresh)
        return True


def _index_forward(index: dict[int, list[int]], pairs: dict[int, int]) -> None:
    for pair in pairs:
        subject = pair >> SHIFT
        if subject in index:
            index[subject].append(pair & MASK)
        else:
            index[subject] = [pair & MASK]


def _index_backward(index: dict[int, list[int]], pairs: dict[int, int]) -> None:
    for pair in pairs:
        value = pair & MASK
        if value in index:
            index[value].append(pair >> SHIFT)
        else:
            index[value] = [pair >> SHIFT]


def facts_matching(relation: Relation, pattern: Pattern, new: bool) -> Iterator[tuple[int, int]]:
    """Subject and object of each fact of the relation that fits the pattern; `new` takes only the last round's.

    A class's member comes with the object that the pattern has.
    """
    subject, _, value = pattern
    source = relation.delta if new else relation.why
    if relation.unary:
        yield from ((one, value) for one in ([subject] if subject in source else list(source) if subject < 0 else []))
    elif subject >= 0 and not new:
        yield from ((subject, one) for one in list(relation.objects(subject)) if value < 0 or one == value)
    else:
        for pair in list(source):
            if (subject < 0 or pair >> SHIFT == subject) and (value < 0 or pair & MASK == value):
                yield pair >> SHIFT, pair & MASK
