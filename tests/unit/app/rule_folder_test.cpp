#include "app/rule_folder.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

namespace firegate::app {
namespace {

namespace fs = std::filesystem;

class RuleFolderTest : public ::testing::Test {
 protected:
  RuleFolderTest() {
    std::string pattern = (fs::temp_directory_path() / "fg-rules-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    path_ = root_ / "rules";
  }
  ~RuleFolderTest() override {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  void put(const RuleFiles& files) {
    fs::create_directories(path_);
    for (const RuleFile& file : files) std::ofstream(path_ / file.name) << file.text;
  }
  RuleFiles files() { return *RuleFolder(path_).read(); }

  fs::path root_, path_;
};

const RuleFiles kOld{{"a.yaml", "a1"}, {"b.yaml", "b1"}, {"c.yaml", "c1"}};
const RuleFiles kNew{{"a.yaml", "a2"}, {"b.yaml", "b1"}, {"d.yaml", "d1"}};

TEST_F(RuleFolderTest, NamesAreOfOneYamlFile) {
  for (const char* name : {"a.yaml", "烟感.yaml", "my rules.yaml"}) EXPECT_TRUE(is_rule_file_name(name)) << name;
  for (const char* name : {"", ".yaml", ".a.yaml", "a.yml", "a.yaml.gone", "../a.yaml", "x/a.yaml", "a\n.yaml", "a"}) {
    EXPECT_FALSE(is_rule_file_name(name)) << name;
  }
  EXPECT_TRUE(is_rule_file_name(std::string(95, 'x') + ".yaml"));
  EXPECT_FALSE(is_rule_file_name(std::string(96, 'x') + ".yaml"));
}

TEST_F(RuleFolderTest, ReadsRulesAndNothingElse) {
  put({{"a.yaml", "a"}, {"notes.md", "n"}, {".hidden.yaml", "h"}});
  fs::create_directory(path_ / "sub.yaml");
  EXPECT_EQ(files(), (RuleFiles{{"a.yaml", "a"}}));
  path_ = root_ / "none";
  EXPECT_TRUE(files().empty());
}

TEST_F(RuleFolderTest, CommitReplacesAllAndLeavesWhatIsNoRule) {
  put(kOld);
  put({{"notes.md", "n"}});
  const auto untouched = fs::last_write_time(path_ / "b.yaml");
  RuleFolder folder(path_);
  ASSERT_TRUE(folder.prepare(kNew));
  EXPECT_EQ(files(), kOld) << "prepared is not committed";
  EXPECT_EQ(*folder.prepared(), kNew);
  ASSERT_TRUE(folder.commit());
  EXPECT_EQ(files(), kNew);
  EXPECT_TRUE(fs::exists(path_ / "notes.md"));
  EXPECT_EQ(fs::last_write_time(path_ / "b.yaml"), untouched) << "what does not change is not written";
  EXPECT_FALSE(fs::exists(path_ / ".next") || fs::exists(path_ / ".publish"));
}

TEST_F(RuleFolderTest, MakesTheFolderWhereThereIsNone) {
  RuleFolder folder(path_);
  ASSERT_TRUE(folder.prepare(kNew));
  ASSERT_TRUE(folder.commit());
  EXPECT_EQ(files(), kNew);
}

TEST_F(RuleFolderTest, AbandonedIsGone) {
  put(kOld);
  RuleFolder folder(path_);
  ASSERT_TRUE(folder.prepare(kNew));
  folder.abandon();
  EXPECT_EQ(*folder.prepared(), std::nullopt);
  EXPECT_FALSE(folder.commit());
  EXPECT_EQ(files(), kOld);
}

TEST_F(RuleFolderTest, AFolderThatCannotBeMadeIsAnErrorAndLeavesNothing) {
  std::ofstream(root_ / "rules") << "a file";
  RuleFolder folder(path_);
  EXPECT_EQ(folder.prepare(kNew).error().code, ErrorCode::io_failed);
}

// Killed before each step that changes the disk, in a process of its own; then what the next start does.
TEST_F(RuleFolderTest, KilledAnywhereLeavesTheOldFilesOrTheNew) {
  int old_ones = 0, new_ones = 0, ended = -1;
  for (int steps = 0; ended != 0; ++steps) {
    fs::remove_all(path_);
    put(kOld);
    const pid_t child = ::fork();
    if (child == 0) {
      int left = steps;
      RuleFolder folder(path_, [&left] {
        if (left-- == 0) _exit(1);
      });
      _exit(folder.prepare(kNew).and_then([&folder] { return folder.commit(); }) ? 0 : 2);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ended = WEXITSTATUS(status);
    ASSERT_NE(ended, 2);
    RuleFolder folder(path_);
    const bool decided = folder.decided();
    ASSERT_TRUE(folder.finish());
    folder.abandon();
    EXPECT_TRUE(files() == kOld || files() == kNew) << "after " << steps << " steps";
    EXPECT_TRUE(!decided || files() == kNew);
    ++(files() == kOld ? old_ones : new_ones);
    ASSERT_LT(steps, 50);
  }
  EXPECT_GE(old_ones, 5);
  EXPECT_GE(new_ones, 4) << "some were killed after the decision";
}

}  // namespace
}  // namespace firegate::app
