#include "codec_worker/engine.h"

// SpiderMonkey's headers do not pass our warnings; they are found as system headers.
#include <js/Array.h>
#include <js/CallAndConstruct.h>
#include <js/CompilationAndEvaluation.h>
#include <js/CompileOptions.h>
#include <js/Conversions.h>
#include <js/Date.h>
#include <js/ErrorReport.h>
#include <js/Exception.h>
#include <js/GCAPI.h>
#include <js/Initialization.h>
#include <js/Interrupt.h>
#include <js/JSON.h>
#include <js/LocaleSensitive.h>
#include <js/Modules.h>
#include <js/Promise.h>
#include <js/PropertyAndElement.h>
#include <js/Realm.h>
#include <js/RealmOptions.h>
#include <js/SourceText.h>
#include <js/Stack.h>
#include <js/experimental/JSStencil.h>
#include <jsapi.h>
#include <jsfriendapi.h>

#include <array>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "codec_worker/watchdog.h"

namespace firegate::codec {
namespace {

constexpr std::uint32_t kHeapBytes = 64u << 20;      // the engine's own limit; it counts its cells only
constexpr std::size_t kStackBytes = 1u << 20;        // of 8 MiB
constexpr int kCallsBetweenCollections = 100;        // design of the codecs: 50 to 200
constexpr std::uint32_t kWarmUpScript = 0xFFFFFFFF;  // the parent counts from 1

// What every script finds: a console that says nothing, and chance that is the same for each call.
constexpr std::string_view kSurroundings = R"js((() => {
  const quiet = () => undefined;
  globalThis.console = {log: quiet, info: quiet, warn: quiet, error: quiet, debug: quiet, trace: quiet};
  let state = 0x2545f491;
  Math.random = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
})())js";
constexpr std::string_view kExports = "globalThis.module = {exports: {}}; globalThis.exports = module.exports;";

// What decodes, and how it is called: [0, decodeUplink(input)], [1, Decode(fPort, bytes, variables)],
// [2, Decoder(bytes, port)], each with the object that it belongs to. Older forms count only where there is no newer
// one.
constexpr std::string_view kFind = R"js((exported) => {
  const places = [exported, exported && exported.default];
  const find = (name, global) => {
    if (typeof global === 'function') return [global, undefined];
    const place = places.find((p) => p && typeof p[name] === 'function');
    return place && [place[name], place];
  };
  let found = find('decodeUplink', typeof decodeUplink === 'undefined' ? undefined : decodeUplink);
  if (found) return [0, ...found];
  const lone = places.find((p) => typeof p === 'function');
  if (lone) return [0, lone, undefined];
  found = find('Decode', typeof Decode === 'undefined' ? undefined : Decode);
  if (found) return [1, ...found];
  found = find('Decoder', typeof Decoder === 'undefined' ? undefined : Decoder);
  return found && [2, ...found];
})js";

// What opens a file, makes a thread or fills a cache at its first use; and a call of everything, so that the first
// device does not pay for it.
constexpr std::string_view kWarmUp = R"js(
class Warm { #kept = new Map([[1, 'a']]); get(k) { return this.#kept.get(k); } }
async function decodeUplink(input) {
  const at = new Date(2026, 10, 22, 3, 14, 15);
  const text = [at.toString(), at.toLocaleString(), at.toISOString(), (1234.5).toLocaleString(),
                new Intl.DateTimeFormat('en-US').format(at), new Intl.NumberFormat('en-US').format(1e6), 'ß'.normalize('NFD')];
  const sorted = [...input.bytes].sort((a, b) => b - a);
  const found = /^(\w+)\s(?<day>\d+)/u.exec('Nov 22');
  return {data: {text, sorted, day: found.groups.day, big: String(2n ** 64n), one: new Warm().get(1), hex: 'ff'.padStart(4, '0'),
                 floats: new Float32Array(new Uint8Array([0, 0, 128, 63]).buffer)[0]}, warnings: ['warm']};
})js";

constexpr JSClass kGlobalClass{"global", JSCLASS_GLOBAL_FLAGS, &JS::DefaultGlobalClassOps, nullptr, nullptr, nullptr};

// How a script makes its function known. Tried in this order; what works for a script once is what it is.
enum class Style : std::uint8_t { plain, exports, module };

struct Script {
  std::string name, text;
  std::optional<Style> style;
  RefPtr<JS::Stencil> compiled;
  Style compiled_as = Style::plain;

  bool may_be(Style tried) const {
    if (style) return *style == tried;
    if (tried == Style::exports) return text.find("exports") != std::string::npos;
    if (tried == Style::module) return text.find("export") != std::string::npos;
    return true;
  }
};

