// Recoder: has an uploaded picture drawn anew by a worker in its cage, a fresh one for each picture. What comes back
// are our own bytes of it: nothing that its sender put in beside the points is left. Waits; one thread at a time, which
// must outlive the call (the kernel ends a worker with the thread that started it).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "core/clock.h"
#include "core/picture.h"

namespace firegate::picture {

struct Drawing {
  PictureType type{};
  std::uint32_t width = 0, height = 0;
  std::string bytes;
};

class Recoder {
 public:
  static constexpr Millis kPatience{8'000};  // our choice: 40 million points take 1 s; an answer of the API may take 15

  // `worker`: the program firegate-picture-worker.
  Recoder(std::filesystem::path worker, const Clock& clock, Millis patience = kPatience)
      : worker_(std::move(worker)), clock_(clock), patience_(patience) {}

  // A worker that takes too long, takes too much or ends without an answer: too_costly. One that cannot be started:
  // unavailable.
  tl::expected<Drawing, PictureProblem> draw(std::string_view bytes, PictureType type, PictureUse use) const;

 private:
  const std::filesystem::path worker_;
  const Clock& clock_;
  const Millis patience_;
};

}  // namespace firegate::picture
