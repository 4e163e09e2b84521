// docs/configuration.md, from the declarations.
#include <algorithm>

#include "core/metadata/config.hpp"
#include "core/metadata/config_known.hpp"
#include "core/metadata/topic_config.hpp"

namespace barnabas::metadata {

namespace {

constexpr std::string_view kIntroduction =
    R"(<!-- Generated from core/metadata/config_table.hpp, config_known.cpp and topic_config.cpp. Do not edit. -->
# Configuration

`barnabas serve` reads a Kafka `server.properties` file and `--set key=value`. Names, defaults and meaning are those
of Kafka 3.9 in ZooKeeper mode, but for the deviations listed first. A bad value is an error that says what is legal;
an unknown key is logged with the nearest known one and ignored, as Kafka does. Keys without effect yet are marked, or
listed last, so that a file written for Kafka loads; setting one is logged.

)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string default_of(const KeyInfo& key) {
  if (key.nullable) return "not set";
  if (key.default_text.empty()) return "empty";
  return "`" + std::string(key.default_text) + "`";
}

// The topic key that the broker key gives its default to; empty when there is none.
std::string topic_key_of(const KeyInfo& broker_key) {
  for (const TopicKeyInfo& info : topic_keys()) {
    const auto found = std::ranges::find(info.synonyms, &broker_key, &BrokerSynonym::key);
    if (found != info.synonyms.end()) return "`" + std::string(info.key.name) + "`";
  }
  return "";
}

std::string broker_keys_of(const TopicKeyInfo& info) {
  std::string text;
  for (const BrokerSynonym& synonym : info.synonyms) {
    if (synonym.key == nullptr) break;
    text += (text.empty() ? "`" : ", `") + std::string(synonym.key->name) + "`";
  }
  return text.empty() ? default_of(info.key) : text;
}

std::string effect_of(const KeyInfo& key) {
  return escaped(key.documentation) + (key.updatable ? " *May be changed while the broker runs.*" : "") +
         (key.effective ? "" : " *Without effect yet.*");
}

void add_deviations(std::string& page) {
  page += "## Where Barnabas deviates\n\n| key | default here | in Kafka |\n|---|---|---|\n";
  for (const KeyInfo* key : all_keys()) {
    if (key->deviation.empty()) continue;
    page += "| `" + std::string(key->name) + "` | " + default_of(*key) + " | " + escaped(key->deviation) + " |\n";
  }
  page += "\n";
}

void add_sections(std::string& page) {
  for (const table::Section& section : table::kSections) {
    page += "## " + std::string(section.title) + "\n\n| key | default | legal | per topic | meaning |\n";
    page += "|---|---|---|---|---|\n";
    for (std::size_t i = 0; i < section.count; ++i) {
      const KeyInfo& key = section.keys[i];
      page += "| `" + std::string(key.name) + "` | " + default_of(key) + " | " + escaped(key.legal_values()) + " | " +
              topic_key_of(key) + " | " + effect_of(key) + " |\n";
    }
    page += "\n";
  }
}

void add_topic_keys(std::string& page) {
  page +=
      "## Per topic\n\nWhere a topic has no value of its own, the broker's counts: the first of the broker keys that "
      "is "
      "set, else the default of the last.\n\n| key | legal | broker key or default | meaning |\n|---|---|---|---|\n";
  for (const TopicKeyInfo& info : topic_keys()) {
    KeyInfo key = info.key;
    key.updatable = false;  // Every topic key may be changed: not worth saying.
    page += "| `" + std::string(key.name) + "` | " + escaped(key.legal_values()) + " | " + broker_keys_of(info) +
            " | " + effect_of(key) + " |\n";
  }
  page += "\n";
}

void add_known_keys(std::string& page) {
  page += "## Known, without effect\n\n| key | Kafka's default | meaning |\n|---|---|---|\n";
  for (const KeyInfo& key : known_keys()) {
    page += "| `" + std::string(key.name) + "` | " + default_of(key) + " | " + escaped(key.documentation) + " |\n";
  }
}

}  // namespace

std::string reference_markdown() {
  std::string page(kIntroduction);
  add_deviations(page);
  add_sections(page);
  add_topic_keys(page);
  add_known_keys(page);
  return page;
}

}  // namespace barnabas::metadata
