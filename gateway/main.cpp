// firegate: a fire-safety gateway. Flags and commands are in cli/, the wiring of the running gateway in app/app.cpp.
#include "cli/cli.h"

int main(int argc, char** argv) { return firegate::cli::run(argc, argv); }
