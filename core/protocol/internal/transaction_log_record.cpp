#include "core/protocol/internal/transaction_log_record.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(TransactionLogKey)
BARNABAS_PROTOCOL_MESSAGE(TransactionLogValue)
