// The links against a real mosquitto.
#include "ingest/mqtt_link.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <set>

#include "ingest/canary.h"
#include "ingest/sender.h"
#include "unit/ingest/test_broker.h"

namespace firegate::ingest {
namespace {

class IoThread {
 public:
  IoThread() : work_(io.get_executor()), thread_([this] { io.run(); }) {}
  ~IoThread() {
    work_.reset();
    io.stop();
    thread_.join();
  }
  boost::asio::io_context io;

 private:
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

// One gateway's worth of ingest.
class Gateway {
 public:
  Gateway(const std::filesystem::path& folder, const BrokerSettings& broker, bool session_expected = false)
      : sender(thread.io, broker, clock, metrics),
        canary(thread.io, broker.canary_topic(), sender, clock, metrics, faults) {
    InboxSettings settings;
    settings.folder = folder;
    settings.segment_bytes = 16 * 1024 * 1024;
    inbox = std::move(*Inbox::open(settings, 0, clock, metrics, faults));
    link = std::make_unique<MqttLink>(MqttLink::Needs{thread.io, *inbox, canary, clock, metrics, faults}, broker,
                                      MqttLink::Options{{"fg/v1/+/+/up", "zigbee/#"}, session_expected, {}, {}, {}});
    link->start();
  }
  ~Gateway() {
    link->stop();
    if (sending_) {
      canary.stop();
      sender.stop();
    }
  }
  void start_sending() {
    sending_ = true;
    sender.start();
    canary.start();
  }
  bool connected(std::uint64_t times = 1) {
    return eventually([&] { return metrics.broker_connects.value() >= times && link->receiving(); }, Millis{30'000});
  }
  bool has(std::size_t messages) {
    return eventually([&] { return metrics.messages_received.value() >= messages; }, Millis{30'000});
  }
  std::multiset<std::string> payloads() {
    InboxReader reader(*inbox, 1);
    InboxBatch batch;
    std::multiset<std::string> all;
    do {
      EXPECT_TRUE(reader.next(batch, Millis{0}));
      for (const auto& message : batch.messages()) all.emplace(message.payload);
    } while (!batch.empty());
    return all;
  }

  TestClock clock;
  metrics::Metrics metrics;
  FaultList faults;
  IoThread thread;
  MqttSender sender;
  Canary canary;
  std::unique_ptr<Inbox> inbox;
  std::unique_ptr<MqttLink> link;

 private:
  bool sending_ = false;
};

// Another client that publishes at QoS 1 and waits for the broker's word.
class Publisher {
 public:
  explicit Publisher(BrokerSettings broker) : sender_(thread_.io, named(std::move(broker)), clock_, metrics_) {
    sender_.start();
  }
  ~Publisher() { sender_.stop(); }
  bool publish(const std::string& topic, const std::string& payload, bool retain = false) {
    std::atomic<int> answer{0};
    sender_.send({topic, payload, retain}, [&answer](Result<void> result) { answer = result ? 1 : -1; });
    return eventually([&answer] { return answer != 0; }, Millis{20'000}) && answer == 1;
  }

 private:
  static BrokerSettings named(BrokerSettings broker) {
    broker.client_id = "publisher";
    return broker;
  }
  TestClock clock_;
  metrics::Metrics metrics_;
  IoThread thread_;
  MqttSender sender_;
};

class MqttLinkTest : public testing::TestWithParam<MqttVersion> {
 protected:
  BrokerSettings settings(const TestBroker& broker) const {
    BrokerSettings broker_settings;
    broker_settings.port = broker.port();
    broker_settings.version = GetParam();
    broker_settings.keep_alive = Millis{2'000};
    return broker_settings;
  }
  TestFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Versions, MqttLinkTest, testing::Values(MqttVersion::v5, MqttVersion::v3_1_1),
                         [](const auto& version) { return version.param == MqttVersion::v5 ? "Mqtt5" : "Mqtt311"; });

TEST_P(MqttLinkTest, PutsMessagesIntoTheInbox) {
  TestBroker broker;
  ASSERT_TRUE(broker.start());
  Publisher publisher(settings(broker));
  ASSERT_TRUE(publisher.publish("zigbee/kept", "retained", true));
  Gateway gateway(folder_.path(), settings(broker));
  ASSERT_TRUE(gateway.has(1));
  ASSERT_TRUE(publisher.publish("fg/v1/e/d/up", std::string("a\0b", 3)));
  ASSERT_TRUE(publisher.publish("other/topic", "not ours"));
  ASSERT_TRUE(publisher.publish("zigbee/large", std::string(3'000'000, 'x')));
  ASSERT_TRUE(gateway.has(3));

  InboxReader reader(*gateway.inbox, 1);
  InboxBatch batch;
  ASSERT_TRUE(reader.next(batch, Millis{0}));
  ASSERT_GE(batch.messages().size(), 2U);
  EXPECT_EQ(batch.messages()[0].topic, "zigbee/kept");
  EXPECT_TRUE(batch.messages()[0].retained);
  EXPECT_EQ(batch.messages()[1].topic, "fg/v1/e/d/up");
  EXPECT_EQ(batch.messages()[1].payload, std::string_view("a\0b", 3));
  EXPECT_FALSE(batch.messages()[1].retained);
  EXPECT_EQ(batch.messages()[1].arrived_at, gateway.clock.now());
  EXPECT_FALSE(gateway.payloads().contains("not ours"));
}

TEST_P(MqttLinkTest, BrokerKeepsMessagesWhileWeAreAway) {
  TestBroker broker;
  ASSERT_TRUE(broker.start());
  Publisher publisher(settings(broker));
  {
    Gateway gateway(folder_.path(), settings(broker));
    ASSERT_TRUE(gateway.connected());
    ASSERT_TRUE(publisher.publish("zigbee/a", "before"));
    ASSERT_TRUE(gateway.has(1));
  }
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(publisher.publish("zigbee/a", "away " + std::to_string(i)));
  Gateway gateway(folder_.path(), settings(broker), /*session_expected=*/true);
  const auto away = [&gateway] {
    const auto got = gateway.payloads();
    return got.size() - got.count("before");  // which may come again: its acknowledgement may have gone with the first
  };
  EXPECT_TRUE(eventually([&] { return away() == 20U; }, Millis{30'000})) << away();
  EXPECT_EQ(gateway.faults.raised(SelfFaultCode::session_lost), 0);
  EXPECT_TRUE(gateway.payloads().contains("before"));
}

TEST_P(MqttLinkTest, SaysWhenTheBrokerHasLostOurSession) {
  TestBroker broker;
  ASSERT_TRUE(broker.start());
  Gateway gateway(folder_.path(), settings(broker), /*session_expected=*/true);
  ASSERT_TRUE(gateway.connected());
  EXPECT_TRUE(eventually([&] { return gateway.faults.raised(SelfFaultCode::session_lost) == 1; }));
  EXPECT_TRUE(eventually([&] { return !gateway.faults.active(SelfFaultCode::session_lost); }));  // subscribed anew
}

TEST_P(MqttLinkTest, SubscribesAgainAndLosesNothingWhenTheBrokerRestarts) {
  TestBroker broker;
  ASSERT_TRUE(broker.start());
  Gateway gateway(folder_.path(), settings(broker));
  ASSERT_TRUE(gateway.connected());
  std::multiset<std::string> confirmed;
  for (int round = 0; round < 1; ++round) {
    Publisher publisher(settings(broker));
    for (int i = 0; i < 30; ++i) {
      const auto payload = fmt::format("{}/{}", round, i);
      ASSERT_TRUE(publisher.publish("zigbee/a", payload));
      confirmed.insert(payload);
    }
    broker.end(SIGTERM);
    ASSERT_TRUE(broker.start());
    ASSERT_TRUE(gateway.connected(static_cast<std::uint64_t>(round) + 2));
  }
  // A broker that forgot everything: only a new subscription brings messages.
  broker.end(SIGKILL);
  std::filesystem::remove(broker.folder() / "mosquitto.db");
  ASSERT_TRUE(broker.start());
  ASSERT_TRUE(gateway.connected(3));
  EXPECT_TRUE(eventually([&] { return gateway.faults.raised(SelfFaultCode::session_lost) == 1; }));
  EXPECT_TRUE(eventually([&] { return !gateway.faults.active(SelfFaultCode::session_lost); }));
  Publisher publisher(settings(broker));
  ASSERT_TRUE(publisher.publish("zigbee/a", "after"));
  confirmed.insert("after");
  EXPECT_TRUE(eventually([&] {
    const auto got = gateway.payloads();
    return std::all_of(confirmed.begin(), confirmed.end(), [&got](const auto& p) { return got.contains(p); });
  }));
}

TEST_P(MqttLinkTest, TwoGatewaysWithOneClientIdAreAFault) {
  TestBroker broker;
  ASSERT_TRUE(broker.start());
  Gateway first(folder_.path() / "1", settings(broker));
  ASSERT_TRUE(first.connected());
  Gateway second(folder_.path() / "2", settings(broker));
  EXPECT_TRUE(eventually([&] { return first.faults.active(SelfFaultCode::client_id_fight); }, Millis{60'000}));
  EXPECT_TRUE(eventually([&] { return second.faults.active(SelfFaultCode::client_id_fight); }, Millis{60'000}));
}

TEST_P(MqttLinkTest, CanaryReturnsAndIsNoMessage) {
  TestBroker broker;
  ASSERT_TRUE(broker.start());
  Gateway gateway(folder_.path(), settings(broker));
  ASSERT_TRUE(gateway.connected());
  gateway.start_sending();
  EXPECT_TRUE(eventually([&] { return gateway.metrics.canary_round_trip_seconds.value() > 0; }, Millis{30'000}));
  EXPECT_EQ(gateway.metrics.messages_received.value(), 0U);
  EXPECT_EQ(gateway.inbox->last(), 0U);
  EXPECT_EQ(gateway.metrics.commands_sent.value(), 0U);
}

TEST(MqttLinkFrozen, FrozenBrokerIsAFaultWithinItsTime) {
  TestFolder folder;
  TestBroker broker;
  ASSERT_TRUE(broker.start());
  BrokerSettings settings;
  settings.port = broker.port();
  Gateway gateway(folder.path(), settings);
  gateway.start_sending();
  ASSERT_TRUE(gateway.connected());
  broker.signal(SIGSTOP);
  EXPECT_TRUE(eventually([&] { return gateway.faults.active(SelfFaultCode::canary_late); }, Millis{45'000}));
  broker.signal(SIGCONT);
  EXPECT_TRUE(eventually([&] { return !gateway.faults.active(SelfFaultCode::canary_late); }, Millis{45'000}));
}

TEST(MqttLinkRefused, RefusedSubscriptionIsAFault) {
  TestFolder folder;
  const auto rules = folder.path() / "rules.json";
  std::ofstream(rules) << R"({"defaultACLAccess": {"publishClientSend": true, "publishClientReceive": true,
    "subscribe": false, "unsubscribe": true}, "anonymousGroup": "none", "groups": [{"groupname": "none"}]})";
  const std::string plugin = "/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so";
  if (!std::filesystem::exists(plugin)) GTEST_SKIP() << "mosquitto's dynamic security plug-in is not installed";
  TestBroker broker({"plugin " + plugin, "plugin_opt_config_file " + rules.string()});
  ASSERT_TRUE(broker.start());
  BrokerSettings settings;
  settings.port = broker.port();
  Gateway gateway(folder.path(), settings);
  EXPECT_TRUE(eventually([&] { return gateway.faults.active(SelfFaultCode::broker_lost, "subscriptions"); }));
  EXPECT_FALSE(gateway.link->receiving());
}

TEST(MqttLinkDropped, BrokerThatDropsMessagesIsAFault) {
  TestFolder folder;
  TestBroker broker({"max_queued_messages 5", "max_inflight_messages 1"});
  ASSERT_TRUE(broker.start());
  BrokerSettings settings;
  settings.port = broker.port();
  {
    BrokerSettings absent = settings;
    absent.client_id = "absent";
    Gateway other(folder.path() / "absent", absent);
    ASSERT_TRUE(other.connected());
    Publisher publisher(settings);
    ASSERT_TRUE(publisher.publish("zigbee/a", "subscribed"));
    ASSERT_TRUE(other.has(1));
  }
  Gateway gateway(folder.path() / "ours", settings);
  ASSERT_TRUE(gateway.connected());
  ASSERT_TRUE(eventually([&] { return gateway.metrics.broker_messages_dropped.value() >= 0; }));
  Publisher publisher(settings);
  // The absent gateway's queue takes five; ours takes all.
  EXPECT_TRUE(eventually(
      [&] {
        EXPECT_TRUE(publisher.publish("zigbee/a", "more"));
        return gateway.faults.active(SelfFaultCode::broker_dropped);
      },
      Millis{30'000}));
}

TEST(MqttLinkTls, ConnectsWithCertificatesAndRefusesAStrangersCa) {
  TestFolder folder;
  const auto path = [&folder](const char* name) { return (folder.path() / name).string(); };
  std::ofstream(path("san")) << "subjectAltName=IP:127.0.0.1\n";
  for (const char* ca : {"ca", "stranger"}) {
    ASSERT_EQ(run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                   std::string("/CN=") + ca, "-keyout", path(ca) + ".key", "-out", path(ca) + ".pem"}),
              0);
  }
  for (const char* name : {"broker", "gateway"}) {
    ASSERT_EQ(run({"openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", std::string("/CN=") + name, "-keyout",
                   path(name) + ".key", "-out", path(name) + ".csr"}),
              0);
    ASSERT_EQ(
        run({"openssl", "x509", "-req", "-in", path(name) + ".csr", "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
             "-CAcreateserial", "-days", "2", "-extfile", path("san"), "-out", path(name) + ".pem"}),
        0);
  }
  TestBroker broker({"cafile " + path("ca.pem"), "certfile " + path("broker.pem"), "keyfile " + path("broker.key"),
                     "require_certificate true"});
  ASSERT_TRUE(broker.start());
  BrokerSettings settings;
  settings.port = broker.port();
  settings.tls = TlsSettings{path("ca.pem"), path("gateway.pem"), path("gateway.key")};
  {
    Gateway gateway(folder.path() / "inbox", settings);
    ASSERT_TRUE(gateway.connected());
    Publisher publisher(settings);
    ASSERT_TRUE(publisher.publish("zigbee/a", "over TLS"));
    EXPECT_TRUE(gateway.has(1));
  }
  settings.tls->ca = path("stranger.pem");
  Gateway mistaken(folder.path() / "mistaken", settings);
  EXPECT_TRUE(eventually([&] { return mistaken.faults.active(SelfFaultCode::broker_lost); }, Millis{30'000}));
  EXPECT_EQ(mistaken.metrics.broker_connects.value(), 0U);
}

TEST(MqttLinkUnwritable, ProcessEndsSoThatTheBrokerDeliversAgain) {
  TestFolder folder;
  TestBroker broker;
  ASSERT_TRUE(broker.start());
  BrokerSettings settings;
  settings.port = broker.port();
  const auto inbox_folder = folder.path() / "inbox";
  const pid_t child = ::fork();
  if (child == 0) {
    TestClock clock;
    metrics::Metrics metrics;
    FaultList faults;
    IoThread thread;
    MqttSender sender(thread.io, settings, clock, metrics);
    Canary canary(thread.io, settings.canary_topic(), sender, clock, metrics, faults);
    InboxSettings inbox_settings;
    inbox_settings.folder = inbox_folder;
    inbox_settings.segment_bytes = 64 * 1024;
    auto inbox = std::move(*Inbox::open(inbox_settings, 0, clock, metrics, faults));
    // Without spares and without its folder the inbox has nowhere to write.
    const std::string payload(60'000, 'x');
    std::filesystem::rename(inbox_folder, folder.path() / "away");
    while (inbox->append("fill", payload, false, false, clock.now())) {
    }
    MqttLink link({thread.io, *inbox, canary, clock, metrics, faults}, settings,
                  MqttLink::Options{{"zigbee/#"}, false, [](const Error&) { ::_exit(42); }, {}, {}});
    link.start();
    for (;;) ::pause();
  }
  Publisher publisher(settings);
  int status = 0;
  ASSERT_TRUE(eventually(
      [&] {
        EXPECT_TRUE(publisher.publish("zigbee/a", "alarm"));
        return ::waitpid(child, &status, WNOHANG) == child;
      },
      Millis{30'000}));
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 42);

  Gateway again(folder.path() / "again", settings, /*session_expected=*/true);
  ASSERT_TRUE(again.has(1));
  EXPECT_TRUE(again.payloads().contains("alarm"));
  EXPECT_EQ(again.faults.raised(SelfFaultCode::session_lost), 0);
}

TEST(MqttSenderTest, RefusesMoreThanItsLimitAndFailsWhatIsNotSentInTime) {
  BrokerSettings settings;
  settings.port = free_port();  // nobody listens
  TestClock clock;
  metrics::Metrics metrics;
  IoThread thread;
  MqttSender sender(thread.io, settings, clock, metrics);
  sender.start();
  std::atomic<std::size_t> overloaded{0}, timed_out{0};
  const std::size_t sent = kSenderLimit + 7;
  for (std::size_t i = 0; i < sent; ++i) {
    sender.send({"t", "p", false}, [&](Result<void> result) {
      ASSERT_FALSE(result);
      if (result.error().code == ErrorCode::overloaded) ++overloaded;
      if (result.error().code == ErrorCode::timed_out) ++timed_out;
    });
  }
  EXPECT_TRUE(eventually([&] { return overloaded == 7; }));
  EXPECT_TRUE(eventually([&] { return timed_out == kSenderLimit; }, Millis{20'000}));
  EXPECT_EQ(metrics.commands_failed.value(), sent);
  sender.stop();
}

}  // namespace
}  // namespace firegate::ingest
