// An ordinary day of a lift: it stands, is called, runs a floor a step, opens its door and stands again.
#include "simulate/life.h"

namespace firegate::simulate {
namespace {

using namespace std::chrono_literals;

class LiftLife final : public Life {
 public:
  static constexpr std::int64_t kFloors = 12;

  Millis pace() const override { return 5s; }

  void begin(Facts& facts, Random& random) override {
    for (const Point point : {Point::ebike_detected, Point::door_held, Point::person_inside, Point::person_trapped,
                              Point::emergency_call, Point::fire_recall, Point::firefighter_mode, Point::fault}) {
      facts.set(point, false);
    }
    facts.set(Point::lift_mode, choice_value(Point::lift_mode, "normal"));
    floor_ = target_ = random.whole(1, kFloors + 1);
    show(facts, "still", "closed");
  }

  bool go_on(Facts& facts, Random& random, Millis) override {
    if (floor_ != target_) {
      run(facts);
      return true;
    }
    if (open_) {
      open_ = false;
      facts.set(Point::person_inside, target_after_ != floor_);
      target_ = target_after_;
      show(facts, "still", "closed");
      return true;
    }
    if (!random.chance(0.06)) return false;
    target_ = random.whole(1, kFloors + 1);        // somebody calls it
    target_after_ = random.whole(1, kFloors + 1);  // and then rides on
    if (target_ == floor_) arrive(facts);
    return true;
  }

 private:
  void run(Facts& facts) {
    const bool up = target_ > floor_;
    floor_ += up ? 1 : -1;
    if (floor_ == target_) {
      arrive(facts);
    } else {
      show(facts, up ? "up" : "down", "closed");
    }
  }

  void arrive(Facts& facts) {
    open_ = true;
    if (facts.flag(Point::person_inside)) target_after_ = floor_;  // they get out, it stays
    show(facts, "still", "open");
  }

  void show(Facts& facts, std::string_view direction, std::string_view door) {
    facts.set(Point::lift_floor, static_cast<double>(floor_));
    facts.set(Point::lift_direction, choice_value(Point::lift_direction, direction));
    facts.set(Point::lift_door, choice_value(Point::lift_door, door));
  }

  std::int64_t floor_ = 1, target_ = 1, target_after_ = 1;
  bool open_ = false;
};

}  // namespace

std::unique_ptr<Life> make_lift_life() { return std::make_unique<LiftLife>(); }

}  // namespace firegate::simulate
