// What compaction must know of the transactions whose batches it reads, in order: which data was aborted and can go,
// and which markers have no data left and can go too. Pure.
//
// One object goes through a whole pass, over all its segments: a transaction's data and its marker may lie in different
// ones (KAFKA-8351, KAFKA-13727).
#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/log/transaction_index.hpp"
#include "core/record/batch.hpp"

namespace barnabas::log {

class TransactionTrack {
 public:
  // aborted: all aborted transactions with records in what will be read.
  explicit TransactionTrack(std::vector<AbortedTransaction> aborted);

  // A batch of data. True: its transaction was aborted, its records can go.
  bool note_data(const record::BatchHeader& header);
  // A batch with a marker; the whole of it. True: nothing of its transaction was read, so the marker is of no use any
  // more but for its delete horizon. corrupt.
  Result<bool> note_marker(const record::BatchHeader& header, ByteView batch);

  // The aborted transactions whose markers were read and stay, since the last call: for the new transaction index.
  std::vector<AbortedTransaction> take_kept() { return std::exchange(kept_, {}); }

 private:
  struct Aborted {
    AbortedTransaction transaction;
    bool had_data = false;
  };

  // Those that begin at or before the offset are now under way.
  void begin_up_to(Offset offset);

  std::vector<AbortedTransaction> waiting_;  // The one that begins first is at the back.
  std::map<ProducerId, Aborted> aborted_;
  std::set<ProducerId> committed_;  // Had data and no marker yet.
  std::vector<AbortedTransaction> kept_;
};

}  // namespace barnabas::log
