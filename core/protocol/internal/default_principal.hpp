// The principal of a client, as brokers hand it on in an Envelope request (KIP-590).
//
// Their bytes begin with the int16 version: see versioned.hpp.
#pragma once

#include <cstdint>

#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct DefaultPrincipalData {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  String type;
  String name;
  bool token_authenticated = false;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("type", &DefaultPrincipalData::type),
                field("name", &DefaultPrincipalData::name),
                field("tokenAuthenticated", &DefaultPrincipalData::token_authenticated));
  }
};

}  // namespace barnabas::protocol
