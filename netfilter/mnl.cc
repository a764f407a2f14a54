// The functions of libmnl that libnftnl calls, as <libmnl/libmnl.h> declares them: Debian has
// libmnl as a shared library only, and runward-hook is static. Attributes are struct nlattr of
// netlink(7): a header of length and type, the payload, and zeros up to a multiple of four.
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace {

void* Behind(const void* start, size_t bytes) {
  return const_cast<char*>(static_cast<const char*>(start)) + bytes;
}

template <typename T>
T PayloadAs(const nlattr* attr) {
  T value{};
  std::memcpy(&value, mnl_attr_get_payload(attr), sizeof value);
  return value;
}

int Visit(const void* start, size_t size, mnl_attr_cb_t visit, void* data) {
  const auto* attr = static_cast<const nlattr*>(start);
  auto left = static_cast<int>(size);
  while (mnl_attr_ok(attr, left)) {
    const int result = visit(attr, data);
    if (result <= MNL_CB_STOP) return result;
    left -= static_cast<int>(MNL_ALIGN(attr->nla_len));
    attr = mnl_attr_next(attr);
  }
  return MNL_CB_OK;
}

size_t ExactSize(mnl_attr_data_type type) {
  switch (type) {
    case MNL_TYPE_U8:
      return 1;
    case MNL_TYPE_U16:
      return 2;
    case MNL_TYPE_U32:
      return 4;
    case MNL_TYPE_U64:
    case MNL_TYPE_MSECS:
      return 8;
    default:
      return 0;
  }
}

}  // namespace

extern "C" {

uint16_t mnl_attr_get_type(const nlattr* attr) { return attr->nla_type & NLA_TYPE_MASK; }
uint16_t mnl_attr_get_payload_len(const nlattr* attr) { return attr->nla_len - MNL_ATTR_HDRLEN; }
void* mnl_attr_get_payload(const nlattr* attr) { return Behind(attr, MNL_ATTR_HDRLEN); }
uint8_t mnl_attr_get_u8(const nlattr* attr) { return PayloadAs<uint8_t>(attr); }
uint16_t mnl_attr_get_u16(const nlattr* attr) { return PayloadAs<uint16_t>(attr); }
uint32_t mnl_attr_get_u32(const nlattr* attr) { return PayloadAs<uint32_t>(attr); }
uint64_t mnl_attr_get_u64(const nlattr* attr) { return PayloadAs<uint64_t>(attr); }
const char* mnl_attr_get_str(const nlattr* attr) {
  return static_cast<const char*>(mnl_attr_get_payload(attr));
}

bool mnl_attr_ok(const nlattr* attr, int len) {
  constexpr int kHeader = MNL_ATTR_HDRLEN;
  return len >= kHeader && attr->nla_len >= kHeader && attr->nla_len <= len;
}
nlattr* mnl_attr_next(const nlattr* attr) {
  return static_cast<nlattr*>(Behind(attr, MNL_ALIGN(attr->nla_len)));
}
int mnl_attr_type_valid(const nlattr* attr, uint16_t max) {
  if (mnl_attr_get_type(attr) <= max) return 1;
  errno = EOPNOTSUPP;
  return -1;
}

int mnl_attr_validate(const nlattr* attr, mnl_attr_data_type type) {
  const size_t size = mnl_attr_get_payload_len(attr);
  const size_t exact = ExactSize(type);
  bool good = exact == 0 || size == exact;
  if (type == MNL_TYPE_NUL_STRING) good = size > 0 && mnl_attr_get_str(attr)[size - 1] == '\0';
  if (type == MNL_TYPE_STRING) good = size > 0;
  if (type == MNL_TYPE_NESTED) good = size == 0 || size >= MNL_ATTR_HDRLEN;
  if (good) return 0;
  errno = ERANGE;
  return -1;
}

int mnl_attr_parse(const nlmsghdr* message, unsigned int offset, mnl_attr_cb_t visit, void* data) {
  const size_t skipped = MNL_NLMSG_HDRLEN + MNL_ALIGN(offset);
  if (message->nlmsg_len < skipped) return MNL_CB_OK;
  return Visit(Behind(message, skipped), message->nlmsg_len - skipped, visit, data);
}
int mnl_attr_parse_nested(const nlattr* attr, mnl_attr_cb_t visit, void* data) {
  return Visit(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr), visit, data);
}

void mnl_attr_put(nlmsghdr* message, uint16_t type, size_t len, const void* data) {
  const size_t start = MNL_ALIGN(message->nlmsg_len);
  auto* attr = static_cast<nlattr*>(Behind(message, start));
  attr->nla_type = type;
  attr->nla_len = static_cast<uint16_t>(MNL_ATTR_HDRLEN + len);
  if (len > 0) std::memcpy(mnl_attr_get_payload(attr), data, len);
  std::memset(Behind(attr, attr->nla_len), 0, MNL_ALIGN(len) - len);
  message->nlmsg_len = static_cast<uint32_t>(start + MNL_ALIGN(MNL_ATTR_HDRLEN + len));
}
void mnl_attr_put_u8(nlmsghdr* message, uint16_t type, uint8_t data) {
  mnl_attr_put(message, type, sizeof data, &data);
}
void mnl_attr_put_u16(nlmsghdr* message, uint16_t type, uint16_t data) {
  mnl_attr_put(message, type, sizeof data, &data);
}
void mnl_attr_put_u32(nlmsghdr* message, uint16_t type, uint32_t data) {
  mnl_attr_put(message, type, sizeof data, &data);
}
void mnl_attr_put_u64(nlmsghdr* message, uint16_t type, uint64_t data) {
  mnl_attr_put(message, type, sizeof data, &data);
}
void mnl_attr_put_str(nlmsghdr* message, uint16_t type, const char* data) {
  mnl_attr_put(message, type, std::strlen(data), data);
}
void mnl_attr_put_strz(nlmsghdr* message, uint16_t type, const char* data) {
  mnl_attr_put(message, type, std::strlen(data) + 1, data);
}

