#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

// Stands in for libFuzzer where there is none (g++): runs the target on each file of the corpus,
// and on inputs made from it in a fixed way, so that a test finds the same today and tomorrow. It
// searches far less than libFuzzer (preset fuzz); it keeps what was found from coming back, under
// every compiler and sanitizer.

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr size_t kCuts = 64;
constexpr size_t kMutants = 64;

std::string current;  // what runs, for the message of a crash

void OnAbort(int signal) {
  constexpr std::string_view kText = "\nfuzz: failed on ";
  // Nothing can be done about a failed write here.
  (void)!write(STDERR_FILENO, kText.data(), kText.size());
  (void)!write(STDERR_FILENO, current.data(), current.size());
  (void)!write(STDERR_FILENO, "\n", 1);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void Run(const std::string& what, const std::vector<uint8_t>& input) {
  current = what;
  // A copy of the exact size, so that the address sanitizer sees a read past the end.
  const std::vector<uint8_t> exact(input.begin(), input.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

// The file cut short, evenly spread over its length.
void RunCuts(const std::string& name, const std::vector<uint8_t>& input) {
  const size_t step = std::max<size_t>(1, input.size() / kCuts);
  for (size_t size = 0; size < input.size(); size += step) {
    Run(name + " cut to " + std::to_string(size),
        {input.begin(), input.begin() + static_cast<std::ptrdiff_t>(size)});
  }
}

// One byte changed to one that means something to some parser.
void RunMutants(const std::string& name, const std::vector<uint8_t>& input) {
  constexpr std::array<uint8_t, 12> kBytes = {0,   1,   0x7f, 0x80, 0xff, '"',
                                              '{', '[', '\\', '-',  '/',  '.'};
  uint64_t state = 0x9e3779b97f4a7c15;
  for (size_t i = 0; i < kMutants && !input.empty(); ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    std::vector<uint8_t> mutant = input;
    mutant[(state >> 33) % mutant.size()] = kBytes[(state >> 20) % kBytes.size()];
    Run(name + " mutant " + std::to_string(i), mutant);
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGABRT, OnAbort);
  std::signal(SIGSEGV, OnAbort);
  std::signal(SIGTRAP, OnAbort);
  std::signal(SIGILL, OnAbort);
  size_t files = 0;
  for (int i = 1; i < argc; ++i) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(argv[i], error)) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::vector<uint8_t> input{std::istreambuf_iterator<char>(file), {}};
      const std::string name = entry.path().string();
      Run(name, input);
      RunCuts(name, input);
      RunMutants(name, input);
      ++files;
    }
  }
  std::printf("%zu files\n", files);
  return files == 0 ? 1 : 0;
}
