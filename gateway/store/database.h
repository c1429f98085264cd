// Database: one SQLite connection, its prepared statements and transactions. The only files that know sqlite3.h are
// database.cpp and store.cpp. One thread at a time; every failure is a Result.
// Codes: corrupt (the file is damaged or is not a store), timed_out (another process holds the lock for longer than
// kBusyTimeout), bad_input (a value that a table refuses), io_failed (everything else the disk or the library refuses).
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/labels.h"
#include "core/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace firegate::store {

constexpr Millis kBusyTimeout{2000};  // reliability F10

// Bytes that may be no text, as a value of a query.
struct Bytes {
  std::string_view view;
};

// One run of a prepared statement: bind in order, then `run`, or `next` and the columns in order. Resets when it goes.
// An error of preparing or binding is kept and comes out of `run` or `next`.
class Query {
 public:
  Query(class Database& database, sqlite3_stmt* statement, std::optional<Error> error) noexcept;
  ~Query();
  Query(Query&& other) noexcept;
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  Query& operator=(Query&&) = delete;

  template <typename... Values>
  Query& bind(const Values&... values) {
    (put(values), ...);
    return *this;
  }

  Result<void> run();   // to the end; rows are passed over
  Result<bool> next();  // true: there is a row

  // The next column of the row. What is null reads as zero, empty or none.
  std::int64_t integer() noexcept;
  std::uint64_t number() noexcept { return static_cast<std::uint64_t>(integer()); }
  std::string text();
  std::string bytes();
  Instant instant() noexcept { return Instant{Millis{integer()}}; }
  std::optional<Instant> maybe_instant() noexcept;
  std::optional<double> maybe_real() noexcept;
  bool is_null() const noexcept;  // the next column; does not pass it

 private:
  void put(std::int64_t value) noexcept;
  void put(std::uint64_t value) noexcept { put(static_cast<std::int64_t>(value)); }
  void put(std::uint32_t value) noexcept { put(static_cast<std::int64_t>(value)); }
  void put(std::uint8_t value) noexcept { put(static_cast<std::int64_t>(value)); }
  void put(int value) noexcept { put(static_cast<std::int64_t>(value)); }
  void put(std::int16_t value) noexcept { put(static_cast<std::int64_t>(value)); }
  void put(double value) noexcept;
  void put(bool value) noexcept { put(static_cast<std::int64_t>(value)); }
  void put(std::string_view value) noexcept;
  void put(Bytes value) noexcept;
  void put(const std::string& value) noexcept { put(std::string_view(value)); }
  void put(const char* value) noexcept { put(std::string_view(value)); }
  void put(Instant value) noexcept { put(static_cast<std::int64_t>(value.time_since_epoch().count())); }
  void put(std::nullopt_t) noexcept { ++bound_; }  // unbound is null
  template <typename T>
  void put(const std::optional<T>& value) noexcept {
    if (value) put(*value);
    else put(std::nullopt);
  }
  Result<int> step();

  Database* database_;
  sqlite3_stmt* statement_;  // owned by the database; null when preparing failed
  std::optional<Error> error_;
  int bound_ = 0;
  int column_ = 0;
};

class Database {
 public:
  enum class Mode : std::uint8_t { read_write, read_only };

  // Read-write: creates the file when it is missing, WAL, synchronous FULL (a commit is on the disk when it returns).
  static Result<Database> open(const std::filesystem::path& path, Mode mode);
  ~Database();
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;

  // A prepared statement, kept for the next time. `sql` comes from our code, never from input.
  Query query(std::string_view sql);
  // Several statements without values: schema and pragmas.
  Result<void> execute(const std::string& sql);
  Result<std::int64_t> read_integer(std::string_view sql);
  std::int64_t changed_rows() const noexcept;  // by the last insert, update or delete

  const std::filesystem::path& path() const noexcept { return path_; }
  sqlite3* handle() const noexcept { return handle_.get(); }
  Error last_error(std::string_view doing) const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const noexcept;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  using StatementPtr = std::unique_ptr<sqlite3_stmt, Finalize>;
  // Found by the view of a statement's text: no copy of it is made for the search, which comes twice with each row.
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };

  Database(std::filesystem::path path, sqlite3* handle) noexcept;
  Result<void> prepare_connection(Mode mode);

  std::filesystem::path path_;
  std::unique_ptr<sqlite3, Close> handle_;
  boost::unordered_flat_map<std::string, StatementPtr, TextHash, std::equal_to<>> statements_;  // destroyed before the handle
};

// BEGIN IMMEDIATE ... COMMIT; rolls back when it goes without a commit.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  ~Transaction();
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;

  Database& database() noexcept { return *database_; }
  Result<void> commit();

 private:
  explicit Transaction(Database& database) noexcept : database_(&database) {}
  Database* database_;  // null: ended
};

// Labels are stored as words, so that a row says the same whatever the order of an enum. A word that no version of ours
// has written reads as the first value.
template <typename Enum>
Enum enum_from_stored(std::string_view word) noexcept {
  return from_label<Enum>(word).value_or(Enum{});
}

}  // namespace firegate::store
