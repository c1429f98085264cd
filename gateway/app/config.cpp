#include "app/config.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/gb_wiring.h"
#include "app/push_wiring.h"
#include "codec/frame.h"
#include "core/builtin_file.h"
#include "core/utf8.h"
#include "documents/csv.h"
#include "drivers/json_path/json_driver.h"
#include "registry/devices_file.h"
#include "registry/places_file.h"
#include "settings/config_folder.h"
#include "settings/override.h"
#include "settings/yaml.h"

namespace firegate::app {
namespace {

rules::RuleSetPtr load_rules(const std::vector<ConfigNodePtr>& files, const rules::CalendarPtr& calendar, Problems& problems) {
  if (!files.empty()) return rules::parse(files, problems, calendar);
  std::vector<ConfigNodePtr> builtin;
  for (const BuiltinFile& file : builtin_rules()) {
    builtin.push_back(settings::parse_yaml(file.text, "built-in rules/" + std::string(file.name), problems));
  }
  return rules::parse(builtin, problems, calendar);
}

registry::Inventory load_seed(const settings::ConfigFolder& files, std::span<const decode::Source> sources, Problems& problems) {
  const registry::Places places = files.places ? registry::parse_places(*files.places, problems) : registry::Places{};
  registry::Inventory seed{places.all(), {}};
  if (!files.devices) return seed;
  const auto csv = documents::parse_csv(files.devices->text, files.devices->shown_as, problems);
  if (!csv) return seed;
  std::vector<registry::SourceName> names;
  for (const decode::Source& source : sources) names.push_back({source.id, std::string(source.driver->format())});
  seed.devices = registry::parse_devices(*csv, places, names, problems);
  return seed;
}

// Wire formats of the installation, named as their files. `known` gets them as well.
std::vector<std::shared_ptr<const Driver>> load_formats(const std::vector<ConfigNodePtr>& files,
                                                        std::vector<const Driver*>& known, Problems& problems) {
  std::vector<std::shared_ptr<const Driver>> formats;
  for (const ConfigNodePtr& file : files) {
    const std::string name = std::filesystem::path(*file->at.file).stem();
    const bool taken = std::ranges::any_of(known, [&name](const Driver* driver) { return driver->format() == name; });
    if (taken || !is_id(name)) {
      problems.add(taken ? ProblemCode::E109_duplicate_id : ProblemCode::E111_bad_id, file->at, "",
                   fmt::format("the file names the format \"{}\", {}", name,
                               taken ? "which is there already" : "expected 1 to 64 of A-Z a-z 0-9 _ -"));
    }
    formats.push_back(json_path::make_driver(json_path::JsonFormat::parse(*file, name, problems)));
    known.push_back(formats.back().get());
  }
  return formats;
}

// A script is named as models name it. What a worker would refuse is refused here.
std::vector<codec::ScriptFile> load_codecs(const std::vector<settings::TextFile>& files, Problems& problems) {
  std::vector<codec::ScriptFile> codecs;
  for (const settings::TextFile& file : files) {
    const SourcePos at{std::make_shared<const std::string>(file.shown_as), 0, 0};
    if (file.text.size() > codec::kMaxScriptBytes) {
      problems.add(ProblemCode::E116_too_large, at, "",
                   fmt::format("found {} bytes, expected at most {}", file.text.size(), codec::kMaxScriptBytes));
    } else if (!is_utf8(file.text)) {
      problems.add(ProblemCode::E102_bad_syntax, at, "", "found bytes that are not UTF-8, expected a script in UTF-8");
    }
    codecs.push_back({"codecs/" + std::filesystem::path(file.shown_as).filename().string(), file.text});
  }
  return codecs;
}

std::vector<Model> load_models(const std::vector<settings::ModelFile>& files,
                               const std::vector<codec::ScriptFile>& codecs, Problems& problems) {
  std::vector<Model> models;
  for (const settings::ModelFile& file : files) {
    models.push_back(Model::parse(*file.node, file.brand, file.model, problems));
    const std::string& name = models.back().codec;
    const bool known = std::ranges::any_of(codecs, [&name](const codec::ScriptFile& codec) { return codec.name == name; });
    if (name.empty() || known) continue;
    const ConfigNode* said = file.node->find("codec");
    problems.add(ProblemCode::E110_unknown_reference, said ? said->at : file.node->at, "codec",
                 fmt::format("found \"{}\", expected a script of the folder codecs", name));
  }
  return models;
}

}  // namespace

Config load_config(const std::filesystem::path& folder, std::span<const std::string> overrides,
                   std::span<const std::unique_ptr<Driver>> drivers, Problems& problems) {
  const settings::ConfigFolder files = settings::load_config_folder(folder, problems);
  const ConfigNodePtr gateway = settings::with_overrides(files.gateway, overrides, problems);
  settings::check_sections(gateway.get(), problems);

  Config config;
  std::vector<const Driver*> formats;
  for (const auto& driver : drivers) formats.push_back(driver.get());
  config.formats = load_formats(files.formats, formats, problems);
  config.codecs = load_codecs(files.codecs, problems);
  config.models = load_models(files.models, config.codecs, problems);
  static const ConfigNode kEmptyMap = [] {
    ConfigNode node;
    node.type = ConfigNode::Type::map;
    return node;
  }();
  const auto section = [&gateway](std::string_view name) { return settings::section(gateway.get(), name); };
  const ConfigNode* api = section("api");

  config.ingest = ingest::Settings::parse(*gateway, problems);
  config.decode = decode::Settings::parse(section("sources"), section("limits"), formats, problems);
  config.push = ingest::PushSettings::parse(section("push"), problems);
  find_push_topics(config.push, config.decode.sources, problems);
  config.gb_link = gb_link::Settings::parse(section("gb26875"), problems);
  config.gb_link_base = gb_link_base(config.gb_link, config.decode.sources, section("gb26875"), problems);
  config.partition = partition::Settings::parse(section("partition"), problems);
  config.retention = store::RetentionSettings::parse(section("store"), problems);
  config.journal = store::JournalKeeper::Settings::parse(section("journal"), problems);
  config.journal.keep_days = config.retention.record_days;
  config.api = api::Settings::parse(api ? *api : kEmptyMap, problems);
  config.respond = respond::RespondSettings::parse(files.routes.get(), problems);
  if (files.calendar) config.calendar = rules::parse_calendar(*files.calendar, problems);
  config.rules = load_rules(files.rules, config.calendar, problems);
  config.seed = load_seed(files, config.decode.sources, problems);
  problems.sort();
  return config;
}

}  // namespace firegate::app
