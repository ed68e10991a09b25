"""The model tabular at its defaults beside scikit-learn's networks, linear models and gradient boosting, on the sets that
scikit-learn ships and two made ones with categories and missing values. Five folds of two shuffles, the same rows for
all: ds-data split --fold writes them, and scikit-learn reads what ds-data export csv gives. Printed is the mean over
the ten folds of R2 or accuracy, of networks with three seeds each, and the seconds of all folds for one seed. Wants ds-data,
ds-train and ds-eval on the PATH, and scikit-learn."""

import csv
import os
import random
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
from sklearn import datasets
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

warnings.filterwarnings("ignore")
FOLDS, SHUFFLES, SEEDS = 5, 2, 3
PARTS = [(fold, shuffle) for shuffle in range(1, SHUFFLES + 1) for fold in range(1, FOLDS + 1)]
THREADS = os.environ.get("DS_THREADS", str(os.cpu_count()))


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def write(path, header, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def shipped(name):
    data = getattr(datasets, "load_" + name)()
    names = [f"x{i}" for i in range(data.data.shape[1])]
    classes = name != "diabetes"
    rows = [list(map(float, x)) + [f"c{int(t)}" if classes else float(t)] for x, t in zip(data.data, data.target)]
    return names + ["target"], rows, classes


def churn():
    """3000 customers: a logistic model with an interaction, categories, 10 % missing."""
    rng, rows = random.Random(11), []
    for _ in range(3000):
        plan = rng.choice(["month", "year", "two-years"])
        pay = rng.choice(["card", "transfer", "cheque", "bank"])
        months, bill = rng.randint(1, 72), rng.uniform(20, 120)
        score = {"month": 1.2, "year": -0.8, "two-years": -2}[plan] + (0.8 if pay == "cheque" else 0)
        score += 0.02 * (bill - 60) - 0.04 * (months - 20) + (1.5 if plan == "month" and bill > 80 else 0)
        label = "yes" if rng.random() < 1 / (1 + np.exp(-score)) else "no"
        rows.append([plan, pay, months if rng.random() > 0.1 else "", round(bill, 2), label])
    return ["plan", "pay", "months", "bill", "target"], rows, True


def prices():
    """3000 houses of some 250,000: a product of size, district and age, with noise of 8 %."""
    rng, rows = random.Random(12), []
    districts = {f"d{i}": rng.uniform(0.6, 1.8) for i in range(25)}
    for _ in range(3000):
        district, size, age = rng.choice(list(districts)), rng.uniform(30, 200), rng.uniform(0, 100)
        garden = rng.choice(["yes", "no"])
        price = 2200 * size * districts[district] * (1 - 0.004 * age) * (1.12 if garden == "yes" else 1)
        rows.append([district, round(size, 1), round(age, 1) if rng.random() > 0.1 else "", garden,
                     round(price * rng.lognormvariate(0, 0.08))])
    return ["district", "size", "age", "garden", "target"], rows, False


def read(path):
    with open(path) as file:
        rows = list(csv.DictReader(file))
    names = [n for n in rows[0] if n != "target"]

    def is_number(name):
        try:
            [float(r[name]) for r in rows if r[name] != ""]
            return True
        except ValueError:
            return False

    numbers = [n for n in names if is_number(n)]
    return rows, numbers, [n for n in names if n not in numbers]


def table(rows, numbers, names):
    x = np.empty((len(rows), len(numbers) + len(names)), dtype=object)
    for i, row in enumerate(rows):
        x[i] = [float(row[n]) if row[n] != "" else np.nan for n in numbers] + [row[n] for n in names]
    return x


def prepared(numbers, names, model):
    steps = [("numbers", make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), list(range(len(numbers))))]
    if names:
        at = list(range(len(numbers), len(numbers) + len(names)))
        steps.append(("names", OneHotEncoder(handle_unknown="ignore", sparse_output=False), at))
    return make_pipeline(ColumnTransformer(steps), model)


