// The templates of Home Assistant's discovery that are read, and those that are refused.
#include <gtest/gtest.h>

#include "drivers/ha_discovery/value_template.h"

namespace firegate::ha {
namespace {

struct Case {
  const char *written, *path;
  double scale = 1;
};

TEST(ValueTemplate, ReadsWhatNamesOneField) {
  for (const auto& [written, path, scale] :
       {Case{"{{ value_json.smoke }}", "smoke"}, Case{"{{value_json.a.b}}", "a.b"},
        Case{"{{ value_json['a b'].c }}", "a b.c"}, Case{R"({{ value_json["ENERGY"]["Power"] }})", "ENERGY.Power"},
        Case{"{{ value_json.list[0].t }}", "list.0.t"}, Case{"{{ value_json.t | float }}", "t"},
        Case{"{{ value_json.t | float(0) | round(1) }}", "t"}, Case{"{{ value_json.t | default('x', true) }}", "t"},
        Case{"{{ value_json.mv / 1000 }}", "mv", 0.001},
        Case{"{{ (value_json.t | float * 0.5) | round(2) }}", "t", 0.5}, Case{"{{- value_json.t -}}", "t"}}) {
    const auto read = ValueTemplate::parse(written);
    ASSERT_TRUE(read) << written;
    EXPECT_EQ(read->path, path) << written;
    EXPECT_DOUBLE_EQ(read->scale, scale) << written;
    EXPECT_FALSE(read->whole) << written;
  }
}

TEST(ValueTemplate, ReadsThePayloadItself) {
  for (const char* written : {"", "{{ value }}", "{{ value | trim }}", "{{ value | float / 10 }}"}) {
    const auto read = ValueTemplate::parse(written);
    ASSERT_TRUE(read) << written;
    EXPECT_TRUE(read->whole) << written;
  }
}

TEST(ValueTemplate, RefusesWhatComputesComparesOrChooses) {
  for (const char* written :
       {"{{ 'ON' if value_json.s else 'OFF' }}", "{% if value_json.s %}ON{% endif %}", "{{ value_json.a + 1 }}",
        "{{ not value_json.a }}", "{{ value_json.a == 1 }}", "{{ value_json }}", "{{ states('x') }}", "value_json.a",
        "{{ value_json.a | bitwise_and(2) }}", "{{ value_json.a / 0 }}", "{{ value_json['a.b'] }}",
        "{{ value_json['a|b'] }}", "{{ value_json.a[ }}", "{{ value_json[x] }}", "{{ value_json. }}", "{{ }}", "{{",
        "{{ value_json.a }} {{ value_json.b }}"}) {
    const auto read = ValueTemplate::parse(written);
    EXPECT_FALSE(read) << written;
  }
}

}  // namespace
}  // namespace firegate::ha
