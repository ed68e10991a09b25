#include "model/layers/writer.h"

#include "base/error.h"
#include "base/names.h"
#include "ops/emit.h"

namespace ds {
namespace {

constexpr int max_nesting = 32;
constexpr int64_t max_layers = 20'000; // of the whole model: repeats and blocks multiply

std::vector<OptionRow> all_options(const LayerRow& row) {
    std::vector<OptionRow> options = row.options;
    options.insert(options.end(), common_options().begin(), common_options().end());
    return options;
}

} // namespace

void LayerWriter::layers(const Yaml& list) {
    if (++depth_ > max_nesting) list.refuse("layers are nested too deeply");
    for (const Yaml& item : list.items()) layer(item);
    --depth_;
}

void LayerWriter::inner(const std::string& name, const Yaml& list) {
    const std::string before = scope_;
    if (!name.empty()) scope_ = path(name);
    layers(list);
    scope_ = before;
}

std::vector<ValueId> LayerWriter::on_each(const std::string& name, const Yaml& list,
                                          const std::vector<ValueId>& values) {
    const std::map<std::string, int> counts = name_counts_;
    const bool before = again_;
    std::vector<ValueId> results;
    for (size_t i = 0; i < values.size(); ++i) {
        if (i > 0) name_counts_ = counts;
        again_ = before || i > 0;
        current = values[i];
        inner(name, list);
        results.push_back(current);
    }
    again_ = before;
    return results;
}

std::string LayerWriter::here() const {
    if (scope_.empty() && round_.empty()) return "";
    return fmt::format(" (in {}{}{})", scope_, scope_.empty() || round_.empty() ? "" : ", ", round_);
}

void LayerWriter::layer(const Yaml& item) {
    try {
        if (++layer_count_ > max_layers) item.refuse(fmt::format("the model has more than {} layers", max_layers));
        if (item.is_map() && item.members().size() != 1) item.refuse("a layer has one kind, written 'kind: options'");
        const Yaml yaml = item.is_map() ? item.members()[0].value : item.null_here();
        build(find_layer(item.is_map() ? item.members()[0].key : item.as_string()), yaml);
    } catch (const Error& error) {
        if (error.code() == Exit::bug || has_told_) throw;
        has_told_ = true;
        const std::string message = error.what() + here();
        if (item.is_placed(message)) fail(Exit::config, "{}", message);
        item.refuse(message);
    }
}

void LayerWriter::build(const LayerRow& row, const Yaml& yaml) {
    using Takes = LayerRow::Takes;
    LayerOptions options(row.name, all_options(row), row.main, yaml, variables, row.name == "use");
    const std::string as = options.word("as");
    const std::vector<ValueId> from = values(options, "from");
    if (row.takes == Takes::one) {
        if (from.size() > 1) yaml.refuse(fmt::format("{} takes one value; join several by concat or add", row.name));
        if (!from.empty()) current = from[0];
        if (current == no_value) fail(Exit::config, "{} needs 'from': the model has several inputs", row.name);
    }
    if (row.takes == Takes::several && from.size() < 2)
        fail(Exit::config, "{} needs 'from' with two or more values", row.name);
    if (row.takes == Takes::none && !from.empty()) yaml.refuse(fmt::format("{} takes no value from others", row.name));
    if (graph.find_input(as)) yaml.refuse(fmt::format("as: '{}' is an input; give the value another name", as));
    row.build(*this, options);
    if (!as.empty()) named[as] = current;
}

std::vector<ValueId> LayerWriter::values(const LayerOptions& options, std::string_view key) const {
    std::vector<ValueId> found;
    for (const std::string& name : options.words(key)) {
        const auto value = named.find(name);
        if (value == named.end()) {
            std::vector<std::string_view> known;
            for (const auto& [known_name, id] : named) known.push_back(known_name);
            options.node(key)->refuse(fmt::format("'{}' is neither an input nor named by 'as' before{}", shown(name),
                                                  name_hint(name, known)));
        }
        found.push_back(value->second);
    }
    return found;
}

std::string LayerWriter::parameter_path(const LayerOptions& options) {
    const std::string given = options.word("name");
    const std::string base = path(given.empty() ? options.kind() : given);
    const int count = name_counts_[base]++;
    if (count && !given.empty()) options.yaml().refuse(fmt::format("two layers are named '{}'", base));
    const std::string name = count ? base + std::to_string(count + 1) : base;
    for (char c : name)
        if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '.' && c != '-')
            options.yaml().refuse(
                fmt::format("the name '{}' has a '{}'; letters, digits, '_', '-' and '.' are allowed", name, c));
    builder.set_name(name);
    return name;
}

void LayerWriter::name_nodes(const LayerOptions& options, std::string_view otherwise) {
    const std::string given = options.word("name");
    builder.set_name(path(!given.empty() ? given : otherwise.empty() ? options.kind() : std::string(otherwise)));
}

ValueId LayerWriter::parameter(const std::string& name, const Shape& parameter_shape, const Init& init, bool decay) {
    const Type type{request.dtype, parameter_shape};
    if (const Slot* there = again_ ? graph.find_slot(name) : nullptr) {
        if (!(graph.type(there->value) == type))
            fail(Exit::config, "'{}' is {} for the first value and {} for another: they cannot share it", name,
                 text(graph.type(there->value)), text(type));
        return there->value;
    }
    Slot slot;
    slot.name = name;
    slot.init = init;
    slot.decay = decay;
    return graph.add_slot(slot, type);
}

ValueId LayerWriter::statistic(const std::string& name, const Shape& statistic_shape, const std::string& init,
                               const std::string& follows) {
    if (again_ && graph.find_slot(name))
        fail(Exit::config, "'{}' is a running statistic of one value; layers of each take another norm", name);
    Slot slot;
    slot.name = name;
    slot.kind = SlotKind::statistic;
    slot.init.kind = init;
    slot.train = slot.decay = false;
    slot.follows = follows;
    return graph.add_slot(slot, {request.dtype, statistic_shape});
}

ValueId LayerWriter::linear(const std::string& name, ValueId x, int64_t units, bool bias, const Init& init) {
    const Dim in = graph.type(x).shape.back();
    std::vector<ValueId> operands{x, parameter(name + ".weight", {units, in}, init, true)};
    if (bias) {
        // The bias starts as PyTorch's does, from the weight's fan-in; scaled-normal networks start it at zero.
        const Init start = init.kind == "normal" ? Init{} : Init{"torch_linear", double(in.value())};
        operands.push_back(parameter(name + ".bias", {units}, start, false));
    }
    return builder.emit1("linear", attrs_of(NoAttrs{}), operands);
}

int64_t LayerWriter::size(const LayerOptions& options, size_t axis) const {
    if (axis >= shape().size())
        fail(Exit::config, "{} takes more axes than {}", options.kind(), text(graph.type(current)));
    if (!shape()[axis].known())
        fail(Exit::config, "{} needs a known size at axis {} of {}", options.kind(), axis, text(graph.type(current)));
    return shape()[axis].value();
}

void LayerWriter::need_rank(const LayerOptions& options, size_t rank) const {
    if (shape().size() != rank)
        fail(Exit::config, "{} takes a value of {} axes, not {}", options.kind(), rank, text(graph.type(current)));
}

} // namespace ds
