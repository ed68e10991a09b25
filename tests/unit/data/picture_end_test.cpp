// Where encoded pictures end, in streams of several and in damaged ones.
#include "data/picture/picture_end.h"

#include <gtest/gtest.h>

#include <string>

namespace ds {
namespace {

using namespace std::string_literals;
constexpr size_t unknown = std::string::npos;

const std::string png = "\x89PNG\r\n\x1a\n\0\0\0\2IHDRab1234\0\0\0\0IEND5678"s;
const std::string jpeg = "\xff\xd8\xff\xe0\0\6ab\xff\xd9\xff\xda\0\3x12\xff\0\xff\xd3\x33\xff\xd9"s;

TEST(PictureEnd, IsFoundWhateverFollows) {
    for (const std::string& one :
         {png, jpeg, "P5\n# wide 9\n2 3 255\n123456"s, "P6 1 2 255\n123456"s, "P5 1 1 65535\n12"s})
        for (const std::string& next : {""s, png, jpeg, "P5 1 1 255\n1"s, "\0\0"s})
            EXPECT_EQ(picture_end(one + next), one.size()) << one.substr(0, 3);
}

TEST(PictureEnd, IsUnknownInWhatIsCutOrNoPicture) {
    for (const std::string& one : {png, jpeg, "P5 2 3 255\n123456"s})
        for (size_t n = 0; n < one.size(); ++n) EXPECT_EQ(picture_end(one.substr(0, n)), unknown) << n;
    for (const std::string& other :
         {"P2 1 1 255\n1"s, "GIF89a"s, "P5 99999999 99999999 255\n1"s, "\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR12345678"s,
          "\xff\xd8\xff\xe2\0\x10MPF\0......"s + jpeg.substr(2)})
        EXPECT_EQ(picture_end(other), unknown) << other;
}

} // namespace
} // namespace ds
