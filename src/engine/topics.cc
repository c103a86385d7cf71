#include "engine/topics.h"

#include <cstdlib>
#include <cstring>
#include <utility>

namespace beastws {

Topics::Topics(Deliver deliver) : deliver_(std::move(deliver)) {}

Topics::~Topics() = default;

bool Topics::Handle(const CommandHeader& header, uint8_t* payload,
                    Connection* connection) {
  switch (static_cast<CommandKind>(header.kind_and_flags & 0xff)) {
    case CommandKind::kSubscribe:
      if (connection != nullptr) Subscribe(connection, header.ack);
      return true;
    case CommandKind::kUnsubscribe:
      if (connection != nullptr) Unsubscribe(connection, header.ack);
      return true;
    case CommandKind::kPublish:
      Publish(header, payload, connection);
      return true;
    default:
      return false;
  }
}

void Topics::Subscribe(Connection* connection, uint32_t number) {
  auto& subscriptions = connection->subscriptions;
  for (const Connection::Subscription& subscription : subscriptions) {
    if (subscription.topic->number == number) return;
  }
  auto& topic = topics_[number];
  try {
    if (!topic) topic = std::make_unique<Topic>(Topic{number, {}});
    topic->members.push_back({connection, subscriptions.size()});
    try {
      subscriptions.push_back({topic.get(), topic->members.size() - 1});
    } catch (...) {
      topic->members.pop_back();
      throw;
    }
  } catch (...) {
    if (!topic || topic->members.empty()) topics_.erase(number);
    throw;
  }
}

void Topics::Unsubscribe(Connection* connection, uint32_t number) {
  const auto& subscriptions = connection->subscriptions;
  for (size_t place = 0; place < subscriptions.size(); ++place) {
    if (subscriptions[place].topic->number != number) continue;
    Remove(connection, place);
    return;
  }
}

void Topics::Leave(Connection* connection) {
  while (!connection->subscriptions.empty()) {
    Remove(connection, connection->subscriptions.size() - 1);
  }
}

// The last ones take the places that become free.
void Topics::Remove(Connection* connection, size_t place) {
  auto& subscriptions = connection->subscriptions;
  const auto [topic, index] = subscriptions[place];
  subscriptions[place] = subscriptions.back();
  subscriptions.pop_back();
  if (place < subscriptions.size()) {
    const auto& moved = subscriptions[place];
    moved.topic->members[moved.index].place = place;
  }
  auto& members = topic->members;
  members[index] = members.back();
  members.pop_back();
  if (index < members.size()) {
    const Topic::Member& moved = members[index];
    moved.connection->subscriptions[moved.place].index = index;
  }
  if (members.empty()) topics_.erase(topic->number);
}

void Topics::Publish(const CommandHeader& header, uint8_t* payload,
                     const Connection* sender) {
  const uint32_t flags = header.kind_and_flags;
  double limit;
  std::memcpy(&limit, payload, sizeof(limit));
  Bytes bytes(payload + sizeof(limit), header.length - sizeof(limit));
  ByteBuffer owned;
  if (flags & command_flags::kOwned) {
    PayloadReference reference;
    std::memcpy(&reference, bytes.data(), sizeof(reference));
    bytes = {reference.data, reference.size};
    owned.Adopt(const_cast<uint8_t*>(reference.data), reference.size);
    owned.Commit(reference.size);
  }
  const auto found = topics_.find(header.ack);
  if (found == topics_.end()) return;
  Publication publication(DataOpcode(flags), flags & command_flags::kCompress,
                          bytes, std::move(owned));
  const auto max_backlog = static_cast<size_t>(limit);
  for (const Topic::Member& member : found->second->members) {
    if (member.connection == sender) continue;
    deliver_(member.connection, &publication, max_backlog);
  }
}

}  // namespace beastws
