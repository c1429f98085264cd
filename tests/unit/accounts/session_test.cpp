// Being in: both clocks, sleeping roles, walls, tickets, PIN, leaving.
#include <gtest/gtest.h>

#include <set>

#include "accounts/secret.h"
#include "unit/accounts/book.h"

namespace firegate::accounts {
namespace {

const std::vector<Grant> kDutyAndManager{{Role::duty, "north"}, {Role::manager, "north"}};

// Looks once an hour for `hours` hours.
bool stays_in(Book& book, const std::string& secret, int hours) {
  for (int i = 0; i < hours; ++i) {
    book.pass(1h);
    book.tick();
    if (!book.look(secret)) return false;
  }
  return true;
}

TEST(Session, OfAPersonEndsAfterADay) {
  Book book;
  book.with_chief().with_user("wang", {{Role::duty, "*"}});
  const std::string secret = book.sign_in("wang");
  EXPECT_TRUE(stays_in(book, secret, 23));
  book.pass(59min + 59s);
  EXPECT_TRUE(book.look(secret));
  book.pass(1s);
  EXPECT_FALSE(book.look(secret));
  book.tick();
  EXPECT_TRUE(book.store.sessions.empty());
  EXPECT_EQ(book.last_line("session_end").why, "its time is over");
  EXPECT_EQ(book.last_line("session_end").who, "system");
}

TEST(Session, EndsAfterTwelveHoursWithoutUse) {
  Book book;
  book.with_chief().with_user("wang", {{Role::duty, "*"}});
  const std::string secret = book.sign_in("wang");
  book.pass(12h - 1s);
  EXPECT_TRUE(book.look(secret));
  book.pass(12h);
  EXPECT_FALSE(book.look(secret));
  book.tick();
  EXPECT_EQ(book.last_line("session_end").why, "unused for 12 h");
}

TEST(Session, WallClockSteppedBackGivesNoTime) {
  Book book;
  book.with_chief().with_user("wang", {{Role::duty, "*"}});
  const std::string secret = book.sign_in("wang");
  book.now -= 20h;
  EXPECT_TRUE(stays_in(book, secret, 23));
  book.pass(1h);
  EXPECT_FALSE(book.look(secret));
}

TEST(Session, WallClockSteppedForwardEndsNothing) {
  Book book;
  book.with_chief().with_user("wang", {{Role::duty, "*"}});
  const std::string secret = book.sign_in("wang");
  book.now += std::chrono::hours(24 * 365);
  book.tick();
  EXPECT_TRUE(stays_in(book, secret, 23));
  book.pass(1h);
  EXPECT_FALSE(book.look(secret));
}

TEST(Session, OutlivesARestartByWhatWasLeft) {
  Book book;
  book.with_chief().with_user("wang", {{Role::duty, "*"}});
  const std::string secret = book.sign_in("wang");
  EXPECT_TRUE(stays_in(book, secret, 20));
  book.steady = Steady(5s);  // the machine began anew
  book.restart();
  EXPECT_TRUE(stays_in(book, secret, 3));
  book.pass(1h);
  EXPECT_FALSE(book.look(secret));
}

TEST(Session, ClockSetBackOverARestartGivesNoTime) {
  Book book;
  book.with_chief().with_user("wang", {{Role::duty, "*"}});
  const std::string secret = book.sign_in("wang");
  EXPECT_TRUE(stays_in(book, secret, 20));
  book.tick();
  book.now -= std::chrono::hours(24 * 30);
  book.restart();
  EXPECT_TRUE(stays_in(book, secret, 3));
  book.pass(1h);
  EXPECT_FALSE(book.look(secret));
}

TEST(Session, ClockSetForwardBeforeARestartEndsNothing) {
  Book book;
  book.with_chief().with_user("wang", {{Role::duty, "*"}});
  const std::string secret = book.sign_in("wang");
  book.now += std::chrono::hours(24 * 365);
  book.tick();
  book.restart();
  EXPECT_TRUE(stays_in(book, secret, 23));
  book.pass(1h);
  EXPECT_FALSE(book.look(secret));
}

TEST(Session, EndsOverARestartThatTookTooLong) {
  Book book;
  book.with_chief().with_user("wang", {{Role::duty, "*"}});
  const std::string secret = book.sign_in("wang");
  book.now += 13h;  // unused all that time
  book.restart();
  EXPECT_FALSE(book.look(secret));
}

TEST(Session, ImpossibleRecordGetsNoMoreThanItsKind) {
  Book book;
  book.with_chief().with_user("wang", {{Role::duty, "*"}});
  const std::string secret = book.sign_in("wang");
  book.store.sessions.begin()->second.ends_at = kNever;
  book.restart();
  EXPECT_TRUE(stays_in(book, secret, 23));
  book.pass(1h);
  EXPECT_FALSE(book.look(secret));
}

TEST(Session, UseIsStoredOnceAMinuteAtMost) {
  Book book;
  book.with_chief().with_user("wang", {{Role::duty, "*"}});
  const std::string secret = book.sign_in("wang");
  std::size_t stored = 0;
  for (int i = 0; i < 600; ++i) {
    book.pass(1s);
    book.look(secret);
    const auto change = book->tick(book.now, book.steady);
    stored += change.put.sessions.size();
    book.settle(change);
  }
  EXPECT_EQ(stored, 10u);
}

TEST(Session, SignOutEndsItAtOnceAndForGood) {
  Book book;
  book.with_chief();
  const std::string secret = book.sign_in("chief");
  const auto change = book->sign_out(*book.look(secret), book.now);
  EXPECT_FALSE(book.look(secret));
  book.settle(change);
  book.restart();
  EXPECT_FALSE(book.look(secret));
  EXPECT_EQ(book.last_line("sign_out").who, "user:chief");
}

TEST(Session, SignOutThatCouldNotBeStoredIsTriedAgain) {
  Book book;
  book.with_chief();
  const std::string secret = book.sign_in("chief");
  book->abandon(book->sign_out(*book.look(secret), book.now));
  EXPECT_FALSE(book.look(secret));
  book.tick();
  EXPECT_TRUE(book.store.sessions.empty());
  EXPECT_EQ(book.lines("sign_out"), 1u);
}

TEST(Session, UseStoredLateDoesNotBringItBack) {
  Book book;
  book.with_chief();
  const std::string secret = book.sign_in("chief");
  book.pass(2min);
  const auto principal = book.look(secret);
  const auto used = book->tick(book.now, book.steady);
  ASSERT_EQ(used.put.sessions.size(), 1u);
  const auto out = book->sign_out(*principal, book.now);
  book.store.save(used);
  book.store.save(out);
  book->apply(used, book.now, book.steady);
  book->apply(out, book.now, book.steady);
  EXPECT_FALSE(book.look(secret));
  EXPECT_TRUE(book.store.sessions.empty());
}

TEST(Session, AppliedTwiceIsTheSameAsOnce) {
  Book book;
  book.with_chief();
  const auto opened = book.try_sign_in("chief", "chief's password");
  book.settle(opened->change);
  book.settle(opened->change);
  EXPECT_EQ(book->sessions().size(), 1u);
  const auto out = book->sign_out(*book.look(opened->secret), book.now);
  book.settle(out);
  book->apply(out, book.now, book.steady);
  book->apply(opened->change, book.now, book.steady);  // neither does it come back
  EXPECT_FALSE(book.look(opened->secret));
}

TEST(Session, GarbageIsNobody) {
  Book book;
  book.with_chief();
  book.sign_in("chief");
  for (const std::string& secret : {std::string(), std::string(43, 'A'), std::string(1 << 20, 'x'), random_secret()}) {
    EXPECT_FALSE(book.look(secret));
    EXPECT_FALSE(book->of_token(secret, kDesk, book.now));
  }
}

TEST(Session, EndedByAnAdministrator) {
  Book book;
  book.with_chief();
  const std::string secret = book.sign_in("chief");
  const auto change = book->end_session(Book::root(), hash_of(secret), book.now);
  ASSERT_TRUE(change);
  EXPECT_FALSE(book.look(secret));
  book.settle(*change);
  EXPECT_EQ(book.last_line("session_end").who, "local:root");
  EXPECT_EQ(code_of(book->end_session(Book::root(), hash_of(secret), book.now)), ErrorCode::not_found);
}

// --- roles that sleep ---

TEST(SleepingRoles, SleepAfterAQuarterOfAnHourWhileDutyStays) {
  Book book;
  book.with_chief().with_user("wang", kDutyAndManager);
  const std::string secret = book.sign_in("wang");
  book.pass(15min - 1s);
  EXPECT_EQ(book.look(secret)->grants, kDutyAndManager);
  book.pass(1s);
  const auto principal = book.look(secret);
  ASSERT_TRUE(principal);
  EXPECT_EQ(principal->grants, (std::vector<Grant>{{Role::duty, "north"}}));
  EXPECT_TRUE(principal->asleep);
}

TEST(SleepingRoles, ActsKeepThemAwakeAndPollsDoNot) {
  Book book;
  book.with_chief().with_user("wang", kDutyAndManager);
  const std::string acting = book.sign_in("wang"), polling = book.sign_in("wang");
  for (int i = 0; i < 6; ++i) {
    book.pass(10min);
    book.act(acting);
    book.look(polling);
  }
  EXPECT_FALSE(book.look(acting)->asleep);
  EXPECT_TRUE(book.look(polling)->asleep);
}

TEST(SleepingRoles, ActDoesNotWakeThem) {
  Book book;
  book.with_chief().with_user("wang", kDutyAndManager);
  const std::string secret = book.sign_in("wang");
  book.pass(16min);
  EXPECT_TRUE(book.act(secret)->asleep);
  EXPECT_TRUE(book.act(secret)->asleep);
}

TEST(SleepingRoles, PasswordWakesThemAndThePinDoesNot) {
  Book book;
  book.with_chief().with_user("wang", kDutyAndManager);
  const std::string secret = book.sign_in("wang");
  book.choose_pin(*book.look(secret));
  book.pass(16min);
  ASSERT_TRUE(book.try_confirm(*book.look(secret), false, "wang's PIN"));
  EXPECT_TRUE(book.look(secret)->asleep);
  book.give_password(*book.look(secret));
  EXPECT_FALSE(book.look(secret)->asleep);
  EXPECT_EQ(book.look(secret)->grants, kDutyAndManager);
  EXPECT_EQ(book.lines("roles_wake"), 1u);
}

TEST(SleepingRoles, SessionLeftWithoutARoleEnds) {
  Book book;
  book.with_chief().with_user("liwei", {{Role::admin, "north"}, {Role::manager, "north"}});
  const std::string secret = book.sign_in("liwei");
  book.pass(15min);
  EXPECT_FALSE(book.look(secret));
  book.tick();
  EXPECT_TRUE(book.store.sessions.empty());
}

TEST(SleepingRoles, SleepAfterARestart) {
  Book book;
  book.with_chief().with_user("wang", kDutyAndManager);
  const std::string secret = book.sign_in("wang");
  book.restart();
  EXPECT_TRUE(book.look(secret)->asleep);
}

// --- PIN ---

TEST(Confirm, HoldsTwoMinutes) {
  Book book;
  book.with_chief();
  const std::string secret = book.sign_in("chief");
  book.choose_pin(*book.look(secret));
  book.pass(1h);
  EXPECT_FALSE(book.act(secret)->confirmed);
  ASSERT_TRUE(book.try_confirm(*book.look(secret), false, "chief's PIN"));
  EXPECT_TRUE(book.look(secret)->confirmed);
  book.pass(2min - 1ms);
  EXPECT_TRUE(book.look(secret)->confirmed);
  book.pass(1ms);
  EXPECT_FALSE(book.look(secret)->confirmed);
}

TEST(Confirm, SaysHowLongItHolds) {
  Book book;
  book.with_chief();
  const auto by = *book.look(book.sign_in("chief"));
  EXPECT_EQ(book->confirmed_for(by.session, book.steady), 0s);
  book.give_password(by);
  EXPECT_EQ(book->confirmed_for(by.session, book.steady), 2min);
  book.pass(90s);
  EXPECT_EQ(book->confirmed_for(by.session, book.steady), 30s);
  book.pass(30s);
  EXPECT_EQ(book->confirmed_for(by.session, book.steady), 0s);
  EXPECT_EQ(book->confirmed_for("no such session", book.steady), 0s);
}

TEST(Confirm, HoldsForItsOwnSessionAlone) {
  Book book;
  book.with_chief();
  const std::string secret = book.sign_in("chief"), other = book.sign_in("chief");
  book.give_password(*book.look(secret));
  EXPECT_FALSE(book.look(other)->confirmed);
}

TEST(Confirm, FifthWrongPinEndsTheSessionAndNoOther) {
  Book book;
  book.with_chief();
  const std::string secret = book.sign_in("chief"), other = book.sign_in("chief");
  const auto principal = *book.look(secret);
  book.choose_pin(principal);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(book.look(secret)) << i;
    book.pass(book->retry_after_confirm(principal, book.steady));
    EXPECT_EQ(code_of(book.try_confirm(principal, false, "000000")), ErrorCode::refused);
  }
  EXPECT_FALSE(book.look(secret));
  EXPECT_TRUE(book.look(other));
  EXPECT_EQ(code_of(book.try_confirm(principal, false, "chief's PIN")), ErrorCode::not_found);
  book.tick();
  EXPECT_EQ(book.lines("pin_refused"), 5u);
  EXPECT_EQ(book.last_line("session_end").why, "5 wrong ones");
  EXPECT_FALSE(book.store.sessions.contains(principal.session));
}

TEST(Confirm, RightOneForgivesTheWrongOnes) {
  Book book;
  book.with_chief();
  const std::string secret = book.sign_in("chief");
  const auto principal = *book.look(secret);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 4; ++i) {
      book.pass(book->retry_after_confirm(principal, book.steady));
      EXPECT_FALSE(book.try_confirm(principal, true, "wrong"));
    }
    book.pass(book->retry_after_confirm(principal, book.steady));
    book.give_password(principal);
  }
  EXPECT_TRUE(book.look(secret));
}

