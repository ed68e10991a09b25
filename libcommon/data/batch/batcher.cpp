#include "data/batch/batcher.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <set>

#include "base/error.h"
#include "base/rng.h"
#include "data/augment/mix.h"
#include "data/batch/order.h"

namespace ds {
namespace {

/// Three batches let reading and computing overlap; more of small ones even out steps of microseconds.
size_t ring_size(int64_t batch_bytes) {
    constexpr int64_t memory = 4 << 20;
    return size_t(std::clamp<int64_t>(memory / std::max<int64_t>(1, batch_bytes), 3, 16));
}

/// Windows of T tokens, as Batcher cuts them.
int64_t text_windows(const DataSource& source, int column, int64_t tokens) {
    const std::vector<int64_t> offsets = source.file().offsets(column);
    int64_t total = 0;
    for (int64_t i = 0; i < source.rows(); ++i) {
        const int64_t row = source.file_row(i);
        total += offsets[size_t(row) + 1] - offsets[size_t(row)];
    }
    const int64_t windows = (total - 1) / tokens;
    if (windows < 1)
        fail(Exit::data, "{}: {} tokens of text are too few for one window of {}", source.name(), total, tokens);
    return windows;
}

int64_t bytes_of_batch(const std::vector<InputBinding>& bindings, int64_t batch) {
    int64_t all = 0;
    for (const InputBinding& binding : bindings) all += batch * bytes(binding.dtype, binding.item);
    return all;
}

/// The images of an input as augmentation takes them.
struct Varied {
    explicit Varied(const InputBinding& binding) : item(binding.item), dtype(binding.dtype) {
        const ColumnPreprocessing& how = binding.how;
        if (!possible() || how.mean.empty()) return;
        for (size_t c = 0; c < size_t(item[0]); ++c) { // one mean may be that of all channels
            mean.push_back(how.mean[std::min(c, how.mean.size() - 1)]);
            std.push_back(how.std[std::min(c, how.std.size() - 1)]);
        }
        form.mean = mean, form.std = std;
    }
    Varied(const Varied&) = delete;
    bool possible() const { return item.size() == 3 && dtype == DType::f32; }
    Dims item;
    DType dtype;
    std::vector<double> mean, std;
    ImageForm form{possible() ? item[0] : 0, possible() ? item[1] : 0, possible() ? item[2] : 0, {}, {}};
};

} // namespace

/// The rows of a split's ragged text column as one stream of tokens.
struct Batcher::TextStream {
    TextStream(const DataSource& source, int column_number) : file(source.file()), column(column_number) {
        const std::vector<int64_t> offsets = file.offsets(column);
        starts.push_back(0);
        for (int64_t i = 0; i < source.rows(); ++i) {
            const int64_t row = source.file_row(i);
            from.push_back(offsets[size_t(row)]);
            starts.push_back(starts.back() + offsets[size_t(row) + 1] - offsets[size_t(row)]);
        }
    }
    int64_t tokens() const { return starts.back(); }
    /// Tokens [begin, begin + n) of the stream.
    void read(int64_t begin, int64_t n, std::byte* to) const {
        const size_t width = size_t(file.columns()[size_t(column)].item_bytes());
        each_stretch(begin, n, [&](int64_t at, int64_t count) {
            file.read_values(column, at, count, to);
            to += size_t(count) * width;
        });
    }
    /// Calls visit(first, count) for the values of the file that these tokens are, in order.
    template <class Visit>
    void each_stretch(int64_t begin, int64_t n, const Visit& visit) const {
        size_t row = size_t(std::upper_bound(starts.begin(), starts.end(), begin) - starts.begin()) - 1;
        for (; n > 0; ++row) {
            const int64_t take = std::min(n, starts[row + 1] - begin);
            if (take > 0) visit(from[row] + begin - starts[row], take);
            begin += take;
            n -= take;
        }
    }
    const DataTable& file;
    int column;
    std::vector<int64_t> from, starts; // first element of each row in the file; where it starts in the stream
};

int64_t samples_of(const DataSource& source, const std::vector<InputBinding>& bindings) {
    for (const InputBinding& binding : bindings)
        if (binding.is_text) return text_windows(source, binding.column, binding.item[0]);
    return source.rows();
}

int64_t stored_bytes(const DataSource& source, const std::vector<InputBinding>& bindings) {
    std::map<int, int64_t> of_column; // a text is both input and target
    for (const InputBinding& binding : bindings)
        of_column[binding.column] = binding.is_text
                                        ? source.file().columns()[size_t(binding.column)].item_bytes() * binding.item[0]
                                        : source.file().stored_row_bytes(binding.column);
    int64_t all = 0;
    for (const auto& [column, size] : of_column) all += size;
    return std::max<int64_t>(1, all);
}

WindowSizes window_sizes(const DataSource& source, const std::vector<InputBinding>& bindings, int64_t bytes) {
    constexpr int64_t chunk_bytes = 1 << 20;
    const int64_t one = stored_bytes(source, bindings), chunk = std::max<int64_t>(1, chunk_bytes / one);
    return {chunk, std::max<int64_t>(2, bytes / (chunk * one))};
}

int64_t vocabulary_bytes(const std::vector<InputBinding>& bindings) {
    constexpr int64_t read = 64; // of a word in the JSON of a model
    std::set<const Vocabulary*> all;
    int64_t bytes = 0;
    for (const InputBinding& binding : bindings)
        if (binding.vocabulary && all.insert(binding.vocabulary.get()).second)
            bytes += binding.vocabulary->bytes() + int64_t(binding.vocabulary->size()) * read;
    return bytes;
}

int64_t batcher_bytes(const DataSource& source, const std::vector<InputBinding>& bindings, int64_t batch, int workers,
                      bool mixes) {
    const int64_t one = bytes_of_batch(bindings, batch);
    int64_t rows = 0, texts = 0, groups = 0, decoding = 0;
    std::map<int, int64_t> kept; // of columns: one may feed several inputs
    for (const InputBinding& binding : bindings) {
        const int64_t item = source.file().columns()[size_t(binding.column)].item_bytes();
        rows = std::max(rows, batch * item * (binding.is_text ? binding.item[0] : 1));
        if (binding.is_text) texts = source.rows() * 2 * int64_t(sizeof(int64_t)); // where each text starts
        if (binding.vocabulary) texts += Documents::bytes(source.file().rows());
        if (binding.is_tags) texts += Documents::bytes(source.file().rows());
        if (!binding.is_text && !binding.is_group)
            decoding = std::max(decoding, workers * source.file().reading_bytes(binding.column));
        kept[binding.column] = source.file().kept_bytes(binding.column);
        if (is_of_groups(binding.input)) groups += Groups::bytes(source.rows()) + GroupOrder::most_bytes(source.rows());
        if (is_of_alike(binding.input)) groups += Alike::bytes(source.rows());
    }
    for (const auto& [column, size] : kept) rows += size;
    texts += vocabulary_bytes(bindings) + source.word_bytes();
    return int64_t(ring_size(one)) * one + rows + texts + groups + decoding +
           (mixes ? one : 0); // the batch before it was mixed
}

Batcher::Batcher(std::shared_ptr<const DataSource> source, std::vector<InputBinding> bindings, BatchOptions options)
    : source_(std::move(source)),
      bindings_(std::move(bindings)),
      options_(options),
      samples_(samples_of(*source_, bindings_)),
      workers_(options.workers),
      augment_buffers_(size_t(workers_.count())),
      mask_buffers_(size_t(workers_.count())) {
    if (options_.batch < 1) fail(Exit::usage, "a batch has at least one sample, not {}", options_.batch);
    for (const InputBinding& binding : bindings_)
        if (binding.is_text && !text_) text_ = std::make_unique<TextStream>(*source_, binding.column);
    for (const InputBinding& binding : bindings_)
        if (text_ && !binding.is_text)
            fail(Exit::data,
                 "{}: column '{}' has a value for each row, and text is cut into windows that span rows; a model of "
                 "text "
                 "takes no other columns",
                 source_->name(), source_->file().columns()[size_t(binding.column)].name);
    for (const InputBinding& binding : bindings_)
        if (binding.is_tags) tag_offsets_[binding.column] = source_->file().offsets(binding.column);
    for (const InputBinding& binding : bindings_)
        if (binding.vocabulary) documents_.try_emplace(binding.column, source_->file(), binding.column);
    for (const InputBinding& binding : bindings_)
        if (is_of_groups(binding.input)) take_groups(binding.column);
        else if (is_of_alike(binding.input)) alike_.try_emplace(binding.input, *source_, binding.input);
    for (const InputBinding& binding : bindings_)
        if (options_.augmentation.any() && binding.how.kind == "image" && !Varied(binding).possible())
            fail(Exit::usage, "{}: augmentation is for images [C,H,W] of f32; the input '{}' is {}{}", source_->name(),
                 binding.input, name(binding.dtype), text(binding.item));
    if (batching().batches() == 0)
        fail(Exit::usage, "{}: {} samples do not fill a batch of {}, and the last batch is dropped: none is left",
             source_->name(), samples_, options_.batch);
    const int64_t capacity = largest_batch();
    ring_.resize(ring_size(bytes_of_batch(bindings_, capacity)));
    for (Batch& batch : ring_)
        for (const InputBinding& binding : bindings_) {
            Dims shape = binding.item;
            shape.insert(shape.begin(), capacity);
            batch.inputs[binding.input] = Tensor(binding.dtype, shape);
        }
    thread_ = std::thread([this] { produce(); });
}

Batcher::~Batcher() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    room_.notify_all();
    if (thread_.joinable()) thread_.join();
}

