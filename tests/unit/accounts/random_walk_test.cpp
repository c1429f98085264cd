// Random walks: acts in any order, several on their way to the store at once, some of which never arrive; clocks that
// step; restarts. What must hold holds after every step.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <set>

#include "unit/accounts/book.h"

namespace firegate::accounts {
namespace {

class Walk {
 public:
  explicit Walk(unsigned seed) : random_(seed) { book_.with_chief(); }

  void step() {
    switch (pick(18)) {
      case 0:
      case 1:
      case 2:
      case 3: settle_one(pick(10) != 0); break;
      case 4: sign_in(); break;
      case 5: create_user(); break;
      case 6: change_user(); break;
      case 7: send(book_->drop_user(some_admin(), some_user(), book_.now)); break;
      case 8: sign_out(); break;
      case 9: confirm(); break;
      case 10: change_password(); break;
      case 11: invite(); break;
      case 12: redeem(); break;
      case 13: create_token(); break;
      case 14: end_something(); break;
      case 15: pass_time(); break;
      case 16: send(Result<AccountChange>(book_->tick(book_.now, book_.steady))); break;
      case 17:
        if (pick(20) == 0) restart();
        break;
    }
  }

  void check() {
    std::size_t administrators = 0;
    for (const auto& [id, user] : book_->users()) {
      administrators += !user.disabled && !user.password.empty() && covers(user.grants, {Role::admin, "*"});
    }
    ASSERT_GE(administrators, 1u);
    const auto sessions = book_->sessions();
    for (const std::string& secret : secrets_) {
      for (const Caller& from : {kDesk, kScreen}) {
        if (const auto principal = book_->of_session(secret, from, pick(2) == 0, book_.now, book_.steady)) {
          ASSERT_FALSE(ended_.contains(secret));
          const auto is_it = [&](const SessionRecord& one) { return one.id == principal->session; };
          const auto session = std::ranges::find_if(sessions, is_it);
          ASSERT_NE(session, sessions.end());
          check_grants(*principal, session->user);
        }
      }
    }
    const auto tokens = book_->tokens();
    for (const std::string& token : tokens_) {
      if (const auto principal = book_->of_token(token, kDesk, book_.now)) {
        const auto is_it = [&](const TokenRecord& one) { return one.id == principal->id; };
        check_grants(*principal, std::ranges::find_if(tokens, is_it)->user);
      }
    }
  }

  // With nothing on its way, the store holds what the memory does.
  void check_store() {
    for (int i = 0; i < 2; ++i) {
      while (!on_their_way_.empty()) settle_one(true);
      send(Result<AccountChange>(book_->tick(book_.now, book_.steady)));
    }
    while (!on_their_way_.empty()) settle_one(true);

    ASSERT_EQ(in_words(book_->users()), in_words(book_.store.users));
    std::string memory, stored;
    for (const SessionRecord& one : book_->sessions()) memory += in_words(one);
    for (const auto& [id, one] : book_.store.sessions) stored += in_words(one);
    ASSERT_EQ(memory, stored);
    memory.clear();
    stored.clear();
    for (const TokenRecord& one : book_->tokens()) memory += fmt::format("{} {} {}\n", one.id, one.user, one.hash);
    for (const auto& [id, one] : book_.store.tokens) stored += fmt::format("{} {} {}\n", id, one.user, one.hash);
    ASSERT_EQ(memory, stored);
  }

  void restart() {
    check_store();
    book_.restart();
  }

  std::size_t reached() const { return book_.store.journal.size(); }
  bool anything_in() const { return !book_.store.sessions.empty(); }

 private:
  static std::string in_words(const std::map<std::string, UserRecord>& users) {
    std::string words;
    for (const auto& [id, user] : users) {
      words += fmt::format("{} {} {} {} {} {}\n", id, user.name, accounts::in_words(user.grants), user.password,
                           user.disabled, user.revision);
    }
    return words;
  }
  static std::string in_words(const SessionRecord& one) {
    return fmt::format("{} {} {} {} {}\n", one.id, label(one.kind), one.user, accounts::in_words(one.grants),
                       one.address);
  }

  void check_grants(const Principal& principal, const std::string& user) {
    ASSERT_TRUE(book_->users().contains(user));
    const UserRecord& record = book_->users().at(user);
    ASSERT_FALSE(record.disabled);
    ASSERT_FALSE(principal.grants.empty());
    for (const Grant& grant : principal.grants)
      ASSERT_TRUE(covers(record.grants, grant)) << label(grant.role) << grant.estate;
  }

  int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  std::string some_user() { return pick(4) == 0 ? "chief" : fmt::format("user{}", pick(5)); }
  std::vector<Grant> some_grants() {
    std::vector<Grant> grants;
    for (int i = pick(4); i > 0; --i) {
      grants.push_back({static_cast<Role>(pick(6)), std::vector<std::string>{"north", "south", "*"}[pick(3)]});
    }
    if (pick(4) == 0) grants.push_back({Role::admin, "*"});
    return grants;
  }
  Principal some_admin() {
    const auto principal = somebody();
    return principal && pick(2) == 0 ? *principal : Book::root();
  }
  std::optional<Principal> somebody() {
    if (secrets_.empty()) return std::nullopt;
    return book_.look(secrets_[pick(static_cast<int>(secrets_.size()))]);
  }

