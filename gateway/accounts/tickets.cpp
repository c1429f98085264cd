#include "accounts/tickets.h"

#include <algorithm>

#include "accounts/secret.h"

namespace firegate::accounts {

std::string Tickets::issue(std::string_view session, Steady now) {
  forget_old(now);
  if (oldest_first_.size() >= kTicketsAtOnce) oldest_first_.pop_front();
  std::string secret = random_secret();
  oldest_first_.push_back({hash_of(secret), std::string(session), now + kTicketLasts});
  return secret;
}

bool Tickets::redeem(std::string_view ticket, std::string_view session, Steady now) {
  if (ticket.size() != kSecretLength) return false;
  const std::string hash = hash_of(ticket);
  const auto found = std::ranges::find_if(oldest_first_, [&hash](const Ticket& one) { return same(one.hash, hash); });
  if (found == oldest_first_.end()) return false;
  const bool good = found->session == session && now < found->ends;
  oldest_first_.erase(found);
  return good;
}

void Tickets::forget_old(Steady now) {
  while (!oldest_first_.empty() && now >= oldest_first_.front().ends) oldest_first_.pop_front();
}

}  // namespace firegate::accounts
