// JsonFormat: a wire format of JSON messages as a YAML file describes it (drivers/json_path/notes.md has the keys).
// Read at start, read-only afterwards, any thread.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/command.h"
#include "core/config_node.h"
#include "core/driver.h"
#include "core/models.h"
#include "drivers/common/json.h"
#include "drivers/json_path/text_template.h"

namespace firegate::json_path {

// What must hold of a message for something to apply. Paths are relative to the element of `each`; "/a.b" to the
// message.
struct Conditions {
  struct Is {
    std::string path;
    std::vector<std::string> words;  // any of these
  };
  std::vector<Is> is;
  std::vector<std::string> has, lacks;
};

struct FieldRule {
  FieldMeaning meaning;
  std::optional<Value> constant;  // instead of a field
  Conditions when;
};

struct PortRule {
  std::string field;
  bool zero_is_device = false;  // 0 means the device as a whole
};

struct ReplyRule {
  std::string id;                              // path of the command's id
  std::string result;                          // path of what the device says of it
  std::map<std::string, std::string> results;  // its words → accepted, done; any other: failed
  std::string reason;
};

struct LearnRule {
  std::string name, field;  // kept for the device and the port, for ${learned.name}
};

struct OutgoingRule {
  TextTemplate topic, payload;
};

struct MessageRule {
  std::vector<Conditions::Is> topic;  // what the pattern took from the topic
  Conditions when;
  std::string each;  // path with "*" for every item or member
  MessageKind kind = MessageKind::delta;
  std::vector<TextTemplate> device;  // instead of the format's
  std::string time;                  // path, instead of the format's
  std::optional<PortRule> port;
  std::vector<FieldRule> fields;
  std::string common;  // path of an object whose members are named in the usual way
  std::optional<ReplyRule> reply;
  std::vector<LearnRule> learn;
  std::optional<OutgoingRule> answer;  // published to the device
  std::optional<IgnoreReason> ignore;
};

// A topic below the base: levels, "<name>" for one that is taken, "+" for any, "#" at the end.
struct TopicPattern {
  std::vector<std::string> levels;
  std::optional<IgnoreReason> ignore;
  bool plain = false;  // the payload is one value: a number, a word
};

struct CommandRule {
  OutgoingRule outgoing;
  bool needs_port = false, needs_until = false;
};

struct JsonFormat {
  std::string name;  // as the file is named
  std::string base;
  std::vector<TopicPattern> topics;
  bool anywhere = false;  // recognised by content on any topic
  Conditions content;     // what every message of the format has; for recognition
  std::vector<std::string> required;
  std::optional<Conditions> simulated, historical;  // messages whose readings raise nothing
  std::vector<TextTemplate> device;                 // all that can be filled in must agree
  std::string time;
  std::vector<MessageRule> messages;
  std::map<CommandKind, CommandRule> commands;

  static JsonFormat parse(const ConfigNode& node, std::string name, Problems& problems);
};

}  // namespace firegate::json_path
