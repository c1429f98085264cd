#include "app/app.h"

#include <fmt/format.h>
#include <malloc.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "api/live_intake.h"
#include "api/server.h"
#include "app/adapters.h"
#include "app/builtin.h"
#include "app/clock_watch.h"
#include "app/codec_worker.h"
#include "app/command_desk.h"
#include "app/device_desk.h"
#include "app/disk_watch.h"
#include "app/fault_relay.h"
#include "app/file_limit.h"
#include "app/gb_wiring.h"
#include "app/loop_watch.h"
#include "app/picture_desk.h"
#include "app/process_watch.h"
#include "app/rule_desk.h"
#include "app/service_manager.h"
#include "core/log.h"
#include "dashboards/console_assets.h"
#include "ingest/canary.h"
#include "ingest/mqtt_link.h"
#include "ingest/push_desk.h"
#include "ingest/sender.h"
#include "respond/respond.h"
#include "store/account_records.h"
#include "store/delivery_records.h"
#include "store/file_check.h"
#include "store/queries.h"
#include "store/rule_records.h"
#include "store/store.h"

namespace firegate::app {
namespace {

constexpr Millis kDrainWithin{5000};  // at stop: what was taken is handed on, the rest stays in the inbox; our choice
constexpr Millis kAnswerWithin{10'000};  // architecture, section 4: no answer to a device older than this leaves

void print(Problems& problems) {
  for (const Problem& problem : problems.list()) fmt::print(stderr, "{}\n", to_text(problem));
}

api::AssetLookup console_lookup() {
  auto assets = std::make_shared<std::map<std::string_view, api::Asset>>();
  for (const ConsoleAsset& asset : console_assets()) {
    (*assets)[asset.path] = {asset.mime, asset.bytes, asset.gzip, asset.etag, asset.path.starts_with("/assets/")};
  }
  return [assets](std::string_view path) -> const api::Asset* {
    const auto found = assets->find(path);
    return found == assets->end() ? nullptr : &found->second;
  };
}

std::vector<std::string> filters_of(const decode::Settings& settings) {
  std::vector<std::string> filters;
  for (const decode::Source& source : settings.sources) {
    filters.insert(filters.end(), source.filters.begin(), source.filters.end());
  }
  return filters;
}

// Through which a device may speak.
std::vector<registry::SourceName> names_of(const std::vector<decode::Source>& sources) {
  std::vector<registry::SourceName> names;
  for (const decode::Source& source : sources) names.push_back({source.id, std::string(source.driver->format())});
  return names;
}

// Whoever can read what the gateway says where it was started may make the first user, and nobody else.
void say_setup_code(const std::string& code, const std::string& address) {
  fmt::print(stderr, "firegate: there is no user yet; open {} and enter the code {}\n", address, code);
  log::warning("setup_code", {{"code", code}, {"address", address}});
}

}  // namespace

// In the order in which they are made: each part may use those above it.
struct App::Parts {
  Files files;
  Clock& clock = system_clock();
  std::vector<std::unique_ptr<Driver>> drivers = builtin_drivers();
  Models models = load_builtin_models();
  Config config;
  metrics::Metrics metrics;
  FaultRelay faults;
  api::LiveIntake live;
  decode::RejectedSamples rejected;
  std::unique_ptr<registry::UnmappedTray> unmapped;

