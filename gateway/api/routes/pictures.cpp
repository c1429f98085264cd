// Floor plans, and photos as evidence of a device or a walk test. What is sent is drawn anew elsewhere; what is served
// are our own bytes, which no page may take for a page.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "accounts/words.h"
#include "api/json.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/routes/device_use.h"

namespace firegate::api {
namespace {

void write(JsonWriter& json, const Picture& picture, Instant at, const std::string& by) {
  json.member("type", label(picture.type)).member("width", picture.width).member("height", picture.height);
  json.member("bytes", picture.bytes).member("hash", picture.hash).member("at", at).member("by", by);
}

void write(JsonWriter& json, const FloorPlan& plan) {
  json.begin_object().member("estate", plan.estate).member("building", plan.building).member("floor", plan.floor);
  write(json, plan.picture, plan.at, plan.by);
  json.end_object();
}

void write(JsonWriter& json, const Photo& photo) {
  json.begin_object().member("no", photo.no).key("test");
  photo.test == 0 ? json.null() : json.value(photo.test);
  write(json, photo.picture, photo.at, photo.by);
  json.end_object();
}

template <typename Rows>
Response list_of(std::string_view name, const Rows& rows) {
  JsonWriter json;
  json.begin_object().key(name).begin_array();
  for (const auto& row : rows) write(json, row);
  json.end_array().end_object();
  return json_response(json.take());
}

template <typename Row>
Response made(const Row& row) {
  JsonWriter json;
  write(json, row);
  Response response = json_response(json.take());
  response.status = 201;
  return response;
}

Response refused_picture(const PictureProblem& problem_) {
  const std::string code = "picture_" + std::string(label(problem_.why));
  switch (problem_.why) {
    case PictureRefusal::unknown_type: return problem(415, code, problem_.message);
    case PictureRefusal::too_large: return problem(413, code, problem_.message);
    case PictureRefusal::unavailable: return problem(503, code, problem_.message);
    case PictureRefusal::too_many_pixels:
    case PictureRefusal::damaged:
    case PictureRefusal::unsafe_svg:
    case PictureRefusal::too_costly: break;
  }
  return problem(422, code, problem_.message);
}

// The service has seen that the type is one of these.
Upload upload_of(const Request& request) {
  std::string_view type = request.header("Content-Type");
  type = type.substr(0, type.find(';'));
  Upload upload;
  for (std::size_t i = 0; i < label_count<PictureType>(); ++i) {
    if (equal_ignoring_case(type, Labels<PictureType>::list[i])) upload.type = static_cast<PictureType>(i);
  }
  upload.bytes = request.body;
  return upload;
}

// On the desk's thread.
void with_pictures(const Context& context, const Responder& respond, std::function<void(PictureDesk&)> work) {
  const bool queued = context.pictures->post([&desk = *context.pictures, work = std::move(work)] { work(desk); });
  if (!queued) respond(problem(503, "overloaded", "taking a picture: too many wait"));
}

// The bytes come from a file: read where waiting is allowed.
void serve(const Context& context, const Request& request, const Responder& respond, const Picture& picture) {
  Response response;
  response.content_type = label(picture.type);
  response.headers.push_back({"ETag", fmt::format("\"{}\"", picture.hash)});
  response.headers.push_back({"Cache-Control", "private, no-cache"});
  response.headers.push_back({"Content-Security-Policy", "default-src 'none'; sandbox"});
  if (request.header("If-None-Match") == find_header(response.headers, "ETag")) {
    response.status = 304;
    return respond(std::move(response));
  }
  const auto kept = std::make_shared<Response>(std::move(response));
  const bool queued = context.archive([&desk = *context.pictures, picture, respond, kept](Archive*) {
    auto bytes = desk.bytes(picture);
    if (!bytes) return respond(problem(bytes.error()));
    kept->body = std::move(*bytes);
    respond(std::move(*kept));
  });
  if (!queued) respond(archive_full());
}

// --- floor plans ---

bool same_floor(const FloorPlan& plan, const std::vector<std::string>& ids) {
  return plan.estate == ids[0] && plan.building == ids[1] && plan.floor == ids[2];
}

Response no_such_floor(const Request& request) {
  return problem(404, "not_found",
                 fmt::format("looking up floor {}: no such floor", fmt::join(request.arguments, "/")));
}
Response no_plan(const Request& request) {
  return problem(404, "not_found",
                 fmt::format("looking up the plan of floor {}: it has none", fmt::join(request.arguments, "/")));
}

bool sees_floor(const Context& context, const Request& request) {
  const std::vector<std::string>& ids = request.arguments;
  if (!Authorise::sees(request, ids[0])) return false;
  return std::ranges::any_of(context.places(), [&ids](const PlacePtr& place) {
    return place->estate.id == ids[0] && place->building.id == ids[1] && place->floor.id == ids[2];
  });
}

std::optional<FloorPlan> plan_of(const Context& context, const Request& request) {
  for (FloorPlan& plan : context.pictures->plans()) {
    if (same_floor(plan, request.arguments)) return std::move(plan);
  }
  return std::nullopt;
}

// Whoever maps the floor's estate; what may not be seen is not there.
std::optional<Response> refuse_mapping(const Context& context, const Request& request) {
  if (!sees_floor(context, request)) return no_such_floor(request);
  return context.door.authorise.outside(request, Permission::map_devices, request.arguments[0]);
}

JournalEntry line_of(const Context& context, const Request& request, std::string_view kind) {
  return accounts::line(*request.principal, kind, fmt::format("floor:{}", fmt::join(request.arguments, "/")),
                        context.clock.now());
}

void list_plans(const Context& context, const Request& request, const Responder& respond) {
  std::vector<FloorPlan> plans = context.pictures->plans();
  std::erase_if(plans, [&request](const FloorPlan& plan) { return !Authorise::sees(request, plan.estate); });
  respond(list_of("plans", plans));
}

void show_plan(const Context& context, const Request& request, const Responder& respond) {
  if (!sees_floor(context, request)) return respond(no_such_floor(request));
  const auto plan = plan_of(context, request);
  if (!plan) return respond(no_plan(request));
  serve(context, request, respond, plan->picture);
}

void put_plan(const Context& context, const Request& request, const Responder& respond) {
  if (auto refusal = refuse_mapping(context, request)) return respond(std::move(*refusal));
  FloorPlan plan;
  plan.estate = request.arguments[0];
  plan.building = request.arguments[1];
  plan.floor = request.arguments[2];
  plan.at = context.clock.now();
  plan.by = request.principal->name;
  const auto upload = std::make_shared<const Upload>(upload_of(request));
  with_pictures(context, respond,
                [respond, plan, upload, line = line_of(context, request, "plan_put")](PictureDesk& desk) {
                  const auto done = desk.put_plan(plan, *upload, line);
                  respond(done ? made(*done) : refused_picture(done.error()));
                });
}

void drop_plan(const Context& context, const Request& request, const Responder& respond) {
  if (auto refusal = refuse_mapping(context, request)) return respond(std::move(*refusal));
  const auto plan = plan_of(context, request);
  if (!plan) return respond(no_plan(request));
  with_pictures(context, respond,
                [respond, plan = *plan, line = line_of(context, request, "plan_dropped")](PictureDesk& desk) {
                  const auto done = desk.drop_plan(plan, line);
                  respond(done ? Response{204, {}, {}, {}} : problem(done.error()));
                });
}

// --- photos ---

std::optional<Photo> photo_of(const Context& context, const Request& request) {
  const std::string& text = request.arguments.back();
  std::uint32_t no = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), no);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  for (Photo& photo : context.pictures->photos(request.arguments.front())) {
    if (photo.no == no) return std::move(photo);
  }
  return std::nullopt;
}

