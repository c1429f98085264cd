// Problem: every error of the API as application/problem+json (RFC 9457), with the stable word `code`.
#pragma once

#include <string>
#include <string_view>

#include "api/http.h"
#include "core/result.h"

namespace firegate::api {

// `code`: a label of ErrorCode, or one of the words of HTTP itself: method_not_allowed, too_large,
// unsupported_media_type, forbidden, upgrade_required. The service adds `request_id`.
Response problem(int status, std::string_view code, std::string_view detail);

// bad_input 400, not_found 404, refused 409, unsupported 501, timed_out 504, overloaded 503, io_failed and corrupt 503.
Response problem(const Error& error);
// A refused act: 409 with the state that refused it.
Response refused(const Error& error, std::string_view state);

// Puts the request's id into a problem (its body is a JSON object); other answers are left alone.
void name_request(Response& response, std::string_view request_id);

}  // namespace firegate::api
