# Compiler and linker flags that every target has.

add_library(quoin_options INTERFACE)
target_include_directories(quoin_options INTERFACE
  ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
target_compile_options(quoin_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor
  -Wold-style-cast -Wcast-align -Wunused -Woverloaded-virtual -Wimplicit-fallthrough
  -Wformat=2 -Werror
  -fstack-protector-strong -fstack-clash-protection)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # TRY is a statement expression, marked __extension__; libstdc++ 12 is asked for C++23.
  target_compile_options(quoin_options INTERFACE -Wno-gnu-statement-expression)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_options(quoin_options INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
target_link_options(quoin_options INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
