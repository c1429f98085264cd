// What the tests of ingest share: a clock set by hand, a list of raised faults, a folder that goes away.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "core/clock.h"
#include "core/self_fault.h"

namespace firegate::ingest {

// Runs on the real steady clock (threads wait on it); the wall time is set by the test.
class TestClock final : public Clock {
 public:
  Instant now() const noexcept override { return Instant{Millis{now_.load()}}; }
  Steady steady_now() const noexcept override { return std::chrono::steady_clock::now(); }
  Millis drift() const noexcept override { return Millis{0}; }
  void re_anchor() noexcept override {}
  void advance(Millis by) noexcept { now_ += by.count(); }

 private:
  std::atomic<Millis::rep> now_{1'700'000'000'000};
};

class FaultList final : public SelfFault {
 public:
  void raise(SelfFaultCode code, std::string_view part, std::string detail) noexcept override {
    const std::lock_guard lock(mutex_);
    ++raised_[{code, std::string(part)}];
    active_[{code, std::string(part)}] = std::move(detail);
  }
  void clear(SelfFaultCode code, std::string_view part) noexcept override {
    const std::lock_guard lock(mutex_);
    active_.erase({code, std::string(part)});
  }
  bool active(SelfFaultCode code, std::string_view part = "") const {
    const std::lock_guard lock(mutex_);
    return active_.contains({code, std::string(part)});
  }
  int raised(SelfFaultCode code, std::string_view part = "") const {
    const std::lock_guard lock(mutex_);
    const auto found = raised_.find({code, std::string(part)});
    return found == raised_.end() ? 0 : found->second;
  }

 private:
  using Key = std::pair<SelfFaultCode, std::string>;
  mutable std::mutex mutex_;
  std::map<Key, std::string> active_;
  std::map<Key, int> raised_;
};

class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "firegate-test-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

// Polls until `condition` holds; false when it does not within `most`.
template <typename Condition>
bool eventually(Condition condition, Millis most = Millis{10'000}) {
  const auto deadline = std::chrono::steady_clock::now() + most;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(Millis{2});
  }
  return true;
}

}  // namespace firegate::ingest
