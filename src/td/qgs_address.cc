#include "src/td/qgs_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <array>
#include <charconv>
#include <utility>

#include "src/base/error.h"
#include "src/base/try.h"

namespace quoin::td {
namespace {

constexpr std::string_view kBlanks = " \t\r";

// Digits and nothing else.
std::optional<uint32_t> read_number(std::string_view text, uint32_t most) {
  uint32_t number = 0;
  const auto [stopped, error] = std::from_chars(text.begin(), text.end(), number);
  if (error != std::errc() || stopped != text.end() || number > most) return std::nullopt;
  return number;
}

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

Error not_an_address(std::string_view text) {
  return {ErrorCode::invalid_argument, "'" + std::string(text) + "' is no address of a QGS",
          "wanted vsock:CID:PORT, tcp:ADDRESS:PORT (numeric) or unix:PATH"};
}

// "", "PORT", ":PORT", "CID:PORT".
std::optional<QgsAddress> read_vsock(std::string_view text) {
  VsockAddress address;
  const size_t colon = text.find(':');
  if (colon != std::string_view::npos && colon > 0) {
    const auto cid = read_number(text.substr(0, colon), UINT32_MAX);
    if (!cid) return std::nullopt;
    address.cid = *cid;
  }
  const std::string_view port_text =
      colon == std::string_view::npos ? text : text.substr(colon + 1);
  if (!port_text.empty()) {
    const auto port = read_number(port_text, UINT32_MAX);
    if (!port) return std::nullopt;
    address.port = *port;
  }
  return address;
}

bool is_ip_address(const std::string& host) {
  std::array<uint8_t, sizeof(in6_addr)> parsed{};
  return inet_pton(AF_INET, host.c_str(), parsed.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), parsed.data()) == 1;
}

std::optional<QgsAddress> read_tcp(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = read_number(text.substr(colon + 1), UINT16_MAX);
  if (!port || *port == 0) return std::nullopt;
  std::string host(text.substr(0, colon));
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (host.find(':') == std::string::npos) return std::nullopt;
  } else if (host == "localhost") {
    host = "127.0.0.1";
  } else if (host.find(':') != std::string::npos) {
    return std::nullopt;
  }
  if (!is_ip_address(host)) return std::nullopt;
  return TcpAddress{.host = std::move(host), .port = static_cast<uint16_t>(*port)};
}

std::optional<QgsAddress> read_unix(std::string_view text) {
  if (text.empty() || text.size() >= sizeof(sockaddr_un::sun_path) ||
      text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  return UnixAddress{std::string(text)};
}

struct Scheme {
  std::string_view name;
  std::optional<QgsAddress> (*read)(std::string_view text);
};

constexpr std::array kSchemes = {
    Scheme{"vsock:", read_vsock},
    Scheme{"tcp:", read_tcp},
    Scheme{"unix:", read_unix},
};

struct ToString {
  std::string operator()(const VsockAddress& address) const {
    return "vsock:" + std::to_string(address.cid) + ":" + std::to_string(address.port);
  }
  std::string operator()(const TcpAddress& address) const {
    const bool is_ipv6 = address.host.find(':') != std::string::npos;
    const std::string host = is_ipv6 ? "[" + address.host + "]" : address.host;
    return "tcp:" + host + ":" + std::to_string(address.port);
  }
  std::string operator()(const UnixAddress& address) const { return "unix:" + address.path; }
};

// The value of a line "port = VALUE"; none of any other line.
std::optional<std::string_view> port_of_line(std::string_view line) {
  line = trimmed(line);
  constexpr std::string_view kKey = "port";
  if (!line.starts_with(kKey)) return std::nullopt;
  line = trimmed(line.substr(kKey.size()));
  if (!line.starts_with('=')) return std::nullopt;
  return trimmed(line.substr(1));
}

}  // namespace

Result<QgsAddress> parse_qgs_address(std::string_view text) {
  if (text.starts_with("https:") || text.starts_with("http:")) {
    return Error{ErrorCode::unsupported,
                 "quotes are not to be had over HTTP: a QGS does not speak it",
                 "name the service as vsock:CID:PORT, tcp:ADDRESS:PORT or unix:PATH"};
  }
  for (const Scheme& scheme : kSchemes) {
    if (!text.starts_with(scheme.name)) continue;
    std::string_view rest = text.substr(scheme.name.size());
    if (rest.starts_with("//")) rest.remove_prefix(2);
    if (std::optional<QgsAddress> address = scheme.read(rest)) return std::move(*address);
  }
  return not_an_address(text);
}

std::string to_string(const QgsAddress& address) { return std::visit(ToString{}, address); }

Result<std::optional<uint32_t>> parse_attest_conf(std::string_view text) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::optional<std::string_view> value = port_of_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!value) continue;
    const std::optional<uint32_t> port = read_number(*value, UINT16_MAX);
    if (!port || *port == 0) {
      return malformed("tdx-attest.conf: port = " + std::string(*value) + ": wanted 1 to 65535");
    }
    return port;
  }
  return std::optional<uint32_t>();
}

}  // namespace quoin::td
