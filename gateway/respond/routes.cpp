#include "respond/routes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace firegate::respond {
namespace {

template <typename T>
bool asks_for(const std::vector<T>& wanted, const T& found) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), found) != wanted.end();
}

const std::string& estate_of(const Notice& notice) {
  static const std::string kNone;
  return notice.alarm.subject.place ? notice.alarm.subject.place->estate.id : kNone;
}

std::vector<std::string> texts(MapReader& reader, std::string_view key, Problems& problems) {
  std::vector<std::string> texts;
  const ConfigNode* list = reader.list(key);
  if (!list) return texts;
  for (const ConfigNodePtr& item : list->items) {
    if (item->type == ConfigNode::Type::scalar) {
      texts.push_back(item->scalar);
    } else {
      problems.add(ProblemCode::E106_wrong_type, item->at, item->path, "found no word, expected a word");
    }
  }
  return texts;
}

template <typename Enum>
std::vector<Enum> words(MapReader& reader, std::string_view key, Problems& problems) {
  std::vector<Enum> values;
  for (const std::string& text : texts(reader, key, problems)) {
    if (const auto value = from_label<Enum>(text)) {
      values.push_back(*value);
    } else {
      reader.wrong(key, ProblemCode::E108_not_in_list,
                   fmt::format("found \"{}\", expected one of {}, nearest is \"{}\"", text,
                               fmt::join(Labels<Enum>::list, ", "), nearest(text, Labels<Enum>::list)));
    }
  }
  return values;
}

// What was collected in a flood goes wherever its announcements would have gone one by one.
bool wants_collected(const std::vector<NoticeKind>& notices, NoticeKind kind) noexcept {
  return kind == NoticeKind::collected &&
         (asks_for(notices, NoticeKind::raised) || asks_for(notices, NoticeKind::announced_again));
}

}  // namespace

bool Route::takes(const Notice& notice) const noexcept {
  const AlarmClass alarm_class = notice.alarm.alarm_class;
  return asks_for(classes, alarm_class) && asks_for(priorities, info(alarm_class).priority) &&
         asks_for(estates, estate_of(notice)) &&
         (asks_for(notices, notice.kind) || wants_collected(notices, notice.kind));
}

Routes Routes::parse(const ConfigNode* list, const std::vector<std::string>& channels, Problems& problems) {
  std::vector<Route> routes;
  if (!list) return Routes{};
  for (const ConfigNodePtr& item : list->items) {
    MapReader reader(*item, problems);
    if (!reader.ok()) continue;
    Route& route = routes.emplace_back();
    route.name = reader.text("name");
    route.classes = words<AlarmClass>(reader, "classes", problems);
    route.priorities = words<Priority>(reader, "priorities", problems);
    route.estates = texts(reader, "estates", problems);
    route.notices = words<NoticeKind>(reader, "notices", problems);
    route.channel = reader.text("channel");
    if (!route.channel.empty() && std::find(channels.begin(), channels.end(), route.channel) == channels.end()) {
      reader.wrong("channel", ProblemCode::E110_unknown_reference,
                   fmt::format("found \"{}\", expected a channel of this file", route.channel));
    }
    reader.finish();
  }
  return Routes(std::move(routes));
}

std::vector<std::string> Routes::channels_for(const Notice& notice) const {
  std::vector<std::string> channels;
  for (const Route& route : routes_) {
    if (!route.takes(notice)) continue;
    if (std::find(channels.begin(), channels.end(), route.channel) == channels.end()) channels.push_back(route.channel);
  }
  return channels;
}

}  // namespace firegate::respond
