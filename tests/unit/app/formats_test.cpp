// Wire formats that an installation describes itself: formats/*.yaml of its configuration folder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "app/builtin.h"
#include "app/config.h"

namespace firegate::app {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kAcme = R"(source: made
base: acme
topics: ["<device>/up"]
device: "${topic.device}"
messages: [{fields: [{field: smoke, point: smoke}]}]
)";

class OwnFormats : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_ / "formats"); }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const fs::path& name, const std::string& text) { std::ofstream(folder_ / name) << text; }

  Config load() { return load_config(folder_, {}, drivers_, problems_); }

  std::vector<std::string> problems() const {
    std::vector<std::string> texts;
    for (const Problem& problem : problems_.list()) texts.push_back(to_text(problem));
    return texts;
  }

  const fs::path folder_ = fs::temp_directory_path() / ("firegate_formats_" + std::to_string(::getpid()));
  std::vector<std::unique_ptr<Driver>> drivers_ = builtin_drivers();
  Problems problems_;
};

TEST_F(OwnFormats, AreFormatsOfSources) {
  write("formats/acme.yaml", kAcme);
  write("gateway.yaml", "sources: [{format: acme, base: site/acme}, {format: jade_bird}]\n");
  const Config config = load();
  EXPECT_THAT(problems(), ElementsAre());
  ASSERT_EQ(config.decode.sources.size(), 2u);
  EXPECT_EQ(config.decode.sources[0].driver->format(), "acme");
  EXPECT_THAT(config.decode.sources[0].filters, ElementsAre("site/acme/+/up"));
}

TEST_F(OwnFormats, AreListenedToByDefault) {
  write("formats/acme.yaml", kAcme);
  const Config config = load();
  EXPECT_TRUE(std::ranges::any_of(config.decode.sources, [](const auto& source) { return source.id == "acme"; }));
  EXPECT_EQ(config.decode.sources.size(), drivers_.size() + 1);
}

TEST_F(OwnFormats, AreCheckedWithFileLineAndColumn) {
  write("formats/acme.yaml", std::string(kAcme) + "mesages: []\ntime: []\n");
  write("formats/ocpp.yaml", kAcme);
  load();
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("formats/acme.yaml:6:1: error[E104]"),
                                      HasSubstr("formats/acme.yaml:7:7: error[E106]"),
                                      HasSubstr("formats/ocpp.yaml:1:1: error[E109]")));
}

}  // namespace
}  // namespace firegate::app
