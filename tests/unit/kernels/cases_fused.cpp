// Bodies of ops/fused.h, as the fusion pass makes them.
#include "unit/kernels/case.h"

namespace ds::testing {
namespace {

std::string head(const std::string& lines) { return "graph \"fused\" {\n" + lines; }

/// A convolution with its tail. `x` and `w` are sizes as in text, `rest` the attributes.
FusedCase conv(const std::string& name, const std::string& x, const std::string& w, const std::string& y,
               const std::string& attrs, bool bias, bool residual, const std::string& unary) {
    std::string t = head("  input x: f32" + x + "\n  input w: f32" + w + "\n");
    const std::string channels = w.substr(0, w.find(',')) + "]";
    if (bias) t += "  input b: f32" + channels + "\n";
    if (residual) t += "  input r: f32" + y + "\n";
    int next = 0;
    auto line = [&](const std::string& what) {
        t += "  %" + std::to_string(next) + " = " + what + " : f32" + y + " \"node" + std::to_string(next) + "\"\n";
        return "%" + std::to_string(next++);
    };
    const bool linear = attrs.empty();
    std::string v =
        line((linear ? "linear(x, w" : "conv2d(x, w") + std::string(bias ? ", b)" : ")") + (linear ? "" : " " + attrs));
    if (residual) v = line("binary(" + v + ", r) kind=add");
    if (!unary.empty()) v = line("unary(" + v + ") " + unary);
    return {"conv " + name, "conv", t + "  output y = " + v + "\n}\n", 2e-5};
}

const char* plain_conv = "stride=[1,1] pad=[1,1,1,1] dilation=[1,1] groups=1";
const char* strided_conv = "stride=[2,2] pad=[1,1,1,1] dilation=[1,1] groups=1";
const char* depthwise = "stride=[1,1] pad=[1,1,1,1] dilation=[1,1] groups=16";

void add_convs(std::vector<FusedCase>& cases) {
    for (const char* unary :
         {"relu", "leaky_relu", "gelu", "gelu_tanh", "silu", "sigmoid", "tanh", "clamp", "affine", "softplus", "abs"}) {
        const std::string u = std::string("kind=") + unary + " alpha=0.1 beta=0.8";
        cases.push_back(
            conv(std::string("with ") + unary, "[2,3,6,6]", "[9,3,3,3]", "[2,9,6,6]", plain_conv, true, false, u));
        cases.push_back(conv(std::string("linear with ") + unary, "[5,20]", "[9,20]", "[5,9]", "", true, false, u));
    }
    const std::string relu = "kind=relu alpha=1 beta=0";
    cases.push_back(conv("with residual", "[2,16,6,6]", "[16,16,3,3]", "[2,16,6,6]", plain_conv, true, true, ""));
    cases.push_back(
        conv("with residual and relu", "[2,16,6,6]", "[17,16,3,3]", "[2,17,6,6]", plain_conv, true, true, relu));
    cases.push_back(conv("with residual and relu, no bias", "[2,8,6,6]", "[16,8,3,3]", "[2,16,6,6]", plain_conv, false,
                         true, relu));
    cases.push_back(
        conv("with relu, no bias", "[2,8,6,6]", "[16,8,3,3]", "[2,16,6,6]", plain_conv, false, false, relu));
    cases.push_back(
        conv("stride 2 with residual", "[1,16,8,8]", "[32,16,3,3]", "[1,32,4,4]", strided_conv, true, true, relu));
    cases.push_back(
        conv("depthwise with relu", "[2,16,6,6]", "[16,1,3,3]", "[2,16,6,6]", depthwise, true, false, relu));
    cases.push_back( // large enough for Winograd's algorithm
        conv("of 32 channels with relu", "[1,32,12,12]", "[32,32,3,3]", "[1,32,12,12]", plain_conv, true, false, relu));
    cases.push_back(conv("linear with residual", "[2,5,16]", "[16,16]", "[2,5,16]", "", true, true, ""));
    cases.push_back(conv("linear with residual and gelu", "[2,5,16]", "[24,16]", "[2,5,24]", "", true, true,
                         "kind=gelu alpha=1 beta=0"));
    cases.push_back(conv("linear without bias with relu", "[7,16]", "[33,16]", "[7,33]", "", false, false, relu));
}

FusedCase norm(const std::string& name, const std::string& x, const std::string& c, bool train, bool residual,
               const std::string& unary) {
    std::string t = head("  input x: f32" + x + "\n  input scale: f32" + c + "\n  input bias: f32" + c +
                         "\n  input mean: f32" + c + "\n  input var: f32" + c + "\n");
    if (residual) t += "  input r: f32" + x + "\n";
    std::string v;
    if (train) {
        t += "  %0, %1, %2, %3, %4 = batch_norm_train(x, scale, bias, mean, var) eps=0.001 momentum=0.2 : f32" + x +
             ", f32" + c + ", f32" + c + ", f32" + c + ", f32" + c + " \"norm\"\n";
    } else {
        t += "  %0 = batch_norm(x, scale, bias, mean, var) eps=0.001 momentum=0.2 : f32" + x + " \"norm\"\n";
    }
    v = "%0";
    int next = train ? 5 : 1;
    auto line = [&](const std::string& what) {
        t += "  %" + std::to_string(next) + " = " + what + " : f32" + x + " \"node\"\n";
        v = "%" + std::to_string(next++);
    };
    if (residual) line("binary(" + v + ", r) kind=add");
    if (!unary.empty()) line("unary(" + v + ") kind=" + unary + " alpha=0.1 beta=0");
    t += "  output y = " + v + "\n";
    if (train)
        t += "  output mean.batch = %1\n  output rstd.batch = %2\n  output mean.next = %3\n  output var.next = %4\n";
    return {"norm " + name, "norm", t + "}\n", 3e-5};
}

/// A norm of rows or groups with its activation; `statistics`: what of them is read, too.
FusedCase row_norm(const std::string& op, const std::string& x, const std::string& c, const std::string& s,
                   const std::string& unary, bool statistics) {
    const bool rms = op == "rms_norm";
    const std::string attrs = op == "group_norm" ? "groups=4 eps=0.001" : "eps=0.001";
    std::string t = head("  input x: f32" + x + "\n  input scale: f32" + c + "\n");
    if (!rms) t += "  input bias: f32" + c + "\n";
    t += rms ? "  %0, %1 = rms_norm(x, scale) " + attrs + " : f32" + x + ", f32" + s + " \"norm\"\n"
             : "  %0, %1, %2 = " + op + "(x, scale, bias) " + attrs + " : f32" + x + ", f32" + s + ", f32" + s +
                   " \"norm\"\n";
    const std::string y = rms ? "%2" : "%3";
    t += "  " + y + " = unary(%0) kind=" + unary + " alpha=0.1 beta=0 : f32" + x + " \"act\"\n";
    if (statistics) t += rms ? "  output rstd = %1\n" : "  output mean = %1\n  output rstd = %2\n";
    t += "  output y = " + y + "\n";
    return {"norm " + op + " " + x + " " + unary, "norm", t + "}\n", 3e-5};
}

void add_row_norms(std::vector<FusedCase>& cases) {
    for (const char* op : {"layer_norm", "rms_norm"}) {
        cases.push_back(row_norm(op, "[5,7,37]", "[37]", "[5,7]", "gelu", false));
        cases.push_back(row_norm(op, "[9,3000]", "[3000]", "[9]", "relu", true));
        cases.push_back(row_norm(op, "[300,64]", "[64]", "[300]", "silu", false));
    }
    cases.push_back(row_norm("group_norm", "[3,8,5,7]", "[8]", "[3,4]", "silu", false));
    cases.push_back(row_norm("group_norm", "[2,32,20,20]", "[32]", "[2,4]", "relu", true));
}

void add_norms(std::vector<FusedCase>& cases) {
    for (bool train : {false, true}) {
        const std::string which = train ? "training, " : "inference, ";
        cases.push_back(norm(which + "relu", "[2,17,4,5]", "[17]", train, false, "relu"));
        cases.push_back(norm(which + "residual", "[2,16,4,5]", "[16]", train, true, ""));
        cases.push_back(norm(which + "residual and relu", "[3,5,4,5]", "[5]", train, true, "relu"));
        cases.push_back(norm(which + "silu", "[2,9,4,5]", "[9]", train, false, "silu"));
        cases.push_back(norm(which + "features", "[9,7]", "[7]", train, false, "relu"));
        cases.push_back(norm(which + "large", "[4,40,20,20]", "[40]", train, true, "relu"));
    }
    for (const auto& [name, x, c] :
         {std::tuple{"of images", "[2,17,4,5]", "[17]"}, std::tuple{"of 32 channels", "[3,32,5,5]", "[32]"},
          std::tuple{"of features", "[9,7]", "[7]"}}) {
        const std::string f = std::string("f32") + x, v = std::string("f32") + c;
        const std::string t =
            head("  input dy: " + f + "\n  input y: " + f + "\n  input x: " + f + "\n  input scale: " + v +
                 "\n  input mean: " + v + "\n  input rstd: " + v +
                 "\n  %0 = unary_dx(dy, y) kind=relu alpha=1 beta=0 : " + f +
                 " \"relu\"\n  %1, %2, %3 = batch_norm_dx(%0, x, scale, mean, rstd) : " + f + ", " + v + ", " + v +
                 " \"norm\"\n  output dx = %1\n  output dscale = %2\n  output dbias = %3\n");
        cases.push_back({std::string("norm_dx ") + name, "norm_dx", t + "}\n", 3e-5});
        cases.push_back({std::string("norm_dx and the masked gradient, ") + name, "norm_dx",
                         t + "  output masked = %0\n}\n", 3e-5});
    }
}

void add_chains(std::vector<FusedCase>& cases) {
    auto chain = [&](const std::string& name, const std::string& t) {
        cases.push_back({"chain " + name, "chain", head(t + "}\n")});
    };
    chain("of two", R"(  input a: f32[5,37]
  %0 = unary(a) kind=affine alpha=0.5 beta=0.25 : f32[5,37] "a"
  %1 = unary(%0) kind=tanh alpha=1 beta=0 : f32[5,37] "b"
  output y = %1
)");
    chain("with a row and a scalar", R"(  input a: f32[5,37]
  input b: f32[37]
  input c: f32[]
  %0 = binary(a, b) kind=mul : f32[5,37] "a"
  %1 = binary(%0, c) kind=add : f32[5,37] "b"
  %2 = unary(%1) kind=gelu alpha=1 beta=0 : f32[5,37] "c"
  output y = %2
)");
    chain("of images with channels", R"(  input a: f32[2,19,4,3]
  input b: f32[19,1,1]
  input c: f32[2,19,4,3]
  %0 = binary(a, b) kind=mul : f32[2,19,4,3] "a"
  %1 = binary(c, %0) kind=sub : f32[2,19,4,3] "b"
  %2 = unary(%1) kind=silu alpha=1 beta=0 : f32[2,19,4,3] "c"
  output y = %2
)");
    chain("with a choice", R"(  input a: f32[4,20]
  input b: f32[4,20]
  %0 = binary(a, b) kind=lt : bool[4,20] "a"
  %1 = select(%0, a, b) : f32[4,20] "b"
  %2 = unary(%1) kind=square alpha=1 beta=0 : f32[4,20] "c"
  output y = %2
)");
    chain("with a cast", R"(  input a: f32[4,20]
  input b: f32[4,20]
  %0 = binary(a, b) kind=ge : bool[4,20] "a"
  %1 = cast(%0) dtype=f32 : f32[4,20] "b"
  %2 = binary(%1, a) kind=mul : f32[4,20] "c"
  output y = %2
)");
    chain("of a derivative", R"(  input dy: f32[4,200]
  input x: f32[4,200]
  %0 = unary_dx(dy, x) kind=gelu alpha=1 beta=0 : f32[4,200] "a"
  %1 = unary(%0) kind=affine alpha=3 beta=0 : f32[4,200] "b"
  output y = %1
)");
    chain("of bytes to numbers", R"(  input a: u8[2,1,6,7]
  %0 = cast(a) dtype=f32 : f32[2,1,6,7] "a"
  %1 = unary(%0) kind=affine alpha=0.00392 beta=-0.5 : f32[2,1,6,7] "b"
  output y = %1
)");
}

} // namespace

const std::vector<FusedCase>& fused_cases() {
    static const std::vector<FusedCase> all = [] {
        std::vector<FusedCase> cases;
        add_convs(cases);
        add_norms(cases);
        add_row_norms(cases);
        add_chains(cases);
        return cases;
    }();
    return all;
}

} // namespace ds::testing
