#include "simulate/facts.h"

#include <tuple>

namespace firegate::simulate {
namespace {

bool before(const Fact& fact, const std::pair<Port, Point>& key) {
  return std::tie(fact.port, fact.point) < std::tie(key.first, key.second);
}

}  // namespace

Fact& Facts::at(Point point, Port port) {
  const auto place = std::lower_bound(facts_.begin(), facts_.end(), std::pair(port, point), before);
  if (place != facts_.end() && place->port == port && place->point == point) return *place;
  return *facts_.insert(place, Fact{port, point, Unknown{}, std::nullopt});
}

void Facts::set(Point point, Value value, Port port) {
  Fact& fact = at(point, port);
  (fact.normal ? *fact.normal : fact.value) = std::move(value);
}

void Facts::hold(Point point, Value value, Port port) {
  Fact& fact = at(point, port);
  if (!fact.normal) fact.normal = fact.value;
  fact.value = std::move(value);
}

void Facts::release() {
  for (Fact& fact : facts_) {
    if (fact.normal) fact.value = *std::exchange(fact.normal, std::nullopt);
  }
}

const Value* Facts::find(Point point, Port port) const noexcept {
  const auto place = std::lower_bound(facts_.begin(), facts_.end(), std::pair(port, point), before);
  const bool found = place != facts_.end() && place->port == port && place->point == point;
  return found && !is_unknown(place->value) ? &place->value : nullptr;
}

bool Facts::flag(Point point, Port port) const noexcept {
  const Value* value = find(point, port);
  const bool* on = value ? as_bool(*value) : nullptr;
  return on && *on;
}

double Facts::number(Point point, Port port, double otherwise) const noexcept {
  const Value* value = find(point, port);
  const double* number = value ? as_number(*value) : nullptr;
  return number ? *number : otherwise;
}

std::string_view Facts::word(Point point, Port port) const noexcept {
  const Value* value = find(point, port);
  const Choice* choice = value ? std::get_if<Choice>(value) : nullptr;
  return choice ? info(point).choices[choice->ordinal] : std::string_view();
}

}  // namespace firegate::simulate
