// firegate user token: what lets programs in, on the machine itself.
#pragma once

namespace CLI {
class App;
}

namespace firegate::cli {

void add_user_token(CLI::App& user, int& exit_code);

}  // namespace firegate::cli
