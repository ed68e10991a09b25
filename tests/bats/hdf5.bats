#!/usr/bin/env bats
# Model and data files are HDF5 that the usual programs read. The files are those kept of format 1.0.
load common

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    MODEL=$ROOT/tests/data/format-1.0-model.h5
    DATA=$ROOT/tests/data/format-1.0-data.h5
}

@test "h5ls shows the parameters under their names" {
    command -v h5ls || skip "h5ls is not installed"
    run -0 h5ls -r "$MODEL"
    assert_line --regexp '^/parameters/conv1/weight +Dataset \{2, 1, 3, 3\}$'
    assert_line --regexp '^/state/step +Dataset \{SCALAR\}$'
    assert_line --regexp '^/graph +Dataset \{SCALAR\}$'
}

@test "h5dump shows attributes as readable text" {
    command -v h5dump || skip "h5dump is not installed"
    run -0 h5dump -a format "$MODEL"
    assert_output --partial '(0): "ds-tools model"'
    run -0 h5dump -d /graph "$MODEL"
    assert_output --partial 'graph tiny'
}

@test "h5dump reads every byte of model and data" {
    command -v h5dump || skip "h5dump is not installed"
    run -0 h5dump "$MODEL"
    refute_output --partial 'rror'
    run -0 h5dump "$DATA"
    refute_output --partial 'rror'
}

@test "h5diff finds a file equal to itself and names what differs" {
    command -v h5diff || skip "h5diff is not installed"
    cp "$MODEL" copy.h5
    run -0 h5diff "$MODEL" copy.h5
    # The first payload is conv1/bias, at byte 4096.
    printf '\x01' | dd of=copy.h5 bs=1 seek=4098 conv=notrunc status=none
    run -1 h5diff "$MODEL" copy.h5
    assert_output --partial '/parameters/conv1/bias'
}

@test "h5py reads types, shapes and values" {
    /usr/bin/python3 -c 'import h5py' || skip "h5py is not installed"
    run -0 /usr/bin/python3 - "$MODEL" "$DATA" <<'PYTHON'
import sys, h5py
model, data = h5py.File(sys.argv[1]), h5py.File(sys.argv[2])
weight = model["parameters/conv1/weight"]
print(model.attrs["format"], model.attrs["format_version"], weight.dtype, weight.shape, weight[1, 0, 2, 2])
print(model["labels"].asstr()[3], model["history/0001"].asstr()[()])
print(data["columns/image"].shape, data["columns/image"].attrs["kind"], list(data["splits/train"]))
words, ends = data["columns/words/values"][()], data["columns/words/offsets"][()]
print(bytes(words[ends[2]:ends[3]]).decode(), list(data["labels/label"].asstr()))
PYTHON
    assert_line 'ds-tools model 1.0 float32 (2, 1, 3, 3) 8.5'
    assert_line 'Größe {"tool":"ds-train"}'
    assert_line '(3, 2, 2) image [0, 2]'
    assert_line "you ['cat', 'dog']"
}
