"""Small charts of curves in one SVG without scripts: sizes on a logarithmic scale, costs from 0."""
import math

from report import number

COLOURS = {"kerbgate": "#4477aa", "haproxy": "#ee6677"}
WIDTH, HEIGHT, COLUMNS = 250, 150, 4
LEFT, RIGHT, TOP, BOTTOM = 40, 14, 34, 22


def ceiling(value):
    """The next round number."""
    if value <= 0:
        return 1
    step = 10 ** math.floor(math.log10(value))
    return next(step * factor for factor in (1, 1.5, 2, 3, 4, 5, 7.5, 10) if step * factor >= value)


class Chart:
    def __init__(self, result, title, figure, x, y):
        self.result, self.title, self.figure, self.x, self.y = result, title, figure, x, y
        self.sizes = result.curve.sizes
        self.top = ceiling(max([value for peer in result.peers() for _, value in self.points(peer)], default=0))

    def points(self, peer):
        found = ((size, self.result.middle(self.figure, peer, size)) for size in self.sizes)
        return [(size, value) for size, value in found if value is not None]

    def across(self, size):
        low, high = math.log10(self.sizes[0]), math.log10(self.sizes[-1])
        share = (math.log10(size) - low) / (high - low) if high > low else 0
        return self.x + LEFT + share * (WIDTH - LEFT - RIGHT)

    def up(self, value):
        return self.y + HEIGHT - BOTTOM - value / self.top * (HEIGHT - TOP - BOTTOM)

    def frame(self):
        out = [f'<text x="{self.x + 4}" y="{self.y + 13}" font-weight="bold">{self.result.curve.name}</text>',
               f'<text x="{self.x + 4}" y="{self.y + 26}" fill="#555">{self.title}</text>']
        for value in (0, self.top):
            out.append(f'<line x1="{self.x + LEFT}" x2="{self.x + WIDTH - RIGHT}" y1="{self.up(value):.1f}" '
                       f'y2="{self.up(value):.1f}" stroke="#ddd"/>'
                       f'<text x="{self.x + LEFT - 4}" y="{self.up(value) + 4:.1f}" text-anchor="end">{value:,g}</text>')
        for size in self.labelled():
            out.append(f'<text x="{self.across(size):.1f}" y="{self.y + HEIGHT - 8}" text-anchor="middle">{size:,}</text>')
        return out

    def labelled(self):
        """The sizes whose labels do not touch, from the last one on."""
        digit, kept = 7, []
        for size in reversed(self.sizes):
            half = digit * len(f"{size:,}") / 2
            if not kept or self.across(size) + half < self.across(kept[-1]) - digit * len(f"{kept[-1]:,}") / 2:
                kept.append(size)
        return kept

    def line(self, peer):
        points = [(self.across(size), self.up(value), value) for size, value in self.points(peer)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
        out = [f'<polyline points="{path}" fill="none" stroke="{COLOURS[peer]}" stroke-width="1.5"/>']
        for x, y, value in points:
            out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{COLOURS[peer]}">'
                       f'<title>{peer}: {number(value)}</title></circle>')
        return out

    def draw(self):
        return self.frame() + [part for peer in self.result.peers() for part in self.line(peer)]


def draw(results):
    figures = [(result, title, figure) for result in results for title, figure in result.curve.figures]
    head = 26
    rows = -(-len(figures) // COLUMNS)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {COLUMNS * WIDTH} {head + rows * HEIGHT}" '
           'font-family="sans-serif" font-size="10">', '<rect width="100%" height="100%" fill="white"/>']
    for i, (name, colour) in enumerate(COLOURS.items()):
        out.append(f'<rect x="{8 + i * 90}" y="8" width="10" height="10" fill="{colour}"/>'
                   f'<text x="{22 + i * 90}" y="17">{name}</text>')
    for i, (result, title, figure) in enumerate(figures):
        out += Chart(result, title, figure, i % COLUMNS * WIDTH, head + i // COLUMNS * HEIGHT).draw()
    return "\n".join([*out, "</svg>"]) + "\n"
