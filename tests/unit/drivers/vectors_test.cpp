// Runs every vectors.jsonl of every wire format and every .jsonl of every model through the driver.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "unit/drivers/support.h"

namespace firegate::test {
namespace {

constexpr double kTolerance = 1e-6;

struct VectorFile {
  std::string format;
  fs::path path;
};

std::vector<VectorFile> vector_files() {
  std::vector<VectorFile> files;
  for (const auto& driver : every_driver()) {
    files.push_back({std::string(driver->format()), vectors_of(driver->format())});
  }
  std::vector<fs::path> models;
  for (const auto& entry : fs::recursive_directory_iterator(tree() / "drivers/models")) {
    if (entry.path().extension() == ".jsonl") models.push_back(entry.path());
  }
  std::sort(models.begin(), models.end());
  for (const auto& path : models) files.push_back({"chirpstack", path});
  return files;
}

// Why the reading is not the expected one; empty when it is.
std::string difference(const Json& expected, const Reading& reading, std::string_view quality) {
  if (text_of(expected, "point") != name(reading.point)) return "another point";
  std::int64_t port = kNoPort;
  if (has(expected, "port")) port = expected["port"].get_int64().value();
  if (port != reading.port) return "another port";
  if (!quality.empty() && quality != label(reading.quality)) return "another quality";
  const Json value = expected["value"].value();
  bool truth = false;
  double number = 0;
  std::string_view word;
  if (value.is_null()) return is_unknown(reading.value) ? "" : "expected unknown";
  if (!value.get_bool().get(truth))
    return as_bool(reading.value) && *as_bool(reading.value) == truth ? "" : "another truth";
  if (!value.get_double().get(number)) {
    return as_number(reading.value) &&
                   std::abs(*as_number(reading.value) - number) <= kTolerance * std::max(1.0, std::abs(number))
               ? ""
               : "another number";
  }
  return !value.get_string().get(word) && to_text(reading.point, reading.value) == word ? "" : "another word";
}

bool is_among(const Json& expected, const std::vector<Reading>& readings, std::string_view quality) {
  return std::any_of(readings.begin(), readings.end(),
                     [&](const Reading& reading) { return difference(expected, reading, quality).empty(); });
}

// Model vectors name the readings that matter; format vectors name all of them.
void expect_message(const Json& expected, const DeviceMessage& message, bool exact) {
  EXPECT_EQ(text_of(expected, "device"), message.address);
  EXPECT_EQ(text_of(expected, "kind"), label(message.kind));
  const std::string quality = text_of(expected, "quality");
  std::size_t count = 0;
  simdjson::dom::array readings;
  if (!expected["readings"].get_array().get(readings)) {
    for (const Json reading : readings) {
      ++count;
      EXPECT_TRUE(is_among(reading, message.readings, quality)) << "missing " << simdjson::minify(reading);
    }
  }
  if (exact) {
    EXPECT_EQ(count, message.readings.size());
  }
  if (has(expected, "reply")) {
    ASSERT_TRUE(message.reply);
    const Json reply = expected["reply"].value();
    EXPECT_EQ(text_of(reply, "id"), message.reply->command_id);
    EXPECT_EQ(text_of(reply, "result"), message.reply->result);
  } else if (exact) {
    EXPECT_FALSE(message.reply);
  }
}

void expect_outcome(const Json& expect, const DecodeResult& result, bool exact) {
  SCOPED_TRACE(text_of(result));
  const std::string outcome = text_of(expect, "outcome");
  if (outcome == "rejected") {
    ASSERT_FALSE(result);
    EXPECT_EQ(text_of(expect, "reason"), label(result.error().reason));
    EXPECT_FALSE(result.error().detail.empty());
    return;
  }
  ASSERT_TRUE(result);
  if (outcome == "ignored") {
    ASSERT_TRUE(result->ignored);
    EXPECT_EQ(text_of(expect, "reason"), label(*result->ignored));
    EXPECT_TRUE(result->messages.empty());
    return;
  }
  ASSERT_EQ(outcome, "readings");
  EXPECT_FALSE(result->ignored);
  const auto messages = expect["messages"].get_array().value();
  ASSERT_EQ(messages.size(), result->messages.size());
  std::size_t index = 0;
  for (const Json message : messages) expect_message(message, result->messages[index++], exact);
}

bool is_of_format(const VectorFile& file) { return file.path == vectors_of(file.format); }

class Vectors : public testing::TestWithParam<VectorFile> {};

TEST_P(Vectors, DecodeAsStated) {
  const auto& file = GetParam();
  const bool exact = is_of_format(file);
  const auto lines = lines_of(file.path);
  ASSERT_FALSE(lines.empty()) << file.path << " has no vectors";
  Source source(file.format);
  simdjson::dom::parser parser;
  std::set<std::string> names;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Json line = parser.parse(lines[i]);
    SCOPED_TRACE(fmt::format("{}:{} {}", file.path.filename().string(), i + 1, text_of(line, "name")));
    EXPECT_TRUE(names.insert(text_of(line, "name")).second) << "two vectors of this name";
    EXPECT_FALSE(text_of(line, "source").empty()) << "no source";
    const std::string payload = payload_of(line);
    const std::string topic = text_of(line, "topic");
    if (!has(line, "base")) {
      expect_outcome(line["expect"].value(), source.decode(topic, payload), exact);
    } else {
      Source elsewhere = Source::at(file.format, text_of(line, "base"));
      expect_outcome(line["expect"].value(), elsewhere.decode(topic, payload), exact);
    }
  }
}

// A format needs examples that are wrong as well: at least three that are rejected, and one that is ignored.
TEST(FormatVectors, HoldEnoughThatIsWrong) {
  for (const auto& driver : every_driver()) {
    SCOPED_TRACE(driver->format());
    simdjson::dom::parser parser;
    std::map<std::string, int> outcomes;
    for (const auto& text : lines_of(vectors_of(driver->format()))) {
      const Json line = parser.parse(text);
      ++outcomes[text_of(line["expect"].value(), "outcome")];
    }
    EXPECT_GE(outcomes["rejected"], 3);
    EXPECT_GE(outcomes["ignored"], 1);
    EXPECT_GE(outcomes["readings"], 3);
  }
}

// Where no configuration says which format a topic has, nobody else may claim what a format can read.
TEST(FormatVectors, AreClaimedByNoOtherFormat) {
  simdjson::dom::parser parser;
  for (const auto& driver : every_driver()) {
    int claimed = 0;
    for (const auto& text : lines_of(vectors_of(driver->format()))) {
      const Json line = parser.parse(text);
      if (has(line, "base") || text_of(line["expect"].value(), "outcome") != "readings") continue;
      const std::string topic = text_of(line, "topic"), payload = payload_of(line);
      for (const auto& other : every_driver()) {
        if (!other->recognise(topic, payload)) continue;
        EXPECT_EQ(other->format(), driver->format()) << topic << " " << text_of(line, "name");
        ++claimed;
      }
    }
    EXPECT_GT(claimed, 0) << driver->format();
  }
}

std::string test_name(const testing::TestParamInfo<VectorFile>& info) {
  std::string text = is_of_format(info.param) ? info.param.format
                                              : "model_" + info.param.path.parent_path().filename().string() + "_" +
                                                    info.param.path.stem().string();
  for (char& c : text) c = c == '-' || c == '.' ? '_' : c;
  return text;
}
INSTANTIATE_TEST_SUITE_P(All, Vectors, testing::ValuesIn(vector_files()), test_name);

TEST(Formats, FilesHaveNoProblem) {
  Problems problems;
  const auto formats = load_json_formats(problems);
  for (const auto& problem : problems.list()) ADD_FAILURE() << to_text(problem);
  EXPECT_GE(formats.size(), 10u);
}

TEST(Models, FilesHaveNoProblemAndVectorsEach) {
  Problems problems;
  const Models loaded = load_models(problems);
  for (const auto& problem : problems.list()) ADD_FAILURE() << to_text(problem);
  EXPECT_GE(loaded.size(), 15u);
  for (const auto& entry : fs::recursive_directory_iterator(tree() / "drivers/models")) {
    if (entry.path().extension() != ".yaml") continue;
    EXPECT_TRUE(fs::exists(fs::path(entry.path()).replace_extension(".jsonl"))) << entry.path() << " has no vectors";
  }
}

TEST(Models, AreFoundByBrandAndModelOrAlias) {
  ASSERT_NE(models().find("milesight/gs524n"), nullptr);
  EXPECT_EQ(models().find("Milesight GS524N"), models().find("milesight/gs524n"));
  EXPECT_EQ(models().find("LWL02"), models().find("dragino/lds02"));
  EXPECT_EQ(models().find("milesight/unheard-of"), nullptr);
}

}  // namespace
}  // namespace firegate::test
