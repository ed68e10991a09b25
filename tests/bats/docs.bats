#!/usr/bin/env bats
# What the documents say is so: commands run, named files exist, lists are complete, and the format page is enough to
# write a reader from.
load common

setup_file() { make_inputs; }
setup() { cd "$BATS_TEST_TMPDIR" || return; }

# The fenced blocks of a document.
fenced() { awk '/^```/ {inside = !inside; next} inside' "$1"; }

# ---- the format page

# The reader of the page's EXAMPLES, as a script that takes a file.
make_reader() {
    fenced "$ROOT/man/ds-tools-format.5.scd" | sed -n "/^python3 - /,/^PYTHON\$/p" | sed 's/^python3 - model.h5/python3 - "$1"/' >reader
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
