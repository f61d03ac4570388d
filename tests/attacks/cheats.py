"""Cheats against grading: each family for every exercise gets nothing, and all known right answers get full marks."""

from __future__ import annotations

from eventlab.classroom.judge import Answer, judged
from eventlab.classroom.shelf import shelf
from tests.classroom import cheats, known_sources


def main(long: bool) -> int:
    """Try every fifth pair of a cheat and an exercise, or all of them."""
    known, broken, tried = cheats.exercises(), 0, 0
    for exercise in known:
        exercise.prepare()
    by_id = {exercise.id: exercise for exercise in known}
    with shelf() as place:
        for number, family in enumerate(cheats.FAMILIES):
            credited = []
            for exercise in known if long else known[number % 5 :: 5]:
                answer = Answer(exercise.id, [(1, cheats.submission(exercise, family))], 0)
                tried += 1
                if judged(exercise, answer, place, key="attack", parts=4).share:
                    credited.append(exercise.id)
            broken += len(credited)
            print(f"{family:<40} {'no credit' if not credited else f'CREDITED: {credited}'}", flush=True)
        right = known_sources.right() if long else known_sources.models()
        for handed in right:
            result = judged(by_id[handed.id], Answer(handed.id, list(handed.cells), 1), place, key="attack")
            if result.share != 1:
                broken += 1
                print(f"right, and not credited: {handed.id} {handed.name}: {result.message}")
    print(f"{tried} cheats and {len(right)} right answers tried, {broken} judged wrongly")
    return broken
