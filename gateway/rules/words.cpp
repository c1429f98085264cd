// A rule's limits in words, for `firegate rules explain`.
#include <fmt/format.h>

#include "rules/override.h"

namespace firegate::rules {
namespace {

std::string describe(const Condition& condition);

std::string in_words(Millis span) {
  const auto count = span.count();
  if (count % 86'400'000 == 0) return fmt::format("{}d", count / 86'400'000);
  if (count % 3'600'000 == 0) return fmt::format("{}h", count / 3'600'000);
  if (count % 60'000 == 0) return fmt::format("{}min", count / 60'000);
  return count % 1000 == 0 ? fmt::format("{}s", count / 1000) : fmt::format("{}ms", count);
}

std::string describe_leaf(const Group& leaf) {
  std::string text;
  for (const Condition& part : leaf.of) {
    if (!text.empty()) text += leaf.combine == Combine::any ? " or " : " and ";
    text += part.as<Group>() ? fmt::format("({})", describe(part)) : describe(part);
  }
  return text;
}
std::string describe_leaf(const Not& leaf) { return fmt::format("not ({})", describe(leaf.of.front())); }
std::string describe_leaf(const Is& leaf) {
  std::string text = fmt::format("{} is", name(leaf.point));
  for (std::size_t i = 0; i < leaf.any_of.size(); ++i) {
    text += fmt::format("{} {}", i > 0 ? " or" : "", to_text(leaf.point, leaf.any_of[i]));
  }
  return text;
}
std::string describe_leaf(const Limit& leaf) {
  const char* beyond = leaf.upper ? (leaf.inclusive ? "at least" : "above") : (leaf.inclusive ? "at most" : "below");
  std::string text = fmt::format("{} {} {}", name(leaf.point), beyond, leaf.limit);
  if (leaf.has_band()) text += fmt::format(" (clears {} {})", leaf.upper ? "below" : "above", leaf.clear);
  return text;
}
std::string describe_leaf(const Rise& leaf) {
  return fmt::format("{} {} by {} within {}", name(leaf.point), leaf.falls ? "falls" : "rises", leaf.by,
                     in_words(leaf.within));
}
std::string describe_leaf(const Deviation& leaf) {
  const char* side = leaf.side == Deviation::Side::above   ? "above"
                     : leaf.side == Deviation::Side::below ? "below"
                                                           : "away from";
  return fmt::format("{} {} {} its mean of {}", name(leaf.point), leaf.by, side, in_words(leaf.baseline));
}
std::string describe_leaf(const Count& leaf) {
  return fmt::format("{} times within {}: {}", leaf.at_least, in_words(leaf.within), describe(leaf.of.front()));
}
std::string describe_leaf(const Chatter& leaf) {
  return fmt::format("{} changes {} times within {}", name(leaf.point), leaf.changes, in_words(leaf.within));
}
std::string describe_leaf(const Stuck& leaf) {
  return fmt::format("{} unchanged for {}", name(leaf.point), in_words(leaf.unchanged_for));
}
std::string describe_leaf(const Absence& leaf) {
  return leaf.offline_delay ? fmt::format("not heard, or offline for {}", in_words(*leaf.offline_delay)) : "not heard";
}
std::string describe_leaf(const Schedule& leaf) {
  static constexpr std::string_view kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  std::string text = "during";
  if (leaf.days != Schedule::Days::listed) {
    text += leaf.days == Schedule::Days::working ? " working days" : " free days";
  } else if (leaf.weekdays != 0x7f) {
    for (unsigned day = 0; day < 7; ++day) {
      if (leaf.weekdays & (1u << day)) text += fmt::format(" {}", kDays[day]);
    }
  }
  const auto clock = [](std::chrono::minutes at) {
    return fmt::format("{:02}:{:02}", at.count() / 60, at.count() % 60);
  };
  text += fmt::format(" {} to {}", clock(leaf.from), clock(leaf.to));
  if (leaf.holidays != Schedule::Holidays::as_usual) text += fmt::format(", holidays {}", label(leaf.holidays));
  return text;
}
std::string describe_leaf(const InZone& leaf) {
  return fmt::format("at least {} in the {}: {}", leaf.at_least, label(leaf.scope), describe(leaf.of.front()));
}
std::string describe_leaf(const Nearby& leaf) {
  return fmt::format("another in the {}: {}", label(leaf.scope), describe(leaf.when.front()));
}
std::string describe_leaf(const Expression& leaf) { return leaf.text(); }
std::string describe_leaf(const FirePattern& leaf) { return fmt::format("fire pattern: {}", label(leaf.asks)); }

std::string describe(const Condition& condition) {
  return std::visit([](const auto& leaf) { return describe_leaf(leaf); }, condition.what);
}

}  // namespace

std::vector<std::string> in_words(const Rule& rule) {
  std::vector<std::string> lines;
  for (const Step& step : rule.steps) {
    std::string line = fmt::format("{} when {}", label(step.alarm_class), describe(step.when));
    if (step.on_delay > Millis{0}) line += fmt::format(", for {}", in_words(step.on_delay));
    if (step.off_delay > Millis{0}) line += fmt::format(", until it is gone for {}", in_words(step.off_delay));
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace firegate::rules
