// For tests of accounts: a store that replays what it is given, a clock that is moved by hand, and users with a
// password. A password stands for its own hash, so that no test waits for argon2id.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/accounts.h"
#include "accounts/grants.h"

namespace firegate::accounts {

using namespace std::chrono_literals;

const Caller kDesk{"192.168.1.7", "Firefox"};
const Caller kPhone{"192.168.1.20", "Chrome on Android"};
const Caller kScreen{"192.168.1.50", "Chromium"};
const Caller kStranger{"203.0.113.9", "curl"};

// What a database would hold after these changes.
struct Replay {
  std::map<std::string, UserRecord> users;
  std::map<std::string, SessionRecord> sessions;
  std::map<std::string, TokenRecord> tokens;
  std::map<std::string, InviteRecord> invites;
  std::vector<JournalEntry> journal;

  void save(const AccountChange& change) {
    for (const auto& one : change.put.users) users[one.id] = one;
    for (const auto& one : change.put.sessions) sessions[one.id] = one;
    for (const auto& one : change.put.tokens) tokens[one.id] = one;
    for (const auto& one : change.put.invites) invites[one.hash] = one;
    for (const auto& id : change.drop_users) users.erase(id);
    for (const auto& id : change.drop_sessions) sessions.erase(id);
    for (const auto& id : change.drop_tokens) tokens.erase(id);
    for (const auto& id : change.drop_invites) invites.erase(id);
    journal.insert(journal.end(), change.journal.begin(), change.journal.end());
  }

  AccountRows rows() const {
    AccountRows rows;
    for (const auto& [id, one] : users) rows.users.push_back(one);
    for (const auto& [id, one] : sessions) rows.sessions.push_back(one);
    for (const auto& [id, one] : tokens) rows.tokens.push_back(one);
    for (const auto& [id, one] : invites) rows.invites.push_back(one);
    return rows;
  }
};

struct Book {
  Instant now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}};
  Steady steady{std::chrono::hours(100)};
  Replay store;
  std::optional<Accounts> book{std::in_place, AccountRows{}, now, steady};

  Accounts& operator*() { return *book; }
  Accounts* operator->() { return &*book; }

  template <typename Duration>
  void pass(Duration duration) {
    now += duration;
    steady += duration;
  }
  void settle(const AccountChange& change) {
    store.save(change);
    book->apply(change, now, steady);
  }
  void tick() { settle(book->tick(now, steady)); }
  void restart() { book.emplace(store.rows(), now, steady); }

  // The first user, "chief", with the password "chief's password".
  Book& with_chief() {
    const auto change = book->set_up(*book->setup_code(), {"chief", "所长", {}, false}, "chief's password", kDesk, now);
    EXPECT_TRUE(change) << change.error().message;
    settle(*change);
    return *this;
  }
  // With the password "<id>'s password".
  Book& with_user(const std::string& id, std::vector<Grant> grants) {
    const auto made = book->create_user(root(), {id, "name of " + id, std::move(grants), false}, now);
    EXPECT_TRUE(made) << made.error().message;
    settle(*made);
    const auto invite = book->invite(root(), InviteKind::password, id, {}, {}, now);
    EXPECT_TRUE(invite) << invite.error().message;
    settle(invite->change);
    const auto set = book->set_password(invite->secret, id + "'s password", kDesk, now, steady);
    EXPECT_TRUE(set) << set.error().message;
    settle(*set);
    return *this;
  }
  static Principal root() { return Accounts::local("root"); }

  Result<Opened> try_sign_in(const std::string& user, const std::string& password, const Caller& from = kDesk) {
    const auto attempt = book->begin(user, from, steady);
    if (!attempt) return tl::unexpected(attempt.error());
    return book->sign_in(*attempt, attempt->known && attempt->stored == password, from, now);
  }
  // The secret of a new session.
  std::string sign_in(const std::string& user, const Caller& from = kDesk) {
    auto opened = try_sign_in(user, user + "'s password", from);
    EXPECT_TRUE(opened) << opened.error().message;
    settle(opened->change);
    return opened->secret;
  }
  std::optional<Principal> look(const std::string& secret, const Caller& from = kDesk) {
    return book->of_session(secret, from, false, now, steady);
  }
  std::optional<Principal> act(const std::string& secret, const Caller& from = kDesk) {
    return book->of_session(secret, from, true, now, steady);
  }
  Result<AccountChange> try_confirm(const Principal& by, bool with_password, const std::string& typed) {
    const auto attempt = book->begin_confirm(by, with_password, steady);
    if (!attempt) return tl::unexpected(attempt.error());
    return book->confirm(by, with_password, attempt->stored == typed, now, steady);
  }
  void give_password(const Principal& by) {
    const auto confirmed = try_confirm(by, true, by.id + "'s password");
    ASSERT_TRUE(confirmed) << confirmed.error().message;
    settle(*confirmed);
  }
  // "<id>'s PIN"
  void choose_pin(const Principal& by) {
    give_password(by);
    const auto changed = book->change_pin(by, by.id + "'s PIN", now, steady);
    ASSERT_TRUE(changed) << changed.error().message;
    settle(*changed);
  }
  Made invite(const Principal& by, InviteKind kind, const std::string& user, const std::string& name,
              std::vector<Grant> grants = {}) {
    auto made = book->invite(by, kind, user, name, std::move(grants), now);
    EXPECT_TRUE(made) << made.error().message;
    settle(made->change);
    return *made;
  }
  // The secret of a new wall or phone.
  std::string redeem(const Made& invite, InviteKind kind, const Caller& from) {
    auto opened = book->redeem(invite.secret, kind, from, now, steady);
    EXPECT_TRUE(opened) << opened.error().message;
    settle(opened->change);
    return opened->secret;
  }
  std::uint32_t revision(const std::string& user) { return book->users().at(user).revision; }

  std::size_t lines(std::string_view kind) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(store.journal, [kind](const JournalEntry& entry) { return entry.kind == kind; }));
  }
  const JournalEntry& last_line(std::string_view kind) const {
    const auto found = std::find_if(store.journal.rbegin(), store.journal.rend(),
                                    [kind](const JournalEntry& entry) { return entry.kind == kind; });
    static const JournalEntry none;
    EXPECT_NE(found, store.journal.rend()) << "no line " << kind;
    return found == store.journal.rend() ? none : *found;
  }
};

template <typename T>
ErrorCode code_of(const Result<T>& result) {
  EXPECT_FALSE(result) << "expected a refusal";
  return result ? ErrorCode::unsupported : result.error().code;
}

}  // namespace firegate::accounts