def peers(classes, seed=1):
    if classes:
        return {"MLP": MLPClassifier(max_iter=500, random_state=seed), "linear": LogisticRegression(max_iter=2000),
                "boosting": HistGradientBoostingClassifier(random_state=0)}
    scaled = lambda model: TransformedTargetRegressor(model, transformer=StandardScaler())
    return {"MLP": scaled(MLPRegressor(max_iter=500, random_state=seed)), "linear": scaled(Ridge()),
            "boosting": HistGradientBoostingRegressor(random_state=0)}


def score(truth, said, classes):
    if classes:
        return float(np.mean(np.array(truth) == np.array(said)))
    truth, said = np.array(truth, float), np.array(said, float)
    return float(1 - ((truth - said) ** 2).sum() / ((truth - truth.mean()) ** 2).sum())


def ours(folder, part, seed, classes, options):
    data, model, said = f"{folder}/{part}.h5", f"{folder}/m.h5", f"{folder}/said.csv"
    start = time.time()
    run("ds-train", "-q", "tabular", *options, "-d", data + ":train", "--seed", str(seed), "--threads", THREADS, "-o",
        model)
    seconds = time.time() - start
    run("ds-eval", "-q", model, "-d", data + ":val", "--predictions", said)
    rows = list(csv.DictReader(open(said)))
    column = "predicted" if "predicted" in rows[0] else "value"
    return score([r["target"] for r in rows], [r[column] for r in rows], classes), seconds


def theirs(folder, part, seed, classes, name):
    run("ds-data", "export", "csv", "-q", f"{folder}/{part}.h5:train", "-o", f"{folder}/train.csv")
    run("ds-data", "export", "csv", "-q", f"{folder}/{part}.h5:val", "-o", f"{folder}/val.csv")
    train, numbers, names = read(f"{folder}/train.csv")
    val = read(f"{folder}/val.csv")[0]
    kind = str if classes else float
    model = prepared(numbers, names, peers(classes, seed)[name])
    start = time.time()
    model.fit(table(train, numbers, names), [kind(r["target"]) for r in train])
    seconds = time.time() - start
    return score([kind(r["target"]) for r in val], model.predict(table(val, numbers, names)), classes), seconds


def bench(name, folder):
    header, rows, classes = shipped(name) if name not in ("churn", "prices") else globals()[name]()
    write(f"{folder}/all.csv", header, rows)
    run("ds-data", "import", "csv", "-q", f"{folder}/all.csv", "--target", "target", "-o", f"{folder}/all.h5")
    for fold, shuffle in PARTS:
        stratify = ["--stratify"] if classes else []
        run("ds-data", "split", "-q", f"{folder}/all.h5", "--fold", f"{fold}/{FOLDS}", *stratify, "--seed", str(shuffle),
            "-o", f"{folder}/{fold}-{shuffle}.h5")
    columns = {"tabular": (SEEDS, lambda part, seed: ours(folder, part, seed, classes, [])),
               "depth 0": (SEEDS, lambda part, seed: ours(folder, part, seed, classes, ["--set", "depth=0"]))}
    for peer in peers(classes):
        columns[peer] = (SEEDS if peer == "MLP" else 1,
                         lambda part, seed, peer=peer: theirs(folder, part, seed, classes, peer))
    line = f"{name:<14} {len(rows):>5} {'accuracy' if classes else 'R2':<9}"
    for seeds, measure in columns.values():
        results = [measure(f"{fold}-{shuffle}", seed) for seed in range(1, seeds + 1) for fold, shuffle in PARTS]
        line += f" {np.mean([r[0] for r in results]):>7.4f} {sum(r[1] for r in results) / seeds:>5.1f}s"
    print(line, flush=True)


def main():
    columns = ("tabular", "depth 0", "sklearn MLP", "linear", "boosting")
    print(f"{'data':<14} {'rows':>5} {'metric':<9}" + "".join(f" {name:>14}" for name in columns))
    for name in sys.argv[1:] or ["diabetes", "iris", "wine", "breast_cancer", "digits", "churn", "prices"]:
        with tempfile.TemporaryDirectory() as folder:
            bench(name, folder)


if __name__ == "__main__":
    main()
