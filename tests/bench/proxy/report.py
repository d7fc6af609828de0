"""Medians, ratios of each round, a Markdown table, and a plot."""
from statistics import median

from rows import ADDED


class Result:
    """The figures of one row: peer -> one value a round (None: it failed)."""

    def __init__(self, row):
        self.row, self.values = row, {}

    def add(self, peer, value):
        self.values.setdefault(peer, []).append(value)

    def middle(self, peer):
        known = [value for value in self.values.get(peer, []) if value is not None]
        return median(known) if known else None

    def ratios(self, peer):
        """Of kerbgate to the peer, round by round: what disturbs a round disturbs both."""
        return [own / other for own, other in zip(self.values.get("kerbgate", []), self.values.get(peer, []))
                if own is not None and other]

    def ratio(self, peer):
        ratios = self.ratios(peer)
        return median(ratios) if ratios else None


def number(value):
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.3f}"


def against(result, peer):
    ratio = result.ratio(peer)
    if ratio is None:
        return "-"
    ratios = result.ratios(peer)
    text = f"{ratio:.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
    target = result.row.target.get(peer)
    if target is None:
        return text
    return f"**{text}**" if ratio <= target else f"{text}, wanted {target:.2f}"


def table(results, names):
    others = [name for name in names if name != "kerbgate"]
    head = ["", "unit", *names, *(f"ratio to {name}" for name in others)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for result in results:
        cells = [result.row.name, result.row.unit]
        cells += [number(result.middle(name)) for name in names]
        cells += [against(result, name) for name in others]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def extra_table(results):
    """What rows cost more than others, round by round, by kerbgate itself."""
    known = {result.row.name: result for result in results}
    lines = []
    for added in ADDED:
        if added.row not in known or added.base not in known:
            continue
        values = zip(known[added.row].values.get("kerbgate", []), known[added.base].values.get("kerbgate", []))
        more = [value - base for value, base in values if value is not None and base is not None]
        if more:
            text = f"{median(more):.1f} ({min(more):.1f} to {max(more):.1f})"
            text = f"**{text}**" if median(more) <= added.most else text
            lines.append(f"| {added.name} | {known[added.row].row.unit} | {text} | {added.most} |\n")
    return "".join(["\n| kerbgate adds | unit | | wanted at most |\n|---|---|---|---|\n", *lines]) if lines else ""


def plot(results, names):
    """Bars: the ratio to each peer, 1 is a line. SVG without scripts."""
    others = [name for name in names if name != "kerbgate"]
    colours = dict(zip(others, ("#4477aa", "#66ccee", "#ee6677", "#228833")))
    left, unit, bar, gap = 190, 300, 9, 8
    rows = [result for result in results
            if not result.row.more_is_better and any(result.ratio(name) is not None for name in others)]
    height = 50 + len(rows) * (bar * len(others) + gap)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + 2 * unit} {height}" '
           'font-family="sans-serif" font-size="11">',
           '<rect width="100%" height="100%" fill="white"/>']
    for i, name in enumerate(others):
        out.append(f'<rect x="{left + i * 145}" y="8" width="10" height="10" fill="{colours[name]}"/>'
                   f'<text x="{left + i * 145 + 14}" y="17">cost / {name}</text>')
    y = 36
    for result in rows:
        out.append(f'<text x="{left - 6}" y="{y + bar * len(others) / 2 + 4}" text-anchor="end">'
                   f'{result.row.name}</text>')
        for name in others:
            ratio = result.ratio(name)
            if ratio is not None:
                width = min(ratio, 1.9) * unit
                out.append(f'<rect x="{left}" y="{y}" width="{width:.1f}" height="{bar - 1}" fill="{colours[name]}"/>'
                           f'<text x="{left + width + 3:.1f}" y="{y + bar - 1}" font-size="9">{ratio:.2f}</text>')
            y += bar
        y += gap
    out.append(f'<line x1="{left + unit}" y1="26" x2="{left + unit}" y2="{height - 8}" stroke="black" '
               'stroke-dasharray="3 3"/></svg>')
    return "\n".join(out) + "\n"
