// null_subscriber: the floor that firegate is measured against. A Paho C++ message callback that counts and does
// nothing else, over a session with the settings of gateway/ingest (MQTT 5, QoS 1, persistent, keep-alive 10 s,
// no persistence object). Whatever it costs is the price of the client library and of the system calls.
//
//   null_subscriber PORT COUNT [FILTER...]
//
// Prints `ready` when it is subscribed and one line of JSON when COUNT messages have come (messages, and the seconds
// from the first to the last); then waits for the end of standard input, so that whoever measures can read its times.
#include <mqtt/async_client.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Steady = std::chrono::steady_clock;

constexpr int kQos = 1;
constexpr std::chrono::seconds kKeepAlive{10};
constexpr std::int32_t kSessionExpiry = 7 * 24 * 3600;
constexpr std::int32_t kMaxPacket = 8 * 1024 * 1024 + 65'535 + 1024;

template <typename T>
bool read_number(std::string_view text, T& number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

// Counts; the last one releases the main thread. Paho's receive thread.
class Counter {
 public:
  explicit Counter(std::uint64_t wanted) : wanted_(wanted) {}

  void one() noexcept {
    const std::uint64_t count = ++count_;
    if (count == 1) first_ = Steady::now();
    if (count != wanted_) return;
    last_ = Steady::now();
    done_.store(true, std::memory_order_release);
    done_.notify_one();
  }
  void wait() const { done_.wait(false, std::memory_order_acquire); }
  double seconds() const { return std::chrono::duration<double>(last_ - first_).count(); }

 private:
  const std::uint64_t wanted_;
  std::uint64_t count_ = 0;
  Steady::time_point first_{}, last_{};
  std::atomic<bool> done_{false};
};

mqtt::connect_options session() {
  mqtt::properties properties;
  properties.add(mqtt::property(mqtt::property::SESSION_EXPIRY_INTERVAL, kSessionExpiry));
  properties.add(mqtt::property(mqtt::property::MAXIMUM_PACKET_SIZE, kMaxPacket));
  mqtt::connect_options connect;
  connect.set_mqtt_version(MQTTVERSION_5);
  connect.set_clean_start(false);
  connect.set_properties(properties);
  connect.set_keep_alive_interval(kKeepAlive);
  connect.set_automatic_reconnect(false);
  return connect;
}

void run(int port, std::uint64_t wanted, const std::vector<std::string>& filters) {
  Counter counter(wanted);
  mqtt::async_client client("tcp://127.0.0.1:" + std::to_string(port), "firegate-null",
                            mqtt::create_options(MQTTVERSION_5));
  client.set_message_callback([&counter](const mqtt::const_message_ptr&) noexcept { counter.one(); });
  client.connect(session())->wait();
  for (const std::string& filter : filters) client.subscribe(filter, kQos)->wait();
  std::cout << "ready" << std::endl;
  counter.wait();
  std::cout << "{\"messages\":" << wanted << ",\"seconds\":" << counter.seconds() << "}" << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
  }
  client.disconnect()->wait();
}

}  // namespace

int main(int argc, char** argv) {
  int port = 0;
  std::uint64_t wanted = 0;
  if (argc < 3 || !read_number(argv[1], port) || !read_number(argv[2], wanted) || wanted == 0) {
    std::cerr << "usage: null_subscriber PORT COUNT [FILTER...]\n";
    return 2;
  }
  std::vector<std::string> filters(argv + 3, argv + argc);
  if (filters.empty()) filters.emplace_back("fg/v1/+/+/up");
  try {
    run(port, wanted, filters);
  } catch (const std::exception& error) {
    std::cerr << "null_subscriber: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
