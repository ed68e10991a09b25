#include "data/format/npy_elements.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/names.h"

namespace ds {
namespace {

constexpr std::pair<std::string_view, DType> written[] = {
    {"<f8", DType::f64}, {"<f4", DType::f32}, {"<f2", DType::f16}, {"<i8", DType::i64},
    {"<i4", DType::i32}, {"|i1", DType::i8},  {"|u1", DType::u8},  {"|b1", DType::boolean}};

constexpr size_t longest_text = size_t{1} << 20; // bytes

bool is_read(const NpyElement& element) {
    const size_t size = element.size;
    switch (element.kind) {
    case 'f': return size == 2 || size == 4 || size == 8;
    case 'i':
    case 'u': return size == 1 || size == 2 || size == 4 || size == 8;
    case 'b': return size == 1;
    case 'S': return size > 0 && size <= longest_text;
    case 'U': return size > 0 && size <= longest_text / 4;
    default: return false;
    }
}

/// Of both ends the bytes are turned to those of this machine.
void turn(std::vector<std::byte>& raw, size_t size) {
    for (size_t at = 0; at + size <= raw.size(); at += size)
        std::reverse(raw.begin() + int64_t(at), raw.begin() + int64_t(at + size));
}

/// IEEE 754: a sign, 5 bits of exponent, 10 of fraction.
float from_half(uint16_t half) {
    const int exponent = half >> 10 & 31, fraction = half & 1023;
    const float size = exponent == 31  ? (fraction ? NAN : INFINITY)
                       : exponent == 0 ? std::ldexp(float(fraction), -24)
                                       : std::ldexp(float(fraction + 1024), exponent - 25);
    return half >> 15 ? -size : size;
}

template <class To, class From, class Convert>
std::vector<std::byte> widened(const std::vector<std::byte>& raw, Convert&& convert) {
    const size_t n = raw.size() / sizeof(From);
    std::vector<std::byte> wide(n * sizeof(To));
    for (size_t i = 0; i < n; ++i) {
        From from{};
        std::memcpy(&from, raw.data() + i * sizeof(From), sizeof(From));
        const To to = convert(from);
        std::memcpy(wide.data() + i * sizeof(To), &to, sizeof(To));
    }
    return wide;
}

int64_t with_sign(uint64_t value, const std::string& source) {
    if (value > uint64_t(std::numeric_limits<int64_t>::max()))
        fail(Exit::data,
             "{}: it holds {}, and integers are read up to 2^63 - 1; write such numbers as floats or strings", source,
             value);
    return int64_t(value);
}

void add_utf8(uint32_t letter, std::string& to, const std::string& source) {
    if (letter > 0x10ffff || (letter >= 0xd800 && letter < 0xe000))
        fail(Exit::data, "{}: a string has the number {}, which is no letter of Unicode", source, letter);
    if (letter < 0x80) {
        to += char(letter);
        return;
    }
    const int rest = letter < 0x800 ? 1 : letter < 0x10000 ? 2 : 3; // bytes behind the first
    constexpr uint32_t marks[] = {0, 0xc0, 0xe0, 0xf0};
    to += char(marks[rest] | letter >> 6 * rest);
    for (int i = rest; i-- > 0;) to += char(0x80 | (letter >> 6 * i & 0x3f));
}

} // namespace

DType NpyElement::dtype() const {
    switch (kind) {
    case 'f': return size == 8 ? DType::f64 : DType::f32;
    case 'b': return DType::boolean;
    case 'i': return size == 8 ? DType::i64 : size == 1 ? DType::i8 : DType::i32;
    case 'u': return size == 1 ? DType::u8 : size == 2 ? DType::i32 : DType::i64;
    default: return DType::u8; // a byte of a text
    }
}

NpyElement parse_npy_element(std::string_view text, const std::string& source) {
    const bool quoted = text.size() > 4 && (text[0] == '\'' || text[0] == '"');
    const std::string_view word = quoted ? text.substr(1, std::min(text.find(text[0], 1), text.size()) - 1) : text;
    NpyElement element;
    bool sound = quoted && word.size() > 2 && std::string_view("<>|=").find(word[0]) != std::string_view::npos;
    if (sound) {
        element.kind = word[1];
        element.big_endian = word[0] == '>';
        const auto [end, error] = std::from_chars(word.data() + 2, word.data() + word.size(), element.size);
        sound = error == std::errc{} && end == word.data() + word.size() && is_read(element);
        if (element.kind == 'U') element.size *= 4; // it was counted in letters
    }
    if (!sound)
        fail(Exit::data, "{}: an array of {}, which is not read; numbers, truth values and strings are", source,
             quoted ? fmt::format("'{}'", shown(word)) : "records of several fields");
    return element;
}

std::string_view npy_descriptor(DType dtype) {
    for (const auto& [name, d] : written)
        if (d == dtype) return name;
    return "";
}

std::vector<std::byte> npy_numbers(const NpyElement& element, std::vector<std::byte> raw, const std::string& source) {
    if (element.big_endian) turn(raw, element.size);
    if (element.kind == 'f' && element.size == 2) return widened<float, uint16_t>(raw, from_half);
    const auto plain = [](auto value) { return value; };
    if (element.size == 2 && element.kind == 'i') return widened<int32_t, int16_t>(raw, plain);
    if (element.size == 2) return widened<int32_t, uint16_t>(raw, plain);
    if (element.size == 4 && element.kind == 'u') return widened<int64_t, uint32_t>(raw, plain);
    if (element.size == 8 && element.kind == 'u')
        return widened<int64_t, uint64_t>(raw, [&](uint64_t value) { return with_sign(value, source); });
    return raw;
}

std::vector<std::string> npy_texts(const NpyElement& element, std::span<const std::byte> raw,
                                   const std::string& source) {
    std::vector<std::string> texts;
    for (size_t at = 0; at + element.size <= raw.size(); at += element.size) {
        const std::string_view own(reinterpret_cast<const char*>(raw.data()) + at, element.size);
        if (element.kind == 'S') {
            texts.emplace_back(own.substr(0, own.find_last_not_of('\0') + 1));
            continue;
        }
        std::vector<std::byte> letters(raw.begin() + int64_t(at), raw.begin() + int64_t(at + element.size));
        if (element.big_endian) turn(letters, 4);
        std::vector<uint32_t> numbers(element.size / 4);
        std::memcpy(numbers.data(), letters.data(), letters.size());
        while (!numbers.empty() && numbers.back() == 0) numbers.pop_back();
        std::string& text = texts.emplace_back();
        for (const uint32_t letter : numbers) add_utf8(letter, text, source);
    }
    return texts;
}

} // namespace ds
