#include "store/account_records.h"

#include "store/store.h"
#include "store/tables/accounts.h"
#include "store/tables/journal.h"
#include "unit/store/failing_vfs.h"
#include "unit/store/support.h"

namespace firegate::store {
namespace {

using namespace store_test;

UserRecord user(std::string id) {
  UserRecord user;
  user.id = std::move(id);
  user.name = "王芳";
  user.grants = {{Role::duty, "jinxiu"}, {Role::viewer, "*"}, {Role::operator_, "binhe-2"}};
  user.password = "$argon2id$v=19$m=65536,t=2,p=1$c2FsdA$aGFzaA";
  user.pin = "$argon2id$pin";
  user.disabled = true;
  user.created_at = at(1);
  user.changed_at = at(2);
  user.revision = 7;
  return user;
}

SessionRecord session(std::string id) {
  return {
      std::move(id), SessionKind::wall, "wangfang", "门厅大屏", {{Role::viewer, "jinxiu"}}, "192.168.1.7", at(1), at(2),
      at(3)};
}

TokenRecord token(std::string id) {
  return {std::move(id), "grafana", "hash-of-it", "wangfang", {{Role::viewer, "*"}}, at(1), at(2), at(3)};
}

InviteRecord invite(std::string hash) {
  return {std::move(hash),
          InviteKind::phone,
          "wangfang",
          "手机",
          {{Role::installer, "jinxiu"}},
          "user:admin",
          at(1),
          at(2)};
}

JournalEntry line(const char* kind) { return {at(1), kind, AlarmId{}, "wangfang", "", "", "user:admin", "", ""}; }

class Accounts : public ::testing::Test {
 protected:
  void SetUp() override { start(open(dir_.file())); }
  void start(Result<Database> database) {
    ASSERT_TRUE(database) << database.error().message;
    Writer::Settings settings;
    settings.longest_pause = Millis{200};
    writer_ = std::make_unique<Writer>(std::move(*database), settings, clock_, metrics_, faults_, nullptr);
    records_ = std::make_unique<AccountRecords>(*writer_);
  }
  Result<void> save(AccountChange change) {
    Calls calls;
    records_->save(std::move(change), calls.done());
    return calls.wait_for(1).at(0);
  }
  AccountRows rows() {
    auto database = open(dir_.file());
    return *load_accounts(*database);
  }
  std::vector<std::string> journal_kinds() {
    auto database = open(dir_.file());
    std::vector<std::string> kinds;
    const auto rows = journal::rows_after(*database, 0, 100);
    for (const JournalRow& row : *rows) kinds.push_back(row.entry.kind);
    return kinds;
  }

