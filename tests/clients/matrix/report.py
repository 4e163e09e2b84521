"""The matrix as Markdown, and its place in the README."""
import fetch

BEGIN, END = "<!-- matrix: begin -->", "<!-- matrix: end -->"
TITLES = {"clients": "client", "tools": "command-line tools"}


class Results:
    """What came of each check, by row: (word, detail) with the words ok, none, fail and kafka.

    none: the client cannot do this. kafka: it fails on Apache Kafka 3.9.1 as well, in the way the detail says.
    """

    def __init__(self, checks):
        self.checks = checks
        self.rows = {"clients": {}, "tools": {}}

    def add(self, kind, row, check, word, detail):
        self.rows[kind].setdefault(row, {})[check] = (word, detail)

    def count(self, word):
        return sum(cell[0] == word for kind in self.rows.values() for row in kind.values() for cell in row.values())

    def failures(self):
        return [f"{row}: {check}: {detail}" for kind in self.rows.values() for row, cells in kind.items()
                for check, (word, detail) in cells.items() if word == "fail"]

    def markdown(self):
        """The tables, what their columns mean, and the reason for each excuse."""
        parts, notes = [], []
        for kind, rows in self.rows.items():
            if rows:
                parts.append(table(TITLES[kind], [c["name"] for c in self.checks[kind]], rows, notes))
        if notes:
            parts.append("Fails on Apache Kafka 3.9.1 as well:\n\n" + "\n".join(notes))
        return "\n\n".join(parts)

    def legend(self):
        return "\n\n".join("\n".join(f"- `{c['name']}`: {c['says']}" for c in self.checks[kind])
                           for kind, rows in self.rows.items() if rows)


def table(title, columns, rows, notes):
    lines = [[title, *columns], ["---"] * (len(columns) + 1)]
    for name, cells in rows.items():
        line = [name]
        for column in columns:
            word, detail = cells.get(column, ("", ""))
            if word == "kafka":
                notes.append(f"{len(notes) + 1}. {name}, {column}: {detail}")
                word = f"[{len(notes)}]"
            line.append({"none": "–", "fail": "**fail**"}.get(word, word))
        lines.append(line)
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns) + 1)]
    return "\n".join("| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths)) + " |" for line in lines)


def write_readme(results):
    """Puts tables and legend between the markers of README.md."""
    path = fetch.ROOT / "README.md"
    text = path.read_text()
    if BEGIN not in text or END not in text:
        raise SystemExit(f"{path} lacks the lines {BEGIN} and {END}")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    body = (f"{results.markdown()}\n\n<details><summary>What the columns mean (–: the client has no such thing)"
            f"</summary>\n\n{results.legend()}\n\n</details>")
    path.write_text(f"{before}{BEGIN}\n{body}\n{END}{after}")
