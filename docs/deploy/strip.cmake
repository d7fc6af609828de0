# Run by CPack before it packs: programs go without their debugging symbols, which are twenty times their size.
file(GLOB programs ${CPACK_TEMPORARY_DIRECTORY}/usr/bin/* ${CPACK_TEMPORARY_DIRECTORY}/usr/sbin/*)
foreach(program ${programs})
  execute_process(COMMAND strip ${program} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
