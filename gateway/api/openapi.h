// The API's description: gateway/api/openapi.yaml, turned into JSON by the build (openapi_embed.py).
#pragma once

#include <string_view>

namespace firegate::api {

std::string_view openapi_json() noexcept;

}  // namespace firegate::api
