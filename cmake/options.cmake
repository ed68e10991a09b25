# Build options, and the compile flags that every part shares (target ds_flags).

option(DS_TESTS "Build tests, fuzz replays and benchmarks" ON)
option(DS_WERROR "Treat warnings as errors" OFF)
option(DS_FUZZ "Build fuzz targets with libFuzzer (clang only)" OFF)
option(DS_PCH "Precompile the standard headers" ON)
option(DS_COMPLETIONS "Write shell completions and man OPTIONS by asking each built tool" ON)
set(DS_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize= (empty: none)")
set(DS_CUDA AUTO CACHE STRING "CUDA kernels: AUTO, ON or OFF")
set(DS_MPI AUTO CACHE STRING "MPI communicator: AUTO, ON or OFF")

# Neither module is part of this version: say so here and in --version, and never pretend.
foreach(module CUDA MPI)
    if(DS_${module} STREQUAL "AUTO" OR NOT DS_${module})
        set(DS_HAVE_${module} FALSE)
    else()
        message(FATAL_ERROR "DS_${module}=${DS_${module}}: this version has no ${module} module; use AUTO or OFF")
    endif()
endforeach()

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
if(NOT DS_SANITIZE) # else the preset's
    set(CMAKE_CXX_FLAGS_DEBUG "-Og -g")
endif()
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)

add_library(ds_flags INTERFACE)
target_compile_options(ds_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Wformat=2 -Wvla
    -fno-semantic-interposition)
if(DS_WERROR)
    target_compile_options(ds_flags INTERFACE -Werror)
endif()
if(DS_SANITIZE)
    target_compile_options(ds_flags INTERFACE
        -fsanitize=${DS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(ds_flags INTERFACE -fsanitize=${DS_SANITIZE})
endif()
if(DS_FUZZ)
    if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
        message(FATAL_ERROR "DS_FUZZ needs clang (libFuzzer); use the preset fuzz")
    endif()
    target_compile_options(ds_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Sanitizers see the same at any level, and their builds take twice as long when they optimise: only kernels do,
# and those little.
if(DS_SANITIZE)
    set(DS_CPU_KERNEL_FLAGS -O1)
    set(DS_KERNEL_FLAGS -O1)
else()
    set(DS_CPU_KERNEL_FLAGS -O3)
    set(DS_KERNEL_FLAGS)
endif()
# The stated floor of the vector kernels is AVX2. Highway chooses what is above it at run time.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    list(APPEND DS_CPU_KERNEL_FLAGS -march=x86-64-v3 -maes -mpclmul)
endif()

# Faster builds where the helpers are installed; the result is the same.
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # Without these ccache passes over sources that use a precompiled header.
    set(launcher "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime "${CCACHE}")
    set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
    if(DS_PCH AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
    endif()
endif()
find_program(MOLD mold)
find_program(LLD ld.lld)
if(MOLD)
    add_link_options(-fuse-ld=mold)
elseif(LLD)
    add_link_options(-fuse-ld=lld)
endif()

# What nearly every source includes, for DS_PCH. Sources still include what they use. Names in <>, not a file of
# the tree: so ccache finds the precompiled header of one tree, and all that was compiled with it, in another tree.
# Not <filesystem>: it brings std::quoted, which an argument of type std::string finds.
set(DS_STANDARD_HEADERS
    <algorithm> <array> <cmath> <cstdint> <cstring> <fmt/format.h> <functional> <limits> <map> <memory> <optional>
    <set> <span> <string> <string_view> <utility> <variant> <vector>)
