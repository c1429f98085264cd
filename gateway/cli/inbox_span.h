// InboxSpan: the messages that a gateway's inbox holds of a span of time, for commands that read it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/raw_message.h"
#include "core/result.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace firegate::cli {

struct InboxSpan {
  std::string inbox;     // the folder
  std::string from, to;  // RFC 3339, both included; empty: no bound
};

// Adds --inbox, --from and --to; returns --inbox.
CLI::Option* add_inbox_options(CLI::App& command, InboxSpan& span);

// In order. Says on standard error how much of the inbox does not check. Errors: not_found, io_failed, unsupported.
Result<void> read_inbox(const InboxSpan& span, const std::function<void(const RawMessage&)>& take);

// Arrival of the oldest message that the inbox holds; none: it holds none. Errors as above.
Result<std::optional<Instant>> begin_of_inbox(const std::string& inbox);

// Of an option that is a time: what is wrong with it, empty: nothing.
std::string check_time(const std::string& text);

}  // namespace firegate::cli
