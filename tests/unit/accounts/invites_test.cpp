// Invites, walls, phones and tokens.
#include <gtest/gtest.h>

#include "accounts/secret.h"
#include "unit/accounts/book.h"

namespace firegate::accounts {
namespace {

const std::vector<Grant> kInstaller{{Role::installer, "north"}};
const std::vector<Grant> kManager{{Role::duty, "north"}, {Role::manager, "north"}};

Principal signed_in(Book& book, const std::string& user) { return *book.look(book.sign_in(user)); }

TEST(PhoneInvite, WorksOnce) {
  Book book;
  book.with_chief().with_user("zhao", kInstaller).with_user("wang", kManager);
  const auto invite = book.invite(signed_in(book, "wang"), InviteKind::phone, "zhao", "site phone");
  const std::string secret = book.redeem(invite, InviteKind::phone, kPhone);
  const auto phone = book.look(secret, kPhone);
  ASSERT_TRUE(phone);
  EXPECT_EQ(phone->who(), "user:zhao");
  EXPECT_EQ(phone->grants, kInstaller);
  EXPECT_EQ(code_of(book->redeem(invite.secret, InviteKind::phone, kPhone, book.now, book.steady)), ErrorCode::refused);
  EXPECT_TRUE(book.store.invites.empty());
  EXPECT_EQ(book.last_line("invite_use").why, "invited by user:wang");
}

TEST(PhoneInvite, WorksOnceEvenForTwoAtTheSameMoment) {
  Book book;
  book.with_chief().with_user("zhao", kInstaller);
  const auto invite = book.invite(Book::root(), InviteKind::phone, "zhao", "");
  const auto first = book->redeem(invite.secret, InviteKind::phone, kPhone, book.now, book.steady);
  ASSERT_TRUE(first);
  EXPECT_EQ(code_of(book->redeem(invite.secret, InviteKind::phone, kStranger, book.now, book.steady)),
            ErrorCode::refused);
  book->abandon(first->change);  // it could not be stored: it is gone all the same
  EXPECT_FALSE(book->redeem(invite.secret, InviteKind::phone, kPhone, book.now, book.steady));
  book.tick();
  EXPECT_TRUE(book.store.invites.empty());
}

TEST(PhoneInvite, EndsAfterTenMinutesByTheSteadyClock) {
  Book book;
  book.with_chief().with_user("zhao", kInstaller);
  const auto in_time = book.invite(Book::root(), InviteKind::phone, "zhao", "");
  const auto late = book.invite(Book::root(), InviteKind::phone, "zhao", "");
  book.now -= 5h;
  book.pass(10min - 1s);
  EXPECT_TRUE(book->redeem(in_time.secret, InviteKind::phone, kPhone, book.now, book.steady));
  book.pass(1s);
  EXPECT_FALSE(book->redeem(late.secret, InviteKind::phone, kPhone, book.now, book.steady));
  book.tick();
  EXPECT_FALSE(book.store.invites.contains(hash_of(late.secret)));
}

TEST(PhoneInvite, SessionLastsTwelveHours) {
  Book book;
  book.with_chief().with_user("zhao", kInstaller);
  const std::string secret =
      book.redeem(book.invite(Book::root(), InviteKind::phone, "zhao", ""), InviteKind::phone, kPhone);
  book.pass(6h);
  EXPECT_TRUE(book.look(secret, kPhone));
  book.pass(6h - 1s);
  EXPECT_TRUE(book.look(secret, kPhone));
  book.pass(1s);
  EXPECT_FALSE(book.look(secret, kPhone));
}

TEST(PhoneInvite, NeverGivesManagerOrAdmin) {
  Book book;
  book.with_chief();
  const std::string secret =
      book.redeem(book.invite(Book::root(), InviteKind::phone, "chief", ""), InviteKind::phone, kPhone);
  const auto phone = book.look(secret, kPhone);
  ASSERT_TRUE(phone);
  EXPECT_FALSE(phone->may_anywhere(Permission::administer));
  EXPECT_FALSE(phone->may_anywhere(Permission::edit_rules));
  EXPECT_TRUE(phone->may_anywhere(Permission::handle_alarms));
  book.give_password(*phone);
  EXPECT_FALSE(book.look(secret, kPhone)->may_anywhere(Permission::administer)) << "nor does the password wake them";
}

TEST(PhoneInvite, IsRefusedWhereNothingWouldBeLeft) {
  Book book;
  book.with_chief().with_user("boss", {{Role::manager, "*"}, {Role::admin, "north"}});
  EXPECT_EQ(code_of(book->invite(Book::root(), InviteKind::phone, "boss", "", {}, book.now)), ErrorCode::refused);
}

TEST(PhoneInvite, ManagerLetsInstallersOfHisEstateInAndNobodyElse) {
  Book book;
  book.with_chief()
      .with_user("wang", kManager)
      .with_user("zhao", kInstaller)
      .with_user("far", {{Role::installer, "south"}})
      .with_user("both", {{Role::installer, "north"}, {Role::installer, "south"}, {Role::duty, "north"}})
      .with_user("guard", {{Role::duty, "north"}});
  const auto manager = signed_in(book, "wang");
  const auto tries = [&](const char* user, std::vector<Grant> grants = {}) {
    return book->invite(manager, InviteKind::phone, user, "", std::move(grants), book.now);
  };
  EXPECT_TRUE(tries("zhao"));
  EXPECT_FALSE(tries("far"));
  EXPECT_FALSE(tries("guard"));
  EXPECT_FALSE(tries("chief", {{Role::admin, "*"}}));
  EXPECT_FALSE(tries("zhao", {{Role::installer, "*"}}));
  EXPECT_EQ(code_of(tries("nobody")), ErrorCode::not_found);
  const auto narrowed = tries("both");
  ASSERT_TRUE(narrowed);
  EXPECT_EQ(narrowed->change.put.invites[0].grants, kInstaller);
}

TEST(PhoneInvite, ForOneselfGivesWhatOneHas) {
  Book book;
  book.with_chief().with_user("guard", {{Role::duty, "north"}});
  const auto made = book->invite(signed_in(book, "guard"), InviteKind::phone, "guard", "", {}, book.now);
  ASSERT_TRUE(made);
  EXPECT_EQ(in_words(made->change.put.invites[0].grants), "duty in north");
}

TEST(PhoneInvite, OfADisabledUserIsWorthless) {
  Book book;
  book.with_chief().with_user("zhao", kInstaller);
  const auto invite = book.invite(Book::root(), InviteKind::phone, "zhao", "");
  book.settle(*book->change_user(Book::root(), {"zhao", "x", kInstaller, true}, book.revision("zhao"), book.now));
  EXPECT_FALSE(book->redeem(invite.secret, InviteKind::phone, kPhone, book.now, book.steady));
  EXPECT_EQ(code_of(book->invite(Book::root(), InviteKind::phone, "zhao", "", {}, book.now)), ErrorCode::not_found);
}

TEST(Invite, OfAMakerWhoLostHisRolesIsWorthless) {
  Book book;
  book.with_chief().with_user("wang", kManager).with_user("zhao", kInstaller);
  const auto invite = book.invite(signed_in(book, "wang"), InviteKind::phone, "zhao", "");
  book.settle(*book->change_user(Book::root(), {"wang", "x", {}, false}, book.revision("wang"), book.now));
  EXPECT_FALSE(book->redeem(invite.secret, InviteKind::phone, kPhone, book.now, book.steady));
}

TEST(Invite, IsGoodForItsKindAlone) {
  Book book;
  book.with_chief();
  const auto phone = book.invite(Book::root(), InviteKind::phone, "chief", "");
  const auto wall = book.invite(Book::root(), InviteKind::wall, "chief", "lobby");
  const auto password = book.invite(Book::root(), InviteKind::password, "chief", "");
  EXPECT_FALSE(book->redeem(phone.secret, InviteKind::wall, kPhone, book.now, book.steady));
  EXPECT_FALSE(book->redeem(wall.secret, InviteKind::phone, kPhone, book.now, book.steady));
  EXPECT_FALSE(book->redeem(password.secret, InviteKind::wall, kPhone, book.now, book.steady));
  EXPECT_FALSE(book->redeem(password.secret, InviteKind::password, kPhone, book.now, book.steady));
  EXPECT_FALSE(book->set_password(wall.secret, "x", kPhone, book.now, book.steady));
  EXPECT_TRUE(book->set_password(password.secret, "x", kPhone, book.now, book.steady));
}

TEST(Invite, OutlivesARestartByWhatWasLeft) {
  Book book;
  book.with_chief();
  const auto kept = book.invite(Book::root(), InviteKind::phone, "chief", "");
  book.pass(9min);
  book.restart();
  EXPECT_TRUE(book->invited(kept.secret, InviteKind::phone, kPhone, book.now, book.steady));
  book.pass(1min);
  EXPECT_FALSE(book->invited(kept.secret, InviteKind::phone, kPhone, book.now, book.steady));
}

TEST(Invite, PasswordOneSaysWhoseItIsBeforeItIsUsed) {
  Book book;
  book.with_chief().with_user("wang", kManager);
  const auto invite = book.invite(Book::root(), InviteKind::password, "wang", "");
  EXPECT_EQ(*book->invited(invite.secret, InviteKind::password, kDesk, book.now, book.steady), "wang");
  ASSERT_TRUE(book->set_password(invite.secret, "x", kDesk, book.now, book.steady));
  EXPECT_FALSE(book->invited(invite.secret, InviteKind::password, kDesk, book.now, book.steady));
}

TEST(Invite, GuessingIsSlowedByAddress) {
  Book book;
  book.with_chief();
  int evaluated = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto outcome = book->redeem(random_secret(), InviteKind::phone, kStranger, book.now, book.steady);
    evaluated += code_of(outcome) == ErrorCode::refused;
  }
  EXPECT_EQ(evaluated, 20);
  EXPECT_GT(book->retry_after("", kStranger, book.steady), 0s);
}

TEST(Invite, AreBounded) {
  Book book;
  book.with_chief();
  for (std::size_t i = 0; i < kInvitesAtMost; ++i) book.invite(Book::root(), InviteKind::phone, "chief", "");
  EXPECT_EQ(code_of(book->invite(Book::root(), InviteKind::phone, "chief", "", {}, book.now)), ErrorCode::refused);
  book.pass(kInviteLasts);
  book.tick();
  book.invite(Book::root(), InviteKind::phone, "chief", "");
}

// --- walls ---

TEST(Wall, LooksAndSilencesAndNothingElse) {
  Book book;
  book.with_chief();
  const std::string secret =
      book.redeem(book.invite(signed_in(book, "chief"), InviteKind::wall, "", "lobby"), InviteKind::wall, kScreen);
  const auto wall = book.look(secret, kScreen);
  ASSERT_TRUE(wall);
  EXPECT_EQ(wall->kind, PrincipalKind::wall);
  EXPECT_EQ(wall->name, "lobby");
  for (std::size_t i = 0; i < label_count<Permission>(); ++i) {
    const auto permission = static_cast<Permission>(i);
    EXPECT_EQ(wall->may(permission, "north"), permission == Permission::look || permission == Permission::silence);
  }
}

TEST(Wall, NeverEnds) {
  Book book;
  book.with_chief();
  const std::string secret =
      book.redeem(book.invite(Book::root(), InviteKind::wall, "chief", "lobby"), InviteKind::wall, kScreen);
  book.pass(std::chrono::hours(24 * 400));
  book.tick();
  EXPECT_TRUE(book.look(secret, kScreen));
  book.now -= std::chrono::hours(24 * 365 * 20);
  book.tick();
  book.restart();
  EXPECT_TRUE(book.look(secret, kScreen));
}

TEST(Wall, FromElsewhereIsRefusedAndJournalledOnceAMinute) {
  Book book;
  book.with_chief();
  const std::string secret =
      book.redeem(book.invite(Book::root(), InviteKind::wall, "chief", "lobby"), InviteKind::wall, kScreen);
  const auto before = book.lines("sign_in_refused");
  for (int i = 0; i < 120; ++i) {
    EXPECT_FALSE(book.look(secret, kStranger));
    book.pass(1s);
    book.tick();
  }
  EXPECT_EQ(book.lines("sign_in_refused"), before + 2);
  EXPECT_EQ(book.last_line("sign_in_refused").address, kStranger.address);
  EXPECT_EQ(book.last_line("sign_in_refused").why, "the wall \"lobby\" is bound to 192.168.1.50");
  EXPECT_TRUE(book.look(secret, kScreen)) << "its own screen never notices";
}

TEST(Wall, IsShownInByWhoMay) {
  Book book;
  book.with_chief().with_user("guard", {{Role::duty, "north"}});
  const auto guard = signed_in(book, "guard");
  EXPECT_TRUE(book->invite(guard, InviteKind::wall, "", "lobby", {}, book.now));
  EXPECT_FALSE(book->invite(guard, InviteKind::wall, "", "lobby", {{Role::duty, "*"}}, book.now));
  EXPECT_FALSE(book->invite(guard, InviteKind::wall, "chief", "lobby", {}, book.now));
  EXPECT_EQ(code_of(book->invite(guard, InviteKind::wall, "", "", {}, book.now)), ErrorCode::bad_input);
  EXPECT_EQ(code_of(book->invite(Book::root(), InviteKind::wall, "", "lobby", {}, book.now)), ErrorCode::not_found);
}

TEST(Wall, AreBounded) {
  Book book;
  book.with_chief();
  for (std::size_t i = 0; i < kWallsAtMost; ++i) {
    book.redeem(book.invite(Book::root(), InviteKind::wall, "chief", "w"), InviteKind::wall, kScreen);
  }
  const auto more = book.invite(Book::root(), InviteKind::wall, "chief", "w");
  EXPECT_EQ(code_of(book->redeem(more.secret, InviteKind::wall, kScreen, book.now, book.steady)), ErrorCode::refused);
  book.settle(*book->end_session(Book::root(), book->sessions().front().id, book.now));
  book.redeem(more, InviteKind::wall, kScreen);
}

TEST(Wall, DoesNotCountAmongTheSessionsOfItsMaker) {
  Book book;
  book.with_chief();
  const std::string wall =
      book.redeem(book.invite(Book::root(), InviteKind::wall, "chief", "lobby"), InviteKind::wall, kScreen);
  for (std::size_t i = 0; i < 2 * kSessionsOfAUser; ++i) book.sign_in("chief");
  EXPECT_TRUE(book.look(wall, kScreen));
  EXPECT_EQ(book->sessions().size(), kSessionsOfAUser + 1);
}

// --- tokens ---

TEST(Token, MayWhatItWasGivenUntilItsEnd) {
  Book book;
  book.with_chief();
  const auto made =
      book->create_token(signed_in(book, "chief"), "export", {{Role::viewer, "north"}}, book.now + 24h, book.now);
  ASSERT_TRUE(made);
  EXPECT_FALSE(book->of_token(made->secret, kDesk, book.now)) << "not before it is stored";
  book.settle(made->change);
  const auto token = book->of_token(made->secret, kDesk, book.now);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->kind, PrincipalKind::token);
  EXPECT_EQ(token->name, "export");
  EXPECT_EQ(in_words(token->grants), "viewer in north");
  EXPECT_TRUE(token->session.empty());
  EXPECT_TRUE(book->of_token(made->secret, kDesk, book.now + 24h - 1ms));
  EXPECT_FALSE(book->of_token(made->secret, kDesk, book.now + 24h));
  EXPECT_EQ(book.store.tokens.begin()->second.hash, hash_of(made->secret));
}

