#include "cli/inbox_span.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "ingest/recording.h"

namespace firegate::cli {

CLI::Option* add_inbox_options(CLI::App& command, InboxSpan& span) {
  CLI::Option* inbox = command.add_option("--inbox", span.inbox, "Inbox folder of a gateway, which may be running");
  command.add_option("--from", span.from, "Messages of the inbox from this time on")->needs(inbox)->check(check_time);
  command.add_option("--to", span.to, "Messages of the inbox up to this time")->needs(inbox)->check(check_time);
  return inbox;
}

Result<void> read_inbox(const InboxSpan& span, const std::function<void(const RawMessage&)>& take) {
  const auto recording = ingest::Recording::open(span.inbox);
  if (!recording) return tl::unexpected(recording.error());
  const Instant from = instant_from_text(span.from).value_or(Instant::min());
  const Instant to = instant_from_text(span.to).value_or(kNever);
  const auto damaged = recording->each([&](const RawMessage& message) {
    if (message.arrived_at >= from && message.arrived_at <= to) take(message);
    return true;
  });
  if (!damaged) return tl::unexpected(damaged.error());
  if (*damaged > 0) fmt::print(stderr, "{} bytes of the inbox do not check and were passed over\n", *damaged);
  return {};
}

Result<std::optional<Instant>> begin_of_inbox(const std::string& inbox) {
  const auto recording = ingest::Recording::open(inbox);
  if (!recording) return tl::unexpected(recording.error());
  std::optional<Instant> begin;
  const auto damaged = recording->each([&begin](const RawMessage& message) {
    begin = message.arrived_at;
    return false;
  });
  if (!damaged) return tl::unexpected(damaged.error());
  return begin;
}

std::string check_time(const std::string& text) {
  if (instant_from_text(text)) return {};
  return fmt::format("found \"{}\", expected a time like 2026-11-22T03:14:15.926Z", text);
}

}  // namespace firegate::cli
