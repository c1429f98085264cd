// Expression: a condition in words of arithmetic, for what no other test says: `port_temperature_c -
// board_temperature_c > 20`. Read once into a postfix program; evaluating it takes one step an operation and no memory
// of its own.
//
//   or, and, not · < <= > >= == != · + - * / · min(a, b, ...) max(a, b, ...) abs(a) · ( ) · numbers, true, false,
//   points
//
// Three-valued: a point that is missing or unknown is unknown, as are a division by zero and what is not finite; `false
// and unknown` is false, `true or unknown` is true. At most kMaxOps operations and kMaxDepth brackets (our choice).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/point.h"
#include "core/result.h"

namespace firegate::rules {

// An answer of a condition. Unknown is the third one: it raises and clears nothing.
enum class Truth : std::uint8_t { no, yes, unknown };
constexpr Truth truth_of(bool yes) noexcept { return yes ? Truth::yes : Truth::no; }
constexpr Truth opposite(Truth truth) noexcept {
  return truth == Truth::unknown ? truth : truth_of(truth == Truth::no);
}

// A number or a boolean (0 and 1) during evaluation.
struct Operand {
  double value = 0;
  bool known = false;
};

class Expression {
 public:
  static constexpr std::size_t kMaxOps = 64;
  static constexpr std::size_t kMaxDepth = 16;
  static constexpr std::size_t kMaxText = 400;

  // What is wrong with a text, and at which byte of it.
  struct Mistake {
    std::size_t at = 0;
    std::string message;
  };
  static tl::expected<Expression, Mistake> parse(std::string_view text);

  // `value_of(point)` gives an Operand.
  template <typename ValueOf>
  Truth evaluate(ValueOf value_of) const;

  const std::string& text() const noexcept { return text_; }
  const std::vector<Point>& points() const noexcept { return points_; }  // each once

  // Postfix: `number` and `point` push, the others take their operands from the stack and push the result.
  enum class Op : std::uint8_t {
    number,
    point,
    negate,
    absolute,
    add,
    subtract,
    multiply,
    divide,
    least,
    greatest,
    less,
    at_most,
    greater,
    at_least,
    equal,
    unequal,
    both,
    either,
    opposite,
  };
  struct Step {
    Op op{};
    Point point{};
    double number = 0;
  };

 private:
  friend class ExpressionParser;
  static void apply(Op op, Operand* stack, std::size_t& depth) noexcept;

  std::string text_;
  std::vector<Step> steps_;
  std::vector<Point> points_;
};

template <typename ValueOf>
Truth Expression::evaluate(ValueOf value_of) const {
  Operand stack[kMaxOps];
  std::size_t depth = 0;
  for (const Step& step : steps_) {
    if (step.op == Op::number) {
      stack[depth++] = {step.number, true};
    } else if (step.op == Op::point) {
      stack[depth++] = value_of(step.point);
    } else {
      apply(step.op, stack, depth);
    }
  }
  return !stack[0].known ? Truth::unknown : truth_of(stack[0].value != 0);
}

}  // namespace firegate::rules
