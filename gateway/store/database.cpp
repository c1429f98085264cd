#include "store/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

namespace firegate::store {
namespace {

ErrorCode code_of(int status) noexcept {
  switch (status & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorCode::corrupt;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ErrorCode::timed_out;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG: return ErrorCode::bad_input;
    default: return ErrorCode::io_failed;
  }
}

}  // namespace

Query::Query(Database& database, sqlite3_stmt* statement, std::optional<Error> error) noexcept
    : database_(&database), statement_(statement), error_(std::move(error)) {}

Query::Query(Query&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      error_(std::move(other.error_)),
      bound_(other.bound_),
      column_(other.column_) {}

Query::~Query() {
  if (!statement_) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Query::put(std::int64_t value) noexcept {
  if (statement_ && sqlite3_bind_int64(statement_, ++bound_, value) != SQLITE_OK) {
    error_ = database_->last_error("binding a number");
  }
}

void Query::put(double value) noexcept {
  if (statement_ && sqlite3_bind_double(statement_, ++bound_, value) != SQLITE_OK) {
    error_ = database_->last_error("binding a number");
  }
}

void Query::put(std::string_view value) noexcept {
  const char* data = value.data() ? value.data() : "";
  if (statement_ &&
      sqlite3_bind_text64(statement_, ++bound_, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8) != SQLITE_OK) {
    error_ = database_->last_error("binding a text");
  }
}

void Query::put(Bytes value) noexcept {
  const char* data = value.view.data() ? value.view.data() : "";
  if (statement_ &&
      sqlite3_bind_blob64(statement_, ++bound_, data, value.view.size(), SQLITE_TRANSIENT) != SQLITE_OK) {
    error_ = database_->last_error("binding bytes");
  }
}

Result<int> Query::step() {
  if (error_) return tl::unexpected(*error_);
  const int status = sqlite3_step(statement_);
  if (status == SQLITE_ROW || status == SQLITE_DONE) return status;
  error_ = database_->last_error(sqlite3_sql(statement_));
  return tl::unexpected(*error_);
}

Result<void> Query::run() {
  for (;;) {
    const auto status = step();
    if (!status) return tl::unexpected(status.error());
    if (*status == SQLITE_DONE) return {};
  }
}

Result<bool> Query::next() {
  column_ = 0;
  const auto status = step();
  if (!status) return tl::unexpected(status.error());
  return *status == SQLITE_ROW;
}

std::int64_t Query::integer() noexcept { return sqlite3_column_int64(statement_, column_++); }

std::string Query::text() {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column_));
  const int size = sqlite3_column_bytes(statement_, column_++);
  return data ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string Query::bytes() {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column_));
  const int size = sqlite3_column_bytes(statement_, column_++);
  return data ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

bool Query::is_null() const noexcept { return sqlite3_column_type(statement_, column_) == SQLITE_NULL; }

std::optional<Instant> Query::maybe_instant() noexcept {
  if (!is_null()) return instant();
  ++column_;
  return std::nullopt;
}

std::optional<double> Query::maybe_real() noexcept {
  const bool null = is_null();
  const double value = statement_ && !null ? sqlite3_column_double(statement_, column_) : 0;
  ++column_;
  return null ? std::nullopt : std::optional(value);
}

void Database::Close::operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
void Database::Finalize::operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }

Database::Database(std::filesystem::path path, sqlite3* handle) noexcept : path_(std::move(path)), handle_(handle) {}
Database::~Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&& other) noexcept {
  statements_ = std::move(other.statements_);  // finalised before their connection closes
  handle_ = std::move(other.handle_);
  path_ = std::move(other.path_);
  return *this;
}

Result<Database> Database::open(const std::filesystem::path& path, Mode mode) {
  // SQLite's own memory statistics take a lock of the whole process for each allocation; nobody reads them. It can be
  // said before the first connection only.
  [[maybe_unused]] static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (mode == Mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  sqlite3* handle = nullptr;
  const int status = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  Database database(path, handle);
  if (status != SQLITE_OK) return tl::unexpected(database.last_error("opening"));
  if (auto prepared = database.prepare_connection(mode); !prepared) return tl::unexpected(prepared.error());
  return database;
}

// The checkpoint at 4,000 pages (16 MB) instead of 1,000: a page that many commits touch is copied home once (our
// choice).
Result<void> Database::prepare_connection(Mode mode) {
  sqlite3_busy_timeout(handle(), static_cast<int>(kBusyTimeout.count()));
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  if (mode == Mode::read_only) return execute("PRAGMA query_only = ON; PRAGMA cache_size = -4000;");
  return execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;"
      "PRAGMA cache_size = -8000; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;");
}

Query Database::query(std::string_view sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) {
    return Query(*this, found->second.get(), std::nullopt);
  }
  sqlite3_stmt* statement = nullptr;
  const int status = sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                        &statement, nullptr);
  if (status != SQLITE_OK) return Query(*this, nullptr, last_error(sql));
  statements_.emplace(std::string(sql), StatementPtr(statement));
  return Query(*this, statement, std::nullopt);
}

Result<void> Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return tl::unexpected(last_error(std::string_view(sql).substr(0, 60)));
}

Result<std::int64_t> Database::read_integer(std::string_view sql) {
  auto rows = query(sql);
  const auto row = rows.next();
  if (!row) return tl::unexpected(row.error());
  return *row ? rows.integer() : 0;
}

std::int64_t Database::changed_rows() const noexcept { return sqlite3_changes64(handle()); }

Error Database::last_error(std::string_view doing) const {
  const int status = handle() ? sqlite3_extended_errcode(handle()) : SQLITE_NOMEM;
  return {code_of(status), fmt::format("store {}: {}: found {} ({})", path_.string(), doing,
                                       handle() ? sqlite3_errmsg(handle()) : "out of memory", status)};
}

Result<Transaction> Transaction::begin(Database& database) {
  if (auto begun = database.query("BEGIN IMMEDIATE").run(); !begun) return tl::unexpected(begun.error());
  return Transaction(database);
}

Transaction::~Transaction() {
  // After some failures SQLite has rolled back by itself; then there is nothing left to do.
  if (database_ && !sqlite3_get_autocommit(database_->handle())) {
    sqlite3_exec(database_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

Result<void> Transaction::commit() {
  auto committed = database_->query("COMMIT").run();
  if (committed) database_ = nullptr;
  return committed;
}

}  // namespace firegate::store
