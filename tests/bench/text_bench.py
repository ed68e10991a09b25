"""The model text-classifier at its defaults beside scikit-learn's logistic regression over TF-IDF, on paragraphs of this
machine's manual pages: which section is one from? Pages, not paragraphs, are divided, so that none is in both parts.
Printed is the accuracy on a quarter of the pages, for words alone and for words and pairs, and the seconds of training.
Wants ds-data, ds-train and ds-eval on the PATH, scikit-learn, and manual pages."""

import csv
import glob
import gzip
import os
import random
import re
import subprocess
import sys
import tempfile
import time

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

SECTIONS = os.environ.get("SECTIONS", "1 2 3 5 7 8").split()
PAGES = int(os.environ.get("PAGES", "300"))  # of a section
MOST_OF_A_PAGE = 10  # paragraphs: some pages are books
LEAST, MOST = 20, 400  # words of a paragraph
THREADS = os.environ.get("DS_THREADS", str(os.cpu_count()))


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def paragraphs(path):
    """Plain words of a page: macros start a paragraph, and escapes go."""
    text = gzip.open(path, "rt", errors="replace").read()
    for block in re.split(r"\n\.(?:PP|P|LP|SH|SS|TP|IP|Pp|Sh|Ss|It)\b[^\n]*", text):
        lines = [re.sub(r"^\.\w+ ?", "", line) for line in block.split("\n") if not line.startswith((".\\\"", "'\\\""))]
        words = re.sub(r"\\(?:f\(..|f\[\w*\]|f.|\*\(..|\(..|[&|^/%~c ]|-|e)", " ", " ".join(lines)).split()
        if LEAST <= len(words) <= MOST:
            yield " ".join(words)


def pages():
    rng = random.Random(5)
    for section in SECTIONS:
        names = [n for n in glob.glob(f"/usr/share/man/man{section}/*.gz") if not os.path.islink(n)]
        names.sort()
        rng.shuffle(names)
        for name in names[:PAGES]:
            texts = sorted(set(paragraphs(name)))
            yield section, os.path.basename(name), rng.sample(texts, min(len(texts), MOST_OF_A_PAGE))


def write(folder):
    seen, rows = set(), []
    for section, page, texts in pages():
        for text in texts:
            if text not in seen:  # licences stand on many pages
                seen.add(text)
                rows.append((text, "s" + section, page))
    with open(f"{folder}/all.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("paragraph", "section", "page"))
        writer.writerows(rows)
    run("ds-data", "import", "csv", "-q", f"{folder}/all.csv", "--text", "paragraph", "--target", "section", "--id", "page",
        "-o", f"{folder}/all.h5")
    run("ds-data", "split", "-q", f"{folder}/all.h5", "--val", "0.25", "--group", "page", "--seed", "1", "-o",
        f"{folder}/parts.h5")


def read(folder, part):
    run("ds-data", "export", "csv", "-q", f"{folder}/parts.h5:{part}", "-o", f"{folder}/{part}.csv")
    with open(f"{folder}/{part}.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    return [r["paragraph"] for r in rows], [r["section"] for r in rows]


def ours(folder, options):
    start = time.time()
    run("ds-train", "-q", "text-classifier", *options, "-d", f"{folder}/parts.h5:train", "--seed", "1", "--threads", THREADS,
        "-o", f"{folder}/m.h5")
    seconds = time.time() - start
    run("ds-eval", "-q", f"{folder}/m.h5", "-d", f"{folder}/parts.h5:val", "--predictions", f"{folder}/said.csv")
    with open(f"{folder}/said.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    return sum(r["target"] == r["predicted"] for r in rows) / len(rows), seconds


def theirs(train, val, grams):
    start = time.time()
    words = TfidfVectorizer(ngram_range=(1, grams), sublinear_tf=True, min_df=2)
    model = LogisticRegression(C=10, max_iter=1000).fit(words.fit_transform(train[0]), train[1])
    seconds = time.time() - start
    said = model.predict(words.transform(val[0]))
    return sum(a == b for a, b in zip(said, val[1])) / len(said), seconds


def main():
    with tempfile.TemporaryDirectory() as folder:
        write(folder)
        train, val = read(folder, "train"), read(folder, "val")
        print(f"{len(train[0])} paragraphs to learn from, {len(val[0])} to be told, sections {' '.join(SECTIONS)}")
        rows = [("text-classifier", lambda: ours(folder, sys.argv[1:])),
                ("words alone", lambda: ours(folder, ["--set", "channels=0", *sys.argv[1:]])),
                ("TF-IDF, linear", lambda: theirs(train, val, 1)),
                ("with pairs", lambda: theirs(train, val, 2))]
        print(f"{'model':<18} {'accuracy':>9} {'seconds':>8}")
        for name, measure in rows:
            accuracy, seconds = measure()
            print(f"{name:<18} {accuracy:>9.4f} {seconds:>8.1f}", flush=True)


if __name__ == "__main__":
    main()
