// ds-data import npy and h5: arrays, by name where a file has several.
#include "cli/import_commands.h"

namespace ds::cli {
namespace {

ArrayNames array_names(const ImportSettings& s) { return {s.datasets, s.target_datasets, s.id, s.group}; }

void npy_import(Command& parent, ImportSettings& s) {
    Command& c = import_command(parent, s, "npy", "NumPy arrays, alone (.npy) or by name in an archive (.npz)",
                                "the rows [n,...], then the classes [n]; or an archive",
                                [&s](const ImportRequest& request) { return import_npy(request, array_names(s)); });
    c.option("--column", s.datasets, "NAME",
             "an array of the archive that models take, as NAME=ARRAY, or ARRAY for its own name");
    c.option("--target", s.target_datasets, "COLUMN",
             "an array of targets, a file or as --column names one: whole numbers and strings [n] are "
             "classes, whole numbers [n,h,w] masks, others numbers to predict")
        .files();
    c.option("--id", s.id, "COLUMN", "an array of the archive that names rows");
    c.option("--group", s.group, "COLUMN", "an array of the archive that says which rows belong together");
}

void h5_import(Command& parent, ImportSettings& s) {
    Command& c = import_command(parent, s, "h5", "datasets of any HDF5 file", "the file",
                                [&s](const ImportRequest& request) { return import_h5(request, array_names(s)); });
    c.option("--column", s.datasets, "NAME", "a dataset that models take, as NAME=/PATH, or /PATH for its own name")
        .required();
    c.option("--target", s.target_datasets, "COLUMN", "a dataset to predict, as NAME=/PATH or /PATH");
    c.option("--id", s.id, "COLUMN", "a dataset that names rows, as NAME=/PATH or /PATH");
    c.option("--group", s.group, "COLUMN", "a dataset that says which rows belong together, likewise");
}

} // namespace

void array_imports(Command& parent, ImportSettings& s) {
    npy_import(parent, s);
    h5_import(parent, s);
}

} // namespace ds::cli