  void send(Result<AccountChange> change) {
    if (change) on_their_way_.push_back(std::move(*change));
  }
  void settle_one(bool stored) {
    if (on_their_way_.empty()) return;
    const AccountChange change = std::move(on_their_way_.front());
    on_their_way_.pop_front();
    if (!stored) {
      book_->abandon(change);
      return;
    }
    book_.settle(change);
    if (pick(4) == 0) book_->apply(change, book_.now, book_.steady);
  }

  void sign_in() {
    const std::string user = some_user();
    const auto attempt = book_->begin(user, kDesk, book_.steady);
    if (!attempt) return;
    remember(book_->sign_in(*attempt, attempt->known && pick(5) != 0, kDesk, book_.now));
  }
  void remember(Result<Opened> opened) {
    if (!opened) return;
    secrets_.push_back(opened->secret);
    if (secrets_.size() > 60) secrets_.pop_front();
    on_their_way_.push_back(std::move(opened->change));
  }
  void create_user() {
    const std::string id = some_user();
    send(book_->create_user(some_admin(), {id, "name", some_grants(), false}, book_.now));
  }
  void change_user() {
    const std::string id = some_user();
    const auto found = book_->users().find(id);
    const std::uint32_t revision = found == book_->users().end() ? 0 : found->second.revision;
    send(book_->change_user(some_admin(), {id, fmt::format("name {}", pick(3)), some_grants(), pick(5) == 0}, revision,
                            book_.now));
  }
  void sign_out() {
    if (secrets_.empty()) return;
    const std::string secret = secrets_[pick(static_cast<int>(secrets_.size()))];
    const auto principal = book_.look(secret);
    if (!principal) return;
    send(Result<AccountChange>(book_->sign_out(*principal, book_.now)));
    ended_.insert(secret);
  }
  void confirm() {
    const auto principal = somebody();
    if (!principal) return;
    if (const auto attempt = book_->begin_confirm(*principal, true, book_.steady)) {
      send(book_->confirm(*principal, true, pick(3) != 0, book_.now, book_.steady));
    }
  }
  void change_password() {
    const auto principal = somebody();
    if (principal)
      send(book_->change_password(*principal, fmt::format("password {}", pick(1000)), book_.now, book_.steady));
  }
  void invite() {
    const auto kind = static_cast<InviteKind>(pick(3));
    auto made = book_->invite(some_admin(), kind, some_user(), "label",
                              pick(2) == 0 ? some_grants() : std::vector<Grant>{}, book_.now);
    if (!made) return;
    invites_.emplace_back(made->secret, kind);
    if (invites_.size() > 20) invites_.pop_front();
    on_their_way_.push_back(std::move(made->change));
  }
  void redeem() {
    if (invites_.empty()) return;
    const auto [secret, kind] = invites_[pick(static_cast<int>(invites_.size()))];
    if (kind == InviteKind::password) {
      send(book_->set_password(secret, fmt::format("password {}", pick(1000)), kDesk, book_.now, book_.steady));
    } else {
      remember(book_->redeem(secret, kind, kScreen, book_.now, book_.steady));
    }
  }
  void create_token() {
    const auto principal = somebody();
    if (!principal) return;
    auto made = book_->create_token(*principal, "token", principal->grants, book_.now + 1h * (1 + pick(48)), book_.now);
    if (!made) return;
    tokens_.push_back(made->secret);
    if (tokens_.size() > 30) tokens_.pop_front();
    on_their_way_.push_back(std::move(made->change));
  }
  void end_something() {
    const auto sessions = book_->sessions();
    const auto tokens = book_->tokens();
    if (pick(2) == 0 && !sessions.empty()) {
      send(book_->end_session(Book::root(), sessions[pick(static_cast<int>(sessions.size()))].id, book_.now));
    } else if (!tokens.empty()) {
      send(book_->drop_token(Book::root(), tokens[pick(static_cast<int>(tokens.size()))].id, book_.now));
    }
  }
  void pass_time() {
    if (pick(30) == 0) book_.now += 1h * (pick(200) - 100);  // somebody set the clock
    else book_.pass(1s * (pick(10) == 0 ? pick(20000) : pick(60)));
  }

  std::mt19937 random_;
  Book book_;
  std::deque<AccountChange> on_their_way_;
  std::deque<std::string> secrets_, tokens_;
  std::deque<std::pair<std::string, InviteKind>> invites_;
  std::set<std::string> ended_;
};

TEST(RandomWalk, KeepsWhatMustHold) {
  std::size_t with_sessions = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Walk walk(seed);
    for (int i = 0; i < 600; ++i) {
      SCOPED_TRACE(fmt::format("step {}", i));
      walk.step();
      walk.check();
      if (i % 100 == 99) {
        walk.check_store();
        with_sessions += walk.anything_in();
      }
      if (testing::Test::HasFatalFailure()) return;
    }
    EXPECT_GT(walk.reached(), 50u) << "it did next to nothing";
  }
  EXPECT_GT(with_sessions, 60u) << "hardly anybody was ever in";
}

}  // namespace
}  // namespace firegate::accounts