Response no_photo(const Request& request) {
  return problem(404, "not_found",
                 fmt::format("looking up photo {} of device {}: no such photo", request.arguments.back(),
                             request.arguments.front()));
}

void list_photos(const Context& context, const Request& request, const Responder& respond) {
  with_device(context, request, respond, [&context, respond](const DeviceSnapshot& device) {
    respond(list_of("photos", context.pictures->photos(device.device->id)));
  });
}

void show_photo(const Context& context, const Request& request, const Responder& respond) {
  with_device(context, request, respond, [&context, request, respond](const DeviceSnapshot&) {
    const auto photo = photo_of(context, request);
    if (!photo) return respond(no_photo(request));
    serve(context, request, respond, photo->picture);
  });
}

JournalEntry photo_line(const Context& context, const Request& request, std::string_view kind, const std::string& id) {
  return accounts::line(*request.principal, kind, "device:" + id, context.clock.now());
}

void add_photo(const Context& context, const Request& request, const Responder& respond) {
  constexpr std::int64_t kMostTests = 1'000'000;
  Query query(request);
  Photo photo;
  photo.test = static_cast<std::uint32_t>(query.integer("test", 0, 0, kMostTests));
  if (const auto error = query.finish()) return respond(problem(*error));
  with_own_device(context, request, respond, [&context, request, respond, photo](const DeviceSnapshot& device) mutable {
    photo.device = device.device->id;
    if (photo.test > context.device_desk.registry().facts(photo.device).tests) {
      return respond(
          problem(404, "not_found",
                  fmt::format("adding a photo to test {} of device {}: no such test", photo.test, photo.device)));
    }
    photo.at = context.clock.now();
    photo.by = request.principal->name;
    const auto upload = std::make_shared<const Upload>(upload_of(request));
    with_pictures(
        context, respond,
        [respond, photo, upload, line = photo_line(context, request, "photo_added", photo.device)](PictureDesk& desk) {
          if (desk.photos(photo.device).size() >= kMostPhotos) {
            return respond(problem(
                409, "refused",
                fmt::format("adding a photo to device {}: it has {}, no more are kept", photo.device, kMostPhotos)));
          }
          const auto done = desk.add_photo(photo, *upload, line);
          respond(done ? made(*done) : refused_picture(done.error()));
        });
  });
}

