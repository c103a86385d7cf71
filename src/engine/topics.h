#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "bridge/command.h"
#include "engine/connection.h"
#include "engine/publication.h"

namespace beastws {

// Who gets what is published. A topic is a number; what it is called is
// JavaScript's business. Belongs to the I/O thread.
class Topics {
 public:
  // Gives a message to a subscriber; the rest of them get it in any case.
  using Deliver =
      std::function<void(Connection*, Publication*, size_t max_backlog)>;

  explicit Topics(Deliver deliver);
  ~Topics();

  // Carries out a command, if it is of topics: the number of the topic stands
  // in place of the acknowledgement. `connection` is that of the command, or
  // null.
  bool Handle(const CommandHeader& header, uint8_t* payload,
              Connection* connection);

  // Ends all subscriptions of a connection that is about to go.
  void Leave(Connection* connection);
  // Ends all there are: the connections go.
  void Clear() { topics_.clear(); }

 private:
  void Subscribe(Connection* connection, uint32_t number);
  void Unsubscribe(Connection* connection, uint32_t number);
  void Publish(const CommandHeader& header, uint8_t* payload,
               const Connection* sender);
  void Remove(Connection* connection, size_t place);

  const Deliver deliver_;
  std::unordered_map<uint32_t, std::unique_ptr<Topic>> topics_;
};

// The subscribers of a topic. Each knows its place here, and the topic knows
// its place among the subscriptions of the connection.
struct Topic {
  struct Member {
    Connection* connection;
    size_t place;
  };

  uint32_t number;
  std::vector<Member> members;
};

}  // namespace beastws
