#include "app/picture_desk.h"

#include <algorithm>
#include <set>

#include "core/log.h"

namespace firegate::app {
namespace {

PictureProblem unavailable(const Error& error) { return {PictureRefusal::unavailable, error.message}; }

}  // namespace

void PictureDesk::start(store::PictureRows rows) {
  std::set<std::string> named;
  {
    const std::lock_guard lock(mutex_);
    for (FloorPlan& plan : rows.plans) {
      named.insert(plan.picture.hash);
      plans_.insert_or_assign(key_of(plan), std::move(plan));
    }
    for (const Photo& photo : rows.dropped) last_photo_[photo.device] = std::max(last_photo_[photo.device], photo.no);
    for (Photo& photo : rows.photos) {
      named.insert(photo.picture.hash);
      last_photo_[photo.device] = std::max(last_photo_[photo.device], photo.no);
      photos_[photo.device].push_back(std::move(photo));
    }
  }
  pictures_.keep_only(named);
  thread_ = std::thread([this] { run_thread(); });
}

void PictureDesk::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting_.clear();
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool PictureDesk::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= kMaxWaiting) return false;
    waiting_.push_back(std::move(work));
  }
  wake_.notify_all();
  return true;
}

void PictureDesk::run_thread() {
  for (;;) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      work = std::move(waiting_.front());
      waiting_.pop_front();
    }
    work();
  }
}

std::vector<FloorPlan> PictureDesk::plans() const {
  const std::lock_guard lock(mutex_);
  std::vector<FloorPlan> plans;
  for (const auto& [key, plan] : plans_) plans.push_back(plan);
  return plans;
}

std::vector<Photo> PictureDesk::photos(std::string_view device) const {
  const std::lock_guard lock(mutex_);
  const auto found = photos_.find(device);
  return found == photos_.end() ? std::vector<Photo>() : found->second;
}

PictureProblem PictureDesk::counted(PictureProblem problem) {
  metrics_.requests_refused.add("picture_" + std::string(label(problem.why)));
  log::warning("picture_refused", {{"reason", label(problem.why)}, {"detail", problem.message}});
  return problem;
}

tl::expected<Picture, PictureProblem> PictureDesk::keep(const api::Upload& upload, PictureUse use) {
  auto drawn = recoder_.draw(upload.bytes, upload.type, use);
  if (!drawn) return tl::unexpected(counted(std::move(drawn.error())));
  auto hash = pictures_.put(drawn->bytes);
  if (!hash) return tl::unexpected(counted(unavailable(hash.error())));
  return Picture{std::move(*hash), drawn->type, drawn->width, drawn->height, drawn->bytes.size()};
}

tl::expected<FloorPlan, PictureProblem> PictureDesk::put_plan(FloorPlan plan, const api::Upload& upload,
                                                              JournalEntry line) {
  auto picture = keep(upload, PictureUse::plan);
  if (!picture) return tl::unexpected(std::move(picture.error()));
  plan.picture = std::move(*picture);
  line.to = plan.picture.hash;
  if (const auto written = records_.put_plan(plan, std::move(line)); !written) {
    return tl::unexpected(counted(unavailable(written.error())));
  }
  const std::lock_guard lock(mutex_);
  plans_.insert_or_assign(key_of(plan), plan);
  return plan;
}

Result<void> PictureDesk::drop_plan(const FloorPlan& plan, JournalEntry line) {
  if (auto written = records_.drop_plan(plan, std::move(line)); !written) return written;
  const std::lock_guard lock(mutex_);
  plans_.erase(key_of(plan));
  return {};
}

tl::expected<Photo, PictureProblem> PictureDesk::add_photo(Photo photo, const api::Upload& upload, JournalEntry line) {
  auto picture = keep(upload, PictureUse::photo);
  if (!picture) return tl::unexpected(std::move(picture.error()));
  photo.picture = std::move(*picture);
  {
    const std::lock_guard lock(mutex_);
    photo.no = ++last_photo_[photo.device];
  }
  line.to = photo.picture.hash;
  if (const auto written = records_.add_photo(photo, std::move(line)); !written) {
    return tl::unexpected(counted(unavailable(written.error())));
  }
  const std::lock_guard lock(mutex_);
  photos_[photo.device].push_back(photo);
  return photo;
}

Result<void> PictureDesk::drop_photo(const Photo& photo, JournalEntry line) {
  if (auto written = records_.drop_photo(photo, std::move(line)); !written) return written;
  const std::lock_guard lock(mutex_);
  std::erase_if(photos_[photo.device], [&photo](const Photo& one) { return one.no == photo.no; });
  return {};
}

}  // namespace firegate::app
