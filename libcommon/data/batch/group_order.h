// Batches of whole groups: which rows come together in training where a loss compares those of a group. Every row comes
// once in an epoch. Groups fall into as few batches as a first fit finds; what a batch has left over is filled up with
// places that do not count, so that all batches have one size and one plan. A group larger than a batch is cut.
//
// In each epoch batches come in another order, and groups of one size change places with each other. All of that is a
// function of seed and epoch, so that a run resumes at any batch.
#pragma once

#include "data/batch/groups.h"

namespace ds {

class GroupOrder {
public:
    /// `groups` must live as long. Without `shuffle` groups are taken as they come.
    GroupOrder(const Groups& groups, int64_t batch, bool shuffle, uint64_t seed);

    /// Of an epoch: batches times batch; where one batch is enough, the rows.
    int64_t places() const;
    int64_t batches() const { return int64_t(starts_.size()) - 1; }
    int64_t filled_up() const { return places() - rows_; } // places that do not count
    int64_t cut_groups() const { return cut_groups_; }
    int64_t largest_group() const { return largest_; }
    /// What is kept where every row is a group.
    static int64_t most_bytes(int64_t rows) { return rows * int64_t(sizeof(Piece) + 3 * sizeof(int32_t) + 32); }
    /// The rows of batch b of the epoch, in the order of their groups; -1 for places that are filled up.
    std::vector<int64_t> rows(int64_t b, int64_t epoch) const;

private:
    struct Piece { // of a group: mostly all of it
        int32_t group, begin, size;
    };
    void cut_into_pieces();
    void fill_batches();
    const Piece& piece_at(int32_t slot, int64_t epoch) const;
    uint64_t seed_for(uint32_t use, int64_t size = 0) const;

    const Groups& groups_;
    int64_t batch_;
    bool shuffle_;
    uint64_t seed_;
    int64_t cut_groups_ = 0, largest_ = 0, rows_ = 0;
    std::vector<Piece> pieces_;   // by size
    std::vector<int32_t> slots_;  // of all batches, one after another: pieces of that size may stand there
    std::vector<int64_t> starts_; // where each batch starts in the slots
};

} // namespace ds
