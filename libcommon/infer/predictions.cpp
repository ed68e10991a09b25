#include "infer/predictions.h"

#include "base/error.h"
#include "base/escape.h"
#include "data/format/npy.h"

namespace ds {

void Predictions::append(const Predictions& more) {
    printing = more.printing;
    names = more.names;
    item = more.item;
    behind = more.behind;
    dtype = more.dtype;
    sources.insert(sources.end(), more.sources.begin(), more.sources.end());
    outputs.insert(outputs.end(), more.outputs.begin(), more.outputs.end());
}

Outputs Predictions::of(int64_t sample) const {
    const auto n = size_t(size());
    return Outputs(outputs).subspan(size_t(sample) * n, n);
}

OutputNames Predictions::names_of(int64_t sample) const {
    OutputNames own = names;
    own.words = &words[size_t(sample)];
    own.length = std::ssize(*own.words);
    return own;
}

Predictions Predictions::part(int64_t begin, int64_t end) const {
    Predictions some = *this;
    const int64_t n = size();
    some.sources.assign(sources.begin() + begin, sources.begin() + end);
    some.outputs.assign(outputs.begin() + begin * n, outputs.begin() + end * n);
    if (!pictures.empty()) some.pictures.assign(pictures.begin() + begin, pictures.begin() + end);
    if (!groups.empty()) some.groups.assign(groups.begin() + begin, groups.begin() + end);
    if (!ranks.empty()) some.ranks.assign(ranks.begin() + begin, ranks.begin() + end);
    if (!words.empty()) some.words.assign(words.begin() + begin, words.begin() + end);
    if (!cells.empty()) some.cells.assign(cells.begin() + begin, cells.begin() + end);
    return some;
}

int64_t Predictions::first_unusable(int64_t begin) const {
    for (int64_t s = begin; s < samples(); ++s)
        if (!printing->usable(of(s), words.empty() ? names : names_of(s))) return s;
    return samples();
}

std::string Predictions::text() const {
    std::string out;
    for (int64_t s = 0; printing->lines && !words.empty() && s < samples(); ++s) // several lines each
        out += printing->lines(of(s), names_of(s));
    if (!out.empty()) return out;
    for (int64_t s = 0; s < samples(); ++s)
        out += visible(sources[size_t(s)] + ": " + printing->words(of(s), names)) +
               (ranked ? fmt::format(", rank {}", ranks[size_t(s)]) : "") + "\n";
    return out;
}

Json Predictions::json() const {
    Json all = Json::array();
    for (int64_t s = 0; s < samples(); ++s) {
        Json one = Json::object();
        one.set("sample", sources[size_t(s)]);
        printing->json(one, of(s), words.empty() ? names : names_of(s));
        if (ranked) one.set("rank", ranks[size_t(s)]);
        all.push(one);
    }
    return all;
}

std::string Predictions::npy() const {
    Dims shape = item;
    shape.insert(shape.begin(), samples());
    std::vector<double> own;
    for (int64_t s = 0; s < samples(); ++s) own.insert(own.end(), of(s).begin(), of(s).begin() + count(item));
    if (dtype == DType::f64) return encode_npy(dtype, shape, std::as_bytes(std::span(own)));
    const std::vector<float> narrow(own.begin(), own.end()); // exact: they were floats
    return encode_npy(DType::f32, shape, std::as_bytes(std::span(narrow)));
}

} // namespace ds
