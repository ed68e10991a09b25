#!/usr/bin/env bats
# How data come to a model: several files as one, windows of a shuffle, encoded pictures, workers.
load common

setup_file() { make_inputs; }
setup() { mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" || return; }

refuses() { # STATUS WORDS COMMAND
    shell "$3"
    assert_equal "$3: $status" "$3: $1"
    last=$(tail -1 <<<"$stderr")
    [[ $last == "ds-"*": error: "*"$2"* ]] || fail "$3: no '$2' in: $stderr"
    [ ! -e m.h5 ] || fail "$3: an output was left"
}

# The same weights and moments as from one file of all rows, by a reader of another house.
same_state() { # A.h5 B.h5
    /usr/bin/python3 - "$@" <<'PYTHON'
import h5py, sys
a, b = (h5py.File(name) for name in sys.argv[1:])
seen = []
def visit(name, item):
    if isinstance(item, h5py.Dataset) and item.dtype.kind in "fiu":
        seen.append(name)
        assert item[()].tobytes() == b[name][()].tobytes(), name
a.visititems(visit)
assert len(seen) > 6, seen
PYTHON
}

@test "several files are one data set: as the joined file, in training, evaluation and prediction" {
    for i in 1 2 10; do
        make_idx i$i.gz l$i.gz $((i * 3 + 60))
        ds-data import idx -q i$i.gz l$i.gz -o shard-$i.h5
    done
    ds-data cat -q 'shard-*.h5' -o all.h5
    train="ds-train -q mlp --set width=8 --batch 32 --seed 1 --lr 0.01 --schedule constant"
    $train --epochs 2 -d 'shard-*.h5' --val 'shard-?.h5' -o a.h5
    $train --epochs 2 -d all.h5 --val shard-1.h5 --val shard-2.h5 -o b.h5
    same_state a.h5 b.h5
    ds-train -q --resume a.h5 --epochs 3 -o a3.h5
    ds-train -q --resume b.h5 --epochs 3 -o b3.h5
    same_state a3.h5 b3.h5
    diff <(ds-eval a.h5 -d 'shard-*.h5' --json | jq 'del(.data)') <(ds-eval a.h5 -d all.h5 --json | jq 'del(.data)')
    cmp <(ds-infer a.h5 'shard-*.h5' | sed 's/.*]: //') <(ds-infer a.h5 all.h5 | sed 's/.*]: //')
    rm shard-10.h5
    refuses 66 'shard-10.h5 is neither here' 'ds-train --resume a.h5 --epochs 4 -o c.h5'
    refuses 65 'not the data that the run was started on' "ds-train --resume a.h5 -d 'shard-*.h5' --epochs 4 -o c.h5"
    mkdir again
    cp ./*.gz again
    (cd again && ds-info --script ../a.h5 >s.sh && sh s.sh 2>/dev/null && cmp a.h5 ../a.h5)
}

@test "several files: what does not fit together, or is not there, is named" {
    cp "$INPUTS/data.h5" a.h5
    cp a.h5 b.h5
    ds-data split -q a.h5 --val 0.2 --seed 1 -o s.h5
    run -0 --separate-stderr ds-train mlp -d '[ab].h5' --steps 1 --dry-run
    assert_regex "$stderr" 'b.h5 holds the same as a.h5; its rows count twice'
    refuses 66 "no file matches 'none-*.h5'" "ds-train mlp -d 'none-*.h5:train' -o m.h5"
    refuses 64 'a.h5 is given twice' "ds-train mlp -d a.h5 -d '?.h5' -o m.h5"
    refuses 64 's.h5:train and a.h5 are not of one split' 'ds-train mlp -d s.h5:train -d a.h5 -o m.h5'
    refuses 65 "a.h5: no split 'train'" "ds-train mlp -d '[as].h5:train' -o m.h5"
    refuses 65 'the first are of all rows, of the second of the split train' 'ds-train mlp -d a.h5 -d s.h5 -o m.h5'
    ds-data import text -q "$INPUTS/notes.txt" -o n.h5
    refuses 65 "not alike" "ds-eval $INPUTS/model.h5 -d a.h5 -d n.h5"
}
