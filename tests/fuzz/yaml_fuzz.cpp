// Configuration: YAML, and what each folder makes of it: rules, places, routes, models and every section of
// gateway.yaml. Each text goes to all of them. Behind the first text stand settings of the command line
// ("path.to.key=value").
#include "api/settings.h"
#include "decode/source.h"
#include "drivers/all_drivers.h"
#include "drivers/json_path/json_driver.h"
#include "fuzz/fuzz.h"
#include "ingest/settings.h"
#include "partition/partition_set.h"
#include "registry/places_file.h"
#include "respond/settings.h"
#include "rules/rule_set.h"
#include "settings/config_folder.h"
#include "settings/override.h"
#include "settings/yaml.h"
#include "store/journal_keeper.h"
#include "store/retention.h"

namespace firegate::fuzz {
namespace {

const std::vector<const Driver*>& formats() {
  static const auto drivers = all_drivers();
  static const std::vector<const Driver*> list = [] {
    std::vector<const Driver*> all;
    for (const auto& driver : drivers) all.push_back(driver.get());
    return all;
  }();
  return list;
}

void must_be_readable(Problems& problems) {
  problems.sort();
  for (const Problem& problem : problems.list()) {
    must(!problem.message.empty(), "a problem says what was found");
    static_cast<void>(to_text(problem));
  }
}

void read_places(const ConfigNode& root) {
  Problems problems;
  const registry::Places places = registry::parse_places(root, problems);
  for (const PlacePtr& place : places.all()) must(place != nullptr, "a place is there");
  must_be_readable(problems);
}

void read_rules(const ConfigNodePtr& root) {
  Problems problems;
  const rules::RuleSetPtr rules = rules::parse({root}, problems);
  must((rules == nullptr) == !problems.empty(), "rules exactly where there is no problem");
  if (rules) {
    for (const rules::Rule& rule : rules->all()) must(rules->find(rule.id).has_value(), "a rule is found by its id");
  }
  must_be_readable(problems);
}

void read_model(const ConfigNode& root) {
  Problems problems;
  Models models;
  models.add(Model::parse(root, "brand", "model", problems));
  must(models.find("brand/model") != nullptr, "a model is found by its name");
  must_be_readable(problems);
}

void read_format(const ConfigNode& root) {
  Problems problems;
  const auto driver = json_path::make_driver(json_path::JsonFormat::parse(root, "mine", problems));
  must_be_readable(problems);
  const std::string base(driver->default_base());
  const std::string topic = base + "/device/up";
  RawMessage message;
  message.topic = topic;
  message.payload =
      R"({"device_id":"d","data":{"status":1,"list":[{"no":1,"smoke":true}]},"reply":{"id":"c","result":"done"}})";
  const LinkState link;
  const Models models;
  const DecodeResult result = driver->decode(message, {base, link, models});
  must(result || !result.error().detail.empty(), "a rejection says what was found");
}

void read_gateway(const ConfigNode& root) {
  Problems problems;
  settings::check_sections(&root, problems);
  const auto section = [&root](std::string_view name) { return settings::section(&root, name); };
  static_cast<void>(ingest::Settings::parse(root, problems));
  const auto decode = decode::Settings::parse(section("sources"), section("limits"), formats(), problems);
  if (problems.empty()) static_cast<void>(decode::Router(decode.sources).route("fg/v1/estate/device/up"));
  static_cast<void>(partition::Settings::parse(section("partition"), problems));
  static_cast<void>(store::RetentionSettings::parse(section("store"), problems));
  static_cast<void>(store::JournalKeeper::Settings::parse(section("journal"), problems));
  if (const ConfigNode* api = section("api")) static_cast<void>(api::Settings::parse(*api, problems));
  must_be_readable(problems);
}

void read_routes(const ConfigNode& root) {
  Problems problems;
  static_cast<void>(respond::RespondSettings::parse(&root, problems));
  must_be_readable(problems);
}

}  // namespace
}  // namespace firegate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace firegate;
  std::string_view rest = fuzz::text_of(data, size);
  const fuzz::Exact text(fuzz::take(rest, fuzz::kNext));
  std::vector<std::string> overrides;
  while (!rest.empty()) overrides.emplace_back(fuzz::take(rest, fuzz::kNext));

  Problems problems;
  const ConfigNodePtr file = settings::parse_yaml(text.text(), "file.yaml", problems);
  fuzz::must(file || !problems.empty(), "a node, or a problem");
  const ConfigNodePtr root = settings::with_overrides(file, overrides, problems);
  fuzz::must_be_readable(problems);
  fuzz::read_places(*root);
  fuzz::read_rules(root);
  fuzz::read_model(*root);
  fuzz::read_format(*root);
  fuzz::read_gateway(*root);
  fuzz::read_routes(*root);
  return 0;
}
