#include "api/journal_check_job.h"

#include <gtest/gtest.h>

#include <latch>

#include "support/fakes_api.h"

namespace firegate::api {
namespace {

using State = JournalCheckJob::State;

class JournalCheck : public testing::Test {
 protected:
  std::unique_ptr<Archive> open() {
    ++opened;
    return broken ? nullptr : std::make_unique<fakes::FixedArchive>(records);
  }
  fakes::StillClock clock;
  fakes::Records records;
  bool broken = false;
  int opened = 0;
  JournalCheckJob job{[this] { return open(); }, clock};
};

TEST_F(JournalCheck, KeepsWhatItFound) {
  EXPECT_EQ(job.status().state, State::none);
  records.report.rows = 7;
  job.start();
  job.wait();
  EXPECT_EQ(job.status().state, State::done);
  EXPECT_EQ(job.status().report.rows, 7u);
  EXPECT_EQ(job.status().started_at, clock.now());
  EXPECT_EQ(job.status().ended_at, clock.now());
}

TEST_F(JournalCheck, OneAtATimeAndTellsHowFarItIs) {
  std::latch begun(1), may_end(1);
  records.check = [&](const auto&, const JournalProgress& progress) -> Result<JournalReport> {
    progress(2000, 50'000);
    begun.count_down();
    may_end.wait();
    return JournalReport{};
  };
  job.start();
  begun.wait();
  job.start();
  EXPECT_EQ(job.status().state, State::running);
  EXPECT_EQ(job.status().rows, 2000u);
  EXPECT_EQ(job.status().of, 50'000u);
  EXPECT_FALSE(job.status().ended_at);
  may_end.count_down();
  job.wait();
  EXPECT_EQ(opened, 1);
  job.start();
  job.wait();
  EXPECT_EQ(opened, 2) << "when it has ended the next may begin";
}

TEST_F(JournalCheck, SaysWhyItCouldNot) {
  broken = true;
  job.start();
  job.wait();
  EXPECT_EQ(job.status().state, State::failed);
  EXPECT_NE(job.status().error.find("cannot be opened"), std::string::npos);
  broken = false;
  job.start();
  job.wait();
  EXPECT_EQ(job.status().state, State::done);
  EXPECT_EQ(job.status().error, "");
}

TEST_F(JournalCheck, EndsWithTheGateway) {
  std::latch begun(1);
  records.check = [&](const std::function<bool()>& stop, const auto&) -> Result<JournalReport> {
    begun.count_down();
    while (!stop()) std::this_thread::yield();
    return fail(ErrorCode::refused, "stopping");
  };
  job.start();
  begun.wait();
  job.end();
  EXPECT_EQ(job.status().state, State::failed);
}

}  // namespace
}  // namespace firegate::api