const Batch* Batcher::next() {
    std::unique_lock lock(mutex_);
    holding_ = false;
    if (has_room()) room_.notify_one();
    const auto start = std::chrono::steady_clock::now();
    ready_.wait(lock, [this] { return filled_ > taken_ || finished_; });
    waited_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (filled_ > taken_) {
        holding_ = true;
        return &ring_[taken_++ % ring_.size()];
    }
    if (error_) std::rethrow_exception(error_);
    return nullptr;
}

void Batcher::produce() {
    Cursor at = options_.start;
    try {
        while (options_.epochs < 0 || at.epoch < options_.epochs) {
            {
                std::unique_lock lock(mutex_);
                if (in_use() == ring_.size()) room_.wait(lock, [this] { return stop_ || has_room(); });
                if (stop_) return;
            }
            Batch& batch = ring_[filled_ % ring_.size()];
            fill(batch, at);
            at = batch.next;
            const std::lock_guard lock(mutex_);
            ++filled_;
            ready_.notify_one();
        }
    } catch (...) {
        error_ = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    finished_ = true;
    ready_.notify_one();
}

void Batcher::take_groups(int column) {
    groups_.emplace(*source_, column);
    if (!options_.whole_groups) return;
    if (options_.window > 0)
        fail(Exit::usage,
             "{}: --shuffle-window draws rows from anywhere in a window, and the groups of '{}' come whole",
             source_->name(), source_->file().columns()[size_t(column)].name);
    group_order_.emplace(*groups_, options_.batch, options_.shuffle, options_.seed);
    samples_ = group_order_->places();
}

/// Places that are filled up have samples of the batch once more.
void Batcher::draw_groups(Batch& batch, Cursor at) {
    batch.sample = group_order_->rows(at.position / options_.batch, at.epoch);
    const auto end = std::ranges::find(batch.sample, -1);
    batch.real = end - batch.sample.begin();
    for (int64_t i = batch.real; i < batch.size; ++i) batch.sample[size_t(i)] = batch.sample[size_t(i % batch.real)];
}

void Batcher::draw(Batch& batch, Cursor at) {
    if (group_order_) return draw_groups(batch, at);
    const auto each = [&](const auto& order) {
        for (int64_t i = 0; i < batch.size; ++i) batch.sample[size_t(i)] = order(at.position + i);
    };
    if (!options_.shuffle) return each([](int64_t i) { return i; });
    if (options_.window <= 0) return each(Permutation(samples_, options_.seed, at.epoch));
    if (!window_ || window_->epoch() != at.epoch) {
        window_.emplace(samples_, window_sizes(*source_, bindings_, options_.window), options_.seed, at.epoch);
        fetched_ = window_->first_chunk(window_->window_of(at.position));
    }
    each(*window_);
    read_ahead(at.position + batch.size);
}

/// The window that is read, and of the next one as large a part as was taken of this.
void Batcher::read_ahead(int64_t position) {
    const int64_t w = window_->window_of(std::min(position, samples_ - 1)), begin = window_->start_of_window(w),
                  size = window_->start_of_window(w + 1) - begin, next = window_->first_chunk(w + 1);
    const int64_t of_next = window_->first_chunk(w + 2) - next;
    for (const int64_t end = next + of_next * std::min(position - begin, size) / size; fetched_ < end; ++fetched_)
        will_need(window_->chunk(fetched_));
}

void Batcher::will_need(WindowOrder::Range samples) const {
    const DataTable& file = source_->file();
    for (const InputBinding& binding : bindings_) {
        if (binding.is_text) {
            const int64_t tokens = binding.item[0];
            text_->each_stretch(samples.begin * tokens,
                                std::min((samples.end + 1) * tokens, text_->tokens()) - samples.begin * tokens,
                                [&](int64_t at, int64_t n) { file.will_need(binding.column, at, n); });
            continue;
        }
        const int64_t first = source_->file_row(samples.begin), last = source_->file_row(samples.end - 1);
        if (first > last || last - first >= 2 * (samples.end - samples.begin)) continue; // of a split, anywhere
        if (binding.vocabulary) documents_.at(binding.column).will_need(first, last - first + 1);
        else if (!binding.is_tags) file.will_need(binding.column, first, last - first + 1);
    }
}

void Batcher::fill(Batch& batch, Cursor at) {
    batch.size = batching().size_at(at.position);
    batch.sample.resize(size_t(batch.size));
    batch.real = batch.size;
    draw(batch, at);
    std::vector<int64_t> rows;
    if (!text_)
        for (int64_t s : batch.sample) rows.push_back(source_->file_row(s));
    for (const InputBinding& binding : bindings_) {
        if (binding.is_group) fill_groups(batch, binding);
        else if (binding.is_text) fill_text(batch, binding, at.epoch);
        else if (binding.vocabulary) fill_documents(batch, rows, binding);
        else if (binding.is_tags) fill_tags(batch, rows, binding);
        else if (is_of_pixels(binding)) fill_masks(batch, rows, binding, at.epoch);
        else if (binding.how.kind == "image") fill_images(batch, rows, binding, at.epoch);
        else fill_rows(batch, rows, binding);
    }
    batch.last_of_epoch = at.position + batch.size >= samples_per_epoch();
    batch.next = batch.last_of_epoch ? Cursor{at.epoch + 1, 0} : Cursor{at.epoch, at.position + batch.size};
}

void Batcher::fill_rows(Batch& batch, const std::vector<int64_t>& rows, const InputBinding& binding) {
    const ColumnInfo& column = source_->file().columns()[size_t(binding.column)];
    rows_buffer_.resize(rows.size() * size_t(column.item_bytes()));
    source_->file().gather(binding.column, rows, rows_buffer_.data());
    convert_file_rows(*source_, binding, rows, rows_buffer_.data(), batch.inputs.at(binding.input).data());
}

void Batcher::fill_groups(Batch& batch, const InputBinding& binding) const {
    auto* to = reinterpret_cast<int32_t*>(batch.inputs.at(binding.input).data());
    if (binding.input == row_numbers) return std::iota(to, to + batch.size, 0);
    const auto alike = alike_.find(binding.input);
    for (int64_t i = 0; i < batch.size; ++i) {
        const int64_t sample = batch.sample[size_t(i)];
        if (alike != alike_.end()) {
            to = std::ranges::copy(alike->second.numbers(sample), to).out;
            continue;
        }
        *to++ = i < batch.real ? groups_->number(sample) : -1;
        *to++ = groups_->place(sample);
    }
}

void Batcher::fill_text(Batch& batch, const InputBinding& binding, int64_t epoch) {
    const ColumnInfo& column = source_->file().columns()[size_t(binding.column)];
    const int64_t tokens = binding.item[0];
    // The last window needs one token more, for the target; what is left over bounds the phase.
    const int64_t slack = std::min(tokens - 1, text_->tokens() - 1 - samples_ * tokens);
    const uint64_t phase = options_.shuffle && slack > 0
                               ? rng::Sequence(options_.seed, rng::Stream::shuffle, 0x80000000u | uint32_t(epoch))
                                     .below(uint64_t(slack) + 1)
                               : 0;
    rows_buffer_.resize(size_t(batch.size * tokens * column.item_bytes()));
    for (int64_t i = 0; i < batch.size; ++i)
        text_->read(batch.sample[size_t(i)] * tokens + int64_t(phase) + binding.text_shift, tokens,
                    rows_buffer_.data() + size_t(i * tokens * column.item_bytes()));
    convert_rows(binding, column, rows_buffer_.data(), batch.size, batch.inputs.at(binding.input).data());
}

void Batcher::fill_documents(Batch& batch, const std::vector<int64_t>& rows, const InputBinding& binding) {
    const Documents& documents = documents_.at(binding.column);
    const auto words = size_t(binding.item[0]);
    auto* to = reinterpret_cast<int32_t*>(batch.inputs.at(binding.input).data());
    workers_.run(batch.size, [&](int64_t begin, int64_t end, int) {
        std::string text;
        for (int64_t i = begin; i < end; ++i) {
            documents.read(rows[size_t(i)], text);
            binding.vocabulary->write(text, {to + size_t(i) * words, words}, binding.feature);
        }
    });
}

void Batcher::fill_tags(Batch& batch, const std::vector<int64_t>& rows, const InputBinding& binding) {
    const std::vector<int64_t>& offsets = tag_offsets_.at(binding.column);
    InputBinding one = binding; // converts one class at a time
    one.item = {};
    const auto read = [&](int64_t begin, int64_t n, int32_t* to) {
        rows_buffer_.resize(size_t(n) * sizeof(int32_t));
        source_->file().read_values(binding.column, begin, n, rows_buffer_.data());
        convert_rows(one, source_->file().columns()[size_t(binding.column)], rows_buffer_.data(), n,
                     reinterpret_cast<std::byte*>(to));
    };
    const int64_t room = binding.item[0];
    auto* to = reinterpret_cast<int32_t*>(batch.inputs.at(binding.input).data());
    batch.unread.erase(binding.input);
    for (int64_t i = 0; i < batch.size; ++i, to += room) {
        const int64_t begin = offsets[size_t(rows[size_t(i)])], all = offsets[size_t(rows[size_t(i)]) + 1] - begin,
                      n = std::min(room, all);
        read(begin, n, to);
        std::fill(to + n, to + room, int32_t(ignored_class));
        if (!options_.unread_tags || n == all) continue;
        UnreadTags& unread = batch.unread[binding.input];
        unread.resize(size_t(batch.size));
        unread[size_t(i)].resize(size_t(all - n));
        read(begin + n, all - n, unread[size_t(i)].data());
    }
}

void Batcher::fill_masks(Batch& batch, const std::vector<int64_t>& rows, const InputBinding& binding, int64_t epoch) {
    fill_rows(batch, rows, binding);
    if (!options_.augmentation.moves()) return;
    auto* masks = reinterpret_cast<int32_t*>(batch.inputs.at(binding.input).data());
    const int64_t height = binding.item[0], width = binding.item[1];
    workers_.run(batch.size, [&](int64_t begin, int64_t end, int worker) {
        for (int64_t i = begin; i < end; ++i)
            augment_mask({masks + i * height * width, size_t(height * width)}, height, width, int32_t(ignored_class),
                         options_.augmentation, options_.seed, epoch, batch.sample[size_t(i)],
                         mask_buffers_[size_t(worker)]);
    });
}

void Batcher::fill_images(Batch& batch, const std::vector<int64_t>& rows, const InputBinding& binding, int64_t epoch) {
    const ColumnInfo& column = source_->file().columns()[size_t(binding.column)];
    const int64_t from = column.item_bytes(), to = bytes(binding.dtype, binding.item);
    rows_buffer_.resize(rows.size() * size_t(from));
    std::byte* images = batch.inputs.at(binding.input).data();
    const Varied varied(binding);
    const bool varies = options_.augmentation.any() && varied.possible();
    workers_.run(batch.size, [&](int64_t begin, int64_t end, int worker) {
        const std::span<const int64_t> own(rows.data() + begin, rows.data() + end);
        source_->file().gather(binding.column, own, rows_buffer_.data() + begin * from); // here kept files are decoded
        convert_file_rows(*source_, binding, own, rows_buffer_.data() + begin * from, images + begin * to);
        for (int64_t i = begin; varies && i < end; ++i)
            augment({reinterpret_cast<float*>(images + i * to), size_t(to) / sizeof(float)}, varied.form,
                    options_.augmentation, options_.seed, epoch, batch.sample[size_t(i)],
                    augment_buffers_[size_t(worker)]);
    });
    if (varies && options_.augmentation.mixes()) mix_batch(batch, images, varied.form, epoch);
}

void Batcher::mix_batch(Batch& batch, std::byte* images, const ImageForm& form, int64_t epoch) {
    const int64_t size = form.channels * form.height * form.width, n = batch.size;
    float* all = reinterpret_cast<float*>(images);
    unmixed_.assign(all, all + n * size);
    batch.share.assign(size_t(n), 1);
    workers_.run(n, [&](int64_t begin, int64_t end, int) {
        for (int64_t i = begin; i < end; ++i) {
            const int64_t partner = partner_of(i, n);
            if (partner == i) continue;
            const Mix mix =
                draw_mix(options_.augmentation, form.height, form.width, options_.seed, epoch, batch.sample[size_t(i)]);
            batch.share[size_t(i)] = mix.share;
            mix_images({all + i * size, size_t(size)}, {unmixed_.data() + partner * size, size_t(size)}, form, mix);
        }
    });
}

} // namespace ds
