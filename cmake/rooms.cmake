# One static archive per room, one test binary per room. A room's arrows are its DEPENDS: tools/tidy checks
# that no #include goes elsewhere.

# barnabas_room(NAME DIRECTORY DEPENDS ...): lib/libbarnabas_NAME.a of every *.cpp in DIRECTORY and below.
# DIRECTORY may be a list.
function(barnabas_room name directory)
  cmake_parse_arguments(ROOM "" "" "DEPENDS;LIBRARIES" ${ARGN})
  list(TRANSFORM directory APPEND /*.cpp)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${directory})
  if(sources)
    add_library(barnabas_${name} STATIC ${sources})
    set(visibility PUBLIC)
  else()
    add_library(barnabas_${name} INTERFACE)
    set(visibility INTERFACE)
  endif()
  target_link_libraries(barnabas_${name} ${visibility} barnabas_options ${ROOM_LIBRARIES})
  foreach(room ${ROOM_DEPENDS})
    target_link_libraries(barnabas_${name} ${visibility} barnabas_${room})
  endforeach()
endfunction()

# barnabas_test(NAME DIRECTORY DEPENDS ...): test binary NAME_test of every *_test.cpp in DIRECTORY, each
# GoogleTest case known to ctest. QUICK_TO_BUILD: its own sources are not optimised in a debug build, which takes the
# sanitizers' compiler a third of the time; for tests that do not run long.
function(barnabas_test name directory)
  cmake_parse_arguments(TEST "QUICK_TO_BUILD" "" "DEPENDS;LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${directory}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name}_test ${sources})
  target_link_libraries(${name}_test PRIVATE barnabas_options GTest::gtest_main ${TEST_LIBRARIES})
  if(TEST_QUICK_TO_BUILD)
    target_compile_options(${name}_test PRIVATE $<$<CONFIG:Debug>:-O0>)
  endif()
  # What Kafka's own code wrote and answered: tests/golden/README.md.
  target_compile_definitions(${name}_test PRIVATE BARNABAS_GOLDEN_DIR="${CMAKE_SOURCE_DIR}/tests/golden")
  foreach(room ${TEST_DEPENDS})
    target_link_libraries(${name}_test PRIVATE barnabas_${room})
  endforeach()
  gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST)
endfunction()
