// FileCheck: reads the store's file once a day and says when it is damaged (reliability F09). Damage that nobody meets
// in daily work (old readings, the journal) is found while there still are good copies. Owned by `app`.
//
// It has a thread and a read-only connection of its own: the writer never waits for it. It reads table by table, each
// in a transaction of its own, and rests after each as long as it took, so that checkpoints find their turn and a slow
// disk has half of its time for others.
//
//   store_failed, part "file"   a table is damaged; cleared by a check that finds none
// The gateway goes on: what it writes and reads at the moment works, and an empty store instead would hide all history.
// What commits can no longer use is put aside by the writer itself.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "core/clock.h"
#include "core/result.h"
#include "core/self_fault.h"

namespace firegate::store {

class FileCheck {
 public:
  struct Settings {
    Millis first_after{std::chrono::hours{1}};  // our choice: not during the start
    Millis every{std::chrono::hours{24}};       // reliability F09
  };
  FileCheck(std::filesystem::path path, Settings settings, SelfFault& faults);  // starts
  ~FileCheck();                                                                 // stops: at most one table later
  FileCheck(const FileCheck&) = delete;
  FileCheck& operator=(const FileCheck&) = delete;

  void stop() noexcept;
  std::optional<std::string> damage() const;  // that the last check found; any thread

 private:
  void run(const std::stop_token& stop);
  void check(const std::stop_token& stop);
  void judge(std::optional<std::string> damage);

  const std::filesystem::path path_;
  const Settings settings_;
  SelfFault& faults_;
  mutable std::mutex mutex_;
  std::optional<std::string> damage_;
  std::jthread thread_;
};

}  // namespace firegate::store