TEST(Confirm, ManyAtOnceAreFewEvaluated) {
  Book book;
  book.with_chief();
  const auto principal = *book.look(book.sign_in("chief"));
  int evaluated = 0;
  for (int i = 0; i < 1000; ++i) evaluated += book->begin_confirm(principal, true, book.steady).has_value();
  EXPECT_EQ(evaluated, 3);
}

TEST(Confirm, ManySessionsShareOneUsersTries) {
  Book book;
  book.with_chief();
  int evaluated = 0;
  for (int i = 0; i < 10; ++i) {
    const auto principal = *book.look(book.sign_in("chief"));
    for (int k = 0; k < 4; ++k) evaluated += book->begin_confirm(principal, true, book.steady).has_value();
  }
  EXPECT_EQ(evaluated, 3);
}

TEST(Confirm, AttackFromOutsideDoesNotDelayIt) {
  Book book;
  book.with_chief();
  const std::string secret = book.sign_in("chief");
  for (int i = 0; i < 100; ++i) book->begin("chief", kStranger, book.steady);
  book.give_password(*book.look(secret));
}

TEST(Confirm, NeedsAPinThatWasChosen) {
  Book book;
  book.with_chief();
  const auto principal = *book.look(book.sign_in("chief"));
  EXPECT_EQ(code_of(book->begin_confirm(principal, false, book.steady)), ErrorCode::refused);
  EXPECT_EQ(code_of(book->begin_confirm(Book::root(), true, book.steady)), ErrorCode::refused);
}

