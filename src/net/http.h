// What an HTTP request is answered with, and who answers.

#ifndef QUOIN_SRC_NET_HTTP_H_
#define QUOIN_SRC_NET_HTTP_H_

#include <string>
#include <string_view>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin::net {

struct HttpHeader {
  std::string name;  // lower case
  std::string value;
};

struct HttpResponse {
  unsigned status = 0;
  std::vector<HttpHeader> headers = {};
  Bytes body = {};
  unsigned attempts = 1;  // how often it was asked for

  // The value of the header of that name (lower case); null where there is none, and where there
  // are several: which of them counts would be a guess.
  const std::string* header(std::string_view name) const;
};

// Who answers: a server (src/net/http_client.h), or a test.
class HttpGetter {
 public:
  virtual ~HttpGetter() = default;

  // The answer to a GET of that address, whatever its status is unless the getter says otherwise.
  virtual Result<HttpResponse> get(const std::string& url) = 0;
};

// "%2B" as "+", and so on (RFC 3986, 2.1). "+" stays what it is. Fails with malformed.
Result<std::string> percent_decoded(std::string_view text);

}  // namespace quoin::net

#endif  // QUOIN_SRC_NET_HTTP_H_
