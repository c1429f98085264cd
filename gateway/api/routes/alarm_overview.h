// The live alarms and what became of them, seen as a whole: groups, what is held, figures. See routes.h.
#pragma once

#include "api/routes/routes.h"

namespace firegate::api {

// Before the routes of one alarm: their {id} would take these paths.
void add_alarm_overview_routes(Router& router, const Context& context);

}  // namespace firegate::api
