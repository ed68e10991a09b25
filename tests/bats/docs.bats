#!/usr/bin/env bats
# What the documents say is so: commands run, named files exist, lists are complete, and the format page is enough to
# write a reader from.
load common

setup_file() { make_inputs; }
setup() { cd "$BATS_TEST_TMPDIR" || return; }

# ---- the format page

# The reader of the page's EXAMPLES, copied from the page as it is shown, as a script that takes a file.
make_reader() {
    command -v man >/dev/null || skip "no man"
    MANWIDTH=100 man -l "$DS_BUILD/man/ds-tools-format.5" | col -bx | sed -n 's/^ \{11\}//; /^python3 - /,/^PYTHON$/p' |
        sed 's/^python3 - model.h5/python3 - "$1"/' >reader
    grep -q ds-tree-1 reader
}

@test "the reader of the format page finds sealed files whole" {
    make_reader
    for file in "$ROOT"/tests/data/*.h5 "$INPUTS/data.h5" "$INPUTS/model.h5"; do
        run -0 bash reader "$file"
        assert_output whole
    done
}

@test "the reader of the format page names the damaged part" {
    make_reader
    damage() { # OFFSET EXPECTED
        cp "$ROOT/tests/data/format-1.0-model.h5" damaged.h5
        printf '\x5a' | dd of=damaged.h5 bs=1 seek="$1" conv=notrunc status=none
        run -1 bash reader damaged.h5
        assert_output --partial "$2 is damaged"
    }
    damage 100 'the seal'
    damage 600 'the metadata'
    damage 4098 '/parameters/conv1/bias'
    damage $(($(stat -c %s "$ROOT/tests/data/format-1.0-model.h5") - 1)) 'the metadata'
    head -c 9000 "$ROOT/tests/data/format-1.0-model.h5" >cut.h5
    run -1 bash reader cut.h5
    assert_output 'the length is damaged'
}

@test "the format page names every dataset of a model and of a data file" {
    command -v h5ls >/dev/null || skip "h5ls is not installed"
    for file in "$INPUTS/data.h5" "$INPUTS/model.h5"; do
        h5ls -r "$file" | awk '$2 == "Dataset" {print "/" substr($1, 2)}' | cut -d/ -f2 | sort -u >parts
        [ -s parts ]
        while read -r part; do
            grep -qE "(^|[ ,])/$part(/|\$|[ ,])" "$ROOT/man/ds-tools-format.5.scd" || fail "no /$part in the format page"
        done <parts
    done
}

# ---- recipes

# Data files by the names that the recipes use: $1 is the recipe's name.
make_recipe_data() {
    if [ "$1" = text ]; then
        for _ in 1 2 3 4 5; do cat "$INPUTS/notes.txt"; done >notes.txt
        ds-data import text -q notes.txt --val 0.3 -o text.h5
    elif [ "$1" = cifar10-resnet18 ]; then
        /usr/bin/python3 -c 'for i in range(160): print(end=chr(i % 10) + "x" * 3072)' >data_batch_1.bin
        ds-data import cifar -q data_batch_1.bin -o train.h5
        ds-data split -q train.h5 --val 20 --stratify --seed 7 -o part.h5
    else
        ds-data split -q "$INPUTS/data.h5" --val 40 --stratify --seed 7 -o part.h5
    fi
}

@test "every recipe starts on data of its kind, and is named in README and man page" {
    for recipe in "$ROOT"/share/recipes/*.yaml; do
        name=$(basename "$recipe" .yaml)
        make_recipe_data "$name"
        run -0 ds-train --config "$recipe" --dry-run -o model.h5
        assert_line --regexp '^steps +[0-9]+, batch '
        run -0 ds-train --config "$recipe" --print-config -o model.h5
        assert_line --regexp "^model: .*$name.yaml:"
        for document in README.md man/ds-train.1.scd; do
            grep -q "$name" "$ROOT/$document" || fail "$document does not name $name"
        done
    done
}

# ---- scripts/quickstart

@test "what quickstart says to try next works" {
    mkdir quickstart
    cp "$INPUTS/model.h5" "$INPUTS/data.h5" quickstart/
    cp quickstart/data.h5 quickstart/test.h5
    ds-data split -q quickstart/data.h5 --val 40 --seed 7 -o quickstart/part.h5
    sed -n '/^Three commands/,/^END$/p' "$ROOT/scripts/quickstart" | grep -E '^  ds-' | sed 's/ --set width=16/ --set width=4/' >commands
    assert_equal "$(grep -c . commands)" 3
    run -0 bash -euo pipefail commands
    assert_file_exists quickstart/small.h5
}

# ---- README and CONTRIBUTING

section() { awk -v wanted="## $2" '/^## /{inside = ($0 == wanted)} inside' "$1"; } # FILE HEADING
blocks() { awk -v start="\`\`\`$1" '/^```/{on = ($0 == start); next} on'; }         # KIND: of the text on stdin

# bats test_tags=slow
@test "the README's tour runs, on small data" {
    for program in jq h5ls; do command -v $program >/dev/null || skip "$program is not installed"; done
    make_idx train-images-idx3-ubyte.gz train-labels-idx1-ubyte.gz 360
    make_idx t10k-images-idx3-ubyte.gz t10k-labels-idx1-ubyte.gz 120
    cmake --install "$DS_BUILD" --prefix "$PWD/quickstart/prefix" >/dev/null
    section "$ROOT/README.md" "A five-minute tour" | blocks sh |
        sed -e 's,^F=.*,F=$PWD,' -e 's/--val 5000/--val 60/' -e 's/top1=0\.9[0-9]*/top1=0.3/' -e 's/--stop-after 500/--stop-after 2/' \
            -e 's/--epochs 4/--epochs 2 --batch 64 --set width=4/' -e 's/--epochs 1/--epochs 1 --batch 64/' \
            -e 's/--steps 20 /--steps 2 --batch 2 --set width=16 --set depth=1 /' \
            -e 's/^make .*/& EPOCHS=1 VAL=60 MIN=top1=0.1/' >tour
    [ "$(grep -c '^ds-' tour)" -gt 25 ]
    run bash -euo pipefail tour
    assert_success
    assert_line 'split      train: 300 samples'
    assert_line --regexp '^held   top1 >= 0.3'
    assert_line --regexp '^ +val_top1 '
    for picture in samples.png curve.png confusion.png predictions.png example/out/predictions.png; do assert_file_not_empty "$picture"; done
    assert_file_exists example/out/model.h5
}

