// Checkpoints: the signed marks of the journal, in a file of their own outside the database (reliability T24). A line
// says which row was the last when it was made, its hash, and from which row on everything is still kept; it bears the
// signature of the line before it, and its own. Whoever has the public key and the newest line can tell whether the
// journal up to that row is the one that was written.
//
// One JSON object a line, always in this form and order, so that the signed bytes are the line itself up to
// `,"signature":` (Ed25519, libsodium; hexadecimal in small letters):
//   {"number":7,"at":"2026-11-22T03:14:15.926Z","seq":1204,"hash":"…64","first":1,"previous":"…128 or
//   empty","signature":"…128"}
//
// Errors: not_found (no such file), io_failed, corrupt (a key file that holds no key). Any thread; the file itself is
// locked (flock) while it is read or added to.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/archive.h"
#include "core/clock.h"
#include "core/result.h"
#include "store/journal_chain.h"

namespace firegate::store {

struct Checkpoint {
  std::uint64_t number = 0;  // from 1
  Instant at{};
  std::uint64_t seq = 0;    // the last row when it was made
  ChainHash hash{};         // of that row
  std::uint64_t first = 0;  // rows from here on are kept; those before may have been removed by age
};

using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

// The key that signs: `journal.key`, readable by its owner only, and `journal.pub` beside it.
class SigningKey {
 public:
  static Result<SigningKey> make(const std::filesystem::path& key_file);  // refused: it is there
  static Result<SigningKey> load(const std::filesystem::path& key_file);
  ~SigningKey();  // wipes it
  SigningKey(SigningKey&& other) noexcept;
  SigningKey& operator=(SigningKey&&) = delete;

  Signature sign(std::string_view text) const;
  PublicKey public_key() const;

 private:
  SigningKey() = default;
  std::array<std::uint8_t, 64> secret_{};
};
Result<PublicKey> load_public_key(const std::filesystem::path& file);
Result<void> save_public_key(const std::filesystem::path& file, const PublicKey& key);

// A line with what binds it to its neighbours.
struct CheckpointLine {
  Checkpoint checkpoint;
  std::string previous;   // signature of the line before; empty: the first
  std::string signature;  // of this one
};
std::string sign_line(const Checkpoint& checkpoint, const std::string& previous,
                      const SigningKey& key);  // without its end
std::optional<CheckpointLine> line_from_text(std::string_view text);
bool is_signed_by(const CheckpointLine& line, const PublicKey& key);

// What a file of checkpoints says. `good`: lines that follow one another, and are signed where a key was given.
struct CheckpointsRead {
  std::vector<Checkpoint> good;
  CheckpointLine last;  // the last that can be read; number 0: none
  bool torn = false;    // what follows the last line end is no line
  std::vector<JournalFinding> findings;
};
// A file that does not exist reads as an empty one. `key` null: signatures are not looked at.
Result<CheckpointsRead> read_checkpoints(const std::filesystem::path& file, const PublicKey* key);

// Adds a line and syncs it. What a crash has left of an unfinished line is cut off first.
Result<void> append_line(const std::filesystem::path& file, const std::string& line);

// Brings the copy of an append-only file up to date and syncs it. corrupt: the copy is longer, or is another file.
Result<void> extend_copy(const std::filesystem::path& file, const std::filesystem::path& copy);

}  // namespace firegate::store
