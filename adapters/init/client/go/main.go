// What a program does with the client: it is called, calls, and says what it sees. wsclient is yours to copy.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"example.org/wsclient/wsclient"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: example ws://HOST:PORT/PATH?QUERY")
	}
	client, err := wsclient.Dial(context.Background(), os.Args[1], wsclient.Options{
		Handlers: map[uint32]func(context.Context, *wsclient.Message){
			3: func(_ context.Context, m *wsclient.Message) { fmt.Printf("one-way: %s\n", m.Payload) },
			7: func(_ context.Context, m *wsclient.Message) { m.Answer(17, m.Payload) }, // the server calls
		},
		Displaced: func(by wsclient.Displacement) { fmt.Printf("displaced by %s\n", by.NewIP) },
		Redial:    &wsclient.Redial{Attempts: 5, First: 500 * time.Millisecond, Most: 15 * time.Second},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	if err := client.Send(2, []byte("hello")); err != nil {
		log.Print(err)
	}
	limited, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	answer, err := client.Call(limited, 2, []byte("hello"))
	if err != nil {
		log.Printf("no answer: %v", err)
		return
	}
	fmt.Printf("answered: %s\n", answer.Payload)
}
