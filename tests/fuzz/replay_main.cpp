// Runs a fuzz target on files: each argument is a file or a folder of files; arguments that begin
// with '-' belong to libFuzzer and are passed over. Prints how many inputs ran.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

void run_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

} // namespace

int main(int argc, char** argv) {
    int ran = 0;
    for (int i = 1; i < argc; ++i) {
        if (argv[i][0] == '-') continue;
        if (std::filesystem::is_regular_file(argv[i])) {
            run_file(argv[i]);
            ++ran;
        } else {
            for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
                if (!entry.is_regular_file()) continue;
                run_file(entry.path());
                ++ran;
            }
        }
    }
    std::printf("%d inputs replayed\n", ran);
    return ran > 0 ? 0 : 1;
}
