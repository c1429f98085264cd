// PictureDesk: the seam between the API and those who keep floor plans and photos (`app`). What is known of them is for
// any thread; what draws and records runs on the desk's own thread, which may wait.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "core/batch.h"
#include "core/picture.h"
#include "core/result.h"

namespace firegate::api {

constexpr std::size_t kMostPhotos = 20;  // of one device; our choice: its place, its label, a few tests

// As it came.
struct Upload {
  PictureType type{};
  std::string bytes;
};

class PictureDesk {
 public:
  virtual ~PictureDesk() = default;

  // Any thread.
  virtual std::vector<FloorPlan> plans() const = 0;
  virtual std::vector<Photo> photos(std::string_view device) const = 0;  // the oldest first
  // The bytes of a picture: reads a file. not_found, corrupt, io_failed.
  virtual Result<std::string> bytes(const Picture& picture) const = 0;
  // Runs `work` on the desk's thread. False: too much waits there.
  virtual bool post(std::function<void()> work) = 0;

  // The desk's thread only. What is refused is counted by its reason. `by`, `at` and the ids are given; number and
  // picture are filled in.
  virtual tl::expected<FloorPlan, PictureProblem> put_plan(FloorPlan plan, const Upload& upload, JournalEntry line) = 0;
  virtual Result<void> drop_plan(const FloorPlan& plan, JournalEntry line) = 0;  // not_found
  // That the device has fewer than kMostPhotos the caller has seen to.
  virtual tl::expected<Photo, PictureProblem> add_photo(Photo photo, const Upload& upload, JournalEntry line) = 0;
  virtual Result<void> drop_photo(const Photo& photo, JournalEntry line) = 0;  // not_found
};

// Whether the body of a request for this path is a picture, and may be as large as kMaxPictureBytes.
bool takes_picture(std::string_view method, std::string_view target) noexcept;

}  // namespace firegate::api