  boost::asio::io_context io{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> io_work{io.get_executor()};
  std::thread io_thread;

  std::unique_ptr<StoredInventory> inventory;
  std::unique_ptr<registry::Registry> registry;
  std::unique_ptr<store::Writer> writer;
  std::unique_ptr<store::JournalKeeper> journal_keeper;
  std::unique_ptr<store::FileCheck> file_check;
  std::unique_ptr<store::AccountRecords> account_records;
  AccountRows accounts;  // as the store gave them back, until the web part has them
  std::unique_ptr<store::DeliveryRecords> delivery_log;
  std::unique_ptr<store::RuleRecords> rule_records;
  std::unique_ptr<store::DeviceRecords> device_records;
  std::unique_ptr<DeviceDesk> device_desk;
  std::unique_ptr<PictureDesk> picture_desk;
  store::PictureRows pictures;  // as the store gave them back, until the desk has them
  std::unique_ptr<respond::Respond> respond;
  std::unique_ptr<partition::PartitionSet> partitions;
  std::unique_ptr<ingest::Inbox> inbox;
  std::unique_ptr<RuleDesk> rule_desk;  // reads the inbox for trials
  std::unique_ptr<ingest::MqttSender> sender;
  std::unique_ptr<ingest::Canary> canary;
  std::unique_ptr<HealthBoard> health;
  std::unique_ptr<InboxSource> inbox_source;
  std::unique_ptr<codec::CodecHost> codecs;
  std::unique_ptr<store::CommandRecords> command_records;
  std::unique_ptr<CommandDesk> command_desk;  // what it is made of outlives its thread: `stop` ends that first
  std::unique_ptr<decode::Reader> reader;
  std::unique_ptr<ingest::MqttLink> link;
  std::unique_ptr<gb_link::GbLink> gb_link;  // null: not wanted
  std::unique_ptr<ingest::PushDesk> pushes;
  std::unique_ptr<Trays> trays;
  std::unique_ptr<api::Server> server;
  std::unique_ptr<ClockWatch> clock_watch;
  std::unique_ptr<DiskWatch> disk_watch;
  ProcessWatch process_watch{clock, metrics};
  std::unique_ptr<LoopWatch> loops;  // from when all of them run
  ServiceManager service_manager = ServiceManager::from_environment();  // from then on the io thread's
  std::unique_ptr<boost::asio::steady_timer> gauges;

  Result<void> build();
  Result<Restored> open_store();
  Result<void> open_rules();
  void build_core(const Restored& restored);
  Result<void> build_intake(const Restored& restored);
  Result<void> build_commands();
  std::unique_ptr<Archive> open_archive() const;
  void start_trials();
  void build_web();
  void answer(InboxSeq seq, Outgoing outgoing);
  void watch_loops();
  void tick();
  void tell_service_manager();
  void stop();
};

Result<void> App::Parts::build() {
  auto restored = open_store();
  if (!restored) return tl::unexpected(restored.error());
  if (auto opened = open_rules(); !opened) return opened;
  auto channels = respond::open_channels(config.respond, clock);
  if (!channels) return tl::unexpected(channels.error());
  respond = std::make_unique<respond::Respond>(config.respond.routes, std::move(*channels),
                                               respond::Surroundings{*delivery_log, clock, metrics, faults, {}});
  build_core(*restored);
  if (auto built = build_intake(*restored); !built) return built;
  if (auto built = build_commands(); !built) return built;
  build_web();

  // Start: the record first, then those who decide, then the web, then what was left in the inbox, and MQTT last.
  if (auto started = respond->start(); !started) return started;
  partitions->start();
  device_desk->start();
  picture_desk->start(std::move(pictures));
  io_thread = std::thread([this] { io.run(); });
  const auto setup_code = server->setup_code();
  if (auto started = server->start(); !started) return started;
  const std::string host = config.api.address == "::1" ? "[::1]" : config.api.address;
  if (setup_code) say_setup_code(*setup_code, fmt::format("http://{}:{}/setup", host, server->port()));
  start_trials();
  reader->start();
  sender->start();
  command_desk->start();
  link->start();
  if (gb_link) {
    if (auto started = gb_link->start(); !started) return started;
  }
  canary->start();
  watch_loops();
  tick();
  ::malloc_trim(0);  // reading the files and the store took several times what is kept of them
  return {};
}

// Opens the store, takes back what was true, and reads places and devices (the files are seeds for an empty store).
Result<Restored> App::Parts::open_store() {
  auto opened = store::open_or_replace(files.data / "firegate.db", clock.now());
  if (!opened) return tl::unexpected(opened.error());
  if (opened->damaged) {
    faults.raise(SelfFaultCode::store_failed, "", "the database was damaged and put aside as " + opened->damaged->string());
  }
  auto restored = store::load(opened->database);
  if (!restored) return restored;
  auto rows = store::load_accounts(opened->database);
  if (!rows) return tl::unexpected(rows.error());
  accounts = std::move(*rows);
  auto known_pictures = store::load_pictures(opened->database);
  if (!known_pictures) return tl::unexpected(known_pictures.error());
  pictures = std::move(*known_pictures);
  clear_faults_of_last_run(restored->alarms, faults);
  inventory = std::make_unique<StoredInventory>(opened->database);
  registry = std::make_unique<registry::Registry>(*inventory, models, metrics, names_of(config.decode.sources));
  const auto seeded = registry->open(config.seed);
  if (!seeded) return tl::unexpected(seeded.error());
  config.seed = {};  // the registry has them now
  log::info("registry_open", {{"devices", registry->snapshot()->devices().size()}, {"seeded", *seeded ? "yes" : "no"}});

  writer = std::make_unique<store::Writer>(std::move(opened->database), store::Writer::Settings{.retention = config.retention},
                                           clock, metrics, faults,
                                           [this](std::vector<Notice> notices) { respond->submit(std::move(notices)); });
  file_check = std::make_unique<store::FileCheck>(files.data / "firegate.db", store::FileCheck::Settings{}, faults);
  journal_keeper =
      std::make_unique<store::JournalKeeper>(files.data / "firegate.db", config.journal, *writer, clock, faults);
  journal_keeper->start();
  device_records = std::make_unique<store::DeviceRecords>(files.data / "firegate.db", *writer);
  inventory->attach(*writer, *device_records);
  device_desk = std::make_unique<DeviceDesk>(*registry, *device_records, live, clock);
  auto picture_files = picture::PictureStore::open(files.data / "pictures");
  if (!picture_files) return tl::unexpected(picture_files.error());
  picture_desk = std::make_unique<PictureDesk>(std::move(*picture_files), picture::Recoder(picture_worker_program(), clock),
                                               store::PictureRecords(*writer), metrics);
  account_records = std::make_unique<store::AccountRecords>(*writer);
  delivery_log = std::make_unique<store::DeliveryRecords>(files.data / "firegate.db", *writer);
  return restored;
}

// The rules: those of the folder, after what was published has its place there.
Result<void> App::Parts::open_rules() {
  rule_records = std::make_unique<store::RuleRecords>(files.data / "firegate.db", *writer);
  rule_desk = std::make_unique<RuleDesk>(RuleDesk::Needs{files.config / "rules", *rule_records, clock, faults,
                                                         [this](const rules::RuleSetPtr& rules) { partitions->use(rules); }});
  return rule_desk->open(config.calendar);
}

// Those who decide: the partitions, and what they need to know.
void App::Parts::build_core(const Restored& restored) {
  unmapped = std::make_unique<registry::UnmappedTray>(metrics);
  partitions = std::make_unique<partition::PartitionSet>(
      config.partition, partition::Deps{*writer, live, *respond, metrics, clock, device_desk.get()}, rule_desk->in_force()->rules, registry->snapshot(), restored);
  registry->subscribe([this](const DeviceMapPtr& map) {
    unmapped->forget_mapped(*map);
    partitions->use(map);
  });
  faults.attach(partitions.get());
}

// From the broker to the partitions: link → inbox → reader → lanes; and back: answers through the sender.
Result<void> App::Parts::build_intake(const Restored& restored) {
  ingest::InboxSettings& settings = config.ingest.inbox;
  if (settings.folder.is_relative()) settings.folder = files.data / settings.folder;
  auto opened = ingest::Inbox::open(settings, restored.inbox_position, clock, metrics, faults);
  if (!opened) return tl::unexpected(opened.error());
  inbox = std::move(*opened);
  sender = std::make_unique<ingest::MqttSender>(io, config.ingest.broker, clock, metrics);
  canary = std::make_unique<ingest::Canary>(io, config.ingest.broker.canary_topic(), *sender, clock, metrics, faults);
  health = std::make_unique<HealthBoard>(HealthBoard::Parts{*inbox, *canary, *writer, *file_check, *partitions, *unmapped, clock, metrics});
  health->finished(inbox->committed());
  inbox_source = std::make_unique<InboxSource>(*inbox, decode::read_from(inbox->committed()));
  codec::HostSettings codec_settings;
  codec_settings.worker = codec_worker_program();
  codecs = std::make_unique<codec::CodecHost>(std::move(codec_settings), faults, metrics);
  codecs->use(config.codecs);
  reader = std::make_unique<decode::Reader>(
      *inbox_source, config.decode, decode::ReaderSettings{.finished_before = restored.inbox_position},
      decode::LaneParts{models, *unmapped, rejected, faults, metrics},
      decode::LaneSeams{*partitions, *writer, clock, [this] { return registry->snapshot(); },
                        [this](InboxSeq seq, Outgoing outgoing) { answer(seq, std::move(outgoing)); }, codecs.get(),
                        [this](CommandAnswer answer) { command_desk->answered(std::move(answer)); }},
      [this](InboxSeq seq) {
        health->finished(seq);
        writer->set_inbox_position(seq);
        inbox->commit(seq);
      });
  reader->restore(restored, *registry->snapshot());

  ingest::MqttLink::Options options;
  options.filters = filters_of(config.decode);
  options.session_expected = inbox->last() > 0;
  options.on_unwritable = [](const Error& error) { log::critical("inbox_unwritable", {{"error", error.message}}); };
  options.on_connected = [this](Instant at) { reader->connected(at); };
  options.on_receiving = [this] { canary->receiving(); };
  link = std::make_unique<ingest::MqttLink>(ingest::MqttLink::Needs{io, *inbox, *canary, clock, metrics, faults},
                                            config.ingest.broker, std::move(options));
  gb_link = make_gb_link(config.gb_link, config.gb_link_base, {io, *inbox, clock, metrics, faults});
  return {};
}

// What people order devices to do: from the web through the lanes to the senders, and the answers back.
Result<void> App::Parts::build_commands() {
  command_records = std::make_unique<store::CommandRecords>(files.data / "firegate.db", *writer);
  command_desk = std::make_unique<CommandDesk>(
      CommandDesk::Needs{*reader, *sender, gb_link.get(), *partitions, *command_records, live, clock});
  return command_desk->open();
}

std::unique_ptr<Archive> App::Parts::open_archive() const {
  auto archive = store::SqliteArchive::open(files.data / "firegate.db");
  return archive ? std::move(*archive) : nullptr;
}

// Backtests, and the shadow that was kept.
void App::Parts::start_trials() {
  rule_desk->start({*inbox, config.ingest.inbox.folder, config.decode, models, [this] { return registry->snapshot(); },
                    [this] { return open_archive(); }, *codecs});
}

void App::Parts::build_web() {
  pushes = std::make_unique<ingest::PushDesk>(config.push, *inbox, clock);
  trays = std::make_unique<Trays>(*unmapped, rejected);
  server = std::make_unique<api::Server>(
      config.api, api::Deps{.acts = *partitions,
                            .devices = *partitions,
                            .health = *health,
                            .tray = *trays,
                            .metrics = metrics,
                            .clock = clock,
                            .self_fault = faults,
                            .intake = live,
                            .account_store = *account_records,
                            .archive = [this] { return open_archive(); },
                            .assets = console_lookup(),
                            .rules = *rule_desk,
                            .device_desk = *device_desk,
                            .accounts = std::move(accounts),
                            .live = partitions->live_alarms(),
                            .version = FIREGATE_VERSION,
                            .places = [this] { return registry->places()->all(); },
                            .pushes = pushes.get(),
                            .pictures = picture_desk.get(),
                            .commands = command_desk.get()});
  disk_watch = std::make_unique<DiskWatch>(files.data, faults, metrics);
  clock_watch = std::make_unique<ClockWatch>(clock, faults, *writer, [this](Millis step) { partitions->clock_stepped(step); });
}

// An answer leaves once its message is on disk, and not when it has become old.
void App::Parts::answer(InboxSeq seq, Outgoing outgoing) {
  const Steady too_late = clock.steady_now() + kAnswerWithin;
  inbox->when_synced(seq, [this, too_late, outgoing = std::move(outgoing)]() mutable {
    if (clock.steady_now() > too_late) return;
    metrics.replies_sent.add();
    sender->send(std::move(outgoing), [](Result<void> sent) {
      if (!sent) log::warning("answer_not_sent", {{"error", sent.error().message}});
    });
  });
}

// Last of all: every loop runs by now. The io thread begins with the first tick.
void App::Parts::watch_loops() {
  using metrics::Loop;
  loops = std::make_unique<LoopWatch>(
      clock, metrics,
      std::vector<WatchedLoop>{
          {Loop::inbox_syncer, [this] { return inbox->syncer_pulse(); }, LoopWatch::kDiskPatience},
          {Loop::reader, [this] { return reader->pulse(); }, LoopWatch::kDiskPatience},
          {Loop::lanes, [this] { return reader->slowest_lane(); }, LoopWatch::kPatience},
          {Loop::partitions, [this] { return partitions->slowest_pulse(); }, LoopWatch::kPatience},
          {Loop::writer, [this] { return writer->pulse(); }, LoopWatch::kDiskPatience}});
  health->attach(*loops);
  service_manager.ready();
}

void App::Parts::tell_service_manager() {
  partitions->ask_pulses();
  reader->ask_pulses();
  if (loops->look()) service_manager.alive(clock.steady_now());
  std::string not_ready;
  for (const Health::Part& part : health->health().parts) {
    if (!part.ok) not_ready += fmt::format("{}{}: {}", not_ready.empty() ? "" : "; ", part.name, part.detail);
  }
  service_manager.status(not_ready.empty() ? "ready" : "not ready: " + not_ready);
}

void App::Parts::tick() {
  gauges = std::make_unique<boost::asio::steady_timer>(io);
  gauges->expires_after(std::chrono::seconds{1});
  gauges->async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    health->update_gauges();
    partitions->look_after_mailboxes();
    writer->look();
    clock_watch->look();
    disk_watch->look();
    process_watch.look();
    tell_service_manager();
    tick();
  });
}

// The reverse of start: no more messages, then what was taken is decided and recorded, then the web.
void App::Parts::stop() {
  log::info("stopping");
  service_manager.stopping();
  if (rule_desk) rule_desk->stop();
  if (command_desk) command_desk->stop();
  if (device_desk) device_desk->stop();
  if (picture_desk) picture_desk->stop();
  if (link) link->stop();
  if (gb_link && io_thread.joinable()) gb_link->stop();
  if (canary) canary->stop();
  if (inbox) inbox->stop_reading();
  if (reader) reader->stop(kDrainWithin);
  if (codecs) codecs->stop();
  if (partitions) partitions->stop();
  faults.attach(nullptr);
  if (file_check) file_check->stop();
  if (writer) writer->stop();
  if (journal_keeper) journal_keeper->stop();
  if (respond) respond->stop();
  if (sender && io_thread.joinable()) sender->stop();
  if (server) server->stop();
  io_work.reset();
  io.stop();
  if (io_thread.joinable()) io_thread.join();
  log::info("stopped");
}

App::App() : parts_(std::make_unique<Parts>()) {}
App::~App() { parts_->stop(); }

Result<std::unique_ptr<App>> App::start(Files files) {
  std::unique_ptr<App> app(new App());
  Parts& parts = *app->parts_;
  parts.files = std::move(files);
  parts.metrics.version = FIREGATE_VERSION;
  if (const auto finished = RuleFolder(parts.files.config / "rules").finish(); !finished) {
    log::error("rules_not_in_place", {{"error", finished.error().message}});
  }
  Problems problems;
  parts.config = load_config(parts.files.config, parts.files.overrides, parts.drivers, problems);
  if (!problems.empty()) {
    print(problems);
    return fail(ErrorCode::bad_input, fmt::format("reading {}: found {} problems", parts.files.config.string(), problems.list().size()));
  }
  const std::size_t units = parts.config.gb_link.port ? parts.config.gb_link.max_connections : 0;
  for (Model& model : parts.config.models) parts.models.put_first(std::move(model));
  ensure_file_limit(files_needed(parts.config.api) + units);
  parts.config.api.place_below(parts.files.data);
  std::error_code failure;
  std::filesystem::create_directories(parts.files.data, failure);
  if (failure) return fail(ErrorCode::io_failed, fmt::format("creating {}: {}", parts.files.data.string(), failure.message()));
  if (auto built = parts.build(); !built) return tl::unexpected(built.error());
  log::info("started", {{"version", FIREGATE_VERSION}, {"port", parts.server->port()},
                        {"devices", parts.registry->snapshot()->devices().size()}});
  return app;
}

void App::reload() {
  Parts& parts = *parts_;
  parts.rule_desk->settle();
  Problems problems;
  Config fresh = load_config(parts.files.config, parts.files.overrides, parts.drivers, problems);
  if (!problems.empty()) {
    print(problems);
    for (const Problem& problem : problems.list()) log::error("config_refused", {{"problem", to_text(problem)}});
    parts.faults.raise(SelfFaultCode::config_refused, "",
                       fmt::format("{} problems, the first: {}", problems.list().size(), to_text(problems.list().front())));
    return;
  }
  if (auto taken = parts.rule_desk->reload(fresh.calendar); !taken) {
    log::error("config_refused", {{"problem", taken.error().message}});
    parts.faults.raise(SelfFaultCode::config_refused, "", taken.error().message);
    return;
  }
  parts.respond->replace_routes(fresh.respond.routes);
  parts.codecs->use(std::move(fresh.codecs));
  parts.faults.clear(SelfFaultCode::config_refused, "");
  static_cast<void>(parts.server->reload_tls());  // logs and raises by itself what is wrong
  log::info("reloaded", {{"rules", fresh.rules->all().size()}, {"routes", fresh.respond.routes.all().size()}});
}

std::uint16_t App::port() const noexcept { return parts_->server->port(); }

}  // namespace firegate::app
