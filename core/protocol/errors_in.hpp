// The error codes of a response, wherever in it they stand.
#pragma once

#include <string_view>

#include "core/protocol/detail/traits.hpp"
#include "core/protocol/error_code.hpp"

namespace barnabas::protocol {

namespace detail {

template <class T, class F>
void visit_errors(const T& value, F& visit) {
  if constexpr (kIsVector<T>) {
    using Element = typename T::value_type;
    if constexpr (Struct<Element>) {
      for (const Element& element : value) visit_errors(element, visit);
    }
  } else if constexpr (kIsOptional<T>) {
    if (value) visit_errors(*value, visit);
  } else if constexpr (Struct<T>) {
    for_each_field<T>([&]<std::size_t I>() {
      const auto& member = value.*(kField<T, I>.member);
      if constexpr (std::is_same_v<std::remove_cvref_t<decltype(member)>, ErrorCode>) {
        // Not topicConfigErrorCode, which says what is not shown rather than what failed: as Kafka counts.
        if (std::string_view(kField<T, I>.name) == "errorCode") visit(member);
      } else {
        visit_errors(member, visit);
      }
    });
  }
}

}  // namespace detail

// Calls visit(ErrorCode) for each, NONE too: that of the response, and of each thing in it that has one of its own.
template <detail::Struct Response, class F>
void for_each_error(const Response& response, F visit) {
  detail::visit_errors(response, visit);
}

}  // namespace barnabas::protocol