std::string to_utf8(std::u16string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::uint32_t c = text[i];
    const bool pair = c >= 0xD800 && c < 0xDC00 && i + 1 < text.size() && text[i + 1] >= 0xDC00 && text[i + 1] < 0xE000;
    if (pair) {
      c = 0x10000 + ((c - 0xD800) << 10) + (text[++i] - 0xDC00);
    } else if (c >= 0xD800 && c < 0xE000) {
      c = 0xFFFD;  // half a pair is no text
    }
    const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (c < 0x80) {
      put(c);
    } else if (c < 0x800) {
      put(0xC0 | c >> 6), put(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
      put(0xE0 | c >> 12), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
    } else {
      put(0xF0 | c >> 18), put(0x80 | (c >> 12 & 0x3F)), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
    }
  }
  return out;
}

std::u16string ascii_to_utf16(std::string_view text) { return {text.begin(), text.end()}; }

CodecAnswer failed(CodecOutcome outcome, std::string detail) {
  CodecAnswer answer;
  answer.outcome = outcome;
  if (detail.size() > kMaxDetailBytes) {
    detail.resize(kMaxDetailBytes);
    while (!detail.empty() && (detail.back() & 0xC0) == 0x80) detail.pop_back();  // not within a character
    if (!detail.empty() && (detail.back() & 0x80) != 0) detail.pop_back();
  }
  answer.detail = std::move(detail);
  return answer;
}

// JSON, as long as it may be.
struct Text {
  std::u16string chars;
  bool too_long = false;

  static bool append(const char16_t* chars, std::uint32_t length, void* to) {
    auto* text = static_cast<Text*>(to);
    text->too_long = text->too_long || text->chars.size() + length > kMaxAnswerBytes;
    if (!text->too_long) text->chars.append(chars, length);
    return !text->too_long;
  }
};

}  // namespace

struct Engine::Parts {
  Parts(JSContext* context, JS::PersistentRootedObject kept)
      : cx(context), keeper(std::move(kept)), watchdog([this] { JS_RequestInterruptCallback(cx); }) {}

  static bool may_go_on(JSContext* cx) { return !static_cast<Parts*>(JS_GetContextPrivate(cx))->watchdog.expired(); }
  // A script has no other clock than when its message came.
  static double time_of(double microseconds, JSContext* cx) {
    const auto* parts = static_cast<const Parts*>(JS_GetContextPrivate(cx));
    return parts && parts->arrived_ms ? static_cast<double>(*parts->arrived_ms) * 1000 : microseconds;
  }

  std::optional<CodecAnswer> attempt(Script& script, Style style, const Call& call, CodecAnswer& why_not);
  bool surround(Style style);
  bool load(Script& script, Style style, JS::MutableHandleValue exported);
  bool load_module(Script& script, JS::MutableHandleValue exported);
  bool run(const JS::Stencil& stencil, JS::MutableHandleValue result);
  bool evaluate(std::string_view source, JS::MutableHandleValue result);
  bool find(JS::HandleValue exported, JS::MutableHandleObject found);
  bool invoke(JS::HandleObject found, const Call& call, JS::MutableHandleValue result, int& form);
  bool make_input(const Call& call, JS::MutableHandleObject input);
  bool settle_promise(JS::MutableHandleValue result);
  CodecAnswer read_result(const Script& script, JS::HandleValue result, int form);
  bool read_members(JS::HandleValue result, CodecAnswer& answer, bool& too_long);
  bool to_json(JS::HandleValue value, std::string& json, bool& too_long);
  CodecAnswer describe_failure(const Script& script);

  JSContext* cx;
  JS::PersistentRootedObject keeper;  // keeps the one zone of all realms
  std::unordered_map<std::uint32_t, Script> scripts;
  std::optional<std::int64_t> arrived_ms;
  int calls = 0;
  Watchdog watchdog;
};

