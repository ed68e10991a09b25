// Signal handlers: they touch lock-free flags and async-signal-safe calls only.
#include "base/signals.h"

#include <csignal>
#include <unistd.h>

#include <atomic>

#include "base/temporaries.h"

namespace ds::signals {
namespace {

std::atomic<int> stop{0}, graceful{0};
std::atomic<bool> save{false};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

void die(int number) {
    unlink_temporaries();
    std::signal(number, SIG_DFL);
    std::raise(number); // delivered when the handler returns
}

void on_stop(int number) {
    if (graceful.load() == 0 || stop.exchange(number) != 0) die(number);
}

void on_save(int) { save.store(true); }

/// Handlers run on a stack of their own: oneDNN's generated matrix code keeps data below the stack pointer or uses that
/// register for something else, where the kernel would write the interrupted registers (2.5 kB with AVX-512, 11 kB
/// with AMX). The kernel gives signals of a process to its first thread, which calls this, as long as that one runs.
void use_own_stack() {
    alignas(64) static char memory[1 << 16];
    stack_t stack = {};
    stack.ss_sp = memory;
    stack.ss_size = sizeof memory;
    sigaltstack(&stack, nullptr);
}

void handle(int number, void (*handler)(int)) {
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, nullptr);
}

/// nohup and background jobs of plain shells start programs with SIGINT ignored: it stays so.
bool ignored(int number) {
    struct sigaction action = {};
    sigaction(number, nullptr, &action);
    return action.sa_handler == SIG_IGN;
}

} // namespace

void install() {
    use_own_stack();
    for (const int number : {SIGINT, SIGTERM, SIGHUP})
        if (!ignored(number)) handle(number, on_stop);
    handle(SIGUSR1, on_save);
    handle(SIGPIPE, SIG_IGN);
    handle(SIGXFSZ, SIG_IGN);
}

void restore() {
    for (const int number : {SIGPIPE, SIGXFSZ, SIGUSR1, SIGINT, SIGTERM, SIGHUP})
        if (number == SIGPIPE || !ignored(number)) handle(number, SIG_DFL);
}

Graceful::Graceful() { ++graceful; }

Graceful::~Graceful() { --graceful; }

bool stop_requested() { return stop.load() != 0; }

int stop_signal() { return stop.load(); }

bool take_save_request() { return save.exchange(false); }

} // namespace ds::signals
