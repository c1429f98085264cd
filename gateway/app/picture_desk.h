// PictureDesk: where pictures are drawn anew, kept and recorded: one thread, which may wait for a worker and the disk.
// What is known of each stands in memory: a few hundred plans, and photos of 300 bytes each. Owned by App; what it is
// made of outlives it.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>

#include "api/picture_desk.h"
#include "metrics/metrics.h"
#include "picture/picture_store.h"
#include "picture/recoder.h"
#include "store/picture_records.h"

namespace firegate::app {

class PictureDesk final : public api::PictureDesk {
 public:
  static constexpr std::size_t kMaxWaiting = 8;  // uploads of 8 MiB each; our choice

  PictureDesk(picture::PictureStore pictures, picture::Recoder recoder, store::PictureRecords records,
              metrics::Metrics& metrics)
      : pictures_(std::move(pictures)), recoder_(std::move(recoder)), records_(std::move(records)), metrics_(metrics) {}
  ~PictureDesk() override { stop(); }

  // With what the store gave back; removes files that no record names.
  void start(store::PictureRows rows);
  void stop() noexcept;  // what waits is not done

  std::vector<FloorPlan> plans() const override;
  std::vector<Photo> photos(std::string_view device) const override;
  Result<std::string> bytes(const Picture& picture) const override { return pictures_.get(picture.hash); }
  bool post(std::function<void()> work) override;
  tl::expected<FloorPlan, PictureProblem> put_plan(FloorPlan plan, const api::Upload& upload,
                                                   JournalEntry line) override;
  Result<void> drop_plan(const FloorPlan& plan, JournalEntry line) override;
  tl::expected<Photo, PictureProblem> add_photo(Photo photo, const api::Upload& upload, JournalEntry line) override;
  Result<void> drop_photo(const Photo& photo, JournalEntry line) override;

 private:
  using PlanKey = std::tuple<std::string, std::string, std::string>;  // estate, building, floor
  static PlanKey key_of(const FloorPlan& plan) { return {plan.estate, plan.building, plan.floor}; }

  void run_thread();
  tl::expected<Picture, PictureProblem> keep(const api::Upload& upload, PictureUse use);
  PictureProblem counted(PictureProblem problem);

  picture::PictureStore pictures_;
  picture::Recoder recoder_;
  store::PictureRecords records_;
  metrics::Metrics& metrics_;

  mutable std::mutex mutex_;  // guards the group below
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;
  std::map<PlanKey, FloorPlan> plans_;
  std::map<std::string, std::vector<Photo>, std::less<>> photos_;  // by device
  std::map<std::string, std::uint32_t, std::less<>> last_photo_;   // the highest number a device ever had

  std::thread thread_;
};

}  // namespace firegate::app
