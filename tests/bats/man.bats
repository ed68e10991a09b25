#!/usr/bin/env bats
# Manual pages tell the truth: every tool has one, its options are those of --help and of the
# completions, its exit statuses are listed, and its examples run.
load common

setup_file() {
    make_inputs
    make_sandbox "$BATS_FILE_TMPDIR/sandbox"
}
setup() { cd "$BATS_TEST_TMPDIR" || return; }

# A page as a person sees it, in columns.
rendered() { # PAGE WIDTH
    env MANWIDTH="$2" man -l "$DS_BUILD/man/$1" | col -bx
}

# The code of a section of a page, as a person copies it from there: the lines that stand furthest in.
copied() { # PAGE SECTION
    rendered "$1" 100 | awk -v section="$2" '
        /^[^ ]/ {inside = $0 == section; next}
        inside && /^           / {print blank substr($0, 12); blank = ""; next}
        {blank = /^ *$/ ? blank "\n" : ""}'
}

# The fenced block number N of a page'"'"'s source, as it must stand in the rendered page.
block() { # PAGE N
    awk -v n="$2" '/^```/ {inside = !inside; number += inside; next} inside && number == n' "$ROOT/man/$1.scd" |
        sed 's/^./           &/'
}

# Fails unless every block of a page stands in a text, line under line.
assert_blocks() { # PAGE TEXT
    local count
    count=$(($(grep -c '^```' "$ROOT/man/$1.scd") / 2))
    for ((n = 1; n <= count; ++n)); do
        block "$1" $n >block
        [ -s block ] || fail "$1: block $n is empty"
        python3 -c 'import sys; sys.exit(open("block").read() not in open(sys.argv[1]).read())' "$2" ||
            fail "$1: this block is not what the page shows:
$(cat block)"
    done
}

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
        awk 'BEGIN {print "size,age,town,price"; for (i = 0; i < 300; ++i) {s = 40 + i * 7 % 160; a = i * 13 % 80;
            print s "," (i % 9 ? a : "") "," (i % 2 ? "Bern" : "Oslo") "," 150000 + 1200 * s - 900 * a}}' >houses.csv
        awk 'BEGIN {print "user,user_age,item,item_price"; for (i = 0; i < 200; ++i) {u = i * 7 % 19; t = (u + i % 3) % 23;
            print "u" u "," 20 + u "," "i" t "," 5 + t}}' >taken.csv
        awk 'BEGIN {print "item,item_price"; for (t = 0; t < 23; ++t) print "i" t "," 5 + t}' >items.csv
        awk 'BEGIN {print "user,user_age"; for (u = 0; u < 19; ++u) print "u" u "," 20 + u}' >users.csv
        make_masks 8 photos masks
        mkdir painted && cp masks/* painted
        printf 'ground #000000\ncar #010101\nhouse #020202\n' >colors.txt
        ds-data import idx -q train-images-idx3-ubyte.gz train-labels-idx1-ubyte.gz -o train.h5
        ds-data import idx -q t10k-images-idx3-ubyte.gz t10k-labels-idx1-ubyte.gz -o test.h5
        ds-data label -q train.h5 test.h5 --names names.txt
        ds-data split -q train.h5 --val 60 --stratify --seed 7 -o part.h5
        ds-data import text -q notes/*.txt --val 0.2 -o text.h5
        ds-data import csv -q clicks.csv --target click --categorical user,item -o clicks.h5
        ds-train -q mlp --set width=16 -d part.h5:train --epochs 2 --batch 32 --seed 1 -o model.h5
        ds-train -q mlp --set width=16 -d part.h5:train --epochs 2 --batch 32 --seed 2 -o other.h5
        ds-data import images -q photos --masks masks --size 24x32 --classes ground,car,house -o streets.h5
        ds-train -q unet --set width=4 --set depth=2 -d streets.h5 --steps 2 --batch 4 --seed 1 -o unet.h5
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

@test "what stands between fences stands in the page, character for character, in any width and locale" {
    command -v man >/dev/null || skip "no man"
    for page in "$ROOT"/man/*.scd; do
        page=$(basename "$page" .scd)
        for width in 60 80 200; do rendered "$page" $width >shown && assert_blocks "$page" shown; done
        LC_ALL=C rendered "$page" 80 >shown
        assert_blocks "$page" shown
    done
}

@test "no shell meets typographic characters, where groff has them" {
    command -v groff >/dev/null || skip "no groff"
    printf '.char - \\[hy]\n.tr \047\\[cq]\140\\[oq]\n.char ^ \\[u02C6]\n.char ~ \\[u02DC]\n' >man.local
    printf '.TH t 1\n.nf\n-\047\140^~\n' >check.1
    run -0 groff -M. -Tutf8 -man check.1
    refute_output --partial "-'"
    for page in "$ROOT"/man/*.scd; do
        page=$(basename "$page" .scd)
        groff -M. -Tutf8 -man -rLL=100n "$DS_BUILD/man/$page" | col -bx >shown
        assert_blocks "$page" shown
        ! sed '1d; $d' shown | grep -nE '[‐’‘ˆ˜]' || fail "$page has typographic characters"
    done
}

@test "words with an underscore keep it" {
    command -v man >/dev/null || skip "no man"
    for page in "$ROOT"/man/*.scd; do
        rendered "$(basename "$page" .scd)" 100 >shown
        while read -r word; do grep -qF -- "$word" shown || fail "$(basename "$page"): '$word' is not there"; done < <(
            sed 's/\\\(.\)/\1/g' "$page" | grep -oE '[A-Za-z0-9]+(_[A-Za-z0-9]+)+' | sort -u)
    done
}

@test "the recipe of ds-train's page is one" {
    command -v man >/dev/null || skip "no man"
    cp "$BATS_FILE_TMPDIR"/sandbox/part.h5 .
    copied ds-train.1 RECIPES >recipe.yaml
    run -0 ds-train --config recipe.yaml --dry-run -o x.h5
    assert_output --partial fashion-cnn
}

# ---- the language of model files

# What ds-train says to a model file: one line.
answer() { # LAYERS [LOSS [SET]]
    printf 'set: {a: %s}\ninputs: {image: "f32[N,1,28,28]"}\nlayers: %s\nloss: %s\n' "${3:-1}" "$1" "${2:-mse}" >asked.yaml
    run ds-train ./asked.yaml -d "$INPUTS/data.h5" --dry-run -o x.h5
    [ "$status" = 78 ] || fail "status $status: $output"
}

# The names that the last answer knows.
known() { sed -n 's/.*known: //p' <<<"$output" | sed 's/, / /g; s/ (in .*//'; }

