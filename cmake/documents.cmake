# Man pages (man/NAME.SECTION.scd, by scdoc) and shell completions (by the tools themselves).

find_program(SCDOC scdoc)
add_executable(model_language man/model_language.cpp)
target_link_libraries(model_language PRIVATE ds)
set_target_properties(model_language PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/man")
file(GLOB man_sources CONFIGURE_DEPENDS man/*.scd)
set(man_pages)
# The line @OPTIONS@ of a tool's page becomes what the tool itself says about its options; such lines of ds-model-file's
# become what man/model_language.cpp says about the language of model files.
if(SCDOC)
    foreach(source IN LISTS man_sources)
        get_filename_component(page "${source}" NAME_WLE)
        get_filename_component(tool "${page}" NAME_WE)
        string(REPLACE "tool_ds-" "ds-" target "tool_${tool}")
        if(tool STREQUAL ds-model-file)
            set(target model_language)
        endif()
        set(parts echo "Made by tools that were not run when this page was built (DS\\_COMPLETIONS=OFF): see *${tool} --help*.")
        if(tool STREQUAL ds-model-file)
            set(parts echo "Not made, as model\\_language was not run when this page was built (DS\\_COMPLETIONS=OFF).")
        endif()
        if(DS_COMPLETIONS AND TARGET ${target})
            set(parts "$<TARGET_FILE:${target}>")
        endif()
        if(DS_COMPLETIONS AND target IN_LIST tools)
            list(APPEND parts --help-scdoc)
        endif()
        set(output "${CMAKE_BINARY_DIR}/man/${page}")
        add_custom_command(OUTPUT "${output}"
            DEPENDS "${source}" "${CMAKE_SOURCE_DIR}/cmake/man-page" $<TARGET_NAME_IF_EXISTS:${target}>
            COMMAND "${CMAKE_COMMAND}" -E make_directory "${CMAKE_BINARY_DIR}/man"
            COMMAND "${CMAKE_COMMAND}" -E env "SCDOC=${SCDOC}"
                "${CMAKE_SOURCE_DIR}/cmake/man-page" "${source}" "${output}" ${parts} VERBATIM)
        list(APPEND man_pages "${output}")
    endforeach()
elseif(man_sources)
    message(STATUS "scdoc is not installed: man pages are left out")
endif()
add_custom_target(man ALL DEPENDS ${man_pages})

set(completions)
if(DS_COMPLETIONS)
    foreach(target IN LISTS tools)
        get_target_property(tool ${target} OUTPUT_NAME)
        foreach(shell bash zsh fish)
            set(output "${CMAKE_BINARY_DIR}/completions/${shell}/${tool}")
            add_custom_command(OUTPUT "${output}" DEPENDS ${target}
                COMMAND "${CMAKE_COMMAND}" -E make_directory "${CMAKE_BINARY_DIR}/completions/${shell}"
                COMMAND sh -c "exec '$<TARGET_FILE:${target}>' --completion ${shell} >'${output}'" VERBATIM)
            list(APPEND completions "${output}")
        endforeach()
    endforeach()
endif()
add_custom_target(completions ALL DEPENDS ${completions})
