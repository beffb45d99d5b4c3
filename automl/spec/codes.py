"""Every diagnostic code: what it means, a spec that has it, and what to do; `explain` and the docs read this table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """A kind of problem: `example` is a spec (or bytes of one) that gives exactly this code."""

    title: str
    text: str
    example: str
    fix: str


def remark(code: str, text: str) -> str:
    """Return a note on the data with the code that `automl explain` knows it by."""
    return f"{text} [{code}]"


_TASK = "task: {type: classification, target: y}\n"

CODES: dict[str, Code] = {
    "Y001": Code("the file is too large", "A spec is read up to 256 kB: it is written by people, and a parser must not be a way to fill a machine.", "notes: " + "x" * 300_000 + "\n", "Move what is not the spec's elsewhere."),
    "Y002": Code("a tab indents a line", "YAML forbids tabs in indentation.", "data: a.csv\ntask:\n\ttype: classification\n", "Use spaces; `automl fmt --fix` does it."),
    "Y003": Code("a character that cannot stand in YAML", "Control characters and non-breaking spaces look like nothing and change what is read.", "data: a.csv\ntask:\n  type: classification\n  target:\u00a0y\n  metric: f1\n", "Type the character again; `automl fmt --fix` puts a plain space for a non-breaking one."),
    "Y004": Code("a YAML directive", "Lines that begin with % switch to other rules of reading, for example `no` as false.", "%YAML 1.1\n---\ndata: a.csv\n", "Remove the line."),
    "Y005": Code("the text is not YAML", "The structure cannot be read: a missing space after a colon, an unclosed bracket or quote, a backslash in double quotes.", "data: [a.csv\n" + _TASK, "Correct the place; quote values with special characters."),
    "Y006": Code("a second document", "A file holds one spec; `---` starts another.", "data: a.csv\n---\ndata: b.csv\n", "Make two files."),
    "Y007": Code("nested too deep", "No spec needs more than 32 levels.", "notes: " + "[" * 40 + "]" * 40 + "\n", "Flatten it."),
    "Y008": Code("a YAML tag", "Tags like `!!python/object` ask a reader to build objects. None is built here.", "data: !!str a.csv\n" + _TASK, "Remove the tag; `automl fmt --fix` does it."),
    "Y009": Code("an alias without its anchor", "`*name` repeats what `&name` marked before; a value that begins with `*` must be quoted.", "data: *.csv\n" + _TASK, 'Quote it: "*.csv".'),
    "Y010": Code("aliases expand too far", "Aliases of aliases grow without limit; 10,000 values is the most.", "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n", "Write the values out."),
    "Y011": Code("a key that is no word", "Keys are plain words.", "? [a, b]\n: c\n", "Use a word."),
    "Y012": Code("a key is set twice", "YAML keeps the last without a word; both places are shown.", "data: a.csv\ndata: b.csv\n" + _TASK, "Keep one."),
    "Y013": Code("the file is not UTF-8", "The byte and its line are named.", "data: \udce4.csv\n", "Save the file as UTF-8."),
    "S001": Code("the spec is empty", "There is nothing but comments or white space.", "# nothing yet\n", "Begin with the four lines that are shown, or with `automl init DATA`."),
    "S002": Code("the spec is no mapping", "A spec is a mapping with `data` and `task` at least.", "- data\n- task\n", "Write `data: …` and `task: …`."),
    "S101": Code("an unknown key", "Keys that are not known are errors, so that a slip of the pen never changes a run. The nearest key is named, wherever in the format it stands.", "data: a.csv\ntask: {type: classification, tagret: y}\n", "Take the suggestion; `automl fmt --fix` does where only one is possible. Free text goes under `notes`."),
    "S102": Code("a key is missing", "`data`, `task`, `task.type` and, to classify, `task.target` have no default.", "data: a.csv\ntask: {type: classification}\n", "Add it."),
    "S103": Code("a value does not fit its key", "Wrong type, a word that is not one of those allowed, a number out of range, a unit that is missing.", "data: a.csv\n" + _TASK + "seed: many\n", "`automl explain KEY` shows what fits."),
    "S104": Code("not yet", "The key or the value is part of the format, but what it asks for is not in this version. It is refused, never ignored.", "data: a.csv\n" + _TASK + "runtime: {executor: ray}\n", "Remove it for now."),
    "S105": Code("a variable that is not set", "`${NAME}` in a path, a connection, a query or `output.dir` is taken from the environment, once and as it is; `${NAME:-default}` has a value of its own where there is none.", "data: ${SET_NOWHERE}/a.csv\n" + _TASK, "Set the variable, or give a default."),
    "S106": Code("a password in the spec", "A spec is copied into every run folder and into version control. The password is not shown, and nothing is connected.", "data: {sql: {connection: 'postgresql://me:secret@host/shop', query: select 1}}\n" + _TASK, "Put it in an environment variable: postgresql://me:${DB_PASSWORD}@host/shop."),
    "S107": Code("a key of another task", "Each task has keys of its own.", "data: a.csv\ntask: {type: classification, target: y, n_clusters: 3}\n", "Remove it, or change `task.type`."),
    "S108": Code("a query that is not one SELECT", "Only a single SELECT (or WITH … SELECT) is carried out, in a transaction that can only read. Words that write are refused wherever they stand outside quotes.", "data: {sql: {connection: 'sqlite:///shop.db', query: delete from t}}\n" + _TASK, "Write one SELECT; put a column that is called `update` or `into` in quotes."),
    "C401": Code("a model family or option does not fit", "An unknown family or option, a range upside down, or nothing left to try.", "data: a.csv\n" + _TASK + "models: {include: [xgbost]}\n", "`automl models` lists families and options."),
    "C402": Code("two keys contradict each other", "Both places are shown.", "data: {train: a.csv, columns: {drop: [y]}}\n" + _TASK, "Remove one of them."),
    "D300": Code("there is no such file", "Paths are relative to the spec.", "data: nowhere.csv\n" + _TASK, "Correct the path; the nearest name in the folder is shown."),
    "D301": Code("a column that is not in the data", "Names are compared with the header of the file, capitals and spaces included.", "data: a.csv\ntask: {type: classification, target: z}\n", "`automl columns SPEC` lists the names."),
    "D303": Code("the target has one class", "There is nothing to tell apart.", "", "Look at the column; was the file filtered?"),
    "D304": Code("too few rows", "At least 20 rows (to classify, with a known target) are needed to hold anything out, or to see a structure.", "", "Give more rows."),
    "D305": Code("too many classes", "A target with about as many values as rows is a number or an id, not a class.", "", "Choose another target."),
    "D306": Code("the positive class is not in the data", "It must be written as in the file.", "", "Take one of the classes that are shown."),
    "D320": Code("more folds than the rows allow", "A fold needs a row of every class, groups and copies of rows stay whole, and `leave_one_out` fits once per row.", "", "Take the largest number that is shown, or another strategy."),
    "D321": Code("the rows cannot be divided as asked", "Groups stay whole, scored rows are later than learned ones where time orders them, and two classes are needed to learn from.", "", "Name another column, or choose another `validation.strategy`."),
    "D307": Code("a column name that occurs twice", "Columns with the name of an earlier one are read under another (`a.1`); where the spec names one of them it must be clear which.", "", "Rename one of them in the file."),
    "D308": Code("times that cannot be read", "`data.columns.time` orders the rows: most of its values must be numbers or dates.", "", "Name another column, or correct the values."),
    "D309": Code("the test table lacks columns", "`data.test` needs the target and every column that is learned from; further columns do not matter.", "", "Add the columns, or drop them with `data.columns.drop`."),
    "D310": Code("the database refused", "What the driver said is shown without passwords: no connection, a wrong password, an unknown table, a fault in the query, no rows.", "", "Correct the connection or the query."),
    "D312": Code("weights that cannot be used", "`data.columns.weight` says how much each row counts: numbers, 0 or more, none missing, and some above 0 among the rows to learn from and among those to score.", "", "Correct the values, or leave the rows out."),
    "D311": Code("groups too small to compare", "`constraints.fairness` compares rates between groups: two groups with 30 rows at least are needed, of the positive class for `equal_opportunity`. A rate of fewer rows says little.", "", "Name a column with fewer, larger groups."),
    "D314": Code("not enough in the table for what is asked", "Groups need as many different rows, new columns as many columns to make them of; a table whose rows are all alike has no structure to find.", "", "Ask for fewer, or give a table with more rows or columns that vary."),
    "D315": Code("a label that cannot be used", "`task.target` must hold classes: at least two, each with some rows, and far fewer than rows.", "", "Name another column, or leave the key out."),
    "W203": Code("a key without effect", "Some sections are about predicting a label, and a task without one has no use for them.", "data: a.csv\ntask: clustering\nvalidation: {folds: 3}\n", "Remove it."),
    "W201": Code("a leading zero is lost", "`007` is the number 7 in YAML.", "data: a.csv\n" + _TASK + "seed: 007\n", "Remove the zeros, or quote what is text."),
    "W202": Code("a word that other tools read as a boolean", "Here `no` and `on` are text; YAML 1.1 tools read them as false and true.", "data: a.csv\ntask: {type: classification, target: y, positive_class: no}\n", "Quote it; `automl fmt --fix` does."),
    "W301": Code("rows with too few values", "A row ends before the header does; what is left is read as missing. A row with too many values is an error instead.", "", "Look at the line that is named: is a value missing in its middle?"),
    "W302": Code("column names that were changed", "A name that occurs again gets a number (`a.1`), an empty one its place (`column_3`); the same for every file with that header.", "", "Name the columns in the file."),
    "W303": Code("line 1 looks like data", "Every name in the header is a number.", "", "With `data.csv.header: false` line 1 is a row, and the columns are called c1, c2, …"),
    "W304": Code("values that may not be what they were", "Whole numbers too long for a floating-point number, or letters read in an encoding that was asked for although the file is UTF-8.", "", "List ids in `data.columns.id`; check `data.csv.encoding`."),
    "W305": Code("numbers written another way", "Most values of a column are numbers with a decimal comma or with grouped digits. They are read as text, since 1,234 is a thousand in one country and one in another.", "", 'Set `data.csv.decimal: ","`, or write the numbers plain.'),
    "W306": Code("words read as missing", "`NA`, `None`, `null` and the like mean a missing value, as in pandas. In a column of words one of them may be a value: NA is Namibia.", "", 'Set `data.csv.missing: [""]`, or the list of texts that mean missing.'),
    "W307": Code("a column that was converted or left out", "Lists, objects and bytes cannot be a column; durations and times of day are read as seconds; a column of several types becomes text.", "", "Flatten or convert it before, if it matters."),
    "W308": Code("a sample of the rows", "Models see a part of the rows: as `data.rows` asks for, stratified by class, or because the table is larger than memory, drawn evenly; then counts, ranges and means of all rows are kept.", "", "Set `data.rows`, or use a machine with more memory."),
    "W309": Code("rows without a time", "They are placed before all others, so that they never stand for the future.", "", "Fill the column, or leave the rows out."),
    "W310": Code("a class that only the test rows have", "No model can learn it; scores count it all the same.", "", "Give training rows of it, or leave it out of the test table."),
}  # fmt: skip
