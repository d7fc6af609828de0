# help.awk: one program's --help, or one keytool command's, as a part of a manual page.
#   -v program=NAME   what the program is installed as
#   -v known=WORD     what it calls itself in its own help
#   -v only=options   the options alone, each group of them under its heading
# It reads what people read: "usage:" lines, paragraphs, headings of options, options with their text in one column,
# examples.

function escaped(text) {
  gsub(/\\/, "\\e", text)
  gsub(/-/, "\\-", text)
  return text
}

# Text that is filled: a hyphen between letters stays one, any other is a minus that can be searched and pasted.
function prose(text) {
  gsub(/\\/, "\\e", text)
  text = " " text
  while (match(text, /[^A-Za-z0-9\\]-+/)) {
    text = substr(text, 1, RSTART) dashes(substr(text, RSTART + 1, RLENGTH - 1)) substr(text, RSTART + RLENGTH)
  }
  text = substr(text, 2)
  return text ~ /^[.']/ ? "\\&" text : text
}

function dashes(text) {
  gsub(/-/, "\\-", text)
  return text
}

function renamed(text) {
  text = " " text
  while (match(text, "[^A-Za-z0-9_/-]" known " ")) {
    text = substr(text, 1, RSTART) program " " substr(text, RSTART + RLENGTH)
  }
  return substr(text, 2)
}

function literal_line(text) {
  if (!literal) print ".PP\n.EX"
  else if (paragraph) print ""
  literal = 1
  paragraph = 0
  text = escaped(text)
  print text ~ /^[.']/ ? "\\&" text : text
}

function print_paragraph() {
  end_literal()
  print ".PP"
  paragraph = 0
}

function end_literal() {
  if (literal) print ".EE"
  literal = 0
}

# "-o, --output OUT" and the paragraph under it.
function print_option(head, text,   words, n, i, line) {
  sub(/ +$/, "", head)
  sub(/^ +/, "", head)
  if (match(text, /^\(-[A-Za-z]+\) /)) {
    head = substr(text, 2, RLENGTH - 3) ", " head
    text = substr(text, RLENGTH + 1)
  }
  gsub(/ \[ /, ", ", head)
  gsub(/ \]/, "", head)
  n = split(head, words, " ")
  line = ""
  for (i = 1; i <= n; i++) {
    line = line (i > 1 ? " " : "")
    if (words[i] ~ /^-.*,$/) line = line "\\fB" escaped(substr(words[i], 1, length(words[i]) - 1)) "\\fR,"
    else line = line (words[i] ~ /^-/ ? "\\fB" : "\\fI") escaped(words[i]) "\\fR"
  }
  print ".TP\n" line
  print prose(text)
}

# The column of a group's text: where, behind an option and two blanks or more, something follows.
function text_column(   i, column) {
  for (i = 1; i <= lines; i++) {
    if (group[i] ~ /^ +-/ && match(group[i], /^ +[^ ].*[^ ]  +[^ ]/) && match(group[i], /[^ ]  +[^ ]/)) {
      return RSTART + RLENGTH - 1
    }
  }
  for (i = 1; i <= lines; i++) if (group[i] !~ /^ +-/ && match(group[i], /[^ ]/)) return RSTART
  return 1000
}

function end_group(   i, column, head, text) {
  column = text_column()
  head = ""
  for (i = 1; i <= lines; i++) {
    if (group[i] ~ /^ +-/) {
      if (head != "") print_option(head, text)
      if (length(group[i]) >= column && substr(group[i], column - 1, 1) == " ") {
        head = substr(group[i], 1, column - 1)
        text = substr(group[i], column)
      } else {
        head = group[i]
        text = ""
      }
    } else {
      sub(/^ +/, "", group[i])
      sub(/ +$/, "", text)
      text = text (text == "" ? "" : " ") group[i]
    }
  }
  if (head != "") print_option(head, text)
  lines = 0
}

/^usage: / || (state == "" && /^       /) {
  line = substr($0, 8)
  sub("^" known " ", "", line)
  if (only == "") print (usages++ ? ".br\n" : ".PP\n") "\\fB" program "\\fR " escaped(line)
  next
}
/^[A-Za-z' ]*[Oo]ptions:$/ || (only != "" && /^[A-Z][A-Za-z ]*:$/) {
  end_literal()
  if (state == "options") end_group()
  if (only != "") print ".SS " escaped(substr($0, 1, length($0) - 1))
  state = "options"
  next
}
/^examples:$/ {
  end_group()
  state = "examples"
  print ".PP\nExamples:"
  next
}
state == "options" && (/^ / || /^$/) {
  if (/^ /) group[++lines] = $0
  next
}
state == "examples" {
  literal_line("    " renamed(substr($0, 3)))
  next
}
state == "options" {
  end_group()
  state = "after"
}
only != "" { next }
/^ / || /[^ ]  +[^ ]/ {
  literal_line(renamed($0))
  next
}
/^$/ {
  paragraph = 1
  next
}
{
  if (literal || paragraph) print_paragraph()
  print prose(renamed($0))
}
END {
  if (state == "options") end_group()
  end_literal()
}
