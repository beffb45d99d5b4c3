"""A table of wrong specs: the code, the place, the first suggestion where there is one, and whether a fix is certain."""

from dataclasses import dataclass

BASE = "data: a.csv\ntask:\n  type: classification\n  target: y\n"


@dataclass(frozen=True)
class Bad:
    """`near` is what the label must offer; `fixed` says that `fmt --fix` must make the spec valid."""

    text: str
    code: str
    line: int
    column: int
    near: str = ""
    fixed: bool = False
    typo: bool = False


def _more(text: str, code: str, column: int, near: str = "", *, fixed: bool = False, typo: bool = False, line: int = 5) -> Bad:
    return Bad(BASE + text, code, line, column, near, fixed, typo)


BAD = [
    # text
    Bad("data: a.csv\ntask:\n\ttype: classification\n\ttarget: y\n", "Y002", 3, 1, fixed=True),
    Bad("data: a.csv\ntask:\n  type: classification\n  target:\u00a0y\n  metric: f1\n", "Y003", 4, 10, fixed=True),
    Bad("%YAML 1.1\n" + BASE, "Y004", 1, 1, fixed=True),
    Bad("data: a.csv\ntask:\n  type:classification\n  target: y\n", "Y005", 3, 7, fixed=True),
    Bad("data: a.csv\ntask: {type: classification, target: y\n", "Y005", 3, 1),
    Bad('data: "C:\\data\\a.csv"\n' + BASE[12:], "Y005", 1, 10, fixed=True),
    Bad("data: a.csv\n---\ndata: b.csv\n", "Y006", 2, 1),
    Bad("notes: " + "[" * 40 + "]" * 40 + "\n", "Y007", 1, 40),
    Bad("data: !!str a.csv\n" + BASE[12:], "Y008", 1, 7, fixed=True),
    Bad("data: !!python/object/apply:os.system [ls]\n" + BASE[12:], "Y008", 1, 7),
    Bad("data: *.csv\n" + BASE[12:], "Y009", 1, 7, fixed=True),
    Bad("data: a.csv\ntask: {type: classification, target: *y}\n", "Y009", 2, 38, fixed=True),
    Bad("notes: &x [*x]\n", "Y009", 1, 12),
    Bad("? [a, b]\n: c\n" + BASE, "Y011", 1, 3),
    Bad("data: a.csv\n" + BASE, "Y012", 2, 1),
    Bad("data: a.csv\ntask:\n  type: classification\n  target: y\n  target: z\n", "Y012", 5, 3),
    # shape: the whole
    Bad("", "S001", 1, 1),
    Bad("# nothing yet\n", "S001", 1, 1),
    Bad("- data\n- task\n", "S002", 1, 1),
    Bad("just words\n", "S002", 1, 1),
    Bad("task: {type: classification, target: y}\n", "S102", 1, 1),
    Bad("data: a.csv\n", "S102", 1, 1),
    Bad("data: a.csv\ntask: {type: classification}\n", "S102", 2, 1),
    Bad("data: a.csv\ntask: {target: y}\n", "S102", 2, 1),
    # typos in keys
    Bad("dta: a.csv\n" + BASE[12:], "S101", 1, 1, "data", True, True),
    Bad("data: a.csv\ntsak: {type: classification, target: y}\n", "S101", 2, 1, "task", True, True),
    Bad("data: a.csv\ntask: {type: classification, tagret: y}\n", "S101", 2, 30, "task.target", True, True),
    Bad("data: a.csv\ntask: {tpye: classification, target: y}\n", "S101", 2, 8, "task.type", True, True),
    Bad("data:\n  train: a.csv\n  seperator: ';'\n" + BASE[12:], "S101", 3, 3, "data.csv.separator", True, True),
    Bad("data:\n  trian: a.csv\n" + BASE[12:], "S101", 2, 3, "data.train", True, True),
    Bad("data: {train: a.csv, colums: {drop: [b]}}\n" + BASE[12:], "S101", 1, 22, "data.columns", True, True),
    Bad("data: {train: a.csv, columns: {dorp: [b]}}\n" + BASE[12:], "S101", 1, 32, "data.columns.drop", True, True),
    _more("constrains: {time: 5m}\n", "S101", 1, "constraints", fixed=True, typo=True),
    _more("constraints: {tme: 5m}\n", "S101", 15, "constraints.time", fixed=True, typo=True),
    _more("constraints: {trails: 5}\n", "S101", 15, "constraints.trials", fixed=True, typo=True),
    _more("constraints: {cpu: 2}\n", "S101", 15, "constraints.cpus", fixed=True, typo=True),
    _more("validaton: {folds: 5}\n", "S101", 1, "validation", fixed=True, typo=True),
    _more("validation: {fold: 5}\n", "S101", 14, "validation.folds", fixed=True, typo=True),
    _more("quantise: int8\n", "S101", 1, "quantize", fixed=True, typo=True),
    _more("quantize: {maxdrop: 0.01}\n", "S101", 12, "quantize.max_drop", fixed=True, typo=True),
    _more("quantize: {max-drop: 0.01}\n", "S101", 12, "quantize.max_drop", fixed=True, typo=True),
    _more("Seed: 3\n", "S101", 1, "seed", fixed=True, typo=True),
    _more("sede: 3\n", "S101", 1, "seed", fixed=True, typo=True),
    _more("model: {include: [mlp]}\n", "S101", 1, "models", fixed=True, typo=True),
    _more("models: {inculde: [mlp]}\n", "S101", 10, "models.include", fixed=True, typo=True),
    _more("check: {default: warn}\n", "S101", 1, "checks", fixed=True, typo=True),
    _more("checks: {idlike: warn}\n", "S101", 10, "checks.id_like", fixed=True, typo=True),
    _more("ouput: {dir: runs}\n", "S101", 1, "output", fixed=True, typo=True),
    # keys that stand elsewhere, or have another name here
    _more("target: z\n", "S101", 1, "task.target"),
    _more("time: 5m\n", "S101", 1, "constraints.time", fixed=True),
    _more("timeout: 5m\n", "S101", 1, "constraints.time", fixed=True),
    _more("folds: 5\n", "S101", 1, "validation.folds", fixed=True),
    _more("random_state: 5\n", "S101", 1, "seed", fixed=True),
    _more("metric: accuracy\n", "S101", 1, "task.metric"),
    _more("zzz: 1\n", "S101", 1),
    Bad("data: a.csv\ntask: {type: classification, label: y}\n", "S101", 2, 30, "task.target", True),
    # values
    Bad("data: a.csv\ntask: {type: Classifcation, target: y}\n", "S103", 2, 14, "classification", True, True),
    Bad("data: a.csv\ntask: {type: regression, target: y}\n", "S103", 2, 14),
    _more("version: 99\n", "S103", 10),
    _more("seed: many\n", "S103", 7),
    _more("seed: " + "9" * 5000 + "\n", "S103", 7),
    _more('name: "../x"\n', "S103", 7),
    _more("name: a/b\n", "S103", 7),
    _more("name: CON\n", "S103", 7),
    _more('name: ""\n', "S103", 7),
    _more("name: " + "x" * 300 + "\n", "S103", 7),
    _more("constraints: {time: -5m}\n", "S103", 21),
    _more("constraints: {time: 0}\n", "S103", 21),
    _more("constraints: {time: 600}\n", "S103", 21),
    _more("constraints: {time: 10 min}\n", "S103", 21, "10m", fixed=True),
    _more("constraints: {time: 2 hours}\n", "S103", 21, "2h", fixed=True),
    _more("constraints: {time: 5 parsecs}\n", "S103", 21),
    _more("constraints: {gpu: of}\n", "S103", 20, "off", fixed=True, typo=True),
    _more("constraints: {trials: 1.5}\n", "S103", 23),
    _more("constraints: {time: none}\n", "S103", 1),
    _more("validation: {folds: 1}\n", "S103", 21),
    _more("validation: {test: 90%}\n", "S103", 20),
    _more("validation: {test: 20}\n", "S103", 20, "20%", fixed=True),
    _more("validation: {strategy: k_fold}\n", "S103", 24, "kfold", fixed=True, typo=True),
    _more("quantize: {max_drop: .nan}\n", "S103", 22),
    _more('quantize: {max_drop: "0,01"}\n', "S103", 22, "0.01", fixed=True),
    _more("quantize: {precisions: [int4]}\n", "S103", 25),
    _more("quantize: {precisions: [fp16]}\n", "S103", 25, "float16", fixed=True),
    _more("quantize: {prefer: smalest}\n", "S103", 20, "smallest", fixed=True, typo=True),
    _more("checks: {default: wanr}\n", "S103", 19, "warn", fixed=True, typo=True),
    _more("models: {include: []}\n", "S103", 19),
    _more("  metric: rmse\n", "S103", 11),
    _more("  metric: roc-auc\n", "S103", 11, "roc_auc", fixed=True, typo=True),
    _more("  metric: auc\n", "S103", 11, "roc_auc", fixed=True),
    Bad("data: {train: a.csv, builtin: iris}\n" + BASE[12:], "S103", 1, 1),
    Bad("data: {builtin: irris}\n" + BASE[12:], "S103", 1, 17, "iris", True, True),
    Bad("data: []\n" + BASE[12:], "S103", 1, 7),
    # not yet, other branches, contradictions
    _more("constraints: {latency: 5ms}\n", "S104", 15),
    _more("constraints: {memory: 500MB}\n", "S103", 23),
    _more("constraints: {memory: 8}\n", "S103", 23),
    _more("search: {sampler: tpee}\n", "S103", 19, "tpe", fixed=True, typo=True),
    _more("search: {objectives: [latency]}\n", "S103", 22),
    _more("search: {stop_after_no_gain: 0}\n", "S103", 30),
    _more("runtime: {workers: 0}\n", "S103", 20),
    _more("validation: {refit: true}\n", "S104", 14),
    _more("validation: {strategy: time}\n", "C402", 24),
    _more("validation: {strategy: group}\n", "C402", 24),
    _more("validation: {strategy: bootstrap, folds: 3}\n", "C402", 35),
    _more("validation: {repeats: 3}\n", "C402", 14),
    _more("features: {interactions: [[a, b, c]]}\n", "S103", 26),
    _more("features: {numeric: {impute: forward}}\n", "C402", 30),
    _more("features: {text: {ngrams: [2, 1]}}\n", "S103", 27),
    _more("features: {datetime: {parts: [yeer]}}\n", "S103", 30),
    _more("features: {categorical: {rare: 70%}}\n", "S103", 32),
    _more("checks: {driftt: warn}\n", "S101", 10, "drift", fixed=True, typo=True),
    _more("checks: {except: [{check: id_lik, column: a, mode: off, reason: b}]}\n", "S103", 18),
    _more("checks: {except: [{check: id_like, column: a, mode: off}]}\n", "S102", 10),
    Bad("data: {train: a.csv, columns: {group: y}}\n" + BASE[12:], "C402", 1, 39),
    Bad("data: {train: a.csv, sql: {connection: 'sqlite://', query: select 1}}\n" + BASE[12:], "S103", 1, 1),
    Bad("data: {sql: {connection: 'sqlite://'}}\n" + BASE[12:], "S103", 1, 8),
    Bad("data: a.csv\ntask: {type: clustering, n_clusters: 3}\n", "S104", 2, 14),
    Bad("data: a.csv\ntask: clustering\n", "S104", 2, 7),
    Bad("data: a.csv\ntask: {type: classification, target: y, n_clusters: 3}\n", "S107", 2, 41),
    Bad("data: {train: a.csv, columns: {drop: [y]}}\n" + BASE[12:], "C402", 1, 39),
    Bad("data: {train: a.csv, columns: {drop: [b], id: [b]}}\n" + BASE[12:], "C402", 1, 39),
    _more("validation: {strategy: holdout, folds: 3}\n", "C402", 33),
    Bad("data: a.csv\ntask: {type: classification, target: y, calibrate: isotonc}\n", "S103", 2, 52, "isotonic", True, True),
    Bad("data: a.csv\ntask: {type: classification, target: y, threshold: 1.5}\n", "S103", 2, 52, "1.5%", True),
    Bad("data: a.csv\ntask: {type: classification, target: y, threshold: 0}\n", "S103", 2, 52),
    Bad("data: a.csv\ntask: {type: classification, target: y, threshold: high}\n", "S103", 2, 52),
    Bad("data: a.csv\ntask: {type: classification, target: y, costs: {false_positive: 1, false_negative: 2}, threshold: 0.2}\n", "C402", 2, 88),
    # where the rows come from
    Bad("data: ${NOT_SET_HERE}/a.csv\n" + BASE[12:], "S105", 1, 7),
    Bad("data: {train: [a.csv, '${NOT-A-NAME}']}\n" + BASE[12:], "S105", 1, 23),
    _more("output: {dir: '${NOT_SET_HERE}'}\n", "S105", 15),
    Bad("data: https://example.org/a.csv\n" + BASE[12:], "S104", 1, 7),
    Bad("data: {train: a.csv, test: s3://bucket/a.csv}\n" + BASE[12:], "S104", 1, 28),
    Bad("data: {sql: {connection: 'postgresql://me:hunter2@host/db', query: select 1}}\n" + BASE[12:], "S106", 1, 26),
    Bad("data: {sql: {connection: 'postgresql://me:${NOT_SET_HERE}@host/db', query: select 1}}\n" + BASE[12:], "S105", 1, 26),
    Bad("data: {sql: {connection: shop.db, query: select 1}}\n" + BASE[12:], "S103", 1, 26),
    Bad("data: {sql: {connection: 'sqlite:///shop.db', query: delete from t}}\n" + BASE[12:], "S108", 1, 54),
    Bad("data: {train: a.csv, csv: {separator: '\"'}}\n" + BASE[12:], "S103", 1, 39),
]