// --- CSRF and tickets ---

TEST(Csrf, FollowsFromTheSecretAndNotFromTheId) {
  Book book;
  book.with_chief();
  const std::string one = book.sign_in("chief"), other = book.sign_in("chief");
  EXPECT_EQ(Accounts::csrf(one), Accounts::csrf(one));
  EXPECT_NE(Accounts::csrf(one), Accounts::csrf(other));
  EXPECT_NE(Accounts::csrf(one), Accounts::csrf(hash_of(one)));
  EXPECT_NE(Accounts::csrf(one), one);
  EXPECT_NE(Accounts::csrf(one), hash_of(one));
}

TEST(Ticket, WorksOnceForItsSessionWithinHalfAMinute) {
  Book book;
  book.with_chief();
  const auto mine = book.look(book.sign_in("chief"))->session, other = book.look(book.sign_in("chief"))->session;

  const std::string good = book->ticket(mine, book.steady);
  book.pass(30s - 1ms);
  EXPECT_TRUE(book->redeem_ticket(good, mine, book.steady));
  EXPECT_FALSE(book->redeem_ticket(good, mine, book.steady)) << "twice";

  const std::string late = book->ticket(mine, book.steady);
  book.pass(30s);
  EXPECT_FALSE(book->redeem_ticket(late, mine, book.steady)) << "late";

  const std::string stolen = book->ticket(mine, book.steady);
  EXPECT_FALSE(book->redeem_ticket(stolen, other, book.steady)) << "of another session";
  EXPECT_FALSE(book->redeem_ticket(random_secret(), mine, book.steady)) << "invented";
  EXPECT_FALSE(book->redeem_ticket("", mine, book.steady)) << "none";
}

