#include "exec/controls.h"

namespace ds {

void RunControls::run_eagerly() {
    plan.reuse = plan.in_place = false;
    for (const PassRow& row : all_passes()) passes.off.insert(std::string(row.name));
    for (const char* essential : {"train-mode", "autodiff", "optimizer"}) passes.off.erase(essential);
}

} // namespace ds
