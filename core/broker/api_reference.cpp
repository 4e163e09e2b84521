#include "core/broker/api_reference.hpp"

#include "core/broker/api_table.hpp"
#include "core/protocol/registry.hpp"

namespace barnabas::broker {
namespace {

constexpr const char* kIntroduction =
    "<!-- Generated from core/protocol/messages and core/broker/api_table.cpp. Do not edit. -->\n"
    "# Protocol\n"
    "\n"
    "Every API of Kafka 3.9 in ZooKeeper and in KRaft mode, and of Kafka 4.4. *Known* are the versions that\n"
    "Barnabas can read and write, as a server and as a client. *Served* are those that a broker advertises in its "
    "answer\n"
    "to ApiVersions and has a handler for; a request of any other version ends its connection, but for ApiVersions, "
    "which\n"
    "has an answer for that (KIP-511). *Flexible* is the first version with tagged fields (KIP-482).\n"
    "\n";

std::string range(std::int16_t first, std::int16_t last) {
  return first == last ? std::to_string(first) : std::to_string(first) + "-" + std::to_string(last);
}

std::string row(const protocol::ApiInfo& known) {
  const Api* served = broker::find_api(known.key);
  const bool flexible = known.flexible_since != protocol::kNeverFlexible;
  return "| " + std::to_string(static_cast<int>(known.key)) + " | " + std::string(protocol::name_of(known.key)) +
         " | " + range(known.min_version, known.max_version) + " | " +
         (flexible ? std::to_string(known.flexible_since) : "never") + " | " +
         (served != nullptr ? range(served->min_version, served->max_version) : "") + " |\n";
}

}  // namespace

std::string protocol_reference_markdown() {
  std::string page = kIntroduction;
  page += "Served: " + std::to_string(served_apis().size()) + " of " +
          std::to_string(protocol::declared_apis().size()) + " APIs.\n\n";
  page += "| key | API | known | flexible | served |\n|---|---|---|---|---|\n";
  for (const protocol::ApiInfo& known : protocol::declared_apis()) page += row(known);
  return page;
}

}  // namespace barnabas::broker
