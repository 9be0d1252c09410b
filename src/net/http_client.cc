#include "src/net/http_client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "src/base/try.h"

namespace quoin::net {
namespace {

using std::chrono::milliseconds;

// CURLE_TOO_LARGE, which the headers of libcurl before 8.6 do not have.
constexpr auto kCurlTooLarge = static_cast<CURLcode>(100);

struct CurlFree {
  void operator()(char* text) const { curl_free(text); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// An address in libcurl's own reading: what is checked is what is connected to.
struct Address {
  std::unique_ptr<CURLU, CurlFree> url;
  std::string host;
};

Error bad_address(const std::string& url, std::string_view why) {
  return {ErrorCode::invalid_argument, "address " + url + ": " + std::string(why),
          "wanted https://HOST[:PORT]/PATH"};
}

std::optional<std::string> part_of(CURLU& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(&url, part, &text, 0) != CURLUE_OK) return std::nullopt;
  const std::unique_ptr<char, CurlFree> owner(text);
  return std::string(text);
}

// Of this machine, whoever answers for names: libcurl knows "localhost" by itself.
bool is_loopback(const std::string& host) {
  in_addr address{};
  if (inet_pton(AF_INET, host.c_str(), &address) == 1) return ntohl(address.s_addr) >> 24 == 127;
  return host == "[::1]" || host == "localhost";
}

Result<Address> parse_address(const std::string& text, bool allow_http_to_loopback) {
  Address address = {.url = std::unique_ptr<CURLU, CurlFree>(curl_url()), .host = {}};
  if (address.url == nullptr) return Error{ErrorCode::internal, "libcurl: no memory"};
  const CURLUcode code = curl_url_set(address.url.get(), CURLUPART_URL, text.c_str(), 0);
  if (code != CURLUE_OK) {
    // What cannot be read may hold a password all the same.
    const bool may_hold_password = text.find('@') != std::string::npos;
    return bad_address(may_hold_password ? "(with an @)" : text, curl_url_strerror(code));
  }
  address.host = part_of(*address.url, CURLUPART_HOST).value_or("");
  // Not repeated in the error: it would go to logs.
  if (part_of(*address.url, CURLUPART_USER) || part_of(*address.url, CURLUPART_PASSWORD)) {
    return bad_address("at " + address.host, "a name or a password in an address is not sent");
  }
  const std::string scheme = part_of(*address.url, CURLUPART_SCHEME).value_or("");
  if (scheme == "https") return address;
  if (scheme != "http") return bad_address(text, "not https");
  if (allow_http_to_loopback && is_loopback(address.host)) return address;
  return bad_address(text, allow_http_to_loopback
                               ? "plain http is for addresses of this machine (127.0.0.1, [::1])"
                               : "plain http is not allowed");
}

// One answer, as it comes in.
struct Incoming {
  size_t max_header_bytes;
  size_t max_body_bytes;
  size_t header_bytes = 0;
  bool headers_too_large = false;
  bool body_too_large = false;
  HttpResponse response = {};

