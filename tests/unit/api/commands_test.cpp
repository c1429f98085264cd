// Ordering devices about: what is asked for, what is handed on, what is shown.
#include <gtest/gtest.h>

#include "unit/api/rig.h"

namespace firegate::api {
namespace {

class Ordering : public Rig {
 protected:
  Ordering() { devices.devices = {fakes::make_device("charger")}; }
  static constexpr const char* kPath = "/api/v1/devices/charger/commands";
};

TEST_F(Ordering, HandsOnWhoOrdersWhatAndWhy) {
  const Response made = post(kPath, R"({"command":"cut_off","port":3,"reason":"插座过热"})");
  ASSERT_EQ(made.status, 202) << made.body;
  ASSERT_EQ(commands.ordered.size(), 1u);
  const CommandOrder& order = commands.ordered.front();
  EXPECT_EQ(order.kind, CommandKind::cut_off);
  EXPECT_EQ(order.port, 3);
  EXPECT_EQ(order.reason, "插座过热");
  EXPECT_FALSE(order.who.empty());
  EXPECT_EQ(parse(made).at("state").as_string(), "requested");
}

TEST_F(Ordering, RefusesWhatMakesNoSense) {
  for (const char* body :
       {R"({"command":"explode","reason":"x"})", R"({"command":"cut_off"})", R"({"reason":"x"})",
        R"({"command":"cut_off","reason":"x","port":40000})", R"({"command":"cut_off","reason":"x","port":-1})",
        R"({"command":"hold_door","reason":"x","until":"2001-01-01T00:00:00Z"})"}) {
    expect_problem(post(kPath, body), 400, "bad_input");
  }
  EXPECT_TRUE(commands.ordered.empty());
}

TEST_F(Ordering, DoesNotCommandWhatNobodyHasAdopted) {
  Device stranger = *devices.devices.front().device;
  stranger.mapped = false;
  devices.devices.front().device = std::make_shared<const Device>(stranger);
  expect_problem(post(kPath, R"({"command":"query","reason":"x"})"), 409, "refused");
}

TEST_F(Ordering, ShowsAPageAndTheOffers) {
  for (std::uint64_t seq = 9; seq > 6; --seq) {
    CommandRecord record;
    record.seq = seq;
    record.command.id = "c" + std::to_string(seq);
    commands.rows.push_back(record);
  }
  const auto page = parse(get(std::string(kPath) + "?limit=2"));
  EXPECT_EQ(page.at("commands").as_array().size(), 2u);
  EXPECT_EQ(page.at("next_cursor").as_string(), "8");
  EXPECT_EQ(page.at("offers").as_array().size(), 2u);
  EXPECT_TRUE(page.at("offers").at(0).at("dangerous").as_bool());
  get(std::string(kPath) + "?cursor=8");
  EXPECT_EQ(commands.asked_before, 8u);
  expect_problem(get(std::string(kPath) + "?cursor=x"), 400, "bad_input");
}

}  // namespace
}  // namespace firegate::api
