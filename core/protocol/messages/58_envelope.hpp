// Envelope (key 58), version 0.
//
// A broker forwards a client's request to the controller, with the client's principal (KIP-590).
#pragma once

#include <cstdint>
#include <optional>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct EnvelopeResponse;

struct EnvelopeRequest {
  using Response = EnvelopeResponse;
  static constexpr ApiKey kApiKey = ApiKey::envelope;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  Bytes request_data;
  std::optional<Bytes> request_principal;
  Bytes client_host_address;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("requestData", &EnvelopeRequest::request_data),
                field("requestPrincipal", &EnvelopeRequest::request_principal).nullable(),
                field("clientHostAddress", &EnvelopeRequest::client_host_address));
  }
};

struct EnvelopeResponse {
  static constexpr ApiKey kApiKey = ApiKey::envelope;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  std::optional<Bytes> response_data;
  ErrorCode error_code = ErrorCode::none;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("responseData", &EnvelopeResponse::response_data).nullable(),
                field("errorCode", &EnvelopeResponse::error_code));
  }
};

}  // namespace barnabas::protocol
