#include "accounts/grants.h"

#include <gtest/gtest.h>

namespace firegate::accounts {
namespace {

const Grant kDutyNorth{Role::duty, "north"}, kDutySouth{Role::duty, "south"}, kDutyAll{Role::duty, "*"};
const Grant kAdminNorth{Role::admin, "north"}, kAdminAll{Role::admin, "*"};

TEST(Grants, WithinIsNeverMoreThanEither) {
  struct Case {
    std::vector<Grant> asked, held, left;
  };
  const Case cases[] = {
      {{}, {kDutyAll}, {}},
      {{kDutyNorth}, {}, {}},
      {{kDutyNorth}, {kDutyAll}, {kDutyNorth}},
      {{kDutyAll}, {kDutyNorth}, {kDutyNorth}},
      {{kDutyAll}, {kDutyNorth, kDutySouth}, {kDutyNorth, kDutySouth}},
      {{kDutyAll, kDutyNorth}, {kDutyNorth}, {kDutyNorth}},
      {{kDutyNorth}, {kDutySouth}, {}},
      {{kDutyNorth}, {kAdminAll}, {}},
      {{kAdminAll, kDutyNorth}, {kDutyAll, kAdminNorth}, {kAdminNorth, kDutyNorth}},
  };
  for (const Case& one : cases) EXPECT_EQ(in_words(within(one.asked, one.held)), in_words(one.left));
}

TEST(Grants, TidyDropsRepetitionsAndRefusesNamelessEstates) {
  const auto tidied = tidy({kDutySouth, kDutyNorth, kDutySouth});
  ASSERT_TRUE(tidied);
  EXPECT_EQ(in_words(*tidied), "duty in north, duty in south");
  for (const char* estate : {"", "a\nb", "\xFF", "a\x7F"}) EXPECT_FALSE(tidy({{Role::duty, estate}})) << estate;
  EXPECT_FALSE(tidy({{Role::duty, std::string(65, 'x')}}));
}

TEST(Grants, TidyLimitsTheirNumber) {
  std::vector<Grant> many;
  for (std::size_t i = 0; i < kGrantsOfAUser; ++i) many.push_back({Role::duty, "estate " + std::to_string(i)});
  EXPECT_TRUE(tidy(many));
  many.push_back({Role::duty, "one more"});
  EXPECT_FALSE(tidy(many));
}

TEST(Grants, AdministratorOfAnEstateReachesNoOther) {
  Principal by;
  by.grants = {kAdminNorth};
  EXPECT_TRUE(administers(by, {kDutyNorth}));
  EXPECT_TRUE(administers(by, {}));
  EXPECT_FALSE(administers(by, {kDutyNorth, kDutySouth}));
  EXPECT_FALSE(administers(by, {kDutyAll}));
  EXPECT_FALSE(administers(by, {kAdminAll}));
  by.grants = {kAdminAll};
  EXPECT_TRUE(administers(by, {kDutyAll, kAdminNorth}));
  by.grants = {{Role::manager, "*"}};
  EXPECT_FALSE(administers(by, {}));
}

TEST(Grants, WallOnlyLooksAndSilences) {
  Principal wall;
  wall.kind = PrincipalKind::wall;
  wall.grants = every_grant();
  for (std::size_t i = 0; i < label_count<Permission>(); ++i) {
    const auto permission = static_cast<Permission>(i);
    const bool may = permission == Permission::look || permission == Permission::silence;
    EXPECT_EQ(wall.may_anywhere(permission), may) << label(permission);
  }
}

}  // namespace
}  // namespace firegate::accounts
