#!/usr/bin/env bats
# ds-infer: images, arrays, tables, data files and prompts.
load common

setup_file() {
    make_inputs
    cd "$INPUTS" || return
    { echo user,item,age,click; for i in {1..60}; do echo "u$((i % 5)),i$((i % 7)),$i,$((i % 2))"; done; } >clicks.csv
    ds-data import csv -q clicks.csv --target click --categorical user,item -o clicks.h5
    ds-train -q two-input -d clicks.h5 --steps 5 --batch 16 --seed 1 -o ctr.h5
    ds-data import text -q notes.txt -o text.h5
    ds-train -q gpt-tiny --set width=16 --set depth=1 --set tokens=32 -d text.h5 --steps 30 --batch 4 --seed 1 -o lm.h5
}
setup() { mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" || return; }

# One line of ds-infer's error with this status.
refuses() { # STATUS WORDS ARGUMENTS...
    run --separate-stderr timeout 60 ds-infer "${@:3}"
    assert_equal "$status" "$1"
    assert_one_error ds-infer
    [[ $stderr == *"$2"* ]] || fail "no '$2' in: $stderr"
}

@test "images: one line each, in the order given" {
    cp "$INPUTS/picture.png" other.png
    run -0 --separate-stderr ds-infer "$INPUTS/model.h5" "$INPUTS/picture.png" other.png --top 3
    assert_equal "${#lines[@]}" 2
    assert_line --index 0 --regexp '/picture.png: 0 [0-9.]+ %, [12] [0-9.]+ %, [12] [0-9.]+ %$'
    assert_line --index 1 --regexp '^other.png: 0 '
}

@test "an image of another size is brought to the model's as --resize says" {
    ds-data export png -q "$INPUTS/data.h5" -n 1 -o tree
    ds-data import images -q tree --size 56x56 -o big.h5
    ds-data export png -q big.h5 -o big
    run -0 ds-infer --resize fit "$INPUTS/model.h5" big/0/000000.png
    assert_output --partial '000000.png: 0 '
}

@test "--json is legal, and its probabilities add up" {
    run -0 --separate-stderr ds-infer --json --top 3 "$INPUTS/model.h5" "$INPUTS/picture.png"
    jq -e 'length == 1 and (.[0].sample | endswith("/picture.png")) and ([.[0].top[].probability] | add - 1 | fabs < 1e-6) and .[0].top[0].class == "0"' <<<"$output"
    run -0 --separate-stderr ds-infer --json "$INPUTS/ctr.h5" "$INPUTS/clicks.csv"
    jq -e 'length == 60 and all(.probability > 0 and .probability < 1)' <<<"$output"
}

@test "--raw: the outputs as a .npy file, also on stdout" {
    ds-infer "$INPUTS/model.h5" "$INPUTS/data.h5" --raw all.npy >/dev/null
    head -c 120 all.npy | grep -qa "'shape': (240, 3)"
    assert_equal "$(stat -c %s all.npy)" $((128 + 240 * 3 * 4))
    ds-infer "$INPUTS/model.h5" "$INPUTS/data.h5" --raw - | cmp - all.npy
}

@test "npy: what a data file holds, and one row of it" {
    ds-data export npy -q "$INPUTS/data.h5" --column image -o images.npy
    ds-infer "$INPUTS/model.h5" images.npy --raw a.npy >/dev/null
    ds-infer "$INPUTS/model.h5" "$INPUTS/data.h5" --raw b.npy >/dev/null
    cmp a.npy b.npy
    ds-infer "$INPUTS/model.h5" "$INPUTS/data.h5" --raw c.npy --batch 33 >/dev/null # kernels may differ by batch
    /usr/bin/python3 -c 'import numpy; assert numpy.allclose(numpy.load("a.npy"), numpy.load("c.npy"), 1e-4, 1e-5)'
    ds-data export npy -q "$INPUTS/clicks.h5" --column age -o wrong.npy
    refuses 65 'wrong.npy: an array [60] where the model takes' "$INPUTS/model.h5" wrong.npy
    refuses 64 '3 inputs' "$INPUTS/ctr.h5" images.npy
}

@test "what was predicted before an input that is no good is printed" {
    run --separate-stderr ds-infer "$INPUTS/model.h5" "$INPUTS/picture.png" "$INPUTS/clicks.csv" "$INPUTS/picture.png"
    assert_equal "$status" 65
    assert_equal "${#lines[@]}" 1
    assert_one_error ds-infer
}

@test "csv, its data file and stdin give the same" {
    ds-infer "$INPUTS/ctr.h5" "$INPUTS/clicks.csv" | sed 's/.*: //' >a
    ds-infer "$INPUTS/ctr.h5" "$INPUTS/clicks.h5" | sed 's/.*: //' >b
    ds-infer "$INPUTS/ctr.h5" - <"$INPUTS/clicks.csv" | sed 's/.*: //' >c
    cmp a b
    cmp a c
    sed '1s/.*/user,item,"Age (years)",click/' "$INPUTS/clicks.csv" >odd.csv
    ds-data import csv -q odd.csv --target click --categorical user,item -o odd.h5
    ds-train -q two-input -d odd.h5 --steps 5 --batch 16 --seed 1 -o odd-ctr.h5
    ds-infer odd-ctr.h5 odd.csv | sed 's/.*: //' | cmp - a
    refuses 65 "does not know the user 'zed'" "$INPUTS/ctr.h5" <(printf 'user,item,age\nzed,i1,3\n')
    refuses 65 "there is no column 'item'" "$INPUTS/ctr.h5" <(printf 'user,age\nu1,3\n')
    refuses 65 'no finite number' "$INPUTS/ctr.h5" <(printf 'user,item,age\nu1,i1,nan\n')
}

@test "images and models come through pipes" {
    run -0 --separate-stderr bash -c 'ds-infer "$INPUTS/model.h5" - <"$INPUTS/picture.png"'
    [[ $output == 'stdin: 0 '* ]]
    run -0 --separate-stderr bash -c 'cat "$INPUTS/model.h5" | ds-infer - "$INPUTS/picture.png"'
    [[ $output == "$INPUTS/picture.png: 0 "* ]]
    refuses 64 'cannot both be stdin' - -
}

@test "each kind comes from stdin, a FIFO and /dev/fd as it comes from a file" {
    ds-data export npy -q "$INPUTS/data.h5" --column image -o images.npy
    ds-data split -q "$INPUTS/data.h5" --val 60 --seed 1 -o part.h5
    outputs() { ds-infer "$1" "$2" | sed 's/.*: //'; } # without the names
    mkfifo pipe
    same() { # MODEL FILE SPLIT
        outputs "$1" "$2$3" >wanted
        [ -s wanted ]
        outputs "$1" "${3:+/dev/stdin}${3:--}" <"$2" | cmp - wanted
        cat "$2" | outputs "$1" "${3:+/dev/stdin}${3:--}" | cmp - wanted
        cat "$2" >pipe &
        outputs "$1" "pipe$3" | cmp - wanted || return
        wait
        ds-infer "$1" <(cat "$2")"$3" | sed 's/.*: //' | cmp - wanted
    }
    same "$INPUTS/model.h5" "$INPUTS/picture.png" ''
    same "$INPUTS/model.h5" images.npy ''
    same "$INPUTS/model.h5" "$INPUTS/data.h5" ''
    same "$INPUTS/model.h5" part.h5 :val
    same "$INPUTS/ctr.h5" "$INPUTS/clicks.csv" ''
    same "$INPUTS/ctr.h5" "$INPUTS/clicks.h5" ''
}

@test "pipes: what is wrong with their contents is said as for files" {
    refuses 65 "stdin: neither an image, nor .npy, nor CSV, nor a data file" "$INPUTS/model.h5" - < <(printf words)
    refuses 65 "stdin: neither an image, nor .npy, nor CSV, nor a data file" "$INPUTS/model.h5" - <"/dev/null"
    refuses 65 "the model's input 'image' takes [1,28,28], not a number" "$INPUTS/model.h5" - < <(printf 'a,b\n1,2\n')
    refuses 65 "no split 'half'" "$INPUTS/model.h5" /dev/stdin:half < <(cat "$INPUTS/data.h5")
    refuses 65 "stdin: not a data file, so it has no split 'val'" "$INPUTS/model.h5" /dev/stdin:val <"$INPUTS/picture.png"
    refuses 65 'cut short' "$INPUTS/model.h5" - < <(head -c 9000 "$INPUTS/data.h5")
    refuses 64 'cannot both be stdin' -- - -:val
    refuses 64 'INPUT is stdin 2 times' "$INPUTS/model.h5" - -
}

# ---- folders, lists, bad inputs

@test "a folder stands for the pictures in it, in the order of their paths" {
    mkdir -p tree/b tree/a/deep tree/.hidden
    for to in tree/b/2.png tree/b/1.png tree/a/deep/3.png tree/.hidden/4.png tree/.5.png 'tree/b/with blank:x.png'; do
        cp "$INPUTS/picture.png" "$to"
    done
    echo words >tree/notes.txt
    ln -s . tree/loop
    run -0 --separate-stderr ds-infer "$INPUTS/model.h5" tree/ "$INPUTS/picture.png"
    assert_equal "$(sed 's/: .*//' <<<"$output")" "$(printf '%s\n' tree/a/deep/3.png tree/b/1.png tree/b/2.png 'tree/b/with blank:x.png' "$INPUTS/picture.png")"
    [[ $stderr == *'1 files in folders are no pictures'* ]]
    mkdir empty
    refuses 65 'empty: there are no pictures in this folder' "$INPUTS/model.h5" empty
}

@test "lists name inputs, from a file and stdin, by lines and by NUL" {
    mkdir tree
    cp "$INPUTS/picture.png" tree/1.png
    cp "$INPUTS/picture.png" $'tree/2\n3.png'
    find tree -type f -print0 | ds-infer "$INPUTS/model.h5" --files-from - --json >two.json
    jq -e 'length == 2 and (map(.sample) | sort) == ["tree/1.png", "tree/2\n3.png"]' two.json
    printf 'tree/1.png\r\n\n%s' "$INPUTS/data.h5" >list
    run -0 ds-infer "$INPUTS/model.h5" --files-from list
    assert_equal "${#lines[@]}" 241
    rm tree/2*
    run -0 ds-infer "$INPUTS/model.h5" tree --files-from list
    assert_equal "${#lines[@]}" 242
    assert_line --index 0 --partial 'tree/1.png: '
    refuses 65 'stdin: the list is empty' "$INPUTS/model.h5" --files-from - </dev/null
    refuses 65 'a list names files; - is stdin' "$INPUTS/model.h5" --files-from <(echo -)
    refuses 66 'none.png' "$INPUTS/model.h5" --files-from <(echo none.png)
    refuses 64 'INPUT and --files-from cannot both be stdin' "$INPUTS/model.h5" - --files-from -
    refuses 64 'MODEL and --files-from cannot both be stdin' - --files-from -
    refuses 64 'takes no INPUT' "$INPUTS/lm.h5" --prompt a --files-from list
}

@test "several pictures on one stdin are refused, whatever their format" {
    /usr/bin/python3 -c 'import sys; sys.stdout.buffer.write(b"P5 28 28 255\n" + bytes(range(28)) * 28)' >one.pgm
    for a in "$INPUTS/picture.png" one.pgm; do
        for b in "$INPUTS/picture.png" one.pgm; do
            refuses 65 'another one begins; stdin is one picture: give files, or their names by --files-from -' "$INPUTS/model.h5" - < <(cat "$a" "$b")
        done
        run -0 --separate-stderr bash -c 'cat "$1" <(echo trailing) | ds-infer "$2" -' - "$a" "$INPUTS/model.h5"
    done
}

@test "--skip-bad goes on, tells and counts; without anything good the status is 65" {
    head -c 60 "$INPUTS/picture.png" >cut.png
    run -0 --separate-stderr ds-infer "$INPUTS/model.h5" cut.png "$INPUTS/picture.png" none.png "$INPUTS/clicks.csv" "$INPUTS/picture.png" --skip-bad
    assert_equal "${#lines[@]}" 2
    assert_equal "$(grep -c '; left out$' <<<"$stderr")" 3
    [[ $stderr == *'2 predicted, 3 bad ones left out' ]]
    run --separate-stderr ds-infer "$INPUTS/model.h5" cut.png none.png --skip-bad
    assert_equal "$status" 65
    [[ $stderr == *'nothing was predicted: all 2 inputs are bad' ]]
    # a command that cannot be right is no bad input
    refuses 64 'inputs; give a data file or CSV' "$INPUTS/ctr.h5" "$INPUTS/picture.png" --skip-bad
}

# ---- tables in, tables out

@test "--output: the rows of a table as they came, with their predictions behind" {
    printf '"user",item,note,age\nu1,i1,"a ""b"", c",3\nu2,i3,"two\nlines",4\n\nu3,i2,,5\n' >in.csv
    sed -i '/^$/d' in.csv
    run -0 --separate-stderr ds-infer "$INPUTS/ctr.h5" in.csv -o out.csv
    assert_output ''
    ds-infer "$INPUTS/ctr.h5" in.csv --json >one.json
    /usr/bin/python3 - <<'PYTHON'
import csv, json
rows, wanted = list(csv.reader(open("out.csv", newline=""))), json.load(open("one.json"))
given = list(csv.reader(open("in.csv", newline="")))
assert rows[0] == given[0] + ["predicted", "probability"], rows[0]
assert [row[:4] for row in rows] == given, rows
for row, one in zip(rows[1:], wanted):
    p = one["probability"]
    assert row[4] == str(int(p > 0.5)) and abs(float(row[5]) - max(p, 1 - p)) < 1e-5, (row, one)
PYTHON
    ds-infer "$INPUTS/ctr.h5" in.csv -o - | cmp - out.csv
    ds-infer "$INPUTS/ctr.h5" in.csv --batch 1 -o - | cmp - out.csv
    ds-infer "$INPUTS/ctr.h5" in.csv in.csv -o twice.csv
    cmp twice.csv <(cat out.csv; sed 1d out.csv)
    ds-infer "$INPUTS/ctr.h5" in.csv --probabilities -o all.csv
    assert_equal "$(head -1 all.csv)" 'user,item,note,age,predicted,probability,probability_0,probability_1'
}

@test "--output: bad rows stay, without a prediction, malformed ones, too" {
    printf 'user,item,age\nu1,i1,3\nzed,i1,3\nu1,i1\nu1,i1,nan\n"u1"x,i1,3\nu1,i1,3,4\n\nu2,i2,4\n' >in.csv
    run -0 --separate-stderr ds-infer "$INPUTS/ctr.h5" in.csv --skip-bad -o out.csv
    assert_equal "$(sed 's/,[01],0\.[0-9]*$/,P/' out.csv)" $'user,item,age,predicted,probability\nu1,i1,3,P\nzed,i1,3,,\nu1,i1,,,\nu1,i1,nan,,\nu1,,,,\nu1,i1,3,,\nu2,i2,4,P'
    [[ $stderr == *'in.csv: line 4: 2 fields where the header has 3; left out'* ]]
    [[ $stderr == *'2 predicted, 5 bad ones left out' ]]
    run -0 --separate-stderr ds-infer "$INPUTS/ctr.h5" in.csv --skip-bad
    assert_line --index 1 --regexp '^in.csv\[6\]: ' # rows are counted as they stand there
    printf 'user,item,age\nu1,i1,3\nu2,i2,4\n' | ds-infer "$INPUTS/ctr.h5" - -o - | cmp - <(sed '3,7d' out.csv)
    printf 'user,item,age\n' | ds-infer "$INPUTS/ctr.h5" - -o empty.csv
    assert_equal "$(cat empty.csv)" 'user,item,age,predicted,probability'
}

@test "--output of pictures; columns that clash or differ; nothing half written" {
    run -0 --separate-stderr ds-infer "$INPUTS/model.h5" "$INPUTS/picture.png" "$INPUTS/data.h5" -o out.csv
    assert_equal "$(head -1 out.csv)" sample,predicted,probability
    assert_equal "$(wc -l <out.csv)" 242
    assert_equal "$(sed 1d out.csv | cut -d, -f2 | sort | uniq -c | tr -s ' ' | head -2)" "$(ds-infer "$INPUTS/model.h5" "$INPUTS/picture.png" "$INPUTS/data.h5" | sed 's/.*: //; s/ .*//' | sort | uniq -c | tr -s ' ' | head -2)"
    printf 'user,item,age,predicted\nu1,i1,3,1\n' >clash.csv
    refuses 65 "has a column 'predicted' already" "$INPUTS/ctr.h5" clash.csv -o x.csv
    refuses 65 'different columns do not make one table' "$INPUTS/ctr.h5" "$INPUTS/clicks.csv" "$INPUTS/clicks.h5" -o x.csv
    refuses 65 "does not know the user 'zed'" "$INPUTS/ctr.h5" <(printf 'user,item,age\nu1,i1,3\nzed,i1,3\n') -o x.csv
    assert_file_not_exists x.csv
    refuses 64 'is an input, too' "$INPUTS/ctr.h5" clash.csv -o clash.csv
    refuses 64 'several results for one stdout' "$INPUTS/ctr.h5" clash.csv -o - --json
    refuses 64 '--probabilities are columns of --output' "$INPUTS/ctr.h5" clash.csv --probabilities
}

@test "rows are called by their column of ids: of data files and tables, as lines, JSON and CSV, where there is a name" {
    { echo key,user,item,age,click; for i in {1..9}; do echo "\"k,$i\",u$((i % 5)),i$((i % 7)),$i,$((i % 2))"; done; } >named.csv
    sed -i 's/"k,4"//' named.csv
    ds-data import csv -q named.csv --target click --categorical user,item --id key -o named.h5
    ds-data split -q named.h5 --val 3 --seed 1 -o parts.h5
    ds-train -q two-input -d named.h5 --steps 2 --batch 4 --seed 1 -o m.h5
    for input in named.h5 named.csv; do
        run -0 ds-infer m.h5 $input
        assert_line --index 0 --regexp '^k,1: [01] '
        assert_line --index 3 --regexp "^$input\\[3\\]: [01] "
        assert_equal "$(ds-infer m.h5 $input --json | jq -r '.[8].sample')" k,9
    done
    ids() { grep -o '^"k,[0-9]"'; }
    assert_equal "$(ds-infer m.h5 parts.h5:val -o - | ids)" "$(ds-data export csv -q parts.h5:val -o - | ids)"
    assert_equal "$(ds-infer m.h5 parts.h5:val -o - | head -1)" key,predicted,probability
    assert_equal "$(ds-infer m.h5 named.csv -o - | head -1)" key,user,item,age,click,predicted,probability
    run -0 ds-eval -q m.h5 -d named.h5 --predictions -
    assert_line --index 0 key,target,predicted,probability
    assert_line --index 1 --regexp '^"k,1",1,'
    assert_line --index 4 --regexp '^3,0,'
    # Another model's ids, and none, are no matter.
    assert_equal "$(ds-infer "$INPUTS/ctr.h5" named.csv | head -1 | cut -d: -f1)" 'named.csv[0]'
    assert_equal "$(ds-infer m.h5 "$INPUTS/clicks.csv" | head -1 | cut -d: -f1)" "$INPUTS/clicks.csv[0]"
}

@test "a reader that has enough of a table ends it with 0, of an array with 74" {
    { echo user,item,age; for i in {1..9000}; do echo "u1,i1,$i"; done; } >many.csv
    for command in 'ds-infer $INPUTS/ctr.h5 many.csv -o -' 'ds-infer $INPUTS/ctr.h5 many.csv -o >(head -1)' \
        'ds-eval $INPUTS/ctr.h5 -d $INPUTS/clicks.h5 --predictions -' 'ds-data export csv $INPUTS/clicks.h5 -o -'; do
        shell "{ sleep 0.2; $command; } | true; echo \${PIPESTATUS[0]}"
        assert_equal "$command: ${output##*$'\n'} $stderr" "$command: 0 "
    done
    shell '{ sleep 0.2; ds-infer $INPUTS/ctr.h5 many.csv --raw -; } | true; echo ${PIPESTATUS[0]}'
    assert_output 74
}

@test "a folder with a pipe, a socket and a link to a folder: they are told and left out" {
    mkdir -p tree/sub other
    cp "$INPUTS/picture.png" tree/sub/a.png
    cp "$INPUTS/picture.png" other/b.png
    mkfifo tree/pipe
    ln -s "$PWD/other" tree/link
    ln -s ../other/b.png tree/b.png
    /usr/bin/python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("tree/socket")'
    run -0 --separate-stderr timeout 20 ds-infer "$INPUTS/model.h5" tree
    assert_equal "$(cut -d: -f1 <<<"$output" | xargs)" 'tree/b.png tree/sub/a.png'
    for name in pipe socket link; do [[ $stderr == *"left out tree/$name: "* ]] || fail "$stderr"; done
}

@test "options that say nothing about what is asked are refused" {
    for words in '--tokens 5' '--temperature 0' '--top-k 2' '--top-p 0.5' '--stop x' '--seed 3' --bytes; do
        refuses 64 "${words%% *} is for text; give --prompt" "$INPUTS/model.h5" "$INPUTS/picture.png" $words
    done
    for words in '--top 2' '--threshold 0.2' '--resize fit' --json; do
        refuses 64 "${words%% *} is for INPUT files" "$INPUTS/lm.h5" --prompt x $words
    done
    printf 'x,y\n1,2\n2,4\n3,6\n4,8\n' >line.csv
    ds-data import csv -q line.csv --target y -o line.h5
    ds-train -q tabular --set depth=0 -d line.h5 --steps 1 --seed 1 -o line-model.h5
    refuses 64 '--resize is for models that take one picture' line-model.h5 line.csv --resize fit
    refuses 64 '--resize is for picture files, and this is none' "$INPUTS/model.h5" "$INPUTS/data.h5" --resize fit
    refuses 64 '--probabilities is for classes' line-model.h5 line.csv --probabilities -o x.csv
    refuses 64 '--top is for classes' line-model.h5 line.csv --top 2
    refuses 64 '--threshold is for yes or no' line-model.h5 line.csv --threshold 0.3
    refuses 64 '--threshold is for yes or no' "$INPUTS/model.h5" "$INPUTS/picture.png" --threshold 0.3
    refuses 64 '--output has --probabilities' "$INPUTS/model.h5" "$INPUTS/picture.png" --top 3 -o x.csv
    refuses 64 '--layer gives numbers' "$INPUTS/model.h5" "$INPUTS/picture.png" --layer hidden1 --top 3
    assert_file_not_exists x.csv
    run -0 ds-infer "$INPUTS/model.h5" "$INPUTS/picture.png" --top 3 --json -o x.csv
    jq -e '.[0].top | length == 3' <<<"$output"
}

# ---- inner values

@test "--layer gives what numpy computes from the weights, and its rows in order" {
    ds-infer "$INPUTS/model.h5" "$INPUTS/data.h5" --layer hidden1 --raw inner.npy -o inner.csv
    ds-data export npy -q "$INPUTS/data.h5" --column image -o images.npy
    /usr/bin/python3 - "$INPUTS/model.h5" <<'PYTHON'
import csv, h5py, json, numpy, sys
model = h5py.File(sys.argv[1])
how = json.loads(model["preprocessing"][()])["image"]
x = (numpy.load("images.npy").reshape(240, -1) / how.get("divide", 1) - how["mean"]) / how["std"]
def linear(name, x): return x @ model["parameters"][name]["weight"][()].T + model["parameters"][name]["bias"][()]
wanted = linear("hidden1", numpy.maximum(linear("hidden0", x), 0))
found = numpy.load("inner.npy")
assert found.shape == (240, 16) and numpy.abs(found - wanted).max() < 1e-4, numpy.abs(found - wanted).max()
assert (found < 0).any()  # before the ReLU
rows = list(csv.reader(open("inner.csv")))
assert rows[0] == ["sample"] + [f"value_{i}" for i in range(16)], rows[0]
assert numpy.array_equal(numpy.array([row[1:] for row in rows[1:]], numpy.float32), found)
PYTHON
    ds-infer "$INPUTS/model.h5" "$INPUTS/data.h5" --layer classifier --raw a.npy >/dev/null
    ds-infer "$INPUTS/model.h5" "$INPUTS/data.h5" --raw b.npy >/dev/null
    cmp a.npy b.npy
    run -0 ds-infer "$INPUTS/ctr.h5" "$INPUTS/clicks.csv" --layer user_embedding --json
    jq -e 'length == 60 and all(.value | length == 16)' <<<"$output"
    refuses 64 "no layer 'hiden1'; did you mean hidden1? known: flatten, hidden0, relu" "$INPUTS/model.h5" "$INPUTS/data.h5" --layer hiden1
}

@test "--layer: a name of several layers is refused with the values that it may mean, which name them" {
    refuses 64 "'relu' is the name of 2 layers; name the value of one, as ds-info --graph prints them: %" "$INPUTS/model.h5" "$INPUTS/data.h5" --layer relu
    values=$(ds-info "$INPUTS/model.h5" --graph | sed -n 's/^ *\(%[0-9]*\) = .*"relu"$/\1/p')
    for value in $values; do
        [[ $stderr == *"$value f32[N,16]"* ]] || fail "no $value in: $stderr"
        ds-infer "$INPUTS/model.h5" "$INPUTS/data.h5" --layer $value --raw $value.npy >/dev/null
    done
    ds-infer "$INPUTS/model.h5" "$INPUTS/data.h5" --layer hidden0 --raw before.npy >/dev/null
    /usr/bin/python3 - $values <<'PYTHON'
import sys, numpy
before, first, second = (numpy.load(f + ".npy") for f in ["before"] + sys.argv[1:])
assert numpy.array_equal(numpy.maximum(before, 0), first) and not numpy.array_equal(first, second)
PYTHON
    refuses 64 'the graph has no value %99' "$INPUTS/model.h5" "$INPUTS/data.h5" --layer %99
}

@test "a prompt: the seed repeats it, another one does not, temperature 0 needs none" {
    speak() { ds-infer "$INPUTS/lm.h5" --prompt 'In the' --tokens 40 "$@"; }
    a=$(speak --seed 1)
    [[ $a == 'In the'* ]]
    assert_equal "$(speak --seed 1)" "$a"
    [ "$(speak --seed 2)" != "$a" ]
    assert_equal "$(speak --temperature 0)" "$(speak --temperature 0 --seed 9)"
    assert_equal "$(speak --top-k 1 --seed 4)" "$(speak --temperature 0)"
    assert_equal "$(speak --eager --temperature 0)" "$(speak --temperature 0)"
    assert_equal "$(ds-infer "$INPUTS/lm.h5" --prompt abc --tokens 0 --seed 1)" abc
    run -0 --separate-stderr speak
    [[ $stderr == *'seed '* ]]
}

@test "a prompt longer than the model's window goes on" {
    long=$(printf 'In the beginning was the word. %.0s' {1..5})
    run -0 ds-infer "$INPUTS/lm.h5" --prompt "$long" --tokens 5 --seed 1
    [ ${#output} -ge ${#long} ]
}

@test "--stop ends before the text and prints none of it" {
    whole=$(ds-infer "$INPUTS/lm.h5" --prompt 'In the' --tokens 60 --temperature 0)
    made=${whole#In the}
    stop=${made:10:3}
    run -0 ds-infer "$INPUTS/lm.h5" --prompt 'In the' --tokens 60 --temperature 0 --stop "$stop"
    assert_output "In the${made%%"$stop"*}"
}

@test "--stop: a text that begins anew within itself, and longer ones than a token" {
    whole=$(ds-infer "$INPUTS/lm.h5" --prompt 'In the' --tokens 60 --temperature 0)
    made=${whole#In the}
    for from in 0 1 7 20; do
        for length in 1 2 5 12; do
            stop=${made:from:length}
            assert_equal "$(ds-infer "$INPUTS/lm.h5" --prompt 'In the' --tokens 60 --temperature 0 --stop "$stop")." "In the${made%%"$stop"*}."
        done
    done
    # Never made: nothing is held back at the end.
    assert_equal "$(ds-infer "$INPUTS/lm.h5" --prompt 'In the' --tokens 60 --temperature 0 --stop "${made:50:10}~")" "$whole"
}

@test "a prompt from stdin, as it is" {
    wanted=$(ds-infer "$INPUTS/lm.h5" --prompt 'In the' --tokens 9 --temperature 0)
    assert_equal "$(printf 'In the' | ds-infer "$INPUTS/lm.h5" --prompt - --tokens 9 --temperature 0)" "$wanted"
    printf 'one\ntwo\n' >lines
    ds-infer "$INPUTS/lm.h5" --prompt - --tokens 0 --temperature 0 <lines | cmp - <(cat lines && echo)
    refuses 64 'cannot both be stdin' - --prompt - <lines
    refuses 64 '--prompt is empty' "$INPUTS/lm.h5" --prompt - --seed 1 </dev/null
    refuses 65 'stdin' "$INPUTS/lm.h5" --prompt - --seed 1 < <(head -c 1100000 /dev/zero)
}

@test "--top-k and --temperature at their ends" {
    speak() { ds-infer "$INPUTS/lm.h5" --prompt 'In the' --tokens 20 "$@"; }
    assert_equal "$(speak --seed 1 --top-k 1000000000)" "$(speak --seed 1)"
    assert_equal "$(speak --seed 1 --top-k 256)" "$(speak --seed 1)"
    assert_equal "$(speak --seed 1 --temperature 1e-300)" "$(speak --temperature 0)"
    run -0 speak --seed 1 --temperature 100
    for words in '--top-k 0' '--top-k -1' '--top-k 1000000001' '--temperature -0.1' '--temperature nan' '--temperature inf'; do
        refuses 64 "${words% *}" "$INPUTS/lm.h5" --prompt x --seed 1 $words
    done
}

@test "a reader that has enough ends the text, and that is no error" {
    run -0 bash -o pipefail -c 'timeout 60 ds-infer "$INPUTS/lm.h5" --prompt "In the" --tokens 1000000000 --seed 1 | head -c 10 >ten'
    assert_equal "$(stat -c %s ten)" 10
    assert_equal "$(head -c 6 ten)" 'In the'
}

@test "text is streamed: the first bytes are there before the last" {
    mkfifo pipe
    ds-infer "$INPUTS/lm.h5" --prompt 'In the' --tokens 1000000 --seed 1 >pipe &
    job=$!
    run -0 head -c 30 pipe
    wait $job
}

@test "what does not go together: 64" {
    refuses 64 'give INPUT files, or --prompt' "$INPUTS/model.h5"
    refuses 64 'takes no INPUT' "$INPUTS/lm.h5" --prompt x "$INPUTS/picture.png"
    refuses 64 'not for text' "$INPUTS/model.h5" --prompt x --seed 1
    refuses 64 '--prompt is empty' "$INPUTS/lm.h5" --prompt '' --seed 1
    refuses 64 'model for text' "$INPUTS/lm.h5" "$INPUTS/picture.png"
    refuses 64 'several results for one stdout' "$INPUTS/model.h5" "$INPUTS/picture.png" --raw - --json
    refuses 64 'makes text' "$INPUTS/lm.h5" --prompt x --json --seed 1
}

@test "inputs that cannot be read: 65 or 66, and their names" {
    : >empty
    mkdir folder
    head -c 60 "$INPUTS/picture.png" >cut.png
    printf 'words' >words
    for input in empty folder cut.png words /dev/null; do refuses 65 "${input##*/}" "$INPUTS/model.h5" $input; done
    refuses 66 nowhere.png "$INPUTS/model.h5" nowhere.png
    refuses 65 words "$INPUTS/model.h5" "$INPUTS/picture.png" words
}

@test "a prompt: --top-p, --bytes, and whole characters" {
    coldly() { ds-infer "$INPUTS/lm.h5" --prompt 'In the' --tokens 200 --temperature "$@"; }
    speak() { coldly 3 "$@"; }
    assert_equal "$(speak --top-p 1e-9 --seed 4)" "$(coldly 0)"
    [ "$(speak --top-p 0.5 --seed 4)" != "$(speak --seed 4)" ]
    for seed in 1 2 3; do
        speak --seed $seed | iconv -f UTF-8 -t UTF-8 >/dev/null
        speak --seed $seed | LC_ALL=C grep -q $'[\x80-\xff]'
        run ! bash -c "ds-infer '$INPUTS/lm.h5' --prompt In --tokens 200 --temperature 3 --bytes --seed $seed | iconv -f UTF-8 -t UTF-8 >/dev/null"
    done
    run -0 --separate-stderr ds-infer "$INPUTS/lm.h5" --prompt $'gr\xfc' --tokens 3 --seed 1
    [[ $stderr == *'the prompt is not UTF-8 (byte 2): any byte may follow'* ]]
    refuses 64 '--prompt makes text; --output is for INPUT files' "$INPUTS/lm.h5" --prompt a -o x.csv
    refuses 64 'top-p' "$INPUTS/lm.h5" --prompt a --top-p 1.5
}
