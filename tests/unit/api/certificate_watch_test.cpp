#include "api/certificate_watch.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace firegate::api {
namespace {

using std::chrono::days;
using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Instant kEnds{std::chrono::sys_days{std::chrono::year{2027} / 3 / 1}};

class Spoken final : public SelfFault {
 public:
  void raise(SelfFaultCode code, std::string_view part, std::string detail) noexcept override {
    said.push_back("raise " + std::string(label(code)) + " " + std::string(part));
    details.push_back(std::move(detail));
  }
  void clear(SelfFaultCode code, std::string_view part) noexcept override {
    said.push_back("clear " + std::string(label(code)) + " " + std::string(part));
  }
  std::vector<std::string> said, details;
};

class CertificateEnding : public testing::Test {
 protected:
  const std::string kRaise = "raise certificate_ending https", kClear = "clear certificate_ending https";
  Spoken faults;
  CertificateWatch watch{faults};
};

TEST_F(CertificateEnding, SaysNothingBeforeThirtyDays) {
  watch.look(kEnds, kEnds - days{30} - Millis{1});
  watch.look(std::nullopt, kEnds);
  EXPECT_THAT(faults.said, IsEmpty());
}

TEST_F(CertificateEnding, IsRaisedOnceAtEachStepAndAnewAtTheNext) {
  for (const auto left : {days{30}, days{29}, days{8}}) watch.look(kEnds, kEnds - left);
  EXPECT_THAT(faults.said, ElementsAre(kRaise));
  for (const auto left : {days{7}, days{2}}) watch.look(kEnds, kEnds - left);
  EXPECT_THAT(faults.said, ElementsAre(kRaise, kClear, kRaise));
  for (const auto left : {hours{24}, hours{1}}) watch.look(kEnds, kEnds - left);
  EXPECT_EQ(faults.said.size(), 5u);
  watch.look(kEnds, kEnds);
  watch.look(kEnds, kEnds + days{100});
  EXPECT_THAT(faults.said, ElementsAre(kRaise, kClear, kRaise, kClear, kRaise, kClear, kRaise));
}

TEST_F(CertificateEnding, DetailSaysWhatIsLeftAndHowToRenew) {
  for (const auto left : {days{30}, days{7}, days{1}, days{0}}) watch.look(kEnds, kEnds - left);
  ASSERT_EQ(faults.details.size(), 4u);
  EXPECT_THAT(faults.details[0], HasSubstr("ends in 30 days, at 2027-03-01T00:00:00.000Z"));
  EXPECT_THAT(faults.details[1], HasSubstr("ends in 7 days"));
  EXPECT_THAT(faults.details[2], HasSubstr("ends in 1 day,"));
  EXPECT_THAT(faults.details[3], HasSubstr("has ended"));
  for (const std::string& detail : faults.details) {
    EXPECT_THAT(detail, HasSubstr("firegate tls init"));
    EXPECT_THAT(detail, HasSubstr("SIGHUP"));
  }
}

TEST_F(CertificateEnding, LastHoursAreNotToldAsZeroDays) {
  watch.look(kEnds, kEnds - hours{5});
  EXPECT_THAT(faults.details, ElementsAre(HasSubstr("ends within a day")));
}

TEST_F(CertificateEnding, FreshOneClearsIt) {
  watch.look(kEnds, kEnds - days{3});
  watch.look(kEnds + days{365}, kEnds - days{3});
  EXPECT_THAT(faults.said, ElementsAre(kRaise, kClear));
  watch.look(kEnds + days{365}, kEnds + days{340});
  EXPECT_THAT(faults.said, ElementsAre(kRaise, kClear, kRaise)) << "and is watched in its turn";
}

TEST_F(CertificateEnding, FreshOneThatIsShortToo) {
  watch.look(kEnds, kEnds + hours{1});
  watch.look(kEnds + days{20}, kEnds + hours{1});
  EXPECT_THAT(faults.said, ElementsAre(kRaise, kClear, kRaise));
  EXPECT_THAT(faults.details.back(), HasSubstr("ends in 19 days"));
}

}  // namespace
}  // namespace firegate::api
