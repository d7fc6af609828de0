"""Tables in the documentation, between marks that name who writes them; and the versions of all that took part."""
import glob
import os
import re
import subprocess

from world import BUILD, CACHE, FOLDER, JAVA_HOME, Failure


def write_between_marks(file, name, text):
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
    with open(file, encoding="utf-8") as page:
        before, mark, rest = page.read().partition(begin)
    _, closing, after = rest.partition(end)
    if not mark or not closing:
        raise Failure(f"{file}: the marks of '{name}' are missing")
    with open(file, "w", encoding="utf-8") as page:
        page.write(before + begin + text + end + after)


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def first_line(*argv):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          env={name: value for name, value in os.environ.items() if name != "JAVA_TOOL_OPTIONS"})
    return done.stdout.strip().splitlines()[0]


def number(text):
    return re.search(r"\d+(\.\d+)+", text).group()


def jar(folder, name):
    return number(os.path.basename(glob.glob(f"{CACHE}/{folder}/{name}-[0-9]*.jar")[0]))


def python_package(name):
    return number(os.path.basename(glob.glob(f"{CACHE}/python/lib/python3*/site-packages/{name}-*.dist-info")[0]))


def versions(*others):
    """One sentence: what was run. OTHERS: (name, version) of what stood behind or beside."""
    revision = first_line("git", "-C", os.path.dirname(os.path.abspath(__file__)), "rev-parse", "--short", "HEAD")
    parts = [("kerbgate", f"{number(first_line(f'{BUILD}/proxy', '-v'))} ({revision})"), *others,
             ("impala-shell", python_package("impala_shell")), ("impyla", python_package("impyla")),
             ("thrift_sasl", python_package("thrift_sasl")), ("Beeline", jar("java", "hive-beeline")),
             ("Hive's JDBC driver", jar("java", "hive-jdbc")), ("JDK", number(first_line(f"{JAVA_HOME}/bin/java", "-version"))),
             ("MIT krb5", number(first_line("krb5-config", "--version")))]
    return ", ".join(f"{name} {version}" for name, version in parts) + ".\n"


# What a client says, without what every connection begins with.
SAYS = (
    r"\[Exception\] Error connecting:? (.*)$",  # impala-shell
    r"^(-k requires .*|Socket error .*)$",
    r"Error: (.*)$",  # Beeline, behind its prompt
    r'^Exception in thread "main" (.*)$',  # JDBC
    r"^((?:\w+\.)*\w*(?:Error|Exception|Timeout|Failure)\b.*)$",  # the last line of impyla's traceback
)


def what_it_says(outcome):
    if outcome.status is None:
        return "(nothing: it hangs)"
    for pattern in SAYS:
        found = re.findall(pattern, outcome.output, re.MULTILINE)
        if found:
            return re.sub(r"\s+", " ", found[-1]).strip()
    lines = [line for line in outcome.output.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "(nothing)"


def quoted(text):
    """For a cell of a table, without what is another at each run."""
    text = re.sub(r"\b2\d{4}\b", "21050", text.replace(FOLDER, "/tmp"))
    return "`" + text.replace("`", "'").replace("|", "\\|") + "`"
