#include "store/checkpoints.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

namespace firegate::store {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPiece = 64 * 1024;
constexpr std::string_view kSigned = ",\"signature\":\"";

tl::unexpected<Error> io_error(std::string_view doing, const fs::path& file) {
  const int number = errno;
  const ErrorCode code = number == ENOENT   ? ErrorCode::not_found
                         : number == EEXIST ? ErrorCode::refused
                                            : ErrorCode::io_failed;
  return fail(code, fmt::format("{} {}: found {}", doing, file.string(), std::strerror(number)));
}

class File {
 public:
  static Result<File> open(const fs::path& path, int flags, mode_t mode = 0644) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    if (descriptor < 0) return io_error("opening", path);
    return File(path, descriptor);
  }
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(File&& other) noexcept : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&&) = delete;

  Result<void> lock(int how) {
    while (::flock(descriptor_, how) != 0) {
      if (errno != EINTR) return io_error("locking", path_);
    }
    return {};
  }
  Result<std::uint64_t> size() const {
    const off_t end = ::lseek(descriptor_, 0, SEEK_END);
    if (end < 0) return io_error("measuring", path_);
    return static_cast<std::uint64_t>(end);
  }
  // Shorter only at the end of the file.
  Result<std::string> read(std::uint64_t from, std::size_t size) const {
    std::string bytes(size, '\0');
    std::size_t got = 0;
    while (got < size) {
      const ssize_t read = ::pread(descriptor_, bytes.data() + got, size - got, static_cast<off_t>(from + got));
      if (read < 0 && errno == EINTR) continue;
      if (read < 0) return io_error("reading", path_);
      if (read == 0) break;
      got += static_cast<std::size_t>(read);
    }
    bytes.resize(got);
    return bytes;
  }
  Result<void> write(std::string_view bytes, std::uint64_t at) {
    while (!bytes.empty()) {
      const ssize_t written = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(at));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return io_error("writing", path_);
      bytes.remove_prefix(static_cast<std::size_t>(written));
      at += static_cast<std::uint64_t>(written);
    }
    return {};
  }
  Result<void> cut(std::uint64_t size) {
    if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) return io_error("cutting", path_);
    return {};
  }
  Result<void> sync() {
    if (::fsync(descriptor_) != 0) return io_error("syncing", path_);
    return {};
  }

 private:
  File(fs::path path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  fs::path path_;
  int descriptor_;
};

// A new name in a folder is on the disk once the folder is.
Result<void> sync_folder(const fs::path& file) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  return File::open(folder, O_RDONLY | O_DIRECTORY).and_then([](File&& opened) { return opened.sync(); });
}

Result<void> save_new(const fs::path& path, const std::string& text, mode_t mode) {
  auto file = File::open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
  if (!file) return tl::unexpected(file.error());
  return file->write(text, 0).and_then([&] { return file->sync(); }).and_then([&] { return sync_folder(path); });
}

// The bytes of a key file: so many, in hexadecimal, and a line end.
Result<void> load_bytes(const fs::path& path, std::uint8_t* bytes, std::size_t size) {
  auto file = File::open(path, O_RDONLY);
  if (!file) return tl::unexpected(file.error());
  auto text = file->read(0, 2 * size + 2);
  if (!text) return tl::unexpected(text.error());
  while (!text->empty() && text->back() == '\n') text->pop_back();
  const bool read = read_hex(*text, bytes, size);
  sodium_memzero(text->data(), text->size());
  if (read) return {};
  return fail(ErrorCode::corrupt, fmt::format("reading key {}: expected {} hexadecimal digits, found something else",
                                              path.string(), 2 * size));
}

std::string unsigned_text(const Checkpoint& point, std::string_view previous) {
  return fmt::format(R"({{"number":{},"at":"{}","seq":{},"hash":"{}","first":{},"previous":"{}")", point.number,
                     to_text(point.at), point.seq, to_hex(point.hash), point.first, previous);
}

// Reads a line piece by piece; anything unexpected makes the rest fail.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : rest_(text) {}

  LineReader& expect(std::string_view text) {
    ok_ = ok_ && rest_.starts_with(text);
    if (ok_) rest_.remove_prefix(text.size());
    return *this;
  }
  LineReader& number(std::uint64_t& value) {
    const auto read = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    ok_ = ok_ && read.ec == std::errc{};
    if (ok_) rest_.remove_prefix(static_cast<std::size_t>(read.ptr - rest_.data()));
    return *this;
  }
  LineReader& quoted(std::string_view& value) {
    expect("\"");
    const std::size_t end = rest_.find('"');
    ok_ = ok_ && end != std::string_view::npos;
    if (!ok_) return *this;
    value = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return *this;
  }
  bool finished() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

// Takes the lines of a file one after the other.
class Reading {
 public:
  explicit Reading(const PublicKey* key) : key_(key) {}