  bool take_header(std::string_view line);
  bool take_body(std::string_view data);
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

bool Incoming::take_header(std::string_view line) {
  header_bytes += line.size();
  if (header_bytes > max_header_bytes) {
    headers_too_large = true;
    return false;
  }
  // Of an interim answer (100 Continue) nothing counts.
  if (line.starts_with("HTTP/")) {
    response.headers.clear();
    return true;
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return true;
  std::string name(line.substr(0, colon));
  std::ranges::transform(name, name.begin(), lower);
  response.headers.push_back({std::move(name), std::string(trimmed(line.substr(colon + 1)))});
  return true;
}

bool Incoming::take_body(std::string_view data) {
  if (data.size() > max_body_bytes - response.body.size()) {
    body_too_large = true;
    return false;
  }
  const ByteView bytes = as_bytes(data);
  response.body.insert(response.body.end(), bytes.begin(), bytes.end());
  return true;
}

// libcurl's callbacks: what is less than what came ends the transfer.
size_t on_header(char* data, size_t size, size_t count, void* incoming) {
  const bool taken = static_cast<Incoming*>(incoming)->take_header({data, size * count});
  return taken ? size * count : 0;
}

size_t on_body(char* data, size_t size, size_t count, void* incoming) {
  const bool taken = static_cast<Incoming*>(incoming)->take_body({data, size * count});
  return taken ? size * count : 0;
}

// Sets options until one fails: an option that libcurl does not take is a check that is not made.
class Setter {
 public:
  explicit Setter(CURL* handle) : handle_(handle) {}

  template <typename Value>
  void set(CURLoption option, Value value) {
    if (code_ == CURLE_OK) code_ = curl_easy_setopt(handle_, option, value);
  }
  void set_milliseconds(CURLoption option, milliseconds time) {
    set(option, static_cast<long>(time.count()));
  }

  Result<void> result() const {
    if (code_ == CURLE_OK) return {};
    return Error{ErrorCode::internal,
                 std::string("libcurl does not take an option: ") + curl_easy_strerror(code_)};
  }

 private:
  CURL* handle_;
  CURLcode code_ = CURLE_OK;
};

// Whether libcurl's TLS is OpenSSL's, which log_no_keys() needs: libcurl can be built over others.
bool uses_openssl() {
  const curl_version_info_data* const info = curl_version_info(CURLVERSION_NOW);
  return info->ssl_version != nullptr &&
         std::string_view(info->ssl_version).starts_with("OpenSSL/");
}

// libcurl writes the secrets of TLS to the file of SSLKEYLOGFILE, which is not ours to read. It
// calls this when it has set that up.
CURLcode log_no_keys(CURL*, void* tls_context, void*) {
  SSL_CTX_set_keylog_callback(static_cast<SSL_CTX*>(tls_context), nullptr);
  return CURLE_OK;
}

Result<void> set_options(CURL* handle, const HttpOptions& options, const Address& address,
                         Incoming& incoming) {
  Setter setter(handle);
  setter.set(CURLOPT_CURLU, address.url.get());
  setter.set(CURLOPT_PROTOCOLS_STR, options.allow_http_to_loopback ? "https,http" : "https");
  setter.set(CURLOPT_FOLLOWLOCATION, 0L);
  setter.set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  // An empty proxy is none, whatever the environment says.
  setter.set(CURLOPT_PROXY, "");
  setter.set(CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
  setter.set(CURLOPT_NOSIGNAL, 1L);
  setter.set(CURLOPT_SSL_CTX_FUNCTION, &log_no_keys);
  setter.set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  setter.set(CURLOPT_SSL_VERIFYPEER, options.insecure_any_certificate ? 0L : 1L);
  setter.set(CURLOPT_SSL_VERIFYHOST, options.insecure_any_certificate ? 0L : 2L);
  if (!options.ca_file.empty()) {
    setter.set(CURLOPT_CAINFO, options.ca_file.c_str());
    setter.set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  setter.set(CURLOPT_USERAGENT, options.user_agent.c_str());
  setter.set_milliseconds(CURLOPT_CONNECTTIMEOUT_MS, options.connect_timeout);
  setter.set_milliseconds(CURLOPT_TIMEOUT_MS, options.total_timeout);
  setter.set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options.max_body_bytes));
  setter.set(CURLOPT_HEADERFUNCTION, &on_header);
  setter.set(CURLOPT_HEADERDATA, &incoming);
  setter.set(CURLOPT_WRITEFUNCTION, &on_body);
  setter.set(CURLOPT_WRITEDATA, &incoming);
  return setter.result();
}

using HeaderList = std::unique_ptr<curl_slist, CurlFree>;

// The headers of a POST. Without the last one libcurl asks first whether the server wants a large
// body, which not every server understands. Null when there is no memory.
HeaderList content_headers(const HttpContent& content) {
  HeaderList headers(curl_slist_append(nullptr, ("Content-Type: " + content.type).c_str()));
  if (headers == nullptr || curl_slist_append(headers.get(), "Expect:") == nullptr) return nullptr;
  return headers;
}

// `headers` and the bytes must outlive the transfer.
Result<void> set_content(CURL* handle, const HttpContent& content, const HeaderList& headers) {
  Setter setter(handle);
  setter.set(CURLOPT_POST, 1L);
  setter.set(CURLOPT_HTTPHEADER, headers.get());
  setter.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(content.bytes.size()));
  setter.set(CURLOPT_POSTFIELDS, static_cast<const void*>(content.bytes.data()));
  return setter.result();
}

std::string seconds_of(milliseconds time) {
  const auto count = time.count();
  return count % 1000 == 0 ? std::to_string(count / 1000) + " s" : std::to_string(count) + " ms";
}

// What a transfer that did not come to its end failed with.
Error transfer_error(CURLcode code, const Address& address, const HttpOptions& options,
                     const Incoming& incoming) {
  const std::string& host = address.host;
  if (incoming.headers_too_large) {
    return {ErrorCode::too_large,
            host + ": headers of more than " + std::to_string(options.max_header_bytes) + " bytes",
            "this is not the service that was meant"};
  }
  if (incoming.body_too_large || code == CURLE_FILESIZE_EXCEEDED) {
    return {ErrorCode::too_large,
            host + ": an answer of more than " + std::to_string(options.max_body_bytes) + " bytes",
            "this is not the service that was meant"};
  }
  const std::string why = curl_easy_strerror(code);
  // What libcurl says of a header line over its own limit of 100 KiB.
  if (code == CURLE_OUT_OF_MEMORY || code == kCurlTooLarge) {
    return {ErrorCode::too_large, host + ": a header larger than libcurl takes, or no memory",
            "this is not the service that was meant"};
  }
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorCode::timed_out,
              host + ": no whole answer within " + seconds_of(options.total_timeout),
              "is the network slow, or a firewall in the way?"};
    case CURLE_COULDNT_RESOLVE_HOST:
      return {ErrorCode::io, host + ": the name is not known here", "is there a network, and DNS?"};
    case CURLE_COULDNT_CONNECT:
      return {ErrorCode::io, host + ": cannot connect",
              "is the service running, its port right, and no firewall in the way?"};
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
      return {ErrorCode::truncated, host + ": the answer ends too early: " + why,
              "try again; something between here and the server cuts connections"};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR:
      return {ErrorCode::refused, host + ": TLS: " + why,
              "the server's certificate must be valid for that name, under a CA that is trusted"};
    default:
      return {ErrorCode::io, host + ": " + why, "is the address right?"};
  }
}

bool may_pass(CURLcode code) {
  return code == CURLE_OPERATION_TIMEDOUT || code == CURLE_PARTIAL_FILE ||
         code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR;
}

bool is_redirect(unsigned status) { return status >= 300 && status < 400; }

// How one attempt ended.
struct Attempt {
  Result<HttpResponse> result;
  bool may_pass = false;
  std::optional<std::chrono::seconds> retry_after = std::nullopt;
};

Attempt judge(HttpResponse response, const std::string& host) {
  if (is_redirect(response.status)) {
    return {.result = Error{ErrorCode::refused,
                            host + ": redirects elsewhere (HTTP status " +
                                std::to_string(response.status) + ")",
                            "redirects are not followed: give the address that is meant"}};
  }
  const bool may_pass = is_transient(response.status);
  std::optional<std::chrono::seconds> retry_after;
  if (const std::string* value = response.header("retry-after")) {
    retry_after = parse_retry_after(*value);
  }
  return {.result = std::move(response), .may_pass = may_pass, .retry_after = retry_after};
}

// A GET, or a POST of `content`.
Attempt attempt(CURL* handle, const HttpOptions& options, const Address& address,
                const HttpContent* content) {
  Incoming incoming = {.max_header_bytes = options.max_header_bytes,
                       .max_body_bytes = options.max_body_bytes,
                       .response = {}};
  curl_easy_reset(handle);
  Result<void> set = set_options(handle, options, address, incoming);
  HeaderList headers;
  if (set.ok() && content != nullptr) {
    headers = content_headers(*content);
    if (headers == nullptr) return {.result = Error{ErrorCode::internal, "libcurl: no memory"}};
    set = set_content(handle, *content, headers);
  }
  if (!set.ok()) return {.result = set.error()};
  const CURLcode code = curl_easy_perform(handle);
  long status = 0;
  if (code == CURLE_OK) curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  // The handle must not remember what does not outlive this.
  curl_easy_reset(handle);
  if (code != CURLE_OK) {
    return {.result = transfer_error(code, address, options, incoming), .may_pass = may_pass(code)};
  }
  incoming.response.status = static_cast<unsigned>(std::max(status, 0L));
  return judge(std::move(incoming.response), address.host);
}

}  // namespace

struct HttpClient::Handle {
  std::unique_ptr<CURL, CurlFree> curl;
};

HttpClient::HttpClient(HttpOptions options, Waiting waiting)
    : options_(std::move(options)), waiting_(std::move(waiting)) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

Result<void> HttpClient::start() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (!uses_openssl()) {
    return Error{ErrorCode::unsupported, "this machine's libcurl has its TLS not from OpenSSL",
                 "install the one that has: on Debian, libcurl4"};
  }
  if (handle_ == nullptr && ready == CURLE_OK) {
    handle_ = std::make_unique<Handle>();
    handle_->curl.reset(curl_easy_init());
  }
  if (handle_ == nullptr || handle_->curl == nullptr) {
    return Error{ErrorCode::internal, "libcurl cannot be started"};
  }
  return {};
}

Result<void> HttpClient::check(const std::string& url) {
  TRY(start());
  TRY(parse_address(url, options_.allow_http_to_loopback));
  return {};
}

Result<HttpResponse> HttpClient::get(const std::string& url) {
  TRY(start());
  const Address address = TRY(parse_address(url, options_.allow_http_to_loopback));
  for (unsigned done = 1;; ++done) {
    Attempt last = attempt(handle_->curl.get(), options_, address, nullptr);
    if (!last.may_pass) return std::move(last.result);
    const auto delay =
        delay_before_retry(done, options_.retries, last.retry_after, waiting_.random());
    if (!delay && last.result.ok()) {
      last.result->attempts = done;
      return std::move(last.result);
    }
    if (!delay) {
      Error error = last.result.error();
      if (done > 1) error.what += ", after " + std::to_string(done) + " attempts";
      return error;
    }
    waiting_.sleep(*delay);
  }
}

Result<HttpResponse> HttpClient::post(const std::string& url, const HttpContent& content) {
  TRY(start());
  const Address address = TRY(parse_address(url, options_.allow_http_to_loopback));
  return attempt(handle_->curl.get(), options_, address, &content).result;
}

}  // namespace quoin::net
