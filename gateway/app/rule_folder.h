// RuleFolder: the folder of rule files, read whole and replaced whole. What people can read, edit and keep in git stays
// the truth; files that are no rules (and files of rules that do not change) are not touched.
//
// Replacing is in two steps, so that what decides (the record) can stand between them:
//   prepare   writes what is new into `.next`, synced; the rules are as they were
//   commit    renames `.next` to `.publish`: from here on the new files hold; then each moves into its place
// Killed before the rename, the old files hold and `.next` is thrown away; after it, `finish` moves what is left, at
// the next start or reload, before anybody reads the folder. Names that begin with a dot are read by nobody else. One
// thread at a time; blocks on the disk.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>

#include "core/result.h"
#include "core/rule_version.h"

namespace firegate::app {

constexpr std::size_t kMaxRuleFileName = 100;           // bytes; our choice

// x.yaml, without a folder, not beginning with a dot, no control characters, at most kMaxRuleFileName bytes.
bool is_rule_file_name(std::string_view name) noexcept;

class RuleFolder {
 public:
  // `before_step`: called before each step that changes the disk; only tests, which stop there, have one.
  explicit RuleFolder(std::filesystem::path folder, std::function<void()> before_step = {})
      : folder_(std::move(folder)), before_step_(std::move(before_step)) {}

  const std::filesystem::path& path() const noexcept { return folder_; }

  // Every file of rules; none where there is no such folder. Errors: io_failed.
  Result<RuleFiles> read() const;

  // Brings what was committed and not finished to its end. True: there was something.
  Result<bool> finish();
  // The files as they would be after a commit of what is prepared; none: nothing is.
  Result<std::optional<RuleFiles>> prepared() const;

  // io_failed: nothing is prepared. The folder is created when it is absent.
  Result<void> prepare(const RuleFiles& wanted);
  // io_failed: nothing has changed, or `finish` will bring it to its end; `decided` says which.
  Result<void> commit();
  bool decided() const;
  void abandon() noexcept;

 private:
  Result<void> step(const std::function<Result<void>()>& change);
  Result<void> write_next(const RuleFiles& now, const RuleFiles& wanted);

  const std::filesystem::path folder_;
  const std::function<void()> before_step_;
};

}  // namespace firegate::app