  TempDir dir_;
  FixedClock clock_;
  metrics::Metrics metrics_;
  Faults faults_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<AccountRecords> records_;
};

TEST_F(Accounts, UserComesBackWithEveryField) {
  AccountChange change;
  change.put.users = {user("wangfang")};
  ASSERT_TRUE(save(std::move(change)));
  const auto users = rows().users;
  ASSERT_EQ(users.size(), 1u);
  const UserRecord wanted = user("wangfang");
  EXPECT_EQ(users[0].id, wanted.id);
  EXPECT_EQ(users[0].name, wanted.name);
  EXPECT_EQ(users[0].grants, wanted.grants);
  EXPECT_EQ(users[0].password, wanted.password);
  EXPECT_EQ(users[0].pin, wanted.pin);
  EXPECT_TRUE(users[0].disabled);
  EXPECT_EQ(users[0].created_at, wanted.created_at);
  EXPECT_EQ(users[0].changed_at, wanted.changed_at);
  EXPECT_EQ(users[0].revision, 7u);
}

TEST_F(Accounts, SessionTokenAndInviteComeBackWithEveryField) {
  AccountChange change;
  change.put.sessions = {session("s1")};
  change.put.tokens = {token("t1")};
  change.put.invites = {invite("i1")};
  ASSERT_TRUE(save(std::move(change)));
  const AccountRows all = rows();
  ASSERT_TRUE(all.sessions.size() == 1 && all.tokens.size() == 1 && all.invites.size() == 1);
  const SessionRecord& s = all.sessions[0];
  EXPECT_TRUE(s.id == "s1" && s.kind == SessionKind::wall && s.user == "wangfang" && s.label == "门厅大屏");
  EXPECT_EQ(s.grants, session("").grants);
  EXPECT_EQ(s.address, "192.168.1.7");
  EXPECT_TRUE(s.created_at == at(1) && s.used_at == at(2) && s.ends_at == at(3));
  const TokenRecord& t = all.tokens[0];
  EXPECT_TRUE(t.id == "t1" && t.name == "grafana" && t.hash == "hash-of-it" && t.user == "wangfang");
  EXPECT_EQ(t.grants, token("").grants);
  EXPECT_TRUE(t.created_at == at(1) && t.used_at == at(2) && t.ends_at == at(3));
  const InviteRecord& i = all.invites[0];
  EXPECT_TRUE(i.hash == "i1" && i.kind == InviteKind::phone && i.user == "wangfang" && i.label == "手机");
  EXPECT_EQ(i.grants, invite("").grants);
  EXPECT_EQ(i.made_by, "user:admin");
  EXPECT_TRUE(i.created_at == at(1) && i.ends_at == at(2));
}

TEST_F(Accounts, SessionThatNeverEndsStaysSo) {
  AccountChange change;
  change.put.sessions = {session("s1")};
  change.put.sessions[0].ends_at = kNever;
  ASSERT_TRUE(save(std::move(change)));
  EXPECT_EQ(rows().sessions.at(0).ends_at, kNever);
}

TEST_F(Accounts, PutReplacesAndDropRemoves) {
  AccountChange first;
  first.put.users = {user("a"), user("b")};
  first.put.sessions = {session("s1"), session("s2")};
  first.put.tokens = {token("t1"), token("t2")};
  first.put.invites = {invite("i1"), invite("i2")};
  ASSERT_TRUE(save(std::move(first)));
  AccountChange second;
  second.put.users = {user("a")};
  second.put.users[0].name = "李雷";
  second.drop_users = {"b"};
  second.drop_sessions = {"s1"};
  second.drop_tokens = {"t2"};
  second.drop_invites = {"i1"};
  ASSERT_TRUE(save(std::move(second)));
  const AccountRows all = rows();
  ASSERT_EQ(all.users.size(), 1u);
  EXPECT_EQ(all.users[0].name, "李雷");
  ASSERT_TRUE(all.sessions.size() == 1 && all.tokens.size() == 1 && all.invites.size() == 1);
  EXPECT_TRUE(all.sessions[0].id == "s2" && all.tokens[0].id == "t1" && all.invites[0].hash == "i2");
}

TEST_F(Accounts, ChangeIsWrittenWithItsLinesOfTheJournal) {
  AccountChange change;
  change.put.users = {user("wangfang")};
  change.journal = {line("create_user"), line("invite")};
  ASSERT_TRUE(save(std::move(change)));
  EXPECT_EQ(journal_kinds(), (std::vector<std::string>{"create_user", "invite"}));
}

TEST_F(Accounts, ChangeThatATableRefusesLeavesNothing) {
  // What the change has already put is undone when a later row of it fails.
  {
    auto database = open(dir_.file());
    ASSERT_TRUE(
        database->execute("CREATE TRIGGER no_tokens BEFORE INSERT ON tokens BEGIN SELECT RAISE(ABORT, 'no'); END"));
  }
  AccountChange change;
  change.put.users = {user("wangfang")};
  change.put.tokens = {token("t1")};
  change.journal = {line("create_token")};
  EXPECT_FALSE(save(std::move(change)));
  EXPECT_TRUE(rows().users.empty());
  EXPECT_TRUE(journal_kinds().empty());
}

// A transaction that goes without its commit, as when the process is killed between saving and `done`.
TEST_F(Accounts, KilledBeforeTheCommitLeavesNothing) {
  writer_->stop();
  {
    auto database = open(dir_.file());
    auto transaction = Transaction::begin(*database);
    AccountRows put;
    put.users = {user("wangfang")};
    ASSERT_TRUE(accounts::save(*database, put));
    ASSERT_TRUE(journal::append(*database, line("create_user")));
  }
  EXPECT_TRUE(rows().users.empty());
  EXPECT_TRUE(journal_kinds().empty());
}

TEST_F(Accounts, StoppedWriterRefusesOnce) {
  writer_->stop();
  AccountChange change;
  change.drop_users = {"a"};
  EXPECT_EQ(save(std::move(change)).error().code, ErrorCode::refused);
}

class AccountsOnAFailingDisk : public Accounts {
 protected:
  void TearDown() override { writer_.reset(); }  // before its disk goes
  FailingVfs disk_;
};

TEST_F(AccountsOnAFailingDisk, ChangeThatFailedIsToldOnceAndGivenUp) {
  Calls first, failed, later;
  AccountChange change;
  change.put.users = {user("a")};
  records_->save(std::move(change), first.done());
  ASSERT_TRUE(first.wait_for(1).at(0));
  disk_.fail(FailingVfs::Call::write, SQLITE_IOERR_WRITE);
  AccountChange lost;
  lost.put.users = {user("b")};
  lost.journal = {line("create_user")};
  records_->save(std::move(lost), failed.done());
  ASSERT_FALSE(failed.wait_for(1).at(0));
  disk_.recover();
  AccountChange next;
  next.put.users = {user("c")};
  records_->save(std::move(next), later.done());
  later.wait_for(1);
  writer_->stop();
  EXPECT_EQ(failed.wait_for(1).size(), 1u);
  const auto users = rows().users;
  ASSERT_EQ(users.size(), later.wait_for(1).at(0) ? 2u : 1u);
  for (const UserRecord& there : users) EXPECT_NE(there.id, "b");
  EXPECT_TRUE(journal_kinds().empty());
}

TEST(Grants, TextIsReadBack) {
  for (const std::vector<Grant>& grants :
       {std::vector<Grant>{}, {{Role::admin, "*"}}, {{Role::duty, "jinxiu"}, {Role::installer, "b_2"}}}) {
    EXPECT_EQ(accounts::grants_from_text(accounts::grants_to_text(grants)), grants);
  }
}

TEST(Grants, TextThatNobodyWroteIsNotReadAsLess) {
  for (const char* text : {"owner@*", "admin", "admin@", "@jinxiu", "viewer@*,owner@jinxiu", ","}) {
    EXPECT_FALSE(accounts::grants_from_text(text)) << text;
  }
}

TEST_F(Accounts, RowsThatCannotBeUnderstoodGiveNothing) {
  AccountChange change;
  change.put.users = {user("wangfang")};
  change.put.sessions = {session("s1"), session("s2")};
  change.put.tokens = {token("t1")};
  ASSERT_TRUE(save(std::move(change)));
  auto database = open(dir_.file());
  ASSERT_TRUE(
      database->execute("UPDATE users SET grants = 'owner@*'; UPDATE sessions SET kind = 'tablet' WHERE id = 's1'; "
                        "UPDATE sessions SET grants = 'owner@*' WHERE id = 's2'; UPDATE tokens SET grants = 'x'"));
  const AccountRows all = rows();
  ASSERT_EQ(all.users.size(), 1u);
  EXPECT_TRUE(all.users[0].grants.empty());
  EXPECT_TRUE(all.sessions.empty());
  EXPECT_TRUE(all.tokens.empty());
}

}  // namespace
}  // namespace firegate::store
