#include "rules/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>

#include "core/config_node.h"

namespace firegate::rules {
namespace {

using Op = Expression::Op;

constexpr bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

Operand combine(Op op, Operand a, Operand b) noexcept {
  switch (op) {
    case Op::both:
      if ((a.known && a.value == 0) || (b.known && b.value == 0)) return {0, true};
      return {1, a.known && b.known};
    case Op::either:
      if ((a.known && a.value != 0) || (b.known && b.value != 0)) return {1, true};
      return {0, a.known && b.known};
    default: break;
  }
  if (!a.known || !b.known) return {};
  const auto number = [](double value) { return Operand{value, std::isfinite(value)}; };
  const auto truth = [](bool value) { return Operand{value ? 1.0 : 0.0, true}; };
  switch (op) {
    case Op::add: return number(a.value + b.value);
    case Op::subtract: return number(a.value - b.value);
    case Op::multiply: return number(a.value * b.value);
    case Op::divide: return b.value == 0 ? Operand{} : number(a.value / b.value);
    case Op::least: return number(std::min(a.value, b.value));
    case Op::greatest: return number(std::max(a.value, b.value));
    case Op::less: return truth(a.value < b.value);
    case Op::at_most: return truth(a.value <= b.value);
    case Op::greater: return truth(a.value > b.value);
    case Op::at_least: return truth(a.value >= b.value);
    case Op::equal: return truth(a.value == b.value);
    default: return truth(a.value != b.value);
  }
}

}  // namespace

void Expression::apply(Op op, Operand* stack, std::size_t& depth) noexcept {
  Operand& top = stack[depth - 1];
  switch (op) {
    case Op::negate: top.value = -top.value; return;
    case Op::absolute: top.value = std::abs(top.value); return;
    case Op::opposite: top.value = top.value == 0 ? 1 : 0; return;
    default: break;
  }
  --depth;
  stack[depth - 1] = combine(op, stack[depth - 1], stack[depth]);
}

// Recursive descent, lowest binding first. The first mistake ends it.
class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view text) : text_(text) { made_.text_ = text; }

  tl::expected<Expression, Expression::Mistake> parse() {
    if (text_.size() > Expression::kMaxText) {
      wrong(0, fmt::format("found {} characters, expected at most {}", text_.size(), Expression::kMaxText));
    }
    const Type type = read_or();
    skip_spaces();
    if (!mistake_ && at_ < text_.size()) wrong(at_, fmt::format("found \"{}\", expected an operator", text_[at_]));
    if (!mistake_ && type != Type::truth) wrong(0, "found a number, expected a comparison");
    if (mistake_) return tl::unexpected(*mistake_);
    return std::move(made_);
  }

 private:
  enum class Type : std::uint8_t { number, truth };

  void wrong(std::size_t at, std::string message) {
    if (!mistake_) mistake_ = Expression::Mistake{at, std::move(message)};
  }
  void skip_spaces() noexcept {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  std::string_view peek_word() noexcept {
    skip_spaces();
    std::size_t end = at_;
    while (end < text_.size() && (is_letter(text_[end]) || (end > at_ && is_digit(text_[end])))) ++end;
    return text_.substr(at_, end - at_);
  }
  bool take_word(std::string_view word) noexcept {
    if (peek_word() != word) return false;
    at_ += word.size();
    return true;
  }
  bool take_sign(std::string_view sign) noexcept {
    skip_spaces();
    if (!text_.substr(at_).starts_with(sign)) return false;
    at_ += sign.size();
    return true;
  }
  void emit(Op op, Point point = {}, double number = 0) {
    if (made_.steps_.size() == Expression::kMaxOps) {
      wrong(at_, fmt::format("expected at most {} operations", Expression::kMaxOps));
    } else {
      made_.steps_.push_back({op, point, number});
    }
  }
  void expect(Type wanted, Type found, std::size_t at) {
    if (wanted == found) return;
    wrong(at, wanted == Type::truth ? "found a number, expected a comparison or a true-or-false point"
                                    : "found true or false, expected a number");
  }

  Type read_or() { return read_joined("or", Op::either, &ExpressionParser::read_and); }
  Type read_and() { return read_joined("and", Op::both, &ExpressionParser::read_not); }
  Type read_joined(std::string_view word, Op op, Type (ExpressionParser::*read)()) {
    skip_spaces();
    const std::size_t first = at_;
    Type type = (this->*read)();
    while (!mistake_ && take_word(word)) {
      expect(Type::truth, type, first);
      skip_spaces();
      const std::size_t second = at_;
      type = (this->*read)();
      expect(Type::truth, type, second);
      emit(op);
    }
    return type;
  }
  Type read_not() {
    if (!take_word("not")) return read_comparison();
    if (!enter()) return Type::truth;
    skip_spaces();
    const std::size_t start = at_;
    expect(Type::truth, read_not(), start);
    emit(Op::opposite);
    --depth_;
    return Type::truth;
  }
  Type read_comparison() {
    struct Sign {
      std::string_view text;
      Op op;
    };
    static constexpr std::array<Sign, 6> kSigns{{{"<=", Op::at_most},
                                                 {">=", Op::at_least},
                                                 {"==", Op::equal},
                                                 {"!=", Op::unequal},
                                                 {"<", Op::less},
                                                 {">", Op::greater}}};
    skip_spaces();
    const std::size_t start = at_;
    const Type first = read_sum();
    for (const Sign& sign : kSigns) {
      if (mistake_ || !take_sign(sign.text)) continue;
      const bool any_type = sign.op == Op::equal || sign.op == Op::unequal;
      if (!any_type) expect(Type::number, first, start);
      skip_spaces();
      const std::size_t second = at_;
      expect(any_type ? first : Type::number, read_sum(), second);
      emit(sign.op);
      return Type::truth;
    }
    return first;
  }
  Type read_sum() {
    const std::size_t start = at_;
    const Type type = read_term();
    while (!mistake_) {
      const bool plus = take_sign("+");
      if (!plus && !take_sign("-")) break;
      read_number_operand(type, start, &ExpressionParser::read_term, plus ? Op::add : Op::subtract);
    }
    return type;
  }
  Type read_term() {
    const std::size_t start = at_;
    const Type type = read_unary();
    while (!mistake_) {
      const bool times = take_sign("*");
      if (!times && !take_sign("/")) break;
      read_number_operand(type, start, &ExpressionParser::read_unary, times ? Op::multiply : Op::divide);
    }
    return type;
  }
  void read_number_operand(Type first, std::size_t start, Type (ExpressionParser::*read)(), Op op) {
    expect(Type::number, first, start);
    skip_spaces();
    const std::size_t second = at_;
    expect(Type::number, (this->*read)(), second);
    emit(op);
  }
  Type read_unary() {
    if (!take_sign("-")) return read_primary();
    if (!enter()) return Type::number;
    skip_spaces();
    const std::size_t start = at_;
    expect(Type::number, read_unary(), start);
    emit(Op::negate);
    --depth_;
    return Type::number;
  }
  bool enter() {
    if (++depth_ <= Expression::kMaxDepth) return true;
    wrong(at_, fmt::format("expected at most {} levels of brackets", Expression::kMaxDepth));
    return false;
  }
  Type read_primary() {
    skip_spaces();
    if (mistake_) return Type::number;
    if (at_ == text_.size()) {
      wrong(at_, "found the end, expected a number or a point");
      return Type::number;
    }
    if (take_sign("(")) return read_brackets();
    if (is_digit(text_[at_]) || text_[at_] == '.') return read_literal();
    const std::string_view word = peek_word();
    if (word.empty()) {
      wrong(at_, fmt::format("found \"{}\", expected a number or a point", text_[at_]));
      return Type::number;
    }
    if (word == "min" || word == "max" || word == "abs") return read_call(word);
    if (word == "true" || word == "false") {
      at_ += word.size();
      emit(Op::number, {}, word == "true" ? 1 : 0);
      return Type::truth;
    }
    return read_point(word);
  }
  Type read_brackets() {
    if (!enter()) return Type::number;
    const Type type = read_or();
    close();
    --depth_;
    return type;
  }
  void close() {
    if (mistake_ || take_sign(")")) return;
    wrong(at_, at_ == text_.size() ? std::string("found the end, expected \")\"")
                                   : fmt::format("found \"{}\", expected \")\"", text_[at_]));
  }
  Type read_literal() {
    double number = 0;
    const auto read = std::from_chars(text_.data() + at_, text_.data() + text_.size(), number);
    if (read.ec != std::errc{} || !std::isfinite(number)) {
      wrong(at_, "expected a number");
      return Type::number;
    }
    at_ = static_cast<std::size_t>(read.ptr - text_.data());
    emit(Op::number, {}, number);
    return Type::number;
  }
  Type read_call(std::string_view name) {
    at_ += name.size();
    if (!enter()) return Type::number;
    if (!take_sign("(")) wrong(at_, fmt::format("expected \"(\" after {}", name));
    std::size_t operands = 0;
    do {
      skip_spaces();
      const std::size_t start = at_;
      expect(Type::number, read_sum(), start);
      if (++operands > 1) emit(name == "min" ? Op::least : Op::greatest);
    } while (!mistake_ && name != "abs" && take_sign(","));
    close();
    if (name == "abs") emit(Op::absolute);
    --depth_;
    return Type::number;
  }
  Type read_point(std::string_view word) {
    const auto point = point_from_name(word);
    if (!point) {
      std::vector<std::string_view> names{"min", "max", "abs", "true", "false", "and", "or", "not"};
      for (std::size_t i = 0; i < kPointCount; ++i) names.push_back(name(static_cast<Point>(i)));
      const std::string_view near = nearest(word, names);
      wrong(at_, fmt::format("found \"{}\", expected a point{}", word,
                             near.empty() ? std::string() : fmt::format("; did you mean \"{}\"", near)));
      return Type::number;
    }
    const ValueType type = info(*point).type;
    if (type != ValueType::number && type != ValueType::boolean) {
      wrong(at_, fmt::format("found {}, expected a point that is a number or true or false; write a test with \"is\"",
                             word));
      return Type::number;
    }
    at_ += word.size();
    emit(Op::point, *point);
    auto& points = made_.points_;
    if (std::find(points.begin(), points.end(), *point) == points.end()) points.push_back(*point);
    return type == ValueType::number ? Type::number : Type::truth;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  Expression made_;
  std::optional<Expression::Mistake> mistake_;
};

tl::expected<Expression, Expression::Mistake> Expression::parse(std::string_view text) {
  return ExpressionParser(text).parse();
}

}  // namespace firegate::rules
