#include "src/channel/socket_bio.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstddef>

namespace quoin::channel {
namespace {

int fd_of(BIO* bio) { return static_cast<const Socket*>(BIO_get_data(bio))->fd(); }

bool try_again(int error_number) {
  return error_number == EAGAIN || error_number == EWOULDBLOCK || error_number == EINTR;
}

int read_socket(BIO* bio, char* out, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = recv(fd_of(bio), out, static_cast<size_t>(size), 0);
  if (count < 0 && try_again(errno)) BIO_set_retry_read(bio);
  if (count == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(count);
}

int write_socket(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = send(fd_of(bio), bytes, static_cast<size_t>(size), MSG_NOSIGNAL);
  if (count < 0 && try_again(errno)) BIO_set_retry_write(bio);
  return static_cast<int>(count);
}

long control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* make_method() {
  OpenSslPointer<BIO_METHOD, BIO_meth_free> method(
      BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "quoin socket"));
  const bool made = method && BIO_meth_set_read(method.get(), read_socket) == 1 &&
                    BIO_meth_set_write(method.get(), write_socket) == 1 &&
                    BIO_meth_set_ctrl(method.get(), control) == 1;
  return made ? method.release() : nullptr;
}

}  // namespace

OpenSslPointer<BIO, BIO_free_all> make_socket_bio(Socket& socket) {
  // Made once and never freed.
  static const BIO_METHOD* const method = make_method();
  if (method == nullptr) return nullptr;
  OpenSslPointer<BIO, BIO_free_all> bio(BIO_new(method));
  if (!bio) return nullptr;
  BIO_set_data(bio.get(), &socket);
  BIO_set_init(bio.get(), 1);
  return bio;
}

}  // namespace quoin::channel
