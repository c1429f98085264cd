// How a phone comes to trust this gateway: the certificate of the local authority, and a page that says what to do with
// it. Open to everybody: a certificate is no secret, and nobody can sign in before the browser trusts us.
#include <fmt/format.h>

#include "api/problem.h"
#include "api/routes/routes.h"
#include "documents/qr.h"

namespace firegate::api {
namespace {

constexpr std::string_view kPagePolicy =
    "default-src 'none'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// {0}: fingerprint in groups, {1}: address of this page.
constexpr std::string_view kPage = R"(<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>firegate：信任本网关 / trust this gateway</title></head>
<body>
<h1>让手机信任本网关</h1>
<p>本网关用自己的证书加密。装一次证书，手机就能确认打开的是真正的网关，浏览器也不再警告。</p>
<p><strong>先核对指纹。</strong>请与管理员屏幕上（运行 <code>firegate tls init</code> 时显示）的指纹逐组比对；不一致就不要安装：</p>
<p><code>{0}</code></p>
<p><a href="/ca.crt">下载证书 ca.crt</a></p>
<h2>安卓</h2>
<ol><li>点“下载证书”。</li><li>设置 → 安全 → 更多安全设置 → 加密与凭据 → 安装证书 → CA 证书（各品牌名称略有不同，可在设置里搜索“CA 证书”）。</li><li>选刚下载的 ca.crt，重新打开浏览器。</li></ol>
<h2>iPhone、iPad</h2>
<ol><li>用 Safari 点“下载证书”，允许下载描述文件。</li><li>设置 → 已下载描述文件 → 安装。</li><li>设置 → 通用 → 关于本机 → 证书信任设置 → 打开本证书的开关。</li></ol>
<h2>Windows</h2>
<ol><li>下载并双击 ca.crt → 安装证书 → 本地计算机。</li><li>选“将所有的证书都放入下列存储” → 受信任的根证书颁发机构。</li><li>重新打开浏览器。</li></ol>
<p>其他手机可扫此码打开本页：<br>{1}</p>
<p><img src="/ca.svg" alt="{1}" width="240" height="240"></p>
<hr>
<div lang="en">
<h1>Make a phone trust this gateway</h1>
<p>This gateway encrypts with a certificate of its own. Installed once, the phone knows the true gateway, and the browser no longer warns.</p>
<p><strong>Compare the fingerprint first</strong>, group by group, with the one on the manager's screen (<code>firegate tls init</code> shows it). If they differ, do not install:</p>
<p><code>{0}</code></p>
<p><a href="/ca.crt">Download the certificate ca.crt</a></p>
<h2>Android</h2>
<ol><li>Tap the download.</li><li>Settings → Security → More security settings → Encryption &amp; credentials → Install a certificate → CA certificate (names differ between makers: search the settings for "CA certificate").</li><li>Choose ca.crt and open the browser again.</li></ol>
<h2>iPhone, iPad</h2>
<ol><li>In Safari tap the download and allow the profile.</li><li>Settings → Profile Downloaded → Install.</li><li>Settings → General → About → Certificate Trust Settings → switch this certificate on.</li></ol>
<h2>Windows</h2>
<ol><li>Download ca.crt, double-click it → Install Certificate → Local Machine.</li><li>Place all certificates in the following store → Trusted Root Certification Authorities.</li><li>Open the browser again.</li></ol>
</div>
</body></html>
)";

const Authority* authority_of(const Context& context) {
  return context.reach && context.reach->authority ? &*context.reach->authority : nullptr;
}

Response no_authority() {
  return problem(
      404, "not_found",
      "looking up the local authority: HTTPS is off, or its certificate comes from an authority that phones know");
}

// The address by which this very request came, when others can use it; else the one we know of ourselves.
std::string page_address(const Context& context, const Request& request) {
  const std::string_view host = request.header("Host");
  if (request.secure && !is_loopback_host(host) && !host.empty()) return fmt::format("https://{}/ca", host);
  return context.reach->phone_page;
}

}  // namespace

void add_certificate_routes(Router& router, const Context& context) {
  router.get("/ca.crt", kOpen, [&context](const Request&, const Responder& respond) {
    const Authority* authority = authority_of(context);
    if (!authority) return respond(no_authority());
    respond({200,
             "application/x-x509-ca-cert",
             {{"Content-Disposition", "attachment; filename=\"ca.crt\""}},
             authority->der});
  });
  router.get("/ca", kOpen, [&context](const Request& request, const Responder& respond) {
    const Authority* authority = authority_of(context);
    if (!authority) return respond(no_authority());
    respond({200,
             "text/html; charset=utf-8",
             {{"Content-Security-Policy", std::string(kPagePolicy)}},
             fmt::format(fmt::runtime(kPage), authority->fingerprint, page_address(context, request))});
  });
  router.get("/ca.svg", kOpen, [&context](const Request& request, const Responder& respond) {
    if (!authority_of(context)) return respond(no_authority());
    auto picture = documents::qr_svg(page_address(context, request));
    if (!picture) return respond(problem(picture.error()));
    respond({200, "image/svg+xml", {}, std::move(*picture)});
  });
}

}  // namespace firegate::api
