#include "core/protocol/messages/75_describe_topic_partitions.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(DescribeTopicPartitionsRequest)
BARNABAS_PROTOCOL_MESSAGE(DescribeTopicPartitionsResponse)
