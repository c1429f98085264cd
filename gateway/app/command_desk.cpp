#include "app/command_desk.h"

#include <fmt/format.h>

#include <algorithm>

#include "accounts/secret.h"
#include "core/log.h"

namespace firegate::app {
namespace {

constexpr std::size_t kIdLength = 22;  // of 64 characters: 132 random bits, which no other device can guess
constexpr std::string_view kUnits = "gb26875";

CommandRecord record_of(const CommandOrder& order, Instant now) {
  CommandRecord record;
  record.command.id = accounts::random_secret().substr(0, kIdLength);
  record.command.kind = order.kind;
  record.command.port = order.port;
  record.command.until = order.until;
  record.device = order.device->id;
  record.estate = order.device->place->estate.id;
  record.source = order.device->source;
  record.address = order.device->address;
  record.at = record.changed_at = now;
  record.by = order.by;
  record.who = order.who;
  record.reason = order.reason;
  record.key = order.key;
  return record;
}

std::string words_of(const Command& command) {
  std::string words(label(command.kind));
  return command.port == kNoPort ? words : fmt::format("{} port {}", words, command.port);
}

JournalEntry order_line(const CommandRecord& record, const std::string& from) {
  JournalEntry line;
  line.at = record.at;
  line.kind = "command";
  line.subject = "device:" + record.device;
  line.to = words_of(record.command);
  line.who = record.who;
  line.name = record.by;
  line.address = from;
  line.why = record.reason;
  return line;
}

JournalEntry result_line(const CommandRecord& record) {
  JournalEntry line;
  line.at = record.changed_at;
  line.kind = "command_result";
  line.subject = "device:" + record.device;
  line.from = words_of(record.command);
  line.to = label(record.state);
  line.who = "system";
  line.why = record.why;
  return line;
}

bool same_order(const CommandRecord& before, const CommandOrder& order) {
  return before.device == order.device->id && before.command.kind == order.kind && before.command.port == order.port;
}

}  // namespace

Result<void> CommandDesk::open() {
  auto left_open = needs_.records.open();
  if (!left_open) return tl::unexpected(left_open.error());
  for (CommandRecord& record : *left_open) {
    const std::string id = record.command.id;
    const bool unclear = record.state == CommandState::requested;
    book_.add(std::move(record));
    if (!unclear) continue;
    note(book_.advance(id, CommandState::timed_out, "the gateway was restarted; it is not known whether it left",
                       needs_.clock.now()));
  }
  return {};
}

void CommandDesk::start() {
  thread_ = std::thread([this] { run_thread(); });
}

void CommandDesk::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting_.clear();
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void CommandDesk::order(CommandOrder order, Done done) noexcept {
  const auto work = [this, order = std::move(order), done] { carry_out(order, done); };
  if (!post(work, kMaxWaiting)) done(fail(ErrorCode::overloaded, "commanding devices: too many orders wait"));
}

void CommandDesk::history(std::string device, std::uint64_t before, std::size_t limit,
                          std::function<void(Result<std::vector<CommandRecord>>)> done) noexcept {
  const auto work = [this, device = std::move(device), before, limit, done] {
    auto rows = needs_.records.of_device(device, before, limit);
    if (rows) std::ranges::transform(*rows, rows->begin(), [this](CommandRecord& row) { return book_.newest(std::move(row)); });
    done(std::move(rows));
  };
  if (!post(work, kMaxWaiting)) done(fail(ErrorCode::overloaded, "reading commands: too many requests wait"));
}

// Asked of the lanes from the desk's thread: before it runs, they do not.
void CommandDesk::offers(DevicePtr device, std::function<void(std::vector<CommandOffer>)> done) noexcept {
  const auto work = [this, device = std::move(device), done] {
    needs_.reader.offers(device->source, device->address, done);
  };
  if (!post(work, kMaxWaiting)) done({});
}

void CommandDesk::answered(CommandAnswer answer) noexcept {
  post([this, answer = std::move(answer)] { note(book_.answered(answer, needs_.clock.now())); }, kMaxAnswers);
}

bool CommandDesk::post(std::function<void()> work, std::size_t most) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= most) return false;
    waiting_.push_back(std::move(work));
  }
  wake_.notify_all();
  return true;
}

