#include "app/rule_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <vector>

#include "core/log.h"

namespace firegate::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNext = ".next", kPublish = ".publish";
constexpr std::string_view kGone = ".gone";  // "x.yaml.gone" in `.next`: x.yaml is to be removed

tl::unexpected<Error> io_failed(std::string_view doing, const fs::path& path, std::string_view why) {
  return fail(ErrorCode::io_failed, fmt::format("{} {}: {}", doing, path.string(), why));
}

tl::unexpected<Error> io_failed(std::string_view doing, const fs::path& path) {
  return io_failed(doing, path, std::generic_category().message(errno));
}

class Descriptor {
 public:
  explicit Descriptor(int number) noexcept : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const noexcept { return number_; }

 private:
  int number_;
};

Result<void> sync_folder(const fs::path& folder) {
  const Descriptor open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (open.number() < 0 || ::fsync(open.number()) != 0) return io_failed("syncing the folder", folder);
  return {};
}

Result<void> write_synced(const fs::path& file, std::string_view text) {
  const Descriptor open(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (open.number() < 0) return io_failed("creating", file);
  while (!text.empty()) {
    const ssize_t written = ::write(open.number(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return io_failed("writing", file);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(open.number()) == 0 ? Result<void>{} : io_failed("syncing", file);
}

Result<std::string> read_text(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream) return io_failed("reading", file, "it cannot be read");
  return text;
}

// Names of the entries of a folder, sorted; none where there is no such folder.
Result<std::vector<std::string>> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
    names.push_back(at->path().filename().string());
  }
  if (failure && failure != std::errc::no_such_file_or_directory) {
    return io_failed("reading the folder", folder, failure.message());
  }
  std::ranges::sort(names);
  return names;
}

const RuleFile* find(const RuleFiles& files, std::string_view name) {
  const auto found = std::ranges::find(files, name, &RuleFile::name);
  return found == files.end() ? nullptr : &*found;
}

}  // namespace

bool is_rule_file_name(std::string_view name) noexcept {
  constexpr std::string_view kEnding = ".yaml";
  if (name.size() <= kEnding.size() || name.size() > kMaxRuleFileName) return false;
  if (!name.ends_with(kEnding) || name.starts_with('.')) return false;
  return std::ranges::none_of(name,
                              [](char c) { return c == '/' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Result<RuleFiles> RuleFolder::read() const {
  const auto names = names_in(folder_);
  if (!names) return tl::unexpected(names.error());
  RuleFiles files;
  for (const std::string& name : *names) {
    std::error_code failure;
    if (!name.ends_with(".yaml") || name.starts_with('.') || fs::is_directory(folder_ / name, failure)) continue;
    auto text = read_text(folder_ / name);
    if (!text) return tl::unexpected(text.error());
    files.push_back({name, std::move(*text)});
  }
  return files;
}

Result<void> RuleFolder::step(const std::function<Result<void>()>& change) {
  if (before_step_) before_step_();
  return change();
}

Result<bool> RuleFolder::finish() {
  const fs::path from = folder_ / kPublish;
  std::error_code failure;
  if (!fs::exists(from, failure)) return false;
  const auto names = names_in(from);
  if (!names) return tl::unexpected(names.error());
  for (const std::string& name : *names) {
    auto moved = step([&]() -> Result<void> {
      if (!name.ends_with(kGone))
        return ::rename((from / name).c_str(), (folder_ / name).c_str()) == 0 ? Result<void>{}
                                                                              : io_failed("renaming", from / name);
      const fs::path gone = folder_ / name.substr(0, name.size() - kGone.size());
      if (::unlink(gone.c_str()) != 0 && errno != ENOENT) return io_failed("removing", gone);
      return {};
    });
    if (!moved) return tl::unexpected(moved.error());
  }
  auto ended = sync_folder(folder_).and_then([&] {
    return step([&]() -> Result<void> {
      fs::remove_all(from, failure);
      return failure ? io_failed("removing", from, failure.message()) : sync_folder(folder_);
    });
  });
  if (!ended) return tl::unexpected(ended.error());
  return true;
}

Result<std::optional<RuleFiles>> RuleFolder::prepared() const {
  const fs::path next = folder_ / kNext;
  std::error_code failure;
  if (!fs::exists(next, failure)) return std::optional<RuleFiles>{};
  const auto names = names_in(next);
  auto files = read();
  if (!names) return tl::unexpected(names.error());
  if (!files) return tl::unexpected(files.error());
  for (const std::string& name : *names) {
    const std::string of = name.ends_with(kGone) ? name.substr(0, name.size() - kGone.size()) : name;
    std::erase_if(*files, [&of](const RuleFile& file) { return file.name == of; });
    if (of != name) continue;
    auto text = read_text(next / name);
    if (!text) return tl::unexpected(text.error());
    files->push_back({name, std::move(*text)});
  }
  std::ranges::sort(*files, {}, &RuleFile::name);
  return std::optional(std::move(*files));
}

Result<void> RuleFolder::prepare(const RuleFiles& wanted) {
  std::error_code failure;
  if (decided()) return io_failed("preparing rules in", folder_, "what was published before is not in its place yet");
  fs::create_directories(folder_, failure);
  if (failure) return io_failed("creating", folder_, failure.message());
  abandon();
  const auto now = read();
  if (!now) return tl::unexpected(now.error());
  auto written = write_next(*now, wanted);
  if (!written) abandon();
  return written;
}

// What is new or gone, and nothing of what stays.
Result<void> RuleFolder::write_next(const RuleFiles& now, const RuleFiles& wanted) {
  const fs::path next = folder_ / kNext;
  auto made = step([&next]() -> Result<void> {
    return ::mkdir(next.c_str(), 0755) == 0 ? Result<void>{} : io_failed("creating", next);
  });
  if (!made) return made;
  for (const RuleFile& file : wanted) {
    const RuleFile* same = find(now, file.name);
    if (same && same->text == file.text) continue;
    if (auto written = step([&] { return write_synced(next / file.name, file.text); }); !written) return written;
  }
  for (const RuleFile& file : now) {
    if (find(wanted, file.name)) continue;
    if (auto written = step([&] { return write_synced(next / (file.name + std::string(kGone)), ""); }); !written)
      return written;
  }
  return sync_folder(next).and_then([this] { return sync_folder(folder_); });
}

Result<void> RuleFolder::commit() {
  auto committed = step([this]() -> Result<void> {
    if (::rename((folder_ / kNext).c_str(), (folder_ / kPublish).c_str()) != 0)
      return io_failed("renaming", folder_ / kNext);
    return sync_folder(folder_);
  });
  if (!committed) return committed;
  return finish().map([](bool) {});
}

bool RuleFolder::decided() const {
  std::error_code failure;
  return fs::exists(folder_ / kPublish, failure);
}

void RuleFolder::abandon() noexcept {
  std::error_code failure;
  fs::remove_all(folder_ / kNext, failure);
  if (failure) log::warning("rules_not_abandoned", {{"folder", folder_.string()}, {"error", failure.message()}});
}

}  // namespace firegate::app
