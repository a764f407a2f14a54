// Nothing but the precompiled headers of tests/CMakeLists.txt.
