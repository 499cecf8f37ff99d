"""The table of results."""


def table(results, columns):
    """Markdown: a row for each case, a column for each version on each server."""
    rows = list(dict.fromkeys(name for name, _ in results))
    lines = [f"| case | {' | '.join(columns)} |", f"| --- |{' --- |' * len(columns)}"]
    for row in rows:
        cells = [results.get((row, column)) for column in columns]
        lines.append(f"| {row} | {' | '.join(cell.verdict if cell else '' for cell in cells)} |")
    return "\n".join(lines)


def failures(results):
    """What happened in each failed case."""
    for (case, column), result in results.items():
        if result.verdict == "FAILED":
            yield "\n".join([f"\n{case}, {column}: FAILED: {result.detail}", *(f"  {line}" for line in result.history)])


def summary(results, seconds):
    verdicts = [result.verdict for result in results.values()]
    passed, failed = verdicts.count("ok"), verdicts.count("FAILED")
    skipped = len(verdicts) - passed - failed
    return f"Watson suite: {passed} passed, {failed} failed, {skipped} skipped in {seconds:.0f} s"


def skips(results):
    """Why cases were skipped: one line for each reason."""
    reasons = {}
    for (case, _), result in results.items():
        if result.verdict == "skipped":
            reasons.setdefault(result.detail, dict.fromkeys([])).setdefault(case)
    return [f"skipped: {reason}: {', '.join(cases)}" for reason, cases in reasons.items()]
