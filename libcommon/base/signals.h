// Signals as flags that long work looks at between steps.
//   SIGINT, SIGTERM, SIGHUP  while a Graceful lives: the first one sets stop_requested(), the second ends the process
//                            at once. Otherwise the first one ends it. Ending removes temporaries (base/atomic_file)
//                            first. One that was ignored at the start (nohup) stays ignored.
//   SIGUSR1                  sets the save request; never ends a process.
//   SIGPIPE, SIGXFSZ         ignored, so that the failed write is seen and reported.
// The process dies of the signal itself, which a shell shows as 130, 143 or 129.
#pragma once

namespace ds::signals {

/// Called once, by cli::run.
void install();
/// Back to the defaults: before another program is executed in this process.
void restore();

/// Lives while work can stop between steps: the trainer's loop, a server.
class Graceful {
public:
    Graceful();
    ~Graceful();
    Graceful(const Graceful&) = delete;
    Graceful& operator=(const Graceful&) = delete;
};

bool stop_requested();
int stop_signal(); // SIGINT, SIGTERM or SIGHUP, or 0
/// True once after each SIGUSR1.
bool take_save_request();

} // namespace ds::signals
