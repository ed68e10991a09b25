// The exit codes of every tool: 0 and 1 are answers, the rest follow sysexits(3).
#pragma once

namespace ds {

enum class Exit : int {
    ok = 0,             // done
    negative = 1,       // the honest no: a threshold missed, files differ
    usage = 64,         // the command line is wrong
    data = 65,          // an input's content is wrong
    no_input = 66,      // an input does not exist or cannot be opened
    unavailable = 69,   // a device or peer is not there
    bug = 70,           // our mistake
    cannot_create = 73, // an output cannot be created
    io = 74,            // reading or writing failed midway
    try_again = 75,     // a temporary failure
    permission = 77,    // not allowed
    config = 78,        // a configuration file is wrong
};

} // namespace ds
