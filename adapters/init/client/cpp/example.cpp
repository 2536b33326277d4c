// What a program does with the client: it is called, calls, and says what it sees. wsclient/ is yours to copy.
#include <exception>
#include <iostream>

#include "wsclient/client.hpp"

int main(int count, char** words) try {
  if (count != 2) {
    std::cerr << "usage: example ws://HOST:PORT/PATH?QUERY\n";
    return 2;
  }
  wsclient::Options options;
  options.displaced = [](const wsclient::Displacement& by) { std::cout << "displaced by " << by.new_ip << "\n"; };
  wsclient::Client client(words[1], options);
  client.handle(3, [](const wsclient::Message& message) { std::cout << "one-way: " << message.payload << "\n"; });
  client.handle(7, [&](const wsclient::Message& request) { client.answer(request, 17, request.payload); });  // the server calls
  client.connect();
  client.send(2, "hello");
  auto answer = client.call(2, "hello", std::chrono::milliseconds(1000)).get();
  std::cout << "answered: " << answer.payload << "\n";
} catch (const std::exception& fault) {
  std::cerr << fault.what() << "\n";
  return 1;
}
