// A precompiled header belongs to a target (tests/CMakeLists.txt), compiled as those that use it are: a program.
int main() {}
