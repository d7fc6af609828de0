"""docs/performance.md, whose tables stand between marks, and its images."""


def write(docs, mark, text):
    path = f"{docs}/performance.md"
    begin, end = f"<!-- {mark}: begin -->\n", f"<!-- {mark}: end -->\n"
    with open(path, encoding="utf-8") as file:
        before, rest = file.read().split(begin)
    after = rest.split(end)[1]
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + begin + text + end + after)


def write_image(docs, name, svg):
    with open(f"{docs}/images/{name}.svg", "w", encoding="utf-8") as file:
        file.write(svg)
