// The rows of the language of model files: each has words, each default is of the option's own type, each layer is
// built from its defaults, and names stand once.
#include <gtest/gtest.h>

#include <set>

#include "base/error.h"
#include "graph/init.h"
#include "model/function.h"
#include "model/layers/row.h"
#include "model/losses/row.h"
#include "model/parameters.h"

namespace ds {
namespace {

void expect_words(std::string_view name, std::string_view doc, std::set<std::string_view>& seen) {
    EXPECT_FALSE(doc.empty()) << name;
    EXPECT_FALSE(doc.ends_with('.')) << name;
    EXPECT_TRUE(seen.insert(name).second) << name << " stands twice";
}

/// Reads an option with nothing given: its default must be one.
void read_default(const LayerOptions& options, const OptionRow& row) {
    using enum OptionType;
    switch (row.type) {
    case size:
    case whole:
    case integer: options.integer(row.name); break;
    case number: options.number(row.name); break;
    case truth: options.truth(row.name); break;
    case word: options.word(row.name); break;
    case words: options.words(row.name); break;
    case sizes: options.pair(row.name); break;
    case paddings:
        if (*row.fallback != "same") options.pair(row.name);
        break;
    case init: options.init(row.name); break;
    case layers: break;
    }
}

TEST(Rows, OfLayersHaveWordsAndDefaultsOfTheirType) {
    const Yaml no_yaml; // LayerOptions refers to both
    const Variables no_variables;
    std::set<std::string_view> layers;
    for (const LayerFamily& family : layer_families())
        for (const LayerRow& layer : family.rows) {
            expect_words(layer.name, layer.doc, layers);
            const LayerOptions nothing(layer.name, layer.options, layer.main, no_yaml, no_variables);
            std::set<std::string_view> options;
            for (const OptionRow& common : common_options()) options.insert(common.name);
            for (const OptionRow& row : layer.options) {
                expect_words(row.name, row.doc, options);
                if (row.type == OptionType::layers || row.fallback == "") continue;
                if (row.fallback) {
                    EXPECT_NO_THROW(read_default(nothing, row)) << layer.name << " " << row.name;
                } else {
                    EXPECT_THROW(read_default(nothing, row), Error) << layer.name << " " << row.name;
                }
            }
            EXPECT_TRUE(layer.main.empty() || options.count(layer.main)) << layer.name;
        }
    EXPECT_GT(layers.size(), 25u);
}

TEST(Rows, OfFunctionsLossesInitialisationsFactsAndSectionsHaveWords) {
    std::set<std::string_view> functions, losses, inits, facts, sections;
    for (const FunctionRow& row : function_rows()) {
        expect_words(row.name, row.doc, functions);
        EXPECT_LE(row.least, row.most);
        std::vector<ModelValue> arguments(row.least, int64_t{1});
        if (row.arguments.starts_with("condition")) arguments[0] = true;
        EXPECT_NO_THROW(call_function(row.name, arguments)) << row.name;
    }
    for (const LossRow& row : loss_rows()) expect_words(row.name, row.doc, losses);
    for (const InitRow& row : init_rows()) {
        expect_words(row.name, row.doc, inits);
        EXPECT_EQ(row.argument == InitRow::Argument::none, row.argument_name.empty()) << row.name;
    }
    for (const FactRow& row : fact_rows()) expect_words(row.name, row.doc, facts);
    for (const SectionRow& row : section_rows()) expect_words(row.name, row.doc, sections);
}

TEST(Rows, AnOptionThatNoRowDeclaresIsAMistakeOfOurs) {
    const Yaml no_yaml;
    const Variables no_variables;
    const LayerOptions options("linear", {}, "", no_yaml, no_variables);
    try {
        options.integer("units");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Exit::bug);
    }
}

} // namespace
} // namespace ds
