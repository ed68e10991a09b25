#include "model/options.h"

#include <cmath>

#include "base/error.h"
#include "base/names.h"
#include "graph/init.h"

namespace ds {

LayerOptions::LayerOptions(std::string_view kind, std::vector<OptionRow> rows, std::string_view main, const Yaml& yaml,
                           const Variables& variables, bool open)
    : kind_(kind), rows_(std::move(rows)), main_(main), yaml_(yaml), variables_(variables) {
    std::vector<std::string_view> known;
    for (const OptionRow& row : rows_) known.push_back(row.name);
    if (yaml.is_map() && !open) yaml.check_keys(known);
    if (!yaml.is_map() && !yaml.is_null() && main_.empty())
        yaml.refuse(
            fmt::format("{} takes no value of its own, only {{KEY: VALUE}}; known: {}", kind_, list_names(known)));
}

const OptionRow& LayerOptions::row(std::string_view key) const {
    for (const OptionRow& row : rows_)
        if (row.name == key) return row;
    bug("{} has no row for its option '{}'", kind_, key);
}

const Yaml* LayerOptions::node(std::string_view key) const {
    row(key);
    if (yaml_.is_map()) return yaml_.find(key);
    return key == main_ && !yaml_.is_null() ? &yaml_ : nullptr;
}

const Yaml& LayerOptions::place(std::string_view key) const {
    const Yaml* given = node(key);
    return given ? *given : yaml_;
}

ModelValue LayerOptions::value(const Yaml& node) const {
    try {
        const ModelValue evaluated = evaluate(node.as_string(), variables_);
        const auto* word = std::get_if<std::string>(&evaluated);
        return word ? parse_value(*word) : evaluated;
    } catch (const Error& error) {
        if (node.is_placed(error.what())) throw;
        node.refuse(error.what());
    }
}

ModelValue LayerOptions::value(std::string_view key) const {
    if (const Yaml* given = node(key)) return value(*given);
    const OptionRow& option = row(key);
    if (!option.fallback) yaml_.refuse(fmt::format("{} needs '{}': {}", kind_, key, option.doc));
    return parse_value(*option.fallback);
}

int64_t LayerOptions::integer_of(const ModelValue& value, const OptionRow& row, const Yaml& place) const {
    const auto* given = std::get_if<int64_t>(&value);
    const auto* number = std::get_if<double>(&value);
    const bool whole = given || (number && *number == std::floor(*number) && std::abs(*number) <= 0x1p53);
    if (!whole)
        place.refuse(fmt::format("{} of {} must be a whole number, not '{}'", row.name, kind_, shown(text(value))));
    const int64_t integer = given ? *given : int64_t(*number);
    const bool is_size = row.type == OptionType::size || row.type == OptionType::sizes;
    const int64_t most = int64_t{1} << 40, least = is_size ? 1 : row.type == OptionType::integer ? -most : 0;
    if (integer < least || integer > most)
        place.refuse(fmt::format("{} of {} cannot be {}; it is at {}", row.name, kind_, integer,
                                 integer < least ? fmt::format("least {}", least) : fmt::format("most {}", most)));
    return integer;
}

int64_t LayerOptions::integer(std::string_view key) const { return integer_of(value(key), row(key), place(key)); }

double LayerOptions::number(std::string_view key) const {
    const ModelValue given = value(key);
    if (is_text(given))
        place(key).refuse(fmt::format("{} of {} must be a number, not '{}'", key, kind_, shown(text(given))));
    const double number = as_number(given);
    if (!(number >= row(key).least && number <= row(key).most))
        place(key).refuse(fmt::format("{} of {} cannot be {}; it lies from {} to {}", key, kind_, number,
                                      row(key).least, row(key).most));
    return number;
}

bool LayerOptions::truth(std::string_view key) const {
    const ModelValue given = value(key);
    if (const auto* b = std::get_if<bool>(&given)) return *b;
    place(key).refuse(fmt::format("{} of {} must be true or false, not '{}'", key, kind_, shown(text(given))));
}

std::string LayerOptions::word(std::string_view key) const { return text(value(key)); }

std::vector<std::string> LayerOptions::words(std::string_view key) const {
    const Yaml* given = node(key);
    if (!given) return {};
    if (!given->is_list()) return {text(value(*given))};
    std::vector<std::string> all;
    for (const Yaml& item : given->items()) all.push_back(text(value(item)));
    return all;
}

std::vector<int64_t> LayerOptions::pair(std::string_view key) const {
    const Yaml* given = node(key);
    if (!given || !given->is_list()) return std::vector<int64_t>(2, integer(key));
    if (given->items().size() != 2) given->refuse(fmt::format("{} of {} is one number or [height, width]", key, kind_));
    const Yaml &rows = given->items()[0], &columns = given->items()[1];
    const int64_t height = integer_of(value(rows), row(key), rows);
    return {height, integer_of(value(columns), row(key), columns)};
}

Init LayerOptions::init(std::string_view key) const {
    const std::string given = word(key);
    try {
        return parse_init(given);
    } catch (const Error& error) {
        place(key).refuse(error.what());
    }
}

const Yaml& LayerOptions::layers(std::string_view key) const {
    if (const Yaml* given = node(key)) return *given;
    yaml_.refuse(fmt::format("{} needs '{}': {}", kind_, key, row(key).doc));
}

Init parse_init(std::string_view word) {
    const size_t open = word.find('(');
    const std::string_view kind = word.substr(0, open);
    const InitRow* row = find_init(kind);
    if (!row) {
        std::vector<std::string_view> known;
        for (const InitRow& known_row : init_rows()) known.push_back(known_row.name);
        fail(Exit::config, "unknown initialisation '{}'{}", shown(word), name_hint(kind, known));
    }
    using Argument = InitRow::Argument;
    if (open == std::string_view::npos) {
        if (row->argument == Argument::required)
            fail(Exit::config, "the initialisation {0} needs a number: {0}({1})", kind, row->argument_name);
        return {std::string(kind), 0};
    }
    if (row->argument == Argument::none) fail(Exit::config, "the initialisation {} takes no number", kind);
    if (word.back() != ')') fail(Exit::config, "'{}' is not an initialisation: where does it end?", shown(word));
    const ModelValue number = parse_value(word.substr(open + 1, word.size() - open - 2));
    if (is_text(number))
        fail(Exit::config, "'{}' is not an initialisation: {} is a number", shown(word), row->argument_name);
    const bool any_sign = row->draw == InitRow::Draw::constant;
    if (!any_sign && as_number(number) < 0)
        fail(Exit::config, "the {} of {} cannot be negative", row->argument_name, shown(word));
    return {std::string(kind), as_number(number)};
}

} // namespace ds