nlattr* mnl_attr_nest_start(nlmsghdr* message, uint16_t type) {
  auto* start = static_cast<nlattr*>(Behind(message, MNL_ALIGN(message->nlmsg_len)));
  start->nla_type = NLA_F_NESTED | type;
  message->nlmsg_len += MNL_ATTR_HDRLEN;
  return start;
}
void mnl_attr_nest_end(nlmsghdr* message, nlattr* start) {
  const auto* end = static_cast<const char*>(Behind(message, MNL_ALIGN(message->nlmsg_len)));
  start->nla_len = static_cast<uint16_t>(end - reinterpret_cast<const char*>(start));
}

void* mnl_nlmsg_get_payload(const nlmsghdr* message) { return Behind(message, MNL_NLMSG_HDRLEN); }
nlmsghdr* mnl_nlmsg_put_header(void* buffer) {
  auto* message = static_cast<nlmsghdr*>(buffer);
  std::memset(message, 0, MNL_NLMSG_HDRLEN);
  message->nlmsg_len = MNL_NLMSG_HDRLEN;
  return message;
}
void* mnl_nlmsg_put_extra_header(nlmsghdr* message, size_t size) {
  void* extra = Behind(message, message->nlmsg_len);
  std::memset(extra, 0, MNL_ALIGN(size));
  message->nlmsg_len += static_cast<uint32_t>(MNL_ALIGN(size));
  return extra;
}

// Several messages in one buffer; libnftnl asks the kernel by it whether it knows batches.
struct mnl_nlmsg_batch {
  char* buffer;
  size_t limit;
  size_t used;
};
mnl_nlmsg_batch* mnl_nlmsg_batch_start(void* buffer, size_t limit) {
  return new mnl_nlmsg_batch{static_cast<char*>(buffer), limit, 0};
}
void mnl_nlmsg_batch_stop(mnl_nlmsg_batch* batch) { delete batch; }
void* mnl_nlmsg_batch_head(mnl_nlmsg_batch* batch) { return batch->buffer; }
void* mnl_nlmsg_batch_current(mnl_nlmsg_batch* batch) { return batch->buffer + batch->used; }
size_t mnl_nlmsg_batch_size(mnl_nlmsg_batch* batch) { return batch->used; }
bool mnl_nlmsg_batch_is_empty(mnl_nlmsg_batch* batch) { return batch->used == 0; }
bool mnl_nlmsg_batch_next(mnl_nlmsg_batch* batch) {
  const auto* message = static_cast<const nlmsghdr*>(mnl_nlmsg_batch_current(batch));
  if (batch->used + message->nlmsg_len > batch->limit) return false;
  batch->used += message->nlmsg_len;
  return true;
}

struct mnl_socket {
  int fd;
  sockaddr_nl address;
};
mnl_socket* mnl_socket_open(int bus) {
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, bus);
  return fd < 0 ? nullptr : new mnl_socket{fd, {}};
}
int mnl_socket_bind(mnl_socket* one, unsigned int groups, pid_t port) {
  one->address = {.nl_family = AF_NETLINK,
                  .nl_pad = 0,
                  .nl_pid = static_cast<uint32_t>(port),
                  .nl_groups = groups};
  socklen_t size = sizeof one->address;
  auto* address = reinterpret_cast<sockaddr*>(&one->address);
  if (bind(one->fd, address, size) != 0) return -1;
  return getsockname(one->fd, address, &size);
}
int mnl_socket_close(mnl_socket* one) {
  const int result = close(one->fd);
  delete one;
  return result;
}
unsigned int mnl_socket_get_portid(const mnl_socket* one) { return one->address.nl_pid; }
ssize_t mnl_socket_sendto(const mnl_socket* one, const void* bytes, size_t size) {
  const sockaddr_nl kernel{.nl_family = AF_NETLINK, .nl_pad = 0, .nl_pid = 0, .nl_groups = 0};
  return sendto(one->fd, bytes, size, 0, reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel);
}
ssize_t mnl_socket_recvfrom(const mnl_socket* one, void* bytes, size_t size) {
  return recv(one->fd, bytes, size, 0);
}

int mnl_cb_run(const void* buffer, size_t size, unsigned int, unsigned int, mnl_cb_t visit,
               void* data) {
  const auto* message = static_cast<const nlmsghdr*>(buffer);
  auto left = static_cast<uint32_t>(size);
  int result = MNL_CB_OK;
  for (; NLMSG_OK(message, left) && result > MNL_CB_STOP; message = NLMSG_NEXT(message, left)) {
    if (message->nlmsg_type == NLMSG_ERROR) {
      const auto* error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message));
      errno = -error->error;
      return error->error == 0 ? MNL_CB_STOP : MNL_CB_ERROR;
    }
    if (visit != nullptr) result = visit(message, data);
  }
  return result;
}

}  // extern "C"
