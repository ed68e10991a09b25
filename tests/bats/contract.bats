#!/usr/bin/env bats
# What every tool keeps, held by one table: streams, options, exit codes, signals. A row a tool; a tool
# that is built but has no row fails. Rows say how a tool is made to read, write, print and wait.
load common

# TOOL: a command that ends well and prints its result on stdout; ds-sign and ds-plot write files only
declare -gA good=(
    [ds]='ds --list'
    [ds-data]='ds-data info $INPUTS/data.h5'
    [ds-train]='ds-train -q mlp --set width=4 -d $INPUTS/data.h5 --steps 2 --seed 1 --log - -o $BATS_TEST_TMPDIR/made.h5'
    [ds-eval]='ds-eval $INPUTS/model.h5 -d $INPUTS/data.h5'
    [ds-infer]='ds-infer $INPUTS/model.h5 $INPUTS/picture.png'
    [ds-info]='ds-info $INPUTS/model.h5'
)
# the same reading FILE
declare -gA reading=(
    [ds]='ds info FILE'
    [ds-data]='ds-data info FILE'
    [ds-train]='ds-train mlp -d FILE --steps 1 --seed 1 -o $BATS_TEST_TMPDIR/made.h5'
    [ds-eval]='ds-eval FILE -d $INPUTS/data.h5'
    [ds-infer]='ds-infer FILE $INPUTS/picture.png'
    [ds-info]='ds-info FILE'
    [ds-sign]='ds-sign FILE --key $INPUTS/key.pem -o $BATS_TEST_TMPDIR/made.h5'
    [ds-plot]='ds-plot FILE -o $BATS_TEST_TMPDIR/made.svg'
)
# a file given as a positional behind --
declare -gA positional=(
    [ds-data]='ds-data info -- FILE'
    [ds-train]='ds-train -d $INPUTS/data.h5 --steps 1 -o $BATS_TEST_TMPDIR/made.h5 -- FILE'
    [ds-eval]='ds-eval -d $INPUTS/data.h5 -- FILE'
    [ds-infer]='ds-infer -- FILE $INPUTS/picture.png'
    [ds-info]='ds-info -- FILE'
    [ds-sign]='ds-sign --key $INPUTS/key.pem -o $BATS_TEST_TMPDIR/made.h5 -- FILE'
    [ds-plot]='ds-plot -o $BATS_TEST_TMPDIR/made.svg -- FILE'
)
# writing FILE; ds-info writes nothing but stdout
declare -gA writing=(
    [ds-data]='ds-data split $INPUTS/data.h5 --val 0.2 --seed 1 -o FILE'
    [ds-train]='ds-train mlp --set width=4 -d $INPUTS/data.h5 --steps 1 --seed 1 -o FILE'
    [ds-eval]='ds-eval $INPUTS/model.h5 -d $INPUTS/data.h5 --predictions FILE'
    [ds-infer]='ds-infer $INPUTS/model.h5 $INPUTS/picture.png --raw FILE'
    [ds-sign]='ds-sign $INPUTS/model.h5 --key $INPUTS/key.pem -o FILE'
)
# further ways to read FILE and to write FILE: other commands and other options
declare -gA reading_too=(
    [ds-data label]='ds-data label FILE --names $INPUTS/names.txt'
    [ds-data split]='ds-data split FILE --val 0.2 --seed 1 -o $BATS_TEST_TMPDIR/made.h5'
    [ds-data cat]='ds-data cat $INPUTS/data.h5 FILE -o $BATS_TEST_TMPDIR/made.h5'
    [ds-data sample]='ds-data sample FILE -n 1 --seed 1 -o $BATS_TEST_TMPDIR/made.h5'
    [ds-data select]='ds-data select FILE --drop label -o $BATS_TEST_TMPDIR/made.h5'
    [ds-data filter]='ds-data filter FILE --where "label == 1" -o $BATS_TEST_TMPDIR/made.h5'
    [ds-data join]='ds-data join $INPUTS/data.h5 FILE --on label -o $BATS_TEST_TMPDIR/made.h5'
    [ds-data show]='ds-data show FILE -o $BATS_TEST_TMPDIR/made.png'
    [ds-data export png]='ds-data export png FILE -o $BATS_TEST_TMPDIR/made'
    [ds-data export npy]='ds-data export npy FILE --column image -o $BATS_TEST_TMPDIR/made.npy'
    [ds-data export csv]='ds-data export csv FILE -o $BATS_TEST_TMPDIR/made.csv'
    [ds-data verify]='ds-data verify FILE'
    [ds-train --resume]='ds-train --resume FILE -d $INPUTS/data.h5 -o $BATS_TEST_TMPDIR/made.h5'
    [ds-train --val]='ds-train mlp -d $INPUTS/data.h5 --val FILE --steps 1 --seed 1 -o $BATS_TEST_TMPDIR/made.h5'
    [ds-eval -d]='ds-eval $INPUTS/model.h5 -d FILE'
    [ds-eval --compare]='ds-eval -q $INPUTS/model.h5 -d $INPUTS/data.h5 --compare FILE'
    [ds-info --compare]='ds-info --compare $INPUTS/model.h5 FILE'
    [ds-info --diff]='ds-info $INPUTS/model.h5 --diff FILE'
    [ds-info --verify]='ds-info --verify FILE'
    [ds-info --signed-by]='ds-info --verify $INPUTS/model.h5 --signed-by FILE'
    [ds-sign --key]='ds-sign $INPUTS/model.h5 --key FILE -o $BATS_TEST_TMPDIR/made.h5'
    [ds-info --seal]='ds-info --seal FILE -o $BATS_TEST_TMPDIR/made.h5'
)
declare -gA writing_too=(
    [ds-data import idx]='ds-data import idx $INPUTS/images.gz $INPUTS/labels.gz -o FILE'
    [ds-data import text]='ds-data import text $INPUTS/notes.txt -o FILE'
    [ds-data cat]='ds-data cat $INPUTS/data.h5 -o FILE'
    [ds-data sample]='ds-data sample $INPUTS/data.h5 -n 2 --seed 1 -o FILE'
    [ds-data select]='ds-data select $INPUTS/data.h5 --drop label -o FILE'
    [ds-data filter]='ds-data filter $INPUTS/data.h5 --where "label == 1" -o FILE'
    [ds-data export npy]='ds-data export npy $INPUTS/data.h5 --column image -o FILE'
    [ds-data export csv]='ds-data export csv $INPUTS/data.h5 -o FILE'
    [ds-train --log]='ds-train mlp --set width=4 -d $INPUTS/data.h5 --steps 1 --seed 1 --log FILE -o $BATS_TEST_TMPDIR/made.h5'
    [ds-train --best]='ds-train mlp --set width=4 -d $INPUTS/data.h5 --val $INPUTS/data.h5 --steps 1 --seed 1 --best FILE -o $BATS_TEST_TMPDIR/made.h5'
    [ds-info --seal]='ds-info --seal $INPUTS/model.h5 -o FILE'
)
# FILE is a picture by its name
declare -gA drawing=(
    [ds-data show]='ds-data show $INPUTS/data.h5 -o FILE.png'
    [ds-data info]='ds-data info $INPUTS/data.h5 --plot FILE.svg'
    [ds-train --plot]='ds-train mlp --set width=4 -d $INPUTS/data.h5 --steps 1 --seed 1 --plot FILE.svg -o $BATS_TEST_TMPDIR/made.h5'
    [ds-plot]='ds-plot $INPUTS/run.jsonl -o FILE.svg'
    [ds-eval --confusion]='ds-eval $INPUTS/model.h5 -d $INPUTS/data.h5 --confusion FILE.png'
)
# what goes to stdout with -o - or the like, and is not text
declare -gA binary=(
    [ds-data split]='ds-data split -q $INPUTS/data.h5 --val 0.2 --seed 1 -o -'
    [ds-data import idx]='ds-data import idx -q $INPUTS/images.gz $INPUTS/labels.gz -o -'
    [ds-data export npy]='ds-data export npy -q $INPUTS/data.h5 --column image -o -'
    [ds-train]='ds-train -q mlp --set width=4 -d $INPUTS/data.h5 --steps 1 --seed 1 -o -'
    [ds-infer --raw]='ds-infer -q $INPUTS/model.h5 $INPUTS/data.h5 --raw -'
    [ds-info --seal]='ds-info -q --seal $INPUTS/model.h5 -o -'
    [ds-sign]='ds-sign -q $INPUTS/model.h5 --key $INPUTS/key.pem -o -'
)
tools=(ds ds-data ds-train ds-eval ds-infer ds-info ds-sign ds-plot)

