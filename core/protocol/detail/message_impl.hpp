// For the .cpp beside a message's declaration: BARNABAS_PROTOCOL_MESSAGE(ProduceRequest) instantiates all that
// codec.hpp and json.hpp need of it.
#pragma once

#include "core/protocol/detail/codec_impl.hpp"
#include "core/protocol/detail/json_impl.hpp"

#define BARNABAS_PROTOCOL_MESSAGE(M)                                            \
  namespace barnabas::protocol::detail {                                        \
  template void decode_message<M>(Decoder&, M&);                                \
  template void encode_message<M>(Encoder&, const M&);                          \
  template void message_to_json<M>(const M&, std::int16_t, nlohmann::json&);    \
  template Result<M> message_from_json<M>(const nlohmann::json&, std::int16_t); \
  }