  void take(std::string_view text) {
    ++line_;
    auto line = line_from_text(text);
    if (!line) return report(JournalFault::checkpoints_damaged, 0, fmt::format("line {} is no checkpoint", line_));
    const Checkpoint& point = line->checkpoint;
    const bool is_signed = !key_ || is_signed_by(*line, *key_);
    if (!is_signed) {
      report(JournalFault::bad_signature, point.number,
             fmt::format("checkpoint {} (line {}) was not signed by this key", point.number, line_));
    }
    const CheckpointLine& before = read_.last;
    if (point.number != before.checkpoint.number + 1 || line->previous != before.signature) {
      report(JournalFault::checkpoints_damaged, point.number,
             fmt::format("checkpoint {} (line {}) does not follow checkpoint {}", point.number, line_,
                         before.checkpoint.number));
    }
    if (is_signed) read_.good.push_back(point);
    read_.last = std::move(*line);
  }
  void take_rest(std::string_view text) {
    if (text.empty()) return;
    read_.torn = true;
    report(JournalFault::checkpoints_damaged, 0, fmt::format("line {} is cut short", line_ + 1));
  }
  CheckpointsRead finish() { return std::move(read_); }

 private:
  void report(JournalFault fault, std::uint64_t number, std::string text) {
    read_.findings.push_back({fault, 0, 0, number, std::move(text)});
  }

  const PublicKey* key_;
  std::uint64_t line_ = 0;
  CheckpointsRead read_;
};

}  // namespace

// ---- keys ----

Result<SigningKey> SigningKey::make(const fs::path& key_file) {
  if (sodium_init() < 0) return fail(ErrorCode::unsupported, "making a key: libsodium does not start");
  SigningKey key;
  std::array<std::uint8_t, 32> public_half;
  crypto_sign_keypair(public_half.data(), key.secret_.data());
  std::string text = to_hex({reinterpret_cast<const char*>(key.secret_.data()), key.secret_.size()}) + "\n";
  auto saved = save_new(key_file, text, 0600);
  sodium_memzero(text.data(), text.size());
  if (!saved) return tl::unexpected(saved.error());
  return key;
}

Result<SigningKey> SigningKey::load(const fs::path& key_file) {
  if (sodium_init() < 0) return fail(ErrorCode::unsupported, "loading a key: libsodium does not start");
  SigningKey key;
  if (auto read = load_bytes(key_file, key.secret_.data(), key.secret_.size()); !read)
    return tl::unexpected(read.error());
  return key;
}

SigningKey::~SigningKey() { sodium_memzero(secret_.data(), secret_.size()); }
SigningKey::SigningKey(SigningKey&& other) noexcept : secret_(other.secret_) {}

Signature SigningKey::sign(std::string_view text) const {
  Signature signature;
  crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                       secret_.data());
  return signature;
}

PublicKey SigningKey::public_key() const {
  PublicKey key;
  crypto_sign_ed25519_sk_to_pk(key.data(), secret_.data());
  return key;
}

Result<PublicKey> load_public_key(const fs::path& file) {
  PublicKey key;
  if (auto read = load_bytes(file, key.data(), key.size()); !read) return tl::unexpected(read.error());
  return key;
}

Result<void> save_public_key(const fs::path& file, const PublicKey& key) {
  return save_new(file, to_hex({reinterpret_cast<const char*>(key.data()), key.size()}) + "\n", 0644);
}

// ---- lines ----

std::string sign_line(const Checkpoint& checkpoint, const std::string& previous, const SigningKey& key) {
  std::string text = unsigned_text(checkpoint, previous);
  const Signature signature = key.sign(text);
  text += kSigned;
  text += to_hex({reinterpret_cast<const char*>(signature.data()), signature.size()});
  return text += "\"}";
}

std::optional<CheckpointLine> line_from_text(std::string_view text) {
  CheckpointLine line;
  Checkpoint& point = line.checkpoint;
  std::string_view at, hash, previous, signature;
  LineReader reader(text);
  reader.expect("{\"number\":")
      .number(point.number)
      .expect(",\"at\":")
      .quoted(at)
      .expect(",\"seq\":")
      .number(point.seq);
  reader.expect(",\"hash\":").quoted(hash).expect(",\"first\":").number(point.first).expect(",\"previous\":");
  reader.quoted(previous).expect(",\"signature\":").quoted(signature).expect("}");
  if (!reader.finished()) return std::nullopt;
  const auto instant = instant_from_text(at);
  const auto hash_bytes = chain_hash_from_hex(hash);
  Signature bytes;
  const bool previous_ok = previous.empty() || read_hex(previous, bytes.data(), bytes.size());
  if (!instant || !hash_bytes || !previous_ok || !read_hex(signature, bytes.data(), bytes.size())) return std::nullopt;
  point.at = *instant;
  point.hash = *hash_bytes;
  line.previous = previous;
  line.signature = signature;
  // One form only: what is signed is then what stands there.
  const std::string canonical = unsigned_text(point, previous);
  return text.starts_with(canonical + std::string(kSigned)) ? std::optional(std::move(line)) : std::nullopt;
}

