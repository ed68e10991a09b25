// How batch norm walks a tensor: samples of channel groups, and the order of its two passes over them.
#pragma once

#include <algorithm>

#include "kernels/cpu/common.h"
#include "kernels/cpu/vector/batch_norm.h"

namespace ds::kernels::cpu {

/// Two sums per lane.
struct Sums {
    double first[16] = {}, second[16] = {};
};

/// The tensor as samples of channel groups.
struct Grid {
    int64_t samples = 0, channels = 0, area = 0, groups = 0;
    int lanes = 1;
    int64_t sample_stride = 0, group_stride = 0;
    int64_t parts = 1;     // how many ranges of samples, or of groups
    bool by_group = false; // each range of groups does everything
    const BatchNormLoops* loops = nullptr;

    int valid(int64_t g) const { return int(std::min<int64_t>(lanes, channels - g * lanes)); }
    int64_t offset(int64_t sample, int64_t g) const { return sample * sample_stride + g * group_stride; }
    double count() const { return double(samples) * double(area); }
    size_t scratch() const {
        return size_t(groups) * (sizeof(GroupParams) + (by_group ? 1 : size_t(parts)) * sizeof(Sums));
    }
    GroupParams* params(std::byte* scratch) const { return reinterpret_cast<GroupParams*>(scratch); }
    Sums* sums(std::byte* scratch) const { return reinterpret_cast<Sums*>(params(scratch) + groups); }

    /// visit(offset, stretch) for samples [begin, end) of a group; a matrix is one stretch of many pixels.
    template <class Visit>
    void each(int64_t g, int64_t begin, int64_t end, bool backwards, const Visit& visit) const {
        const bool matrix = area == 1 && lanes == 16 && sample_stride == channels;
        Stretch s{area, lanes, lanes};
        if (matrix) {
            if (begin < end) visit(offset(begin, g), Stretch{end - begin, sample_stride, valid(g)});
        } else if (backwards) { // what the pass before read last is read first
            for (int64_t n = end; n-- > begin;) visit(offset(n, g), s);
        } else {
            for (int64_t n = begin; n < end; ++n) visit(offset(n, g), s);
        }
    }
    /// collect(g, begin, end, sums), then finish(g, sums, params), then apply(g, begin, end, params).
    template <class Collect, class Finish, class Apply>
    void run(std::byte* scratch, const Collect& collect, const Finish& finish, const Apply& apply) const {
        GroupParams* p = params(scratch);
        Sums* all = sums(scratch);
        if (by_group) {
            parallel_for(groups, (groups + parts - 1) / parts, [&](int64_t first, int64_t last) {
                for (int64_t g = first; g < last; ++g) {
                    all[g] = Sums{};
                    collect(g, int64_t{0}, samples, all[g]);
                    finish(g, all[g], p[g] = GroupParams{});
                    apply(g, int64_t{0}, samples, p[g]);
                }
            });
            return;
        }
        parallel_for(parts, 1, [&](int64_t first, int64_t last) {
            for (int64_t part = first; part < last; ++part)
                for (int64_t g = 0; g < groups; ++g) {
                    Sums& own = all[part * groups + g] = Sums{};
                    collect(g, samples * part / parts, samples * (part + 1) / parts, own);
                }
        });
        for (int64_t g = 0; g < groups; ++g) {
            for (int64_t part = 1; part < parts; ++part)
                for (int l = 0; l < 16; ++l) {
                    all[g].first[l] += all[part * groups + g].first[l];
                    all[g].second[l] += all[part * groups + g].second[l];
                }
            finish(g, all[g], p[g] = GroupParams{});
        }
        parallel_for(parts, 1, [&](int64_t first, int64_t last) {
            for (int64_t part = last; part-- > first;)
                for (int64_t g = groups; g-- > 0;) apply(g, samples * part / parts, samples * (part + 1) / parts, p[g]);
        });
    }
};

inline Grid make_grid(const Dims& shape, Layout layout) {
    Grid g;
    g.samples = shape[0];
    g.channels = shape[1];
    g.area = count(shape) / std::max<int64_t>(1, g.samples * g.channels);
    g.lanes = layout.block ? layout.block : g.area == 1 ? 16 : 1;
    g.groups = (g.channels + g.lanes - 1) / g.lanes;
    g.group_stride = layout.block || g.lanes == 1 ? g.area * g.lanes : g.lanes;
    g.sample_stride = layout.block ? g.groups * g.group_stride : g.channels * g.area;
    g.loops = &batch_norm_loops(g.lanes);
    const int64_t wanted = std::clamp<int64_t>(count(shape) / min_work, 1, threads());
    g.by_group = g.groups % wanted == 0 || g.groups >= 4 * wanted;
    g.parts = std::min(wanted, g.by_group ? g.groups : std::max<int64_t>(1, g.samples));
    return g;
}

} // namespace ds::kernels::cpu