Engine::Engine(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Engine::~Engine() = default;

std::unique_ptr<Engine> Engine::start() {
  JS::DisableJitBackend();  // before JS_Init: no memory is ever executable
  if (!JS_Init()) return nullptr;
  JSContext* cx = JS_NewContext(kHeapBytes);
  // Async functions end the process without a job queue.
  if (!cx || !js::UseInternalJobQueues(cx) || !JS::InitSelfHostedCode(cx)) return nullptr;
  JS_SetGCParameter(cx, JSGC_MAX_BYTES, kHeapBytes);
  JS_SetNativeStackQuota(cx, kStackBytes);
  JS_SetDefaultLocale(JS_GetRuntime(cx), "en-US");
  JS::RootedObject keeper(cx,
                          JS_NewGlobalObject(cx, &kGlobalClass, nullptr, JS::FireOnNewGlobalHook, JS::RealmOptions()));
  if (!keeper) return nullptr;
  std::unique_ptr<Engine> engine(new Engine(std::make_unique<Parts>(cx, JS::PersistentRootedObject(cx, keeper))));
  JS_SetContextPrivate(cx, engine->parts_.get());
  JS_AddInterruptCallback(cx, &Parts::may_go_on);
  JS::SetReduceMicrosecondTimePrecisionCallback(&Parts::time_of);

  engine->keep({kWarmUpScript, "warm-up", std::string(kWarmUp)});
  const CodecAnswer warm = engine->call({kWarmUpScript, 1, std::nullopt, "\x01\x02", "{}"});
  JS_GC(cx);
  return warm.outcome == CodecOutcome::data || warm.outcome == CodecOutcome::deadline ? std::move(engine) : nullptr;
}

void Engine::keep(Load load) {
  Script script;
  script.name = std::move(load.name);
  script.text = std::move(load.text);
  parts_->scripts.insert_or_assign(load.script, std::move(script));
}

CodecAnswer Engine::call(const Call& call) {
  const auto found = parts_->scripts.find(call.script);
  if (found == parts_->scripts.end()) return failed(CodecOutcome::threw, "no script has this number");
  ++parts_->calls;
  parts_->arrived_ms = call.arrived_ms;
  parts_->watchdog.begin_call();
  Script& script = found->second;
  CodecAnswer answer;
  for (const Style style : {Style::plain, Style::exports, Style::module}) {
    if (!script.may_be(style)) continue;
    if (auto done = parts_->attempt(script, style, call, answer)) {
      answer = std::move(*done);
      break;
    }
  }
  if (parts_->watchdog.end_call()) {
    return failed(CodecOutcome::deadline,
                  script.name + ": took more than " + std::to_string(kComputingTime.count()) + " ms of computing time");
  }
  return answer;
}

void Engine::collect_when_due() {
  if (parts_->calls < kCallsBetweenCollections) return;
  parts_->calls = 0;
  JS_GC(parts_->cx);
}

// None where the script is not of this style; `why_not` says why then.
std::optional<CodecAnswer> Engine::Parts::attempt(Script& script, Style style, const Call& call, CodecAnswer& why_not) {
  JS::RealmOptions options;
  options.creationOptions().setNewCompartmentInExistingZone(keeper).setSharedMemoryAndAtomicsEnabled(false);
  JS::RootedObject global(cx, JS_NewGlobalObject(cx, &kGlobalClass, nullptr, JS::FireOnNewGlobalHook, options));
  if (!global) return describe_failure(script);
  const JSAutoRealm inside(cx, global);
  JS::RootedValue exported(cx), result(cx);
  JS::RootedObject found(cx);
  if (!surround(style) || !load(script, style, &exported) || !find(exported, &found)) {
    why_not = describe_failure(script);
    if (why_not.outcome != CodecOutcome::threw) return why_not;
    return std::nullopt;
  }
  if (!found) {
    why_not = failed(CodecOutcome::threw,
                     script.name + ": found no function decodeUplink, Decode or Decoder, expected decodeUplink(input)");
    return std::nullopt;
  }
  script.style = style;
  int form = 0;
  if (!invoke(found, call, &result, form) || !settle_promise(&result)) return describe_failure(script);
  return read_result(script, result, form);
}

bool Engine::Parts::surround(Style style) {
  JS::RootedValue nothing(cx);
  return evaluate(kSurroundings, &nothing) && (style != Style::exports || evaluate(kExports, &nothing));
}

bool Engine::Parts::load(Script& script, Style style, JS::MutableHandleValue exported) {
  if (!script.compiled || script.compiled_as != style) {
    JS::CompileOptions options(cx);
    options.setFileAndLine(script.name.c_str(), 1);
    JS::SourceText<mozilla::Utf8Unit> source;
    if (!source.init(cx, script.text.data(), script.text.size(), JS::SourceOwnership::Borrowed)) return false;
    script.compiled = style == Style::module ? JS::CompileModuleScriptToStencil(cx, options, source)
                                             : JS::CompileGlobalScriptToStencil(cx, options, source);
    script.compiled_as = style;
    if (!script.compiled) return false;
  }
  if (style == Style::module) return load_module(script, exported);
  JS::RootedValue nothing(cx);
  JS::RootedScript program(cx, JS::InstantiateGlobalStencil(cx, JS::InstantiateOptions(), script.compiled));
  if (!program || !JS_ExecuteScript(cx, program, &nothing)) return false;
  return style == Style::plain || evaluate("module.exports", exported);
}

bool Engine::Parts::load_module(Script& script, JS::MutableHandleValue exported) {
  JS::RootedObject module(cx, JS::InstantiateModuleStencil(cx, JS::InstantiateOptions(), script.compiled));
  JS::RootedValue evaluated(cx);
  if (!module || !JS::ModuleInstantiate(cx, module) || !JS::ModuleEvaluate(cx, module, &evaluated)) return false;
  if (evaluated.isObject()) {
    JS::RootedObject promise(cx, &evaluated.toObject());
    js::RunJobs(cx);
    if (!JS::ThrowOnModuleEvaluationFailure(cx, promise, JS::ThrowModuleErrorsSync)) return false;
  }
  JS::RootedObject names(cx, JS::GetModuleNamespace(cx, module));
  if (!names) return false;
  exported.setObject(*names);
  return true;
}

bool Engine::Parts::evaluate(std::string_view source, JS::MutableHandleValue result) {
  JS::CompileOptions options(cx);
  options.setFileAndLine("firegate", 1);
  JS::SourceText<mozilla::Utf8Unit> text;
  return text.init(cx, source.data(), source.size(), JS::SourceOwnership::Borrowed) &&
         JS::Evaluate(cx, options, text, result);
}

// `found` stays null where the script has no such function.
bool Engine::Parts::find(JS::HandleValue exported, JS::MutableHandleObject found) {
  JS::RootedValue finder(cx), result(cx);
  JS::RootedValueVector arguments(cx);
  if (!arguments.append(exported) || !evaluate(kFind, &finder)) return false;
  if (!JS::Call(cx, JS::UndefinedHandleValue, finder, arguments, &result)) return false;
  if (result.isObject()) found.set(&result.toObject());
  return true;
}

bool Engine::Parts::invoke(JS::HandleObject found, const Call& call, JS::MutableHandleValue result, int& form) {
  JS::RootedValue kind(cx), function(cx), owner(cx), bytes(cx), port(cx), variables(cx);
  if (!JS_GetElement(cx, found, 0, &kind) || !JS_GetElement(cx, found, 1, &function) ||
      !JS_GetElement(cx, found, 2, &owner)) {
    return false;
  }
  JS::RootedObject input(cx);
  if (!make_input(call, &input)) return false;
  if (!JS_GetProperty(cx, input, "bytes", &bytes) || !JS_GetProperty(cx, input, "fPort", &port) ||
      !JS_GetProperty(cx, input, "variables", &variables)) {
    return false;
  }
  form = kind.toInt32();
  JS::RootedValueVector arguments(cx);
  const bool ready = form == 0   ? arguments.append(JS::ObjectValue(*input))
                     : form == 1 ? arguments.append(port) && arguments.append(bytes) && arguments.append(variables)
                                 : arguments.append(bytes) && arguments.append(port);
  return ready && JS::Call(cx, owner, function, arguments, result);
}

bool Engine::Parts::make_input(const Call& call, JS::MutableHandleObject input) {
  std::string json = "{\"bytes\":[";
  for (const char byte : call.bytes) {
    if (json.back() != '[') json += ',';
    json += std::to_string(static_cast<unsigned char>(byte));
  }
  json += "],\"fPort\":" + std::to_string(call.f_port) + "}";
  const std::u16string text = ascii_to_utf16(json);
  JS::RootedValue parsed(cx);
  if (!JS_ParseJSON(cx, text.data(), static_cast<std::uint32_t>(text.size()), &parsed)) return false;
  input.set(&parsed.toObject());
  if (!call.variables.empty()) {
    JS::RootedString written(cx,
                             JS_NewStringCopyUTF8N(cx, JS::UTF8Chars(call.variables.data(), call.variables.size())));
    JS::RootedValue variables(cx);
    if (!written || !JS_ParseJSON(cx, written, &variables)) return false;
    if (!JS_DefineProperty(cx, input, "variables", variables, JSPROP_ENUMERATE)) return false;
  }
  if (!call.arrived_ms) return true;
  JS::RootedObject time(cx, JS::NewDateObject(cx, JS::TimeClip(static_cast<double>(*call.arrived_ms))));
  return time && JS_DefineProperty(cx, input, "recvTime", time, JSPROP_ENUMERATE);
}

// The queue is emptied in any case: no call leaves work behind for the next.
bool Engine::Parts::settle_promise(JS::MutableHandleValue result) {
  js::RunJobs(cx);
  if (!result.isObject()) return true;
  JS::RootedObject promise(cx, &result.toObject());
  if (!JS::IsPromiseObject(promise)) return true;
  switch (JS::GetPromiseState(promise)) {
    case JS::PromiseState::Fulfilled: result.set(JS::GetPromiseResult(promise)); return true;
    case JS::PromiseState::Rejected: {
      JS::RootedValue reason(cx, JS::GetPromiseResult(promise));
      JS_SetPendingException(cx, reason, JS::ExceptionStackBehavior::DoNotCapture);
      return false;
    }
    case JS::PromiseState::Pending: break;
  }
  JS_ReportErrorASCII(cx, "returned a promise that nothing fulfils");
  return false;
}

CodecAnswer Engine::Parts::read_result(const Script& script, JS::HandleValue result, int form) {
  if (form == 0 && !result.isObject()) {
    return failed(CodecOutcome::threw, script.name + ": decodeUplink returned no object, expected {data} or {errors}");
  }
  CodecAnswer answer;
  answer.outcome = CodecOutcome::data;
  bool too_long = false;
  const bool read = form == 0 ? read_members(result, answer, too_long) : to_json(result, answer.data, too_long);
  too_long = too_long || answer.data.size() + answer.errors.size() + answer.warnings.size() > kMaxAnswerBytes;
  if (!read && !too_long) return describe_failure(script);
  if (!too_long) return answer;
  JS_ClearPendingException(cx);
  return failed(CodecOutcome::threw, script.name + ": returned too much, expected at most " +
                                         std::to_string(kMaxAnswerBytes) + " bytes of JSON");
}

// {data, errors, warnings}: errors that say nothing are none.
bool Engine::Parts::read_members(JS::HandleValue result, CodecAnswer& answer, bool& too_long) {
  JS::RootedObject object(cx, &result.toObject());
  JS::RootedValue data(cx), errors(cx), warnings(cx);
  if (!JS_GetProperty(cx, object, "errors", &errors) || !JS_GetProperty(cx, object, "warnings", &warnings) ||
      !JS_GetProperty(cx, object, "data", &data)) {
    return false;
  }
  bool is_list = false;
  if (!JS::IsArrayObject(cx, errors, &is_list)) return false;
  std::uint32_t count = 0;
  if (is_list) {
    JS::RootedObject list(cx, &errors.toObject());
    if (!JS::GetArrayLength(cx, list, &count)) return false;
  }
  const bool refused = is_list ? count > 0 : JS::ToBoolean(errors);
  if (refused) answer.outcome = CodecOutcome::errors;
  if (!to_json(refused ? errors : data, refused ? answer.errors : answer.data, too_long)) return false;
  return warnings.isNullOrUndefined() || to_json(warnings, answer.warnings, too_long);
}

bool Engine::Parts::to_json(JS::HandleValue value, std::string& json, bool& too_long) {
  JS::RootedValue copy(cx, value);
  Text text;
  const bool written = JS_Stringify(cx, &copy, nullptr, JS::UndefinedHandleValue, &Text::append, &text);
  too_long = too_long || text.too_long;
  if (!written) return false;
  json = to_utf8(text.chars);
  return true;
}

// What the engine has pending, in words: "codecs/x.js:12:5: TypeError: ...". Nothing is pending after it.
CodecAnswer Engine::Parts::describe_failure(const Script& script) {
  if (!JS_IsExceptionPending(cx)) {
    return failed(watchdog.expired() ? CodecOutcome::deadline : CodecOutcome::threw, script.name + ": was stopped");
  }
  const bool no_memory = JS_IsThrowingOutOfMemory(cx);
  JS::ExceptionStack thrown(cx);
  if (!JS::StealPendingExceptionStack(cx, &thrown) || no_memory) {
    JS_ClearPendingException(cx);
    return failed(CodecOutcome::memory, script.name + ": took more memory than a call may");
  }
  JS::ErrorReportBuilder report(cx);
  if (!report.init(cx, thrown, JS::ErrorReportBuilder::NoSideEffects)) {
    JS_ClearPendingException(cx);
    return failed(CodecOutcome::threw, script.name + ": threw what cannot be described");
  }
  const JSErrorReport& error = *report.report();
  std::string where = error.filename && error.lineno > 0 ? error.filename : script.name;
  if (error.lineno > 0) where += ":" + std::to_string(error.lineno) + ":" + std::to_string(error.column);
  const char* what = report.toStringResult().c_str();
  return failed(CodecOutcome::threw, where + ": " + (what ? what : "threw"));
}

}  // namespace firegate::codec