void drop_photo(const Context& context, const Request& request, const Responder& respond) {
  with_own_device(context, request, respond, [&context, request, respond](const DeviceSnapshot& device) {
    const auto photo = photo_of(context, request);
    if (!photo) return respond(no_photo(request));
    JournalEntry line = photo_line(context, request, "photo_dropped", device.device->id);
    line.from = photo->picture.hash;
    with_pictures(context, respond, [respond, photo = *photo, line](PictureDesk& desk) {
      const auto done = desk.drop_photo(photo, line);
      respond(done ? Response{204, {}, {}, {}} : problem(done.error()));
    });
  });
}

}  // namespace

bool takes_picture(std::string_view method, std::string_view target) noexcept {
  const std::string_view path = target.substr(0, target.find('?'));
  return (method == "PUT" && path.starts_with("/api/v1/floors/") && path.ends_with("/plan")) ||
         (method == "POST" && path.starts_with("/api/v1/devices/") && path.ends_with("/photos"));
}

void add_picture_routes(Router& router, const Context& context) {
  constexpr Access kLooks = needs(Permission::look), kMaps = needs(Permission::map_devices);
  const auto bind = [&context](void (*route)(const Context&, const Request&, const Responder&)) {
    return [&context, route](const Request& request, const Responder& respond) {
      if (context.pictures) return route(context, request, respond);
      respond(problem(501, "unsupported", "using pictures: this gateway keeps none"));
    };
  };
  router.get("/api/v1/plans", kLooks, bind(list_plans));
  router.get("/api/v1/floors/{estate}/{building}/{floor}/plan", kLooks, bind(show_plan));
  router.put("/api/v1/floors/{estate}/{building}/{floor}/plan", kMaps, bind(put_plan));
  router.remove("/api/v1/floors/{estate}/{building}/{floor}/plan", kMaps, bind(drop_plan));
  router.get("/api/v1/devices/{id}/photos", kLooks, bind(list_photos));
  router.post("/api/v1/devices/{id}/photos", kMaps, bind(add_photo));
  router.get("/api/v1/devices/{id}/photos/{no}", kLooks, bind(show_photo));
  router.remove("/api/v1/devices/{id}/photos/{no}", kMaps, bind(drop_photo));
}

}  // namespace firegate::api
