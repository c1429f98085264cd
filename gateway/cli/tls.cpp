// firegate tls: a certificate for sites that have none.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "api/tls_authority.h"
#include "app/builtin.h"
#include "app/config.h"
#include "cli/cli.h"

namespace firegate::cli {
namespace {

struct Options {
  std::string config, data;
  api::ServerNames names;
};

// The `hosts` and the port of the configuration, when one is given: people reach us under these.
Result<api::Settings> read_settings(const std::string& folder) {
  if (folder.empty()) return api::Settings{};
  const auto drivers = app::builtin_drivers();
  Problems problems;
  app::Config config = app::load_config(folder, {}, drivers, problems);
  if (problems.empty()) return std::move(config.api);
  for (const Problem& problem : problems.list()) fmt::print(stderr, "{}\n", to_text(problem));
  return fail(ErrorCode::bad_input, fmt::format("reading {}: found {} problems", folder, problems.list().size()));
}

void add(std::vector<std::string>& list, const std::vector<std::string>& more) {
  list.insert(list.end(), more.begin(), more.end());
}

api::ServerNames names_for(const Options& options, const api::Settings& settings) {
  api::ServerNames names = api::names_of_this_machine();
  add(names.names, options.names.names);
  add(names.addresses, options.names.addresses);
  for (const std::string& host : settings.hosts)
    (api::is_ip_address(host) ? names.addresses : names.names).push_back(host);
  return names;
}

void print_files(const api::Issued& issued) {
  fmt::print("authority    {}{}\n", issued.authority.string(), issued.authority_is_new ? " (new)" : " (kept)");
  fmt::print("its key      {}   keep a copy where nobody else reads it\n", issued.authority_key.string());
  fmt::print("certificate  {} (new, until {})\n", issued.certificate.string(), to_text(issued.ends_at).substr(0, 10));
  fmt::print("its key      {}\n", issued.key.string());
  fmt::print("names        {}\n\n", fmt::join(issued.names, ", "));
  fmt::print("SHA-256 of the authority; compare it on each phone before installing:\n  {}\n\n", issued.fingerprint);
}

void print_steps(const api::Issued& issued, const api::Settings& settings) {
  const std::uint16_t port = settings.https ? settings.https->port : api::HttpsSettings{}.port;
  if (!settings.https) {
    fmt::print(
        "Put into the section `api` of gateway.yaml, then start the gateway again:\n"
        "  https:\n    address: 0.0.0.0\n    port: {}\n    certificate: {}\n    key: {}\n\n",
        port, std::filesystem::absolute(issued.certificate).string(), std::filesystem::absolute(issued.key).string());
  } else {
    fmt::print("The gateway takes the new certificate with SIGHUP: kill -HUP <its process id>\n\n");
  }
  const auto address = std::ranges::find_if(issued.names, [](const std::string& name) {
    return api::is_ip_address(name) && !api::is_loopback_address(name);
  });
  const std::string host = address != issued.names.end() ? *address : issued.names.front();
  const bool six = host.find(':') != std::string::npos;
  fmt::print(
      "On each phone open https://{}{}{}:{}/ca, compare the fingerprint, and follow that page.\n"
      "Its QR code: http://127.0.0.1:{}/ca on this machine.\n",
      six ? "[" : "", host, six ? "]" : "", port, settings.port);
}

int init(const Options& options) {
  const auto settings = read_settings(options.config);
  if (!settings) {
    fmt::print(stderr, "tls init: {}\n", settings.error().message);
    return kFailed;
  }
  const auto issued = api::issue_certificate(std::filesystem::path(options.data) / "tls", names_for(options, *settings),
                                             system_clock().now());
  if (!issued) {
    fmt::print(stderr, "tls init: {}\n", issued.error().message);
    return kFailed;
  }
  print_files(*issued);
  print_steps(*issued, *settings);
  return kOk;
}

}  // namespace

void add_tls(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("tls", "HTTPS for sites without a certificate");
  command->require_subcommand(1);
  CLI::App* made = command->add_subcommand("init",
                                           "Make a local authority, once, and a certificate for this machine; again: a "
                                           "new certificate of the same authority");
  made->add_option("--config", options->config, "Configuration folder: its `hosts` go into the certificate");
  made->add_option("--data", options->data, "Data folder; the files go into its folder tls")
      ->default_val("/var/lib/firegate");
  made->add_option("--name", options->names.names, "A further name of this machine; may be repeated");
  made->add_option("--address", options->names.addresses, "A further IP address of this machine; may be repeated");
  made->callback([options, &exit_code] { exit_code = init(*options); });
}

}  // namespace firegate::cli
