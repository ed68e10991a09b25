#!/usr/bin/env bats
# What is built and installed: exported names, a tree that can be moved, the example as a Makefile, and
# the refusal of machines below the floor.
load common

setup() { cd "$BATS_TEST_TMPDIR" || return; }

# Four idx files under the names of Fashion-MNIST.
make_dataset() { # FOLDER
    mkdir -p "$1"
    make_idx "$1/train-images-idx3-ubyte.gz" "$1/train-labels-idx1-ubyte.gz" 240
    make_idx "$1/t10k-images-idx3-ubyte.gz" "$1/t10k-labels-idx1-ubyte.gz" 60
}
run_example() { # FOLDER OF THE EXAMPLE, ARGUMENTS
    make --no-print-directory -C "$1" F="$PWD/data" OUT="$PWD/out" EPOCHS=1 VAL=60 MIN=top1=0.2 "${@:2}"
}

@test "libds shows the names of namespace ds and nothing else" {
    command -v nm || skip "nm is not installed"
    run bash -c 'nm -DC --defined-only "$1" | cut -d" " -f3- |
        grep -vE "(^|[ *&])ds::|(typeinfo|typeinfo name|vtable|VTT|guard variable|thunk) (for|to) ds::"' - "$DS_BUILD/lib/libds.so"
    assert_failure
    assert_output ''
}

@test "no tool or library needs a path of the build machine" {
    command -v readelf || skip "readelf is not installed"
    cmake --install "$DS_BUILD" --prefix "$PWD/prefix" >/dev/null
    for file in prefix/bin/* prefix/lib*/libds.so.*; do
        run bash -c 'readelf -d "$1" | grep -E "RPATH|RUNPATH"' - "$file"
        refute_output --regexp '\[[^]]*/(home|root|tmp|work|usr)'
    done
}

# bats test_tags=slow
@test "an installed tree works where it was moved to" {
    cmake --install "$DS_BUILD" --prefix "$PWD/first" >/dev/null
    mv first moved
    make_dataset data
    run moved/bin/ds --list
    assert_success
    run run_example moved/share/ds-tools/examples/fashion-mnist all
    assert_success
    assert_output --partial "$PWD/moved/"
    assert_file_exists out/model.h5
}

# bats test_tags=slow
@test "the example as a Makefile: a second make does nothing, a changed input makes what hangs on it" {
    make_dataset data
    run run_example "$ROOT/share/examples/fashion-mnist" -j2 all
    assert_success
    for file in train.h5 test.h5 part.h5 model.h5 samples.png confusion.png predictions.png curve.png run.jsonl; do
        assert_file_not_empty "out/$file"
    done
    run run_example "$ROOT/share/examples/fashion-mnist" -j2 all
    assert_success
    assert_output "make: Nothing to be done for 'all'."
    touch data/t10k-labels-idx1-ubyte.gz
    run run_example "$ROOT/share/examples/fashion-mnist" -n all
    assert_output --partial 'ds-eval'
    refute_output --partial 'ds-train'
}

@test "a machine without AVX2 is refused with one line and 69" {
    command -v qemu-x86_64 || skip "qemu-user is not installed"
    [ "$(uname -m)" = x86_64 ] || skip "for x86-64"
    run --separate-stderr qemu-x86_64 -cpu Nehalem "$DS_BUILD/bin/ds" --list
    assert_equal "$status" 69
    assert_output ''
    [[ $stderr == "ds: error: this CPU has no AVX2"* ]]
}

@test "scripts explain themselves and refuse what they do not know" {
    for script in install-deps test bench quickstart format; do
        run "$ROOT/scripts/$script" --help
        assert_success
        assert_output --partial "scripts/$script"
        run "$ROOT/scripts/$script" --no-such-option
        assert_equal "$status" 64
    done
    run "$ROOT/scripts/install-deps" --print
    assert_success
    assert_line --regexp '^(installed|missing) +libdnnl-dev +oneDNN'
}

@test "the sources are in the house style" {
    command -v clang-format || skip "clang-format is not installed"
    run -0 "$ROOT/scripts/format" --check
    assert_output ''
}