bool is_signed_by(const CheckpointLine& line, const PublicKey& key) {
  [[maybe_unused]] static const int ready = sodium_init();
  Signature signature;
  if (!read_hex(line.signature, signature.data(), signature.size())) return false;
  const std::string text = unsigned_text(line.checkpoint, line.previous);
  return crypto_sign_verify_detached(signature.data(), reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                                     key.data()) == 0;
}

// ---- the file ----

Result<CheckpointsRead> read_checkpoints(const fs::path& path, const PublicKey* key) {
  auto file = File::open(path, O_RDONLY);
  if (!file && file.error().code == ErrorCode::not_found) return CheckpointsRead{};
  if (!file) return tl::unexpected(file.error());
  if (auto locked = file->lock(LOCK_SH); !locked) return tl::unexpected(locked.error());
  const auto size = file->size();
  if (!size) return tl::unexpected(size.error());
  if (auto unlocked = file->lock(LOCK_UN); !unlocked) return tl::unexpected(unlocked.error());
  // Only ever added to: what was there at that moment stays.
  Reading reading(key);
  std::string rest;
  for (std::uint64_t at = 0; at < *size;) {
    const auto piece = file->read(at, static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, *size - at)));
    if (!piece) return tl::unexpected(piece.error());
    if (piece->empty()) break;
    at += piece->size();
    rest += *piece;
    std::size_t start = 0;
    for (std::size_t end = rest.find('\n'); end != std::string::npos; end = rest.find('\n', start)) {
      reading.take(std::string_view(rest).substr(start, end - start));
      start = end + 1;
    }
    rest.erase(0, start);
  }
  reading.take_rest(rest);
  return reading.finish();
}

namespace {

// Where the last finished line ends.
Result<std::uint64_t> end_of_lines(const File& file) {
  const auto size = file.size();
  if (!size) return size;
  for (std::uint64_t end = *size; end > 0;) {
    const std::uint64_t start = end > kPiece ? end - kPiece : 0;
    const auto piece = file.read(start, static_cast<std::size_t>(end - start));
    if (!piece) return tl::unexpected(piece.error());
    if (const std::size_t found = piece->rfind('\n'); found != std::string::npos) return start + found + 1;
    end = start;
  }
  return std::uint64_t{0};
}

Result<void> append_locked(File& file, const std::string& line) {
  const auto end = end_of_lines(file);
  if (!end) return tl::unexpected(end.error());
  return file.cut(*end).and_then([&] { return file.write(line + "\n", *end); }).and_then([&] { return file.sync(); });
}

}  // namespace

Result<void> append_line(const fs::path& path, const std::string& line) {
  std::error_code ignored;
  const bool is_new = !fs::exists(path, ignored);
  auto file = File::open(path, O_RDWR | O_CREAT);
  if (!file) return tl::unexpected(file.error());
  if (auto locked = file->lock(LOCK_EX); !locked) return locked;
  if (auto appended = append_locked(*file, line); !appended) return appended;
  return is_new ? sync_folder(path) : Result<void>{};
}

Result<void> extend_copy(const fs::path& path, const fs::path& copy_path) {
  auto file = File::open(path, O_RDONLY);
  if (!file) return tl::unexpected(file.error());
  auto copy = File::open(copy_path, O_RDWR | O_CREAT);
  if (!copy) return tl::unexpected(copy.error());
  const auto size = file->size();
  const auto copied = copy->size();
  if (!size) return tl::unexpected(size.error());
  if (!copied) return tl::unexpected(copied.error());
  if (*copied > *size) {
    return fail(
        ErrorCode::corrupt,
        fmt::format("copying {} to {}: found {} bytes there, expected at most {}: what is here was cut or replaced",
                    path.string(), copy_path.string(), *copied, *size));
  }
  // The end of what they share: any line before it is bound to it by its signature.
  const std::uint64_t from = *copied > kPiece ? *copied - kPiece : 0;
  const auto here = file->read(from, static_cast<std::size_t>(*copied - from));
  const auto there = copy->read(from, static_cast<std::size_t>(*copied - from));
  if (!here) return tl::unexpected(here.error());
  if (!there) return tl::unexpected(there.error());
  if (*here != *there) {
    return fail(ErrorCode::corrupt, fmt::format("copying {} to {}: found another file there: one of them was changed",
                                                path.string(), copy_path.string()));
  }
  for (std::uint64_t at = *copied; at < *size;) {
    const auto piece = file->read(at, static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, *size - at)));
    if (!piece) return tl::unexpected(piece.error());
    if (auto written = copy->write(*piece, at); !written) return written;
    at += piece->size();
    if (piece->empty()) break;
  }
  return copy->sync();
}

}  // namespace firegate::store
