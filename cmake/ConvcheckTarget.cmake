# How every target of the tree is compiled: one place for the language, the warnings and the sanitizers.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 99)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

add_library(convcheck_flags INTERFACE)
target_compile_options(convcheck_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
                                                 $<$<BOOL:${CONVCHECK_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 sees overlapping copies in every "text" + std::string (its bug 105651).
  target_compile_options(convcheck_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()
if(CONVCHECK_SANITIZE)
  target_compile_options(convcheck_flags INTERFACE -fsanitize=${CONVCHECK_SANITIZE} -fno-omit-frame-pointer
                                                   -fno-sanitize-recover=all)
  target_link_options(convcheck_flags INTERFACE -fsanitize=${CONVCHECK_SANITIZE})
endif()

# convcheck_library(NAME SOURCES...): the static library convcheck_NAME, known as convcheck::NAME, whose headers are included
# by their path from the top of the tree ("reference/problem.h").
function(convcheck_library name)
  add_library(convcheck_${name} STATIC ${ARGN})
  add_library(convcheck::${name} ALIAS convcheck_${name})
  target_include_directories(convcheck_${name} PUBLIC "${PROJECT_SOURCE_DIR}")
  target_link_libraries(convcheck_${name} PRIVATE convcheck_flags)
endfunction()
