// Users: who may change whom, rotation, and the administrator who stays.
#include <gtest/gtest.h>

#include "accounts/secret.h"
#include "unit/accounts/book.h"

namespace firegate::accounts {
namespace {

const std::vector<Grant> kDuty{{Role::duty, "north"}};
const std::vector<Grant> kEveryAdmin{{Role::admin, "*"}};
const std::vector<Grant> kAdminOfNorth{{Role::admin, "north"}};

Principal with(std::vector<Grant> grants) {
  Principal by;
  by.kind = PrincipalKind::user;
  by.id = "somebody";
  by.grants = std::move(grants);
  return by;
}

// Wang (duty) is in by two sessions and has a token, an invite and a wall.
struct Wang : Book {
  std::string mine, other, token, wall;
  Made phone;

  Wang() {
    with_chief().with_user("wang", kDuty);
    mine = sign_in("wang");
    other = sign_in("wang");
    const auto by = *look(mine);
    const auto made = book->create_token(by, "export", kDuty, now + 24h, now);
    settle(made->change);
    token = made->secret;
    wall = redeem(invite(by, InviteKind::wall, "", "lobby"), InviteKind::wall, kScreen);
    phone = invite(by, InviteKind::phone, "wang", "");
  }
  bool token_works() { return book->of_token(token, kDesk, now).has_value(); }
  bool phone_works() { return book->redeem(phone.secret, InviteKind::phone, kPhone, now, steady).has_value(); }
  Result<AccountChange> change(std::vector<Grant> grants, bool disabled = false,
                               const std::string& name = "name of wang") {
    return book->change_user(root(), {"wang", name, std::move(grants), disabled}, revision("wang"), now);
  }
};

TEST(Rotation, NewGrantsEndSessionsTokensAndInvitesAtOnce) {
  Wang book;
  const auto change = book.change({{Role::operator_, "north"}, {Role::duty, "north"}});
  ASSERT_TRUE(change);
  EXPECT_FALSE(book.look(book.mine));
  EXPECT_FALSE(book.look(book.other));
  EXPECT_FALSE(book.token_works());
  EXPECT_FALSE(book.phone_works());
  book.settle(*change);
  book.restart();
  EXPECT_FALSE(book.look(book.mine));
  EXPECT_FALSE(book.token_works());
  EXPECT_FALSE(book.phone_works());
  EXPECT_TRUE(book.look(book.wall, kScreen));  // its maker still may what it shows
}

TEST(Rotation, NewNameEndsNothing) {
  Wang book;
  book.settle(*book.change(kDuty, false, "王芳"));
  EXPECT_EQ(book.look(book.mine)->name, "王芳");
  EXPECT_TRUE(book.token_works());
  EXPECT_TRUE(book.look(book.wall, kScreen));
}

TEST(Rotation, DisablingEndsEverything) {
  Wang book;
  const auto change = book.change(kDuty, true);
  EXPECT_FALSE(book.look(book.mine));
  EXPECT_FALSE(book.token_works());
  EXPECT_FALSE(book.look(book.wall, kScreen));
  book.settle(*change);
  EXPECT_TRUE(book.store.sessions.empty());
  EXPECT_TRUE(book.store.tokens.empty());
  EXPECT_TRUE(book.store.invites.empty());
}

TEST(Rotation, DroppingEndsEverything) {
  Wang book;
  const auto change = book->drop_user(Book::root(), "wang", book.now);
  ASSERT_TRUE(change);
  book.settle(*change);
  EXPECT_FALSE(book.look(book.mine));
  EXPECT_FALSE(book.token_works());
  EXPECT_FALSE(book.look(book.wall, kScreen));
  EXPECT_FALSE(book->users().contains("wang"));
  EXPECT_EQ(book.last_line("user_drop").from, "name of wang: duty in north");
  EXPECT_EQ(code_of(book.try_sign_in("wang", "wang's password")), ErrorCode::refused);
}

TEST(Rotation, OwnNewPasswordEndsTheOthersAndNoWall) {
  Wang book;
  const auto by = *book.look(book.mine);
  book.give_password(by);
  const auto change = book->change_password(by, "new one", book.now, book.steady);
  ASSERT_TRUE(change);
  book.settle(*change);
  EXPECT_TRUE(book.look(book.mine));
  EXPECT_FALSE(book.look(book.other));
  EXPECT_FALSE(book.token_works());
  EXPECT_FALSE(book.phone_works());
  EXPECT_TRUE(book.look(book.wall, kScreen));
  EXPECT_TRUE(book.try_sign_in("wang", "new one"));
  EXPECT_FALSE(book.try_sign_in("wang", "wang's password"));
}

TEST(Rotation, PasswordByInviteEndsAllSessions) {
  Wang book;
  const auto invite = book.invite(Book::root(), InviteKind::password, "wang", "");
  book.settle(*book->set_password(invite.secret, "new one", kDesk, book.now, book.steady));
  EXPECT_FALSE(book.look(book.mine));
  EXPECT_FALSE(book.look(book.other));
  EXPECT_FALSE(book.token_works());
}

TEST(Rotation, WallEndsWhenItsMakerMayNoLongerWhatItShows) {
  Wang book;
  book.settle(*book.change({{Role::duty, "south"}}));
  EXPECT_FALSE(book.look(book.wall, kScreen));
}

TEST(MyAccount, ChangesNeedThePasswordJustBefore) {
  Book book;
  book.with_chief();
  const auto by = *book.look(book.sign_in("chief"));
  EXPECT_EQ(code_of(book->change_password(by, "x", book.now, book.steady)), ErrorCode::refused);
  EXPECT_EQ(code_of(book->change_pin(by, "x", book.now, book.steady)), ErrorCode::refused);
  book.choose_pin(by);
  book.pass(3min);
  ASSERT_TRUE(book.try_confirm(by, false, "chief's PIN"));
  EXPECT_EQ(code_of(book->change_password(by, "x", book.now, book.steady)), ErrorCode::refused)
      << "a PIN is not enough";
  EXPECT_EQ(code_of(book->change_password(Book::root(), "x", book.now, book.steady)), ErrorCode::not_found);
  EXPECT_EQ(book.last_line("pin_change").subject, "user:chief");
}

TEST(Users, ChangeNamesTheRevisionItMeans) {
  Book book;
  book.with_chief().with_user("wang", kDuty);
  const auto old = book.revision("wang");
  book.settle(*book->change_user(Book::root(), {"wang", "a", kDuty, false}, old, book.now));
  EXPECT_GT(book.revision("wang"), old);
  EXPECT_EQ(code_of(book->change_user(Book::root(), {"wang", "b", kDuty, false}, old, book.now)), ErrorCode::refused);
  EXPECT_EQ(code_of(book->change_user(Book::root(), {"nobody", "b", {}, false}, 1, book.now)), ErrorCode::not_found);
}

TEST(Users, TwoChangesAtOnceAreOne) {
  Book book;
  book.with_chief().with_user("wang", kDuty);
  const auto first = book->change_user(Book::root(), {"wang", "a", kDuty, false}, book.revision("wang"), book.now);
  EXPECT_EQ(code_of(book->change_user(Book::root(), {"wang", "b", kDuty, false}, book.revision("wang"), book.now)),
            ErrorCode::overloaded);
  book->abandon(*first);
  EXPECT_TRUE(book->change_user(Book::root(), {"wang", "b", kDuty, false}, book.revision("wang"), book.now));
  EXPECT_EQ(book->users().at("wang").name, "name of wang");
}

TEST(Users, ChangeAppliedTwiceOrLateIsHarmless) {
  Book book;
  book.with_chief().with_user("wang", kDuty);
  const auto first = book->change_user(Book::root(), {"wang", "a", kDuty, false}, book.revision("wang"), book.now);
  book.settle(*first);
  book->apply(*first, book.now, book.steady);
  book.settle(*book->change_user(Book::root(), {"wang", "b", kDuty, false}, book.revision("wang"), book.now));
  book->apply(*first, book.now, book.steady);
  EXPECT_EQ(book->users().at("wang").name, "b");
  book.settle(*book->drop_user(Book::root(), "wang", book.now));
  book->apply(*first, book.now, book.steady);
  EXPECT_FALSE(book->users().contains("wang"));
}

TEST(Users, JournalSaysWhatTheyWereAndAre) {
  Book book;
  book.with_chief().with_user("wang", kDuty);
  EXPECT_EQ(book.last_line("user_create").to, "name of wang: duty in north");
  book.settle(*book->change_user(Book::root(), {"wang", "王芳", {}, true}, book.revision("wang"), book.now));
  const JournalEntry& line = book.last_line("user_change");
  EXPECT_EQ(line.from, "name of wang: duty in north");
  EXPECT_EQ(line.to, "王芳: none; disabled");
  EXPECT_EQ(line.who, "local:root");
  EXPECT_EQ(line.subject, "user:wang");
}

TEST(Users, AreRefusedTwiceOrWithABadDraft) {
  Book book;
  book.with_chief();
  EXPECT_EQ(code_of(book->create_user(Book::root(), {"chief", "x", {}, false}, book.now)), ErrorCode::refused);
  EXPECT_EQ(code_of(book->create_user(Book::root(), {"Wang", "x", {}, false}, book.now)), ErrorCode::bad_input);
  for (const std::string& name : {std::string(), std::string("a\nb"), std::string("\xFF"), std::string(101, 'x')}) {
    EXPECT_EQ(code_of(book->create_user(Book::root(), {"w", name, {}, false}, book.now)), ErrorCode::bad_input) << name;
  }
  EXPECT_EQ(code_of(book->create_user(Book::root(), {"w", "x", {{Role::duty, ""}}, false}, book.now)),
            ErrorCode::bad_input);
  EXPECT_TRUE(book->create_user(Book::root(), {"w", "<script>alert(1)</script>", {}, false}, book.now));
}

TEST(Users, AreBounded) {
  Book book;
  book.with_chief();
  for (std::size_t i = 1; i < kUsersAtMost; ++i) {
    book.settle(*book->create_user(Book::root(), {"u" + std::to_string(i), "x", {}, false}, book.now));
  }
  EXPECT_EQ(code_of(book->create_user(Book::root(), {"more", "x", {}, false}, book.now)), ErrorCode::refused);
}

// --- nobody hands out more than he administers ---

TEST(Reach, AdministratorOfOneEstateTouchesNoOther) {
  Book book;
  book.with_chief().with_user("south", {{Role::duty, "south"}}).with_user("north", kDuty).with_user("plain", {});
  const Principal by = with(kAdminOfNorth);
  struct Case {
    const char* name;
    Result<AccountChange> outcome;
    bool allowed;
  };
  const auto change = [&](const char* id, std::vector<Grant> grants) {
    auto outcome = book->change_user(by, {id, "x", std::move(grants), false}, book.revision(id), book.now);
    if (outcome) book->abandon(*outcome);
    return outcome;
  };
  const auto create = [&](std::vector<Grant> grants) {
    auto outcome = book->create_user(by, {"new", "x", std::move(grants), false}, book.now);
    if (outcome) book->abandon(*outcome);
    return outcome;
  };
  const auto drop = [&](const char* id) {
    auto outcome = book->drop_user(by, id, book.now);
    if (outcome) book->abandon(*outcome);
    return outcome;
  };
  const Case cases[] = {
      {"make in own estate", create(kDuty), true},
      {"make without a role", create({}), true},
      {"make in another", create({{Role::viewer, "south"}}), false},
      {"make in all", create({{Role::viewer, "*"}}), false},
      {"make an admin of all", create(kEveryAdmin), false},
      {"change in own", change("north", kAdminOfNorth), true},
      {"raise in own to all", change("north", kEveryAdmin), false},
      {"give a stranger a role here", change("south", {{Role::duty, "south"}, {Role::duty, "north"}}), false},
      {"strip in another", change("south", {}), false},
      {"strip the chief", change("chief", {}), false},
      {"drop in own", drop("north"), true},
      {"drop in another", drop("south"), false},
      {"drop the chief", drop("chief"), false},
      {"drop who has no role", drop("plain"), true},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(one.outcome.has_value(), one.allowed) << one.name;
    if (!one.outcome) {
      EXPECT_EQ(one.outcome.error().code, ErrorCode::refused) << one.name;
    }
  }
}

TEST(Reach, ManagerAndDutyAdministerNobody) {
  Book book;
  book.with_chief().with_user("wang", kDuty);
  for (const Role role : {Role::viewer, Role::operator_, Role::duty, Role::installer, Role::manager}) {
    const Principal by = with({{role, "*"}});
    EXPECT_FALSE(book->create_user(by, {"new", "x", {}, false}, book.now)) << label(role);
    EXPECT_FALSE(book->drop_user(by, "wang", book.now)) << label(role);
    EXPECT_FALSE(book->invite(by, InviteKind::password, "wang", "", {}, book.now)) << label(role);
  }
}

// --- somebody stays ---

TEST(LastAdmin, CannotBeDroppedDisabledOrStripped) {
  Book book;
  book.with_chief().with_user("local", kAdminOfNorth).with_user("off", kEveryAdmin);
  book.settle(*book->create_user(Book::root(), {"fresh", "has no password yet", kEveryAdmin, false}, book.now));
  book.settle(*book->change_user(Book::root(), {"off", "x", kEveryAdmin, true}, book.revision("off"), book.now));
  const auto change = [&](std::vector<Grant> grants, bool disabled) {
    return book->change_user(Book::root(), {"chief", "x", std::move(grants), disabled}, book.revision("chief"),
                             book.now);
  };
  EXPECT_EQ(code_of(book->drop_user(Book::root(), "chief", book.now)), ErrorCode::refused);
  EXPECT_EQ(code_of(change(every_grant(), true)), ErrorCode::refused);
  EXPECT_EQ(code_of(change({}, false)), ErrorCode::refused);
  EXPECT_EQ(code_of(change(kAdminOfNorth, false)), ErrorCode::refused);
  EXPECT_TRUE(change(kEveryAdmin, false));
}

TEST(LastAdmin, MayGoWhenThereIsAnother) {
  Book book;
  book.with_chief().with_user("deputy", kEveryAdmin);
  const auto change = book->drop_user(Book::root(), "chief", book.now);
  ASSERT_TRUE(change);
  book.settle(*change);
  EXPECT_EQ(code_of(book->drop_user(Book::root(), "deputy", book.now)), ErrorCode::refused);
}

TEST(LastAdmin, TwoWhoDropEachOtherAtOnceLeaveOne) {
  Book book;
  book.with_chief().with_user("deputy", kEveryAdmin);
  const auto first = book->drop_user(Book::root(), "chief", book.now);
  const auto second = book->drop_user(Book::root(), "deputy", book.now);
  ASSERT_TRUE(first);
  EXPECT_EQ(code_of(second), ErrorCode::overloaded);
  book.settle(*first);
  EXPECT_EQ(code_of(book->drop_user(Book::root(), "deputy", book.now)), ErrorCode::refused);
}

}  // namespace
}  // namespace firegate::accounts
