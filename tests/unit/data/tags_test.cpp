// Spans of tags as conlleval of the CoNLL shared tasks counts them, and files of such tags.
#include "data/text/tags.h"

#include "base/atomic_file.h"
#include "data/batch/batcher.h"
#include "data/batch/targets.h"
#include "data/edit/export.h"
#include "data/format/conll.h"
#include "fixture.h"
#include "graph/text.h"

namespace ds {
namespace {

using namespace ds::test;
using ::testing::ElementsAre;

std::string spans(const std::vector<std::string>& tags) {
    std::vector<SpanTag> parsed;
    for (const std::string& tag : tags) parsed.push_back(span_tag(tag));
    std::string all;
    for (const WordSpan& span : spans_of(parsed)) all += fmt::format("{}-{}{} ", span.begin, span.end, span.name);
    return all;
}

TEST(Spans, BeginWithBAndGoOnWithIOfTheSameName) {
    EXPECT_EQ(spans({"O", "B-P", "I-P", "O", "B-P"}), "1-3P 4-5P ");
    EXPECT_EQ(spans({"B-P", "B-P", "I-P"}), "0-1P 1-3P ");
    EXPECT_EQ(spans({}), "");
    EXPECT_EQ(spans({"O", "O"}), "");
}

TEST(Spans, BeginAlsoWithAnIBehindAnOOrOfAnotherName) {
    EXPECT_EQ(spans({"I-P", "I-P", "O", "I-L"}), "0-2P 3-4L ");
    EXPECT_EQ(spans({"B-P", "I-L", "I-P"}), "0-1P 1-2L 2-3P ");
}

TEST(Spans, EndWithEAndAreWholeWithS) {
    EXPECT_EQ(spans({"B-P", "E-P", "E-P", "S-P", "I-P"}), "0-2P 2-3P 3-4P 4-5P ");
    EXPECT_EQ(spans({"B", "I", "O", "I"}), "0-2 3-4 ");
}

TEST(Spans, AreOfTagsThatAllSaySo) {
    EXPECT_TRUE(make_spans({"B-P", "I-P", "O"}));
    EXPECT_TRUE(make_spans({"B-a-b", "O"}));
    EXPECT_FALSE(make_spans({"O"}));
    EXPECT_FALSE(make_spans({"B-", "O"}));
    EXPECT_FALSE(make_spans({"NOUN", "VERB"}));
    EXPECT_FALSE(make_spans({"B-P", "X-P"}));
    EXPECT_FALSE(make_spans({}));
}

class Conll : public ::testing::Test {
protected:
    std::string file(const std::string& text) {
        write_file(folder_ / "c.txt", text);
        return folder_ / "c.txt";
    }
    std::string read(const std::string& text, const ConllColumns& columns = {}, bool skip_bad = false) {
        std::string all;
        each_sentence(Source(file(text), true), columns, skip_bad, [&](const ConllSentence& sentence) {
            for (size_t w = 0; w < sentence.words.size(); ++w)
                all += sentence.words[w] + (sentence.tags.empty() ? "" : "/" + sentence.tags[w]) + " ";
            all += fmt::format("({}) ", sentence.line);
        });
        return all;
    }
    DataSource imported(const std::string& text, const ConllOptions& options = {}) {
        import_conll(request({file(text)}, folder_ / "d.h5"), options);
        return DataSource(folder_ / "d.h5");
    }
    test::Folder folder_;
};

constexpr const char* news =
    "-DOCSTART- -X- O O\n\nEU NNP I-NP B-ORG\nrejects VBZ I-VP O\n# . . O\n\n\nPeter NNP I-NP B-PER\r\n";

TEST_F(Conll, HasAWordALineAndAnEmptyLineBetweenSentences) {
    EXPECT_EQ(read(news), "EU/B-ORG rejects/O #/O (3) Peter/B-PER (8) ");
    EXPECT_EQ(read(news, {1, 2}), "EU/NNP rejects/VBZ #/. (3) Peter/NNP (8) ");
    EXPECT_EQ(read(news, {2, -1}), "NNP VBZ . (3) NNP (8) ");
}

TEST_F(Conll, WithTabsHasCommentsAndBlanksInWords) {
    EXPECT_EQ(read("# a comment\nNew York\tB-LOC\n#\tO\n"), "New York/B-LOC #/O (2) ");
}

TEST_F(Conll, OfTenColumnsIsConllU) {
    const std::string rest = "\t_\t_\t_\t_\t_\t_\n";
    EXPECT_EQ(
        read("1-2\tit's\t_\t_" + rest + "1\tit\tit\tPRON" + rest + "2\t's\tbe\tAUX" + rest + "2.1\tx\tx\tX" + rest),
        "it/PRON 's/AUX (2) ");
}

TEST_F(Conll, NamesTheLineThatLacksATag) {
    expect_says(error_of(Exit::data, [&] { read("a O\nb\n"); }), "c.txt: line 2: 1 columns, and 2 are needed");
    expect_says(error_of(Exit::data, [&] { read("a O\n", {1, 4}); }), "line 1: 2 columns, and 4 are needed");
    expect_says(error_of(Exit::data, [&] { read("a\t\n"); }), "line 1: the tag is empty");
    EXPECT_EQ(read("a O\nb\nc O\n\nd O\n", {}, true), "d/O (5) ");
}

TEST_F(Conll, BecomesTextsAndTheirTags) {
    const DataSource source = imported(news);
    EXPECT_EQ(source.rows(), 2);
    const DataFacts facts = source.facts();
    EXPECT_TRUE(facts[1].of_words && facts[1].spans && facts[1].is_target);
    EXPECT_EQ(facts[1].categories, 3);
    EXPECT_EQ(facts[0].longest, 3);
    EXPECT_THAT(source.labels(), ElementsAre("B-ORG", "B-PER", "O"));
    export_conll(source, folder_ / "out.txt");
    EXPECT_EQ(read_file(folder_ / "out.txt"), "EU\tB-ORG\nrejects\tO\n#\tO\n\nPeter\tB-PER\n\n");
    EXPECT_FALSE(imported("a X\nb Y\n").facts()[1].spans);
    EXPECT_EQ(imported("a X\nb Y\n", {{1, -1}}).facts().size(), size_t(1));
    expect_says(error_of(Exit::data, [&] { imported("\n\n"); }), "there are no sentences in it");
}

Graph tagger(int64_t words) {
    return parse_graph(
        fmt::format("graph \"g\" {{\n  input tokens: i32[N,{0}]\n  input tokens/shape: i32[N,{0}]\n  input "
                    "tags: i32[N,{0}] role=target\n  output a = tokens\n  output s = tokens/shape\n  "
                    "output b = tags\n}}\n",
                    words),
        "test");
}

TEST_F(Conll, BatchesAreCutAndPaddedWithTagsThatDoNotCount) {
    const auto source = std::make_shared<DataSource>(imported("The X\nthe Y\nNASA X\n\n1,5 Y\n"));
    const std::vector<InputBinding> bound =
        bind_inputs(tagger(2), *source, source->preprocessing(), {"Z", "Y", "X"}, {}, true);
    BatchOptions options;
    options.batch = 2;
    options.shuffle = false;
    options.epochs = 1;
    Batcher batcher(source, bound, options);
    const Batch* batch = batcher.next();
    EXPECT_THAT(batch->inputs.at("tokens").span<int32_t>(), ElementsAre(2, 2, 1, 0));
    EXPECT_THAT(batch->inputs.at("tokens/shape").span<int32_t>(), ElementsAre(2, 1, 7, 0));
    EXPECT_THAT(batch->inputs.at("tags").span<int32_t>(), ElementsAre(2, 1, 1, -100));
}

TEST_F(Conll, TagsThatAreNotAsManyAsWordsAreRefused) {
    {
        DataFileWriter writer(folder_ / "bad.h5");
        const std::string text = "a\nb";
        const int64_t length = 3, tags = 3;
        const std::vector<int32_t> codes{0, 1, 1};
        writer.append_ragged(writer.add_column(document_column("tokens", 9, TokenRule::lines)),
                             std::as_bytes(std::span(text)), std::span(&length, 1));
        writer.append_ragged(writer.add_column(tag_column("tags", {"X", "Y"})), std::as_bytes(std::span(codes)),
                             std::span(&tags, 1));
        writer.commit();
    }
    const DataSource source(folder_ / "bad.h5");
    const auto bound = bind_inputs(tagger(4), source, source.preprocessing(), {}, {}, true);
    expect_says(error_of(Exit::data, [&] { check_targets(tagger(4), {}, bound, source, false, {}, {"tags"}); }),
                "'tokens' has 2 words and 'tags' 3 tags in row 1 of the file");
}

TEST(TokenFeatures, SayHowAWordIsWritten) {
    const Vocabulary vocabulary(TokenRule::lines, {});
    std::vector<int32_t> shapes(12), ends(4);
    vocabulary.write("low\nCap\nA\nNASA\nMcD\n12\nB2\n1,5\n--\nx-y\n\xc3\x89t\xc3\xa9", shapes, TokenFeature::shape);
    EXPECT_THAT(shapes, ElementsAre(1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 2, 0));
    vocabulary.write("walking\nKING\nis", ends, TokenFeature::suffix);
    EXPECT_EQ(ends[0], ends[1]);
    EXPECT_NE(ends[0], ends[2]);
    EXPECT_EQ(ends[3], 0);
}

} // namespace
} // namespace ds
