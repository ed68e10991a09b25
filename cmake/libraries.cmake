# Libraries of the distribution. Those of target ds_foreign are seen by libds alone, never by tools.

find_package(PkgConfig REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(fmt REQUIRED)
find_package(dnnl REQUIRED) # its package file needs ocl-icd-opencl-dev and opencl-headers
find_package(yaml-cpp REQUIRED)
find_package(PNG REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(HDF5 REQUIRED IMPORTED_TARGET hdf5-serial) # plain hdf5 may be another flavour
pkg_check_modules(HWY REQUIRED IMPORTED_TARGET libhwy)
pkg_check_modules(TURBOJPEG REQUIRED IMPORTED_TARGET libturbojpeg)
pkg_check_modules(WEBP REQUIRED IMPORTED_TARGET libwebp libwebpdemux)
pkg_check_modules(TIFF REQUIRED IMPORTED_TARGET libtiff-4)
pkg_check_modules(GIF REQUIRED IMPORTED_TARGET libgif)
pkg_check_modules(CAIRO REQUIRED IMPORTED_TARGET cairo cairo-svg)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)

add_library(ds_foreign INTERFACE)
target_link_libraries(ds_foreign INTERFACE
    PkgConfig::HDF5 PkgConfig::HWY DNNL::dnnl yaml-cpp PNG::PNG PkgConfig::TURBOJPEG PkgConfig::WEBP PkgConfig::TIFF PkgConfig::GIF
    PkgConfig::CAIRO PkgConfig::UTF8PROC ZLIB::ZLIB OpenSSL::Crypto
    CLI11::CLI11 nlohmann_json::nlohmann_json Threads::Threads ${CMAKE_DL_LIBS})
