// Refuses a CPU below the stated floor with one line and exit code 69, instead of an illegal
// instruction somewhere later. Linked into each tool and entered in .preinit_array, which runs before
// the constructors of every library. Uses nothing that needs to be set up first.
#if defined(__x86_64__)
#include <string.h>
#include <unistd.h>

static void say(const char* text) {
    const ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

static void refuse_old_cpu(int argc, char** argv, char** environment) {
    (void)environment;
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2") &&
        __builtin_cpu_supports("pclmul"))
        return;
    const char* slash = argc > 0 ? strrchr(argv[0], '/') : 0;
    say(slash ? slash + 1 : argc > 0 ? argv[0] : "ds");
    say(": error: this CPU has no AVX2, FMA and BMI2 instructions, which ds-tools needs; use a newer machine\n");
    _exit(69);
}

__attribute__((section(".preinit_array"), used)) static void (*const check)(int, char**, char**) = refuse_old_cpu;
#endif
