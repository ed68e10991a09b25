// The column of pictures that an import writes, as it grows: their pixels, or the files as they are
// (picture/kept_files.h); with it the statistics of the pixels, and the rule they became pixels by.
#pragma once

#include <string>

#include "data/import/import.h"
#include "data/picture/image.h"
#include "io/data_file/data_file.h"

namespace ds {

class PictureColumn {
public:
    PictureColumn(DataFileWriter& writer, const PictureRule& rule, bool keep_encoded)
        : writer_(writer), rule_(rule), keep_encoded_(keep_encoded), statistics_(rule.channels) {}

    /// Adds the column, for pictures such as this one; append() does it where it was not done.
    void begin(const Image& like);
    /// `bytes`: of the file that the picture was. Error(data) for a picture of another size than the first; then
    /// nothing was written. `counts`: in the statistics.
    void append(const Image& image, const std::string& bytes, const std::string& path, bool counts = true);
    void tell(MetaWriter& meta) const;

private:
    DataFileWriter& writer_;
    PictureRule rule_;
    bool keep_encoded_;
    StatisticsGatherer statistics_;
    int column_ = -1;
    int64_t height_ = 0, width_ = 0;
};

} // namespace ds
