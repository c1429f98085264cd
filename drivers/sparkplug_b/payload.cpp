#include "drivers/sparkplug_b/payload.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <cmath>
#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

namespace firegate::sparkplug {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;
using protozero::tag_and_type;

constexpr std::size_t kMostMetrics = 4096;  // of one payload (our choice)

std::string_view text_in(pbf_reader& reader) {
  const auto view = reader.get_view();
  return {view.data(), view.size()};
}

// A field of another wire type than the schema's is unknown, and skipped: the getters may only be called for the right
// one.
Metric read_metric(pbf_reader reader) {
  Metric metric;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case tag_and_type(1, pbf_wire_type::length_delimited): metric.name = text_in(reader); break;
      case tag_and_type(2, pbf_wire_type::varint): metric.alias = reader.get_uint64(); break;
      case tag_and_type(3, pbf_wire_type::varint): metric.timestamp = reader.get_uint64(); break;
      case tag_and_type(4, pbf_wire_type::varint): metric.type = static_cast<DataType>(reader.get_uint32()); break;
      case tag_and_type(5, pbf_wire_type::varint): metric.historical = reader.get_uint64() != 0; break;
      case tag_and_type(7, pbf_wire_type::varint): metric.null = reader.get_uint64() != 0; break;
      case tag_and_type(10, pbf_wire_type::varint): metric.value = Whole{reader.get_uint32(), false}; break;
      case tag_and_type(11, pbf_wire_type::varint): metric.value = Whole{reader.get_uint64(), true}; break;
      case tag_and_type(12, pbf_wire_type::fixed32): metric.value = static_cast<double>(reader.get_float()); break;
      case tag_and_type(13, pbf_wire_type::fixed64): metric.value = reader.get_double(); break;
      case tag_and_type(14, pbf_wire_type::varint): metric.value = reader.get_uint64() != 0; break;
      case tag_and_type(15, pbf_wire_type::length_delimited): metric.value = text_in(reader); break;
      default: reader.skip();
    }
  }
  return metric;
}

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

bool is_readable(const Metric& metric) {
  const auto* text = std::get_if<std::string_view>(&metric.value);
  return is_utf8(metric.name) && (!text || is_utf8(*text));
}

tl::expected<Payload, Rejection> read(pbf_reader reader) {
  Payload payload;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case tag_and_type(1, pbf_wire_type::varint): payload.timestamp = reader.get_uint64(); break;
      case tag_and_type(2, pbf_wire_type::length_delimited):
        if (payload.metrics.size() >= kMostMetrics) {
          return reject(RejectReason::too_deep,
                        fmt::format("reading a Sparkplug payload: found more than {} metrics", kMostMetrics));
        }
        payload.metrics.push_back(read_metric(reader.get_message()));
        if (!is_readable(payload.metrics.back())) {
          return reject(RejectReason::bad_encoding, "reading a Sparkplug metric: found text that is not UTF-8");
        }
        break;
      case tag_and_type(3, pbf_wire_type::varint): payload.seq = reader.get_uint64(); break;
      default: reader.skip();
    }
  }
  return payload;
}

}  // namespace

tl::expected<Payload, Rejection> read_payload(std::string_view bytes) {
  try {
    return read(pbf_reader(bytes.data(), bytes.size()));
  } catch (const protozero::exception& wrong) {
    return reject(RejectReason::unparsable, fmt::format("reading a Sparkplug payload: {}", wrong.what()));
  }
}

std::optional<double> number_of(const Metric& metric, DataType type) {
  if (const double* number = std::get_if<double>(&metric.value)) {
    return std::isfinite(*number) ? std::optional(*number) : std::nullopt;
  }
  const Whole* whole = std::get_if<Whole>(&metric.value);
  if (!whole) return std::nullopt;
  switch (type) {
    case DataType::int8: return static_cast<std::int8_t>(whole->bits);
    case DataType::int16: return static_cast<std::int16_t>(whole->bits);
    case DataType::int32: return static_cast<std::int32_t>(whole->bits);
    case DataType::int64: return static_cast<double>(static_cast<std::int64_t>(whole->bits));
    case DataType::uint8:
    case DataType::uint16:
    case DataType::uint32:
    case DataType::uint64: return static_cast<double>(whole->bits);
    default: return std::nullopt;  // the sign is not known
  }
}

std::string rebirth_request(Instant now) {
  std::string metric, payload;
  protozero::pbf_writer inner(metric);
  inner.add_string(1, "Node Control/Rebirth");
  inner.add_uint32(4, static_cast<std::uint32_t>(DataType::boolean));
  inner.add_bool(14, true);
  protozero::pbf_writer outer(payload);
  outer.add_uint64(1, static_cast<std::uint64_t>(now.time_since_epoch().count()));
  outer.add_message(2, metric);
  return payload;
}

}  // namespace firegate::sparkplug
