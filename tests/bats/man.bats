#!/usr/bin/env bats
# Manual pages tell the truth: every tool has one, its options are those of --help and of the
# completions, its exit statuses are listed, and its examples run.
load common

setup_file() {
    make_inputs
    make_sandbox "$BATS_FILE_TMPDIR/sandbox"
}
setup() { cd "$BATS_TEST_TMPDIR" || return; }

tools() { (cd "$DS_BUILD/bin" && ls | grep '^ds'); }
page() { printf '%s/man/%s.1' "$DS_BUILD" "$1"; }

# A folder in which the examples of all pages run: files by the names that the pages use.
make_sandbox() {
    mkdir -p "$1/images/cat" "$1/images/dog" "$1/notes"
    (
        cd "$1" || exit
        make_idx train-images-idx3-ubyte.gz train-labels-idx1-ubyte.gz 360
        make_idx t10k-images-idx3-ubyte.gz t10k-labels-idx1-ubyte.gz 120
        printf 'top\nmiddle\nbottom\n' >names.txt
        cp "$INPUTS/picture.png" shirt.png
        cp "$INPUTS/picture.png" boot.png
        for name in cat dog; do for i in 1 2 3 4; do cp "$INPUTS/picture.png" "images/$name/$i.png"; done; done
        cp "$INPUTS/notes.txt" notes/a.txt
        cp "$INPUTS/notes.txt" notes/b.txt
        {
            echo 'user,item,age,click'
            for i in {1..200}; do echo "u$((i % 7)),i$((i % 11)),$((i % 50)).5,$((i % 2))"; done
        } >clicks.csv
        ds-data import idx -q train-images-idx3-ubyte.gz train-labels-idx1-ubyte.gz -o train.h5
        ds-data import idx -q t10k-images-idx3-ubyte.gz t10k-labels-idx1-ubyte.gz -o test.h5
        ds-data label -q train.h5 test.h5 --names names.txt
        ds-data split -q train.h5 --val 60 --stratify --seed 7 -o part.h5
        ds-data import text -q notes/*.txt --val 0.2 -o text.h5
        ds-data import csv -q clicks.csv --target click --categorical user,item -o clicks.h5
        ds-train -q mlp --set width=16 -d part.h5:train --epochs 2 --batch 32 --seed 1 -o model.h5
        ds-train -q mlp --set width=16 -d part.h5:train --epochs 2 --batch 32 --seed 2 -o other.h5
        ds-train -q gpt-tiny --set width=32 --set depth=1 -d text.h5:train --steps 3 --batch 4 --seed 1 -o lm.h5
    )
}

@test "every tool has a page with the sections that people look for" {
    for tool in $(tools); do
        assert_file_exists "$(page "$tool")"
        for section in NAME SYNOPSIS DESCRIPTION OPTIONS 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
            grep -qx "# $section" "$ROOT/man/$tool.1.scd" || fail "$tool: no section $section"
        done
        grep -qx "@OPTIONS@" "$ROOT/man/$tool.1.scd" || fail "$tool: its options are not made from the declarations"
    done
}

@test "the pages of tools that compute say what they read and set of OpenMP's environment" {
    for tool in $(tools); do
        grep -q 'computes()' "$ROOT/tools/$tool.cpp" || continue
        sed -n '/^# ENVIRONMENT/,/^# EXIT STATUS/p' "$ROOT/man/$tool.1.scd" | grep -q 'GOMP_SPINCOUNT' || fail "$tool: no GOMP_SPINCOUNT"
    done
}

@test "pages are well formed" {
    command -v man >/dev/null || skip "no man"
    for source in "$ROOT"/man/*.scd; do
        page=$DS_BUILD/man/$(basename "$source" .scd)
        run --separate-stderr env MANWIDTH=100 man --warnings -l "$page"
        assert_equal "$status" 0
        [ -z "$stderr" ] || fail "$page: $stderr"
        refute_output --partial '@OPTIONS@'
    done
}

@test "EXIT STATUS lists 0 and what the tool can end with" {
    for tool in $(tools); do
        section=$(sed -n '/^# EXIT STATUS/,/^# EXAMPLES/p' "$ROOT/man/$tool.1.scd")
        codes='0 64 74'
        if [ "$tool" != ds ]; then codes+=' 65 66 73'; fi
        if [ "$tool" = ds-info ]; then codes='0 1 64 65 66 74'; fi
        if [ "$tool" = ds-eval ]; then codes+=' 1'; fi
        for code in $codes; do
            grep -qE "^\*$code\*" <<<"$section" || fail "$tool: no $code"
        done
    done
}

# The long options that a text names at the start of its entries.
from_help() { grep -oE '^  (-[a-zA-Z], |    )--[a-z0-9-]+' | grep -oE -- '--[a-z0-9-]+' | sort -u; }

@test "help, page and completions list the same options" {
    for tool in $(tools); do
        # every leaf: the tool itself, or the subcommands that its page has a heading for
        mapfile -t leaves < <(sed -nE 's/^## (ds-[a-z]+( [a-z]+)*) \\?\[OPTION.*/\1/p' "$(page "$tool").scd")
        if [ ${#leaves[@]} = 0 ]; then leaves=("$tool"); fi
        for leaf in "${leaves[@]}"; do $leaf --help | from_help; done | sort -u >help
        [ -s help ]
        sed -nE 's/^(\*-[a-zA-Z]\*, )?\*--([a-z0-9-]+)\*( .*)?$/--\2/p' "$(page "$tool").scd" | sort -u >page
        "$tool" --completion bash | grep -oE -- "--[a-z0-9-]+" | grep -v -- '^--$' | sort -u >bash
        "$tool" --completion zsh | grep -oE -- "'\*?--[a-z0-9-]+" | grep -oE -- '--.*' | sort -u >zsh
        "$tool" --completion fish | grep '^complete' | grep -oE -- ' -l [a-z0-9-]+' | sed 's/ -l /--/' | sort -u >fish
        for text in page bash zsh fish; do
            run diff help $text
            assert_success
        done
    done
}

@test "completion scripts are legal to their shells" {
    for tool in $(tools); do
        for shell in bash zsh fish; do
            command -v $shell >/dev/null || continue
            "$tool" --completion $shell >script
            $shell -n script || fail "$tool for $shell"
        done
    done
}

@test "bash completes options, choices, subcommands and files" {
    complete_words() { # WORD...
        bash -c 'source <("$1" --completion bash); compopt() { :; }; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
            "_${1//-/_}"; printf "%s\n" "${COMPREPLY[@]}"' - "$@"
    }
    : >some.h5
    run complete_words ds-info --hist
    assert_output --partial '--history'
    run complete_words ds-eval --progress a
    assert_output $'auto\nalways'
    run complete_words ds-data im
    assert_output 'import'
    run complete_words ds-data import id
    assert_output 'idx'
    run complete_words ds-info so
    assert_output 'some.h5'
}

# bats test_tags=slow
@test "the examples of every page run as they stand" {
    for tool in $(tools); do
        examples=$(sed -n '/^# EXAMPLES/,/^# SEE ALSO/p' "$ROOT/man/$tool.1.scd" | awk '/^```/ {inside = !inside; next} inside')
        [ -n "$examples" ] || fail "$tool: no examples"
        rm -rf run
        cp -r "$BATS_FILE_TMPDIR/sandbox" run
        run env -C run F=. PREFIX="$ROOT" bash -euo pipefail -c "$examples"
        [ "$status" = 0 ] || fail "$tool: status $status of:
$examples
$output"
    done
}
