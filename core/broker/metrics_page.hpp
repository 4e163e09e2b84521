// The broker's metrics as Prometheus reads them: names and labels are those under which its JMX exporter shows
// Kafka's, so that dashboards made for Kafka fit; consumer lag is named as kafka_exporter names it.
#pragma once

#include <string>

#include "core/async/task.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {

// The whole page, in Prometheus' text format 0.0.4. Costs a few lines for each partition and committed offset.
Task<std::string> metrics_page(Services& services);

}  // namespace barnabas::broker