TEST(Token, ClockSetBackGivesNoTime) {
  Book book;
  book.with_chief();
  const auto made = book->create_token(signed_in(book, "chief"), "t", {{Role::viewer, "*"}}, book.now + 24h, book.now);
  book.settle(made->change);
  EXPECT_TRUE(book->of_token(made->secret, kDesk, book.now + 23h));
  EXPECT_TRUE(book->of_token(made->secret, kDesk, book.now + 1h));
  EXPECT_EQ(book->tokens().front().used_at, book.now + 23h);
}

TEST(Token, OtherSecretWithTheSameIdIsRefused) {
  Book book;
  book.with_chief();
  const auto made = book->create_token(signed_in(book, "chief"), "t", {{Role::viewer, "*"}}, book.now + 24h, book.now);
  book.settle(made->change);
  std::string forged = made->secret;
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  EXPECT_FALSE(book->of_token(forged, kDesk, book.now));
}

TEST(Token, NeverMoreThanItsMakerMay) {
  Book book;
  book.with_chief().with_user("wang", kManager);
  const std::string secret = book.sign_in("wang");
  const auto tries = [&](std::vector<Grant> grants, Instant ends_at) {
    return book->create_token(*book.look(secret), "t", std::move(grants), ends_at, book.now);
  };
  const Instant tomorrow = book.now + 24h;
  EXPECT_TRUE(tries(kManager, tomorrow));
  EXPECT_EQ(code_of(tries({{Role::admin, "north"}}, tomorrow)), ErrorCode::refused);
  EXPECT_EQ(code_of(tries({{Role::duty, "*"}}, tomorrow)), ErrorCode::refused);
  EXPECT_EQ(code_of(tries({}, tomorrow)), ErrorCode::bad_input);
  EXPECT_EQ(code_of(tries(kManager, book.now)), ErrorCode::bad_input);
  EXPECT_EQ(code_of(tries(kManager, book.now + kLongestToken + 1ms)), ErrorCode::bad_input);
  book.pass(15min);
  EXPECT_EQ(code_of(tries(kManager, tomorrow)), ErrorCode::refused) << "a role that sleeps gives nothing";
  EXPECT_EQ(code_of(book->create_token(Book::root(), "t", kManager, tomorrow, book.now)), ErrorCode::refused);
}

