# Man pages (man/NAME.SECTION.scd, by scdoc) and shell completions (by the tools themselves).

find_program(SCDOC scdoc)
file(GLOB man_sources CONFIGURE_DEPENDS man/*.scd)
set(man_pages)
# The line @OPTIONS@ of a tool's page becomes what the tool itself says about its options.
if(SCDOC)
    foreach(source IN LISTS man_sources)
        get_filename_component(page "${source}" NAME_WLE)
        get_filename_component(tool "${page}" NAME_WE)
        string(REPLACE "tool_ds-" "ds-" target "tool_${tool}")
        set(options "echo 'See *${tool} --help*.'")
        if(DS_COMPLETIONS AND TARGET ${target})
            set(options "'$<TARGET_FILE:${target}>' --help-scdoc")
        endif()
        set(output "${CMAKE_BINARY_DIR}/man/${page}")
        add_custom_command(OUTPUT "${output}" DEPENDS "${source}" $<TARGET_NAME_IF_EXISTS:${target}>
            COMMAND "${CMAKE_COMMAND}" -E make_directory "${CMAKE_BINARY_DIR}/man"
            COMMAND sh -ec "{ sed '/^@OPTIONS@\$/,\$d' '${source}'; if grep -qx @OPTIONS@ '${source}'; then ${options}; fi; sed '1,/^@OPTIONS@\$/d' '${source}'; } >'${output}.scd'"
            COMMAND sh -ec "'${SCDOC}' <'${output}.scd' >'${output}'" VERBATIM)
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
