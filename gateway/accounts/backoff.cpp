#include "accounts/backoff.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace firegate::accounts {
namespace {

using std::chrono::seconds;

struct Schedule {
  unsigned free;    // tries without a wait
  seconds longest;  // between two
};
constexpr Schedule kOfAccount{3, seconds(12)};
constexpr Schedule kOfAddress{20, seconds(15)};
constexpr seconds kLastComerMore{3};
constexpr std::size_t kLongestKey = 64;  // bytes; the names of accounts are shorter

// After so many failed tries.
constexpr seconds wait_after(unsigned tries, const Schedule& schedule) noexcept {
  if (tries < schedule.free) return seconds(0);
  const unsigned doubled = std::min(tries - schedule.free, 10u);
  return std::min(seconds(1u << doubled), schedule.longest);
}

std::string account_key(std::string_view account) { return std::string(account.substr(0, kLongestKey)); }

// An IPv6 network of 64 bit is one subscriber, who has every address in it.
std::string address_key(std::string_view address) {
  const std::string text(address.substr(0, kLongestKey));
  std::array<char, 16> bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  constexpr std::string_view kMappedV4("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  const std::string_view all(bytes.data(), bytes.size());
  if (!all.starts_with(kMappedV4)) return std::string(all.substr(0, 8));
  std::array<char, INET_ADDRSTRLEN> v4{};
  inet_ntop(AF_INET, bytes.data() + kMappedV4.size(), v4.data(), v4.size());
  return v4.data();
}

}  // namespace

Backoff::Seconds Backoff::wait(const Try& attempt, Steady now) const {
  const auto left = [now](const Counter& counter, seconds needed) {
    const auto passed = now - counter.last;
    if (passed >= kTriesForgotten || passed >= needed) return seconds(0);
    return std::chrono::ceil<seconds>(needed - passed);
  };
  const std::string from = address_key(attempt.address);
  seconds longest{0};
  if (const Counter* of = attempt.account.empty() ? nullptr : table_of(attempt).find(account_key(attempt.account))) {
    const seconds needed = wait_after(of->tries, kOfAccount);
    const bool waits_more = needed == kOfAccount.longest && of->last_address == from;
    longest = left(*of, waits_more ? needed + kLastComerMore : needed);
  }
  if (const Counter* of = from.empty() ? nullptr : addresses_.find(from)) {
    longest = std::max(longest, left(*of, wait_after(of->tries, kOfAddress)));
  }
  return longest;
}

std::optional<Backoff::Seconds> Backoff::admit(const Try& attempt, Steady now) {
  if (const seconds left = wait(attempt, now); left > seconds(0)) return left;
  const std::string from = address_key(attempt.address);
  if (!attempt.account.empty()) {
    (attempt.exists ? accounts_ : names_).count(account_key(attempt.account), from, now);
  }
  if (!from.empty()) addresses_.count(from, from, now);
  return std::nullopt;
}

void Backoff::succeeded(const Try& attempt) {
  (attempt.exists ? accounts_ : names_).forget(account_key(attempt.account));
  addresses_.give_back(address_key(attempt.address));
}

const Backoff::Counter* Backoff::Table::find(const std::string& key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &*found->second;
}

void Backoff::Table::count(const std::string& key, const std::string& address, Steady now) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    oldest_first_.splice(oldest_first_.end(), oldest_first_, found->second);
  } else {
    if (by_key_.size() >= limit_) forget(std::string(oldest_first_.front().key));
    by_key_.emplace(key, oldest_first_.insert(oldest_first_.end(), Counter{key, 0, now, {}}));
  }
  Counter& counter = oldest_first_.back();
  if (now - counter.last >= kTriesForgotten) counter.tries = 0;
  counter.tries = std::min(counter.tries + 1, 1000u);
  counter.last = now;
  counter.last_address = address;
}

void Backoff::Table::give_back(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end() && found->second->tries > 0) --found->second->tries;
}

void Backoff::Table::forget(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  oldest_first_.erase(found->second);
  by_key_.erase(found);
}

}  // namespace firegate::accounts
