// Columns of texts: imported, divided with the vocabulary of the training rows, fed to models in words.
#include "data/text/documents.h"

#include "base/atomic_file.h"
#include "data/batch/batcher.h"
#include "data/batch/data_set.h"
#include "data/batch/row_ids.h"
#include "data/edit/combine.h"
#include "data/edit/export.h"
#include "data/edit/split.h"
#include "data/format/csv.h"
#include "fixture.h"
#include "graph/text.h"

namespace ds {
namespace {

using namespace ds::test;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

Graph taking_words(int64_t words) {
    return parse_graph("graph \"g\" {\n  input review: i32[N," + std::to_string(words) +
                           "]\n  input label: i32[N] role=target\n  output a = review\n  output b = label\n}\n",
                       "test");
}

class DocumentRows : public ::testing::Test {
protected:
    DocumentRows() {
        std::string csv = "review,stars,label\n";
        for (const auto& [text, stars, label] : rows_) csv += csv_field(text) + "," + stars + "," + label + "\n";
        write_file(folder_ / "r.csv", csv);
        CsvOptions options;
        options.text = {"review"};
        options.target = {"label"};
        options.most_words = 3;
        import_csv(request({folder_ / "r.csv"}, folder_ / "r.h5"), options);
    }
    static std::vector<std::string> vocabulary(const DataSource& source) {
        return source.preprocessing().columns.at("review").words;
    }
    struct Row {
        std::string text, stars, label;
    };
    const std::vector<Row> rows_{{"Good, good food\nand more", "5", "yes"},
                                 {"", "1", "no"},
                                 {"bad food", "2", "no"},
                                 {"good \"bad\" late late", "4", "yes"},
                                 {" never again ", "1", "no"},
                                 {"good", "5", "yes"}};
    test::Folder folder_;
};

TEST_F(DocumentRows, AnImportCountsTheWordsAndKeepsTheTexts) {
    const DataSource source(folder_ / "r.h5");
    EXPECT_THAT(vocabulary(source), ElementsAre("good", "bad", "food")); // late has as many, and --words is 3
    const DataFacts facts = source.facts();
    EXPECT_EQ(facts[0].kind, "document");
    EXPECT_EQ(facts[0].words, 3);
    EXPECT_EQ(facts[0].longest, 5);
    export_csv(source, folder_ / "out.csv");
    EXPECT_EQ(read_file(folder_ / "out.csv"), read_file(folder_ / "r.csv"));
}

TEST_F(DocumentRows, TheVocabularyOfASplitFileIsThatOfItsTrainingRows) {
    SplitRequest split;
    split.input = folder_ / "r.h5";
    split.output = folder_ / "s.h5";
    split.by = "part";
    // A column of parts beside the texts: train has rows 1, 3 and 4.
    CsvOptions options;
    options.text = {"review"};
    options.categorical = {"part"};
    std::string csv = "review,part\n";
    const char* parts[] = {"val", "train", "val", "train", "train", "val"};
    for (size_t i = 0; i < rows_.size(); ++i) csv += csv_field(rows_[i].text) + "," + parts[i] + "\n";
    write_file(folder_ / "p.csv", csv);
    import_csv(request({folder_ / "p.csv"}, split.input), options);
    split_data(split, {});
    const DataSource source(split.output + ":train");
    EXPECT_THAT(vocabulary(source), ElementsAre("late"));
    EXPECT_EQ(source.statistics_split(), "train");
    EXPECT_TRUE(source.has_statistics());
    sample_data(folder_ / "s.h5:val", folder_ / "v.h5", 3, 1, {});
    EXPECT_THAT(vocabulary(DataSource(folder_ / "v.h5")), ElementsAre("good", "food"));
}

TEST_F(DocumentRows, SeveralFilesTogetherKnowTheWordsOfEach) {
    const DataSource once(folder_ / "r.h5");
    concatenate({folder_ / "r.h5", folder_ / "r.h5"}, folder_ / "two.h5", {});
    EXPECT_THAT(vocabulary(DataSource(folder_ / "two.h5")), ElementsAre("good", "bad", "food"));
    write_file(folder_ / "o.csv", "review,stars,label\nnew new new new new new good,1,no\n,2,yes\n");
    CsvOptions options;
    options.text = {"review"};
    options.target = {"label"};
    options.most_words = 3;
    import_csv(request({folder_ / "o.csv"}, folder_ / "o.h5"), options);
    const DataSource both(std::vector<std::string>{folder_ / "r.h5", folder_ / "o.h5"});
    EXPECT_THAT(vocabulary(both), ElementsAre("new", "good", "bad"));
}

TEST_F(DocumentRows, BatchesHaveTheNumbersOfTheFirstWordsWhateverTheThreads) {
    const auto source = std::make_shared<DataSource>(folder_ / "r.h5");
    const std::vector<InputBinding> bound =
        bind_inputs(taking_words(3), *source, source->preprocessing(), {}, {}, true);
    for (const int workers : {1, 3}) {
        BatchOptions options;
        options.batch = 4;
        options.shuffle = false;
        options.epochs = 1;
        options.workers = workers;
        Batcher batcher(source, bound, options);
        const Batch* batch = batcher.next();
        EXPECT_THAT(batch->inputs.at("review").span<int32_t>(), ElementsAre(2, 2, 4, 0, 0, 0, 3, 4, 0, 2, 3, 1));
        batch = batcher.next();
        EXPECT_THAT(std::vector<int32_t>(batch->inputs.at("review").as<int32_t>(),
                                         batch->inputs.at("review").as<int32_t>() + 6),
                    ElementsAre(1, 1, 0, 2, 0, 0));
        EXPECT_EQ(batcher.next(), nullptr);
    }
    EXPECT_GE(batcher_bytes(*source, bound, 4, 1), 3 * 4 * (3 + 1) * 4 + bound[0].vocabulary->bytes());
}

TEST_F(DocumentRows, TextsAreNotTakenForNumbersNorNumbersForTexts) {
    const DataSource source(folder_ / "r.h5");
    Preprocessing plain = source.preprocessing();
    plain.columns.at("review") = {};
    expect_says(error_of(Exit::data, [&] { bind_inputs(taking_words(3), source, plain, {}, {}, true); }),
                "column 'review' holds texts, and the model takes none; import it without --text review");
    CsvOptions options;
    options.target = {"label"};
    options.categorical = {"review"};
    import_csv(request({folder_ / "r.csv"}, folder_ / "n.h5"), options);
    const DataSource names(folder_ / "n.h5");
    expect_says(
        error_of(Exit::data, [&] { bind_inputs(taking_words(3), names, source.preprocessing(), {}, {}, true); }),
        "column 'review' holds no texts, and the model takes texts; import it with --text review");
}

TEST_F(DocumentRows, WhatIsDoneToTextsReadsBackFromAModel) {
    const Preprocessing how = DataSource(folder_ / "r.h5").preprocessing();
    EXPECT_EQ(Preprocessing::from_json(how.to_json(), "m").columns, how.columns);
    std::string other = how.to_json();
    other.replace(other.find("\"words\",\"words\""), 15, "\"runes\",\"words\"");
    expect_says(error_of(Exit::data, [&] { Preprocessing::from_json(other, "m"); }), "by the rule 'runes'");
}

// ---- folders and lines ---------------------------------------------------------------------------------

class DocumentFolders : public ::testing::Test {
protected:
    void text(const std::string& name, const std::string& bytes) {
        std::filesystem::create_directories(std::filesystem::path(folder_ / name).parent_path());
        write_file(folder_ / name, bytes);
    }
    std::vector<std::string> texts(const std::string& file) const {
        const DataFileReader reader(file);
        const Documents documents(reader, reader.find("text"));
        std::vector<std::string> all(size_t(reader.rows()));
        for (size_t i = 0; i < all.size(); ++i) documents.read(int64_t(i), all[i]);
        return all;
    }
    ImportSummary import(const DocumentOptions& options, bool skip_bad = false) {
        ImportRequest r = request({folder_ / "d"}, folder_ / "out.h5");
        r.skip_bad = skip_bad;
        return import_documents(r, options);
    }
    test::Folder folder_;
};

TEST_F(DocumentFolders, AreClassesOfTheirNames) {
    text("d/pos/b.txt", "good\r\nfood");
    text("d/pos/a.txt", "\xef\xbb\xbfmarked");
    text("d/neg/1", "");
    text("d/.hidden/x.txt", "x");
    std::filesystem::create_directories(folder_ / "d/empty");
    import({.labels = true});
    EXPECT_THAT(texts(folder_ / "out.h5"), ElementsAre("", "marked", "good\r\nfood"));
    const DataFileReader reader(folder_ / "out.h5");
    EXPECT_THAT(column_of<int32_t>(reader, "label"), ElementsAre(0, 1, 1));
    EXPECT_THAT(reader.columns()[size_t(reader.find("label"))].labels, ElementsAre("neg", "pos"));
    EXPECT_EQ(RowIds(reader).at(2), "pos/b.txt");
    const std::string digest = parse_record(reader.history()[0]).inputs[0].digest;
    EXPECT_TRUE(is_folder_of(folder_ / "d", digest));
    text("d/neg/1", "other");
    EXPECT_FALSE(is_folder_of(folder_ / "d", digest));
}

TEST_F(DocumentFolders, AFileWithAZeroByteIsRefusedOrLeftOut) {
    text("d/a/good.txt", "good");
    text("d/b/bad.txt", std::string("a\0b", 3));
    expect_says(error_of(Exit::data, [&] { import({.labels = true}); }), "d/b/bad.txt: a zero byte; this is no text");
    const ImportSummary summary = import({.labels = true}, true);
    EXPECT_EQ(summary.samples, 1);
    EXPECT_EQ(summary.skipped, 1);
    const DataFileReader reader(folder_ / "out.h5");
    EXPECT_THAT(reader.columns()[size_t(reader.find("label"))].labels, ElementsAre("a"));
}

TEST_F(DocumentFolders, LinesOfFilesAreClassesToo) {
    text("d/pos.txt", "good\r\n\nfine");
    text("d/neg.txt", "bad\n");
    expect_says(error_of(Exit::data, [&] { import({.labels = true}); }), "--lines takes its files for classes");
    import({.labels = true, .lines = true});
    EXPECT_THAT(texts(folder_ / "out.h5"), ElementsAre("bad", "good", "", "fine"));
    const DataFileReader reader(folder_ / "out.h5");
    EXPECT_THAT(column_of<int32_t>(reader, "label"), ElementsAre(0, 1, 1, 1));
    EXPECT_EQ(reader.find("file"), -1);
    EXPECT_TRUE(is_folder_of(folder_ / "d", parse_record(reader.history()[0]).inputs[0].digest));
}

TEST_F(DocumentFolders, WithoutLabelsLinesAreTextsWithoutATarget) {
    text("x.txt", "one two\nthree\n");
    import_documents(request({folder_ / "x.txt", folder_ / "x.txt"}, folder_ / "out.h5"), {.lines = true});
    EXPECT_THAT(texts(folder_ / "out.h5"), ElementsAre("one two", "three", "one two", "three"));
    EXPECT_EQ(DataFileReader(folder_ / "out.h5").columns().size(), size_t(1));
    expect_says(error_of(Exit::data,
                         [&] {
                             text("y.txt", "\n \n");
                             import_documents(request({folder_ / "y.txt"}, folder_ / "no.h5"), {.lines = true});
                         }),
                "y.txt: there is no text");
}

} // namespace
} // namespace ds
