#include "store/tables/accounts.h"

namespace firegate::store::accounts {
namespace {

Result<void> save(Database& database, const UserRecord& user) {
  return database
      .query(
          "INSERT OR REPLACE INTO users (id, name, grants, password, pin, disabled, created_at, changed_at, revision) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(user.id, user.name, grants_to_text(user.grants), user.password, user.pin, user.disabled, user.created_at,
            user.changed_at, user.revision)
      .run();
}

Result<void> save(Database& database, const SessionRecord& session) {
  return database
      .query(
          "INSERT OR REPLACE INTO sessions (id, kind, user, label, grants, address, created_at, used_at, ends_at) "
          "VALUES "
          "(?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(session.id, label(session.kind), session.user, session.label, grants_to_text(session.grants),
            session.address, session.created_at, session.used_at, session.ends_at)
      .run();
}

Result<void> save(Database& database, const TokenRecord& token) {
  return database
      .query(
          "INSERT OR REPLACE INTO tokens (id, name, hash, user, grants, created_at, used_at, ends_at) VALUES (?, ?, ?, "
          "?, "
          "?, ?, ?, ?)")
      .bind(token.id, token.name, token.hash, token.user, grants_to_text(token.grants), token.created_at, token.used_at,
            token.ends_at)
      .run();
}

Result<void> save(Database& database, const InviteRecord& invite) {
  return database
      .query(
          "INSERT OR REPLACE INTO invites (hash, kind, user, label, grants, made_by, created_at, ends_at) VALUES (?, "
          "?, "
          "?, ?, ?, ?, ?, ?)")
      .bind(invite.hash, label(invite.kind), invite.user, invite.label, grants_to_text(invite.grants), invite.made_by,
            invite.created_at, invite.ends_at)
      .run();
}

template <typename Rows>
Result<void> save_all(Database& database, const Rows& rows) {
  for (const auto& row : rows) {
    if (auto saved = save(database, row); !saved) return saved;
  }
  return {};
}

// `sql` removes one row by its key.
Result<void> drop_all(Database& database, std::string_view sql, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    if (auto dropped = database.query(sql).bind(key).run(); !dropped) return dropped;
  }
  return {};
}

// `read` answers none for a row that cannot be understood.
template <typename Row, typename Read>
Result<void> load_all(Database& database, std::string_view sql, std::vector<Row>& rows, Read read) {
  auto query = database.query(sql);
  for (;;) {
    const auto next = query.next();
    if (!next) return tl::unexpected(next.error());
    if (!*next) return {};
    if (std::optional<Row> row = read(query)) rows.push_back(std::move(*row));
  }
}

std::optional<UserRecord> read_user(Query& query) {
  UserRecord user;
  user.id = query.text();
  user.name = query.text();
  user.grants = grants_from_text(query.text()).value_or(std::vector<Grant>{});
  user.password = query.text();
  user.pin = query.text();
  user.disabled = query.integer() != 0;
  user.created_at = query.instant();
  user.changed_at = query.instant();
  user.revision = static_cast<std::uint32_t>(query.integer());
  return user;
}

std::optional<SessionRecord> read_session(Query& query) {
  SessionRecord session;
  session.id = query.text();
  const auto kind = from_label<SessionKind>(query.text());
  session.user = query.text();
  session.label = query.text();
  auto grants = grants_from_text(query.text());
  session.address = query.text();
  session.created_at = query.instant();
  session.used_at = query.instant();
  session.ends_at = query.instant();
  if (!kind || !grants) return std::nullopt;
  session.kind = *kind;
  session.grants = std::move(*grants);
  return session;
}

std::optional<TokenRecord> read_token(Query& query) {
  TokenRecord token;
  token.id = query.text();
  token.name = query.text();
  token.hash = query.text();
  token.user = query.text();
  auto grants = grants_from_text(query.text());
  token.created_at = query.instant();
  token.used_at = query.instant();
  token.ends_at = query.instant();
  if (!grants) return std::nullopt;
  token.grants = std::move(*grants);
  return token;
}

std::optional<InviteRecord> read_invite(Query& query) {
  InviteRecord invite;
  invite.hash = query.text();
  const auto kind = from_label<InviteKind>(query.text());
  invite.user = query.text();
  invite.label = query.text();
  auto grants = grants_from_text(query.text());
  invite.made_by = query.text();
  invite.created_at = query.instant();
  invite.ends_at = query.instant();
  if (!kind || !grants) return std::nullopt;
  invite.kind = *kind;
  invite.grants = std::move(*grants);
  return invite;
}

}  // namespace

std::string grants_to_text(const std::vector<Grant>& grants) {
  std::string text;
  for (const Grant& grant : grants) {
    if (!text.empty()) text += ',';
    text.append(label(grant.role)).append("@").append(grant.estate);
  }
  return text;
}

std::optional<std::vector<Grant>> grants_from_text(std::string_view text) {
  std::vector<Grant> grants;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view one = text.substr(0, end);
    const std::size_t at = one.find('@');
    if (at == std::string_view::npos || at + 1 == one.size()) return std::nullopt;
    const auto role = from_label<Role>(one.substr(0, at));
    if (!role) return std::nullopt;
    grants.push_back({*role, std::string(one.substr(at + 1))});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return grants;
}

Result<void> save(Database& database, const AccountRows& put) {
  return save_all(database, put.users)
      .and_then([&] { return save_all(database, put.sessions); })
      .and_then([&] { return save_all(database, put.tokens); })
      .and_then([&] { return save_all(database, put.invites); });
}

Result<void> drop(Database& database, const AccountChange& change) {
  return drop_all(database, "DELETE FROM users WHERE id = ?", change.drop_users)
      .and_then([&] { return drop_all(database, "DELETE FROM sessions WHERE id = ?", change.drop_sessions); })
      .and_then([&] { return drop_all(database, "DELETE FROM tokens WHERE id = ?", change.drop_tokens); })
      .and_then([&] { return drop_all(database, "DELETE FROM invites WHERE hash = ?", change.drop_invites); });
}

Result<AccountRows> load(Database& database) {
  AccountRows rows;
  auto loaded =
      load_all(
          database,
          "SELECT id, name, grants, password, pin, disabled, created_at, changed_at, revision FROM users ORDER BY id",
          rows.users, read_user)
          .and_then([&] {
            return load_all(database,
                            "SELECT id, kind, user, label, grants, address, created_at, used_at, ends_at FROM sessions "
                            "ORDER BY id",
                            rows.sessions, read_session);
          })
          .and_then([&] {
            return load_all(database,
                            "SELECT id, name, hash, user, grants, created_at, used_at, ends_at FROM tokens ORDER BY id",
                            rows.tokens, read_token);
          })
          .and_then([&] {
            return load_all(
                database,
                "SELECT hash, kind, user, label, grants, made_by, created_at, ends_at FROM invites ORDER BY hash",
                rows.invites, read_invite);
          });
  if (!loaded) return tl::unexpected(loaded.error());
  return rows;
}

}  // namespace firegate::store::accounts
