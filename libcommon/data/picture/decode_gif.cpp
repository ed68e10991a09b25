// GIF by giflib: the first frame on its canvas, which is transparent where the frame is not.
#include <gif_lib.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "data/picture/formats.h"

namespace ds {
namespace {

struct Reading {
    Bytes bytes;
    size_t at = 0;
};

int read_some(GifFileType* file, GifByteType* to, int n) {
    Reading& r = *static_cast<Reading*>(file->UserData);
    const size_t take = std::min(size_t(n), r.bytes.size() - r.at);
    std::memcpy(to, r.bytes.data() + r.at, take);
    r.at += take;
    return int(take);
}

[[noreturn]] void damaged(const std::string& source, int code) {
    const char* why = GifErrorString(code);
    fail(Exit::data, "{}: damaged GIF: {}", source, why ? why : "the file ends too soon");
}

/// A file that stands at the pixels of its first frame.
struct Gif {
    Gif(Bytes bytes, std::string name) : reading{bytes}, source(std::move(name)), file(nullptr, close) {
        int code = 0;
        file.reset(DGifOpen(&reading, read_some, &code));
        if (!file) damaged(source, code);
        check_picture_size(height(), width(), bytes.size(), 4096,
                           source); // a code of 12 bits makes at most 4095 pixels
        go_to_frame();
        check_picture_size(file->Image.Height, file->Image.Width, bytes.size(), 4096, source);
        const ColorMapObject* own = file->Image.ColorMap;
        colours = own ? own : file->SColorMap;
        if (!colours) fail(Exit::data, "{}: a GIF without colours", source);
    }
    static void close(GifFileType* open) { DGifCloseFile(open, nullptr); }
    int64_t height() const { return file->SHeight; }
    int64_t width() const { return file->SWidth; }

    Reading reading;
    std::string source;
    std::unique_ptr<GifFileType, void (*)(GifFileType*)> file;
    const ColorMapObject* colours = nullptr;
    int transparent = NO_TRANSPARENT_COLOR;

private:
    void need(int result) const {
        if (result != GIF_OK) damaged(source, file->Error);
    }
    void go_to_frame() {
        for (GifRecordType kind = UNDEFINED_RECORD_TYPE; kind != IMAGE_DESC_RECORD_TYPE;) {
            need(DGifGetRecordType(file.get(), &kind));
            if (kind == TERMINATE_RECORD_TYPE) fail(Exit::data, "{}: a GIF without a picture", source);
            if (kind == EXTENSION_RECORD_TYPE) read_extension();
        }
        need(DGifGetImageDesc(file.get()));
    }
    void read_extension() {
        int code = 0;
        GifByteType* block = nullptr;
        need(DGifGetExtension(file.get(), &code, &block));
        while (block) { // the first byte is its length
            GraphicsControlBlock control;
            if (code == GRAPHICS_EXT_FUNC_CODE && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
                transparent = control.TransparentColor;
            need(DGifGetExtensionNext(file.get(), &block));
        }
    }
};

/// The rows of an interlaced frame in the order in which they are stored: every eighth, then those between.
std::vector<int> row_order(int rows, bool interlaced) {
    std::vector<int> order;
    if (!interlaced) {
        for (int y = 0; y < rows; ++y) order.push_back(y);
        return order;
    }
    constexpr int first[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};
    for (int pass = 0; pass < 4; ++pass)
        for (int y = first[pass]; y < rows; y += step[pass]) order.push_back(y);
    return order;
}

void draw_row(const Gif& gif, const std::vector<GifPixelType>& line, int64_t y, Raster& canvas) {
    const int64_t left = gif.file->Image.Left;
    for (int64_t x = 0; x < int64_t(line.size()) && left + x < canvas.width && y < canvas.height; ++x) {
        const int index = line[size_t(x)];
        if (index >= gif.colours->ColorCount) fail(Exit::data, "{}: damaged GIF: a colour that it has not", gif.source);
        const GifColorType& c = gif.colours->Colors[index];
        uint8_t* to = canvas.samples.data() + (y * canvas.width + left + x) * 4;
        to[0] = c.Red, to[1] = c.Green, to[2] = c.Blue;
        to[3] = index == gif.transparent ? 0 : 255;
    }
}

bool colour(Bytes bytes, const std::string& source) {
    const Gif gif(bytes, source);
    const GifColorType *first = gif.colours->Colors, *end = first + gif.colours->ColorCount;
    return std::any_of(first, end, [](const GifColorType& c) { return c.Red != c.Green || c.Green != c.Blue; });
}

Raster decode(Bytes bytes, const std::string& source) {
    const Gif gif(bytes, source);
    const GifImageDesc& frame = gif.file->Image;
    Raster canvas{gif.height(), gif.width(), 4, false, 1, {}};
    canvas.samples.resize(size_t(canvas.height * canvas.width * 4));
    std::vector<GifPixelType> line(static_cast<size_t>(frame.Width));
    for (int row : row_order(frame.Height, frame.Interlace)) {
        if (DGifGetLine(gif.file.get(), line.data(), frame.Width) != GIF_OK) damaged(source, gif.file->Error);
        draw_row(gif, line, frame.Top + row, canvas);
    }
    return canvas;
}

bool begins(std::string_view head) { return head.starts_with("GIF87a") || head.starts_with("GIF89a"); }

} // namespace

PictureFormat gif_format() { return {"GIF", begins, colour, decode}; }

} // namespace ds
