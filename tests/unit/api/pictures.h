// A desk of pictures for tests of routes: in memory, everything happens at once; what is drawn is what was sent.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "api/picture_desk.h"

namespace firegate::fakes {

class ScriptedPictureDesk final : public api::PictureDesk {
 public:
  std::vector<FloorPlan> plans() const override { return kept_plans; }
  std::vector<Photo> photos(std::string_view device) const override {
    std::vector<Photo> found;
    for (const Photo& photo : kept_photos) {
      if (photo.device == device) found.push_back(photo);
    }
    return found;
  }
  Result<std::string> bytes(const Picture& picture) const override { return "picture " + picture.hash; }
  bool post(std::function<void()> work) override {
    if (!full) work();
    return !full;
  }
  tl::expected<FloorPlan, PictureProblem> put_plan(FloorPlan plan, const api::Upload& upload,
                                                   JournalEntry line) override {
    if (refusal) return tl::unexpected(PictureProblem{*refusal, "taking the picture: found it wrong"});
    plan.picture = {upload.bytes, upload.type, 640, 480, upload.bytes.size()};
    kept_plans.push_back(plan);
    journal.push_back(std::move(line));
    return plan;
  }
  Result<void> drop_plan(const FloorPlan& plan, JournalEntry line) override {
    std::erase_if(kept_plans,
                  [&plan](const FloorPlan& one) { return one.floor == plan.floor && one.estate == plan.estate; });
    journal.push_back(std::move(line));
    return {};
  }
  tl::expected<Photo, PictureProblem> add_photo(Photo photo, const api::Upload& upload, JournalEntry line) override {
    if (refusal) return tl::unexpected(PictureProblem{*refusal, "taking the picture: found it wrong"});
    photo.no = static_cast<std::uint32_t>(kept_photos.size() + 1);
    photo.picture = {upload.bytes, PictureType::jpeg, 64, 48, upload.bytes.size()};
    kept_photos.push_back(photo);
    journal.push_back(std::move(line));
    return photo;
  }
  Result<void> drop_photo(const Photo& photo, JournalEntry line) override {
    std::erase_if(kept_photos, [&photo](const Photo& one) { return one.device == photo.device && one.no == photo.no; });
    journal.push_back(std::move(line));
    return {};
  }

  std::vector<FloorPlan> kept_plans;
  std::vector<Photo> kept_photos;
  std::vector<JournalEntry> journal;
  std::optional<PictureRefusal> refusal;
  bool full = false;
};

}  // namespace firegate::fakes
