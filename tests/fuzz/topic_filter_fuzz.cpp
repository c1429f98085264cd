// Topics and filters: two filters and a topic.
#include "decode/topic_filter.h"
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace firegate;
  std::string_view rest = fuzz::text_of(data, size);
  const fuzz::Exact one(fuzz::take(rest, fuzz::kNext)), other(fuzz::take(rest, fuzz::kNext)), topic(rest);
  static_cast<void>(decode::first_level(topic.text()));
  const bool topic_is_good = decode::is_topic(topic.text());
  if (decode::filter_problem(one.text()) || decode::filter_problem(other.text())) return 0;

  const bool overlap = decode::overlap(one.text(), other.text());
  fuzz::must(overlap == decode::overlap(other.text(), one.text()), "overlap works both ways");
  fuzz::must(decode::overlap(one.text(), one.text()), "a filter overlaps itself");
  fuzz::must(!(decode::more_specific(one.text(), other.text()) && decode::more_specific(other.text(), one.text())),
             "of two filters one at most is more specific");
  if (!topic_is_good) return 0;
  const bool both = decode::matches(one.text(), topic.text()) && decode::matches(other.text(), topic.text());
  fuzz::must(!both || overlap, "filters that match one topic overlap");
  return 0;
}
