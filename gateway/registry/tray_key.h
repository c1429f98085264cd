// TrayKey: the address of a device as one segment of a URL: base64url (RFC 4648, section 5, without padding) of source,
// format and address with a zero between. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/device_record.h"

namespace firegate::registry {

std::string tray_key(std::string_view source, std::string_view format, std::string_view address);
// None: it is no key of ours.
std::optional<DeviceAddress> address_of_key(std::string_view key);

}  // namespace firegate::registry
