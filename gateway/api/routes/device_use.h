// What the routes about devices share.
#pragma once

#include <functional>
#include <string>

#include "api/routes/routes.h"
#include "registry/orders.h"

namespace firegate::api {

using DeviceUse = std::function<void(const DeviceSnapshot&)>;

// The device of the request, on the web thread. What the caller may not see is not there.
void with_device(const Context& context, const Request& request, const Responder& respond, DeviceUse use);
// The same, for who maps its estate.
void with_own_device(const Context& context, const Request& request, const Responder& respond, DeviceUse use);

// On the desk's thread. Answers "overloaded" when too much waits there.
void with_devices_desk(const Context& context, const Responder& respond, std::function<void(DeviceDesk&)> work);

registry::Order order_of(const Context& context, const Request& request, std::string reason = {});
Response device_problem(const registry::Refusal& refusal);

std::string etag_of(const DeviceFacts& facts);
// The device as everybody sees it by now. On any thread.
void answer_device(const Context& context, const Responder& respond, const std::string& id, int status = 200);

}  // namespace firegate::api
