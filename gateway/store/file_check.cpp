#include "store/file_check.h"

#include <fmt/format.h>

#include <condition_variable>

#include "core/log.h"
#include "store/store.h"

namespace firegate::store {
namespace {

void rest(const std::stop_token& stop, std::chrono::steady_clock::duration time) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace

FileCheck::FileCheck(std::filesystem::path path, Settings settings, SelfFault& faults)
    : path_(std::move(path)), settings_(settings), faults_(faults) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

FileCheck::~FileCheck() { stop(); }

void FileCheck::stop() noexcept {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

std::optional<std::string> FileCheck::damage() const {
  const std::lock_guard lock(mutex_);
  return damage_;
}

void FileCheck::run(const std::stop_token& stop) {
  rest(stop, settings_.first_after);
  while (!stop.stop_requested()) {
    check(stop);
    rest(stop, settings_.every);
  }
}

void FileCheck::check(const std::stop_token& stop) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::string> damages;
  bool complete = true;  // what could not be read says nothing about the file; the writer raises what keeps it from it
  const auto take = [&](const std::string& what, const Error& error) {
    if (error.code == ErrorCode::corrupt) damages.push_back(error.message);
    complete = false;
    log::warning("store_not_checked", {{"part", what}, {"reason", error.message}});
  };
  const auto tables = tables_of(path_);
  if (!tables) take("schema", tables.error());
  for (std::size_t i = 0; tables && i < tables->size() && !stop.stop_requested(); ++i) {
    const auto began = std::chrono::steady_clock::now();
    const auto found = quick_check(path_, (*tables)[i]);
    if (found) damages.insert(damages.end(), found->begin(), found->end());
    if (!found) take((*tables)[i], found.error());  // also a day's table that retention has dropped meanwhile
    rest(stop, std::chrono::steady_clock::now() - began);
  }
  if (stop.stop_requested()) return;
  for (const std::string& damage : damages) log::critical("store_damaged", {{"damage", damage}});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  log::info("store_checked", {{"damages", damages.size()}, {"seconds", fmt::format("{:.1f}", took.count())}});
  if (!damages.empty()) judge(damages.front());
  if (damages.empty() && complete) judge(std::nullopt);
}

// Cleared even where this run has not raised it: an earlier one may have.
void FileCheck::judge(std::optional<std::string> damage) {
  if (!damage) {
    faults_.clear(SelfFaultCode::store_failed, "file");
  } else if (!this->damage()) {
    faults_.raise(SelfFaultCode::store_failed, "file",
                  fmt::format("the file of the record is damaged, copy it and bring back a sound copy: {}", *damage));
  }
  const std::lock_guard lock(mutex_);
  damage_ = std::move(damage);
}

}  // namespace firegate::store
