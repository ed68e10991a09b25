#include "io/hdf5/child.h"

#include <csignal>
#include <cstdlib>
#include <new>
#include <unistd.h>

#include "io/hdf5/hdf5_wire.h"
#include "tests/unit/io/fixture.h"

namespace ds::test {

namespace {

std::string refusal(const std::function<void(const ChildSink&)>& work, const ChildLimits& limits = {}) {
    return error_of(Exit::data, [&] { run_in_child(work, limits, "f"); });
}

} // namespace

TEST(Child, WhatItSendsComesBack) {
    const std::string big(3000000, 'x');
    const std::string got = run_in_child(
        [&](const ChildSink& sink) {
            sink(std::string_view("one "));
            sink(big);
        },
        {}, "f");
    EXPECT_EQ(got, "one " + big);
    EXPECT_EQ(run_in_child([](const ChildSink&) {}, {}, "f"), "");
}

TEST(Child, ItsErrorsAreThrownHere) {
    EXPECT_EQ(
        error_of(Exit::permission,
                 [] { run_in_child([](const ChildSink&) { fail(Exit::permission, "what and where"); }, {}, "f"); }),
        "what and where");
}

TEST(Child, ACrashIsOneLine) {
    EXPECT_NE(refusal([](const ChildSink&) { std::abort(); }).find("f: refused"), std::string::npos);
    EXPECT_NE(refusal([](const ChildSink&) { std::raise(SIGSEGV); }).find("f: refused"), std::string::npos);
    EXPECT_NE(refusal([](const ChildSink&) { _exit(0); }).find("f: refused"), std::string::npos);
    EXPECT_NE(refusal([](const ChildSink&) { throw 3; }).find("f: refused"), std::string::npos);
}

TEST(Child, ALoopEnds) {
    ChildLimits limits;
    limits.seconds = 1;
    const std::string message = refusal(
        [](const ChildSink&) {
            volatile bool on = true;
            while (on) {}
        },
        limits);
    EXPECT_NE(message.find("too long"), std::string::npos) << message;
}

TEST(Child, MemoryAndOutputAreLimited) {
    EXPECT_NE(refusal([](const ChildSink&) { throw std::bad_alloc(); }).find("too much memory"), std::string::npos);
    ChildLimits limits;
    limits.output = 1000;
    const std::string message = refusal([](const ChildSink& sink) { sink(std::string(2000, 'x')); }, limits);
    EXPECT_NE(message.find("unfolds"), std::string::npos) << message;
}

TEST(Child, ItCannotWriteFiles) {
    const Folder folder;
    run_in_child(
        [&](const ChildSink&) {
            std::signal(SIGXFSZ, SIG_IGN);
            spill(folder / "f", "text");
        },
        {}, "f");
    EXPECT_EQ(slurp(folder / "f"), "");
}

TEST(Child, ItemsTravelAndBrokenOnesAreRefused) {
    hdf5::Item item;
    item.kind = hdf5::Kind::bytes;
    item.path = "/parameters/a";
    item.attributes["note"] = "text";
    item.dtype = DType::f32;
    item.shape = {2};
    item.bytes.resize(8);
    std::string sent;
    hdf5::send_item(item, [&](std::span<const char> bytes) { sent.append(bytes.data(), bytes.size()); });
    const hdf5::Structure back = hdf5::receive_items(sent, "f");
    ASSERT_EQ(back.size(), 1u);
    EXPECT_EQ(back[0].path, item.path);
    EXPECT_EQ(back[0].attributes, item.attributes);
    EXPECT_EQ(back[0].bytes, item.bytes);
    for (size_t length = 1; length < sent.size(); ++length)
        error_of(Exit::data, [&] { hdf5::receive_items(sent.substr(0, length), "f"); });
    for (size_t at = 0; at < sent.size(); ++at) { // whatever comes, it is an Error or items
        std::string bad = sent;
        bad[at] = char(0xff);
        try {
            hdf5::receive_items(bad, "f");
        } catch (const Error& error) {
            EXPECT_EQ(int(error.code()), int(Exit::data)) << error.what();
        }
    }
}

} // namespace ds::test
