// The same web part over its three transports, and what is particular to each: certificates, the socket's file, limits,
// a process without descriptors.
#include <fcntl.h>
#include <openssl/x509v3.h>
#include <sys/resource.h>

#include "unit/api/tls_files.h"
#include "unit/api/web.h"

namespace firegate::api {
namespace {

enum class Transport { plain, tls, local };

class Transports : public Web {
 protected:
  Transports() : context(client_context(files.authority())) { open(all()); }
  void SetUp() override {}

  Settings all() const {
    Settings settings = Web::settings();
    settings.https = HttpsSettings{"127.0.0.1", 0, files.certificate(), files.key()};
    settings.socket = files.folder / "gate.sock";
    return settings;
  }
  void open(Settings settings, Timing timing = {Millis{10'000}, Millis{10}}) {
    gate.reset();
    own = std::make_unique<LiveIntake>();
    gate = std::make_unique<Server>(std::move(settings), deps(*own), timing);
    const auto started = gate->start();
    ASSERT_TRUE(started) << started.error().message;
  }
  std::unique_ptr<Client> connect(Transport transport) {
    if (transport == Transport::local) return std::make_unique<Client>(files.folder / "gate.sock");
    if (transport == Transport::plain) return std::make_unique<Client>(gate->port());
    auto client = std::make_unique<Client>(gate->https_port());
    EXPECT_TRUE(client->secure(context.get()));
    return client;
  }
  Answer ask_plain(std::string_view target) {
    const auto client = connect(Transport::plain);
    client->send(request("GET", target));
    return receive_answer(*client);
  }
  bool handshake_succeeds(SSL_CTX* with) {
    Client client(gate->https_port());
    return client.secure(with);
  }
  std::uint64_t refused(metrics::HttpRefusal why) const { return metrics.http_refused[why].value(); }

  TlsFiles files;
  ContextPtr context;
  std::unique_ptr<LiveIntake> own;
  std::unique_ptr<Server> gate;
};

class EveryTransport : public Transports, public testing::WithParamInterface<Transport> {};
INSTANTIATE_TEST_SUITE_P(
    All, EveryTransport, testing::Values(Transport::plain, Transport::tls, Transport::local), [](const auto& each) {
      return std::string(each.param == Transport::plain ? "plain" : each.param == Transport::tls ? "tls" : "local");
    });

TEST_P(EveryTransport, AnswersSeveralRequestsOnOneConnection) {
  const auto client = connect(GetParam());
  for (int i = 0; i < 3; ++i) {
    client->send(request("GET", "/healthz") + request("GET", "/api/v1/nothing"));
    EXPECT_EQ(receive_answer(*client).status, 200);
    EXPECT_EQ(receive_answer(*client).status, 404);
  }
}

TEST_P(EveryTransport, CarriesTheLiveFeed) {
  Console console(connect(GetParam()));
  EXPECT_NE(console.head.find("101"), std::string::npos) << console.head;
  console.resume("", 0);
  ASSERT_FALSE(console.next("gap").is_null());
  own->alarm_changed(make_alarm(2));
  EXPECT_EQ(console.next_alarm().at("data").at("id").as_string(), "0000000000000002");
  gate->stop();
  EXPECT_EQ(console.next("bye").at("reason").as_string(), "shutdown");
}

TEST_P(EveryTransport, ASenderOfTooMuchStillReadsWhy) {
  const auto client = connect(GetParam());
  client->send("POST /api/v1/alarms:silence HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\n");
  for (int i = 0; i < 10; ++i) client->send(std::string(10'000, 'x'));
  EXPECT_EQ(receive_answer(*client).status, 413);
  EXPECT_EQ(refused(metrics::HttpRefusal::too_large), 1u);
}

TEST_P(EveryTransport, AHeaderBombIsRefused) {
  const auto client = connect(GetParam());
  client->send(request("GET", "/healthz", "X-Long: " + std::string(9000, 'a') + "\r\n"));
  EXPECT_EQ(receive_answer(*client).status, 431);
}

TEST_P(EveryTransport, ASlowSenderIsCut) {
  open(all(), {Millis{1000}, Millis{10}});
  const auto client = connect(GetParam());
  client->send("GET /healthz HT");
  EXPECT_EQ(client->receive_until_end(), Client::End::closed);
  EXPECT_EQ(ask_plain("/healthz").status, 200);  // the web thread has counted by then
  EXPECT_EQ(refused(metrics::HttpRefusal::too_slow), 1u);
}

TEST_P(EveryTransport, ClosesWhenAsked) {
  const auto client = connect(GetParam());
  client->send(request("GET", "/healthz", "Connection: close\r\n"));
  EXPECT_EQ(receive_answer(*client).status, 200);
  EXPECT_FALSE(client->receive());
}

TEST_P(EveryTransport, CarriesMoreThanASocketsBuffer) {
  std::vector<DeviceSnapshot> many;
  for (int i = 0; i < 500; ++i) many.push_back(fakes::make_device("d-" + std::to_string(i) + std::string(2000, 'x')));
  devices.devices = std::move(many);
  const auto client = connect(GetParam());
  client->send(request("GET", "/api/v1/devices?limit=500"));
  const auto answer = receive_answer(*client);
  EXPECT_EQ(answer.status, 200);
  EXPECT_GT(answer.body.size(), 1'000'000u);
}

TEST_F(Transports, TlsIsModernAndSpeaksHttp) {
  const auto client = connect(Transport::tls);
  EXPECT_EQ(SSL_version(client->tls()), TLS1_3_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  EXPECT_TRUE(handshake_succeeds(context.get()));
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
  EXPECT_FALSE(handshake_succeeds(context.get()));
}

TEST_F(Transports, TlsAgreesOnHttpOrNothing) {
  const unsigned char http[] = "\x08http/1.1", other[] = "\x02h2";
  SSL_CTX_set_alpn_protos(context.get(), http, sizeof http - 1);
  EXPECT_TRUE(handshake_succeeds(context.get()));
  SSL_CTX_set_alpn_protos(context.get(), other, sizeof other - 1);
  EXPECT_FALSE(handshake_succeeds(context.get()));
}

TEST_F(Transports, WithoutTheAuthorityNobodyBelievesUs) {
  EXPECT_FALSE(handshake_succeeds(client_context({}).get()));
  EXPECT_FALSE(handshake_succeeds(client_context(files.authority(), "another.local").get()));
  EXPECT_TRUE(handshake_succeeds(client_context(files.authority()).get()));
}

TEST_F(Transports, TlsKeepsNoSessions) {
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT);
  const auto client = connect(Transport::tls);
  client->send(request("GET", "/healthz"));
  EXPECT_EQ(receive_answer(*client).status, 200);
  EXPECT_FALSE(SSL_SESSION_is_resumable(SSL_get0_session(client->tls())));
}

TEST_F(Transports, OnlyTlsAsksForTlsEver) {
  for (const Transport transport : {Transport::plain, Transport::tls, Transport::local}) {
    const auto client = connect(transport);
    client->send(request("GET", "/healthz"));
    const auto answer = receive_answer(*client);
    EXPECT_EQ(answer.head.find("Strict-Transport-Security") != std::string::npos, transport == Transport::tls)
        << answer.head;
  }
}

TEST_F(Transports, PlainHttpAtTheTlsPortEnds) {
  Client client(gate->https_port());
  client.send(request("GET", "/healthz"));
  EXPECT_EQ(client.receive_until_end(), Client::End::closed);
  EXPECT_EQ(refused(metrics::HttpRefusal::handshake_failed), 1u);
}

TEST_F(Transports, AHandshakeThatStallsIsCut) {
  open(all(), {Millis{150}, Millis{10}});
  Client client(gate->https_port());
  client.send("\x16\x03\x01");
  EXPECT_EQ(client.receive_until_end(), Client::End::closed);
}

TEST_F(Transports, TheCertificatesNamesAreHosts) {
  const auto client = connect(Transport::tls);
  client->send("GET /healthz HTTP/1.1\r\nHost: gate.local:8443\r\n\r\n");
  EXPECT_EQ(receive_answer(*client).status, 200);
  client->send("GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  EXPECT_EQ(receive_answer(*client).status, 403);
  EXPECT_EQ(refused(metrics::HttpRefusal::stranger), 1u);
}

TEST_F(Transports, TheUnixSocketNeedsNoHost) {
  const auto client = connect(Transport::local);
  client->send("GET /healthz HTTP/1.1\r\nHost: whatever\r\nOrigin: http://evil.example\r\n\r\n");
  EXPECT_EQ(receive_answer(*client).status, 200);
}

TEST_F(Transports, AProxyThatNobodyListedIsRefused) {
  const auto client = connect(Transport::plain);
  client->send(request("GET", "/healthz", "X-Forwarded-For: 192.0.2.9\r\n"));
  EXPECT_EQ(receive_answer(*client).status, 403);
  Settings with_proxy = all();
  with_proxy.trusted_proxies = {"127.0.0.1"};
  open(with_proxy);
  const auto again = connect(Transport::plain);
  again->send(request("GET", "/healthz", "X-Forwarded-For: 192.0.2.9\r\n"));
  EXPECT_EQ(receive_answer(*again).status, 200);
}

TEST_F(Transports, ANewCertificateServesNewConnectionsAndOldOnesGoOn) {
  const auto old = connect(Transport::tls);
  const Instant ends = *gate->certificate_ends_at();
  files.issue(fakes::kMorning + std::chrono::hours{1});
  const auto reloaded = gate->reload_tls();
  ASSERT_TRUE(reloaded) << reloaded.error().message;
  old->send(request("GET", "/healthz"));  // its answer comes after the web thread has taken the new pair
  EXPECT_EQ(receive_answer(*old).status, 200);
  EXPECT_EQ(*gate->certificate_ends_at(), ends + std::chrono::hours{1});
  EXPECT_TRUE(handshake_succeeds(context.get()));
}

TEST_F(Transports, ABrokenCertificateLeavesTheOldOneInUse) {
  const auto old = connect(Transport::tls);
  const Instant ends = *gate->certificate_ends_at();
  const std::string key = TlsFiles::read(files.key());
  TlsFiles::write(files.key(), "# to be done\n");
  const auto reloaded = gate->reload_tls();
  ASSERT_FALSE(reloaded);
  EXPECT_EQ(reloaded.error().code, ErrorCode::bad_input);
  EXPECT_EQ(faults.said().back(), "raise config_refused https");
  old->send(request("GET", "/healthz"));
  EXPECT_EQ(receive_answer(*old).status, 200);
  EXPECT_EQ(*gate->certificate_ends_at(), ends);
  EXPECT_TRUE(handshake_succeeds(context.get()));

  TlsFiles::write(files.key(), key);
  EXPECT_TRUE(gate->reload_tls());
  EXPECT_EQ(faults.said().back(), "clear config_refused https");
}

// UBSan judges a virtual call by a pipe: without descriptors it takes every object for a wrong one.
#ifdef __SANITIZE_ADDRESS__
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
constexpr const char* kNeedsPipes = "UBSan needs descriptors; ./test.sh quick runs it";

TEST_F(Transports, AReloadWithoutDescriptorsLeavesTheOldOneInUse) {
  if (kSanitized) GTEST_SKIP() << kNeedsPipes;
  const auto old = connect(Transport::tls);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto reloaded = gate->reload_tls();
  ::setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_FALSE(reloaded);
  EXPECT_EQ(reloaded.error().code, ErrorCode::io_failed);
  old->send(request("GET", "/healthz"));
  EXPECT_EQ(receive_answer(*old).status, 200);
  EXPECT_TRUE(handshake_succeeds(context.get()));
}

TEST_F(Transports, AGatewayWithABrokenCertificateStartsAndLetsNobodyInFromElsewhere) {
  const std::string key = TlsFiles::read(files.key());
  TlsFiles::write(files.key(), "");
  open(all());
  EXPECT_EQ(gate->https_port(), 0);
  EXPECT_EQ(faults.said().back(), "raise config_refused https");
  EXPECT_FALSE(gate->certificate_ends_at());
  const auto client = connect(Transport::plain);
  client->send(request("GET", "/healthz"));
  EXPECT_EQ(receive_answer(*client).status, 200);

  TlsFiles::write(files.key(), key);
  ASSERT_TRUE(gate->reload_tls());
  client->send(request("GET", "/healthz"));
  EXPECT_EQ(receive_answer(*client).status, 200);
  EXPECT_NE(gate->https_port(), 0);
  EXPECT_TRUE(handshake_succeeds(context.get()));
}

TEST_F(Transports, APhoneGetsTheAuthority) {
  const auto client = connect(Transport::tls);
  client->send("GET /ca.crt HTTP/1.1\r\nHost: gate.local:8443\r\n\r\n");
  const auto certificate = receive_answer(*client);
  EXPECT_EQ(certificate.status, 200);
  EXPECT_NE(certificate.head.find("application/x-x509-ca-cert"), std::string::npos);
  const auto* bytes = reinterpret_cast<const unsigned char*>(certificate.body.data());
  X509* read = d2i_X509(nullptr, &bytes, static_cast<long>(certificate.body.size()));
  ASSERT_TRUE(read);
  EXPECT_EQ(X509_check_ca(read), 1);
  X509_free(read);

  client->send("GET /ca HTTP/1.1\r\nHost: gate.local:8443\r\n\r\n");
  const auto page = receive_answer(*client);
  EXPECT_NE(page.head.find("default-src 'none'; img-src 'self'"), std::string::npos);
  EXPECT_NE(page.body.find("https://gate.local:8443/ca"), std::string::npos);
  EXPECT_EQ(page.body.find("<script"), std::string::npos);
  EXPECT_EQ(page.body.find("style"), std::string::npos);

  client->send("GET /ca.svg HTTP/1.1\r\nHost: gate.local:8443\r\n\r\n");
  const auto picture = receive_answer(*client);
  EXPECT_NE(picture.head.find("image/svg+xml"), std::string::npos);
  EXPECT_TRUE(picture.body.starts_with("<svg"));
}

TEST_F(Transports, WithoutALocalAuthorityThereIsNothingToInstall) {
  std::filesystem::remove(files.authority());
  ASSERT_TRUE(gate->reload_tls());
  const auto client = connect(Transport::plain);
  for (const char* path : {"/ca", "/ca.crt", "/ca.svg"}) {
    client->send(request("GET", path));
    EXPECT_EQ(receive_answer(*client).status, 404) << path;
  }
}

TEST_F(Transports, TheSocketsFileIsOursAloneAndGoesWithUs) {
  struct stat found {};
  ASSERT_EQ(::stat((files.folder / "gate.sock").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);  // the folder lets nobody else in
  gate->stop();
  EXPECT_FALSE(std::filesystem::exists(files.folder / "gate.sock"));
  ::chmod(files.folder.c_str(), 0750);
  open(all());
  ASSERT_EQ(::stat((files.folder / "gate.sock").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0707, 0600u);
}

TEST_F(Transports, AnotherGatewaysSocketIsRefusedAndADeadOnesReplaced) {
  LiveIntake other;
  Settings settings = Web::settings();
  settings.socket = files.folder / "gate.sock";
  const auto start_second = [&] {
    Server second{settings, Deps{acts, devices, health, tray, metrics, clock, faults, other, store, {}, {}, rule_desk, device_desk, {}, {}, "0.1.0"}};
    return second.start();
  };
  const auto refusal = start_second();
  ASSERT_FALSE(refusal);
  EXPECT_EQ(refusal.error().code, ErrorCode::refused);
  const auto client = connect(Transport::local);  // the first goes on
  client->send(request("GET", "/healthz"));
  EXPECT_EQ(receive_answer(*client).status, 200);

  const auto stale = files.folder / "stale.sock";
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  stale.string().copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(socket);
  settings.socket = stale;
  EXPECT_TRUE(start_second());

  settings.socket = files.certificate();
  const auto no_socket = start_second();
  ASSERT_FALSE(no_socket);
  EXPECT_TRUE(std::filesystem::exists(files.certificate()));
  settings.socket = files.folder / std::string(120, 'x');
  EXPECT_EQ(start_second().error().code, ErrorCode::bad_input);
}

TEST_F(Transports, WhoeverComesWhenAllIsTakenIsShownOut) {
  Settings small = all();
  small.max_connections = 3;
  open(small);
  std::vector<std::unique_ptr<Client>> inside;
  for (int i = 0; i < 3; ++i) {
    inside.push_back(connect(Transport::plain));
    inside.back()->send(request("GET", "/healthz"));
    EXPECT_EQ(receive_answer(*inside.back()).status, 200);
  }
  Client late(gate->port());
  EXPECT_EQ(late.receive_until_end(), Client::End::closed);
  EXPECT_EQ(refused(metrics::HttpRefusal::connections_full), 1u);
  inside.back()->send(request("GET", "/healthz"));
  EXPECT_EQ(receive_answer(*inside.back()).status, 200);
}

TEST_F(Transports, LiveFeedsAreCountedApart) {
  Settings small = all();
  small.max_connections = 2;
  small.max_live = 2;
  open(small);
  Console one(connect(Transport::plain)), two(connect(Transport::tls));
  const auto client = connect(Transport::local);
  client->send(upgrade_request());
  const auto answer = receive_answer(*client);
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.head.find("Retry-After"), std::string::npos);
  EXPECT_EQ(refused(metrics::HttpRefusal::live_full), 1u);
  const auto other = connect(Transport::plain);  // two connections have room: the feeds left theirs
  other->send(request("GET", "/healthz"));
  EXPECT_EQ(receive_answer(*other).status, 200);
}

// Takes every descriptor that the process may still have, and gives them back.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit few{200, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
    while (true) {
      const int taken = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
      if (taken < 0) break;
      taken_.push_back(taken);
    }
  }
  ~NoDescriptors() {
    for (const int taken : taken_) ::close(taken);
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

TEST_F(Transports, WithoutADescriptorTheWaitingAreShownOutAndFeedsGoOn) {
  if (kSanitized) GTEST_SKIP() << kNeedsPipes;
  Console console(connect(Transport::plain));
  console.resume("", 0);
  ASSERT_FALSE(console.next("gap").is_null());
  Client waiting(AF_INET, SOCK_STREAM);  // has its descriptor, and connects when there is none left
  {
    const NoDescriptors all_taken;
    ASSERT_TRUE(waiting.connect(gate->port()));
    EXPECT_EQ(waiting.receive_until_end(), Client::End::closed);
    EXPECT_GE(refused(metrics::HttpRefusal::no_descriptor), 1u);
    own->alarm_changed(make_alarm(2));
    EXPECT_FALSE(console.next_alarm().is_null());
  }
  const auto client = connect(Transport::plain);
  client->send(request("GET", "/healthz"));
  EXPECT_EQ(receive_answer(*client).status, 200);
}

}  // namespace
}  // namespace firegate::api