@test "the README's model file trains" {
    blocks yaml <"$ROOT/README.md" >small.yaml
    [ -s small.yaml ]
    run -0 ds-train -q small.yaml --set width=4 -d "$INPUTS/data.h5" --epochs 1 --batch 32 --seed 1 -o small.h5
    run -0 ds-info small.h5 --params
    assert_line --regexp '^block0\.conv\.weight '
}

@test "every tool is in the README's table, and what the table says ds-data does are its commands" {
    for tool in $(cd "$DS_BUILD/bin" && ls | grep '^ds'); do
        grep -q "^| \`$tool\` |" "$ROOT/README.md" || fail "$tool is not in the table"
    done
    for command in $(ds-data --help | sed -n '/^Commands/,/^$/p' | awk '/^  /{print $1}'); do
        grep '^| `ds-data`' "$ROOT/README.md" | grep -qw "$command" || fail "ds-data $command is not in the table"
    done
}

@test "every task is in the README's table with the metric that decides, and every shipped model is named there" {
    section "$ROOT/README.md" Tasks >tasks
    ds-eval --help | tr -s '\n ' ' ' | grep -oE '\(default: top1 for [^)]*' | sed 's/(default: //; s/, /\n/g' >deciding
    [ "$(grep -c ' for ' deciding)" -ge 9 ]
    while read -r metric _ task; do
        grep -E "^\| \`$task\` \|.*\`$metric\`" tasks >/dev/null || fail "$task with $metric is not in the table"
    done <deciding
    for model in "$ROOT"/share/models/*.yaml; do
        model=$(basename "$model" .yaml)
        grep -q "\`$model\`" tasks || fail "$model is not in the table"
    done
}

@test "every file and folder that the documents name exists" {
    for document in README.md CONTRIBUTING.md CHANGELOG.md; do
        # `folder/file` in back quotes, and the targets of links and pictures, outside of fenced blocks
        awk '/^```/ {inside = !inside; next} !inside' "$ROOT/$document" >prose
        {
            grep -oE '`[^`]+`' prose | tr -d '`' | grep -E '^(libcommon|kernels|tools|tests|scripts|share|man|cmake|docs|\.ci)(/[A-Za-z0-9_./*-]*)?$'
            grep -oE '\]\([^)#:]+\)' prose | sed 's/^](//; s/)$//'
            grep -oE 'src="[^"]+"' prose | sed 's/^src="//; s/"$//'
        } | sort -u | grep . >named || true
        [ -s named ] || [ "$document" = CHANGELOG.md ]
        while read -r path; do
            compgen -G "$ROOT/$path" >/dev/null || fail "$document names $path, which does not exist"
        done <named
    done
}

@test "pictures of the documents are small" {
    for picture in "$ROOT"/docs/images/*; do [ "$(stat -c %s "$picture")" -lt 150000 ] || fail "$picture is large"; done
}

@test "CONTRIBUTING names every folder" {
    (cd "$ROOT" && find tools libcommon kernels man cmake docs scripts .ci -type d && find share tests -maxdepth 1 -type d) >folders
    while read -r folder; do
        case $folder in tests | libcommon) continue ;; esac
        grep -qF "\`$folder\`" "$ROOT/CONTRIBUTING.md" || fail "$folder is not on the map"
    done <folders
}

@test "includes point down CONTRIBUTING's list of folders" {
    # The place of a file in the list: the longest folder of it that the file lies in.
    awk '/^Includes point one way/ {on = 1} on && /^```/ {inside = !inside; if (!inside) exit; next} on && inside' "$ROOT/CONTRIBUTING.md" >rooms
    [ "$(wc -l <rooms)" -gt 20 ]
    (cd "$ROOT" && grep -rnoE '^#include "[^"]+"' tools libcommon kernels --include=*.cpp --include=*.h) |
        sed -E 's/^([^:]+):[0-9]+:#include "([^"]+)"/\1 \2/' >includes
    awk -v root="$ROOT" '
        function room(path,   at, best, i) {
            at = path
            while (sub(/\/[^\/]*$/, "", at)) if (at in place) return place[at]
            return 0
        }
        function folder(path) { sub(/\/[^\/]*$/, "", path); return path "/" }
        FNR == NR { place[$1] = FNR; next }
        {
            to = $2
            if (to !~ /^kernels\//) to = "libcommon/" to
            if (to ~ /^libcommon\/hwy\//) next # Highway
            if (!room($1) || !room(to)) { print $1 " includes " $2 ": not in the list"; next }
            near = index(folder($1), folder(to)) == 1 || index(folder(to), folder($1)) == 1
            if (room($1) > room(to) && !near) print $1 " includes " $2
        }' rooms includes >upward
    [ ! -s upward ] || fail "$(cat upward)"
}

@test "CONTRIBUTING lists every op and every pass" {
    for source in "$ROOT"/libcommon/ops/*.cpp; do
        for op in $(grep -oE '^    \{"[a-z0-9_]+", "' "$source" | grep -oE '[a-z0-9_]{2,}'); do
            grep -q "^| $(basename "$source" .cpp) | .*\`$op\`" "$ROOT/CONTRIBUTING.md" || fail "$op is not in its family's row"
        done
    done
    run ds-train mlp -d "$INPUTS/data.h5" --print-after nonsense --steps 1 -o x.h5
    assert_equal "$status" 64
    for pass in $(grep -oE 'there are: .*' <<<"$output" | sed 's/there are: //; s/,//g'); do
        grep -q "^| \`$pass\` |" "$ROOT/CONTRIBUTING.md" || fail "the pass $pass is not listed"
    done
}

@test "examples of CONTRIBUTING that are copies of the code still are" {
    one_line() { tr -s ' \n' ' ' <"$ROOT/$1"; }
    line='import_command(c, s, "idx", "IDX files (MNIST and its kin), plain or gzipped", "the images, then the labels", import_idx);'
    for file in CONTRIBUTING.md libcommon/cli/import_commands.cpp; do one_line $file | grep -qF "$line" || fail "$file"; done
}

@test "every tool that has --explain says the kernel of each node and does nothing else" {
    for command in "ds-train mlp -d $INPUTS/data.h5 --seed 1 -o made.h5" "ds-eval $INPUTS/model.h5 -d $INPUTS/data.h5" \
        "ds-infer $INPUTS/model.h5 $INPUTS/picture.png"; do
        run -0 $command --explain
        assert_line --regexp '^classifier \([a-z_]+\): cpu\.'
        refute_output --partial 'top1'
    done
    assert_file_not_exists made.h5
}

@test "a tool with --json has its schema in its page" {
    for tool in $(cd "$DS_BUILD/bin" && ls | grep '^ds-'); do
        $tool --help-scdoc | grep -qF -- '*--json*' || continue
        grep -qx '# JSON' "$ROOT/man/$tool.1.scd" || fail "$tool: no section JSON"
    done
}