TEST(Token, ForAUserByTheMachineItselfAndNobodyElse) {
  Book book;
  book.with_chief().with_user("wang", kManager);
  const auto tries = [&](const Principal& by, const char* user, std::vector<Grant> grants) {
    return book->create_token_for(by, user, "export", std::move(grants), book.now + 24h, book.now);
  };
  EXPECT_EQ(code_of(tries(signed_in(book, "chief"), "wang", kManager)), ErrorCode::refused)
      << "whatever they administer";
  EXPECT_EQ(code_of(tries(signed_in(book, "wang"), "wang", kManager)), ErrorCode::refused);
  EXPECT_EQ(code_of(tries(Book::root(), "nobody", kManager)), ErrorCode::not_found);
  EXPECT_EQ(code_of(tries(Book::root(), "wang", {{Role::admin, "north"}})), ErrorCode::refused);
  EXPECT_EQ(code_of(tries(Book::root(), "wang", {{Role::duty, "*"}})), ErrorCode::refused);
  const auto made = tries(Book::root(), "wang", {{Role::duty, "north"}});
  ASSERT_TRUE(made);
  book.settle(made->change);
  EXPECT_EQ(book->of_token(made->secret, kDesk, book.now)->grants, (std::vector<Grant>{{Role::duty, "north"}}));
  EXPECT_EQ(book.last_line("token_create").who, Book::root().who());
  EXPECT_EQ(book.last_line("token_create").to.substr(0, 23), "\"export\" of user:wang: ");
  book.settle(*book->change_user(Book::root(), {"wang", "x", kManager, true}, book.revision("wang"), book.now));
  EXPECT_EQ(code_of(tries(Book::root(), "wang", kManager)), ErrorCode::not_found) << "nor for whoever is disabled";
}