# The entry of a layer in the page, up to the next one.
layer_entry() { awk -v name="$1" '/^       [^ ]/ {on = $0 == "       " name} /^[^ ]/ {on = 0} on' language; }

@test "ds-model-file(5) has every section, function, layer, option, initialisation and loss of the parser, and no other" {
    command -v man >/dev/null || skip "no man"
    rendered ds-model-file.5 200 >language
    local names='' count=0
    answer '[nonsense]'
    for layer in $(known); do
        names+="$layer"$'\n'
        [ "$layer" != use ] || continue # whose options are those of its block
        answer "[{$layer: {nonsense: 1}}]"
        for option in $(known); do
            [[ " name from as " == *" $option "* ]] && continue
            layer_entry "$layer" | grep -qE "^ {11}$option \(" || fail "$layer has '$option', the page has not"
            count=$((count + 1))
        done
        assert_equal "$(layer_entry "$layer" | grep -cE '^ {11}[a-z_]+ \(')" "$(known | wc -w | xargs -I{} expr {} - 3)"
    done
    [ "$count" -gt 40 ] && [ "$(wc -l <<<"$names")" -gt 25 ]
    for option in name from as; do grep -qE "^ {7}$option \(text" language || fail "$option"; done

    entries() { awk -v section="$1" '/^[^ ]/ {on = $0 == section} on && /^       [a-z][a-z0-9_]*([([].*)?$/ {sub(/[([].*/, ""); print $1}' language; }
    assert_equal "$(entries LAYERS | grep -vx -e name -e from -e as)" "${names%$'\n'}"
    answer '[{linear: {units: 3, init: nonsense}}]'
    assert_equal "$(entries INITIALISATIONS)" "$(known | tr ' ' '\n')"
    answer '[relu]' nonsense
    assert_equal "$(entries LOSSES | grep -vx -e kind -e target)" "$(known | tr ' ' '\n')"
    answer '[relu]' mse '"${nonsense(1)}"'
    assert_equal "$(entries VALUES)" "$(known | tr ' ' '\n')"
    printf 'nonsense: 1\n' >asked.yaml
    run -78 ds-train ./asked.yaml -d "$INPUTS/data.h5" --dry-run -o x.h5
    for section in $(known); do grep -qE "^ {7}$section( \(needed\))?$" language || fail "no section $section"; done
    assert_equal "$(awk '/^[^ ]/ {on = $0 == "SECTIONS"} on && /^       [a-z]+( \(needed\))?$/' language | wc -l)" "$(known | wc -w)"
}

# bats test_tags=slow
@test "the examples of every page run as a person copies them" {
    command -v man >/dev/null || skip "no man"
    for page in "$ROOT"/man/*.scd; do
        page=$(basename "$page" .scd)
        copied "$page" EXAMPLES >examples
        [ -s examples ] || fail "$page: no examples"
        assert_equal "$(grep -c . examples)" \
            "$(sed -n '/^# EXAMPLES/,/^# SEE ALSO/p' "$ROOT/man/$page.scd" | awk '/^```/ {inside = !inside; next} inside && /./' | wc -l)"
        rm -rf run
        cp -r "$BATS_FILE_TMPDIR/sandbox" run
        run env -C run F=. PREFIX="$ROOT" PATH="/usr/bin:$PATH" bash -euo pipefail "$PWD/examples"
        [ "$status" = 0 ] || fail "$page: status $status of:
$(cat examples)
$output"
    done
}
