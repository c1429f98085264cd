// DeviceBodies: what people send about devices. As bodies.h: bad_input, naming the member. Whether a place exists or an
// address is free is the registry's business.
#pragma once

#include <string_view>

#include "core/result.h"
#include "registry/orders.h"

namespace firegate::api {

constexpr std::size_t kMaxImportBody = 16u << 20;  // bytes; our choice: 100,000 devices are about 15 MB

// Whether the body of a request for this path is a table, and may be as large as kMaxImportBody.
bool takes_table(std::string_view method, std::string_view target) noexcept;

Result<registry::Adoption> read_adoption(std::string_view body);  // without the address
Result<registry::DevicePatch> read_device_patch(std::string_view body);

struct ReplaceDeviceBody {
  std::string key;  // of the tray; empty: `replacement` has the address
  registry::Replacement replacement;
  std::string reason;
};
Result<ReplaceDeviceBody> read_device_replacement(std::string_view body);

Result<std::string> read_reason(std::string_view body);

struct DisableBody {
  std::string reason;
  Instant until{};
};
Result<DisableBody> read_disablement(std::string_view body, Instant now);

Result<Millis> read_test_length(std::string_view body);
Result<std::string> read_test_note(std::string_view body);

}  // namespace firegate::api
