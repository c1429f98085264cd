// PictureStore: pictures as files of one folder, each under the SHA-256 of its bytes: `<folder>/<hash>`. No name comes
// from outside; what is there already is not written again. A picture is on the disk when `put` returns.
// Writing is for one thread; reading for any.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "core/result.h"

namespace firegate::picture {

class PictureStore {
 public:
  // Makes the folder where it is missing. Errors: io_failed, naming it.
  static Result<PictureStore> open(std::filesystem::path folder);

  Result<std::string> put(std::string_view bytes);  // its hash; io_failed
  // not_found; corrupt: the bytes are not those that were put there.
  Result<std::string> get(std::string_view hash) const;
  // Removes the files that nobody names: of a picture that was replaced, or whose record was not written.
  void keep_only(const std::set<std::string>& hashes) noexcept;

 private:
  explicit PictureStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::filesystem::path folder_;
};

// 64 digits, lower case.
std::string sha256(std::string_view bytes);

}  // namespace firegate::picture
