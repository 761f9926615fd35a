# SPDX-License-Identifier: ISC
"""The results as a table, as JSON, and as a chart."""
import html
import json
import math

import measure
import table

COLUMNS = "{:<47} {:>9} {:>9} {:>8} {:>8} {:>8}  {}"


def number(value):
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def limit(row):
    sign = "<=" if row.at_most else ">="
    return f"{sign} {row.target:g}"


def head():
    return COLUMNS.format("", "ours", "other's", "ratio", "wanted", "CPU us", "")


def line(row, figure):
    if isinstance(figure, str):
        return COLUMNS.format(row.what, "", "", "", limit(row), "", figure)
    cpu = "/".join(number(measure.middle(c)) for c in (figure.cpu, figure.their_cpu) if c)
    said = " ".join(part for part in (
        table.verdict(row, figure), row.against and f"(against {row.against})",
        figure.note) if part)
    return COLUMNS.format(
        f"{row.what}, {row.unit}", number(figure.value), number(figure.other),
        number(figure.ratio), limit(row), cpu, said)


def to_json(results, machine):
    rows = {}
    for row, figure in results:
        rows[row.name] = {"what": row.what, "unit": row.unit, "against": row.against,
                          "target": row.target, "aim": row.aim, "at_most": row.at_most}
        if isinstance(figure, str):
            rows[row.name]["missing"] = figure
        else:
            rows[row.name] |= {
                "value": figure.value, "other": figure.other, "ratio": figure.ratio,
                "verdict": table.verdict(row, figure), "note": figure.note,
                "ours": figure.ours, "theirs": figure.theirs,
                "cpu_us": figure.cpu, "their_cpu_us": figure.their_cpu}
    return json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n"


# ---- the chart: how far each is from its target, on a scale of doublings ----

WIDTH, LEFT, STEP, TOP = 900, 340, 26, 40
SHOWN = 3               # doublings on each side of the target


def goodness(row, figure):
    """1: just as wanted; 2: twice as good."""
    return row.target / figure.ratio if row.at_most else figure.ratio / row.target


def bar(at, row, figure):
    y = TOP + at * STEP
    text = (f'<text x="{LEFT - 10}" y="{y + 16}" text-anchor="end">'
            f"{html.escape(row.what)}</text>")
    if isinstance(figure, str):
        return text + f'<text x="{LEFT}" y="{y + 16}">{html.escape(figure)}</text>'
    middle, unit = (LEFT + WIDTH) / 2, (WIDTH - LEFT) / 2 / SHOWN
    doublings = max(-SHOWN, min(SHOWN, math.log2(max(goodness(row, figure), 1e-9))))
    start, size = min(middle, middle + doublings * unit), abs(doublings) * unit
    fill = "#2a7f4f" if doublings >= 0 else "#b3442b"
    return text + (
        f'<rect x="{start:.1f}" y="{y + 3}" width="{max(size, 1):.1f}" height="{STEP - 8}" '
        f'fill="{fill}"/><text x="{middle + (6 if doublings < 0 else -6):.1f}" y="{y + 16}" '
        f'text-anchor="{"start" if doublings < 0 else "end"}">'
        f"{number(figure.ratio)} (wanted {html.escape(limit(row))})</text>")


def to_svg(results, machine):
    height = TOP + len(results) * STEP + 10
    middle = (LEFT + WIDTH) / 2
    bars = "\n".join(bar(i, row, figure) for i, (row, figure) in enumerate(results))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH + 20}" height="{height}" '
        'font-family="sans-serif" font-size="12">\n'
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n'
        f'<text x="{LEFT}" y="20">How far from its target each is, in doublings: '
        f"{html.escape(machine)}</text>\n{bars}\n"
        f'<line x1="{middle}" y1="{TOP - 6}" x2="{middle}" y2="{height - 6}" '
        'stroke="#000000"/>\n</svg>\n')