setup_file() {
    make_inputs
    printf 'a\nb\nc\n' >"$INPUTS/names.txt"
    printf '{"step":%d,"loss":%d}\n' 1 3 2 2 3 1 >"$INPUTS/run.jsonl"
    printf -- '-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n' \
        MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7 >"$INPUTS/key.pem"
}
setup() {
    cd "$BATS_TEST_TMPDIR" || return
    # what takes options: a tool, or each of its subcommands, which have headings in its page
    mapfile -t leaves < <(for tool in "${tools[@]:1}"; do
        $tool --help-scdoc | sed -nE 's/^## (ds-[a-z]+( [a-z]+)*) \[OPTION.*/\1/p' | grep . || echo "$tool"
    done)
}

expand() { eval "printf '%s' \"${1//FILE/$2}\""; } # ROW FILE
each() { # ARRAY-NAME TEST-FUNCTION: for every row, "TEST-FUNCTION TOOL"; not in a condition, so that any failure counts
    local -n rows=$1
    local tool
    [ ${#rows[@]} -gt 1 ]
    for tool in "${!rows[@]}"; do
        echo "row of $tool"
        "$2" "$tool" "$1"
    done
}

@test "every built tool has a row" {
    run bash -c 'cd "$1" && ls | grep "^ds" | sort' - "$DS_BUILD/bin"
    assert_output "$(printf '%s\n' "${tools[@]}" | sort)"
}

# ------------------------------------------------------------------------------------------ options

@test "-h and --help: on stdout, status 0, nothing on stderr" {
    for tool in "${tools[@]}" "${leaves[@]}"; do
        for option in -h --help; do
            shell "$tool $option"
            [ "$status" = 0 ] || fail "$tool $option: status $status"
            [[ $output == "Usage: $tool "* ]] || fail "$tool $option: $output"
            [ -z "$stderr" ] || fail "$tool $option: stderr: $stderr"
        done
    done
}

@test "help fits 100 columns" {
    for tool in "${tools[@]}" "${leaves[@]}"; do
        shell "$tool --help | awk 'length > 100'"
        [ -z "$output" ] || fail "$tool --help: $output"
    done
}

@test "--version: name, version, what is built in, the instructions in use" {
    for tool in "${tools[@]}"; do
        shell "$tool --version"
        assert_equal "$status" 0
        [[ ${lines[0]} =~ ^$tool\ [0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "$tool: ${lines[0]}"
        [[ ${lines[1]} == "Built by "*oneDNN* ]] || fail "$tool: ${lines[1]}"
        [[ ${lines[2]} == "In use: "* ]] || fail "$tool: ${lines[2]}"
    done
}

@test "an unknown option: 64 and the nearest known one" {
    for tool in "${tools[@]}" "${leaves[@]}"; do
        shell "$tool --hlep"
        assert_equal "$status" 64
        assert_one_error "${tool%% *}"
        [[ $stderr == *"--hlep"*"did you mean --help?"* ]] || fail "$stderr"
    done
}

@test "an unknown subcommand or tool: 64 and the nearest known one" {
    shell 'ds-data imprt'
    assert_equal "$status" 64
    [[ $stderr == *"did you mean import?"* ]] || fail "$stderr"
    shell 'ds trian'
    assert_equal "$status" 64
    [[ $stderr == *"did you mean train?"* ]] || fail "$stderr"
}

@test "wrong values: 64; wrong environment and configuration: 78" {
    printf 'no-such-key: 1\n' >unknown.yaml
    printf 'threads: 1\nthreads: 2\n' >twice.yaml
    for tool in "${leaves[@]}"; do
        for words in '--threads 0' '--threads x' --threads '--progress allways' '--quiet=1'; do
            shell "$tool $words"
            [ "$status" = 64 ] || fail "$tool $words: status $status: $stderr"
            assert_one_error "${tool%% *}"
        done
        shell "DS_THREADS=x $tool a b c"
        [ "$status" = 78 ] || [ "$status" = 64 ] || fail "$tool with DS_THREADS=x: status $status: $stderr"
        for file in unknown twice; do
            shell "$tool --config $file.yaml"
            [ "$status" = 78 ] || fail "$tool --config $file.yaml: status $status: $stderr"
            [[ $stderr == *"$file.yaml:"[12]":1: "* ]] || fail "$tool: $stderr"
        done
    done
}

@test "--print-config tells where values came from and can be read again" {
    for tool in "${leaves[@]}"; do
        shell "DS_PROGRESS=never $tool --threads 2 --print-config"
        [ "$status" = 0 ] || fail "$tool: $stderr"
        [[ $output == *"threads: 2 "*"# command line"* ]] || fail "$tool: $output"
        [[ $output == *"progress: never "*"# DS_PROGRESS"* ]] || fail "$tool: $output"
        printf '%s\n' "$output" >again.yaml
        shell "env -u DS_THREADS $tool --config again.yaml --print-config"
        [ "$status" = 0 ] || fail "$tool: $stderr"
        [[ $output == *"threads: 2 "*"# again.yaml:"* ]] || fail "$tool: $output"
    done
}

@test "--print-config: a limit that nobody gave is not set, one of 0 is" {
    shell "ds-train --print-config"
    [[ $output == *"# time: "*"# not set"* && $output == *"# memory: "*"# not set"* ]] || fail "$output"
    refute_line --regexp '^(time|memory): '
    shell "ds-train --time 2m --memory 0 --print-config"
    assert_line --regexp '^time: 120 +# command line$'
    assert_line --regexp '^memory: 0 +# command line$'
    shell "ds-train --help"
    refute_line --regexp '--time .*default'
    assert_line --regexp '--memory BYTES'
}

# --val is both the data to validate on (ds-train) and how much of the data becomes the split of that name (ds-data);
# --compare takes another model to measure (ds-eval) and stands before models to tell apart (ds-info).
@test "one meaning per name: an option has the same letter and value everywhere" {
    for tool in "${tools[@]}" "${leaves[@]}"; do
        $tool --help | sed -nE 's/^  (-[a-zA-Z], |    )(--[a-z0-9-]+)( [^ ]+)?( .*|$)/\2 \1\3/p'
    done | tr -s ' ' | grep -vE '^--(val|compare)( |$)' | sort -u >all
    cut -d' ' -f1 all | uniq -d >differ
    [ -s all ]
    [ ! -s differ ] || fail "$(grep -F -f differ all)"
}

# ------------------------------------------------------------------------------------------- inputs

@test "a missing input: 66, and its name" {
    check() {
        local -n row=$2
        shell "$(expand "${row[$1]}" nowhere.h5)"
        assert_equal "$status" 66
        [[ $stderr == *"nowhere.h5"* ]] || fail "$stderr"
    }
    each reading check
    each reading_too check
}

@test "what is not a ds-tools file: 65 in one line, never a hang" {
    printf 'just words\n' >text
    : >empty
    mkdir folder
    cp "$INPUTS/picture.png" picture
    check() {
        local -n row=$2
        for file in text empty folder picture /dev/null; do
            shell "timeout 20 $(expand "${row[$1]}" $file)"
            [ "$status" = 65 ] || fail "$1 reading $file: status $status: $stderr"
            [ "$1" = ds ] || assert_one_error "${1%% *}"
        done
    }
    each reading check
    each reading_too check
    assert_equal "$(find . -name 'made*')" ''
}

@test "an unreadable input: 66 or 77" {
    setpriv --reuid=65534 --regid=65534 --clear-groups true 2>/dev/null || skip "cannot drop privileges"
    chmod a+rx "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" 2>/dev/null
    chmod -R a+rX "$INPUTS"
    setpriv --reuid=65534 --regid=65534 --clear-groups "$DS_BUILD/bin/ds" --version >/dev/null 2>&1 || skip "nobody cannot run the tools here"
    setpriv --reuid=65534 --regid=65534 --clear-groups test -r "$INPUTS/data.h5" || skip "nobody cannot read the inputs here"
    chmod a+rwx .
    : >secret.h5
    chmod 000 secret.h5
    check() {
        local -n row=$2
        shell "setpriv --reuid=65534 --regid=65534 --clear-groups $(expand "${row[$1]}" "$PWD/secret.h5")"
        [ "$status" = 66 ] || [ "$status" = 77 ] || fail "$1: status $status: $stderr"
    }
    each reading check
    each reading_too check
}

@test "-- ends the options: what follows is a file" {
    check() {
        shell "$(expand "${positional[$1]}" --version)"
        [ "$status" = 66 ] || fail "$1: status $status: $output$stderr"
        [[ $stderr == *"--version"* ]] || fail "$stderr"
    }
    each positional check
}

# ------------------------------------------------------------------------------------------ outputs

@test "a missing output folder: 73, before any work" {
    check() {
        local -n row=$2
        shell "$(expand "${row[$1]}" no/such/folder/file)"
        assert_equal "$1: $status" "$1: 73"
        assert_one_error "${1%% *}"
    }
    for rows in writing writing_too drawing; do each $rows check; done
    assert_equal "$(find . -name 'made*')" ''
}

@test "an output is whole or absent, and no temporary is left" {
    mkdir folder
    check() {
        local -n row=$2
        shell "$(expand "${row[$1]}" folder/out)"
        [ "$status" = 0 ] || fail "$stderr"
        run ls -A folder
        assert_output --regexp '^out(\.png|\.svg)?$'
        rm folder/out*
    }
    for rows in writing writing_too drawing; do each $rows check; done
}

@test "a full stdout: 74" {
    [ -c /dev/full ] || skip "no /dev/full"
    check() {
        shell "$(expand "${good[$1]}") >/dev/full"
        [ "$status" = 74 ] || fail "$1: status $status: $stderr"
        assert_one_error "$1"
        shell "$1 --help >/dev/full"
        assert_equal "$status" 74
    }
    each good check
    shell "$(expand "${writing[ds-train]}" -) >/dev/full"
    assert_equal "$status" 74
}

@test "a reader that closes its pipe ends text with 0 and a model with 74" {
    check() {
        shell "{ sleep 0.3; $(expand "${good[$1]}"); } 3>&1 | true; echo \${PIPESTATUS[0]}"
        assert_output 0
        [ -z "$stderr" ] || fail "$1: $stderr"
    }
    each good check
    shell "{ sleep 0.3; $(expand "${writing[ds-train]}" -); } | true; echo \${PIPESTATUS[0]}"
    assert_output 74
}

@test "results on stdout, no escape codes and no progress where there is no terminal" {
    check() {
        shell "$(expand "${good[$1]}")"
        assert_equal "$status" 0
        [ -n "$output" ] || fail "$1 printed nothing"
        [[ $output$stderr != *$'\e'* && $output$stderr != *$'\r'* ]] || fail "$1: $(cat -v <<<"$output$stderr")"
    }
    each good check
}

@test "NO_COLOR: no colours, which a terminal otherwise shows" {
    for tool in "${tools[@]}"; do
        run env TERM=xterm script -qefc "$tool --hlep" /dev/null
        [[ $output == *$'\e['*m* ]] || fail "$tool: no colour on a terminal"
        run env NO_COLOR=1 TERM=xterm script -qefc "$tool --hlep" /dev/null
        [[ $output == *"did you mean"* && $output != *$'\e['* ]] || fail "$tool: $(cat -v <<<"$output")"
    done
}

@test "a closed stdout: 74, and no other file gets the results" {
    check() {
        shell "$(expand "${good[$1]}") >&-"
        [ "$status" = 74 ] || fail "$1: status $status: $stderr"
    }
    each good check
}

@test "--progress: auto draws on a terminal only, always and never obey" {
    words="$(expand "${writing[ds-train]}" made.h5) --time 1s"
    words=${words/--steps 1/--steps 100000}
    shell "$words --progress always"
    [[ $stderr == *'training ['* ]] || fail "always: nothing drawn: $stderr"
    shell "$words --progress auto"
    [[ $stderr != *'training ['* ]] || fail "auto: drawn without a terminal"
    run script -qefc "$words --progress auto" /dev/null
    [[ $output == *'training ['* ]] || fail "auto: nothing drawn on a terminal: $output"
    run script -qefc "$words --progress never" /dev/null
    [[ $output != *'training ['* ]] || fail "never: drawn"
}

@test "what is no text is not written to a terminal: 64" {
    check() {
        run script -qefc "$(expand "${binary[$1]}")" /dev/null
        assert_equal "$1: $status" "$1: 64"
        assert_output --partial "terminal"
    }
    each binary check
}

@test "what is no text: a closed pipe and a full stdout give 74" {
    check() {
        shell "{ sleep 0.3; $(expand "${binary[$1]}"); } | true; echo \${PIPESTATUS[0]}"
        assert_equal "$1: $output" "$1: 74"
        [ -c /dev/full ] || return 0
        shell "$(expand "${binary[$1]}") >/dev/full"
        assert_equal "$1: $status" "$1: 74"
        assert_one_error "${1%% *}"
    }
    each binary check
}

# ------------------------------------------------------------------------------------------ umbrella

@test "ds passes arguments, streams and status on, and finds tools of one's own" {
    shell 'ds info --json - <$INPUTS/model.h5'
    assert_equal "$status" 0
    jq -e .parameters <<<"$output"
    shell 'ds info $INPUTS/model.h5 --diff $INPUTS/model.h5 --no-such'
    assert_equal "$status" 64
    assert_one_error ds-info
    mkdir own
    printf '#!/bin/sh\necho mine "$@"; exit 3\n' >own/ds-mine
    chmod +x own/ds-mine
    shell 'PATH=own:$PATH ds mine a "b c"'
    assert_equal "$status" 3
    assert_output 'mine a b c'
    shell 'ds help train | head -n 1'
    assert_output --partial 'Usage: ds-train'
}

@test "the environment sets options, and the command line beats it" {
    shell 'DS_JSON=true ds-info $INPUTS/model.h5'
    jq -e .parameters <<<"$output"
    shell 'DS_JSON=true ds-info --no-json $INPUTS/model.h5'
    [[ $output == model* ]]
    shell 'DS_TOP=3 ds-infer $INPUTS/model.h5 $INPUTS/picture.png'
    [[ $output == *,*,* ]]
    shell 'DS_TOP=0 ds-infer $INPUTS/model.h5 $INPUTS/picture.png'
    assert_equal "$status" 78
    [[ $stderr == *DS_TOP* ]]
}

@test "-q: no words on stderr" {
    for tool in ds-data ds-train; do
        rm -f made.h5
        shell "$(expand "${writing[$tool]}" made.h5) -q"
        assert_equal "$status" 0
        [ -z "$stderr" ] || fail "$tool: $stderr"
    done
}

# ------------------------------------------------------------------------------------------ signals

# Starts a command with default signals (a shell's background jobs ignore SIGINT) as $job, and waits until it
# handles them.
start() { # COMMAND
    env --default-signal=INT,TERM,USR1 bash -c "exec $1" >stdout 2>stderr &
    job=$!
    for i in {1..3000}; do
        if (( 0x$(awk '/^SigCgt/ {print $2}' /proc/$job/status) & 0x200 )); then break; fi # SIGUSR1
        sleep 0.02
    done
    sleep 0.3
}

# A training without end as $job, which has made its first steps.
start_training() {
    rm -f made.h5 steps.jsonl
    start "ds-train mlp --set width=4 -d $INPUTS/data.h5 --steps 100000000 --seed 1 --log steps.jsonl -o made.h5"
    for i in {1..3000}; do
        if [ -s steps.jsonl ]; then return; fi
        sleep 0.02
    done
    fail "no step made: $(cat stderr)"
}

ended() { # STATUS: how $job must have ended
    wait "$job" && status=0 || status=$?
    [ "$status" = "$1" ] || fail "status $status instead of $1: $(cat stderr)"
}

@test "SIGINT, SIGTERM and SIGHUP: a tool that waits for input dies of them at once" {
    mkfifo pipe
    check() {
        for signal in INT:130 TERM:143 HUP:129; do
            start "$(expand "${reading[$1]}" pipe)"
            kill -"${signal%:*}" "$job"
            ended "${signal#*:}"
        done
    }
    each reading check
}

@test "a signal in the middle of an output leaves neither it nor a temporary" {
    head -c 6146 /dev/zero >two.bin
    mkfifo pipe
    mkdir folder
    for signal in INT:130 TERM:143 HUP:129; do
        sleep 30 >pipe & # the output is begun, and the second input does not come
        writer=$!
        start "ds-data import cifar two.bin pipe -o folder/out.h5"
        for i in {1..500}; do
            if [ -n "$(ls -A folder)" ]; then break; fi
            sleep 0.02
        done
        [ -n "$(ls -A folder)" ]
        kill -"${signal%:*}" "$job"
        ended "${signal#*:}"
        kill "$writer"
        assert_equal "$(ls -A folder)" ''
    done
}

@test "SIGUSR1 ends no tool" {
    mkfifo pipe
    check() {
        start "$(expand "${reading[$1]}" pipe)"
        kill -USR1 "$job"
        sleep 0.2
        kill -0 "$job"
        kill -TERM "$job"
        ended 143
    }
    each reading check
}

@test "training: the first SIGINT, SIGTERM or SIGHUP saves and ends with 130, 143 or 129" {
    for signal in INT:130 TERM:143 HUP:129; do
        start_training
        kill -"${signal%:*}" "$job"
        ended "${signal#*:}"
        run ds-info --verify made.h5
        assert_success
    done
}

@test "training: SIGUSR1 saves and goes on" {
    start_training
    [ ! -e made.h5 ]
    kill -USR1 "$job"
    for i in {1..3000}; do
        if [ -e made.h5 ]; then break; fi
        sleep 0.02
    done
    run ds-info --verify made.h5
    assert_success
    kill -0 "$job"
    kill -TERM "$job"
    ended 143
}

@test "training: nohup keeps a run from SIGHUP" {
    (trap '' HUP && exec ds-train -q mlp --set width=4 -d "$INPUTS/data.h5" --steps 100000000 --time 2s \
        --seed 1 -o kept.h5) &
    job=$!
    sleep 1
    kill -HUP "$job"
    ended 0
    [ "$(ds-info kept.h5 --json | jq .step)" -gt 0 ]
}

@test "training: a FIFO that nobody reads does not hold a run that is to stop" {
    mkfifo nobody
    start "ds-train -q mlp --set width=4 -d $INPUTS/data.h5 --steps 1 --seed 1 -o nobody"
    sleep 1
    kill -0 "$job"
    kill -TERM "$job"
    ended 74
    [[ $(cat stderr) == *'nobody: nobody reads it'* ]]
}

@test "training: a second signal ends at once and leaves no temporary" {
    start_training
    kill -INT "$job"
    kill -INT "$job" || true
    ended 130
    run find . -name '*made.h5?*'
    assert_output ''
}

# Generated matrix code keeps data where a handler's frame would lie: handlers need a stack of their own.
@test "training: many signals in the middle of steps change nothing" {
    train=(ds-train -q mlp --set width=4 -d "$INPUTS/data.h5" --steps 1500 --seed 1)
    "${train[@]}" -o calm.h5
    "${train[@]}" --log steps.jsonl -o - >made.h5 &
    job=$!
    for i in {1..500}; do
        if [ -s steps.jsonl ]; then break; fi
        sleep 0.02
    done
    while kill -USR1 "$job" 2>/dev/null; do sleep 0.001; done
    ended 0
    cmp calm.h5 made.h5
}

@test "an ignored SIGINT stays ignored, as nohup and background jobs expect" {
    env --ignore-signal=INT ds-train -q mlp --set width=4 -d "$INPUTS/data.h5" --steps 100000000 --time 2s --seed 1 --log steps.jsonl -o made.h5 &
    job=$!
    for i in {1..3000}; do
        if [ -s steps.jsonl ]; then break; fi
        sleep 0.02
    done
    kill -INT "$job"
    wait "$job"
    tail -n 1 steps.jsonl | jq -e '.end | test("time")'
}

@test "tools that compute let waiting threads sleep soon, unless the user says otherwise" {
    for command in 'ds-train mlp -d none.h5 -o x.h5' 'ds-eval none.h5 -d none.h5' 'ds-infer none.h5 none.png'; do
        OMP_DISPLAY_ENV=verbose $command 2>&1 | grep GOMP_SPINCOUNT | tail -n 1 >said
        run cat said
        assert_output "  GOMP_SPINCOUNT = '10000'"
        OMP_DISPLAY_ENV=verbose GOMP_SPINCOUNT=77 $command 2>&1 | grep GOMP_SPINCOUNT >said
        run cat said
        assert_output "  GOMP_SPINCOUNT = '77'"
    done
}

@test "an output that is an input, by whatever path, or another output is refused; nothing is touched" {
    cp "$INPUTS/data.h5" data.h5
    cp "$INPUTS/model.h5" model.h5
    ln -s data.h5 link.h5
    sums=$(sha256sum data.h5 model.h5)
    for command in 'ds-train mlp -d data.h5 -o data.h5' 'ds-train mlp -d data.h5 -o link.h5' \
        'ds-train mlp -d data.h5 --log data.h5 -o x.h5' 'ds-train mlp -d data.h5 --depfile data.h5 -o x.h5' \
        'ds-train mlp -d data.h5 --val data.h5 --best x.h5 -o ./x.h5' 'ds-train mlp -d data.h5 --log - -o -' \
        'ds-eval model.h5 -d data.h5 --predictions data.h5' 'ds-infer model.h5 data.h5 --raw data.h5' \
        'ds-data sample data.h5 -n 5 -o data.h5'; do
        run --separate-stderr $command
        assert_equal "$command: $status" "$command: 64"
    done
    assert_equal "$(sha256sum data.h5 model.h5)" "$sums"
    assert_file_not_exists x.h5
}

@test "training goes on when the reader of its log leaves" {
    ds-train -q mlp --set width=16 -d "$INPUTS/data.h5" --batch 8 --epochs 4 --seed 1 --log - -o x.h5 | head -n 1 >/dev/null
    run -0 ds-info x.h5 --json
    assert_equal "$(jq .step <<<"$output")" 120
}

# ------------------------------------------------------------------------------------------ stdin and seeds

@test "stdin is read once: two inputs from it are a usage error that names both" {
    while IFS='|' read -r words command; do
        run --separate-stderr timeout 20 bash -c "$command" <"$INPUTS/model.h5"
        assert_equal "$status $command" "64 $command"
        assert_one_error "${command%% *}"
        [[ $stderr == *"$words"* ]] || fail "$command: $stderr"
    done <<'ROWS'
MODEL and --data cannot both be stdin|ds-eval - -d -
--data and --compare cannot both be stdin|ds-eval m.h5 -d - --compare -
MODEL and --data cannot both be stdin|ds-eval /dev/stdin -d -:val
MODEL and --data cannot both be stdin|ds-train - -d - -o m.h5
--data and --val cannot both be stdin|ds-train mlp -d - --val -:val -o m.h5
--resume and --data cannot both be stdin|ds-train --resume - -d /dev/fd/0 -o m.h5
FILE is stdin 2 times|ds-data cat - - -o m.h5
FILE and --names cannot both be stdin|ds-data label - --names -
MODEL and --diff cannot both be stdin|ds-info - --diff -
MODEL and --signed-by cannot both be stdin|ds-info - --verify --signed-by -
MODEL and --key cannot both be stdin|ds-sign - --key - -o m.h5
MODEL and INPUT cannot both be stdin|ds-infer - -
INPUT is stdin 2 times|ds-infer m.h5 -- - -:val
MODEL and --prompt cannot both be stdin|ds-infer - --prompt -
ROWS
    assert_not_exists m.h5
}

@test "a seed is drawn and told when nothing is refused any more" {
    for command in 'ds-train mlp -d nowhere.h5 -o m.h5' "ds-train mlp -d $INPUTS/data.h5 --set width=4 --set width=5 -o m.h5" \
        "ds-train mlp -d $INPUTS/data.h5 --no-pass nonesuch -o m.h5" "ds-train mlp -d $INPUTS/data.h5 --batch 9999 -o m.h5" \
        "ds-data split $INPUTS/data.h5 --val 9999 -o m.h5" "ds-data split $INPUTS/data.h5 --val x -o m.h5" \
        "ds-data sample nowhere.h5 -n 1 -o m.h5" "ds-infer nowhere.h5 --prompt x"; do
        run --separate-stderr $command
        [ "$status" -ge 64 ] || fail "$command: $status"
        assert_one_error "${command%% *}"
    done
    run -0 --separate-stderr ds-data split "$INPUTS/data.h5" --val 9 -o m.h5
    [[ ${stderr_lines[0]} =~ ^'ds-data: seed '[0-9]+$ ]] || fail "$stderr"
    run -0 --separate-stderr ds-train mlp -d "$INPUTS/data.h5" --steps 1 -o m.h5
    [[ $stderr =~ 'ds-train: seed '([0-9]+) ]]
    assert_equal "$(ds-info --history --json m.h5 | jq '.[-1].seed')" "${BASH_REMATCH[1]}"
}