TEST(Ticket, DiesWithItsSession) {
  Book book;
  book.with_chief();
  const auto principal = *book.look(book.sign_in("chief"));
  const std::string ticket = book->ticket(principal.session, book.steady);
  book.settle(book->sign_out(principal, book.now));
  EXPECT_FALSE(book->redeem_ticket(ticket, principal.session, book.steady));
}

TEST(Ticket, OldestGoesWhenThereAreTooMany) {
  Book book;
  book.with_chief();
  const auto session = book.look(book.sign_in("chief"))->session;
  const std::string first = book->ticket(session, book.steady), second = book->ticket(session, book.steady);
  for (std::size_t i = 1; i < kTicketsAtOnce; ++i) book->ticket(session, book.steady);
  EXPECT_FALSE(book->redeem_ticket(first, session, book.steady));
  EXPECT_TRUE(book->redeem_ticket(second, session, book.steady));
}

TEST(Local, MayEverythingAndSaysWho) {
  const Principal root = Accounts::local("root");
  for (std::size_t i = 0; i < label_count<Permission>(); ++i) EXPECT_TRUE(root.may(static_cast<Permission>(i), "any"));
  EXPECT_EQ(root.who(), "local:root");
  EXPECT_EQ(root.address, "local");
}

}  // namespace
}  // namespace firegate::accounts