void CommandDesk::run_thread() {
  Steady next_tick = needs_.clock.steady_now();
  for (;;) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, std::chrono::seconds{1}, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      if (!waiting_.empty()) {
        work = std::move(waiting_.front());
        waiting_.pop_front();
      }
    }
    if (work) work();
    if (needs_.clock.steady_now() < next_tick) continue;
    next_tick = needs_.clock.steady_now() + std::chrono::seconds{1};
    tick();
  }
}

void CommandDesk::carry_out(const CommandOrder& order, const Done& done) {
  if (const auto before = carried_out_before(order)) return done(*before);
  const CommandRecord record = record_of(order, needs_.clock.now());
  if (const auto added = needs_.records.add(record, order_line(record, order.from)); !added) {
    return done(tl::unexpected(added.error()));
  }
  metrics_.reached.of(label(record.command.kind))[record.state].add();
  book_.add(record);
  needs_.live.command_changed(record);
  const bool by_units = needs_.units && order.device->format == kUnits;
  needs_.reader.encode(
      record.source, record.command, record.address, [this, record, by_units, done](Result<Encoded> encoded) {
        post([this, record, by_units, done, encoded = std::move(encoded)] { send(record, encoded, by_units, done); });
      });
}

// A key stands for one command for ever, across restarts.
std::optional<Result<CommandRecord>> CommandDesk::carried_out_before(const CommandOrder& order) {
  if (order.key.empty()) return std::nullopt;
  auto before = needs_.records.by_key(order.who, order.key);
  if (!before) return tl::unexpected(before.error());
  if (!*before) return std::nullopt;
  if (same_order(**before, order)) return book_.newest(std::move(**before));
  return fail(ErrorCode::bad_input, "reading Idempotency-Key: it was used for another command");
}

void CommandDesk::send(const CommandRecord& record, Result<Encoded> encoded, bool by_units, const Done& done) {
  const std::string& id = record.command.id;
  if (!encoded) {
    const auto refused = book_.advance(id, CommandState::refused, encoded.error().message, needs_.clock.now());
    note(refused);
    return done(refused.value_or(record));
  }
  leaving_[id] = encoded->messages.size();
  for (const Outgoing& outgoing : encoded->messages) send_one(id, outgoing, by_units);
  done(record);
}

// A unit that has never connected may speak through the broker.
void CommandDesk::send_one(const std::string& id, const Outgoing& outgoing, bool by_units) {
  Sender& sender = by_units ? *needs_.units : needs_.broker;
  sender.send(outgoing, [this, id, outgoing, by_units](Result<void> sent) {
    post([this, id, outgoing, by_units, sent = std::move(sent)] {
      if (!sent && by_units && sent.error().code == ErrorCode::not_found) return send_one(id, outgoing, false);
      left(id, sent);
    });
  });
}

void CommandDesk::left(const std::string& id, const Result<void>& sent) {
  const auto leaving = leaving_.find(id);
  if (leaving == leaving_.end()) return;
  if (!sent) {
    leaving_.erase(leaving);
    const bool unclear = sent.error().code == ErrorCode::timed_out;
    return note(book_.advance(id, unclear ? CommandState::timed_out : CommandState::refused, sent.error().message,
                              needs_.clock.now()));
  }
  if (--leaving->second > 0) return;
  leaving_.erase(leaving);
  note(book_.advance(id, CommandState::sent, "", needs_.clock.now()));
}

void CommandDesk::note(const std::optional<CommandRecord>& changed) {
  if (!changed) return;
  metrics_.reached.of(label(changed->command.kind))[changed->state].add();
  log::info("command", {{"device", changed->device},
                        {"command", label(changed->command.kind)},
                        {"state", label(changed->state)},
                        {"why", changed->why}});
  needs_.records.change(*changed, result_line(*changed));
  needs_.live.command_changed(*changed);
}

void CommandDesk::tick() {
  for (const CommandRecord& late : book_.tick(needs_.clock.now())) note(late);
  for (const CommandRecord& record : book_.to_measure()) {
    needs_.devices.one(record.device, [this, id = record.command.id](Result<DeviceSnapshot> device) {
      if (!device) return;
      post([this, id, device = std::move(*device)] { note(book_.measured(id, device, needs_.clock.now())); });
    });
  }
}

}  // namespace firegate::app
