// Drives a fuzz target where there is no libFuzzer: every file given, then mutations of them. The mutations follow from
// the corpus alone, so that two runs of one corpus do the same.
//
//   <target> [-runs=N] [-seed=N] [-dict=FILE] <file or folder>...
//
// -runs: how many mutations (none without it); -seed: other ones. An input that ends the program, or takes over 20 s,
// is kept as crash-<target>-<hash> in the working folder; give that file to run it again. Options are named as
// libFuzzer's.
#include <fcntl.h>
#include <sanitizer/common_interface_defs.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "fuzz/fuzz.h"

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = 64 * 1024;  // of a mutated input
constexpr unsigned kMostSeconds = 20;          // for one input, under sanitizers

// What a crash leaves behind. Written by signal handlers: plain data, prepared before each input.
struct Current {
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
  char file[256] = {};
};
Current g_current;

std::uint64_t hash_of(std::string_view text) noexcept {  // FNV-1a
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

void keep_current() noexcept {
  if (!g_current.data) return;
  const int file = ::open(g_current.file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return;
  static_cast<void>(!::write(file, g_current.data, g_current.size));
  ::close(file);
  static_cast<void>(!::write(STDERR_FILENO, "input kept as ", 14));
  static_cast<void>(!::write(STDERR_FILENO, g_current.file, std::strlen(g_current.file)));
  static_cast<void>(!::write(STDERR_FILENO, "\n", 1));
  g_current.data = nullptr;
}

void on_signal(int number) noexcept {
  keep_current();
  std::signal(number, SIG_DFL);
  std::raise(number);
}

class Replay {
 public:
  explicit Replay(std::string target) : target_(std::move(target)) {}

  void run(std::string_view input) {
    const std::vector<std::uint8_t> exact(input.begin(), input.end());
    std::snprintf(g_current.file, sizeof g_current.file, "crash-%s-%016llx", target_.c_str(),
                  static_cast<unsigned long long>(hash_of(input)));
    g_current.size = exact.size();
    g_current.data = exact.data();
    ::alarm(kMostSeconds);
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
    ::alarm(0);
    g_current.data = nullptr;
    ++count_;
  }
  std::size_t count() const noexcept { return count_; }

 private:
  std::string target_;
  std::size_t count_ = 0;
};

class Mutator {
 public:
  Mutator(const std::vector<std::string>& corpus, const std::vector<std::string>& words, std::size_t seed)
      : corpus_(corpus), words_(words), random_(seed) {}

  // The entry with one to four changes.
  std::string mutated(const std::string& entry) {
    std::string text = entry;
    for (std::size_t left = 1 + below(4); left > 0; --left) change(text);
    if (text.size() > kMostBytes) text.resize(kMostBytes);
    return text;
  }

 private:
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

  void change(std::string& text) {
    const std::size_t at = below(text.size() + 1);
    switch (below(9)) {
      case 0: flip(text); break;
      case 1: text.resize(at); break;
      case 2: text.erase(at, 1 + below(8)); break;
      case 3: text.erase(at, below(text.size() + 1)); break;
      case 4: text.insert(at, 1 + below(4), static_cast<char>(random_())); break;
      case 5: text.insert(at, text.substr(below(text.size() + 1), 1 + below(64))); break;
      case 6: text.insert(at, word()); break;
      case 7: text.replace(at, below(12), word()); break;
      default: splice(text, at);
    }
  }
  void flip(std::string& text) {
    if (text.empty()) return;
    char& byte = text[below(text.size())];
    byte = static_cast<char>(byte ^ 1 << below(8));
  }
  // The rest of another entry behind the start of this one.
  void splice(std::string& text, std::size_t at) {
    const std::string& other = corpus_[below(corpus_.size())];
    text = text.substr(0, at) + other.substr(below(other.size() + 1));
  }
  const std::string& word() {
    static const std::string kNothing;
    return words_.empty() ? kNothing : words_[below(words_.size())];
  }

  const std::vector<std::string>& corpus_;
  const std::vector<std::string>& words_;
  std::mt19937_64 random_;
};

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::vector<std::string> read_corpus(const std::vector<fs::path>& given) {
  std::vector<fs::path> files;
  for (const fs::path& path : given) {
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> corpus;
  for (const fs::path& file : files) corpus.push_back(read_file(file));
  return corpus;
}

int hex_digit(char c) noexcept {
  int value = -1;
  std::from_chars(&c, &c + 1, value, 16);
  return value;
}

// One word a line, in quotes; \\, \" and \xNN stand for themselves and for a byte (libFuzzer's form).
std::vector<std::string> read_dictionary(const fs::path& file) {
  std::vector<std::string> words;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (line.size() < 2 || line.front() != '"' || line.back() != '"') continue;
    std::string word;
    for (std::size_t i = 1; i + 1 < line.size(); ++i) {
      if (line[i] != '\\') {
        word += line[i];
      } else if (line[i + 1] == 'x' && i + 4 < line.size()) {
        word += static_cast<char>(hex_digit(line[i + 2]) << 4 | hex_digit(line[i + 3]));
        i += 3;
      } else {
        word += line[++i];
      }
    }
    words.push_back(word);
  }
  return words;
}

std::size_t number_of(std::string_view text) {
  std::size_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  firegate::fuzz::must(read.ec == std::errc{} && read.ptr == text.data() + text.size(), "-runs and -seed are numbers");
  return number;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string target = fs::path(arguments[0]).filename();
  std::size_t runs = 0, seed = 1;
  std::vector<std::string> words;
  std::vector<fs::path> given;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument.starts_with("-runs=")) runs = number_of(argument.substr(6));
    else if (argument.starts_with("-seed=")) seed = number_of(argument.substr(6));
    else if (argument.starts_with("-dict=")) words = read_dictionary(argument.substr(6));
    else given.emplace_back(argument);
  }
  const std::vector<std::string> corpus = read_corpus(given);
  if (corpus.empty()) {
    std::fprintf(stderr, "%s: found no input, expected files or folders with files\n", target.c_str());
    return 2;
  }
  for (const int number : {SIGABRT, SIGALRM}) std::signal(number, on_signal);
  __sanitizer_set_death_callback(keep_current);

  const auto began = std::chrono::steady_clock::now();
  Replay replay(target);
  replay.run({});
  for (const std::string& entry : corpus) replay.run(entry);
  Mutator mutator(corpus, words, seed);
  for (std::size_t i = 0; i < runs; ++i) replay.run(mutator.mutated(corpus[i % corpus.size()]));
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  std::printf("%s: %zu inputs of a corpus of %zu, %lld ms\n", target.c_str(), replay.count(), corpus.size(),
              static_cast<long long>(took.count()));
  return 0;
}
