// Coming in: first start, passwords, back-off and what the journal says of it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "accounts/password.h"
#include "accounts/secret.h"
#include "unit/accounts/book.h"

namespace firegate::accounts {
namespace {

TEST(FirstStart, CodeMakesTheFirstUserWithEveryRole) {
  Book book;
  ASSERT_TRUE(book->setup_code());
  book.with_chief();
  EXPECT_EQ(book->users().at("chief").grants, every_grant());
  EXPECT_EQ(book.last_line("setup").who, "user:chief");
  EXPECT_EQ(book.last_line("setup").address, kDesk.address);
}

TEST(FirstStart, CodeDiesWithTheFirstUser) {
  Book book;
  const std::string code = *book->setup_code();
  book.with_chief();
  EXPECT_FALSE(book->setup_code());
  EXPECT_FALSE(book->opens_setup(code));
  EXPECT_EQ(code_of(book->set_up(code, {"second", "b", {}, false}, "x", kDesk, book.now)), ErrorCode::refused);
  book.restart();
  EXPECT_FALSE(book->setup_code());
}

TEST(FirstStart, CodeIsNewAtEachStart) {
  Book book;
  const std::string code = *book->setup_code();
  book.restart();
  EXPECT_NE(*book->setup_code(), code);
  EXPECT_FALSE(book->opens_setup(code));
}

TEST(FirstStart, CodeIsForgivingAndWrongOnesAreJournalled) {
  Book book;
  std::string typed = *book->setup_code();
  std::ranges::transform(typed, typed.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  EXPECT_TRUE(book->opens_setup(" " + typed));
  EXPECT_EQ(code_of(book->set_up("0000-0000-0000-0000", {"a", "a", {}, false}, "x", kStranger, book.now)),
            ErrorCode::refused);
  book.tick();
  EXPECT_EQ(book.last_line("sign_in_refused").address, kStranger.address);
  EXPECT_TRUE(book->users().empty());
}

TEST(FirstStart, TwoAtOnceMakeOneUser) {
  Book book;
  const std::string code = *book->setup_code();
  const auto first = book->set_up(code, {"a", "a", {}, false}, "x", kDesk, book.now);
  ASSERT_TRUE(first);
  EXPECT_EQ(code_of(book->set_up(code, {"b", "b", {}, false}, "x", kDesk, book.now)), ErrorCode::overloaded);
  book.settle(*first);
  EXPECT_EQ(book->users().size(), 1u);
}

TEST(FirstStart, CodeStaysWhenTheUserCouldNotBeStored) {
  Book book;
  const auto first = book->set_up(*book->setup_code(), {"a", "a", {}, false}, "x", kDesk, book.now);
  ASSERT_TRUE(first);
  book->abandon(*first);
  ASSERT_TRUE(book->setup_code());
  book.with_chief();
  EXPECT_EQ(book->users().size(), 1u);
}

TEST(FirstStart, RefusesIdsThatCannotBeTyped) {
  for (const std::string& id : {std::string(), std::string("Wang"), std::string("王芳"), std::string(".x"),
                                std::string("a b"), std::string("a\nb"), std::string(33, 'a'), std::string("a:b")}) {
    Book book;
    EXPECT_EQ(code_of(book->set_up(*book->setup_code(), {id, "a", {}, false}, "x", kDesk, book.now)),
              ErrorCode::bad_input)
        << id;
  }
}

TEST(SignIn, OpensASessionThatBeginsOnceItIsStored) {
  Book book;
  book.with_chief();
  const auto opened = book.try_sign_in("chief", "chief's password");
  ASSERT_TRUE(opened);
  EXPECT_FALSE(book.look(opened->secret));
  book.settle(opened->change);
  const auto principal = book.look(opened->secret);
  ASSERT_TRUE(principal);
  EXPECT_EQ(principal->who(), "user:chief");
  EXPECT_EQ(principal->name, "所长");
  EXPECT_EQ(principal->address, kDesk.address);
  EXPECT_EQ(principal->grants, every_grant());
  EXPECT_FALSE(principal->confirmed);
  EXPECT_FALSE(principal->asleep);
}

TEST(SignIn, SecretIsNewEachTimeAndKeptNowhere) {
  Book book;
  book.with_chief();
  const std::string first = book.sign_in("chief"), second = book.sign_in("chief");
  EXPECT_NE(first, second);
  for (const auto& [id, session] : book.store.sessions) {
    EXPECT_NE(id, first);
    EXPECT_NE(id, second);
  }
  EXPECT_TRUE(book.store.sessions.contains(hash_of(first)));
}

TEST(SignIn, IdOfASessionIsNotItsSecret) {
  Book book;
  book.with_chief();
  book.sign_in("chief");
  EXPECT_FALSE(book.look(book.store.sessions.begin()->first));
}

TEST(SignIn, ForgivesCapitals) {
  Book book;
  book.with_chief();
  EXPECT_TRUE(book.try_sign_in("Chief", "chief's password"));
}

TEST(SignIn, RefusesWithOneMessageWhateverWasWrong) {
  Book book;
  book.with_chief().with_user("off", {{Role::viewer, "*"}}).with_user("bare", {{Role::viewer, "*"}});
  book.settle(
      *book->change_user(Book::root(), {"off", "x", {{Role::viewer, "*"}}, true}, book.revision("off"), book.now));
  book.settle(*book->change_user(Book::root(), {"bare", "x", {}, false}, book.revision("bare"), book.now));
  book.settle(*book->create_user(Book::root(), {"new", "x", {{Role::viewer, "*"}}, false}, book.now));
  struct Wrong {
    const char *user, *password;
  };
  for (const auto [user, password] : {Wrong{"chief", "wrong"}, Wrong{"nobody", "x"}, Wrong{"off", "off's password"},
                                      Wrong{"bare", "bare's password"}, Wrong{"new", ""}, Wrong{"", ""}}) {
    const auto refused = book.try_sign_in(user, password);
    ASSERT_EQ(code_of(refused), ErrorCode::refused) << user;
    EXPECT_EQ(refused.error().message, "signing in: name or password is wrong") << user;
  }
  EXPECT_TRUE(book->sessions().empty());
}

TEST(SignIn, UnknownNameIsComparedWithAHashAsCostlyAsAnother) {
  Book book;
  book.with_chief();
  const auto attempt = book->begin("nobody", kDesk, book.steady);
  ASSERT_TRUE(attempt);
  EXPECT_FALSE(attempt->known);
  EXPECT_EQ(attempt->stored, matches_nothing());
  // Even if somebody found what matches it.
  EXPECT_EQ(code_of(book->sign_in(*attempt, true, kDesk, book.now)), ErrorCode::refused);
}

TEST(SignIn, PasswordThatWasChangedMeanwhileIsRefused) {
  Book book;
  book.with_chief().with_user("wang", {{Role::duty, "*"}});
  const auto attempt = book->begin("wang", kDesk, book.steady);
  const auto invite = book.invite(Book::root(), InviteKind::password, "wang", "");
  book.settle(*book->set_password(invite.secret, "another", kDesk, book.now, book.steady));
  EXPECT_EQ(code_of(book->sign_in(*attempt, true, kDesk, book.now)), ErrorCode::refused);
}

TEST(SignIn, WhileTheUserIsBeingChangedHasToWait) {
  Book book;
  book.with_chief().with_user("wang", {{Role::duty, "*"}});
  const auto change = book->change_user(Book::root(), {"wang", "x", {}, false}, book.revision("wang"), book.now);
  EXPECT_EQ(code_of(book.try_sign_in("wang", "wang's password")), ErrorCode::overloaded);
  book.settle(*change);
  EXPECT_EQ(code_of(book.try_sign_in("wang", "wang's password")), ErrorCode::refused);
}

TEST(SignIn, OpeningOvertakenByAChangeOfTheUserDoesNotOpen) {
  Book book;
  book.with_chief().with_user("wang", {{Role::duty, "*"}});
  const auto opened = book.try_sign_in("wang", "wang's password");
  const auto change =
      book->change_user(Book::root(), {"wang", "x", {{Role::viewer, "*"}}, false}, book.revision("wang"), book.now);
  book.settle(opened->change);
  book.settle(*change);
  EXPECT_FALSE(book.look(opened->secret));
  EXPECT_TRUE(book.store.sessions.empty());
}

TEST(SignIn, KeepsTwentySessionsAndEndsTheOneLongestUnused) {
  Book book;
  book.with_chief();
  std::vector<std::string> secrets;
  for (std::size_t i = 0; i < kSessionsOfAUser; ++i) {
    secrets.push_back(book.sign_in("chief"));
    book.pass(1s);
  }
  EXPECT_TRUE(book.look(secrets[0]));  // now the second is the longest unused
  book.sign_in("chief");
  EXPECT_EQ(book->sessions().size(), kSessionsOfAUser);
  EXPECT_TRUE(book.look(secrets[0]));
  EXPECT_FALSE(book.look(secrets[1]));
  EXPECT_EQ(book.store.sessions.size(), kSessionsOfAUser);
  EXPECT_EQ(book.last_line("session_end").why, "too many sessions of one user");
}

TEST(SignIn, WritesWhoFromWhereAndWithWhat) {
  Book book;
  book.with_chief();
  const std::string secret = book.sign_in("chief");
  const JournalEntry& line = book.last_line("sign_in");
  EXPECT_EQ(line.who, "user:chief");
  EXPECT_EQ(line.name, "所长");
  EXPECT_EQ(line.subject, "session:" + hash_of(secret));
  EXPECT_EQ(line.address, kDesk.address);
  EXPECT_EQ(line.why, kDesk.agent);
  EXPECT_EQ(line.at, book.now);
}

TEST(SignIn, HostileBrowserNameIsCutAndEscaped) {
  Book book;
  book.with_chief();
  const auto attempt = book->begin("chief", kDesk, book.steady);
  book.settle(book->sign_in(*attempt, true, {"10.0.0.1", "a\nb\x1b[31m" + std::string(100000, 'x')}, book.now)->change);
  const std::string label = book->sessions().front().label;
  EXPECT_EQ(label.find('\n'), std::string::npos);
  EXPECT_LT(label.size(), 500u);
}

TEST(Refusals, AreJournalledWithTheReasonForThoseWhoMayReadIt) {
  Book book;
  book.with_chief();
  EXPECT_FALSE(book.try_sign_in("chief", "wrong", kStranger));
  book.tick();
  const JournalEntry& line = book.last_line("sign_in_refused");
  EXPECT_EQ(line.subject, "user:chief");
  EXPECT_EQ(line.who, "system");
  EXPECT_EQ(line.address, kStranger.address);
  EXPECT_EQ(line.why, "wrong password");
}

TEST(Refusals, UnknownNameIsCutAndEscaped) {
  Book book;
  book.with_chief();
  EXPECT_FALSE(book.try_sign_in("evil\n2026 admin did it" + std::string(100000, 'x'), "p"));
  book.tick();
  const JournalEntry& line = book.last_line("sign_in_refused");
  EXPECT_LE(line.subject.size(), 160u);
  EXPECT_EQ(line.subject.find('\n'), std::string::npos);
}

TEST(Refusals, FloodIsCountedAndNotJournalledOneByOne) {
  Book book;
  book.with_chief();
  std::size_t evaluated = 0;
  for (int i = 0; i < 10000; ++i) {
    evaluated += book->begin("chief", kStranger, book.steady).has_value();
    book.pass(6ms);
    if (i % 166 == 0) book.tick();
  }
  book.pass(61s);
  book.tick();
  EXPECT_LE(evaluated, 10u);
  const auto lines = book.lines("sign_in_refused");
  EXPECT_GE(lines, 1u);
  EXPECT_LE(lines, 3u);
  EXPECT_NE(book.last_line("sign_in_refused").why.find("tries were turned away"), std::string::npos);
}

TEST(Refusals, ManyAddressesFillTheJournalSlowly) {
  Book book;
  book.with_chief();
  for (int i = 0; i < 5000; ++i) {
    EXPECT_FALSE(book.try_sign_in(fmt::format("user{}", i), "x", {fmt::format("10.0.{}.{}", i / 200, i % 200), ""}));
  }
  book.tick();
  book.pass(61s);
  book.tick();
  EXPECT_EQ(book.lines("sign_in_refused"), kRefusalsAMinute + 1);
}

TEST(BruteForce, NeverTouchesWhoIsIn) {
  Book book;
  book.with_chief();
  const std::string duty = book.sign_in("chief");
  for (int i = 0; i < 10000; ++i) {
    if (const auto attempt = book->begin("chief", kStranger, book.steady)) {
      EXPECT_FALSE(book->sign_in(*attempt, false, kStranger, book.now));
    }
    EXPECT_TRUE(book.act(duty));
    book.pass(6ms);
  }
  const auto principal = book.act(duty);
  ASSERT_TRUE(principal);
  EXPECT_EQ(principal->grants, every_grant());
  book.give_password(*principal);
}

TEST(BruteForce, SaysHowLongToWaitAndTheOwnerGetsInThen) {
  Book book;
  book.with_chief();
  for (int i = 0; i < 2000; ++i) {
    if (const auto attempt = book->begin("chief", kStranger, book.steady)) {
      EXPECT_FALSE(book->sign_in(*attempt, false, kStranger, book.now));
    }
    book.pass(50ms);
  }
  EXPECT_EQ(code_of(book->begin("chief", kStranger, book.steady)), ErrorCode::overloaded);
  const auto wait = book->retry_after("chief", kDesk, book.steady);
  EXPECT_LE(wait, 12s);
  book.pass(wait);
  book.sign_in("chief");
  EXPECT_EQ(book->retry_after("chief", kDesk, book.steady), 0s);
}

TEST(BruteForce, TriesThatAreStillBeingComparedCount) {
  Book book;
  book.with_chief();
  std::vector<Attempt> at_once;
  for (int i = 0; i < 100; ++i) {
    if (auto attempt = book->begin("chief", kStranger, book.steady)) at_once.push_back(*attempt);
  }
  EXPECT_EQ(at_once.size(), 3u);
}

}  // namespace
}  // namespace firegate::accounts
