// Backoff: how long whoever fails to sign in has to wait until the next try is looked at. It answers tries to come in
// and touches nothing that is in: a duty view that is signed in never notices.
//
// A try counts as failed from the moment it is admitted until it turns out well, so that a thousand at once do not pass
// while the first is still being compared. A try that is turned away costs nothing and prolongs nothing.
//
// Of one account (reliability T11: at most 10 evaluated in 60 s): three tries are free, then 1, 2, 4, 8 and at most 12
// s must lie between two: ten fit into the first minute, five into any later one. Who was evaluated last waits 3 s
// more, 15 at most: a lone flood can therefore not take every turn, and the one whose account it is finds it open.
// Figures: our choice. Of one address: twenty are free (a shift changes behind one router), then 1, 2, 4, 8, 15 s. Both
// are forgotten after 15 min without an evaluated try.
//
// Memory is bounded: accounts that exist, names that do not, and addresses are remembered apart, the oldest of each is
// forgotten when there are too many. Invented names can thus not push out an account's counter.
// Owned by Accounts; its thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/clock.h"

namespace firegate::accounts {

constexpr std::size_t kAccountsRemembered = 2048;
constexpr std::size_t kNamesRemembered = 1024;
constexpr std::size_t kAddressesRemembered = 4096;
constexpr std::chrono::minutes kTriesForgotten{15};

class Backoff {
 public:
  using Seconds = std::chrono::seconds;

  // Who tries, and from where; an empty part is not counted.
  struct Try {
    std::string account;
    bool exists = false;  // there is such an account
    std::string address;
  };

  // How long until such a try would be admitted; zero: now.
  Seconds wait(const Try& attempt, Steady now) const;
  // None: admitted, and counted as failed. Otherwise how long to wait.
  std::optional<Seconds> admit(const Try& attempt, Steady now);
  // The admitted try turned out well: its account starts anew; its address gets back this one try.
  void succeeded(const Try& attempt);

  std::size_t remembered() const noexcept { return accounts_.size() + names_.size() + addresses_.size(); }

 private:
  struct Counter {
    std::string key;
    unsigned tries = 0;
    Steady last{};
    std::string last_address;
  };

  // Counters by key; the one that was longest without a try is forgotten when there are more than `limit`.
  class Table {
   public:
    explicit Table(std::size_t limit) noexcept : limit_(limit) {}
    const Counter* find(const std::string& key) const;
    void count(const std::string& key, const std::string& address, Steady now);
    void give_back(const std::string& key);
    void forget(const std::string& key);
    std::size_t size() const noexcept { return by_key_.size(); }

   private:
    std::size_t limit_;
    std::list<Counter> oldest_first_;
    std::unordered_map<std::string, std::list<Counter>::iterator> by_key_;
  };

  const Table& table_of(const Try& attempt) const noexcept { return attempt.exists ? accounts_ : names_; }

  Table accounts_{kAccountsRemembered};
  Table names_{kNamesRemembered};
  Table addresses_{kAddressesRemembered};
};

}  // namespace firegate::accounts
