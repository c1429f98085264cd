// RuleBodies: what people send about rules. As bodies.h: bad_input, naming the member. What a file is called and what
// stands in it is judged by the desk, with every problem at once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/rule_version.h"

namespace firegate::api {

constexpr std::size_t kMaxRuleBody =
    256 * 1024;                            // bytes, of bodies with files; our choice: five times the default rules
constexpr std::size_t kMaxRuleNote = 500;  // bytes; our choice
constexpr std::chrono::days kLongestBacktest{31};

// Whether the body of a request for this path may be as large as kMaxRuleBody.
bool takes_rule_files(std::string_view method, std::string_view target) noexcept;

struct RuleFilesBody {
  RulePatch files;
  std::string note;
};
Result<RuleFilesBody> read_rule_files(std::string_view body, bool note_required);

struct RollbackBody {
  std::uint32_t version = 0;
  std::string note;
};
Result<RollbackBody> read_rollback(std::string_view body);

struct BacktestBody {
  RulePatch files;
  Instant from{}, to{};
};
Result<BacktestBody> read_backtest(std::string_view body);

}  // namespace firegate::api
