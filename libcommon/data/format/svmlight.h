// Sparse rows as SVMlight, LIBSVM, LETOR and XGBoost write them: LABEL [qid:GROUP] INDEX:VALUE ... [# words], a line
// each, plain or gzipped. Indices ascend; features that do not stand there are 0.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/format/gzip.h"

namespace ds {

/// Reads rows one after another in bounded memory.
class SvmlightReader {
public:
    /// `source` must live as long.
    explicit SvmlightReader(const Source& source) : name_(source.name()), bytes_(source) {}

    /// The next row that is not empty; false at the end. Error(data) naming line and word.
    bool next();
    double label() const { return label_; }
    const std::string& group() const { return group_; } // of qid:, "" where there is none
    const std::vector<std::pair<int64_t, double>>& features() const { return features_; }
    int64_t line() const { return line_; }          // from 1
    uint64_t position() const { return position_; } // bytes read, of the text that is not compressed

private:
    bool read_line();
    void parse(std::string_view line);
    void take_feature(std::string_view word, std::string_view index, std::string_view value);
    [[noreturn]] void refuse(std::string_view word, const char* why) const;

    std::string name_;
    GzipReader bytes_;
    std::string buffer_, text_;
    size_t at_ = 0; // in the buffer
    double label_ = 0;
    std::string group_;
    std::vector<std::pair<int64_t, double>> features_;
    int64_t line_ = 0;
    uint64_t position_ = 0;
};

} // namespace ds
