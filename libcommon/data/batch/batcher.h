// Batches for training and evaluation: rows in a seeded order (or as they lie), converted, preprocessed and
// augmented ahead of time by a thread and its helpers into a ring of preallocated batches. What a batch holds depends
// on seed, epoch and position only, so a run resumes at any cursor with the same batches.
//
// Text: the rows of the split are one stream of tokens, cut into windows of T; an epoch of training starts its
// windows at a seeded phase below T, evaluation at 0.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "data/augment/augment.h"
#include "data/batch/alike.h"
#include "data/batch/batching.h"
#include "data/batch/binding.h"
#include "data/batch/facts.h"
#include "data/batch/group_order.h"
#include "data/batch/window_order.h"
#include "data/batch/workers.h"
#include "data/text/documents.h"

namespace ds {

struct Cursor {
    int64_t epoch = 0;    // from 0
    int64_t position = 0; // samples of this epoch already taken
    bool operator==(const Cursor&) const = default;
};

struct Batch {
    int64_t size = 0;                         // samples in it
    std::map<std::string, Tensor> inputs;     // by model input, room for `capacity` samples
    std::map<std::string, UnreadTags> unread; // by target of tags, where they were asked for and some are
    std::vector<double> share;                // of mixed samples: what each keeps of itself (data/augment/mix.h)
    std::vector<int64_t> sample;              // the number of each sample in the data: row of the split, or window
    int64_t real = 0; // the samples behind these fill up a batch of whole groups; they do not count
    Cursor next;      // where the batch after it starts
    bool last_of_epoch = false;
};

struct BatchOptions {
    int64_t batch = 128;
    LastBatch last = LastBatch::keep;
    bool shuffle = true;
    bool whole_groups = false; // where the model takes groups of rows, those of one come together (group_order.h)
    int64_t window = 0; // bytes of neighbouring chunks that are mixed (window_order.h); 0: all samples with each other
    bool unread_tags = false; // tags of words behind the cut come, too: Batch::unread
    uint64_t seed = 0;
    Augmentation augmentation;
    Cursor start;
    int64_t epochs = -1; // stop after this many; < 0: never
    int workers = 1;     // threads that share the images of a batch; what it holds does not depend on it
};

class Batcher {
public:
    Batcher(std::shared_ptr<const DataSource> source, std::vector<InputBinding> bindings, BatchOptions options);
    ~Batcher();
    Batcher(const Batcher&) = delete;
    Batcher& operator=(const Batcher&) = delete;

    /// The next batch, valid until the next call; null after the last epoch. Rethrows what went wrong in reading.
    const Batch* next();
    int64_t samples_per_epoch() const { return batching().used(); }
    int64_t batches_per_epoch() const { return batching().batches(); }
    int64_t largest_batch() const { return batching().largest(); }
    std::vector<int64_t> batch_sizes() const { return batching().sizes(); }
    double waited_seconds() const { return waited_; } // by the consumer, in next()
    const GroupOrder* group_order() const { return group_order_ ? &*group_order_ : nullptr; }

private:
    struct TextStream;
    Batching batching() const { return {samples_, options_.batch, options_.last}; }
    void produce();
    void fill(Batch& batch, Cursor at);
    void draw(Batch& batch, Cursor at);
    void draw_groups(Batch& batch, Cursor at);
    void take_groups(int column);
    void read_ahead(int64_t position);
    void will_need(WindowOrder::Range samples) const;
    void fill_rows(Batch& batch, const std::vector<int64_t>& rows, const InputBinding& binding);
    void fill_groups(Batch& batch, const InputBinding& binding) const;
    void fill_tags(Batch& batch, const std::vector<int64_t>& rows, const InputBinding& binding);
    void fill_documents(Batch& batch, const std::vector<int64_t>& rows, const InputBinding& binding);
    void fill_text(Batch& batch, const InputBinding& binding, int64_t epoch);
    void fill_masks(Batch& batch, const std::vector<int64_t>& rows, const InputBinding& binding, int64_t epoch);
    void fill_images(Batch& batch, const std::vector<int64_t>& rows, const InputBinding& binding, int64_t epoch);

    std::shared_ptr<const DataSource> source_;
    std::vector<InputBinding> bindings_;
    BatchOptions options_;
    int64_t samples_ = 0;
    std::unique_ptr<TextStream> text_;
    std::map<int, Documents> documents_;              // by column
    std::map<int, std::vector<int64_t>> tag_offsets_; // likewise
    std::optional<Groups> groups_;
    std::map<std::string, Alike> alike_; // by input
    std::optional<GroupOrder> group_order_;
    std::optional<WindowOrder> window_; // of the epoch that is read
    int64_t fetched_ = 0;               // chunks of it that the system knows of
    std::vector<Batch> ring_;
    size_t filled_ = 0, taken_ = 0; // counts; filled_ - taken_ batches are ready
    bool holding_ = false;          // the consumer uses ring_[taken_ - 1]
    size_t in_use() const { return filled_ - taken_ + (holding_ ? 1 : 0); } // batches that are not overwritten
    /// A full ring is filled again when a quarter of it is free: small batches come by the handful, and the two threads
    /// do not wake each other at every step.
    bool has_room() const { return in_use() < ring_.size() - ring_.size() / 4; }
    bool stop_ = false, finished_ = false;
    std::exception_ptr error_;
    std::mutex mutex_;
    std::condition_variable ready_, room_;
    double waited_ = 0;
    std::vector<std::byte> rows_buffer_;
    void mix_batch(Batch& batch, std::byte* images, const ImageForm& form, int64_t epoch);

    std::vector<float> unmixed_; // a batch of images, before they are mixed
    Workers workers_;
    std::vector<std::vector<float>> augment_buffers_; // of each worker
    std::vector<std::vector<int32_t>> mask_buffers_;  // likewise
    std::thread thread_;                              // last: starts when the rest is there
};

/// Samples of one epoch: rows, or windows of text. Error(data) when a text is shorter than one window.
int64_t samples_of(const DataSource& source, const std::vector<InputBinding>& bindings);

/// What one sample takes in the columns that are bound, as the file has them.
int64_t stored_bytes(const DataSource& source, const std::vector<InputBinding>& bindings);
/// The sizes of a windowed shuffle in so many bytes: chunks of about 1 MiB, as files are verified by.
WindowSizes window_sizes(const DataSource& source, const std::vector<InputBinding>& bindings, int64_t bytes);

/// Bytes of the words that the inputs know, and of reading them from a file, which the process keeps.
int64_t vocabulary_bytes(const std::vector<InputBinding>& bindings);

/// Bytes that a Batcher holds for batches of this many samples: those made ahead, rows as the file has them, and what
/// its `workers` decode kept pictures in.
int64_t batcher_bytes(const DataSource& source, const std::vector<InputBinding>& bindings, int64_t batch, int workers,
                      bool mixes = false);

} // namespace ds
