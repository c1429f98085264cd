// What carries commands out, in the tests of the API: remembers what was ordered and has an answer at once.
#pragma once

#include <vector>

#include "core/commands.h"

namespace firegate::fakes {

class ScriptedCommands final : public Commands {
 public:
  void order(CommandOrder order, std::function<void(Result<CommandRecord>)> done) noexcept override {
    CommandRecord record;
    record.seq = ordered.size() + 1;
    record.command = {"command-1", order.kind, order.port, order.until};
    record.device = order.device->id;
    record.by = order.by;
    record.reason = order.reason;
    ordered.push_back(std::move(order));
    done(std::move(record));
  }
  void history(std::string, std::uint64_t before, std::size_t limit,
               std::function<void(Result<std::vector<CommandRecord>>)> done) noexcept override {
    asked_before = before;
    auto page = rows;
    page.resize(std::min(page.size(), limit));
    done(std::move(page));
  }
  void offers(DevicePtr, std::function<void(std::vector<CommandOffer>)> done) noexcept override {
    done({{CommandKind::cut_off, true}, {CommandKind::query, false}});
  }
  std::string exposition() const override { return {}; }

  std::vector<CommandOrder> ordered;
  std::vector<CommandRecord> rows;
  std::uint64_t asked_before = 0;
};

}  // namespace firegate::fakes
