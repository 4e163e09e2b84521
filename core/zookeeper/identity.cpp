#include "core/zookeeper/identity.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "core/base/base64.hpp"
#include "core/base/bytes.hpp"
#include "core/base/split.hpp"
#include "core/base/writer.hpp"

namespace barnabas::zookeeper {

namespace {

using Sha1 = std::array<std::byte, 20>;

void sha1_block(std::array<std::uint32_t, 5>& state, const std::byte* block) {
  std::array<std::uint32_t, 80> words{};
  for (std::size_t i = 0; i < 16; ++i) words[i] = load_big_endian<std::uint32_t>(block + 4 * i);
  for (std::size_t i = 16; i < 80; ++i) {
    words[i] = std::rotl(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
  }
  auto [a, b, c, d, e] = state;
  for (std::size_t i = 0; i < 80; ++i) {
    std::uint32_t f = b ^ c ^ d;
    if (i < 20) f = (b & c) | (~b & d);
    if (i >= 40 && i < 60) f = (b & c) | (b & d) | (c & d);
    constexpr std::uint32_t kRound[] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
    const std::uint32_t next = std::rotl(a, 5) + f + e + kRound[i / 20] + words[i];
    e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
  }
  state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e};
}

// FIPS 180-4. ZooKeeper's scheme "digest" prescribes it; nothing here relies on its strength.
Sha1 sha1(ByteView message) {
  std::array<std::uint32_t, 5> state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  Writer padded(message.size() + 72);
  padded.bytes(message);
  padded.i8(static_cast<std::int8_t>(-128));
  while (padded.size() % 64 != 56) padded.i8(0);
  padded.i64(static_cast<std::int64_t>(message.size()) * 8);
  for (std::size_t at = 0; at < padded.size(); at += 64) sha1_block(state, padded.view().data() + at);
  Sha1 digest{};
  for (std::size_t i = 0; i < state.size(); ++i) store_big_endian(digest.data() + 4 * i, state[i]);
  return digest;
}

// The four or sixteen bytes of an address as text, and how many of their bits count: "10.0.0.0/8".
struct AddressRange {
  std::vector<unsigned> bytes;
  std::size_t bits = 0;
};

std::optional<unsigned> parse_number(std::string_view text, unsigned limit, int base) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value > limit) return std::nullopt;
  return value;
}

std::optional<std::vector<unsigned>> parse_ipv4(std::string_view text) {
  std::vector<unsigned> bytes;
  for (const std::string_view part : split(text, '.')) {
    const auto value = parse_number(part, 255, 10);
    if (!value) return std::nullopt;
    bytes.push_back(*value);
  }
  if (bytes.size() != 4) return std::nullopt;
  return bytes;
}

std::optional<std::vector<unsigned>> parse_ipv6(std::string_view text) {
  const auto groups = [](std::string_view side) -> std::optional<std::vector<unsigned>> {
    std::vector<unsigned> bytes;
    if (side.empty()) return bytes;
    for (const std::string_view part : split(side, ':')) {
      const auto value = parse_number(part, 0xffff, 16);
      if (!value) return std::nullopt;
      bytes.insert(bytes.end(), {*value >> 8, *value & 255U});
    }
    return bytes;
  };
  const std::size_t gap = text.find("::");
  auto head = groups(text.substr(0, gap));
  if (gap == std::string_view::npos) return head && head->size() == 16 ? head : std::nullopt;
  const auto tail = groups(text.substr(gap + 2));
  if (!head || !tail || head->size() + tail->size() > 14) return std::nullopt;
  head->resize(16 - tail->size());
  head->insert(head->end(), tail->begin(), tail->end());
  return head;
}

std::optional<AddressRange> parse_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  auto bytes = address.find(':') == std::string_view::npos ? parse_ipv4(address) : parse_ipv6(address);
  if (!bytes) return std::nullopt;
  const auto all = static_cast<unsigned>(bytes->size() * 8);
  std::optional<unsigned> bits = all;
  if (slash != std::string_view::npos) bits = parse_number(text.substr(slash + 1), all, 10);
  if (!bits) return std::nullopt;
  return AddressRange{std::move(*bytes), *bits};
}

bool covers(const AddressRange& range, const AddressRange& address) {
  if (range.bytes.size() != address.bytes.size()) return false;
  for (std::size_t bit = 0; bit < range.bits; bit += 8) {
    const std::size_t counted = std::min<std::size_t>(8, range.bits - bit);
    const unsigned mask = 0xffU & (0xff00U >> counted);
    if (((range.bytes[bit / 8] ^ address.bytes[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

bool is_valid_entry(const Acl& entry) {
  if (entry.scheme == "world") return entry.id == "anyone";
  if (entry.scheme == "digest") return std::ranges::count(entry.id, ':') == 1 && !entry.id.ends_with(':');
  return entry.scheme == "ip" && parse_range(entry.id).has_value();
}

}  // namespace

std::optional<std::string> digest_identity(std::string_view user_and_password) {
  const std::size_t colon = user_and_password.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return std::string(user_and_password.substr(0, colon)) + ":" + to_base64(sha1(as_bytes(user_and_password)));
}

bool identity_matches(const Identity& identity, const Acl& entry) {
  if (entry.scheme != "ip") return identity.id == entry.id;
  const auto range = parse_range(entry.id);
  const auto address = parse_range(identity.id);
  return range && address && covers(*range, *address);
}

std::optional<AclList> resolve_acl(const std::vector<Acl>& asked, const std::vector<Identity>& identities) {
  std::vector<Acl> resolved;
  const auto add = [&](Acl entry) {
    if (std::ranges::find(resolved, entry) == resolved.end()) resolved.push_back(std::move(entry));
  };
  for (const Acl& entry : asked) {
    if (entry.scheme != "auth") {
      if (!is_valid_entry(entry)) return std::nullopt;
      add(entry);
      continue;
    }
    bool anybody = false;
    for (const Identity& identity : identities) {
      if (identity.scheme == "ip") continue;  // Where somebody is proves nothing of who it is.
      add({entry.perms, identity.scheme, identity.id});
      anybody = true;
    }
    if (!anybody) return std::nullopt;
  }
  if (resolved.empty()) return std::nullopt;
  return to_list(std::move(resolved));
}

std::vector<Acl> without_secrets(std::vector<Acl> acls) {
  for (Acl& entry : acls) {
    if (entry.scheme == "digest") entry.id = entry.id.substr(0, entry.id.find(':')) + ":x";
  }
  return acls;
}

}  // namespace barnabas::zookeeper