TEST(Token, DroppedIsGoneAtOnce) {
  Book book;
  book.with_chief();
  const auto made = book->create_token(signed_in(book, "chief"), "t", {{Role::viewer, "*"}}, book.now + 24h, book.now);
  book.settle(made->change);
  const auto dropped = book->drop_token(Book::root(), made->change.put.tokens[0].id, book.now);
  ASSERT_TRUE(dropped);
  EXPECT_FALSE(book->of_token(made->secret, kDesk, book.now));
  book.settle(*dropped);
  book.restart();
  EXPECT_FALSE(book->of_token(made->secret, kDesk, book.now));
  EXPECT_EQ(code_of(book->drop_token(Book::root(), "00000000", book.now)), ErrorCode::not_found);
  EXPECT_EQ(book.last_line("token_drop").from, "user:chief");
}

TEST(Token, AreBoundedAndEndedOnesGiveWay) {
  Book book;
  book.with_chief();
  const auto chief = signed_in(book, "chief");
  const auto make = [&](Instant ends_at) {
    return book->create_token(chief, "t", {{Role::viewer, "*"}}, ends_at, book.now);
  };
  book.settle(make(book.now + 1h)->change);
  const std::string short_lived = book->tokens().front().id;
  while (book->tokens().size() < kTokensAtMost) book.settle(make(book.now + 24h)->change);
  EXPECT_EQ(code_of(make(book.now + 24h)), ErrorCode::refused);
  book.pass(1h);
  book.settle(make(book.now + 24h)->change);
  EXPECT_EQ(book->tokens().size(), kTokensAtMost);
  EXPECT_FALSE(book.store.tokens.contains(short_lived));
}

}  // namespace
}  // namespace firegate::accounts
