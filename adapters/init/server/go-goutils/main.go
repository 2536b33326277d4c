// A server on the ws module of goutils itself. The handlers are those of the application that wireproof probes: put yours
// beside them.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"time"

	"github.com/liumingmin/goutils/ws"
)

// message is one to send.
func message(id uint32, payload []byte) ws.IMessage {
	message := ws.NewMessage(id)
	message.SetData(payload)
	return message
}

// answer sends an answer to a call, and a one-way message to one.
func answer(ctx context.Context, conn ws.IConnection, request ws.IMessage, id uint32, payload []byte) error {
	if request.GetSn() == 0 {
		return conn.SendMsg(ctx, message(id, payload), nil)
	}
	return conn.SendResponseMsg(ctx, message(id, payload), request.GetSn(), nil)
}

func register() {
	// Echo: of a call as its answer, else one-way.
	ws.RegisterHandler(2, func(ctx context.Context, conn ws.IConnection, request ws.IMessage) error {
		return answer(ctx, conn, request, 3, request.GetData())
	})
	// The same, slowly. Each handler has a goroutine of its own.
	ws.RegisterHandler(4, func(ctx context.Context, conn ws.IConnection, request ws.IMessage) error {
		time.Sleep(2 * time.Second)
		return answer(ctx, conn, request, 5, request.GetData())
	})
	// A call of the server, which reports the answer.
	ws.RegisterHandler(6, func(ctx context.Context, conn ws.IConnection, request ws.IMessage) error {
		waiting, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		response, err := conn.SendRequestMsg(waiting, message(7, request.GetData()), nil)
		if err != nil {
			return err
		}
		return conn.SendMsg(ctx, message(8, response.GetData()), nil)
	})
	// A burst.
	ws.RegisterHandler(10, func(ctx context.Context, conn ws.IConnection, request ws.IMessage) error {
		for number := 0; number < 100; number++ {
			if err := conn.SendMsg(ctx, message(11, []byte(strconv.Itoa(number))), nil); err != nil {
				return err
			}
		}
		return nil
	})
	// A signal to fetch what is new.
	ws.RegisterHandler(12, func(ctx context.Context, conn ws.IConnection, request ws.IMessage) error {
		return conn.SignalPullSend(ctx, 1)
	})
}

func join(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	number := func(name string) int {
		value, _ := strconv.Atoi(query.Get(name)) // what is no number is 0
		return value
	}
	meta := ws.ConnectionMeta{
		UserId: query.Get("uid"), Typed: number("typed"), DeviceId: query.Get("deviceId"), Source: query.Get("source"),
		Version: number("version"), Charset: number("charset"),
		DisableConnPool: true, // a recycled connection can get the late answer of the one before
	}
	nothing := func(context.Context, ws.IConnection) {}
	_, err := ws.Accept(context.Background(), w, r, meta, ws.SrvPullChannelsOption([]int{1}),
		ws.ConnEstablishHandlerOption(func(ctx context.Context, conn ws.IConnection) {
			go ws.NewDefaultPuller(conn, 1, nothing, func(ctx context.Context, conn ws.IConnection) {
				conn.SendMsg(ctx, message(9, []byte("pulled")), nil)
			}).PullSend() // ends with the connection
		}))
	if err != nil {
		log.Printf("%s was not accepted: %v", r.RemoteAddr, err)
	}
}

func main() {
	port := flag.Int("port", 8003, "the port to listen on")
	flag.Parse()
	register()
	ws.InitServer()
	http.HandleFunc("/join", join)
	log.Fatal(http.ListenAndServe(fmt.Sprintf("127.0.0.1:%d", *port), nil))
}
