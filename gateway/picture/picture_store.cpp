#include "picture/picture_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace firegate::picture {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHashDigits = 2 * crypto_hash_sha256_BYTES;
constexpr std::string_view kNew = "new";  // a file that is being written

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const noexcept { return descriptor_; }
  explicit operator bool() const noexcept { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

bool is_hash(std::string_view text) noexcept {
  return text.size() == kHashDigits &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

tl::unexpected<Error> failed(std::string_view doing, const fs::path& path) {
  return fail(ErrorCode::io_failed, fmt::format("{} {}: {}", doing, path.string(), std::strerror(errno)));
}

bool write_whole(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(descriptor, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

bool sync_folder(const fs::path& folder) {
  const File opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return opened && ::fsync(opened.get()) == 0;
}

}  // namespace

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  ::crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return fmt::format("{:02x}", fmt::join(hash, ""));
}

Result<PictureStore> PictureStore::open(fs::path folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) {
    return fail(ErrorCode::io_failed, fmt::format("creating {}: {}", folder.string(), failure.message()));
  }
  return PictureStore(std::move(folder));
}

Result<std::string> PictureStore::put(std::string_view bytes) {
  std::string hash = sha256(bytes);
  if (get(hash)) return hash;
  const fs::path fresh = folder_ / kNew, path = folder_ / hash;
  {
    const File file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640));
    if (!file || !write_whole(file.get(), bytes) || ::fsync(file.get()) != 0) return failed("writing", fresh);
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0 || !sync_folder(folder_)) return failed("writing", path);
  return hash;
}

Result<std::string> PictureStore::get(std::string_view hash) const {
  if (!is_hash(hash)) return fail(ErrorCode::not_found, "reading a picture: found no name of one");
  const fs::path path = folder_ / hash;
  const File file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  struct stat found {};
  if (!file || ::fstat(file.get(), &found) != 0 || !S_ISREG(found.st_mode)) {
    return fail(ErrorCode::not_found, fmt::format("reading {}: no such picture", path.string()));
  }
  std::string bytes(static_cast<std::size_t>(found.st_size), '\0');
  std::size_t read = 0;
  while (read < bytes.size()) {
    const ssize_t got = ::read(file.get(), bytes.data() + read, bytes.size() - read);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("reading", path);
    if (got == 0) break;
    read += static_cast<std::size_t>(got);
  }
  if (read != bytes.size() || sha256(bytes) != hash) {
    return fail(ErrorCode::corrupt, fmt::format("reading {}: found other bytes than were written", path.string()));
  }
  return bytes;
}

void PictureStore::keep_only(const std::set<std::string>& hashes) noexcept {
  std::error_code failure;
  for (fs::directory_iterator at(folder_, failure), end; !failure && at != end; at.increment(failure)) {
    const std::string name = at->path().filename().string();
    std::error_code ignored;
    if ((is_hash(name) && !hashes.contains(name)) || name == kNew) fs::remove(at->path(), ignored);
  }
}

}  // namespace firegate::picture
